/**
 * One implementation of each declared concept.
 *
 * GO1  A unit of the same kind whose name matches is a rival of the canonical one, wherever it is (or where `in` says).
 * GO2  So is what the detector is certain of, whatever its name; also a certain rival of a rival, so that the copy of a
 *      rival that is known is not taken for it.
 * GO3  A rival that `allow` names with a reason is none, as long as the waiver holds.
 * GO4  What implements a canonical type that is a `contract` is an adapter, whatever its name, and is allowed with a reason.
 * GO5  A canonical unit that is not there is a violation: nothing else would keep the others out.
 */
import { configName, holds, type DeclaredConcept } from '../config.ts';
import type { Unit } from '../concept.ts';
import { nameTest, pathTest, placeTest, splitPlace } from '../globs.ts';
import { violationOf, type RuleInput, type Violation } from './rule.ts';

const rule = 'one-implementation';

export function oneImplementation(input: RuleInput): readonly Violation[] {
  return Object.entries(input.config.concepts ?? {}).flatMap(([id, concept]) => {
    const canonical = input.tree.units.get(concept.canonical);
    return canonical === undefined
      ? [lost(input, id, concept)]
      : rivalsOf(input, concept, canonical).map((rival) => rivalViolation(id, concept, canonical, rival));
  });
}

type Rival = { readonly unit: Unit; readonly why: string };

/** Every unit that stands beside the canonical one, allowed ones left out. Sorted by id. */
export function rivalsOf(input: RuleInput, concept: DeclaredConcept, canonical: Unit): readonly Rival[] {
  const { units } = input.tree;
  const found = new Map<string, Rival>();
  const isCounted = countedTest(concept, input.today);
  const isMeant = nameTest(concept.match ?? []);
  const add = (unit: Unit | undefined, why: string): void => {
    if (unit === undefined || unit.id === canonical.id || found.has(unit.id) || !isCounted(unit)) return;
    found.set(unit.id, { unit, why });
  };
  for (const unit of units.values()) {
    if (unit.outer === undefined && isSameKind(unit, canonical) && isMeant(unit.name)) add(unit, 'its name matches');
  }
  if (concept.contract === true) {
    for (const unit of units.values())
      if (unit.ancestors.includes(canonical.id)) add(unit, 'it implements the contract');
  }
  const certain = input.edges.filter(({ verdict, tier }) => verdict === 'rival' && tier === 'certain');
  // What is found while this goes on is followed too (GO2): a Map gives its iterator what is added meanwhile.
  const follow = (id: string): void => {
    for (const { a, b, reason } of certain) if (a === id || b === id) add(units.get(a === id ? b : a), reason);
  };
  follow(canonical.id);
  for (const id of found.keys()) follow(id);
  return [...found.values()].toSorted((a, b) => (a.unit.id < b.unit.id ? -1 : 1));
}

/** Is a unit in production, where the concept is looked for, and not allowed (GO3)? */
function countedTest(concept: DeclaredConcept, today: string): (unit: Unit) => boolean {
  const isAllowed = placeTest((concept.allow ?? []).filter((waiver) => holds(waiver, today)).map(({ unit }) => unit));
  const isInPlace = concept.in === undefined ? () => true : pathTest(concept.in);
  return (unit) => unit.zone === 'prod' && isInPlace(unit.path) && !isAllowed(unit);
}

/** A type is no rival of a class that implements it, nor a function of what it makes. */
function isSameKind(a: Unit, b: Unit): boolean {
  return kindOf(a) === kindOf(b);
}

function kindOf({ kind }: Unit): Unit['kind'] {
  return kind === 'factory' ? 'function' : kind;
}

function rivalViolation(id: string, concept: DeclaredConcept, canonical: Unit, { unit, why }: Rival): Violation {
  return violationOf(
    { rule, concept: id, consumer: unit.id, target: canonical.name },
    {
      mode: concept.mode ?? 'fail',
      path: unit.path,
      line: unit.span.line,
      message: `${unit.name} is a second implementation of ${id} (${why}).`,
      hint: `Use ${canonical.name} of ${canonical.path}. If it has to be, say why under "allow" of "${id}" in ${configName}.`,
      related: [{ path: canonical.path, line: canonical.span.line, what: `the canonical ${canonical.name}` }],
    },
  );
}

function lost({ tree }: RuleInput, id: string, concept: DeclaredConcept): Violation {
  const { name } = splitPlace(concept.canonical);
  const moved = [...tree.units.values()].filter((unit) => unit.name === name && unit.zone === 'prod');
  const [only] = moved;
  const hint =
    moved.length === 1 && only !== undefined
      ? `It may have moved: there is ${only.id}. Say so with \`cantus guard decide ${id} ${only.id}\`.`
      : `Name the one that is: \`cantus guard decide ${id} PATH#NAME\`.`;
  return violationOf(
    { rule, concept: id, consumer: configName, target: name },
    {
      mode: concept.mode ?? 'fail',
      path: configName,
      line: 1,
      message: `The canonical ${concept.canonical} of ${id} is not there.`,
      hint,
    },
  );
}
