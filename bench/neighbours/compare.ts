/**
 * Ours beside the floor of each workload: each in a process of its own, in turns, several times. A ratio is taken
 * within a repetition, between two processes that ran one after the other; what is printed is the median of them.
 */
import { spawnSync } from 'node:child_process';
import { loads, median, ratioText, rounded, table, verdict } from '../figures.ts';
import type { Rate, Waiting } from './drive.ts';

export type Effort = {
  readonly repetitions: number;
  /** How long each phase of a process is. */
  readonly ms: number;
};

type Comparison = {
  readonly title: string;
  readonly ours: string;
  readonly floor: string;
  /** Where the floor is, when it is not one of floors.mjs. */
  readonly floorFile?: string;
  /** What both do, when it is not named as the comparison is. */
  readonly workload?: string;
  readonly atOnce: readonly number[];
  /** Shares of the floor's rate that are to be reached, by runs at once. */
  readonly goals: Readonly<Record<number, number>>;
};

export const comparisons: Readonly<Record<string, Comparison>> = {
  w1: {
    title: '5 steps, one after the other, memory()',
    ours: 'mem',
    floor: 'engine',
    atOnce: [1, 100],
    goals: { 100: 0.07 },
  },
  w2: {
    title: 'an agent, 3 tool calls and 50 tokens, memory()',
    ours: 'mem',
    floor: 'engine',
    atOnce: [1, 100],
    goals: { 100: 0.07 },
  },
  w3: { title: '20 steps at once, then a join, memory()', ours: 'mem', floor: 'engine', atOnce: [1, 100], goals: {} },
  w4: {
    title: '5 steps, one after the other, sqlite()',
    ours: 'sqlite',
    floor: 'sqlite',
    atOnce: [1, 100],
    goals: { 1: 0.5, 100: 0.13 },
  },
  durability: {
    title: '5 steps, one after the other, sqlite() beside memory()',
    ours: 'sqlite',
    floor: 'mem',
    floorFile: 'peer.mjs',
    workload: 'w1',
    atOnce: [1, 100],
    goals: {},
  },
};

/** Bytes that a waiting run may hold while it is warm. */
const waitingBytesMax = 3_072;

/** Runs one workload and prints its table. */
export function compare(name: string, effort: Effort): void {
  const comparison = comparisons[name] as Comparison;
  const { title, ours, floor, atOnce, goals, floorFile = 'floors.mjs', workload = name } = comparison;
  const pairs: { readonly ours: readonly Rate[]; readonly floor: readonly Rate[] }[] = [];
  for (let repetition = 0; repetition < effort.repetitions; repetition++) {
    const ask = [workload, atOnce.join(','), String(effort.ms)];
    pairs.push({
      ours: drive('peer.mjs', ours, ask) as readonly Rate[],
      floor: drive(floorFile, floor, ask) as readonly Rate[],
    });
  }
  const rows = atOnce.map((width, phase) => {
    const rates = pairs.map((pair) => ({ ours: pair.ours[phase] as Rate, floor: pair.floor[phase] as Rate }));
    const of = (pick: (pair: (typeof rates)[number]) => number): number => median(rates.map(pick));
    const ratios = rates.map((pair) => pair.ours.perSecond / pair.floor.perSecond);
    return [
      width,
      rounded(of((pair) => pair.ours.perSecond)),
      of((pair) => pair.ours.p50).toFixed(3),
      of((pair) => pair.ours.p99).toFixed(3),
      rounded(of((pair) => pair.floor.perSecond)),
      of((pair) => pair.floor.p50).toFixed(3),
      ratioText(ratios),
      verdict(median(ratios), { atLeast: goals[width] }),
    ];
  });
  table(`${name}: ${title} (floor: ${floor}; ${loads()})`, [
    ['at once', 'runs/s', 'p50 ms', 'p99 ms', 'floor runs/s', 'floor p50 ms', 'share of the floor', 'goal'],
    ...rows,
  ]);
}

/** W5: what a run holds in memory while it waits. */
export function compareWaiting({ repetitions }: Effort): void {
  const peers = [
    { label: 'memory(), 50 users', file: 'peer.mjs', variant: 'mem', workload: 'w5', goal: waitingBytesMax },
    { label: 'sqlite(), 50 users', file: 'peer.mjs', variant: 'sqlite', workload: 'w5', goal: waitingBytesMax },
    { label: 'memory(), a user for each run', file: 'peer.mjs', variant: 'mem', workload: 'w5-apart', goal: undefined },
    { label: 'floor: engine', file: 'floors.mjs', variant: 'engine', workload: 'w5', goal: undefined },
  ];
  const found: Waiting[][] = peers.map(() => []);
  for (let repetition = 0; repetition < repetitions; repetition++) {
    for (const [index, { file, variant, workload }] of peers.entries()) {
      found[index]?.push(drive(file, variant, [workload])[0] as Waiting);
    }
  }
  const rows = peers.map(({ label, goal }, index) => {
    const heap = median((found[index] ?? []).map(({ heapBytes }) => heapBytes));
    const rss = median((found[index] ?? []).map(({ rssBytes }) => rssBytes));
    return [label, rounded(heap), rounded(rss), verdict(heap, { atMost: goal })];
  });
  table(`w5: 1,000 runs that wait for a signal, bytes for each (${loads()})`, [
    ['', 'heap bytes', 'resident bytes', 'goal'],
    ...rows,
  ]);
}

/** The lines that a process of the peer prints. */
function drive(file: string, variant: string, ask: readonly string[]): readonly unknown[] {
  const program = new URL('drive.ts', import.meta.url).pathname;
  const args = ['--expose-gc', '--no-warnings', '--conditions=source', program, file, variant, ...ask];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 60_000 });
  if (status !== 0) throw new Error(`${file} ${variant} ${ask.join(' ')} ended with ${status}: ${stderr}`);
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
}
