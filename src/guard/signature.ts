/**
 * What a call gives and what a function takes, read from words, so that a call can be held against another function.
 *
 * VN1  A call fits only where nothing has to be guessed: as many arguments as are taken, keywords that are known, the
 *      required ones all there, no argument that changes its place, and none that becomes another name's of another type.
 */
import type { Unit } from './concept.ts';
import { type Words, word } from './lexer.ts';

export type Parameter = {
  readonly name: string;
  /** As it is written, without spaces and quotes; absent where none is. */
  readonly type?: string;
  readonly isOptional: boolean;
  /** `...rest`, `*args` */
  readonly isRest: boolean;
  /** `**options` */
  readonly isKeywordRest: boolean;
  readonly isKeywordOnly: boolean;
};

export type Signature = { readonly params: readonly Parameter[]; readonly isAsync: boolean };

export type Argument = { readonly keyword?: string; readonly isSpread: boolean };

const modifiers = new Set(['public', 'private', 'protected', 'readonly', 'override']);

/** The constructor of a class, or the function itself. One that is not written takes nothing. */
export function signatureOfUnit(words: Words, unit: Pick<Unit, 'kind' | 'span'>): Signature {
  const from = words.firstFrom(unit.span.start);
  const end = unit.span.end;
  if (unit.kind !== 'class') return signatureFrom(words, from, end);
  const at = ['__init__', '__new__', 'constructor']
    .map((name) => memberAt(words, unit.span, [name]))
    .find((found) => found !== undefined);
  return at === undefined ? { params: [], isAsync: false } : signatureFrom(words, at, end);
}

/** A method of a class by its name; undefined where it can't be found as one. */
export function signatureOfMethod(words: Words, unit: Pick<Unit, 'span'>, name: string): Signature | undefined {
  const at = memberAt(words, unit.span, [name]);
  return at === undefined ? undefined : signatureFrom(words, at, unit.span.end);
}

/** How a member of a class is asked for; undefined where it can't be found as one. */
export function memberKind(
  words: Words,
  unit: Pick<Unit, 'span' | 'fields'>,
  name: string,
): 'method' | 'property' | undefined {
  const at = memberAt(words, unit.span, [name]);
  if (at === undefined) return unit.fields.includes(name) ? 'property' : undefined;
  if (words.at(at - 1) !== 'def') return ['get', 'set'].includes(words.at(at - 1)) ? 'property' : 'method';
  const above = words.text.slice(unit.span.start, words.start(at));
  return /@[\w.]*(?:property|\.setter)\s*(?:#[^\n]*)?\n\s*(?:@[^\n]*\n\s*)*def\s+$/.test(above) ? 'property' : 'method';
}

/** Is a method called on the class itself? */
export function isStatic(words: Words, unit: Pick<Unit, 'span'>, name: string): boolean {
  const at = memberAt(words, unit.span, [name]);
  if (at === undefined) return false;
  if (words.at(at - 1) === 'def') {
    const above = words.text.slice(Math.max(unit.span.start, words.start(at) - 400), words.start(at));
    return /@(?:staticmethod|classmethod)\s*(?:#[^\n]*)?\n\s*(?:async\s+)?def\s+$/.test(above);
  }
  return words.at(at - 1) === 'static' || (words.at(at - 1) === 'async' && words.at(at - 2) === 'static');
}

/** The word that names a member right inside of a class. */
function memberAt(words: Words, { start, end }: Unit['span'], names: readonly string[]): number | undefined {
  let depth = 0;
  for (let at = words.firstFrom(start); at < words.length && words.start(at) < end; at++) {
    depth += depthOf(words, at);
    if (words.isName(at) && names.includes(words.at(at)) && isMember(words, at, depth)) return at;
  }
  return undefined;
}

/** In Python behind `def`; else in the braces of the class and before its brackets. */
function isMember(words: Words, at: number, depth: number): boolean {
  if (words.at(at - 1) === 'def') return true;
  const opens = words.isSign(at + 1, '(') || words.isSign(at + 1, '<');
  return depth === 1 && opens && !/^[.=]$/.test(words.at(at - 1));
}

/** What a bracket adds to the depth. */
function depthOf(words: Words, at: number): number {
  if (words.kind(at) !== word.sign) return 0;
  const sign = words.at(at);
  if (/^[([{]$/.test(sign)) return 1;
  return /^[)\]}]$/.test(sign) ? -1 : 0;
}

function signatureFrom(words: Words, from: number, end: number): Signature {
  let open = from;
  while (words.start(open) < end && !words.isSign(open, '(')) open += 1;
  if (words.start(open) >= end) return { params: [], isAsync: false };
  const params: Parameter[] = [];
  let isKeywordOnly = false;
  for (const [first, last] of itemsBetween(words, open, words.closing(open))) {
    const param = parameterOf(words, first, last, isKeywordOnly);
    if (words.isSign(first, '*') && !words.isSign(first + 1, '*')) isKeywordOnly = true;
    if (param !== undefined) params.push(param);
  }
  return { params, isAsync: isAwaited(words, from, open) };
}

/** `async` before the name or the brackets, or a promise behind them. */
function isAwaited(words: Words, name: number, open: number): boolean {
  const before = words.at(name - 1) === 'def' ? name - 2 : name - 1;
  if ([name, before, open - 1].some((at) => words.at(at) === 'async')) return true;
  const close = words.closing(open);
  return words.isSign(close + 1, ':') && words.at(close + 2) === 'Promise';
}

function parameterOf(words: Words, from: number, last: number, isKeywordOnly: boolean): Parameter | undefined {
  let at = from;
  while (words.isSign(at, '*') || words.isSign(at, '.')) at += 1;
  const stars = at - from;
  const isScriptRest = words.isSign(from, '.');
  at = behindModifiers(words, at, last);
  const name = words.isName(at) ? words.at(at) : words.text.slice(words.start(at), words.end(words.closing(at)));
  // A star or slash alone only parts the others, and the object itself is passed by nobody.
  if (at > last || words.isSign(at, '/')) return undefined;
  if (at === from && ['self', 'cls', 'this'].includes(name)) return undefined;
  const isRest = isScriptRest || stars === 1;
  const isKeywordRest = !isScriptRest && stars === 2;
  const isOptional = stars > 0 || hasDefault(words, at, last) || words.isSign(at + 1, '?');
  return { name, ...typeOf(words, at, last), isOptional, isRest, isKeywordRest, isKeywordOnly };
}

function typeOf(words: Words, at: number, last: number): Pick<Parameter, 'type'> {
  const colon = words.isSign(at + 1, '?') ? at + 2 : at + 1;
  if (!words.isName(at) || !words.isSign(colon, ':') || colon >= last) return {};
  let end = colon + 1;
  while (end < last && !words.isSign(end + 1, '=')) end += 1;
  return { type: words.text.slice(words.start(colon + 1), words.end(end)).replaceAll(/[\s'"]/g, '') };
}

function behindModifiers(words: Words, from: number, last: number): number {
  let at = from;
  while (modifiers.has(words.at(at)) && at < last) at += 1;
  while (words.isSign(at, '@')) at = words.isSign(at + 2, '(') ? words.closing(at + 2) + 1 : at + 2;
  return at;
}

function hasDefault(words: Words, from: number, last: number): boolean {
  for (let at = from; at <= last; at++) if (words.isSign(at, '=')) return true;
  return false;
}

/** The arguments of a call whose bracket is the word at `open`; none where there is no bracket. */
export function argumentsAt(words: Words, open: number): readonly Argument[] {
  if (!words.isSign(open, '(')) return [];
  return itemsBetween(words, open, words.closing(open)).map(([first]) => {
    const isSpread = words.isSign(first, '.') || words.isSign(first, '*') || words.isSign(first, '**');
    const isKeyword = words.isName(first) && words.isSign(first + 1, '=');
    return { isSpread, ...(isKeyword ? { keyword: words.at(first) } : {}) };
  });
}

/** First and last word of each thing between two brackets that commas part. */
export function itemsBetween(words: Words, open: number, close: number): readonly (readonly [number, number])[] {
  const items: (readonly [number, number])[] = [];
  let first = open + 1;
  let angles = 0;
  for (let at = open + 1; at <= close; at++) {
    angles += angleOf(words, at, angles);
    if (at < close && depthOf(words, at) === 1) at = words.closing(at);
    else if (at === close || (angles === 0 && words.isSign(at, ','))) {
      if (at > first) items.push([first, at - 1]);
      first = at + 1;
    }
  }
  return items;
}

/** `<` behind the name of a type opens its arguments. */
function angleOf(words: Words, at: number, open: number): number {
  if (words.isSign(at, '<') && words.isName(at - 1) && /^[A-Z]/.test(words.at(at - 1))) return 1;
  return open > 0 && words.isSign(at, '>') ? -1 : 0;
}

/** Why a call that suits `from` does not suit `to`, if it does not (VN1). */
export function misfit(args: readonly Argument[], from: Signature, to: Signature): string | undefined {
  const takes = `it takes (${namesOf(to.params)})`;
  if (args.some(({ isSpread }) => isSpread)) {
    return namesOf(from.params) === namesOf(to.params) ? undefined : `arguments are spread, and ${takes}`;
  }
  const places = to.params.filter((param) => !param.isKeywordOnly && !param.isKeywordRest && !param.isRest);
  const positional = args.filter(({ keyword }) => keyword === undefined).length;
  if (positional > places.length && !to.params.some(({ isRest }) => isRest)) return takes;
  const moved = from.params.slice(0, positional).find(({ name }, index) => {
    const now = places.findIndex((param) => param.name === name);
    return now >= 0 && now !== index;
  });
  if (moved !== undefined) return `"${moved.name}" has another place, and ${takes}`;
  const other = from.params.slice(0, positional).find((param, index) => isAnother(param, places[index]));
  if (other !== undefined) return `"${other.name}" is something else of another type there, and ${takes}`;
  const keywords = args.flatMap(({ keyword }) => keyword ?? []);
  const unknown = keywords.find((keyword) => !to.params.some(({ name, isRest }) => name === keyword && !isRest));
  if (unknown !== undefined && !to.params.some(({ isKeywordRest }) => isKeywordRest)) {
    return `there is no "${unknown}": ${takes}`;
  }
  const given = new Set([...places.slice(0, positional).map(({ name }) => name), ...keywords]);
  const missing = to.params.find(({ name, isOptional }) => !isOptional && !given.has(name));
  return missing === undefined ? undefined : `"${missing.name}" is not given, and ${takes}`;
}

function isAnother(one: Parameter, other: Parameter | undefined): boolean {
  if (one.isRest || one.type === undefined || other?.type === undefined) return false;
  return one.name !== other.name && one.type !== other.type;
}

/** Why `to` can't stand where `from` is passed on as a value, to be called by somebody else (VN1). */
export function valueMisfit(from: Signature, to: Signature): string | undefined {
  const all = from.params.filter((param) => !param.isKeywordOnly && !param.isKeywordRest && !param.isRest);
  if (from.isAsync !== to.isAsync) return to.isAsync ? 'it has to be awaited' : 'it is not awaited';
  const least = all.filter(({ isOptional }) => !isOptional);
  return misfit(inPlaces(all), from, to) ?? misfit(inPlaces(least), from, to);
}

function inPlaces(params: readonly Parameter[]): readonly Argument[] {
  return params.map(() => ({ isSpread: false }));
}

function namesOf(params: readonly Parameter[]): string {
  return params.map(({ name }) => name).join(', ');
}
