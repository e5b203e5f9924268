/**
 * How the names of two units are related: modifiers, subject and role.
 *
 * GN1  A modifier is taken off only where a subject is left: a name is never reduced to a bare role, unless the other one
 *      is called just that (Tracer, ModernTracer).
 */
import type { NameRelation } from './concept.ts';
import type { UnitKind } from './facts.ts';
import { plainMethod, type Vocabulary, wordsOf } from './vocabulary.ts';

/** A name, taken apart once. */
export type NameParts = {
  readonly words: readonly string[];
  /** All words, in lower case and without what lies between them. */
  readonly whole: string;
  /** Written with a capital first: a component is not the function of that name. */
  readonly isCapital: boolean;
  /** Without vacuous words. */
  readonly core: string;
  /** The same even where only a role is left. */
  readonly bare: string;
  /** Without vacuous words and without words of scope at the front. */
  readonly scopeless: string;
  /** The words of that. */
  readonly plain: readonly string[];
  readonly role: string;
  readonly subject: string;
};

const makes = new Set('create make build new open'.split(' '));

export function partsOf(name: string, kind: UnitKind, vocabulary: Vocabulary): NameParts {
  const isCode = kind === 'function';
  const written = wordsOf(name.replace(/^_+/, ''));
  // `createEventBus` gives what `EventBus` is.
  const words = kind === 'factory' && written.length > 1 && makes.has(written[0] ?? '') ? written.slice(1) : written;
  // `newThing` makes one; only `NewThing` says that there was one before.
  const kept = words.filter((word, index) => !isVacuous(word, vocabulary) || (isCode && index === 0 && word === 'new'));
  const core = hasSubject(kept, vocabulary) ? kept : words;
  let from = 0;
  while (
    vocabulary.scope.has(core[from] ?? '') &&
    hasSubject(core.slice(from + 1), vocabulary) &&
    core.length - from > 2
  )
    from += 1;
  const scopeless = core.slice(from);
  const role = core.at(-1) ?? '';
  return {
    words,
    whole: words.join(''),
    isCapital: /^_*[A-Z]/.test(name),
    core: core.join(''),
    bare: kept.join(''),
    scopeless: scopeless.join(''),
    plain: scopeless,
    role: vocabulary.roles.has(role) ? role : '',
    subject: core.slice(0, -1).join(''),
  };
}

function isVacuous(word: string, vocabulary: Vocabulary): boolean {
  return vocabulary.vacuous.has(word) || /^v\d+$/.test(word);
}

function hasSubject(words: readonly string[], vocabulary: Vocabulary): boolean {
  return words.length > 1 || words.some((word) => !vocabulary.roles.has(word) && !/^\d+$/.test(word));
}

/** How two names are related, the strongest first. */
export function relate(a: NameParts, b: NameParts, isCode: boolean, vocabulary: Vocabulary): NameRelation {
  if (isCode) return relateCode(a, b);
  if (a.whole === b.whole) return 'same';
  if (a.core === b.core || a.whole === b.bare || b.whole === a.bare) return 'modifier';
  if (a.scopeless === b.scopeless) return 'scope';
  if (isWithin(a, b) || isWithin(b, a)) return 'role';
  return a.subject !== '' && a.subject === b.subject && isOneRole(a, b, vocabulary) ? 'synonym' : 'none';
}

/** Of functions; a component is not the function of that name. */
function relateCode(a: NameParts, b: NameParts): NameRelation {
  if (a.isCapital !== b.isCapital) return 'none';
  if (a.whole === b.whole) return 'same';
  if (a.core === b.core || a.whole === b.bare || b.whole === a.bare) return 'modifier';
  if (a.scopeless === b.scopeless) return 'scope';
  return plainMethod(a.plain.join('_')) === plainMethod(b.plain.join('_')) ? 'synonym' : 'none';
}

function isOneRole(a: NameParts, b: NameParts, { roleGroup }: Vocabulary): boolean {
  const group = roleGroup.get(a.role);
  return group !== undefined && group === roleGroup.get(b.role);
}

/** Does the one name end in the other? A word in between makes another subject (OrganizationUserController). */
function isWithin(small: NameParts, large: NameParts): boolean {
  if (small.words.length < 2 || small.words.length >= large.words.length) return false;
  return large.words.slice(-small.words.length).join(' ') === small.words.join(' ');
}

/** How much a relation of names says, from 0 to 1. */
export const nameWeight: Readonly<Record<NameRelation, number>> = {
  same: 1,
  modifier: 0.9,
  scope: 0.7,
  role: 0.4,
  synonym: 0.5,
  none: 0,
};
