/**
 * What every rule is, and what it says.
 *
 * VR1  A violation is known by who it is about: rule, concept, consumer and target. Its key has no line and no count,
 *      so that it stays itself while code around it moves, and so that another one is another one.
 * VR2  A rule is a pure function of the tree and `guard.json`; the order of what it says is that of the paths.
 */
import type { GuardConfig, Mode } from '../config.ts';
import type { Edge, SourceTree } from '../concept.ts';

export const ruleNames = [
  'one-implementation',
  'construct-only',
  'deprecated-import',
  'module-state',
  'forbidden-files',
  'floors',
] as const;

export type RuleName = (typeof ruleNames)[number];

/** A place to look at besides. */
export type RelatedPlace = { readonly path: string; readonly line: number; readonly what: string };

/** Something that a declared rule does not allow. */
export type Violation = {
  readonly rule: RuleName;
  /** The declared concept; of what belongs to none, the rule's name. */
  readonly concept: string;
  readonly mode: Mode;
  readonly key: string;
  readonly path: string;
  readonly line: number;
  /** What is wrong and why, in one sentence. */
  readonly message: string;
  /** How to mend it. */
  readonly hint: string;
  readonly related: readonly RelatedPlace[];
};

export type RuleInput = {
  readonly config: GuardConfig;
  readonly tree: SourceTree;
  /** Pairs that were looked at, for rivals that nobody named. */
  readonly edges: readonly Edge[];
  /** All paths of the tree, also of files in no language that is read. */
  readonly paths: readonly string[];
  /** As 2026-11-22: a waiver may end. */
  readonly today: string;
};

export type Rule = (input: RuleInput) => readonly Violation[];

/** What a violation is known by (VR1). */
export type Identity = {
  readonly rule: RuleName;
  readonly concept: string;
  /** `path#Name` of who does it, or the path alone. */
  readonly consumer: string;
  /** The name of what it is done to; '' where the consumer says it all. */
  readonly target: string;
};

/** The identity as text. */
function keyOf({ rule, consumer, target }: Identity): string {
  return target === '' ? `${rule} ${consumer}` : `${rule} ${consumer} -> ${target}`;
}

/** What is said of a violation besides who it is about. */
export type Told = Pick<Violation, 'mode' | 'path' | 'line' | 'message' | 'hint'> & Partial<Pick<Violation, 'related'>>;

/** A violation, known by its identity. */
export function violationOf(identity: Identity, { related = [], ...told }: Told): Violation {
  return { rule: identity.rule, concept: identity.concept, key: keyOf(identity), ...told, related };
}
