/**
 * How long ten thousand runs that were cut off take to go on, beside as many that are begun.
 *
 * README.md says what each figure is and what it isn't.
 *
 *     node --conditions=source bench/recovery.ts [--smoke]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loads, median, ratioText, rounded, smoke, table } from './figures.ts';
import { Child } from './process.ts';
import type { Recovered } from './recovery/engine.ts';

const crowd = smoke ? { users: 10, runsEach: 10 } : { users: 100, runsEach: 100 };
const runs = crowd.users * crowd.runsEach;
const repetitions = smoke ? 1 : 3;

const seconds = (ms: number): string => (ms / 1_000).toFixed(2);

async function inFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'cantus-bench-'));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function ended(child: Child): Promise<Recovered> {
  const recovered = await child.ask<Recovered>('untilEnded', { runs });
  await child.end();
  return recovered;
}

/** A fast wrong answer is no figure: what was on the disk is not done again, and the rest is done once. */
function check(name: string, { ran }: Recovered, wanted: readonly number[]): void {
  if (ran.join() !== wanted.join()) throw new Error(`${name}: the five steps ran ${ran.join(', ')} times.`);
}

/** Each run is killed in its third step of five. */
function recover(): Promise<Recovered> {
  return inFolder(async (folder) => {
    const first = new Child('recovery/engine.ts', folder, 'cut');
    await first.ask('start', crowd);
    await first.ask('untilHanging', { runs });
    await first.kill();
    const recovered = await ended(new Child('recovery/engine.ts', folder, 'whole'));
    check('recovered', recovered, [0, 0, runs, runs, runs]);
    return recovered;
  });
}

function fresh(): Promise<Recovered> {
  return inFolder(async (folder) => {
    const child = new Child('recovery/engine.ts', folder, 'whole');
    await child.ask('start', crowd);
    const begun = await ended(child);
    check('fresh', begun, [runs, runs, runs, runs, runs]);
    return begun;
  });
}

async function main(): Promise<void> {
  const pairs: { readonly recovered: Recovered; readonly fresh: Recovered }[] = [];
  for (let repetition = 0; repetition < repetitions; repetition++)
    pairs.push({ recovered: await recover(), fresh: await fresh() });
  const row = (name: 'recovered' | 'fresh'): (string | number)[] => {
    const of = (pick: (one: Recovered) => number): number => median(pairs.map((pair) => pick(pair[name])));
    const times = [of((one) => one.firstMs), of((one) => one.lastMs), of((one) => one.endedMs)].map(seconds);
    return [name, ...times, rounded(of((one) => one.maxRssBytes) / 1e6)];
  };
  table(`recovery: ${rounded(runs)} runs of ${crowd.users} users, s since the engine was asked for (${loads()})`, [
    ['', 'first in its third step', 'last', 'all ended', 'MB at most'],
    row('recovered'),
    row('fresh'),
  ]);
  const ratios = pairs.map((pair) => pair.recovered.endedMs / pair.fresh.endedMs);
  console.log(`recovered to fresh, until all ended: ${ratioText(ratios)}`);
}

await main();
