/** Imports of Python, rewritten. */
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
import type { Words } from './lexer.ts';

/** `from x import A, B as C`, in brackets or without, and `import x.y as z`. */
export function rewritePython(statement: Statement): Rewritten {
  const { words, all } = statement;
  const span = all[0]?.span;
  if (span === undefined) return 'it is no import';
  const groups = needsBySpecifier(statement);
  const texts = [...groups].map(([module, needs]) => `from ${module} import ${needs.map(itemText).join(', ')}`);
  const names = readNames(statement, span);
  const staying = new Set(stayingOf(statement));
  if (staying.size > 0) {
    const added = texts.length === 0 ? [] : behind(words, span.start, span.end, texts);
    if (typeof added === 'string') return added;
    const cuts = cutItems(words, names.items, ({ linked }) => linked !== undefined && !staying.has(linked));
    return [...cuts, ...[added].flat()];
  }
  const placed = groups.size === 1 ? inPlace(statement, names, [...groups.keys()][0] ?? '') : undefined;
  return placed ?? wholly(words, span, texts);
}

/** Statements in the place of one; nothing is needed of it where there are none. */
function wholly(words: Words, span: Pick<Edit, 'start' | 'end'>, texts: readonly string[]): Rewritten {
  const { start, end } = span;
  if (hasComment(words, span)) return 'a comment stands in it, and it becomes several';
  // In a block, which may not be empty, it becomes `pass`.
  if (texts.length === 0) return [aloneOnLine(words, span) ?? { start, end, text: 'pass' }];
  if (texts.length > 1 && hasBefore(words, start)) return notFirst;
  return [{ start, end, text: texts.join(`${lineEnding(words.text)}${indentAt(words.text, start)}`) }];
}

type Names = {
  /** First and last word of the module behind `from`; absent in `import x`. */
  readonly module: readonly [number, number] | undefined;
  readonly items: readonly ListItem[];
};

function readNames(statement: Statement, { start, end }: Pick<Edit, 'start' | 'end'>): Names {
  const { words, all } = statement;
  const at = words.firstFrom(start);
  const last = words.firstFrom(end) - 1;
  const isFrom = words.at(at) === 'from';
  const names = isFrom ? at + 1 + wordsUpTo(words, at + 1, 'import') : at;
  const isBracketed = words.isSign(names + 1, '(');
  const [open, close] = isBracketed ? [names + 1, words.closing(names + 1)] : [names, last + 1];
  const items = matched(words, itemsFrom(words, open, close), all).map((item) =>
    item.linked === undefined ? { ...item, linked: byModule(statement, words, item.first, item.last) } : item,
  );
  return { module: isFrom ? [at + 1, names - 1] : undefined, items };
}

/** All names come from one other module. */
function inPlace(
  { words, moved }: Statement,
  { module, items }: Names,
  specifier: string,
): readonly Edit[] | undefined {
  if (module === undefined) return undefined;
  const [first, last] = module;
  const edits = items.map((item): Edit => {
    const needs = item.linked === undefined ? [] : (moved.get(item.linked) ?? []);
    return {
      start: words.start(item.first),
      end: words.end(item.last),
      text: needs.map((need) => inPlaceText(words, item, need)).join(', '),
    };
  });
  if (edits.some(({ text }) => text === '')) return undefined;
  return [{ start: words.start(first), end: words.end(last), text: specifier }, ...edits];
}

/** `X as X` says that a name is for others too: it stays that where it was. */
function inPlaceText(words: Words, { first, last }: ListItem, need: Need): string {
  const isSaid = need.name === need.local && words.at(first + 1) === 'as' && first < last;
  return isSaid ? `${need.name} as ${need.local}` : itemText(need);
}

function itemText({ name, local }: Need): string {
  return name === local ? name : `${name} as ${local}`;
}

function wordsUpTo(words: Words, from: number, end: string): number {
  let count = 0;
  while (from + count < words.length && words.at(from + count) !== end) count += 1;
  return count;
}

function itemsFrom(words: Words, open: number, close: number): readonly (readonly [number, number])[] {
  const items: (readonly [number, number])[] = [];
  let first = open + 1;
  for (let at = open + 1; at <= close; at++) {
    if (at < close && !words.isSign(at, ',')) continue;
    if (at > first) items.push([first, at - 1]);
    first = at + 1;
  }
  return items;
}

/** `import a.b`: its local name is all of it. */
function byModule({ all }: Statement, words: Words, first: number, last: number): Statement['all'][number] | undefined {
  const written = words.text.slice(words.start(first), words.end(last)).replaceAll(/\s/g, '');
  return all.find(({ local }) => local === written);
}
