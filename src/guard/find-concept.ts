/** Finds the concept that a person means, and says what there is where there is none. One search, whoever asks. */
import { clip, ValidationError } from '../core/errors.ts';
import { nearestName } from '../core/names.ts';
import type { Concept, ScanReport } from './concept.ts';

const nearMax = 5;

/**
 * The concept of this id, else of this name, else with a unit of this name or id, in any letter case. Throws a
 * ValidationError where there is none, or more than one.
 */
export function findConcept({ concepts }: Pick<ScanReport, 'concepts'>, wanted: string): Concept {
  const plain = wanted.toLowerCase();
  const exact = concepts.find(({ id }) => id === wanted);
  if (exact !== undefined) return exact;
  const named = concepts.filter(({ id, name }) => id.toLowerCase() === plain || name.toLowerCase() === plain);
  const meant = named.length > 0 ? named : concepts.filter(({ units }) => units.some((id) => isCalled(id, wanted)));
  const [found, ...others] = meant;
  if (found === undefined) throw unknownConcept({ concepts }, wanted);
  if (others.length === 0) return found;
  throw new ValidationError(`"${clip(wanted)}" could be ${meant.length} concepts.`, {
    hint: `Say which: ${meant.map(({ id }) => id).join(', ')}.`,
  });
}

function isCalled(unit: string, wanted: string): boolean {
  return unit === wanted || unit.slice(unit.indexOf('#') + 1).toLowerCase() === wanted.toLowerCase();
}

/** No concept of this name was found: what was probably meant, or where all of them are told. */
export function unknownConcept({ concepts }: Pick<ScanReport, 'concepts'>, wanted: string): ValidationError {
  const near = nearConcepts(concepts, wanted);
  const all = 'cantus guard scan --all';
  return new ValidationError(`There is no concept "${clip(wanted)}" with more than one implementation.`, {
    hint: near.length === 0 ? `See which there are: ${all}.` : `Did you mean ${near.join(', ')}? All of them: ${all}.`,
  });
}

/** By how they are written, then by a word that both have; the worst concept first. */
function nearConcepts(concepts: readonly Concept[], wanted: string): readonly string[] {
  const ids = concepts.map(({ id }) => id);
  const words = wordsOf(wanted);
  const alike = nearestName(wanted, ids);
  const related = ids.filter((id) => wordsOf(id).some((word) => words.includes(word)));
  return [...new Set([...(alike === undefined ? [] : [alike]), ...related])].slice(0, nearMax);
}

/** `JobRunner`, `job_runner` and `job-runner` have the same; a word of two letters says nothing. */
function wordsOf(text: string): readonly string[] {
  const plain = text.replaceAll(/(?<=[a-z\d])(?=[A-Z])/g, '-').toLowerCase();
  return plain.split(/[^\p{L}\d]+/u).filter((word) => word.length > 2);
}
