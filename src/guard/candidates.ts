/** What pairs are made of: units, with all that they are found and judged by. */
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
  /** Hashes of its body by which copies of it are found: the smallest, which copies share first. */
  readonly pieces: Uint32Array;
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
  return { ...subject, keys: keysOf(subject, vocabulary), pieces: piecesOf(subject) };
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

type Keyless = Omit<Subject, 'keys' | 'pieces'>;

function keysOf(subject: Keyless, vocabulary: Vocabulary): string[] {
  if (subject.family === 'function') return functionKeys(subject);
  if (subject.family === 'class') return classKeys(subject, vocabulary);
  const { unit, parts } = subject;
  return unit.isExported ? [`n:type:${parts.whole}`, `c:type:${parts.core}`] : [];
}

function functionKeys({ unit, parts }: Keyless): string[] {
  const keys = [`n:function:${parts.whole}`];
  if (unit.isExported) keys.push(`c:function:${parts.core}`, `v:${plainMethod(parts.plain.join('_'))}`);
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
  return keys;
}

/** So many say enough; a body of fewer tokens says too little. */
const piecesMax = 12;
const tokensMin = { function: 80, class: 120, type: Infinity } as const;

function piecesOf({ unit, family }: Keyless): Uint32Array {
  const isLarge = unit.zone === 'prod' && unit.tokens >= tokensMin[family];
  return unit.body.subarray(0, isLarge ? piecesMax : 0);
}
