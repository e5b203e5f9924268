/** "Does something like this exist?", asked before it is written. */
import type { ScanReport, Unit } from './concept.ts';
import { scanOptions } from './audit.ts';
import type { GuardConfig } from './config.ts';
import { nameTest } from './globs.ts';
import { partsOf, relate } from './names.ts';
import { vocabularyOf, wordsOf } from './vocabulary.ts';

export type Answer = {
  readonly unit: Unit;
  /** How its name is related to what was asked for. */
  readonly relation: 'same' | 'modifier' | 'scope' | 'synonym' | 'role';
  /** The declared concept it belongs to. */
  readonly concept?: string;
  /** It is the one implementation of that concept. */
  readonly isCanonical: boolean;
};

const order: readonly Answer['relation'][] = ['same', 'modifier', 'scope', 'synonym', 'role'];

/**
 * Units in production whose names mean about what was asked for, the nearest first; canonical ones before all.
 *
 * @example
 * ask(scan, config, 'rate limiter'); // RateLimiter, UserRateLimiter
 */
export function ask(scan: ScanReport, config: GuardConfig, words: string): readonly Answer[] {
  const vocabulary = vocabularyOf(scanOptions('', config).vocabulary);
  const name = wordsOf(words.replaceAll(/[\s-]+/g, '_'))
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
  const wanted = partsOf(name, 'class', vocabulary);
  const answers = [...scan.tree.units.values()].flatMap((unit): readonly Answer[] => {
    if (unit.zone !== 'prod' || unit.outer !== undefined) return [];
    const relation = relate(wanted, partsOf(unit.name, unit.kind, vocabulary), false, vocabulary);
    return relation === 'none' ? [] : [{ unit, relation, ...conceptOf(config, unit) }];
  });
  return answers.toSorted(
    (a, b) =>
      Number(b.isCanonical) - Number(a.isCanonical) ||
      order.indexOf(a.relation) - order.indexOf(b.relation) ||
      (a.unit.id < b.unit.id ? -1 : 1),
  );
}

/** The declared concept that a unit is the canonical one of, or by its name would be a rival in. */
export function conceptOf(
  { concepts = {} }: GuardConfig,
  unit: Pick<Unit, 'id' | 'name'>,
): Pick<Answer, 'concept' | 'isCanonical'> {
  for (const [concept, { canonical, match = [] }] of Object.entries(concepts)) {
    if (canonical === unit.id) return { concept, isCanonical: true };
    if (nameTest(match)(unit.name)) return { concept, isCanonical: false };
  }
  return { isCanonical: false };
}
