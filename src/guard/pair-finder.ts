/**
 * Pairs that are worth a look, found by what they share, never by comparing all with all.
 *
 * It only proposes: each pair once, whatever brought it up. What two units are to each other is for relations.ts to say.
 *
 * GI1  What is found of some subjects is the same whatever was found of others before: of those that came and went only
 *      their keys are gone through anew.
 */
import { limits } from '../core/limits.ts';
import type { Pair, Subject } from './candidates.ts';

/** A subject's number as long as it is there, and in numbers of pairs twice: below this, two of them are one number. */
const numbersMax = 2 ** 26;

/** Pairs that share less than a name, or three of what is less, are chance. */
const sharedMin = 3;

/** A name, or a piece of a body of one family. */
type Key = string | number;

/** Numbers of subjects that have one key. Most have it alone. */
type Bucket = number | number[];

function keysOf(subjects: readonly Subject[]): ReadonlySet<Key> {
  const keys = new Set<Key>();
  for (const { keys: names, pieces, family } of subjects) {
    for (const name of names) keys.add(name);
    for (const piece of pieces) keys.add(piece * 2 + (family === 'function' ? 1 : 0));
  }
  return keys;
}

/** How many units may have a key that says something, and how much it says: one rare method or piece is chance, a name is not. */
function countingOf(key: Key): { readonly unitsMax: number; readonly weight: number } {
  if (typeof key === 'number') return { unitsMax: limits.guardSharedBodyUnitsMax, weight: 1 };
  if (key.startsWith('m:')) return { unitsMax: limits.guardRareMethodUnitsMax, weight: 1 };
  return { unitsMax: limits.guardBucketUnitsMax, weight: sharedMin };
}

/** Finds the pairs of one tree after another. */
export class PairFinder {
  /** By their numbers, sorted by ids as they were given last. */
  #numbers = new Map<Subject, number>();
  readonly #subjects: (Subject | undefined)[] = [];
  readonly #buckets = new Map<Key, Bucket>();
  readonly #shared = new Map<number, number>();
  /** Pairs that share enough. */
  readonly #enough = new Set<number>();
  #lastNumber = 0;

  /** Every pair that shares a name, a core, a rare method or a piece of a body. Sorted by ids, as the subjects are. */
  find(subjects: readonly Subject[]): Pair[] {
    const gone = new Map(this.#numbers);
    for (const subject of subjects) gone.delete(subject);
    const come = subjects.filter((subject) => !this.#numbers.has(subject));
    const keys = this.#numbers.size === 0 ? undefined : keysOf([...gone.keys(), ...come]);
    for (const key of keys ?? []) this.#count(key, -1);
    for (const [subject, number] of gone) this.#leave(subject, number);
    for (const subject of come) this.#enter(subject);
    // Of the first ones it is every key that there is.
    for (const key of keys ?? this.#buckets.keys()) this.#count(key, 1);
    return this.#sorted(subjects);
  }

  #enter(subject: Subject): void {
    this.#lastNumber += 1;
    this.#numbers.set(subject, this.#lastNumber);
    this.#subjects[this.#lastNumber] = subject;
    for (const key of keysOf([subject])) {
      const bucket = this.#buckets.get(key);
      if (typeof bucket === 'object') bucket.push(this.#lastNumber);
      else this.#buckets.set(key, bucket === undefined ? this.#lastNumber : [bucket, this.#lastNumber]);
    }
  }

  #leave(subject: Subject, number: number): void {
    this.#numbers.delete(subject);
    this.#subjects[number] = undefined;
    for (const key of keysOf([subject])) {
      const bucket = this.#buckets.get(key);
      const left = typeof bucket === 'object' ? bucket.filter((one) => one !== number) : [];
      if (left.length === 0) this.#buckets.delete(key);
      else this.#buckets.set(key, left);
    }
  }

  /** Counts all pairs of a bucket, once more or once less. */
  #count(key: Key, sign: 1 | -1): void {
    const bucket = this.#buckets.get(key);
    const { unitsMax, weight } = countingOf(key);
    if (typeof bucket !== 'object' || bucket.length > unitsMax) return;
    for (const [at, first] of bucket.entries()) {
      for (let next = at + 1; next < bucket.length; next++) {
        const second = bucket[next] ?? first;
        if (!mayMeet(this.#subjects[first], this.#subjects[second])) continue;
        this.#add(Math.min(first, second) * numbersMax + Math.max(first, second), sign * weight);
      }
    }
  }

  #add(pair: number, weight: number): void {
    const shared = (this.#shared.get(pair) ?? 0) + weight;
    if (shared === 0) this.#shared.delete(pair);
    else this.#shared.set(pair, shared);
    if (shared >= sharedMin) this.#enough.add(pair);
    else this.#enough.delete(pair);
  }

  #sorted(subjects: readonly Subject[]): Pair[] {
    const places = new Map(subjects.map((subject, place) => [this.#numbers.get(subject) ?? 0, place]));
    const pairs = Float64Array.from(this.#enough, (pair) => {
      const one = places.get(Math.floor(pair / numbersMax)) ?? 0;
      const other = places.get(pair % numbersMax) ?? 0;
      return Math.min(one, other) * subjects.length + Math.max(one, other);
    });
    return Array.from(pairs.toSorted()).flatMap((pair): Pair[] => {
      const [a, b] = [subjects[Math.floor(pair / subjects.length)], subjects[pair % subjects.length]];
      return a === undefined || b === undefined ? [] : [[a, b]];
    });
  }
}

/** One of them ships, they are in one language, and neither is private to its file beside a mere namesake. */
function mayMeet(a: Subject | undefined, b: Subject | undefined): boolean {
  if (a === undefined || b === undefined) return false;
  if (a.unit.zone !== 'prod' && b.unit.zone !== 'prod') return false;
  return a.unit !== b.unit && (a.unit.lang === 'py') === (b.unit.lang === 'py');
}
