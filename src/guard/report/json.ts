/** Reports as JSON: what a program needs, without the tree they were made from. */
import type { CheckReport } from '../check.ts';
import type { Concept, Explanation, ScanReport, SourceTree } from '../concept.ts';
import type { Finding } from './finding.ts';

/** The shape of these documents; it grows when a member changes its meaning or goes. */
const version = 1;

export function scanJson(scan: ScanReport, concepts: readonly Concept[]): object {
  const { files, lines, cached, ms, notCounted, skipped } = scan;
  return {
    version,
    files,
    lines,
    cached,
    ms: Math.round(ms),
    concepts: concepts.map((of) => conceptJson(of, scan.tree)),
    notCounted,
    skipped,
  };
}

export function explainJson({ concept, whyTogether, leftOut, gap }: Explanation, tree: SourceTree): object {
  return {
    version,
    ...conceptJson(concept, tree),
    edges: concept.edges,
    whyTogether,
    leftOut: leftOut.map(({ unit, verdict, reason }) => ({ unit: unit.id, verdict, reason })),
    gap,
  };
}

export function checkJson(report: CheckReport, findings: readonly Finding[]): object {
  const { exitCode, files, hasRules, progress, unread } = report;
  return {
    version,
    exitCode,
    files,
    hasRules,
    failures: report.failures.length,
    warnings: report.warnings.length,
    known: report.known.length,
    stale: report.stale,
    progress,
    unread,
    findings,
  };
}

function conceptJson(concept: Concept, tree: SourceTree): object {
  const { id, name, kind, deployable, tier, score, undecided } = concept;
  return {
    id,
    name,
    kind,
    deployable,
    tier,
    score,
    undecided,
    units: concept.units.map((unit, index) => {
      const of = tree.units.get(unit);
      return { id: unit, path: of?.path, line: of?.span.line, lang: of?.lang, candidate: concept.candidates[index] };
    }),
  };
}
