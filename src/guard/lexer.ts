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

/** Numbers kept of a word: its kind, its start, its end, and of a name which of the text's names it is. */
const size = 4;
/** Room for the words of the text that is being read, one text at a time. */
let room = new Int32Array(size * 16_384);
/** The same for finding out whether a name was there before: a hash table of names by number, from 1. */
let slots = new Int32Array(4_096);

/** All words of one text, by index. */
export class Words {
  readonly text: string;
  readonly comments: Comment[] = [];
  length = 0;
  /** Different names in the text: each has a number from 0. */
  names = 0;
  #places = room;
  /** Hashes of names, by number. */
  readonly #hashes: number[] = [];
  /** The first word of each name. */
  readonly #firsts: number[] = [];
  /** What was asked for once: a name is read several times. */
  readonly #nameTexts: (string | undefined)[] = [];
  #slotMask: number;
  readonly #lineStarts: number[] = [0];

  constructor(text: string) {
    this.text = text;
    let slotCount = 256;
    while (slotCount < text.length / 8) slotCount *= 2;
    this.#slotMask = maskOfFree(slotCount);
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) this.#lineStarts.push(at + 1);
  }

  add(kind: number, start: number, end: number, name = -1): void {
    if ((this.length + 1) * size > room.length) {
      const larger = new Int32Array(room.length * 2);
      larger.set(room);
      room = larger;
      this.#places = larger;
    }
    const at = this.length * size;
    room[at] = kind;
    room[at + 1] = start;
    room[at + 2] = end;
    room[at + 3] = name;
    this.length += 1;
  }

  /** Adds a name of which the hash is known. */
  addName(start: number, end: number, hash: number): void {
    let slot = slotOf(hash, this.#slotMask);
    for (let one = slots[slot] ?? 0; one !== 0; one = slots[slot] ?? 0) {
      if (this.#hashes[one - 1] === hash && this.#isSame(this.#firsts[one - 1] ?? 0, start, end)) {
        this.add(word.name, start, end, one - 1);
        return;
      }
      slot = (slot + 1) & this.#slotMask;
    }
    this.#hashes.push(hash);
    this.#firsts.push(this.length);
    this.#nameTexts.push(undefined);
    this.add(word.name, start, end, this.names);
    this.names += 1;
    slots[slot] = this.names;
    // With few free slots left a name that is new is looked for long, and with none for ever.
    if (this.names * 2 > this.#slotMask) this.#makeRoomForNames();
  }

  #makeRoomForNames(): void {
    this.#slotMask = maskOfFree((this.#slotMask + 1) * 4);
    for (const [name, hash] of this.#hashes.entries()) {
      let slot = slotOf(hash, this.#slotMask);
      while (slots[slot] !== 0) slot = (slot + 1) & this.#slotMask;
      slots[slot] = name + 1;
    }
  }

  #isSame(index: number, start: number, end: number): boolean {
    const from = this.#places[index * size + 1] ?? 0;
    if ((this.#places[index * size + 2] ?? 0) - from !== end - start) return false;
    for (let at = start; at < end; at++) {
      if (this.text.charCodeAt(at) !== this.text.charCodeAt(from + at - start)) return false;
    }
    return true;
  }

  /** Leaves the shared room for the next text. */
  finish(): this {
    this.#places = room.slice(0, this.length * size);
    return this;
  }

  kind(index: number): number {
    return this.#places[index * size] ?? 0;
  }

  start(index: number): number {
    return index < this.length ? (this.#places[index * size + 1] ?? 0) : this.text.length;
  }

  end(index: number): number {
    return index < this.length ? (this.#places[index * size + 2] ?? 0) : this.text.length;
  }

  /** The number of the name at `index`; -1 where there is none. */
  name(index: number): number {
    return index >= 0 && index < this.length ? (this.#places[index * size + 3] ?? -1) : -1;
  }

  /** What the name of a number is. */
  nameText(name: number): string {
    const known = this.#nameTexts[name];
    if (known !== undefined) return known;
    const first = this.#firsts[name] ?? 0;
    const text = this.text.slice(this.#places[first * size + 1], this.#places[first * size + 2]);
    this.#nameTexts[name] = text;
    return text;
  }

  /** The hash of the name of a number (`hashOf`). */
  nameHash(name: number): number {
    return this.#hashes[name] ?? 0;
  }

  /** What is written; empty before the first and behind the last. */
  at(index: number): string {
    if (index < 0 || index >= this.length) return '';
    const at = index * size;
    const name = this.#places[at + 3] ?? -1;
    if (name >= 0) return this.nameText(name);
    const start = this.#places[at + 1] ?? 0;
    const end = this.#places[at + 2] ?? 0;
    return end - start === 1 ? (this.text[start] ?? '') : this.text.slice(start, end);
  }

  /** Is it this one sign? Without cutting text out. */
  isSign(index: number, sign: string): boolean {
    if (index < 0 || index >= this.length) return false;
    const at = index * size;
    if (this.#places[at] !== word.sign) return false;
    const start = this.#places[at + 1] ?? 0;
    if ((this.#places[at + 2] ?? 0) - start !== sign.length) return false;
    if (this.text.charCodeAt(start) !== sign.charCodeAt(0)) return false;
    return sign.length === 1 || this.text.startsWith(sign, start);
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

  /** What is between two offsets that hold no word, in short: nothing, a space or a line break. */
  gap(from: number, to: number): '' | ' ' | '\n' {
    for (let at = from; at < to; at++) if (this.text.charCodeAt(at) === newline) return '\n';
    return from === to ? '' : ' ';
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
  return words.finish();
}

/** Has so many free slots, a power of two, and gives the mask of their places. */
function maskOfFree(slotCount: number): number {
  if (slots.length < slotCount) slots = new Int32Array(slotCount);
  else slots.fill(0, 0, slotCount);
  return slotCount - 1;
}

/** Where a name of this hash is looked for first. */
function slotOf(hash: number, slotMask: number): number {
  return (hash ^ (hash >>> 15)) & slotMask;
}

/** The hash of a name or sign: what `Words.nameHash` gives. */
export function hashOf(text: string): number {
  let hash = hashStart;
  for (let at = 0; at < text.length; at++) hash = (Math.imul(hash, 31) + text.charCodeAt(at)) | 0;
  return hash;
}

const hashStart = 7;

/** Adds the name that starts here, of which `least` characters are known to belong to it. */
function putName(words: Words, start: number, least: number): number {
  const { text } = words;
  let hash = hashStart;
  let at = start;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (at >= start + least && !isNameStart(code) && !isDigit(code)) break;
    hash = (Math.imul(hash, 31) + code) | 0;
  }
  words.addName(start, at, hash);
  return at;
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
  if (code === 34 || code === 39) return put(words, word.text, at, pythonTextEnd(text, at));
  if (isNameStart(code)) {
    const quote = prefixEnd(text, at);
    return quote > 0 ? put(words, word.text, at, pythonTextEnd(text, quote)) : putName(words, at, 1);
  }
  if (isDigit(code)) return put(words, word.number, at, numberEnd(text, at));
  return put(words, word.sign, at, signEnd(text, at));
}

/** Where the quote of a text is that begins with a prefix (`f"…"`, `rb"…"`), or 0. */
function prefixEnd(text: string, at: number): number {
  for (let end = at + 1; end <= at + 2; end++) {
    const code = text.charCodeAt(end);
    if (code === 34 || code === 39) return /^[rbuft]{1,2}$/i.test(text.slice(at, end)) ? end : 0;
  }
  return 0;
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
    return putName(words, at, 1);
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
