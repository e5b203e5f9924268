/** `cantus/guard`: finds rival implementations of one concept in any code base, and keeps the one that was decided for. */
export type {
  Candidate,
  Concept,
  Edge,
  Evidence,
  Explanation,
  LinkedImport,
  NameRelation,
  ScanOptions,
  ScanReport,
  ScoreInput,
  Skipped,
  SourceFile,
  SourceTree,
  Tier,
  Unit,
  Verdict,
  Zone,
} from './concept.ts';
export { assertOneImplementation } from './assert-one.ts';
export { openAudit, checkAudit, type Audit, type AuditOptions } from './audit.ts';
export type { CheckReport } from './check.ts';
export type { GuardConfig } from './config.ts';
export { explain } from './explain.ts';
export type { Violation } from './rules/rule.ts';
export { scan } from './scan.ts';
