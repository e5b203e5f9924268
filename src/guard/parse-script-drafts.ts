/**
 * Which scopes of a TypeScript or JavaScript file are units, and which variables are other names or state.
 */
import type { AliasFacts, UnitKind } from './facts.ts';
import type { Words } from './lexer.ts';
import type { StateDraft } from './parse-happenings.ts';
import type { Scope } from './parse-outline.ts';
import { assignedName, assignedWord, className, nameAt } from './parse-script-names.ts';

/** A scope that is a unit, with its name and kind. */
export type Draft = {
  readonly scope: Scope;
  readonly name: string;
  readonly kind: UnitKind;
  /** Where its code is, if not in the scope itself. */
  readonly code?: Scope;
};

/** What a file defines at its top. */
export type Drafts = {
  readonly drafts: readonly Draft[];
  readonly aliases: readonly AliasFacts[];
  readonly state: readonly StateDraft[];
};

/** Sorts the scopes of a file into units, other names and state. */
export function readDrafts(words: Words, scopes: readonly Scope[]): Drafts {
  const reading = new Drafting(words);
  const drafts = scopes.flatMap((scope) => reading.draft(scope) ?? []);
  return { drafts, aliases: reading.aliases, state: reading.state };
}

const primitives = new Set(
  'string number boolean bigint symbol unknown any never null undefined void object'.split(' '),
);

class Drafting {
  readonly aliases: AliasFacts[] = [];
  readonly state: StateDraft[] = [];
  readonly #words: Words;

  constructor(words: Words) {
    this.#words = words;
  }

  draft(scope: Scope): Draft | undefined {
    switch (scope.what) {
      case 'class':
        return this.#class(scope);
      case 'function':
        return this.#function(scope);
      case 'interface':
      case 'enum':
      case 'type':
        return this.#type(scope);
      case 'variable':
      case 'assign':
        return this.#variable(scope);
      case 'arrow':
        return this.#defaultArrow(scope);
      default:
        return undefined;
    }
  }

  #class(scope: Scope): Draft | undefined {
    const name = className(this.#words, scope);
    return name === undefined ? undefined : { scope, name, kind: 'class' };
  }

  #function(scope: Scope): Draft | undefined {
    if (!isTopLevel(scope)) return undefined;
    return { scope, name: nameAt(this.#words, scope.start), kind: returnsObject(scope) ? 'factory' : 'function' };
  }

  #type(scope: Scope): Draft | undefined {
    if (!isTopLevel(scope)) return undefined;
    const name = nameAt(this.#words, scope.start);
    if (scope.what === 'type') {
      // `type A = B` is another name, not another type.
      const same = /=\s*([\w$]+)\s*;?\s*$/.exec(this.#words.text.slice(scope.start, scope.end));
      if (same?.[1] !== undefined && !primitives.has(same[1])) {
        this.aliases.push({ name, of: same[1], line: this.#words.line(scope.start) });
        return undefined;
      }
    }
    return { scope, name, kind: 'type' };
  }

  /** `export default () => …` */
  #defaultArrow(scope: Scope): Draft | undefined {
    const before = this.#words.firstFrom(scope.start) - 1;
    const isDefault = scope.parent?.what === 'file' && this.#words.at(before) === 'default';
    return isDefault ? { scope, name: 'default', kind: 'function' } : undefined;
  }

  #variable(scope: Scope): Draft | undefined {
    const words = this.#words;
    const name = assignedName(words, scope);
    if (name === undefined) return undefined;
    const value = scope.children.find((child) => child.end === scope.end);
    if (value?.what === 'arrow') {
      return { scope, name, kind: returnsObject(value) ? 'factory' : 'function', code: value };
    }
    if (value?.what === 'class') return undefined;
    const isMany = value?.what === 'object' && name !== 'default' && isObjectOfFunctions(value);
    if (isMany) return { scope, name, kind: 'factory', code: value };
    if (scope.what === 'variable') this.#keepState(scope, name, assignedWord(words, scope));
    return undefined;
  }

  /** `const A = B` is an alias; a map, list or variable that may change is state. */
  #keepState(scope: Scope, name: string, first: number): void {
    const words = this.#words;
    const isConst = words.at(first - 1) === 'const' || words.at(first - 1) === ',';
    let at = first + 1;
    while (words.start(at) < scope.end && !words.isSign(at, '=')) at += 1;
    const value = words.start(at) < scope.end ? words.at(at + 1) : '';
    if (isConst && words.isName(at + 1) && words.end(at + 1) === scope.end) {
      this.aliases.push({ name, of: value, line: words.line(scope.start) });
      return;
    }
    const holds = isConst ? held(value, words.at(at + 2)) : 'let';
    if (holds !== undefined) this.state.push({ name, line: words.line(scope.start), holds, isExported: false });
  }
}

function returnsObject(scope: Scope): boolean {
  return scope.children.some((child) => child.what === 'object' && isObjectOfFunctions(child));
}

/** Has an object literal at least two functions: methods, and members that name or are one? */
function isObjectOfFunctions(object: Scope): boolean {
  return object.children.filter((child) => ['method', 'pair', 'shorthand'].includes(child.what)).length >= 2;
}

function held(value: string, next: string): StateDraft['holds'] | undefined {
  if (value === '[') return 'array';
  if (value === '{') return 'object';
  if (value !== 'new') return undefined;
  if (next === 'Map' || next === 'WeakMap') return 'map';
  return next === 'Set' || next === 'WeakSet' ? 'set' : 'instance';
}

function isTopLevel(scope: Scope): boolean {
  return scope.parent?.what === 'file' || scope.parent?.what === 'namespace';
}
