/** What a report tells, whatever its format: one list, the worst first. */
import type { CheckReport } from '../check.ts';
import type { Concept, SourceTree } from '../concept.ts';
import { ruleNames, type RuleName, type Violation } from '../rules/rule.ts';

export type Level = 'error' | 'warning' | 'note';

export type Finding = Omit<Violation, 'rule' | 'mode'> & {
  readonly level: Level;
  readonly rule: RuleName | 'stale-baseline' | 'found-rivals';
  /** The baseline knows it. */
  readonly isKnown: boolean;
};

/** What each rule is for, in a sentence. */
export const ruleSentences: Readonly<Record<Finding['rule'], string>> = {
  'one-implementation': 'A declared concept has one implementation.',
  'construct-only': 'Only its factory constructs this class.',
  'deprecated-import': 'What is deprecated is not imported.',
  'module-state': 'No function keeps state in its module.',
  'forbidden-files': 'No file has the name of a copy or a second version.',
  floors: 'Imports go only where the floors let them.',
  'stale-baseline': 'The baseline has no key of what is gone.',
  'found-rivals': 'More than one implementation of a concept was found; nobody decided yet.',
};

/** All rules a report may name, in one order. */
export const findingRules: readonly Finding['rule'][] = [...ruleNames, 'stale-baseline', 'found-rivals'];

/** What a check found. `baseline`: its folder, from the root. */
export function findingsOf(report: CheckReport, tree: SourceTree, baseline: string): readonly Finding[] {
  return [
    ...report.failures.map((violation) => ofViolation(violation, 'error')),
    ...report.stale.map(({ concept, key }): Finding => ({
      level: 'error',
      rule: 'stale-baseline',
      concept,
      key: `stale ${key}`,
      path: `${baseline}/${concept}.json`,
      line: 1,
      message: `The baseline of ${concept} has a key that is found no more: ${key}.`,
      hint: 'Take it out, so that it can not come back unseen: cantus guard baseline prune.',
      related: [],
      isKnown: false,
    })),
    ...report.warnings.map((violation) => ofViolation(violation, 'warning')),
    ...report.known.map((violation) => ({ ...ofViolation(violation, 'note'), isKnown: true })),
    ...adviceFindings(report.advice, tree),
  ];
}

/** Concepts that were found, one finding each. */
export function adviceFindings(concepts: readonly Concept[], tree: SourceTree): readonly Finding[] {
  return concepts.map((concept) => {
    const units = concept.units.flatMap((id) => tree.units.get(id) ?? []);
    const [first, ...others] = units;
    return {
      level: 'note',
      rule: 'found-rivals',
      concept: concept.id,
      key: `found-rivals ${[...concept.units].toSorted().join(', ')}`,
      path: others[0]?.path ?? first?.path ?? '',
      line: others[0]?.span.line ?? first?.span.line ?? 1,
      message: `${concept.name} has ${concept.units.length} implementations (${concept.tier}): ${concept.units.join(', ')}.`,
      hint: `See cantus guard explain ${concept.id}, then decide or dismiss it.`,
      related: units.map(({ path, span, name }) => ({ path, line: span.line, what: name })),
      isKnown: false,
    };
  });
}

function ofViolation(violation: Violation, level: Level): Finding {
  const { rule, concept, key, path, line, message, hint, related } = violation;
  return { level, rule, concept, key, path, line, message, hint, related, isKnown: false };
}

/** The identity of a finding over all concepts, for fingerprints. */
export function identityOf({ concept, key }: Pick<Finding, 'concept' | 'key'>): string {
  return `${concept}: ${key}`;
}
