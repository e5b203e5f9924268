/** A person's decision that what looks like rivals is none. */
import { ValidationError } from '../core/errors.ts';
import type { ScanReport } from './concept.ts';
import type { GuardConfig } from './config.ts';
import { unknownConcept } from './find-concept.ts';

/**
 * Dismisses a concept as it is now, with the reason: another unit that joins it later brings it back.
 * Throws a ValidationError without a reason, for one that was not found, and for one that is declared.
 *
 * @example
 * dismiss(scan, config, 'redis-service', 'separate deployables');
 */
export function dismiss(scan: ScanReport, config: GuardConfig, id: string, why: string): GuardConfig {
  if (why.trim() === '') {
    throw new ValidationError('A dismissal needs a reason, for whoever reads it in a year.', {
      hint: 'Give one: --why "..."',
    });
  }
  if (config.concepts?.[id] !== undefined) {
    throw new ValidationError(`"${id}" is declared: it can't be dismissed too.`, {
      hint: 'Let single rivals be under its "allow", or take it out of "concepts" first.',
    });
  }
  const concept = scan.concepts.find((found) => found.id === id);
  if (concept === undefined) throw unknownConcept(scan, id);
  const others = (config.dismissed ?? []).filter((dismissal) => dismissal.concept !== id);
  return { ...config, dismissed: [...others, { concept: id, units: [...concept.units].toSorted(), why }] };
}
