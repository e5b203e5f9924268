import { limits } from '../core/limits.ts';
import type { Random } from '../core/random.ts';

/**
 * How long to wait after try number `failures` failed, from 1. Full jitter: all clients of a server that restarts come
 * back spread over the whole time, not together at its end.
 */
export function backoffMs(failures: number, random: Random): number {
  const longest = Math.min(limits.clientRetryMsMax, limits.clientRetryMs * 2 ** (failures - 1));
  return Math.floor(random.next() * longest);
}
