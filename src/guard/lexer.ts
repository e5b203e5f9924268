/**
 * Words of a source text, without a tree: names, literals and signs with their places.
 *
 * The grammar tells where classes and functions are; what happens inside them is read from these words, which costs a
 * fraction of a walk over nodes. A string, a template or a regular expression is one word each, comments are none.
 * It never fails: what is unterminated ends with its line, as JSX text with an apostrophe in it does.
 */
import type { Lang } from './facts.ts';

/** What a word is. The numbers are what `Words.kind` gives. */
export const word = Object.freeze({ name: 1, number: 2, text: 3, sign: 4 });

export type Comment = { readonly start: number; readonly end: number };

const newline = 10;
const slash = 47;
const backslash = 92;

/** All words of one text, by index. */
export class Words {
  readonly text: string;
  readonly comments: Comment[] = [];
  /** Brackets that are open before a word: 0 is module level in Python, and between statements anywhere. */
  length = 0;
  #places: Int32Array;
  /** What was asked for once: a word is read several times. */
  readonly #texts: (string | undefined)[] = [];
  readonly #lineStarts: number[] = [0];

  constructor(text: string) {
    this.text = text;
    this.#places = new Int32Array(Math.max(64, Math.ceil(text.length / 3)) * 3);
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) this.#lineStarts.push(at + 1);
  }

  add(kind: number, start: number, end: number): void {
    if ((this.length + 1) * 3 > this.#places.length) {
      const larger = new Int32Array(this.#places.length * 2);
      larger.set(this.#places);
      this.#places = larger;
    }
    const at = this.length * 3;
    this.#places[at] = kind;
    this.#places[at + 1] = start;
    this.#places[at + 2] = end;
    this.length += 1;
  }

  kind(index: number): number {
    return this.#places[index * 3] ?? 0;
  }

  start(index: number): number {
    return index < this.length ? (this.#places[index * 3 + 1] ?? 0) : this.text.length;
  }

  end(index: number): number {
    return index < this.length ? (this.#places[index * 3 + 2] ?? 0) : this.text.length;
  }

  /** What is written; empty before the first and behind the last. */
  at(index: number): string {
    if (index < 0 || index >= this.length) return '';
    return (this.#texts[index] ??= this.text.slice(this.#places[index * 3 + 1], this.#places[index * 3 + 2]));
  }

  /** Is it this one sign? Without cutting text out. */
  isSign(index: number, sign: string): boolean {
    if (this.kind(index) !== word.sign || index >= this.length) return false;
    return this.text.startsWith(sign, this.start(index)) && this.end(index) - this.start(index) === sign.length;
  }

  isName(index: number): boolean {
    return index >= 0 && index < this.length && this.kind(index) === word.name;
  }

  /** The first word that starts at `offset` or behind it. */
  firstFrom(offset: number): number {
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.start(middle) < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Line of an offset, from 1. */
  line(offset: number): number {
    let low = 0;
    let high = this.#lineStarts.length;
    while (low + 1 < high) {
      const middle = (low + high) >>> 1;
      if ((this.#lineStarts[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return low + 1;
  }

  get lines(): number {
    return this.text.endsWith('\n') ? this.#lineStarts.length - 1 : this.#lineStarts.length;
  }

  /** Is it the first thing of its line, without indentation? */
  isAtMargin(index: number): boolean {
    const start = this.start(index);
    return start === 0 || this.text.charCodeAt(start - 1) === newline;
  }

  /** The index of the bracket that closes the one at `index`, or that of the last word. */
  closing(index: number): number {
    let depth = 0;
    for (let at = index; at < this.length; at++) {
      if (this.kind(at) !== word.sign) continue;
      const sign = this.text[this.start(at)] ?? '';
      if (sign === '(' || sign === '[' || sign === '{') depth += 1;
      else if (sign === ')' || sign === ']' || sign === '}') {
        depth -= 1;
        if (depth <= 0) return at;
      }
    }
    return this.length - 1;
  }
}

/** Cuts a text into its words. */
export function readWords(text: string, lang: Lang): Words {
  const words = new Words(text);
  if (lang === 'py') readPython(words);
  else readScript(words);
  return words;
}

function isNameStart(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 95 || code === 36 || code > 127;
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

function nameEnd(text: string, from: number): number {
  let at = from;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (!isNameStart(code) && !isDigit(code)) break;
  }
  return at;
}

function numberEnd(text: string, from: number): number {
  let at = from;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (!isNameStart(code) && !isDigit(code) && code !== 46) break;
  }
  return at;
}

/** Behind the closing quote, or the end of the line if there is none. */
function quoteEnd(text: string, from: number): number {
  const quote = text.charCodeAt(from);
  for (let at = from + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === backslash) at += 1;
    else if (code === quote) return at + 1;
    else if (code === newline) return at;
  }
  return text.length;
}

function lineEnd(text: string, from: number): number {
  const at = text.indexOf('\n', from);
  return at < 0 ? text.length : at;
}

/** Whether a word, a space or neither begins here; spaces are skipped by the loops themselves. */
function isSpace(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13) || code === 0xfeff || code === 0xa0;
}

// --- Python ---

function readPython(words: Words): void {
  const { text } = words;
  for (let at = 0; at < text.length;) {
    const code = text.charCodeAt(at);
    if (isSpace(code) || code === backslash) at += 1;
    else if (code === 35) {
      const end = lineEnd(text, at);
      words.comments.push({ start: at, end });
      at = end;
    } else at = pythonWord(words, at, code);
  }
}

function pythonWord(words: Words, at: number, code: number): number {
  const { text } = words;
  let end: number;
  let kind = word.name;
  if (code === 34 || code === 39) {
    end = pythonTextEnd(text, at);
    kind = word.text as typeof kind;
  } else if (isNameStart(code)) {
    end = nameEnd(text, at);
    const next = text.charCodeAt(end);
    if ((next === 34 || next === 39) && end - at <= 2 && /^[rbuft]{1,2}$/i.test(text.slice(at, end))) {
      end = pythonTextEnd(text, end);
      kind = word.text as typeof kind;
    }
  } else if (isDigit(code)) {
    end = numberEnd(text, at);
    kind = word.number as typeof kind;
  } else {
    end = signEnd(text, at);
    kind = word.sign as typeof kind;
  }
  words.add(kind, at, end);
  return end;
}

function pythonTextEnd(text: string, from: number): number {
  const quote = text[from] ?? '"';
  const triple = quote.repeat(3);
  if (!text.startsWith(triple, from)) return quoteEnd(text, from);
  for (let at = from + 3; at < text.length; at++) {
    if (text.charCodeAt(at) === backslash) at += 1;
    else if (text.startsWith(triple, at)) return at + 3;
  }
  return text.length;
}

/** `==`, `=>` and the like are one sign each, so that `=` is an assignment and nothing else. */
function signEnd(text: string, at: number): number {
  const pair = text.slice(at, at + 2);
  if (!signPairs.has(pair)) return at + 1;
  const isLonger = text.charCodeAt(at + 2) === 61 && longerPairs.has(pair);
  return isLonger ? at + 3 : at + 2;
}

const signPairs = new Set('== != <= >= += -= *= /= %= &= |= ^= ?= := => -> ++ -- ?. ??'.split(' '));
/** Those that a further `=` belongs to. */
const longerPairs = new Set('== != <= >= += -= *= /= %= &= |= ^= ?= ??'.split(' '));

// --- TypeScript and JavaScript ---

/** Names behind which a slash begins a regular expression. */
const beforeRegex = new Set('return typeof case in of delete void throw new else do await yield instanceof'.split(' '));

function readScript(words: Words): void {
  const { text } = words;
  /** For each open `${`, how many braces are open inside it. */
  const templates: number[] = [];
  for (let at = 0; at < text.length;) {
    const code = text.charCodeAt(at);
    if (isSpace(code)) at += 1;
    else if (code === slash && (text.charCodeAt(at + 1) === slash || text.charCodeAt(at + 1) === 42)) {
      at = skipComment(words, at);
    } else at = scriptWord(words, at, templates);
  }
}

function skipComment(words: Words, at: number): number {
  const { text } = words;
  let end: number;
  if (text.charCodeAt(at + 1) === slash) end = lineEnd(text, at);
  else {
    const close = text.indexOf('*/', at + 2);
    end = close < 0 ? text.length : close + 2;
  }
  words.comments.push({ start: at, end });
  return end;
}

function scriptWord(words: Words, at: number, templates: number[]): number {
  const { text } = words;
  const code = text.charCodeAt(at);
  if (isNameStart(code) || (code === 35 && isNameStart(text.charCodeAt(at + 1)))) {
    return put(words, word.name, at, nameEnd(text, at + 1));
  }
  if (isDigit(code)) return put(words, word.number, at, numberEnd(text, at));
  if (code === 34 || code === 39) return put(words, word.text, at, quoteEnd(text, at));
  if (code === 96 || leavesHole(code, templates)) return template(words, at, at + 1, templates);
  countBraces(code, templates);
  const end = code === slash ? regexEnd(words, at) : 0;
  return end > 0 ? put(words, word.text, at, end) : put(words, word.sign, at, signEnd(text, at));
}

/** The brace that closes the innermost `${`; the template goes on behind it. */
function leavesHole(code: number, templates: number[]): boolean {
  if (code !== 125 || templates.at(-1) !== 0) return false;
  templates.pop();
  return true;
}

/** Keeps count of the braces inside the innermost `${`. */
function countBraces(code: number, templates: number[]): void {
  if (templates.length === 0) return;
  if (code === 123) templates.push((templates.pop() ?? 0) + 1);
  else if (code === 125) templates.push((templates.pop() ?? 0) - 1);
}

function put(words: Words, kind: number, start: number, end: number): number {
  words.add(kind, start, end);
  return end;
}

/** A piece of a template, up to its end or to the next `${`. */
function template(words: Words, start: number, from: number, templates: number[]): number {
  const { text } = words;
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === backslash) at += 1;
    else if (code === 96) return put(words, word.text, start, at + 1);
    else if (code === 36 && text.charCodeAt(at + 1) === 123) {
      templates.push(0);
      return put(words, word.text, start, at + 2);
    }
  }
  return put(words, word.text, start, text.length);
}

/** Behind a regular expression that starts here, or 0 if the slash divides or closes a tag. */
function regexEnd(words: Words, at: number): number {
  if (endsOperand(words)) return 0;
  const { text } = words;
  let inClass = false;
  for (let end = at + 1; end < text.length; end++) {
    const code = text.charCodeAt(end);
    if (code === newline) return 0;
    if (code === backslash) end += 1;
    else if (code === 91) inClass = true;
    else if (code === 93) inClass = false;
    else if (code === slash && !inClass) return nameEnd(text, end + 1);
  }
  return 0;
}

/** Is the last word so far the end of a value or the `<` of a tag, behind which no regular expression can begin? */
function endsOperand(words: Words): boolean {
  if (words.length === 0) return false;
  const last = words.length - 1;
  const kind = words.kind(last);
  if (kind === word.name) return !beforeRegex.has(words.at(last));
  return kind === word.sign ? ')]}<'.includes(words.at(last)) : true;
}
