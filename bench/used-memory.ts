import { setTimeout as sleep } from 'node:timers/promises';

export type Used = { readonly heap: number; readonly rss: number };

/** What this process holds once its garbage is collected. It needs `--expose-gc`. */
export async function usedMemory(): Promise<Used> {
  for (let times = 0; times < 5; times++) {
    globalThis.gc?.();
    await sleep(30);
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heap: heapUsed + external, rss };
}
