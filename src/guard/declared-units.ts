/** Which units belong to what `guard.json` declares: by the rule that the check goes by (GO1 to GO4), whoever asks. */
import { rivalsOf } from './rules/one-implementation.ts';
import type { RuleInput } from './rules/rule.ts';

/** A unit of a declared concept: its one implementation, or what stands beside that. */
export type Membership = { readonly concept: string; readonly isCanonical: boolean };

/** By unit id. A unit that two concepts claim is the canonical one of either, else it is of the first. */
export function declaredUnits(input: RuleInput): ReadonlyMap<string, Membership> {
  const members = new Map<string, Membership>();
  const declared = Object.entries(input.config.concepts ?? {}).flatMap(([concept, rule]) => {
    const canonical = input.tree.units.get(rule.canonical);
    return canonical === undefined ? [] : [{ concept, rule, canonical }];
  });
  for (const { concept, canonical } of declared) {
    if (!members.has(canonical.id)) members.set(canonical.id, { concept, isCanonical: true });
  }
  for (const { concept, rule, canonical } of declared) {
    for (const { unit } of rivalsOf(input, rule, canonical)) {
      if (!members.has(unit.id)) members.set(unit.id, { concept, isCanonical: false });
    }
  }
  return members;
}
