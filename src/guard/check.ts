/**
 * `guard check`: holds a code base to what was decided for it.
 *
 * GX1  Only what `guard.json` declares fails: a rival that was merely found is advice, until a person decides.
 * GX2  New violations fail and so do stale keys of the baseline; what the baseline knows, and what only warns, does not.
 * GX3  Exit codes: 0 clean, 1 violations, 2 wrong use or configuration, 3 something could not be read. What a command
 *      names and is not there (a folder, a concept, a place to write to) is wrong use; what is there and can't be read is
 *      unread. It may hide anything, so 3 stands over 1.
 */
import type { Concept, ScanReport, Skipped } from './concept.ts';
import { compareToBaseline, type Baseline, type StaleKey } from './baseline.ts';
import type { GuardConfig } from './config.ts';
import { isDismissed } from './dismissed.ts';
import { hasRules, violationsOf } from './rules/all-rules.ts';
import type { Violation } from './rules/rule.ts';

export const guardExitCodes = Object.freeze({ clean: 0, violations: 1, usage: 2, unread: 3 });

/** A declared concept, with how far it is from one implementation. */
export type Progress = {
  readonly concept: string;
  readonly known: number;
  readonly fresh: number;
  readonly stale: number;
};

/** What a check found. Made by `checkAudit`. */
export type CheckReport = {
  /** Fail the check. */
  readonly failures: readonly Violation[];
  /** Don't: their rule only warns. */
  readonly warnings: readonly Violation[];
  /** The baseline knows them. */
  readonly known: readonly Violation[];
  readonly stale: readonly StaleKey[];
  /** Concepts that were found and nobody decided for. */
  readonly advice: readonly Concept[];
  readonly progress: readonly Progress[];
  readonly unread: readonly Skipped[];
  /** Files looked at. */
  readonly files: number;
  /** `guard.json` declares something that could be broken. */
  readonly hasRules: boolean;
  readonly exitCode: number;
};

export type CheckInput = {
  readonly scan: ScanReport;
  readonly config: GuardConfig;
  readonly baseline: Baseline;
  /** All paths of the tree, also of files in no language that is read. */
  readonly paths: readonly string[];
  /** As 2026-11-22. */
  readonly today: string;
};

/** Holds what a scan found against `guard.json` and the baseline. Reads and writes nothing. */
export function check({ scan, config, baseline, paths, today }: CheckInput): CheckReport {
  const violations = violationsOf({ config, tree: scan.tree, edges: scan.edges, paths, today });
  const { fresh, known, stale } = compareToBaseline(violations, baseline);
  const failures = fresh.filter(({ mode }) => mode === 'fail');
  const unread = scan.skipped.filter(({ why }) => unreadable.has(why));
  return {
    failures,
    warnings: fresh.filter(({ mode }) => mode === 'warn'),
    known,
    stale,
    advice: adviceOf(scan, config),
    progress: progressOf(config, { fresh, known, stale }),
    unread,
    files: scan.files,
    hasRules: hasRules(config),
    exitCode: exitCodeOf(failures.length + stale.length, unread.length),
  };
}

/** What was left out for a reason of its own (too large, generated) is not unread. */
const unreadable: ReadonlySet<Skipped['why']> = new Set(['unreadable', 'encoding', 'name', 'crash']);

function exitCodeOf(failures: number, unread: number): number {
  if (unread > 0) return guardExitCodes.unread;
  return failures > 0 ? guardExitCodes.violations : guardExitCodes.clean;
}

/** Found concepts that are neither declared nor dismissed. */
export function adviceOf({ concepts }: ScanReport, config: GuardConfig): readonly Concept[] {
  const canonicals = new Set(Object.values(config.concepts ?? {}).map(({ canonical }) => canonical));
  return concepts.filter(
    (concept) =>
      concept.tier !== 'possible' &&
      config.concepts?.[concept.id] === undefined &&
      !concept.units.some((unit) => canonicals.has(unit)) &&
      !isDismissed(config, concept),
  );
}

type Counted = {
  readonly fresh: readonly Violation[];
  readonly known: readonly Violation[];
  readonly stale: readonly StaleKey[];
};

function progressOf({ concepts = {} }: GuardConfig, { fresh, known, stale }: Counted): readonly Progress[] {
  return Object.keys(concepts).map((concept) => ({
    concept,
    known: countOf(known, concept),
    fresh: countOf(fresh, concept),
    stale: countOf(stale, concept),
  }));
}

function countOf(of: readonly { readonly concept: string }[], id: string): number {
  return of.filter(({ concept }) => concept === id).length;
}
