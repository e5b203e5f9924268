/** What a person looked at and found to be no rivals. */
import type { Concept } from './concept.ts';
import type { GuardConfig } from './config.ts';
import { placeTest, splitPlace } from './globs.ts';

/**
 * Was this concept dismissed? With `units`, only as long as each of its units is one of them: a copy that comes later
 * is nobody's decision yet.
 */
export function isDismissed({ dismissed = [] }: GuardConfig, { id, units }: Pick<Concept, 'id' | 'units'>): boolean {
  return dismissed.some((dismissal) => {
    if (dismissal.concept !== id) return false;
    const isMeant = dismissal.units === undefined ? () => true : placeTest(dismissal.units);
    return units.every((unit) => isMeant(splitPlace(unit)));
  });
}
