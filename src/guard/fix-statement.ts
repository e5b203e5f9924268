/**
 * Rewrites one import so that some of its names come from elsewhere. Every other byte of it stays as it was.
 *
 * VX3  Only what has to change does: an import whose names all move is rewritten in place, of another the names are cut out
 *      and stand in a statement behind it. Comments, quotes, line ends and the way it is laid out stay.
 */
import type { LinkedImport } from './concept.ts';
import { type Edit, indentAt, joinCuts, lineEnding } from './edits.ts';
import type { Target } from './fix-target.ts';
import type { Words } from './lexer.ts';

/** A name that the file needs from now on: `local` is how it calls it. */
export type Need = Target & { readonly local: string; readonly isType: boolean };

/** One import statement or loading call, with what it brings, and for each name that moves what is needed instead. */
export type Statement = {
  readonly words: Words;
  readonly all: readonly LinkedImport[];
  readonly moved: ReadonlyMap<LinkedImport, readonly Need[]>;
  /** Modules that are still needed besides. */
  readonly stays: ReadonlySet<LinkedImport>;
};

/** The edits, or why there are none. */
export type Rewritten = readonly Edit[] | string;

/** A thing in a list, by its first and last word, with the import that it stands for. */
export type ListItem = { readonly first: number; readonly last: number; readonly linked: LinkedImport | undefined };

/** What is needed, by where it comes from. */
export function needsBySpecifier({ moved }: Statement): ReadonlyMap<string, readonly Need[]> {
  const needs = new Map<string, Need>();
  for (const need of [...moved.values()].flat()) needs.set(`${need.specifier}\n${need.name}\n${need.local}`, need);
  return Map.groupBy(needs.values(), ({ specifier }) => specifier);
}

/** Names that the statement goes on bringing. */
export function stayingOf({ all, moved, stays }: Statement): readonly LinkedImport[] {
  return all.filter((linked) => !moved.has(linked) || stays.has(linked));
}

/** Cuts things out of a list, with the comma that parts them from the next one. A comment beside one stays. */
export function cutItems(
  words: Words,
  items: readonly ListItem[],
  isCut: (item: ListItem) => boolean,
): readonly Edit[] {
  const cuts = items.flatMap((item, index): Edit[] => {
    if (!isCut(item)) return [];
    const next = items[index + 1];
    const kept = items.slice(0, index).findLast((one) => !isCut(one));
    const cut =
      next !== undefined
        ? { start: words.start(item.first), end: words.start(next.first), text: '' }
        : {
            start: kept === undefined ? words.start(item.first) : words.end(kept.last),
            end: words.end(item.last),
            text: '',
          };
    const lineEnd = words.text.indexOf('\n', cut.end);
    const line = { start: cut.end, end: words.start(item.last + 2) };
    const isTold =
      next === undefined && hasComment(words, { ...line, end: Math.min(line.end, lineEnd < 0 ? line.end : lineEnd) });
    if (!hasComment(words, cut) && !isTold) return [cut];
    const alone = { start: words.start(item.first), end: words.end(item.last), text: '' };
    const comma = words.isSign(item.last + 1, ',') ? item.last + 1 : item.first - 1;
    return words.isSign(comma, ',') ? [alone, { start: words.start(comma), end: words.end(comma), text: '' }] : [alone];
  });
  return joinCuts(cuts);
}

export function hasComment({ comments }: Words, { start, end }: Pick<Edit, 'start' | 'end'>): boolean {
  return comments.some((comment) => comment.start < end && comment.end > start);
}

/** Does anything but white space stand before it on its line? */
export function hasBefore({ text }: Words, start: number): boolean {
  return text.slice(text.lastIndexOf('\n', start - 1) + 1, start).trim() !== '';
}

export const notFirst = 'something stands before it on its line, and it becomes several';

/** The cut that takes a statement out with its line, where it stands alone at the margin. */
export function aloneOnLine({ text }: Words, { start, end }: Pick<Edit, 'start' | 'end'>): Edit | undefined {
  const lineEnd = text.indexOf('\n', end);
  const next = lineEnd < 0 ? text.length : lineEnd + 1;
  const isAlone = (start === 0 || text[start - 1] === '\n') && text.slice(end, next).trim() === '';
  return isAlone ? { start, end: next, text: '' } : undefined;
}

/** Puts statements behind the one that ends at `end`: on lines of their own, behind a comment that belongs to it. */
export function behind(words: Words, start: number, end: number, statements: readonly string[]): Edit | string {
  const { text } = words;
  if (hasBefore(words, start)) return notFirst;
  const newline = text.indexOf('\n', end);
  const lineEnd = newline < 0 ? text.length : newline - Number(text[newline - 1] === '\r');
  const rest = text.slice(end, Math.max(end, lineEnd));
  if (!/^[ \t]*(?:(?:\/\/|#|\/\*[^*]*\*\/[ \t]*$).*)?$/.test(rest))
    return 'another statement stands behind it on its line';
  const at = end + rest.trimEnd().length;
  const indent = indentAt(text, start);
  const eol = lineEnding(text);
  return { start: at, end: at, text: statements.map((statement) => `${eol}${indent}${statement}`).join('') };
}

/** Things in a list matched to imports by the local name, the last word of each. */
export function matched(
  words: Words,
  places: readonly (readonly [number, number])[],
  all: readonly LinkedImport[],
): readonly ListItem[] {
  return places.map(([first, last]) => {
    const local = words.at(last).replaceAll(/^['"]|['"]$/g, '');
    return { first, last, linked: all.find((one) => one.local === local) };
  });
}
