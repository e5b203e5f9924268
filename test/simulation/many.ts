/** Many histories, on all processors: a history shares nothing with another, so each thread plays every nth seed. */
import { availableParallelism } from 'node:os';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { simulate, type SimulationOptions, type Tally } from './simulation.ts';

type Share = { readonly seeds: readonly number[]; readonly options: SimulationOptions };

/** What became of one seed: what happened in its history, or which promise it broke. */
export type Played =
  | { readonly seed: number; readonly tally: Tally }
  | { readonly seed: number; readonly broken: string };

/** Plays `seeds` histories from seed `from` on and tells of each as it ends, in no order. */
export async function simulateMany(
  { from, seeds, ...options }: SimulationOptions & { readonly from: number; readonly seeds: number },
  tell: (played: Played) => void,
): Promise<void> {
  const threads = Math.min(seeds, availableParallelism());
  const all = Array.from({ length: seeds }, (_, index) => from + index);
  const shares = Array.from({ length: threads }, (_, thread) =>
    all.filter((_seed, index) => index % threads === thread),
  );
  await Promise.all(
    shares.map(
      (share) =>
        new Promise<void>((resolve, reject) => {
          const worker = new Worker(new URL(import.meta.url), {
            workerData: { seeds: share, options } satisfies Share,
          });
          worker.on('message', tell).once('error', reject);
          worker.once('exit', (code) =>
            code === 0 ? resolve() : reject(new Error(`A thread of the simulation ended with ${code}.`)),
          );
        }),
    ),
  );
}

async function playShare({ seeds, options }: Share): Promise<void> {
  for (const seed of seeds) {
    let played: Played;
    try {
      played = { seed, tally: await simulate(seed, options) };
    } catch (thrown) {
      played = { seed, broken: thrown instanceof Error ? thrown.message : String(thrown) };
    }
    parentPort?.postMessage(played);
  }
}

/** Adds what happened in one history to what happened in others. */
export function addTally(total: Tally, tally: Tally): void {
  for (const [what, count] of Object.entries(tally)) total[what] = (total[what] ?? 0) + count;
}

if (!isMainThread) await playShare(workerData as Share);
