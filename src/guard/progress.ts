/**
 * How far a code base has come, over its history.
 *
 * VZ3  Every point is under the rules of today, so that only the code differs.
 * VZ4  Where the canonical one was not there yet, nothing is counted, and it is told as that: not as nought.
 */
import type { ScanReport } from './concept.ts';
import type { GuardConfig } from './config.ts';
import { migrationOf } from './todo.ts';

/** One concept at one time. */
export type ConceptCount = {
  /** Ids of the others. */
  readonly rivals: readonly string[];
  /** Files that use one: in production, and in tests. */
  readonly consumers: number;
  readonly testConsumers: number;
};

/** A code base at one time. */
export type ProgressPoint = {
  /** Absent for the tree as it is now. */
  readonly commit?: string;
  /** Ms since 1970. */
  readonly at: number;
  /** By declared concept; absent where its canonical one was not there (VZ4). */
  readonly concepts: Readonly<Record<string, ConceptCount>>;
  /** Concepts with rivals that were found, declared or not: without a rule they come back elsewhere. */
  readonly found: number;
};

/** How far one concept has come. */
export type ConceptProgress = {
  readonly concept: string;
  /** The first time that its canonical one was there. */
  readonly before: ConceptCount | undefined;
  readonly after: ConceptCount | undefined;
  /** Rivals that are there no more, and those that came. */
  readonly gone: readonly string[];
  readonly came: readonly string[];
};

/** How far a code base has come. */
export type CodeBaseProgress = {
  /** Oldest first. */
  readonly points: readonly ProgressPoint[];
  readonly declared: readonly ConceptProgress[];
};

/** What is counted in one tree (VZ3). `today`: as 2026-11-22. */
export function pointOf(
  { tree, edges, concepts }: Pick<ScanReport, 'tree' | 'edges' | 'concepts'>,
  config: GuardConfig,
  today: string,
): Pick<ProgressPoint, 'concepts' | 'found'> {
  const counted = Object.keys(config.concepts ?? {}).flatMap((id): (readonly [string, ConceptCount])[] => {
    const migration = migrationOf({ config, tree, edges, paths: [], today }, id);
    if (migration === undefined) return [];
    const zones = migration.consumers.map(({ file }) => file.zone);
    const testConsumers = zones.filter((zone) => zone === 'test').length;
    return [[id, { rivals: [...migration.rivals.keys()], consumers: zones.length - testConsumers, testConsumers }]];
  });
  return { concepts: Object.fromEntries(counted), found: concepts.filter(({ tier }) => tier !== 'possible').length };
}

/** The whole way, from the first point to the last. */
export function progressOf(points: readonly ProgressPoint[], config: GuardConfig): CodeBaseProgress {
  const declared = Object.keys(config.concepts ?? {}).map((concept): ConceptProgress => {
    const counts = points.map(({ concepts }) => concepts[concept]);
    const [before, after] = [counts.find((count) => count !== undefined), counts.at(-1)];
    const [was, is] = [new Set(before?.rivals), new Set(after?.rivals)];
    return {
      concept,
      before,
      after,
      gone: [...was].filter((id) => !is.has(id)),
      came: [...is].filter((id) => !was.has(id)),
    };
  });
  return { points, declared };
}
