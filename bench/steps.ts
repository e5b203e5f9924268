/**
 * Does a step cost the same however many came before it, and does taking a run up again cost the same per step?
 *
 * Measured: steps 9,001 to 10,000 of one run and the first 1,000 of another, in turns, so that both have the same
 * machine: the ratio of their medians. And the time from `createEngine` on a store that has a run of n completed steps
 * until that run's body has come through them again; its growth is taken of what exceeds n = 0, which is the opening. A
 * line through all of them says what a completed step costs, and how well a line fits.
 * Not measured: steps at once, steps in steps, large results, and a disk whose cache is cold.
 *
 *     node --conditions=source bench/steps.ts [--smoke]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEngine, defineWorkflow, memory, sqlite, type Store } from '../src/index.ts';
import { linearRegression, linearRegressionLine, rSquared } from 'simple-statistics';
import { z } from 'zod';
import { loads, median, smoke, table, verdict } from './figures.ts';

/** The last step may cost this much of the first, and a step of the longest recovery this much of one of the shortest. */
const growthMax = 1.5;

/** Completed steps of a run that is taken up. None: what opening an engine costs anyhow. */
const recovered = [0, 250, 500, 1_000, 2_000, 4_000, 8_000];

/** Lets a body make one step at a time. */
class Lane {
  #go = Promise.withResolvers<((ms: number) => void) | undefined>();

  /** Ms that the next step took. */
  step(): Promise<number> {
    return new Promise((resolve) => this.#go.resolve(resolve));
  }

  end(): void {
    this.#go.resolve(undefined);
  }

  /** For the body: whom to tell what the step took; undefined at the end. */
  async next(): Promise<((ms: number) => void) | undefined> {
    const tell = await this.#go.promise;
    this.#go = Promise.withResolvers();
    return tell;
  }
}

const lanes = new Map<string, Lane>();

const stepper = defineWorkflow({
  name: 'stepper',
  version: 1,
  input: z.string(),
  run: async (ctx, name) => {
    const lane = lanes.get(name) as Lane;
    let n = 0;
    for (let tell = await lane.next(); tell !== undefined; tell = await lane.next()) {
      const at = performance.now();
      await ctx.step('s', () => ({ step: n, data: 'x'.repeat(160) }), { key: String(n++) });
      tell(performance.now() - at);
    }
    return null;
  },
});

/** The times of an old run's steps and of a young one's. */
async function timesOf(store: Store, steps: number): Promise<{ old: readonly number[]; young: readonly number[] }> {
  const engine = await createEngine({ store, workflows: [stepper] });
  try {
    const [old, young] = [new Lane(), new Lane()];
    lanes.set('old', old).set('young', young);
    for (const name of lanes.keys()) await engine.as({ user: name }).start(stepper, name);
    const measured = steps / 10;
    for (let step = 0; step < steps - measured; step++) await old.step();
    const times = { old: [] as number[], young: [] as number[] };
    for (let step = 0; step < measured; step++) {
      times.old.push(await old.step());
      times.young.push(await young.step());
    }
    old.end();
    young.end();
    return times;
  } finally {
    await engine.close();
  }
}

async function measureGrowth(name: string, open: () => Store, scale: number): Promise<readonly string[]> {
  const found: { readonly old: number; readonly young: number }[] = [];
  for (let repetition = 0; repetition < (scale > 1 ? 1 : 3); repetition++) {
    const { old, young } = await timesOf(open(), 10_000 / scale);
    found.push({ old: median(old), young: median(young) });
  }
  const ratio = median(found.map(({ old, young }) => old / young));
  const microseconds = (pick: 'old' | 'young'): string => (median(found.map((one) => one[pick])) * 1_000).toFixed(1);
  return [name, microseconds('young'), microseconds('old'), ratio.toFixed(2), verdict(ratio, { atMost: growthMax })];
}

/** Tells that the body came through its steps; a journaled result can't, as it would be the same on a re-run. */
let through = (): void => undefined;

const work = defineWorkflow({
  name: 'work',
  version: 1,
  input: z.object({ steps: z.number() }),
  run: async (ctx, { steps }) => {
    const one = (n: number): Promise<unknown> =>
      ctx.step('s', () => ({ step: n, data: 'x'.repeat(160) }), { key: String(n) });
    // Some at once, as they are only made to be there: one after the other, each would wait for the disk.
    for (let done = 0; done < steps; done += 50)
      await Promise.all(Array.from({ length: 50 }, (_, index) => one(done + index)));
    through();
    await ctx.wait('go', { signal: 'go' });
    return null;
  },
});

/** Ms from opening the engine until the body of a run with so many completed steps is through them again. */
async function recoveryMs(store: Store, steps: number): Promise<number> {
  const first = await createEngine({ store, workflows: [work] });
  const told = new Promise<void>((resolve) => (through = resolve));
  const { id } = await first.as({ user: 'alice' }).start(work, { steps });
  await told;
  await first.close();
  const again = new Promise<void>((resolve) => (through = resolve));
  const begun = performance.now();
  const second = await createEngine({ store, workflows: [work] });
  // One that only waits is left asleep when a folder is opened: it comes to its steps again when it is told something.
  await (await second.as({ user: 'alice' }).run(id)).signal('go');
  await again;
  const ms = performance.now() - begun;
  await second.close();
  return ms;
}

async function measureRecovery(name: string, open: () => Store, scale: number): Promise<readonly string[]> {
  await recoveryMs(open(), 1_000 / scale);
  const found: number[] = [];
  for (const steps of recovered) {
    const tries: number[] = [];
    for (let repetition = 0; repetition < (scale > 1 ? 1 : 5); repetition++) {
      tries.push(await recoveryMs(open(), steps / scale));
    }
    found.push(median(tries));
  }
  const at = (steps: number): number => found[recovered.indexOf(steps)] ?? Number.NaN;
  const ratio = (at(8_000) - at(0)) / 4 / (at(2_000) - at(0));
  const points = recovered.map((steps) => [steps / scale, at(steps)]);
  const line = linearRegression(points);
  const fit = rSquared(points, linearRegressionLine(line));
  const slope = [(line.m * 1_000).toFixed(1), fit.toFixed(3)];
  return [name, ...found.map((ms) => ms.toFixed(1)), ...slope, ratio.toFixed(2), verdict(ratio, { atMost: growthMax })];
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
    table(`steps: a run with ${9_000 / scale} steps behind it beside a young one, µs for a step (${loads()})`, [
      ['', 'young run', 'old run', 'old to young', 'goal'],
      ...growth,
    ]);
    table(`recovery: ms until a run has come through its steps again (${loads()})`, [
      ['', ...recovered.map((steps) => `${steps / scale} steps`), 'µs a step', 'r²', '8,000 to 2,000', 'goal'],
      ...recovery,
    ]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

await main(smoke ? 50 : 1);
