/**
 * The shorter text that the parser is given of a Python file (GE4): classes, functions and imports as they are, in the
 * nesting that they have, and `0` for all that lies between them.
 *
 * What they are nested in is written as `if 0:`, whatever it is: indentation alone says what belongs to what.
 */
import { type Words, word } from './lexer.ts';
import { ShortText } from './parse-short-text.ts';

/** The short text of a Python file, or undefined where its indentation or its brackets don't match. */
export function shortenPython(words: Words): ShortText | undefined {
  const closes = new Int32Array(words.length);
  const lines = readLines(words, closes);
  return lines === undefined ? undefined : writeLines(words, lines, closes);
}

/** A line as the language has it: brackets and backslashes join what is on several. */
type Line = {
  readonly first: number;
  last: number;
  readonly indent: number;
  /** How the lines of its block are indented. */
  inner: number;
  /** It defines or imports something. */
  isKept: boolean;
  /** One of the lines in its block is kept. */
  holdsKept: boolean;
  /** The number of the line behind its block. */
  end: number;
};

const kept = new Set(['class', 'def', 'import']);
const closing: ReadonlyMap<string, string> = new Map([
  [')', '('],
  [']', '['],
  ['}', '{'],
]);

function readLines(words: Words, closes: Int32Array): Line[] | undefined {
  const lines: Line[] = [];
  const open: number[] = [];
  for (let at = 0; at < words.length; at++) {
    let line = lines.at(-1);
    if (line === undefined || (open.length === 0 && startsLine(words, at))) {
      line = { first: at, last: at, indent: indentOf(words, at), inner: -1, isKept: false, holdsKept: false, end: 0 };
      lines.push(line);
    }
    line.last = at;
    const kind = words.kind(at);
    if (kind === word.name) line.isKept ||= kept.has(words.at(at));
    else if (kind === word.sign && !readBracket(words, at, open, closes)) return undefined;
  }
  return open.length === 0 && nest(words, lines) ? lines : undefined;
}

/** False where a bracket closes another one. */
function readBracket(words: Words, at: number, open: number[], closes: Int32Array): boolean {
  const sign = words.at(at);
  if (sign === '(' || sign === '[' || sign === '{') open.push(at);
  const other = closing.get(sign);
  if (other === undefined) return true;
  const from = open.pop();
  if (from === undefined || words.at(from) !== other) return false;
  closes[from] = at;
  return true;
}

/** Is the word the first of its line, and that no continuation of the one before? */
function startsLine(words: Words, at: number): boolean {
  const from = words.end(at - 1);
  const to = words.start(at);
  if (words.gap(from, to) !== '\n') return false;
  const gap = words.text.slice(from, to);
  return !gap.includes('\\') || gap.includes('#');
}

/** Columns before a word; a tab counts as the grammar has it. */
function indentOf(words: Words, at: number): number {
  const start = words.start(at);
  let columns = 0;
  for (let back = start - 1; back >= 0; back--) {
    const code = words.text.charCodeAt(back);
    if (code === 32) columns += 1;
    else if (code === 9) columns += 8;
    else break;
  }
  return columns;
}

/** Finds where the block of each line ends. False where a line is indented like none before it, or without a colon. */
function nest(words: Words, lines: readonly Line[]): boolean {
  const above: Line[] = [];
  /** How lines are indented that no other one is around. */
  const outermost = 0;
  for (const [index, line] of lines.entries()) {
    closeBlocks(above, line.indent, index);
    const owner = above.at(-1);
    if (owner !== undefined && owner === lines[index - 1]) {
      if (!words.isSign(owner.last, ':')) return false;
      owner.inner = line.indent;
    } else if (line.indent !== (owner?.inner ?? outermost)) return false;
    above.push(line);
  }
  closeBlocks(above, outermost, lines.length);
  return true;
}

/** Ends the blocks of lines that are indented as much, or more. */
function closeBlocks(above: Line[], indent: number, end: number): void {
  for (let top = above.at(-1); top !== undefined && top.indent >= indent; top = above.at(-1)) {
    above.pop();
    top.end = end;
    const around = above.at(-1);
    if (around !== undefined) around.holdsKept ||= top.isKept || top.holdsKept;
  }
}

function writeLines(words: Words, lines: readonly Line[], closes: Int32Array): ShortText {
  const out = new ShortText(words);
  for (let index = 0; index < lines.length;) {
    const line = lines[index];
    if (line === undefined) break;
    if (line.isKept) {
      writeKept(words, line, closes, out);
      index += 1;
    } else if (line.holdsKept) {
      out.add(line.first, line.last, 'if 0:', leadOf(line));
      index += 1;
    } else {
      const end = endOfPlain(lines, index);
      out.add(line.first, lines[end - 1]?.last ?? line.last, '0', leadOf(line));
      index = end;
    }
  }
  return out;
}

/** Behind the lines of one block, from this one on, of which none is kept. */
function endOfPlain(lines: readonly Line[], from: number): number {
  const indent = lines[from]?.indent;
  let end = from;
  for (let line = lines[end]; line !== undefined; line = lines[end]) {
    if (line.indent !== indent || line.isKept || line.holdsKept) break;
    end = line.end;
  }
  return end;
}

function leadOf({ indent }: Line): string {
  return `\n${' '.repeat(indent)}`;
}

function writeKept(words: Words, line: Line, closes: Int32Array, out: ShortText): void {
  let lead = leadOf(line);
  for (let at = line.first; at <= line.last; at++) {
    const close = closes[at] ?? 0;
    if (close > at + 1) {
      out.add(at, close, words.isSign(at, '(') ? '(a)' : words.isSign(at, '[') ? '[a]' : '{a}', lead);
      at = close;
    } else out.add(at, at, shortOf(words, at), lead);
    lead = words.end(at) === words.start(at + 1) ? '' : ' ';
  }
}

function shortOf(words: Words, at: number): string {
  const kind = words.kind(at);
  if (kind === word.text) return '""';
  return kind === word.number ? '0' : words.at(at);
}
