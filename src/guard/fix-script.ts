/** Imports of TypeScript and JavaScript, rewritten: statements, and calls that load a module. */
import type { LinkedImport } from './concept.ts';
import { type Edit, indentAt, lineEnding } from './edits.ts';
import {
  aloneOnLine,
  behind,
  cutItems,
  hasBefore,
  hasComment,
  type ListItem,
  matched,
  type Need,
  needsBySpecifier,
  notFirst,
  type Rewritten,
  type Statement,
  stayingOf,
} from './fix-statement.ts';
import { word, type Words } from './lexer.ts';
import { memberBehindLoad } from './references.ts';
import { itemsBetween } from './signature.ts';

const unknown = 'it is written in a way that is not rewritten';

/** `import … from`, `export … from`, `require(…)` and `import(…)`. */
export function rewriteScript(statement: Statement): Rewritten {
  const { words, all } = statement;
  const [first] = all;
  if (first === undefined) return unknown;
  const from = words.firstFrom(first.span.start);
  const isStatement = ['import', 'export'].includes(words.at(from)) && !words.isSign(from + 1, '(');
  return isStatement ? rewriteClause(statement, first, from) : rewriteCall(statement, first);
}

// --- statements ---

type Clause = {
  readonly head: 'import' | 'export';
  readonly isType: boolean;
  /** The word of the default binding, that of `*`, those of the braces, and that of the specifier. */
  readonly standard: number | undefined;
  readonly star: number | undefined;
  readonly open: number | undefined;
  readonly close: number | undefined;
  readonly from: number;
  readonly specifier: number;
  readonly items: readonly ListItem[];
};

function rewriteClause(statement: Statement, { span }: LinkedImport, at: number): Rewritten {
  const { words } = statement;
  const clause = readClause(words, at, words.firstFrom(span.end) - 1, statement.all);
  if (clause === undefined) return unknown;
  const groups = needsBySpecifier(statement);
  const [only, ...others] = groups;
  if (stayingOf(statement).length === 0 && only !== undefined && others.length === 0) {
    return inPlace(statement, clause, only[0]);
  }
  const texts = [...groups].map(([specifier, needs]) => newStatement(words, clause, specifier, needs, span.end));
  if (stayingOf(statement).length === 0) return wholly(words, span, texts);
  const added = texts.length === 0 ? [] : behind(words, span.start, span.end, texts);
  if (typeof added === 'string') return added;
  const cuts = cutBindings(statement, clause);
  return typeof cuts === 'string' ? cuts : [...cuts, ...[added].flat()];
}

/** Statements in the place of one; nothing is needed of it where there are none. */
function wholly(words: Words, span: Pick<Edit, 'start' | 'end'>, texts: readonly string[]): Rewritten {
  const { start, end } = span;
  if (hasComment(words, span)) return 'a comment stands in it, and it becomes several';
  if (texts.length === 0) return [aloneOnLine(words, span) ?? { start, end, text: '' }];
  if (hasBefore(words, start)) return notFirst;
  return [{ start, end, text: texts.join(`${lineEnding(words.text)}${indentAt(words.text, start)}`) }];
}

function readClause(words: Words, from: number, last: number, all: readonly LinkedImport[]): Clause | undefined {
  const isType = isTypeClause(words, from + 1);
  let at = isType ? from + 2 : from + 1;
  const standard = words.isName(at) && words.at(at) !== 'from' ? at : undefined;
  if (standard !== undefined) at += words.isSign(at + 1, ',') ? 2 : 1;
  const [star, open] = ['*', '{'].map((sign) => (words.isSign(at, sign) ? at : undefined));
  const close = open === undefined ? undefined : words.closing(open);
  at = fromAt(words, close ?? at, last);
  if (words.kind(at + 1) !== word.text) return undefined;
  const head = words.at(from) === 'export' ? 'export' : 'import';
  const items = open === undefined || close === undefined ? [] : matched(words, itemsBetween(words, open, close), all);
  return { head, isType, standard, star, open, close, from: at, specifier: at + 1, items };
}

function fromAt(words: Words, from: number, last: number): number {
  let at = from;
  while (at <= last && words.at(at) !== 'from') at += 1;
  return at;
}

/** `import type { … }`, and not `import type from`. */
function isTypeClause(words: Words, at: number): boolean {
  if (words.at(at) !== 'type') return false;
  return (
    words.isSign(at + 1, '{') || words.isSign(at + 1, '*') || (words.isName(at + 1) && words.at(at + 1) !== 'from')
  );
}

/** All of it comes from one other place: the names and the specifier change where they stand. */
function inPlace(statement: Statement, clause: Clause, specifier: string): Rewritten {
  const { words, moved } = statement;
  const source = specifierEdit(words, clause.specifier, specifier);
  const { standard, star, open, items } = clause;
  if (standard === undefined && star === undefined && open !== undefined) {
    const seen = new Set<string>();
    const edits = items.map(({ first, last, linked }): Edit => {
      const needs = (linked === undefined ? [] : (moved.get(linked) ?? [])).filter(
        ({ local }) => !seen.has(local) && seen.add(local),
      );
      const type = words.at(first) === 'type' && first < last ? 'type ' : '';
      return {
        start: words.start(first),
        end: words.end(last),
        text: needs.map((need) => type + itemText(need, ' as ')).join(', '),
      };
    });
    return [...edits.filter(({ text }) => text !== ''), ...emptied(words, items, edits), source];
  }
  const [first] = [standard ?? star ?? open ?? 0];
  const binding = { start: words.start(first), end: words.end(clause.from - 1) };
  if (hasComment(words, binding)) return 'a comment stands between its names';
  const needs = [...needsBySpecifier(statement).values()].flat();
  return [{ ...binding, text: bindingText(needs, clause.head, clause.isType) }, source];
}

/** Things that nothing takes the place of are cut out. */
function emptied(words: Words, items: readonly ListItem[], edits: readonly Edit[]): readonly Edit[] {
  const gone = new Set(items.filter((_, index) => edits[index]?.text === ''));
  return gone.size === 0 ? [] : cutItems(words, items, (item) => gone.has(item));
}

function cutBindings(statement: Statement, clause: Clause): Rewritten {
  const { words } = statement;
  const staying = new Set(stayingOf(statement));
  const { standard, star, open, close, items } = clause;
  const stays = (at: number): boolean => [...staying].some(({ local }) => local === words.at(at));
  const [second, end] = open === undefined ? [star, star === undefined ? undefined : star + 2] : [open, close];
  if (second === undefined || end === undefined) return [];
  const kept = items.filter(({ linked }) => linked === undefined || staying.has(linked));
  const keepsSecond = open === undefined ? stays(end) : kept.length > 0;
  if (!keepsSecond) {
    return standard === undefined ? unknown : [{ start: words.end(standard), end: words.end(end), text: '' }];
  }
  const isCut = standard !== undefined && !stays(standard);
  const first = isCut ? [{ start: words.start(standard), end: words.start(second), text: '' }] : [];
  return [...first, ...cutItems(words, items, (item) => !kept.includes(item))];
}

function newStatement(
  words: Words,
  { head, isType, specifier }: Clause,
  path: string,
  ...[needs, end]: readonly [readonly Need[], number]
): string {
  const quote = words.at(specifier)[0] ?? "'";
  const semicolon = words.text[end - 1] === ';' ? ';' : '';
  const binding = bindingText(needs, head, isType);
  return `${head}${isType ? ' type' : ''} ${binding} from ${quote}${path}${quote}${semicolon}`;
}

/** What was a type alone stays one: it loads nothing. `isType`: the whole statement says so. */
function bindingText(needs: readonly Need[], head: 'import' | 'export', isType: boolean): string {
  const [first] = needs;
  const isTyped = (need: Need): boolean => need.isType && !isType;
  if (head === 'import' && needs.length === 1 && first?.name === 'default' && !isTyped(first)) return first.local;
  return `{ ${needs.map((need) => (isTyped(need) ? 'type ' : '') + itemText(need, ' as ')).join(', ')} }`;
}

function itemText({ name, local }: Need, as: string): string {
  return name === local ? name : `${name}${as}${local}`;
}

function specifierEdit(words: Words, at: number, specifier: string): Edit {
  return { start: words.start(at) + 1, end: words.end(at) - 1, text: specifier };
}

// --- calls ---

type Call = {
  readonly statement: Statement;
  readonly linked: LinkedImport;
  /** What is bound begins here. */
  readonly first: number;
  readonly specifier: number;
  readonly close: number;
  readonly isRequire: boolean;
};

function rewriteCall(statement: Statement, linked: LinkedImport): Rewritten {
  const { words } = statement;
  const close = words.firstFrom(linked.span.end) - 1;
  const [loader, open, specifier] = [close - 3, close - 2, close - 1];
  if (!words.isSign(open, '(') || words.kind(specifier) !== word.text) return unknown;
  const first = words.firstFrom(linked.span.start);
  const call = { statement, linked, first, specifier, close, isRequire: words.at(loader) === 'require' };
  if (linked.local === '') return rewriteMember(call, memberBehindLoad(words, close));
  if (words.isSign(first, '{')) return rewriteTaken(call);
  return linked.imported === '*' ? rewriteNamed(call) : rewriteMember(call, close + 2);
}

/** `m = require('x')`. */
function rewriteNamed(call: Call): Rewritten {
  const { statement, first, specifier, isRequire } = call;
  const { words } = statement;
  const needs = [...needsBySpecifier(statement)];
  const [only, ...others] = needs;
  if (stayingOf(statement).length > 0) return appended(call, needs);
  if (only === undefined || others.length > 0) return `it becomes several, and stands behind "${words.at(first)} ="`;
  const [need, ...more] = only[1];
  const keepsName = need !== undefined && more.length === 0 && isRequire && need.isWhole;
  // Only a declaration can take names out of what is loaded.
  if (!keepsName && !['const', 'let', 'var'].includes(words.at(first - 1))) return unknown;
  const name = { start: words.start(first), end: words.end(first), text: takenText(only[1]) };
  return [...(keepsName ? [] : [name]), specifierEdit(words, specifier, only[0])];
}

/** `require('x').X`, `import('x').then((m) => m.X)`: the name behind it, and the specifier. */
function rewriteMember({ statement, specifier, isRequire }: Call, at: number | undefined): Rewritten {
  const { words } = statement;
  const needs = [...needsBySpecifier(statement).values()].flat();
  const [need] = needs;
  if (need === undefined || needs.length > 1 || at === undefined || !words.isName(at)) return unknown;
  const source = specifierEdit(words, specifier, need.specifier);
  const isWhole = isRequire && need.isWhole;
  const member = isWhole
    ? { start: words.start(at - 1), end: words.end(at), text: '' }
    : { start: words.start(at), end: words.end(at), text: need.name };
  return [source, member];
}

/** `{ a, b: c } = require('x')`. */
function rewriteTaken(call: Call): Rewritten {
  const { statement, first, specifier } = call;
  const { words, moved } = statement;
  const items = matched(words, itemsBetween(words, first, words.closing(first)), statement.all);
  const needs = [...needsBySpecifier(statement)];
  const [only, ...others] = needs;
  const isWhole = call.isRequire && needs.some(([, all]) => all.some((need) => need.isWhole));
  if (stayingOf(statement).length > 0 || only === undefined || others.length > 0 || isWhole) {
    const added = appended(call, needs);
    if (typeof added === 'string') return added;
    const staying = new Set(stayingOf(statement));
    const cut = cutItems(words, items, ({ linked }) => linked !== undefined && !staying.has(linked));
    return staying.size > 0 ? [...cut, ...added] : unknown;
  }
  const edits = items.flatMap(({ first: from, last, linked }): Edit[] => {
    const own = linked === undefined ? [] : (moved.get(linked) ?? []);
    return own.length === 0
      ? []
      : [{ start: words.start(from), end: words.end(last), text: own.map((need) => itemText(need, ': ')).join(', ') }];
  });
  return [...edits, specifierEdit(words, specifier, only[0])];
}

/** Declarations of their own behind the one that the call stands in. */
function appended(
  { statement, first, specifier, close, isRequire }: Call,
  needs: readonly (readonly [string, readonly Need[]])[],
): Rewritten {
  const { words } = statement;
  const keyword = words.at(first - 1);
  const hasSemicolon = words.isSign(close + 1, ';');
  const end = hasSemicolon ? words.end(close + 1) : words.end(close);
  const equals = first + (words.isSign(first, '{') ? words.closing(first) - first : 0) + 1;
  if (!['const', 'let', 'var'].includes(keyword) || !words.isSign(equals, '=')) return unknown;
  const before = words.text.slice(words.start(equals + 1), words.start(specifier) + 1);
  const after = words.text.slice(words.end(specifier) - 1, words.end(close));
  const texts = needs.map(([path, all]) => {
    const [need] = all;
    const name = isRequire && all.length === 1 && need?.isWhole === true ? need.local : takenText(all);
    return `${keyword} ${name} = ${before}${path}${after}${hasSemicolon ? ';' : ''}`;
  });
  const added = behind(words, words.start(first - 1), end, texts);
  return typeof added === 'string' ? added : [added];
}

function takenText(needs: readonly Need[]): string {
  return `{ ${needs.map((need) => itemText(need, ': ')).join(', ')} }`;
}
