/**
 * What a finished run leaves behind in memory.
 *
 * Measured: the growth of the heap, and of the whole process, for each of 20,000 runs (5 steps, 50 users), after as
 * many that made everything warm. Not measured: what the store's thread holds for itself (its tail is bounded; the
 * resident bytes include it), and users who come once and never again.
 *
 *     node --expose-gc --conditions=source bench/memory.ts [--smoke]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createEngine, defineWorkflow, memory, sqlite, type Engine, type Store } from '../src/index.ts';
import { z } from 'zod';
import { loads, rounded, smoke, table, verdict } from './figures.ts';

const runsKept = 1_000;
/** A few bytes a run are the garbage collector's business. */
const leftBytesMax = 16;

const work = defineWorkflow({
  name: 'work',
  version: 1,
  input: z.number(),
  run: async (ctx) => {
    for (let n = 1; n <= 5; n++) await ctx.step(`s${n}`, () => ({ step: n, data: 'x'.repeat(160) }));
    return null;
  },
});

async function finish(engine: Engine, runs: number): Promise<void> {
  const doors = Array.from({ length: 50 }, (_, index) => engine.as({ user: `user-${index}` }));
  let next = 0;
  const one = async (): Promise<void> => {
    while (next < runs) {
      const run = await doors[next++ % doors.length]?.start(work, 0);
      await run?.result();
    }
  };
  await Promise.all(Array.from({ length: 100 }, one));
}

async function settled(): Promise<NodeJS.MemoryUsage> {
  for (let times = 0; times < 5; times++) {
    globalThis.gc?.();
    await sleep(20);
  }
  return process.memoryUsage();
}

async function measure(label: string, store: Store, runs: number): Promise<readonly string[]> {
  const engine = await createEngine({ store, workflows: [work] });
  try {
    await finish(engine, Math.max(2 * runsKept, runs));
    const before = await settled();
    await finish(engine, runs);
    const after = await settled();
    const heap = (after.heapUsed - before.heapUsed) / runs;
    const rss = (after.rss - before.rss) / runs;
    return [label, heap.toFixed(1), rounded(rss), verdict(heap, { atMost: leftBytesMax })];
  } finally {
    await engine.close();
  }
}

async function main(runs: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'cantus-bench-'));
  try {
    const rows = [
      await measure(`memory(), which keeps ${runsKept}`, memory({ runsKept }), runs),
      await measure('sqlite()', sqlite(folder), runs),
    ];
    table(`memory: bytes left by each of ${rounded(runs)} finished runs (${loads()})`, [
      ['', 'heap bytes', 'resident bytes', 'goal'],
      ...rows,
    ]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

await main(smoke ? 500 : 20_000);
