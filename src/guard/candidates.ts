/**
 * Pairs that are worth a look, found by what they share, never by comparing all with all.
 *
 * It only proposes: each pair once, whatever brought it up. What two units are to each other is for relations.ts to say.
 */
import { limits } from '../core/limits.ts';
import type { Unit } from './concept.ts';
import { type NameParts, partsOf } from './names.ts';
import { plainMethod, plainMethods, type Vocabulary, wordsOf } from './vocabulary.ts';

/** A unit with what pairs are found and judged by. */
export type Subject = {
  readonly unit: Unit;
  readonly parts: NameParts;
  /** `class` for classes and factories, which can stand for one another. */
  readonly family: 'class' | 'function' | 'type';
  /** What it offers: public methods, of a type or a record its fields; plain name to written name. */
  readonly offers: ReadonlyMap<string, string>;
  /** It has fields and no behaviour. */
  readonly isData: boolean;
};

export type Pair = readonly [Subject, Subject];

export function subjectsOf(units: Iterable<Unit>, vocabulary: Vocabulary): Subject[] {
  const subjects: Subject[] = [];
  for (const unit of units) {
    // What a language calls by itself.
    if (/^__\w+__$/.test(unit.name) || unit.name === 'default') continue;
    const isCode = unit.kind === 'function';
    const parts = partsOf(unit.name, unit.kind, vocabulary);
    const methods = unit.methods.filter((method) => !method.isPrivate);
    const isData = unit.kind === 'type' || (unit.kind === 'class' && methods.length === 0 && unit.fields.length > 0);
    const offers = isData
      ? [...unit.fields, ...methods.map((method) => method.name)].map((name): [string, string] => [
          plainField(name),
          name,
        ])
      : methods.map((method): [string, string] => [plainMethod(method.name), method.name]);
    const family = isCode ? 'function' : unit.kind === 'type' ? 'type' : 'class';
    subjects.push({ unit, parts, family, offers: new Map(offers), isData });
  }
  return subjects;
}

/** Of each core, how many numbered versions of it there are. */
export function versionsOf(subjects: readonly Subject[]): Map<string, number> {
  const found = new Map<string, Set<string>>();
  for (const { parts } of subjects) {
    const version = parts.words.find((word) => /^v\d+$/.test(word));
    if (version !== undefined) found.set(parts.core, (found.get(parts.core) ?? new Set()).add(version));
  }
  return new Map([...found].map(([core, versions]) => [core, versions.size]));
}

/** A field's name, however it is written. */
function plainField(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9']/g, '');
}

/** Every pair that shares a name, a core, a rare method or a piece of a body. Sorted by ids. */
export function findPairs(subjects: readonly Subject[], vocabulary: Vocabulary): Pair[] {
  const buckets = new Map<string, Subject[]>();
  const drop = (key: string, subject: Subject): void => {
    const bucket = buckets.get(key);
    if (bucket === undefined) buckets.set(key, [subject]);
    else bucket.push(subject);
  };
  for (const subject of subjects) for (const key of keysOf(subject, vocabulary)) drop(key, subject);
  const pairs = new Map<string, Pair>();
  const shared = new Map<string, number>();
  for (const [key, bucket] of buckets) {
    if (bucket.length < 2 || bucket.length > bucketMax(key)) continue;
    eachPair(bucket, ([a, b]) => {
      const id = `${a.unit.id}\0${b.unit.id}`;
      if (!mayMeet(a, b)) return;
      // One rare method or piece is chance; names are not.
      const found = (shared.get(id) ?? 0) + (key.startsWith('m:') || key.startsWith('b:') ? 1 : 3);
      shared.set(id, found);
      if (found >= 3) pairs.set(id, [a, b]);
    });
  }
  return [...pairs.entries()].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, pair]) => pair);
}

function bucketMax(key: string): number {
  if (key.startsWith('m:')) return limits.guardRareMethodUnitsMax;
  return key.startsWith('b:') ? limits.guardSharedBodyUnitsMax : limits.guardBucketUnitsMax;
}

function eachPair(bucket: readonly Subject[], see: (pair: Pair) => void): void {
  for (const [index, one] of bucket.entries()) {
    for (const other of bucket.slice(index + 1)) see(one.unit.id < other.unit.id ? [one, other] : [other, one]);
  }
}

/** One of them ships, they are in one language, and neither is private to its file beside a mere namesake. */
function mayMeet(a: Subject, b: Subject): boolean {
  if (a.unit.zone !== 'prod' && b.unit.zone !== 'prod') return false;
  return a.unit !== b.unit && (a.unit.lang === 'py') === (b.unit.lang === 'py');
}

/** Hashes of a body by which copies of it are found: the smallest, which copies share first. */
const bodyKeys = 12;

function keysOf(subject: Subject, vocabulary: Vocabulary): string[] {
  if (subject.family === 'function') return functionKeys(subject);
  if (subject.family === 'class') return classKeys(subject, vocabulary);
  const { unit, parts } = subject;
  return unit.isExported ? [`n:type:${parts.whole}`, `c:type:${parts.core}`] : [];
}

function functionKeys({ unit, parts }: Subject): string[] {
  const keys = [`n:function:${parts.whole}`];
  if (unit.isExported) keys.push(`c:function:${parts.core}`, `v:${plainMethod(parts.plain.join('_'))}`);
  if (unit.zone === 'prod' && unit.tokens >= 80) keys.push(...bodyKeysOf(unit, 'function'));
  return keys;
}

function classKeys({ unit, parts, offers }: Subject, vocabulary: Vocabulary): string[] {
  const code = unit.kind === 'factory' ? [`n:function:${wordsOf(unit.name.replace(/^_+/, '')).join('')}`] : [];
  const keys = [
    ...new Set([...code, `n:${parts.whole}`, `c:${parts.core}`, `c:${parts.bare}`, `s:${parts.scopeless}`]),
  ];
  if (unit.zone !== 'prod') return keys;
  if (parts.words.length >= 2) keys.push(`e:${parts.words.slice(-2).join('')}`);
  if (parts.role !== '') {
    keys.push(`g:${parts.subject}:${vocabulary.roleGroup.get(parts.role) ?? parts.role}`);
    for (const word of parts.words.slice(0, -1)) keys.push(`t:${word}:${parts.role}`);
  }
  for (const method of offers.keys()) if (!plainMethods.has(method)) keys.push(`m:${method}`);
  if (unit.tokens >= 120) keys.push(...bodyKeysOf(unit, 'class'));
  return keys;
}

function bodyKeysOf(unit: Unit, family: string): string[] {
  return [...unit.body.subarray(0, bodyKeys)].map((hash) => `b:${family}:${hash}`);
}
