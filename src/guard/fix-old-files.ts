/**
 * What becomes of a rival's own file when its users have moved: a pointer to the canonical one, or nothing.
 *
 * VO1  A file becomes a pointer only where nothing else in it is for others, where it does nothing but define, and only
 *      when no user of the rival was left behind: whoever is not seen from here still finds it, marked as deprecated.
 * VO2  A rival is taken out only when nothing uses it any more, its own file neither. What is left of the file stays; where
 *      nothing is left and nothing loads it, the file goes, unless it is what makes its folder a package.
 * VO3  A file that the manifest of its package gives to others is not emptied.
 */
import type { LinkedImport, SourceFile, SourceTree, Unit } from './concept.ts';
import { applyEdits, type Edit, joinCuts, lineEnding } from './edits.ts';
import type { ReadWords } from './fix-construct.ts';
import { aloneOnLine } from './fix-statement.ts';
import type { Target, TargetFinder } from './fix-target.ts';
import { word, type Words } from './lexer.ts';
import type { Migration } from './todo.ts';

/** What happens to one file: edits of it, `isGone` where it is removed; a text says why nothing does. */
export type OldFile = { readonly edits: readonly Edit[]; readonly isGone?: boolean } | string;

export type OldFiles = {
  readonly tree: SourceTree;
  readonly migration: Migration;
  readonly wordsOf: ReadWords;
  readonly finder: TargetFinder;
};

/** The file at `path`, which holds `rivals`, as a pointer (VO1). */
export function stubOf({ tree, migration, wordsOf, finder }: OldFiles, path: string, rivals: readonly Unit[]): OldFile {
  const file = tree.files.get(path);
  const words = wordsOf(path);
  if (file === undefined || words === undefined) return 'it can not be read';
  const { canonical } = migration;
  const ids = new Set(rivals.map(({ id }) => id));
  const names = file.facts.exports
    .filter(({ local, name }) => name !== '*' && ids.has(file.names.get(local) ?? ''))
    .map(({ name }) => name);
  const given = new Set([...names, ...rivals.map(({ name }) => name)]);
  const others = new Set([...othersIn(file, ids), ...takenBesides(tree, path, given)]);
  if (others.size > 0)
    return `${[...others].join(', ')} of it stays: move that first, or take the rival out with --remove`;
  const doing = doingAt(words, file);
  if (doing !== undefined) return `line ${doing} does more than define something, and would be lost`;
  const target = finder.find(file, canonical, likeOf(tree, file, migration));
  if (typeof target === 'string') return target;
  const isPython = file.facts.lang === 'py';
  if (names.length === 0 && !isPython) return 'it exports nothing of it: take the rival out with --remove';
  const text = isPython
    ? pythonStub(canonical, target, { names, given: [...given] })
    : scriptStub(canonical, target, names, words);
  return { edits: [{ start: 0, end: words.text.length, text: text.replaceAll('\n', lineEnding(words.text)) }] };
}

/** What others can import of a file besides these units. */
function othersIn({ facts, names, imports }: SourceFile, ids: ReadonlySet<string>): readonly string[] {
  const exported = facts.exports.filter(({ local }) => !ids.has(names.get(local) ?? '')).map(({ name }) => name);
  const passed = imports.filter(({ kind }) => kind === 'reexport').map(({ local, specifier }) => local || specifier);
  const kept = facts.state.filter(({ isExported }) => isExported && facts.lang === 'py').map(({ name }) => name);
  return [...new Set([...exported, ...passed, ...kept])];
}

/** Names that another file takes of it, besides `names`. */
function takenBesides({ files }: SourceTree, path: string, names: ReadonlySet<string>): readonly string[] {
  const taken = [...files.values()].flatMap(({ path: user, imports }) =>
    imports.filter(({ through }) => through === path && user !== path).map(({ imported }) => imported),
  );
  return taken.filter((name) => name !== '*' && name !== 'default' && !names.has(name));
}

/** Words that begin what only defines something, or belong to how that is written. */
const defining = new Set(
  (
    'import export const let var function async class abstract declare type interface enum namespace module exports from ' +
    'def @ __all__ { } ( ) [ ] ; ,'
  ).split(' '),
);

/** The line of a statement at the margin that does something when the module is loaded. */
function doingAt(words: Words, { facts, imports }: SourceFile): number | undefined {
  const spans = [...facts.units, ...imports].map(({ span }) => span);
  for (let at = 0; at < words.length; at++) {
    const start = words.start(at);
    // A text is a docstring, or said to the compiler (`'use strict'`).
    if (!words.isAtMargin(at) || words.kind(at) === word.text || defining.has(words.at(at))) continue;
    if (spans.some((span) => start >= span.start && start < span.end)) continue;
    const isAssigned = words.isName(at) && (words.isSign(at + 1, '=') || words.isSign(at + 1, ':'));
    const isForTypes = words.at(at) === 'if' && words.at(at + 1) === 'TYPE_CHECKING';
    if (!isAssigned && !isForTypes) return words.line(start);
  }
  return undefined;
}

/** An import as this file would write one. */
function likeOf(tree: SourceTree, file: SourceFile, { consumers }: Migration): LinkedImport {
  const uses = consumers.flatMap(({ references }) => references.bindings.map(({ linked }) => linked));
  const own = file.imports.find(({ through }) => through !== undefined);
  const others = [...tree.files.values()]
    .filter(({ facts }) => facts.lang === file.facts.lang)
    .flatMap(({ imports }) => imports);
  const known = own ?? uses[0] ?? others.find(({ through }) => through !== undefined);
  const span = { start: 0, end: 0, line: 1, endLine: 1 };
  const plain: LinkedImport = { kind: 'import', specifier: './x', imported: '*', local: '', span, within: '' };
  if (known === undefined || file.facts.lang === 'py') return known ?? { ...plain, specifier: 'x' };
  const ending =
    /\.[cm]?[jt]sx?$/.exec(
      (own ?? others.find(({ specifier }) => specifier.startsWith('.')) ?? known).specifier,
    )?.[0] ?? '';
  return { ...plain, specifier: `./x${ending}` };
}

function scriptStub(
  canonical: Unit,
  { specifier, name, isWhole }: Target,
  names: readonly string[],
  { text }: Words,
): string {
  const doc = `/** @deprecated Use ${canonical.name} of ${specifier}. */\n`;
  const quote = /import[^'"\n]*"|require\("/.test(text) ? '"' : "'";
  const source = `${quote}${specifier}${quote}`;
  if (/\bmodule\.exports\b|^exports\.|\bexports\.\w+\s*=/m.test(text) && !/^export\b/m.test(text)) {
    const value = isWhole ? `require(${source})` : `require(${source}).${name}`;
    const named = names.filter((one) => one !== 'default').map((one) => `${one}: ${value}`);
    return `${doc}module.exports = ${named.length === 0 ? value : `{ ${named.join(', ')} }`};\n`;
  }
  const list = names.map((one) => (one === name ? one : `${name} as ${one}`)).join(', ');
  return `${doc}export ${canonical.kind === 'type' ? 'type ' : ''}{ ${list} } from ${source};\n`;
}

/** What others are told that it gives, and all that it does. */
type StubNames = { readonly names: readonly string[]; readonly given: readonly string[] };

function pythonStub(canonical: Unit, { specifier, name }: Target, { names, given }: StubNames): string {
  const list = given.map((one) => (one === name ? one : `${name} as ${one}`)).join(', ');
  const all = names.map((one) => `"${one}"`).join(', ');
  return `"""Deprecated: use ${canonical.name} of ${specifier}."""\n\nfrom ${specifier} import ${list}\n\n__all__ = [${all}]\n`;
}

// --- taking out ---

/** The file at `path` without `rivals` (VO2). `earlier`: edits that it has anyhow. */
export function withoutRivals(
  { tree, wordsOf, finder }: OldFiles,
  path: string,
  rivals: readonly Unit[],
  earlier: readonly Edit[],
): OldFile {
  const file = tree.files.get(path);
  const words = wordsOf(path);
  if (file === undefined || words === undefined) return 'it can not be read';
  const cuts: Edit[] = [];
  for (const rival of rivals) {
    const cut = cutOf(words, file, rival);
    if (typeof cut === 'string') return cut;
    cuts.push(...cut);
  }
  const joined = joinCuts(cuts);
  const inside = (edit: Edit): boolean => joined.some(({ start, end }) => edit.start >= start && edit.end <= end);
  const edits = [...joined, ...earlier.filter((edit) => !inside(edit))];
  if (!isEmptied(file, words, joined)) return { edits };
  const isLoaded = [...tree.files.values()].some(
    (one) =>
      one.path !== path &&
      one.imports.some(({ through, unit }) => through === path && !rivals.some(({ id }) => id === unit)),
  );
  if (finder.isEntry(path)) return 'package.json gives it to others: take it out there first';
  if (!isLoaded && !path.endsWith('__init__.py')) {
    return { edits: [{ start: 0, end: words.text.length, text: '' }], isGone: true };
  }
  const isModule = file.facts.lang !== 'py' && !/\b(?:import|export)\b/.test(applyEdits(words.text, joined));
  const end = words.text.length;
  return { edits: isModule ? [...edits, { start: end, end, text: `export {};${lineEnding(words.text)}` }] : edits };
}

const heads = new Set(['export', 'default', 'abstract', 'async', 'declare']);

/** A unit with what belongs to it: `export`, decorators, the comment above, and its name in a list of exports. */
function cutOf(words: Words, { facts }: SourceFile, rival: Unit): readonly Edit[] | string {
  const { span, name } = rival;
  let first = words.firstFrom(span.start);
  while (heads.has(words.at(first - 1))) first -= 1;
  if (['const', 'let', 'var', '=', ','].includes(words.at(first - 1))) {
    return `${name} is declared as a variable: take it out by hand`;
  }
  const lists = listedNames(words, rival);
  if (typeof lists === 'string') return lists;
  const { text } = words;
  const start = startWithHead(words, words.start(firstDecorator(words, first)));
  const lineEnd = text.indexOf('\n', span.end);
  const end = lineEnd < 0 ? text.length : lineEnd + 1;
  if (!/^;?$/.test(text.slice(span.end, end).trim())) {
    return `something stands behind ${name} on its line: take it out by hand`;
  }
  const body = { start, end: end + blankBehind(text, start, end), text: '' };
  return [body, ...lists, ...(facts.lang === 'py' ? listedTexts(words, name) : [])];
}

/** One blank line is enough where two pieces meet. */
function blankBehind(text: string, start: number, end: number): number {
  const before = text.slice(0, start);
  const isBlankBefore = before.trim() === '' || /\n[ \t]*\r?\n$/.test(before);
  return isBlankBefore ? (/^(?:[ \t]*\r?\n)+/.exec(text.slice(end))?.[0].length ?? 0) : 0;
}

/** Where lists of exports name a unit; a text where its own file uses it in another way. */
function listedNames(words: Words, { name, span }: Unit): readonly Edit[] | string {
  const lists: Edit[] = [];
  for (let at = 0; at < words.length; at++) {
    const start = words.start(at);
    const isInside = start >= span.start && start < span.end;
    if (isInside || !words.isName(at) || words.at(at) !== name || words.isSign(at - 1, '.')) continue;
    const listed = exportListAt(words, at);
    if (listed === undefined)
      return `${name} is used in its own file, in line ${words.line(start)}: take that out first`;
    lists.push(listed);
  }
  return lists;
}

/** The first word of the decorators above a declaration (`@a.b(c)`), or its own. */
function firstDecorator(words: Words, first: number): number {
  for (let at = first; ;) {
    let name = at - 1;
    if (words.isSign(name, ')')) name = openingOf(words, name) - 1;
    while (words.isSign(name - 1, '.')) name -= 2;
    if (!words.isName(name) || !words.isSign(name - 1, '@')) return at;
    at = name - 1;
  }
}

function openingOf(words: Words, close: number): number {
  let open = close - 1;
  while (open > 0 && !(words.isSign(open, '(') && words.closing(open) === close)) open -= 1;
  return open;
}

/** What a file begins with belongs to all of it: how it is run, how it is encoded, whose it is. */
const ofTheFile = /^#!|coding[:=]|copyright|licen[cs]e|spdx/i;

/** Up over the comments right above, to the beginning of a line. */
function startWithHead({ text, comments }: Words, from: number): number {
  let start = text.lastIndexOf('\n', from - 1) + 1;
  for (;;) {
    const above = text.lastIndexOf('\n', start - 2) + 1;
    const comment = comments.find(
      (one) => one.start < start && one.end >= above + text.slice(above, start).trimEnd().length && one.end <= start,
    );
    if (comment === undefined || ofTheFile.test(text.slice(comment.start, comment.end))) return start;
    const line = text.lastIndexOf('\n', comment.start - 1) + 1;
    if (text.slice(line, comment.start).trim() !== '') return start;
    start = line;
  }
}

/** The place of a name in `export { … }` or `module.exports = { … }`, or all of `export default Name`. */
function exportListAt(words: Words, at: number): Edit | undefined {
  if (words.at(at - 1) === 'default' && words.at(at - 2) === 'export') {
    const end = words.isSign(at + 1, ';') ? words.end(at + 1) : words.end(at);
    return { start: words.start(at - 2), end, text: '' };
  }
  const assigned = assignedExportAt(words, at);
  if (assigned !== undefined) return assigned;
  if (!isInExportList(words, at) || words.at(at - 1) === 'as' || words.isSign(at + 1, ':')) return undefined;
  const last = words.at(at + 1) === 'as' ? at + 2 : at;
  if (words.isSign(last + 1, ',')) return { start: words.start(at), end: words.start(last + 2), text: '' };
  return { start: words.start(words.isSign(at - 1, ',') ? at - 1 : at), end: words.end(last), text: '' };
}

/** All of `exports.Name = Name` or `module.exports = Name`, on a line of its own. */
function assignedExportAt(words: Words, at: number): Edit | undefined {
  if (!words.isSign(at - 1, '=')) return undefined;
  let first = at - 2;
  if (words.at(first) === words.at(at) && words.isSign(first - 1, '.')) first -= 2;
  if (words.at(first) !== 'exports') return undefined;
  if (words.isSign(first - 1, '.') && words.at(first - 2) === 'module') first -= 2;
  const end = words.isSign(at + 1, ';') ? words.end(at + 1) : words.end(at);
  return aloneOnLine(words, { start: words.start(first), end });
}

function isInExportList(words: Words, at: number): boolean {
  let open = at - 1;
  while (open > 0 && (words.isName(open) || words.isSign(open, ','))) open -= 1;
  const isAssigned = words.isSign(open - 1, '=') && words.at(open - 2) === 'exports';
  return words.isSign(open, '{') && (isAssigned || words.at(open - 1) === 'export');
}

/** Its name in `__all__`. */
function listedTexts(words: Words, name: string): readonly Edit[] {
  const found: Edit[] = [];
  const list = Array.from({ length: words.length }, (_, at) => at).find(
    (at) => words.at(at) === '__all__' && words.isAtMargin(at),
  );
  if (list === undefined) return found;
  const close = words.closing(list + 2);
  for (let at = list + 3; at < close; at++) {
    if (words.kind(at) !== word.text || words.at(at).slice(1, -1) !== name) continue;
    const hasComma = words.isSign(at + 1, ',');
    const end = hasComma && at + 2 < close ? words.start(at + 2) : words.end(hasComma ? at + 1 : at);
    found.push({ start: words.start(at), end, text: '' });
  }
  return found;
}

/** Is nothing left but imports and comments? */
function isEmptied(file: SourceFile, words: Words, cuts: readonly Edit[]): boolean {
  const futures = [...words.text.matchAll(/^from __future__ import .*$/gm)].map((match) => ({
    start: match.index,
    end: match.index + match[0].length,
  }));
  const imports = file.imports.filter(({ kind }) => kind !== 'reexport').map(({ span }) => span);
  const spans = [...cuts, ...imports, ...futures];
  for (let at = 0; at < words.length; at++) {
    const start = words.start(at);
    const isDoc = at === 0 && words.kind(at) === word.text;
    const isEmptyList = /^(?:export|\{|\}|;|__all__|=|\[|\])$/.test(words.at(at));
    if (!isDoc && !isEmptyList && !spans.some((span) => start >= span.start && start < span.end)) return false;
  }
  return true;
}
