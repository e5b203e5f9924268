import type { ServerParts } from './parts.ts';

/**
 * When one of so many connections that a server sends away is to come back, in ms: by chance, so that they come one every
 * `comeBackEveryMs`, and the last within `drainMs`.
 */
export function comeBackInMs({ limits, random }: Pick<ServerParts, 'limits' | 'random'>, connections: number): number {
  return Math.round(random.next() * Math.min(limits.drainMs, connections * limits.comeBackEveryMs));
}
