/**
 * A process of its own for one peer and one workload; each phase is one JSON line.
 *
 *     node --expose-gc --conditions=source bench/neighbours/drive.ts peer.mjs mem w1 1,100 1000
 */
import { strict as assert } from 'node:assert';
import { setTimeout as sleep } from 'node:timers/promises';

type Agent = { readonly events: number; readonly tokens: number; readonly tools: number };

/** What a peer offers; see peer.mjs. */
type Peer = {
  w1(): Promise<{ readonly step: number }>;
  w2(): Promise<Agent>;
  w3(): Promise<number>;
  w5(user: string, apart: boolean): Promise<void>;
  suspended(): Promise<number>;
  close(): Promise<void>;
};

/** Runs at once, and what they took. */
export type Rate = { readonly atOnce: number; readonly perSecond: number; readonly p50: number; readonly p99: number };

/** Bytes for each of the runs that wait. */
export type Waiting = { readonly heapBytes: number; readonly rssBytes: number };

const waitingRuns = 1_000;

async function main([file = '', variant = '', workload = '', atOnce = '1', ms = '1000']: readonly string[]) {
  const { create } = (await import(new URL(file, import.meta.url).href)) as { create: (name: string) => Promise<Peer> };
  const peer = await create(variant);
  if (workload.startsWith('w5')) tell(await measureWaiting(peer, workload === 'w5-apart'));
  else {
    const work = workOf(peer, workload);
    await drive(work, 1, Number(ms) / 3);
    await drive(work, 100, Number(ms) * 0.7);
    for (const width of atOnce.split(',')) {
      await collectGarbage();
      tell(await drive(work, Number(width), Number(ms)));
    }
  }
  await peer.close();
}

function tell(phase: Rate | Waiting): void {
  console.log(JSON.stringify(phase));
}

/** The workload, with a look at what came out of it. W4 is W1 on a disk. */
function workOf(peer: Peer, workload: string): () => Promise<void> {
  switch (workload) {
    case 'w1':
    case 'w4':
      return async () => assert.equal((await peer.w1()).step, 5);
    case 'w2':
      return async () => {
        const { tokens, tools } = await peer.w2();
        assert.deepEqual({ tokens, tools }, { tokens: 50, tools: 3 });
      };
    default:
      return async () => assert.equal(await peer.w3(), 20);
  }
}

async function drive(work: () => Promise<void>, atOnce: number, ms: number): Promise<Rate> {
  const took: number[] = [];
  const begun = performance.now();
  const one = async (): Promise<void> => {
    do {
      const at = performance.now();
      await work();
      took.push(performance.now() - at);
    } while (performance.now() - begun < ms);
  };
  await Promise.all(Array.from({ length: atOnce }, one));
  const seconds = (performance.now() - begun) / 1_000;
  const sorted = Float64Array.from(took).toSorted();
  const at = (share: number): number => sorted[Math.floor((sorted.length - 1) * share)] ?? 0;
  return { atOnce, perSecond: took.length / seconds, p50: at(0.5), p99: at(0.99) };
}

/** What code, shapes and tables cost once is spent by the first runs, which aren't counted. */
async function measureWaiting(peer: Peer, apart: boolean): Promise<Waiting> {
  const warmUp = 500;
  for (let run = 0; run < warmUp; run++) await peer.w5(`warm-${run}`, apart);
  const before = await memoryOf(peer, warmUp);
  for (let run = 0; run < waitingRuns; run++) await peer.w5(`user-of-${run}`, apart);
  const after = await memoryOf(peer, warmUp + waitingRuns);
  return {
    heapBytes: (after.heapUsed - before.heapUsed) / waitingRuns,
    rssBytes: (after.rss - before.rss) / waitingRuns,
  };
}

/** Once all of them wait and nothing of what began them is left. */
async function memoryOf(peer: Peer, runs: number): Promise<NodeJS.MemoryUsage> {
  for (let tries = 0; (await peer.suspended()) < runs; tries++) {
    assert(tries < 100, 'runs that should wait do not');
    await sleep(20);
  }
  await collectGarbage();
  return process.memoryUsage();
}

async function collectGarbage(): Promise<void> {
  for (let times = 0; times < 4; times++) {
    globalThis.gc?.();
    await sleep(20);
  }
}

await main(process.argv.slice(2));
