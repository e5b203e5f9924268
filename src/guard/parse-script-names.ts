/**
 * What the things of a TypeScript or JavaScript file are called.
 */
import { type Words, word } from './lexer.ts';
import type { Range, Scope } from './parse-outline.ts';

/** Words that stand before the name in a declaration. */
export const modifiers = new Set(
  'public private protected static async get set override readonly abstract declare export default accessor function class interface type enum namespace module const let var * ?'.split(
    ' ',
  ),
);

/** The first name in a declaration, behind modifiers and decorators. */
export function nameAt(words: Words, start: number): string {
  let at = words.firstFrom(start);
  for (;;) {
    if (words.isSign(at, '@')) {
      at += 2;
      while (words.isSign(at, '.')) at += 2;
      if (words.isSign(at, '(')) at = words.closing(at) + 1;
    } else if (modifiers.has(words.at(at)) && !/^[(=:;<]$/.test(words.at(at + 1))) at += 1;
    else break;
  }
  if (words.kind(at) === word.text) return words.at(at).slice(1, -1);
  return words.isName(at) ? words.at(at) : 'default';
}

/** Its own name, or that of the variable it is kept in; a class without either is no unit. */
export function className(words: Words, scope: Scope): string | undefined {
  if (scope.parent?.what === 'variable') return nameAt(words, scope.parent.start);
  const at = classWord(words, scope);
  const name = words.at(at + 1);
  if (words.isName(at + 1) && name !== 'extends' && name !== 'implements') return name;
  if (scope.parent?.what === 'assign' && scope.parent.end === scope.end) return assignedName(words, scope.parent);
  return scope.parent?.what === 'file' && words.at(at - 1) === 'default' ? 'default' : undefined;
}

/** Where it says `class`, behind decorators. */
function classWord(words: Words, scope: Scope): number {
  const end = scope.body?.start ?? scope.end;
  let at = words.firstFrom(scope.start);
  while (words.start(at) < end && words.at(at) !== 'class') at = words.isSign(at, '(') ? words.closing(at) + 1 : at + 1;
  return at;
}

/** What stands behind `module.exports =`, from its first word on; undefined where something else is assigned to. */
export function wholeExport(words: Words, from: number): number | undefined {
  let at = from;
  let isModule = false;
  for (;;) {
    const isLong = words.at(at) === 'module' && words.isSign(at + 1, '.');
    const name = isLong ? at + 2 : at;
    if (words.at(name) !== 'exports' || !words.isSign(name + 1, '=')) return isModule ? at : undefined;
    isModule ||= isLong;
    at = name + 2;
  }
}

/** What a value is called that is assigned: its variable, the member of `exports`, its own name or none. */
export function assignedName(words: Words, scope: Scope): string | undefined {
  const assigned = assignedWord(words, scope);
  if (words.isName(assigned)) return words.at(assigned);
  const value = scope.what === 'assign' ? wholeExport(words, words.firstFrom(scope.start)) : undefined;
  if (value === undefined) return undefined;
  let at = value;
  while (['class', 'function', 'async', '*'].includes(words.at(at))) at += 1;
  return at > value && words.isName(at) && words.at(at) !== 'extends' ? words.at(at) : 'default';
}

/** The word that a variable, or a member of CommonJS `exports`, is called by. */
export function assignedWord(words: Words, scope: Scope): number {
  let at = words.firstFrom(scope.start);
  if (scope.what === 'variable') return at;
  if (words.at(at) === 'module') at += 2;
  if (words.at(at) !== 'exports' || !words.isSign(at + 1, '.')) return -1;
  return words.isSign(at + 3, '=') ? at + 2 : -1;
}

/** Names every unit and method, so that what happens can be told where. */
export function rangesOf(words: Words, scopes: readonly Scope[]): Range[] {
  return scopes.flatMap((scope) => {
    const name = rangeName(words, scope);
    return name === undefined ? [] : [{ start: scope.start, end: scope.end, name }];
  });
}

function rangeName(words: Words, scope: Scope): string | undefined {
  switch (scope.what) {
    case 'class':
      return className(words, scope);
    case 'function':
      return isWithin(scope, ['class', 'function', 'method']) ? undefined : nameAt(words, scope.start);
    case 'method':
      return memberName(words, scope);
    case 'field':
      return scope.children.some((child) => child.what === 'arrow') ? memberName(words, scope) : undefined;
    case 'arrow':
      return isWithin(scope, ['class', 'function', 'method', 'arrow', 'field']) ? undefined : arrowName(words, scope);
    default:
      return undefined;
  }
}

/** `Class.member`. */
function memberName(words: Words, { parent, start }: Scope): string | undefined {
  return parent?.what === 'class' ? `${className(words, parent) ?? 'class'}.${nameAt(words, start)}` : undefined;
}

function arrowName(words: Words, { parent }: Scope): string {
  if (parent?.what === 'assign') return assignedName(words, parent) ?? '(anonymous)';
  return parent?.what === 'variable' ? nameAt(words, parent.start) : '(anonymous)';
}

function isWithin(scope: Scope, whats: readonly string[]): boolean {
  for (let at = scope.parent; at !== undefined; at = at.parent) if (whats.includes(at.what)) return true;
  return false;
}

/** What it is inside of (`Outer.method`), or undefined at module level. */
export function outerName(words: Words, scope: Scope): string | undefined {
  const names: string[] = [];
  const own = scope.parent?.what === 'variable' && scope.parent.end === scope.end ? scope.parent : scope;
  for (let at = own.parent; at !== undefined; at = at.parent) {
    if (['class', 'function', 'namespace', 'method', 'variable'].includes(at.what))
      names.unshift(nameAt(words, at.start));
    else if (at.what === 'arrow' && at.parent?.what !== 'variable') names.unshift('(anonymous)');
  }
  return names.length === 0 ? undefined : names.join('.');
}
