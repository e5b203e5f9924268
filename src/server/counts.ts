import type { Counts } from './parts.ts';

/** Counts from nothing. */
export function createCounts(): Counts {
  const counts = new Map<string, number>();
  return {
    add: (name, by = 1) => void counts.set(name, (counts.get(name) ?? 0) + by),
    all: () => Object.fromEntries(counts),
  };
}
