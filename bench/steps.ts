/**
 * Does a step cost the same however many came before it, and does taking a run up again cost the same per step?
 *
 * Measured: in one run of 10,000 steps, the median time of the last 1,000 steps to that of the first 1,000, after a
 * run that warms up; and the time from `createEngine` on a store that has a run of n completed steps until that run's
 * body has come through them again, for n of 2,000, 4,000 and 8,000. Not measured: steps at once, steps in steps,
 * large results, and a disk whose cache is cold.
 *
 *     node --conditions=source bench/steps.ts [--smoke]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEngine, defineWorkflow, memory, sqlite, type Store } from '../src/index.ts';
import { z } from 'zod';
import { loads, median, smoke, table, verdict } from './figures.ts';

/** The last step may cost this much of the first, and a step of the longest recovery this much of one of the shortest. */
const growthMax = 1.5;

/** What the bodies tell the measurement; a journaled result can't, as it would be the same on a re-run. */
let stepMs: number[] = [];
let through = (): void => undefined;

const work = defineWorkflow({
  name: 'work',
  version: 1,
  input: z.object({ steps: z.number(), wait: z.boolean() }),
  run: async (ctx, { steps, wait }) => {
    for (let n = 1; n <= steps; n++) {
      const at = performance.now();
      await ctx.step('s', () => ({ step: n, data: 'x'.repeat(160) }), { key: String(n) });
      stepMs.push(performance.now() - at);
    }
    through();
    if (wait) await ctx.wait('go', { signal: 'go' });
    return null;
  },
});

/** The times of the steps of one run from its first to its last. */
async function timesOf(store: Store, steps: number): Promise<readonly number[]> {
  const engine = await createEngine({ store, workflows: [work] });
  try {
    const door = engine.as({ user: 'alice' });
    const warm = await door.start(work, { steps: Math.ceil(steps / 3), wait: false });
    await warm.result();
    stepMs = [];
    const run = await door.start(work, { steps, wait: false });
    await run.result();
    return stepMs;
  } finally {
    await engine.close();
  }
}

async function measureGrowth(name: string, open: () => Store, scale: number): Promise<readonly string[]> {
  const steps = 10_000 / scale;
  const ends = steps / 10;
  const found: { readonly first: number; readonly last: number }[] = [];
  for (let repetition = 0; repetition < (scale > 1 ? 1 : 3); repetition++) {
    const times = await timesOf(open(), steps);
    found.push({ first: median(times.slice(0, ends)), last: median(times.slice(-ends)) });
  }
  const ratio = median(found.map(({ first, last }) => last / first));
  const microseconds = (pick: 'first' | 'last'): string => (median(found.map((one) => one[pick])) * 1_000).toFixed(1);
  return [name, microseconds('first'), microseconds('last'), ratio.toFixed(2), verdict(ratio, { atMost: growthMax })];
}

/** Ms from opening the engine until the body of a run with so many completed steps is through them again. */
async function recoveryMs(store: Store, steps: number): Promise<number> {
  const first = await createEngine({ store, workflows: [work] });
  const told = new Promise<void>((resolve) => (through = resolve));
  await first.as({ user: 'alice' }).start(work, { steps, wait: true });
  await told;
  await first.close();
  const again = new Promise<void>((resolve) => (through = resolve));
  const begun = performance.now();
  const second = await createEngine({ store, workflows: [work] });
  await again;
  const ms = performance.now() - begun;
  await second.close();
  return ms;
}

async function measureRecovery(name: string, open: () => Store, scale: number): Promise<readonly string[]> {
  await recoveryMs(open(), 1_000 / scale);
  const found: number[] = [];
  for (const steps of [2_000, 4_000, 8_000]) {
    const tries: number[] = [];
    for (let repetition = 0; repetition < (scale > 1 ? 1 : 3); repetition++) {
      tries.push(await recoveryMs(open(), steps / scale));
    }
    found.push(median(tries));
  }
  const [short = 0, , long = 0] = found;
  const ratio = long / 4 / short;
  return [name, ...found.map((ms) => ms.toFixed(1)), ratio.toFixed(2), verdict(ratio, { atMost: growthMax })];
}

async function main(scale: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'cantus-bench-'));
  let opened = 0;
  const stores = [
    { name: 'memory()', open: () => memory() },
    { name: 'sqlite()', open: () => sqlite(join(folder, String(opened++))) },
  ];
  try {
    const growth: (readonly string[])[] = [];
    const recovery: (readonly string[])[] = [];
    for (const { name, open } of stores) {
      growth.push(await measureGrowth(name, open, scale));
      recovery.push(await measureRecovery(name, open, scale));
    }
    table(`steps: one run of ${10_000 / scale} steps, µs for a step (${loads()})`, [
      ['', 'first tenth', 'last tenth', 'last to first', 'goal'],
      ...growth,
    ]);
    table(`recovery: ms until a run has come through its steps again (${loads()})`, [
      ['', ...[2_000, 4_000, 8_000].map((steps) => `${steps / scale} steps`), 'growth per step', 'goal'],
      ...recovery,
    ]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

await main(smoke ? 20 : 1);
