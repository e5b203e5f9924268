/** How far a code base has come between two times: under the rules of today, so that only the code differs. */
import type { ScanReport } from './concept.ts';
import type { GuardConfig } from './config.ts';
import { oneImplementation } from './rules/one-implementation.ts';

export type ConceptProgress = {
  readonly concept: string;
  readonly before: number;
  readonly after: number;
  /** Keys of rivals that are there no more, and of those that came. */
  readonly gone: readonly string[];
  readonly came: readonly string[];
};

export type CodeBaseProgress = {
  /** Of each declared concept. */
  readonly declared: readonly ConceptProgress[];
  /** Concepts with rivals that were found, declared or not: without a rule they come back elsewhere. */
  readonly found: { readonly before: number; readonly after: number };
};

/** Compares two scans. `today`: as 2026-11-22. */
export function progressBetween(
  before: ScanReport,
  after: ScanReport,
  config: GuardConfig,
  today: string,
): CodeBaseProgress {
  const [old, now] = [before, after].map(({ tree, edges }) =>
    Map.groupBy(oneImplementation({ config, tree, edges, paths: [], today }), ({ concept }) => concept),
  );
  const declared = Object.keys(config.concepts ?? {}).map((concept) => {
    const was = new Set(old?.get(concept)?.map(({ key }) => key));
    const is = new Set(now?.get(concept)?.map(({ key }) => key));
    return {
      concept,
      before: was.size,
      after: is.size,
      gone: [...was].filter((key) => !is.has(key)),
      came: [...is].filter((key) => !was.has(key)),
    };
  });
  return { declared, found: { before: countOf(before), after: countOf(after) } };
}

function countOf({ concepts }: ScanReport): number {
  return concepts.filter(({ tier }) => tier !== 'possible').length;
}
