/**
 * What a hundred thousand waiting runs hold, how soon they go on, and how exactly durable timers keep their time.
 *
 * README.md says what each figure is and what it isn't.
 *
 *     node --conditions=source bench/waiting.ts [--smoke]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loads, rounded, shareOf, smoke, table, verdict } from './figures.ts';
import { Child } from './process.ts';
import type { Crowd, Delays, Resident, Ripening, Waking } from './waiting/engine.ts';

const rssAboveMax = 100;
const wakeP99MsMax = 50;

const crowds: readonly Crowd[] = smoke
  ? [{ users: 10, runsEach: 20, stride: 5 }]
  : [
      { users: 100, runsEach: 1_000, stride: 25 },
      { users: 100_000, runsEach: 1, stride: 25 },
    ];

const engineAt = (folder: string): Child => new Child('waiting/engine.ts', folder, smoke ? '100' : '1');
const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);
const seconds = (ms: number): string => (ms / 1_000).toFixed(2);

function residentOf(child: Child): Promise<Resident> {
  return child.ask<Resident>('resident');
}

async function inFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'cantus-bench-'));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function opened<T>(folder: string, use: (child: Child) => Promise<T>): Promise<T> {
  const child = engineAt(folder);
  try {
    return await use(child);
  } finally {
    await child.end();
  }
}

type Rows = { readonly held: (string | number)[][]; readonly woken: (string | number)[][] };

function delayRow(name: string, { ms }: Pick<Delays, 'ms'>, judged: boolean): (string | number)[] {
  const p99 = shareOf(ms, 0.99);
  const figures = [shareOf(ms, 0.5), p99, shareOf(ms, 1)].map((value) => value.toFixed(1));
  return [name, rounded(ms.length), ...figures, judged ? verdict(p99, { atMost: wakeP99MsMax }) : 'none'];
}

/** A fast wrong answer is no figure: what was evicted has run its body once more for each waking. */
function checkRerun(name: string, { ms, bodies }: Delays, perRun: number): void {
  if (smoke || bodies === ms.length * perRun) return;
  throw new Error(`${name}: ${bodies} bodies began for ${ms.length} runs.`);
}

async function wakeSome(child: Child, name: string, { stride }: Crowd, { woken }: Rows): Promise<void> {
  const steady: Waking = { count: smoke ? 20 : 4_000, atOnce: 1, everyMs: 5, first: 0, stride };
  const burst: Waking = {
    count: smoke ? 20 : 2_000,
    atOnce: smoke ? 10 : 100,
    everyMs: smoke ? 50 : 500,
    first: 1,
    stride: 2 * stride,
  };
  for (const [label, waking, judged] of [
    ['200 a second', steady, true],
    ['100 at once', burst, false],
  ] as const) {
    const delays = await child.ask<Delays>('wake', waking);
    checkRerun(name, delays, 1);
    woken.push(delayRow(`${name}, ${label}`, delays, judged));
  }
}

/** All are begun at once, and come due one kind after the other. */
async function timers(child: Child): Promise<readonly (string | number)[][]> {
  const [count, evictedMs, everyMs] = smoke ? [20, 45_000, 500] : [4_000, 45_000, 5];
  const kinds: readonly (readonly [string, Ripening, number])[] = [
    ['warm, 200 a second', { count, firstMs: 8_000, everyMs, atOnce: 1, of: 0 }, 1],
    ['evicted, 200 a second', { count, firstMs: evictedMs, everyMs, atOnce: 1, of: 1 }, 2],
    ['evicted, 100 at once', { count: 2_000, firstMs: evictedMs + 25_000, everyMs: 500, atOnce: 100, of: 2 }, 2],
  ];
  const kept = smoke ? kinds.slice(0, 2) : kinds;
  const delays = await Promise.all(kept.map(([, ripening]) => child.ask<Delays>('ripen', ripening)));
  return kept.map(([name, , bodies], index) => {
    const own = delays[index] as Delays;
    checkRerun(name, own, bodies);
    return delayRow(name, own, false);
  });
}

/** What it holds above one with none; the goal is for what V8 doesn't give back. */
function above(now: Resident, none: Resident): readonly string[] {
  const held = now.held - none.held;
  return [megabytes(now.asIs - none.asIs), megabytes(held), verdict(held / 1e6, { atMost: rssAboveMax })];
}

async function measure(crowd: Crowd, noneOpened: Resident, rows: Rows): Promise<readonly (string | number)[][]> {
  const name = `${rounded(crowd.users)} users x ${rounded(crowd.runsEach)}`;
  return inFolder(async (folder) => {
    const timed = await opened(folder, async (child) => {
      await child.ask('warmUp');
      const none = await residentOf(child);
      const ms = await child.ask<number>('begin', crowd);
      rows.held.push([`${name}, begun`, seconds(ms), ...above(await residentOf(child), none).slice(0, 2), 'none']);
      await child.ask('untilEvicted');
      rows.held.push([`${name}, evicted`, '', ...above(await residentOf(child), none)]);
      await wakeSome(child, name, crowd, rows);
      // Timers wait beside the others.
      return crowd.runsEach > 1 ? timers(child) : [];
    });
    await opened(folder, async (child) => {
      const ms = await child.ask<number>('openedMs');
      await child.ask('untilEvicted');
      rows.held.push([`${name}, opened again`, seconds(ms), ...above(await residentOf(child), noneOpened)]);
    });
    return timed;
  });
}

async function main(): Promise<void> {
  const rows: Rows = { held: [], woken: [] };
  const timed: (string | number)[][] = [];
  const none = await inFolder((folder) => opened(folder, residentOf));
  for (const crowd of crowds) timed.push(...(await measure(crowd, none, rows)));
  table(`waiting: MB resident above an engine with none (${loads()})`, [
    ['', 's', 'MB as it is', 'MB held', 'goal'],
    ...rows.held,
  ]);
  const heads = ['runs', 'p50 ms', 'p99 ms', 'max ms', 'goal'];
  table(`waking: ms from sending a signal to an evicted run until its body goes on (${loads()})`, [
    ['', ...heads],
    ...rows.woken,
  ]);
  table(`timers: ms from when a wait was due until its body goes on (${loads()})`, [['', ...heads], ...timed]);
}

await main();
