/** How alike two units are: what both offer, how alike their bodies are, which variables hold now the one, now the other. */
import type { Evidence } from './concept.ts';
import type { Pair, Subject } from './candidates.ts';
import { nameWeight, relate } from './names.ts';
import { compareBodies, compareTerms } from './parse-body.ts';
import { plainMethods, type Vocabulary, wordsOf } from './vocabulary.ts';

/** Of each unit, the variables that hold it, over the whole tree. */
export type Bindings = ReadonlyMap<string, ReadonlySet<string>>;

export function measure([a, b]: Pair, bindings: Bindings, vocabulary: Vocabulary): Evidence {
  // One of two factories may be told as a function: their names are still one.
  const isOneName = a.unit.name === b.unit.name;
  const nameRelation = isOneName ? 'same' : relate(a.parts, b.parts, a.family === 'function', vocabulary);
  const { shared, jaccard, containment } = overlap(a.offers, b.offers);
  const body = compareBodies(a.unit, b.unit);
  const terms = compareTerms(a.unit, b.unit);
  const fields = overlap(fieldsOf(a), fieldsOf(b));
  const bound = [bindings.get(a.unit.id), bindings.get(b.unit.id)];
  const boundAs = [...(bound[0] ?? [])].filter((name) => bound[1]?.has(name) === true).toSorted();
  const fewest = Math.min(bound[0]?.size ?? 0, bound[1]?.size ?? 0);
  return {
    nameRelation,
    name: nameWeight[nameRelation],
    shared,
    methodJaccard: jaccard,
    methodContainment: containment,
    bodyJaccard: body.jaccard,
    bodyContainment: body.containment,
    termJaccard: terms.jaccard,
    termContainment: terms.containment,
    fieldContainment: fields.containment,
    sharedFields: fields.shared,
    bindings: fewest === 0 ? 0 : boundAs.length / fewest,
    boundAs,
  };
}

/** Asked once of each subject, for it is in many pairs. */
const knownFields = new WeakMap<Subject, ReadonlyMap<string, string>>();

/** What a unit is made of, however it is written. */
function fieldsOf(subject: Subject): ReadonlyMap<string, string> {
  const known = knownFields.get(subject);
  if (known !== undefined) return known;
  const { fields, params } = subject.unit;
  const found = new Map([...fields, ...params].map((name) => [name.toLowerCase().replaceAll(/[^a-z0-9]/g, ''), name]));
  knownFields.set(subject, found);
  return found;
}

function overlap(
  a: ReadonlyMap<string, string>,
  b: ReadonlyMap<string, string>,
): { shared: string[]; jaccard: number; containment: number } {
  const shared: string[] = [];
  for (const [plain, written] of a) if (b.has(plain)) shared.push(written);
  const all = a.size + b.size - shared.length;
  const least = Math.min(a.size, b.size);
  return {
    shared: shared.toSorted(),
    jaccard: all === 0 ? 0 : shared.length / all,
    containment: least === 0 ? 0 : shared.length / least,
  };
}

/** Tokens of the smaller body. */
export function leastTokens([a, b]: Pair): number {
  return Math.min(a.unit.tokens, b.unit.tokens);
}

/** The sum that findings are ordered by. */
export function scoreOf(evidence: Evidence): number {
  const methods = Math.max(evidence.methodJaccard, 0.7 * evidence.methodContainment);
  const body = Math.max(evidence.bodyJaccard, 0.6 * evidence.bodyContainment);
  const sum = 0.4 * evidence.name + 0.3 * methods + 0.2 * body + 0.1 * evidence.bindings;
  return Math.round(sum * 1_000) / 1_000;
}

/**
 * Shared methods that say something: not what every store or lifecycle has, and not only the subject that the name says
 * already (`create_session` of a SessionManager).
 */
export function tellingMethods({ shared }: Evidence, [a]: readonly [Subject, Subject]): readonly string[] {
  const said = new Set(a.parts.words.flatMap((word) => [word, `${word}s`, `${word}es`]));
  return shared.filter((method) => {
    const words = wordsOf(method);
    if (plainMethods.has(method.toLowerCase())) return false;
    return words.some(
      (word, index) =>
        !said.has(word) && !(index === 0 && plainMethods.has(word)) && !/^(?:by|for|all|from|to|id)$/.test(word),
    );
  });
}
