/**
 * A person's decision: which of the rivals is the canonical one.
 *
 * VP1  The guard proposes and never picks: the unit is always named by whoever decides.
 * VP2  The decision names what it means by name, so that the next one of that name is a rival from its first day; a pattern
 *      is written only where it means no unit but those decided on.
 */
import { ValidationError } from '../core/errors.ts';
import { nearestName } from '../core/names.ts';
import type { Concept, ScanReport, Unit } from './concept.ts';
import type { DeclaredConcept, GuardConfig } from './config.ts';
import { unknownConcept } from './find-concept.ts';
import { nameTest } from './globs.ts';

/** A decision, and the configuration that holds it. */
export type Decision = {
  readonly config: GuardConfig;
  readonly id: string;
  readonly canonical: Unit;
  /** Ids of the others, which are violations from now on. */
  readonly others: readonly string[];
};

/**
 * Declares that `wanted` is the one implementation of a concept: one that was found, one that is declared, or a new one
 * where `wanted` is a full id. `wanted` may be short (`UserEngine`) where that means one unit of the concept alone.
 * Throws a ValidationError that says what there is.
 *
 * @example
 * decide(scan, config, 'execution-engine', 'UserExecutionEngine');
 */
export function decide(scan: ScanReport, config: GuardConfig, id: string, wanted: string): Decision {
  const concept = scan.concepts.find((found) => found.id === id);
  const declared = config.concepts?.[id];
  const canonical = unitOf(scan, concept, wanted);
  if (concept === undefined && declared === undefined && !wanted.includes('#')) {
    const { message, hint = '' } = unknownConcept(scan, id);
    throw new ValidationError(message, {
      hint: `${hint} One without rivals is declared by its unit: cantus guard decide ${id} PATH#NAME.`,
    });
  }
  const units = (concept?.units ?? [canonical.id]).flatMap((unit) => scan.tree.units.get(unit) ?? []);
  const decided = { ...declared, match: [...(declared?.match ?? matchOf(units, scan))], canonical: canonical.id };
  return {
    config: withConcept(config, id, decided),
    id,
    canonical,
    others: units.filter((unit) => unit.id !== canonical.id).map((unit) => unit.id),
  };
}

/** A concept that is decided on is no longer dismissed. */
function withConcept(config: GuardConfig, id: string, concept: DeclaredConcept): GuardConfig {
  const concepts = { ...config.concepts, [id]: concept };
  const dismissed = config.dismissed?.filter((dismissal) => dismissal.concept !== id);
  return { ...config, concepts, ...(dismissed === undefined ? {} : { dismissed }) };
}

function unitOf(scan: ScanReport, concept: Concept | undefined, wanted: string): Unit {
  const exact = scan.tree.units.get(wanted);
  if (exact !== undefined) return exact;
  const among = concept?.units ?? [...scan.tree.units.keys()];
  const meant = among.filter((id) => id.endsWith(`#${wanted}`) || id.endsWith(`/${wanted}`));
  const unit = scan.tree.units.get(meant[0] ?? '');
  if (meant.length === 1 && unit !== undefined) return unit;
  if (meant.length > 1) {
    throw new ValidationError(`"${wanted}" could be ${meant.length} units.`, {
      hint: ['Write one of:', ...meant].join('\n'),
    });
  }
  const near = nearestName(
    wanted,
    among.map((id) => id.slice(id.lastIndexOf('#') + 1)),
  );
  const there = concept === undefined ? 'A unit is written PATH#NAME.' : `There is: ${concept.units.join(', ')}`;
  throw new ValidationError(`There is no unit "${wanted}"${concept === undefined ? '' : ` in ${concept.id}`}.`, {
    hint: near === undefined ? there : `Did you mean "${near}"? ${there}`,
  });
}

/** `*ExecutionEngine` where that means these units alone, else their names. (VP2) */
function matchOf(units: readonly Unit[], { tree }: ScanReport): readonly string[] {
  const names = [...new Set(units.map(({ name }) => name))].toSorted();
  const words = names.map((name) => name.match(/[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])|_/g) ?? [name]);
  const [first = []] = words;
  let common = 0;
  while (common < first.length && words.every((own) => own.at(-1 - common) === first.at(-1 - common))) common += 1;
  const ending = first.slice(first.length - common).join('');
  if (common < 2) return names;
  const ids = new Set(units.map(({ id }) => id));
  const pattern = `*${ending}`;
  const isMeant = nameTest([pattern]);
  const means = [...tree.units.values()].filter(
    (unit) => unit.zone === 'prod' && unit.outer === undefined && isMeant(unit.name),
  );
  return means.every(({ id }) => ids.has(id)) ? [pattern] : names;
}
