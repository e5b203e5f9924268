/**
 * Only the places that `constructOnlyIn` names construct the canonical class.
 *
 * VK1  A place is a file, or a function or class in it; what is inside of it may construct too.
 * VK2  Tests may: what they make reaches nobody.
 */
import { configName, type GuardConfig } from '../config.ts';
import type { SourceTree, Unit } from '../concept.ts';
import type { ConstructionFacts } from '../facts.ts';
import { joinPlace, placeTest, splitPlace, type PlaceTest } from '../globs.ts';
import { violationOf, type RuleInput, type Violation } from './rule.ts';

const rule = 'construct-only';

export function constructOnly({ config, tree }: RuleInput): readonly Violation[] {
  const guarded = guardedUnits(config, tree);
  if (guarded.size === 0) return [];
  const found: Violation[] = [];
  for (const { path, zone, facts, names } of tree.files.values()) {
    if (zone !== 'prod' && zone !== 'example') continue;
    for (const construction of facts.constructions) {
      const concept = guarded.get(names.get(construction.name) ?? '');
      if (concept === undefined || isIn(concept.mayConstruct, path, construction.within)) continue;
      found.push(constructionViolation(concept, path, construction));
    }
  }
  return found;
}

function guardedUnits({ concepts = {} }: GuardConfig, { units }: SourceTree): ReadonlyMap<string, Guarded> {
  const guarded = new Map<string, Guarded>();
  for (const [id, { canonical, constructOnlyIn, mode = 'fail' }] of Object.entries(concepts)) {
    const unit = units.get(canonical);
    if (constructOnlyIn === undefined || unit === undefined) continue;
    guarded.set(unit.id, { id, unit, mode, factories: constructOnlyIn, mayConstruct: placeTest(constructOnlyIn) });
  }
  return guarded;
}

type Guarded = {
  readonly id: string;
  readonly unit: Unit;
  readonly mode: 'fail' | 'warn';
  readonly factories: readonly string[];
  readonly mayConstruct: PlaceTest;
};

/** `Factory.create` is in `Factory` (VK1). */
function isIn(test: PlaceTest, path: string, within: string): boolean {
  const parts = within.split('.');
  return parts.some((_, index) => test({ path, name: parts.slice(0, index + 1).join('.') }));
}

function constructionViolation(guarded: Guarded, path: string, { within, line }: ConstructionFacts): Violation {
  const { id, unit, mode, factories } = guarded;
  const consumer = joinPlace({ path, name: within });
  const [first = ''] = factories;
  const { name } = splitPlace(first);
  return violationOf(
    { rule, concept: id, consumer, target: unit.name },
    {
      mode,
      path,
      line,
      message: `${within === '' ? 'This file' : within} constructs ${unit.name}; only ${factories.map(nameOf).join(', ')} may.`,
      hint: `Take it from ${name === '' ? first : `${name} of ${splitPlace(first).path}`}, or add this place to "constructOnlyIn" of "${id}" in ${configName}.`,
      related: [{ path: unit.path, line: unit.span.line, what: unit.name }],
    },
  );
}

function nameOf(factory: string): string {
  const { path, name } = splitPlace(factory);
  return name === '' ? path : name;
}
