/** "Does something like this exist?", asked before it is written. */
import { type Audit, scanOptions } from './audit.ts';
import type { Unit } from './concept.ts';
import { declaredUnits } from './declared-units.ts';
import { type NameParts, partsOf, relate } from './names.ts';
import { vocabularyOf, wordsOf } from './vocabulary.ts';

/** A unit that is called about like what was asked for. */
export type Answer = {
  readonly unit: Unit;
  /** How its name is related to what was asked for; `part`: it has all these words, and others before or between. */
  readonly relation: 'same' | 'modifier' | 'scope' | 'synonym' | 'role' | 'part';
  /** The declared concept it belongs to. */
  readonly concept?: string;
  /** It is the one implementation of that concept. */
  readonly isCanonical: boolean;
};

const order: readonly Answer['relation'][] = ['same', 'modifier', 'scope', 'synonym', 'role', 'part'];

/**
 * Units in production whose names mean about what was asked for, the nearest first; canonical ones before all. `today`: as 2026-11-22, for
 * waivers that end.
 *
 * @example
 * ask(audit, 'rate limiter', '2026-11-22'); // RateLimiter, UserRateLimiter
 */
export function ask({ scan, config }: Pick<Audit, 'scan' | 'config'>, words: string, today: string): readonly Answer[] {
  const vocabulary = vocabularyOf(scanOptions('', config).vocabulary);
  const name = wordsOf(words.replaceAll(/[\s-]+/g, '_'))
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
  const wanted = partsOf(name, 'class', vocabulary);
  const members = declaredUnits({ config, tree: scan.tree, edges: scan.edges, paths: [], today });
  const answers = [...scan.tree.units.values()].flatMap((unit): readonly Answer[] => {
    if (unit.zone !== 'prod' || unit.outer !== undefined) return [];
    const named = partsOf(unit.name, unit.kind, vocabulary);
    const related = relate(wanted, named, false, vocabulary);
    const relation = related === 'none' && hasAll(named, wanted) ? 'part' : related;
    return relation === 'none' ? [] : [{ unit, relation, isCanonical: false, ...members.get(unit.id) }];
  });
  return answers.toSorted(
    (a, b) =>
      Number(b.isCanonical) - Number(a.isCanonical) ||
      order.indexOf(a.relation) - order.indexOf(b.relation) ||
      (a.unit.id < b.unit.id ? -1 : 1),
  );
}

/** `engine` asks for every engine, though two of them are no rivals for that word. */
function hasAll({ words }: NameParts, wanted: NameParts): boolean {
  return wanted.words.length > 0 && wanted.words.every((word) => words.includes(word));
}
