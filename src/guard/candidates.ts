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
  /** Who has one of these too may be a rival of it. */
  readonly keys: readonly string[];
};

export type Pair = readonly [Subject, Subject];

/** Subjects of units that were met before; undefined of what is none. */
export type KnownSubjects = WeakMap<Unit, Subject | undefined>;

/** The subjects of these units. What is in `known` was made with this vocabulary, and what is not yet is put there. */
export function subjectsOf(
  units: Iterable<Unit>,
  vocabulary: Vocabulary,
  known: KnownSubjects = new WeakMap(),
): Subject[] {
  const subjects: Subject[] = [];
  for (const unit of units) {
    const subject = known.has(unit) ? known.get(unit) : subjectOf(unit, vocabulary);
    known.set(unit, subject);
    if (subject !== undefined) subjects.push(subject);
  }
  return subjects;
}

function subjectOf(unit: Unit, vocabulary: Vocabulary): Subject | undefined {
  // What a language calls by itself.
  if (/^__\w+__$/.test(unit.name) || unit.name === 'default') return undefined;
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
  const subject = { unit, parts, family, offers: new Map(offers), isData } as const;
  return { ...subject, keys: keysOf(subject, vocabulary) };
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

/** Every pair that shares a name, a core, a rare method or a piece of a body. Sorted by ids, as the subjects are. */
export function findPairs(subjects: readonly Subject[]): Pair[] {
  const buckets = new Map<string, number[]>();
  for (const [index, { keys }] of subjects.entries()) {
    for (const key of keys) {
      const bucket = buckets.get(key);
      if (bucket === undefined) buckets.set(key, [index]);
      else bucket.push(index);
    }
  }
  const pairs: Pair[] = [];
  for (const pair of enough(subjects, buckets).toSorted()) {
    const [a, b] = [subjects[Math.floor(pair / subjects.length)], subjects[pair % subjects.length]];
    if (a !== undefined && b !== undefined) pairs.push([a, b]);
  }
  return pairs;
}

/** Pairs that share enough, each as a number: the place of the first, times how many there are, and that of the second. */
function enough(subjects: readonly Subject[], buckets: ReadonlyMap<string, readonly number[]>): Float64Array {
  const shared = new Map<number, number>();
  for (const [key, bucket] of buckets) {
    if (bucket.length < 2 || bucket.length > bucketMax(key)) continue;
    // One rare method or piece is chance; names are not.
    const weight = key.startsWith('m:') || key.startsWith('b:') ? 1 : 3;
    for (const [at, first] of bucket.entries()) {
      for (const second of bucket.slice(at + 1)) {
        if (!mayMeet(subjects[first], subjects[second])) continue;
        const pair = first * subjects.length + second;
        shared.set(pair, (shared.get(pair) ?? 0) + weight);
      }
    }
  }
  return Float64Array.from([...shared].flatMap(([pair, found]) => (found >= 3 ? [pair] : [])));
}

function bucketMax(key: string): number {
  if (key.startsWith('m:')) return limits.guardRareMethodUnitsMax;
  return key.startsWith('b:') ? limits.guardSharedBodyUnitsMax : limits.guardBucketUnitsMax;
}

/** One of them ships, they are in one language, and neither is private to its file beside a mere namesake. */
function mayMeet(a: Subject | undefined, b: Subject | undefined): boolean {
  if (a === undefined || b === undefined) return false;
  if (a.unit.zone !== 'prod' && b.unit.zone !== 'prod') return false;
  return a.unit !== b.unit && (a.unit.lang === 'py') === (b.unit.lang === 'py');
}

/** Hashes of a body by which copies of it are found: the smallest, which copies share first. */
const bodyKeys = 12;

type Keyless = Omit<Subject, 'keys'>;

function keysOf(subject: Keyless, vocabulary: Vocabulary): string[] {
  if (subject.family === 'function') return functionKeys(subject);
  if (subject.family === 'class') return classKeys(subject, vocabulary);
  const { unit, parts } = subject;
  return unit.isExported ? [`n:type:${parts.whole}`, `c:type:${parts.core}`] : [];
}

function functionKeys({ unit, parts }: Keyless): string[] {
  const keys = [`n:function:${parts.whole}`];
  if (unit.isExported) keys.push(`c:function:${parts.core}`, `v:${plainMethod(parts.plain.join('_'))}`);
  if (unit.zone === 'prod' && unit.tokens >= 80) keys.push(...bodyKeysOf(unit, 'function'));
  return keys;
}

function classKeys({ unit, parts, offers }: Keyless, vocabulary: Vocabulary): string[] {
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
