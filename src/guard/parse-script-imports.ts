/**
 * What a TypeScript or JavaScript file imports and exports, read from the words of those statements.
 */
import type { AliasFacts, ImportFacts, ImportKind } from './facts.ts';
import { type Words, word } from './lexer.ts';
import { type Outline, type Range, spanOf, Whereabouts } from './parse-outline.ts';
import { wholeExport } from './parse-script-names.ts';

type Named = { readonly imported: string; readonly local: string; readonly isType: boolean };

/** `import` statements, `import()` and `require()`. */
export function readScriptImports(words: Words, outline: Outline, ranges: readonly Range[]): ImportFacts[] {
  const places = new Whereabouts(ranges);
  const imports = outline.imports.flatMap((statement) => {
    const span = spanOf(words, statement.start, statement.end);
    const from = words.firstFrom(statement.start);
    const last = words.firstFrom(statement.end) - 1;
    const specifier = specifierIn(words, from, last);
    if (specifier === undefined) return [];
    // `import a = require('./a')` is told as the call that it is.
    if (words.isSign(from + 2, '=')) return [];
    const isType = words.at(from + 1) === 'type' && words.at(from + 2) !== 'from' && words.at(from + 2) !== ',';
    const named = namesOf(words, from + (isType ? 2 : 1), last);
    if (named.length === 0) named.push({ imported: '*', local: '', isType: false });
    return named.map(({ imported, local, isType: only }) => {
      const kind: ImportKind = isType || only ? 'type' : 'import';
      return { kind, specifier, imported, local, span, within: '' };
    });
  });
  return [...imports, ...lazyImports(words, places)];
}

/** Behind `from`, or right behind `import`; what stands behind it are attributes. */
function specifierIn(words: Words, from: number, last: number): string | undefined {
  for (let at = from; at <= last; at++) {
    if (words.kind(at) !== word.text) continue;
    if (words.at(at - 1) === 'from' || at === from + 1) return words.at(at).slice(1, -1);
  }
  return undefined;
}

/** `d, { a as b, type c }` and `* as n`, up to `from`. */
function namesOf(words: Words, from: number, last: number): Named[] {
  const named: Named[] = [];
  let inBraces = false;
  for (let at = from; at <= last && words.at(at) !== 'from'; at++) {
    if (words.isSign(at, '{')) inBraces = true;
    else if (words.isSign(at, '*')) {
      named.push({ imported: '*', local: words.at(at + 2), isType: false });
      at += 2;
    } else if (words.isName(at) || (inBraces && words.kind(at) === word.text)) {
      const one = oneName(words, at, inBraces);
      if (one.next <= last + 1) named.push(one);
      at = one.next - 1;
    }
  }
  return named;
}

function oneName(words: Words, from: number, inBraces: boolean): Named & { readonly next: number } {
  if (!inBraces) return { imported: 'default', local: words.at(from), isType: false, next: from + 1 };
  const isType = words.at(from) === 'type' && words.isName(from + 1) && words.at(from + 1) !== 'as';
  const at = isType ? from + 1 : from;
  const imported = words.at(at).replaceAll(/^['"]|['"]$/g, '');
  if (words.at(at + 1) !== 'as') return { imported, local: imported, isType, next: at + 1 };
  return { imported, local: words.at(at + 2).replaceAll(/^['"]|['"]$/g, ''), isType, next: at + 3 };
}

function lazyImports(words: Words, places: Whereabouts): ImportFacts[] {
  const found: ImportFacts[] = [];
  if (!/\b(?:import|require)\s*\(/.test(words.text)) return found;
  for (let at = 0; at < words.length; at++) {
    const specifier = loadedBy(words, at);
    if (specifier === undefined) continue;
    const within = places.at(words.start(at));
    const names = boundNames(words, at);
    const close = words.closing(at + 1);
    // A `require` at module level is an import like any other.
    const kind: ImportKind = words.at(at) === 'require' && within === '' ? 'import' : 'lazy';
    const start = words.start(names.first);
    for (const { imported, local } of names.names) {
      const span = spanOf(words, start, words.end(close));
      found.push({ kind, specifier, imported, local, span, within });
    }
  }
  return found;
}

/** What `import('…')` or `require('…')` names, if a call of one stands here. */
function loadedBy(words: Words, at: number): string | undefined {
  if (!words.isName(at) || !words.isSign(at + 1, '(') || words.kind(at + 2) !== word.text) return undefined;
  const text = words.at(at);
  if ((text !== 'import' && text !== 'require') || words.isSign(at - 1, '.')) return undefined;
  const quoted = words.at(at + 2);
  return /^['"`]/.test(quoted) ? quoted.slice(1, -1) : undefined;
}

type Bound = {
  readonly names: readonly { readonly imported: string; readonly local: string }[];
  readonly first: number;
};

/** What the variable before `= await import(` or `= require(` takes: all of it, or some names. */
function boundNames(words: Words, at: number): Bound {
  let before = at - 1;
  while (words.at(before) === 'await' || words.isSign(before, '(')) before -= 1;
  if (!words.isSign(before, '=')) return { names: [{ imported: '*', local: '' }], first: at };
  if (!words.isName(before - 1)) return destructured(words, before);
  const imported = memberBehind(words, words.closing(at + 1)) ?? '*';
  return { names: [{ imported, local: words.at(before - 1) }], first: before - 1 };
}

/** `b` of `require('a').b`, where the call closes. */
function memberBehind(words: Words, close: number): string | undefined {
  const isMember = words.isSign(words.firstFrom(words.end(close)), '.') && words.isName(close + 2);
  return isMember ? words.at(close + 2) : undefined;
}

/** `{ a, b: c }` before an equals sign. */
function destructured(words: Words, before: number): Bound {
  const names: { imported: string; local: string }[] = [];
  let open = before - 1;
  while (open > 0 && !words.isSign(open, '{') && before - open < 200) open -= 1;
  for (let index = open + 1; index < before - 1; index++) {
    if (!words.isName(index)) continue;
    const renamed = words.isSign(index + 1, ':') && words.isName(index + 2);
    names.push({ imported: words.at(index), local: words.at(renamed ? index + 2 : index) });
    if (renamed) index += 2;
  }
  return { names: names.length === 0 ? [{ imported: '*', local: '' }] : names, first: open };
}

type Exports = {
  readonly exports: { readonly name: string; readonly local: string }[];
  readonly reexports: ImportFacts[];
  readonly aliases: AliasFacts[];
};

/** `export` statements, and what CommonJS assigns to `exports`. */
export function readExports(words: Words, outline: Outline): Exports {
  const found: Exports = { exports: [], reexports: [], aliases: [] };
  for (const statement of outline.exports) {
    let from = words.firstFrom(statement.start);
    while (words.isSign(from, '@')) from = behindDecorator(words, from);
    const last = words.firstFrom(statement.end) - 1;
    const next = words.at(from + 1) === 'type' && /^[{*]$/.test(words.at(from + 2)) ? from + 2 : from + 1;
    const text = words.at(next);
    if (text === '{' || text === '*')
      readExportList(words, { from: next, last, start: statement.start, end: statement.end }, found);
    else if (text === '=') readExportedWhole(words, next + 1, found);
    else if (text === 'default') readDefault(words, next + 1, found);
    else readDeclared(words, next, last, found);
  }
  readCommonJs(words, found);
  return found;
}

type Statement = { readonly from: number; readonly last: number; readonly start: number; readonly end: number };

function readExportList(words: Words, statement: Statement, found: Exports): void {
  const { from, last, start, end } = statement;
  const isFrom = Array.from({ length: last - from + 1 }, (_, index) => words.at(from + index)).includes('from');
  const specifier = isFrom ? specifierIn(words, from, last) : undefined;
  const span = spanOf(words, start, end);
  if (words.isSign(from, '*')) {
    const local = words.at(from + 1) === 'as' ? words.at(from + 2) : '';
    if (specifier !== undefined) {
      found.reexports.push({ kind: 'reexport', specifier, imported: '*', local, span, within: '' });
    }
    return;
  }
  const close = words.closing(from);
  for (const { imported, local } of namesOf(words, from, close - 1)) {
    if (specifier !== undefined) {
      found.reexports.push({ kind: 'reexport', specifier, imported, local, span, within: '' });
    } else {
      found.exports.push({ name: local, local: imported });
      if (local !== imported && local !== 'default') found.aliases.push({ name: local, of: imported, line: span.line });
    }
  }
}

function readDefault(words: Words, from: number, found: Exports): void {
  let at = from;
  while (['abstract', 'async', 'class', 'function', '*', 'interface'].includes(words.at(at))) at += 1;
  const isDeclared = at > from;
  const name = words.isName(at) && !['extends', 'implements', 'new'].includes(words.at(at)) ? words.at(at) : 'default';
  // `export default make(X)` exports a value of its own, `export default X` only X.
  const isValue = (!isDeclared || words.at(at - 1) === 'async') && isComputed(words, at);
  found.exports.push({ name: 'default', local: isValue ? 'default' : name });
}

/** Behind `@name.of(…)`. */
function behindDecorator(words: Words, from: number): number {
  let at = from + 2;
  while (words.isSign(at, '.')) at += 2;
  return words.isSign(at, '(') ? words.closing(at) + 1 : at;
}

const declares = new Set(
  'abstract async class function * interface type enum const let var declare namespace module'.split(' '),
);

function readDeclared(words: Words, from: number, last: number, found: Exports): void {
  let at = from;
  while (words.isSign(at, '@')) at = behindDecorator(words, at);
  const isVariable = ['const', 'let', 'var'].includes(words.at(at)) && words.at(at + 1) !== 'enum';
  while (declares.has(words.at(at)) && at < last) at += 1;
  if (words.isName(at)) found.exports.push({ name: words.at(at), local: words.at(at) });
  if (isVariable) readFurtherVariables(words, at, last, found);
}

/** Those behind the first of one statement: `export const a = 1, b = 2`. */
function readFurtherVariables(words: Words, from: number, last: number, found: Exports): void {
  let depth = 0;
  for (let index = from; index <= last; index++) {
    const text = words.kind(index) === word.sign ? words.at(index) : '';
    if ('([{'.includes(text) && text !== '') depth += 1;
    else if (')]}'.includes(text) && text !== '') depth -= 1;
    else if (depth === 0 && text === ',' && words.isName(index + 1) && /^[=:]$/.test(words.at(index + 2))) {
      found.exports.push({ name: words.at(index + 1), local: words.at(index + 1) });
    }
  }
}

function readCommonJs(words: Words, found: Exports): void {
  if (!/\bexports\b/.test(words.text)) return;
  for (let at = 0; at < words.length; at++) {
    if (!words.isName(at)) continue;
    const whole = words.at(at) === 'module' || words.at(at) === 'exports' ? wholeExport(words, at) : undefined;
    if (whole !== undefined) {
      readExportedWhole(words, whole, found);
      at = whole - 1;
    } else if (words.at(at) === 'exports' && words.isSign(at + 1, '.')) readExportedMember(words, at + 2, found);
  }
}

/** `exports.name = …`. What compilers write first (`exports.name = void 0`) says only that there will be one. */
function readExportedMember(words: Words, at: number, found: Exports): void {
  if (!words.isSign(at + 1, '=') || !words.isName(at) || words.at(at + 2) === 'void') return;
  const name = words.at(at);
  found.exports.push({ name, local: valueName(words, at + 2) ?? name });
}

/** `module.exports = …`, and `export = …`: what a module is by itself is what `require` gives, and its default. */
function readExportedWhole(words: Words, at: number, found: Exports): void {
  if (words.isSign(at, '{')) {
    readExportedObject(words, at, found);
    return;
  }
  const local = valueName(words, at);
  const isMade = ['class', 'function', 'async', '('].includes(words.at(at)) || words.at(at + 1) === '=>';
  if (local === undefined && !isMade) return;
  for (const name of ['default', '*']) found.exports.push({ name, local: local ?? 'default' });
}

const noNames = new Set(
  'extends new void await typeof null undefined true false this require exports module'.split(' '),
);

/** The name of a class or function, or the variable that a value is. */
function valueName(words: Words, at: number): string | undefined {
  let from = at;
  while (['class', 'function', 'async', '*'].includes(words.at(from))) from += 1;
  if (!words.isName(from) || noNames.has(words.at(from))) return undefined;
  const isDeclared = from > at && words.at(from - 1) !== 'async';
  return isDeclared || !isComputed(words, from) ? words.at(from) : undefined;
}

/** Does something follow a name that makes another value of it: a call, a member, an arrow? */
function isComputed(words: Words, at: number): boolean {
  return /^(?:[(.[`]|\?\.|=>)$/.test(words.at(at + 1));
}

function readExportedObject(words: Words, open: number, found: Exports): void {
  const close = words.closing(open);
  for (let at = open + 1; at < close; at++) {
    if (!words.isName(at) || words.isSign(at - 1, '.')) continue;
    const isRenamed = words.isSign(at + 1, ':');
    const local = isRenamed ? (valueName(words, at + 2) ?? words.at(at)) : words.at(at);
    found.exports.push({ name: words.at(at), local });
    let depth = 0;
    for (; at < close; at++) {
      const text = words.at(at);
      if (/^[([{]$/.test(text)) depth += 1;
      else if (/^[)\]}]$/.test(text)) depth -= 1;
      else if (depth === 0 && text === ',') break;
    }
  }
}
