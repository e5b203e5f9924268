/** An engine of the bench whose runs are cut off, or go on, in a process of its own: `engine.ts <folder> <cut | whole>`. */
import { z } from 'zod';
import { createEngine, defineWorkflow, sqlite } from '../../src/index.ts';
import { answer } from '../process.ts';
import { HeardStore } from '../heard-store.ts';

/** Ms since the engine was asked for, and how often each of the five steps ran in this process. */
export type Recovered = {
  readonly openedMs: number;
  readonly firstMs: number;
  readonly lastMs: number;
  readonly endedMs: number;
  readonly ran: readonly number[];
  readonly maxRssBytes: number;
};

/** The step in which the first process is killed. */
const cutIn = 3;

const [, , folder = '', mode = ''] = process.argv;
const cut = mode === 'cut';
const ran = [0, 0, 0, 0, 0];
const reached = { firstMs: Number.NaN, lastMs: Number.NaN };
/** Resolved when so many hang. */
const hanging = { count: 0, wanted: Infinity, reached: Promise.withResolvers<void>() };

async function step(n: number): Promise<{ readonly step: number; readonly data: string }> {
  ran[n - 1] = (ran[n - 1] ?? 0) + 1;
  if (n === cutIn) {
    reached.lastMs = performance.now() - begun;
    if (Number.isNaN(reached.firstMs)) reached.firstMs = reached.lastMs;
    if (cut) {
      hanging.count++;
      tellHanging();
      await new Promise(() => undefined);
    }
  }
  return { step: n, data: 'x'.repeat(160) };
}

const work = defineWorkflow({
  name: 'work',
  version: 1,
  input: z.number(),
  run: async (ctx) => {
    for (let n = 1; n <= 5; n++) await ctx.step(`s${n}`, () => step(n), { timeoutMs: 600_000 });
    return null;
  },
});

const heard = new HeardStore(sqlite(folder), ['run.completed']);
// All that are to be cut off must have begun: no more than that differs from an engine as anyone opens it.
const limits = cut ? { runningMax: 20_000, runningPerUserMax: 20_000 } : {};
const begun = performance.now();
const engine = await createEngine({ store: heard.store, workflows: [work], limits });
const openedMs = performance.now() - begun;

async function start({ users, runsEach }: { readonly users: number; readonly runsEach: number }): Promise<void> {
  let next = 0;
  const one = async (): Promise<void> => {
    while (next < users * runsEach) await engine.as({ user: `user-${next++ % users}` }).start(work, 0);
  };
  await Promise.all(Array.from({ length: 100 }, one));
}

function tellHanging(): void {
  if (hanging.count >= hanging.wanted) hanging.reached.resolve();
}

function untilHanging(runs: number): Promise<void> {
  hanging.wanted = runs;
  tellHanging();
  return hanging.reached.promise;
}

async function untilEnded(runs: number): Promise<Recovered> {
  await heard.until(runs);
  const endedMs = performance.now() - begun;
  return { openedMs, ...reached, endedMs, ran, maxRssBytes: process.resourceUsage().maxRSS * 1_024 };
}

answer(
  {
    start,
    untilHanging: ({ runs }: { readonly runs: number }) => untilHanging(runs),
    untilEnded: ({ runs }: { readonly runs: number }) => untilEnded(runs),
  },
  () => engine.close(),
);
