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
export type { AddedRival } from './added.ts';
export { ask, type Answer } from './ask.ts';
export { assertOneImplementation } from './assert-one.ts';
export { openAudit, checkAudit, type Audit, type AuditOptions } from './audit.ts';
export {
  fixOfAudit,
  progressOfAudit,
  todoOfAudit,
  verifyFix,
  type FixOptions,
  type ProgressOptions,
  type VerifiedFix,
  type VerifyFixOptions,
} from './audit-moves.ts';
export type { CheckReport } from './check.ts';
export { readConfig, type GuardConfig } from './config.ts';
export { explain } from './explain.ts';
export { writePlan, type FixedFile, type FixPlan, type OldFilesWish, type Refusal } from './fix.ts';
export { addedRivals, type CodeBase } from './hook.ts';
export type { CodeBaseProgress, ConceptCount, ConceptProgress, ProgressPoint } from './progress.ts';
export type { CheckRun } from './project-checks.ts';
export type { Violation } from './rules/rule.ts';
export { scan } from './scan.ts';
export type { CalledMethod, Todo, TodoItem } from './todo.ts';
export type { CheckVerdict, VerifiedCheck } from './verify.ts';
