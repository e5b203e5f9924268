/** Every rule, by its name. */
import type { GuardConfig } from '../config.ts';
import { constructOnly } from './construct-only.ts';
import { deprecatedImport } from './deprecated-import.ts';
import { floors } from './floors.ts';
import { forbiddenFiles } from './forbidden-files.ts';
import { moduleState } from './module-state.ts';
import { oneImplementation } from './one-implementation.ts';
import type { Rule, RuleInput, RuleName, Violation } from './rule.ts';

const rules: Readonly<Record<RuleName, Rule>> = {
  'one-implementation': oneImplementation,
  'construct-only': constructOnly,
  'deprecated-import': deprecatedImport,
  'module-state': moduleState,
  'forbidden-files': forbiddenFiles,
  floors,
};

/** Does a configuration declare anything that code could break? */
export function hasRules({
  concepts = {},
  deprecated = [],
  moduleState: state,
  files,
  floors: table,
}: GuardConfig): boolean {
  const lists = [Object.keys(concepts), deprecated, state?.in ?? [], files?.forbid ?? [], table?.table ?? []];
  return lists.some((list) => list.length > 0);
}

/** What all rules say, each violation once (VR1), by path and line. */
export function violationsOf(input: RuleInput): readonly Violation[] {
  const found = new Map<string, Violation>();
  for (const rule of Object.values(rules)) {
    for (const violation of rule(input)) {
      const id = `${violation.concept}\n${violation.key}`;
      if (!found.has(id)) found.set(id, violation);
    }
  }
  return [...found.values()].toSorted((a, b) => compare(a.path, b.path) || a.line - b.line || compare(a.key, b.key));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
