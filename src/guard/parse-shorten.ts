/**
 * The shorter text that the parser is given of a script: parsing costs by the token, and most tokens lie in bodies that
 * define nothing.
 *
 * GE4  What is left out holds nothing that facts are made of, so they are the same as of the whole text. Where that is in
 *      doubt nothing is left out, and a text that the parser stumbles over is parsed whole.
 *
 * Strings become empty ones, comments go, brackets around plain values become `(a)` and `[a]`, and bodies become `{}`.
 */
import { type Words, word } from './lexer.ts';
import { ShortText } from './parse-short-text.ts';

/** The short text of a script, or undefined where its brackets don't match. */
export function shortenScript(words: Words): ShortText | undefined {
  const groups = readGroups(words);
  return groups === undefined ? undefined : new Shortening(words, groups).text();
}

/** What a group of brackets holds, at any depth. */
const holds = Object.freeze({
  /** The word `class`. */
  class: 1,
  /** The word `function`. */
  function: 2,
  arrow: 4,
  /** Braces that are no plain value. */
  braces: 8,
  /** An object that could be what a factory makes. */
  made: 16,
  /** Braces that could be a type with members. */
  members: 32,
  /** At its own level: a colon, `in` or `<`. */
  colon: 64,
  angle: 128,
});

/** What is said of each opening word, by its index. */
type Groups = {
  /** The word that closes it. */
  readonly closes: Int32Array;
  readonly holds: Uint8Array;
  /** 1 where the inside may be left out. */
  readonly isBare: Uint8Array;
};

const opens: ReadonlyMap<string, string> = new Map([
  ['(', ')'],
  ['[', ']'],
  ['{', '}'],
]);

function readGroups(words: Words): Groups | undefined {
  return new Grouping(words).read();
}

/** What braces are, told from the words before them. */
type Role = 'method' | 'function' | 'control' | 'value' | 'members' | 'other';

const controls = new Set('if for while switch catch with'.split(' '));
const controlsAlone = new Set('else try finally do catch'.split(' '));
/** Signs before the braces of an object type, or of one in the arguments of a type: not those of a class. */
const insideType = new Set('< , : | & => = ( ['.split(' '));
/** Words before a name that is called, and not defined. */
const beforeCall = new Set('. ?. extends new'.split(' '));
/** Words behind which braces are a type, or a value, but no body. */
const beforeMembers = new Set('as satisfies is keyof readonly extends infer < | & , :'.split(' '));
/** Words that can't be in the return type of a function. */
const notOfType = new Set(
  'class interface enum namespace module extends implements type return else try finally do new const let var import export'.split(
    ' ',
  ),
);

class Grouping {
  readonly #words: Words;
  readonly #closes: Int32Array;
  readonly #opensOf: Int32Array;
  readonly #holds: Uint8Array;
  readonly #isBare: Uint8Array;
  /** How many functions of any kind a group holds. */
  readonly #codes: Int32Array;
  readonly #open: number[] = [];
  /** How deep a `class` is whose body has not come yet. */
  readonly #classAt: number[] = [];

  constructor(words: Words) {
    this.#words = words;
    this.#closes = new Int32Array(words.length);
    this.#opensOf = new Int32Array(words.length);
    this.#codes = new Int32Array(words.length);
    this.#holds = new Uint8Array(words.length);
    this.#isBare = new Uint8Array(words.length);
  }

  read(): Groups | undefined {
    const words = this.#words;
    for (let at = 0; at < words.length; at++) {
      const kind = words.kind(at);
      if (kind === word.name) this.#name(at);
      else if (kind === word.sign) {
        if (!this.#sign(at)) return undefined;
      } else if (kind === word.text && !this.#text(at)) return undefined;
    }
    if (this.#open.length > 0) return undefined;
    return { closes: this.#closes, holds: this.#holds, isBare: this.#isBare };
  }

  #mark(what: number): void {
    const top = this.#open.at(-1);
    if (top !== undefined) this.#holds[top] = (this.#holds[top] ?? 0) | what;
  }

  #count(codes: number): void {
    const top = this.#open.at(-1);
    if (top !== undefined) this.#codes[top] = (this.#codes[top] ?? 0) + codes;
  }

  #name(at: number): void {
    const words = this.#words;
    const length = words.end(at) - words.start(at);
    if (length === 2 && words.at(at) === 'in') this.#mark(holds.colon);
    else if (length === 5 && words.at(at) === 'class') {
      this.#mark(holds.class);
      if (!words.isSign(at - 1, '.') && !/^[:=(,?;)}]$/.test(words.at(at + 1))) this.#classAt.push(this.#open.length);
    } else if (length === 8 && words.at(at) === 'function') {
      this.#mark(holds.function);
      this.#count(1);
    }
  }

  /** False where brackets don't match. */
  #sign(at: number): boolean {
    const words = this.#words;
    const sign = words.at(at);
    switch (sign) {
      case '(':
      case '[':
      case '{':
        this.#open.push(at);
        return true;
      case ')':
      case ']':
      case '}':
        return this.#close(at, sign);
      case '=>':
        this.#mark(holds.arrow);
        this.#count(1);
        return true;
      case ':':
        this.#mark(holds.colon);
        return true;
      case '<':
        this.#mark(holds.angle);
        return true;
      default:
        return true;
    }
  }

  /** A piece of a template opens a group before a hole and closes it behind. */
  #text(at: number): boolean {
    const { text } = this.#words;
    const start = this.#words.start(at);
    const end = this.#words.end(at);
    const first = text.charCodeAt(start);
    const isPiece = first === 96 || first === 125;
    if (!isPiece) return true;
    if (first === 125 && !this.#closeHole(at)) return false;
    if (text.charCodeAt(end - 1) === 123) this.#open.push(at);
    else if (text.charCodeAt(end - 1) !== 96 || (first === 96 && end - start < 2)) return false;
    return true;
  }

  #closeHole(at: number): boolean {
    const open = this.#open.pop();
    if (open === undefined || this.#words.kind(open) !== word.text) return false;
    this.#finish(open, at);
    this.#pass(open, 0);
    return true;
  }

  #finish(open: number, close: number): void {
    this.#closes[open] = close;
    this.#opensOf[close] = open;
  }

  /** Tells the group around what is in this one. */
  #pass(open: number, without: number): void {
    this.#mark((this.#holds[open] ?? 0) & ~(without | holds.colon | holds.angle));
    this.#count(this.#codes[open] ?? 0);
  }

  #close(at: number, sign: string): boolean {
    const open = this.#open.pop();
    if (open === undefined || opens.get(this.#words.at(open)) !== sign) return false;
    this.#finish(open, at);
    if (sign === '}') this.#closeBraces(open);
    else {
      this.#isBare[open] = this.#isPlain(open, at) ? 1 : 0;
      this.#pass(open, 0);
    }
    return true;
  }

  /** Values in round or square brackets that define nothing. */
  #isPlain(open: number, close: number): boolean {
    if (close === open + 1) return false;
    const held = this.#holds[open] ?? 0;
    if ((held & (holds.class | holds.function | holds.arrow | holds.braces | holds.made | holds.members)) !== 0)
      return false;
    const before = this.#words.at(open - 1);
    if (this.#words.isSign(open, '[')) return (held & holds.colon) === 0;
    return before !== 'for' && !(before === 'await' && this.#words.at(open - 2) === 'for');
  }

  #closeBraces(open: number): void {
    const role = this.#roleOf(open);
    const held = this.#holds[open] ?? 0;
    this.#isBare[open] = this.#mayGo(role, held, open) ? 1 : 0;
    switch (role) {
      case 'method':
        this.#pass(open, holds.function | holds.made | holds.members);
        this.#count(1);
        break;
      case 'function':
        this.#pass(open, holds.made | holds.members);
        this.#count(1);
        break;
      case 'value':
        this.#pass(open, 0);
        return;
      case 'members':
        this.#pass(open, 0);
        this.#mark(holds.members);
        break;
      default:
        this.#pass(open, 0);
        if (role !== 'control' && (this.#codes[open] ?? 0) + this.#shorthands(open) > 0) this.#mark(holds.made);
    }
    this.#mark(holds.braces);
  }

  #mayGo(role: Role, held: number, open: number): boolean {
    if (this.#closes[open] === open + 1) return false;
    const inOwn = held & (holds.class | holds.function | holds.made | holds.members);
    if (role === 'method') return (held & holds.class) === 0;
    if (role === 'function') return inOwn === 0;
    return role === 'control' && inOwn === 0 && (held & holds.arrow) === 0;
  }

  #roleOf(open: number): Role {
    const words = this.#words;
    const depth = this.#open.length;
    const before = words.at(open - 1);
    if (this.#classAt.at(-1) === depth && !insideType.has(before)) {
      this.#classAt.pop();
      return 'other';
    }
    if (before === '=>') return this.#isCode(open) ? 'function' : 'members';
    // On a line of their own they may be a block behind a call.
    const isApart = words.gap(words.end(open - 1), words.start(open)) === '\n';
    if (before === ')') return this.#behind(open - 1, isApart);
    if (controlsAlone.has(before) && !words.isSign(open - 2, '.')) return 'control';
    const annotated = isApart || beforeMembers.has(before) ? undefined : this.#beforeReturnType(open);
    return annotated === undefined ? this.#valueRole(open, before) : this.#behind(annotated, false);
  }

  /** What braces behind a closing `)` are. */
  #behind(close: number, isApart: boolean): Role {
    const words = this.#words;
    const open = this.#opensOf[close] ?? 0;
    const name = words.at(open - 1);
    if (!words.isName(open - 1)) {
      const isNamed = words.kind(open - 1) === word.text || name === '>' || name === ']';
      return isNamed && !isApart ? 'function' : 'other';
    }
    return this.#behindName(open - 1, isApart);
  }

  /** What braces behind a name and its brackets are. */
  #behindName(at: number, isApart: boolean): Role {
    const name = this.#words.at(at);
    const before = this.#words.at(at - 1);
    if (controls.has(name) || before === 'for') return 'control';
    if (beforeCall.has(before)) return 'other';
    if (name === 'function' || before === 'function') return 'function';
    if (isApart) return 'other';
    return before === '*' ? 'function' : 'method';
  }

  /** Is what follows `=>` in braces code, and no type with members? */
  #isCode(open: number): boolean {
    const words = this.#words;
    const first = open + 1;
    if (!words.isName(first)) return words.isSign(first, '{') || words.isSign(first, '!');
    const next = words.at(first + 1);
    if (words.isName(first + 1)) return !/^(?:readonly|get|set|static|new|async)$/.test(words.at(first));
    if (/^(?:\.|\?\.|=|\+=|-=|\+\+|--|\{|;|!)$/.test(next)) return true;
    if (next !== '(') return /^(?:return|throw|yield)$/.test(words.at(first)) && !/^[?:<]$/.test(next);
    if (controls.has(words.at(first))) return true;
    const behind = words.at((this.#closes[first + 1] ?? 0) + 1);
    return /^[.[]$/.test(behind);
  }

  /** The `)` of `(…): Type {`, if these braces are behind one. */
  #beforeReturnType(open: number): number | undefined {
    const words = this.#words;
    const least = Math.max(0, open - 60);
    for (let at = open - 1; at > least; at--) {
      const kind = words.kind(at);
      if (kind === word.name) {
        if (notOfType.has(words.at(at))) return undefined;
      } else if (kind === word.sign) {
        const sign = words.at(at);
        if (sign === ':') return words.isSign(at - 1, ')') ? at - 1 : undefined;
        if (sign === ']' || sign === '}') at = this.#opensOf[at] ?? 0;
        else if (!/^[<>.|&,]$/.test(sign)) return undefined;
      }
    }
    return undefined;
  }

  /** What braces are that hold no code of their own. */
  #valueRole(open: number, before: string): Role {
    const around = this.#open.at(-1) ?? -1;
    switch (before) {
      case '(':
        return this.#isCall(open - 1) ? this.#valueOr(open, 'value') : 'other';
      case '[':
        return this.#isValueList(open - 1) ? this.#valueOr(open, 'value') : 'other';
      case ',':
        return this.#isAmongValues(around) ? this.#valueOr(open, 'value') : 'members';
      case ':':
        return this.#isPair(open, around) ? this.#valueOr(open, 'value') : 'members';
      default:
        return beforeMembers.has(before) ? 'members' : 'other';
    }
  }

  /** Braces with code in them are not plain. */
  #valueOr(open: number, role: Role): Role {
    const held = this.#holds[open] ?? 0;
    return (held & (holds.class | holds.function | holds.arrow | holds.braces)) === 0 ? role : 'other';
  }

  #isCall(paren: number): boolean {
    const before = this.#words.at(paren - 1);
    return this.#words.isName(paren - 1)
      ? before !== 'return' && before !== 'extends'
      : before === ')' || before === ']';
  }

  /** Behind a comma in brackets that hold values, and no arguments of a type. */
  #isAmongValues(around: number): boolean {
    if (around < 0 || ((this.#holds[around] ?? 0) & holds.angle) !== 0) return false;
    if (this.#words.isSign(around, '(')) return this.#isCall(around);
    return this.#words.isSign(around, '[') && this.#isValueList(around);
  }

  /** Square brackets that are no type, for a value is passed or returned. */
  #isValueList(bracket: number): boolean {
    const before = this.#words.at(bracket - 1);
    return before === '(' || before === 'return';
  }

  /** `key: {` of an object: the key is behind the brace that opens it, or a comma. */
  #isPair(open: number, around: number): boolean {
    const words = this.#words;
    if (around < 0 || !words.isSign(around, '{')) return false;
    const isComputed = words.isSign(open - 2, ']');
    if (!isComputed && words.kind(open - 2) === word.sign) return false;
    const key = isComputed ? (this.#opensOf[open - 2] ?? 0) : open - 2;
    return key - 1 === around || words.isSign(key - 1, ',');
  }

  #shorthands(open: number): number {
    const words = this.#words;
    const close = this.#closes[open] ?? 0;
    if (words.at(open - 1) !== 'return') return 0;
    let count = 0;
    for (let at = open + 1; at < close; at++) {
      if (!words.isName(at)) continue;
      if (/^[{,]$/.test(words.at(at - 1)) && /^[},]$/.test(words.at(at + 1))) count += 1;
    }
    return count;
  }
}

/** Writes the short text. */
class Shortening {
  readonly #words: Words;
  readonly #groups: Groups;
  readonly #out: ShortText;

  constructor(words: Words, groups: Groups) {
    this.#words = words;
    this.#groups = groups;
    this.#out = new ShortText(words);
  }

  text(): ShortText {
    const words = this.#words;
    const { closes, isBare } = this.#groups;
    for (let at = 0, behind = 0; at < words.length; at++) {
      const lead = words.gap(behind, words.start(at));
      if (isBare[at] === 1) {
        const close = closes[at] ?? at;
        this.#out.add(at, close, standIns.get(words.at(at)) ?? '', lead);
        at = close;
      } else this.#out.add(at, at, this.#short(at), lead);
      behind = words.end(at);
    }
    return this.#out;
  }

  #short(at: number): string {
    const words = this.#words;
    const kind = words.kind(at);
    if (kind !== word.text) return kind === word.number ? '0' : words.at(at);
    const first = words.text.charCodeAt(words.start(at));
    if (first !== 96 && first !== 125) return '""';
    const isOpen = words.text.charCodeAt(words.end(at) - 1) === 123;
    return `${first === 96 ? '`' : '}'}${isOpen ? '${' : '`'}`;
  }
}

const standIns: ReadonlyMap<string, string> = new Map([
  ['(', '(a)'],
  ['[', '[a]'],
  ['{', '{}'],
]);
