/**
 * What may enter the journal: JSON, and nothing that only looks like it.
 *
 * J1  A value is copied and frozen when it enters, so that what the caller holds later can't change the journal.
 * J2  What JSON can't say (a Date, a Map, NaN, a function, a cycle) is refused with the place, not dropped or bent:
 *     a step must return the same value live and on a re-run.
 * J3  Properties that are `undefined` are left out, as JSON.stringify does.
 */
import { ValidationError } from './errors.ts';
import { limits } from './limits.ts';

/** A value that JSON can say, readonly all the way down. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** A frozen copy, and about how many bytes its JSON text has. */
export type JsonCopy = { readonly value: Json; readonly bytes: number };

/**
 * Copies `value` as JSON. Throws a ValidationError that names the place of the first thing JSON can't say.
 *
 * @example
 * copyJson({ at: new Date() }, 'the result of step "fetch"');
 * // ValidationError: the result of step "fetch" holds a Date at .at, which JSON can't say.
 */
export function copyJson(value: unknown, what: string): JsonCopy {
  const copier = new Copier(what);
  const copy = copier.copy(value, 0);
  return { value: copy, bytes: copier.bytes };
}

/** The frozen copy alone. `undefined`, which a body without a result returns, becomes null. */
export function toJson(value: unknown, what: string): Json {
  return copyJson(value === undefined ? null : value, what).value;
}

class Copier {
  bytes = 0;
  readonly #what: string;
  /** The way to the value in hand; kept as a stack so that the happy path builds no strings. */
  readonly #place: (string | number)[] = [];

  constructor(what: string) {
    this.#what = what;
  }

  copy(value: unknown, depth: number): Json {
    switch (typeof value) {
      case 'string':
        this.bytes += value.length + 2;
        return value;
      case 'number':
        if (!Number.isFinite(value)) this.#refuse(String(value));
        this.bytes += 8;
        // JSON has one zero: -0 would be 0 on a re-run, so it is 0 at once (J2).
        return value === 0 ? 0 : value;
      case 'boolean':
        this.bytes += 5;
        return value;
      case 'object':
        if (value === null) {
          this.bytes += 4;
          return null;
        }
        if (depth > limits.jsonDepthMax) this.#refuse(`more than ${limits.jsonDepthMax} levels (or a cycle)`);
        return Array.isArray(value) ? this.#array(value, depth) : this.#object(value, depth);
      default:
        return this.#refuse(value === undefined ? 'undefined' : `a ${typeof value}`);
    }
  }

  #array(value: readonly unknown[], depth: number): Json {
    const out: Json[] = [];
    for (let index = 0; index < value.length; index++) {
      this.#place.push(index);
      out.push(this.copy(value[index], depth + 1));
      this.#place.pop();
    }
    this.bytes += value.length + 2;
    return Object.freeze(out);
  }

  #object(value: object, depth: number): Json {
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null)
      this.#refuse(`a ${value.constructor?.name ?? 'class instance'}`);
    const out: Record<string, Json> = {};
    for (const key of Object.keys(value)) {
      const member = (value as Record<string, unknown>)[key];
      if (member === undefined) continue;
      this.#place.push(key);
      const copy = this.copy(member, depth + 1);
      this.#place.pop();
      // A plain assignment to "__proto__" would set the prototype instead of a member.
      if (key === '__proto__') Object.defineProperty(out, key, { value: copy, enumerable: true });
      else out[key] = copy;
      this.bytes += key.length + 4;
    }
    this.bytes += 2;
    return Object.freeze(out);
  }

  #refuse(found: string): never {
    const place = this.#place.map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`)).join('');
    throw new ValidationError(
      `${this.#what} holds ${found}${place === '' ? '' : ` at ${place}`}, which JSON can't say.`,
      {
        hint: 'Return plain objects, arrays, strings, finite numbers, booleans or null (a Date as its ISO string).',
      },
    );
  }
}

/** JSON text with sorted keys: equal values give equal text, so that a digest can be made of it. */
export function canonicalJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (value !== null && typeof value === 'object') {
    const members = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
    return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`).join(',')}}`;
  }
  return JSON.stringify(value);
}

/** True for a plain JSON object, not an array or null. */
export function isJsonObject(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
