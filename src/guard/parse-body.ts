/**
 * What is told of a body without its tree: a sketch of its words, whether it only forwards, and what its doc says.
 *
 * GB1  Two bodies are compared by their 6-grams of words, names blanked but for members: a renamed copy looks the same,
 *      and what it does with which members counts, not what its variables are called.
 * GB2  A sketch keeps the smallest hashes only, so that a long body costs as much as a short one and two of them can
 *      still be compared (a bottom-k sketch).
 * GB3  Doc is read sentence by sentence: "replaces the deprecated X" says nothing against its own class.
 * GB4  What a body talks about (parts of names, texts, numbers) is compared apart from how it is built: who writes a thing
 *      anew uses other sentences, and the same words.
 */
import type { UnitFacts } from './facts.ts';
import { hashOf, type Words, word } from './lexer.ts';

/** Hashes kept of one body: those of a body of up to about 130 words are all kept. */
const sketchMax = 128;
const gram = 6;

const keywords = new Set(
  (
    'if else for while do switch case break continue return throw try catch finally new await async yield delete typeof ' +
    'instanceof in of this super class extends function null undefined true false def self cls raise except with as ' +
    'lambda pass not and or is None True False elif import from global nonlocal assert'
  ).split(' '),
);

export type Sketch = Pick<UnitFacts, 'body' | 'grams' | 'terms' | 'termCount' | 'tokens'>;

/** The sketches of stretches of one text. */
export class Sketcher {
  readonly #words: Words;
  /** Of each name: what it counts as in a gram, 0 where that is not known yet. */
  readonly #codes: Int32Array;
  /** Of each name: its terms. */
  readonly #terms: (readonly number[])[] = [];
  /** Of each name: the sketch in which its terms are already. */
  readonly #seenIn: Int32Array;
  #sketches = 0;

  constructor(words: Words) {
    this.#words = words;
    this.#codes = new Int32Array(words.names);
    this.#seenIn = new Int32Array(words.names);
  }

  /** The sketch of the words between two offsets. */
  sketch(start: number, end: number): Sketch {
    const words = this.#words;
    this.#sketches += 1;
    const first = words.firstFrom(start);
    const count = words.firstFrom(end) - first;
    const codes = new Int32Array(Math.max(0, count));
    const terms: number[] = [];
    for (let index = 0; index < count; index++) codes[index] = this.#read(first + index, terms);
    const hashes = hashGrams(codes);
    const body = smallest(hashes);
    const told = smallest(Uint32Array.from(terms));
    return { body: body.kept, grams: body.count, terms: told.kept, termCount: told.count, tokens: codes.length };
  }

  /** What a word counts as in a gram; notes its terms (GB4). */
  #read(index: number, terms: number[]): number {
    const words = this.#words;
    const name = words.name(index);
    if (name >= 0) {
      const code = this.#nameCode(name, terms);
      if (code !== blank) return code;
      return words.isSign(index - 1, '.') || words.isSign(index - 1, '?.') ? words.nameHash(name) : blank;
    }
    const kind = words.kind(index);
    if (kind === word.sign) return hashOf(words.at(index));
    const text = words.at(index);
    if (kind === word.number) {
      if (!/^(?:\d|10|100)$/.test(text)) terms.push(scatter(hashOf(text.replaceAll('_', ''))));
      return 2;
    }
    if (text.length <= 60) terms.push(...termsOf(text));
    return 3;
  }

  /** `blank`, or the hash of a keyword. */
  #nameCode(name: number, terms: number[]): number {
    if (this.#codes[name] === 0) {
      const text = this.#words.nameText(name);
      const isKeyword = keywords.has(text);
      this.#codes[name] = isKeyword ? this.#words.nameHash(name) : blank;
      this.#terms[name] = isKeyword ? [] : termsOf(text);
    }
    if (this.#seenIn[name] !== this.#sketches) {
      this.#seenIn[name] = this.#sketches;
      for (const term of this.#terms[name] ?? []) terms.push(term);
    }
    return this.#codes[name] ?? blank;
  }
}

/** What a name that is no keyword and no member counts as. */
const blank = 1;

/** The hashes of all 6-grams (GB1), some of them twice. */
function hashGrams(codes: Int32Array): Uint32Array {
  const hashes = new Uint32Array(Math.max(0, codes.length - gram + 1));
  for (let from = 0; from < hashes.length; from++) {
    let hash = 0x811c9dc5;
    for (let at = from; at < from + gram; at++) hash = Math.imul(hash ^ (codes[at] ?? 0), 0x01000193);
    hashes[from] = scatter(hash);
  }
  return hashes;
}

/** The smallest hashes, each once, and how many different ones there are (GB2). */
function smallest(hashes: Uint32Array): { readonly kept: Uint32Array; readonly count: number } {
  hashes.sort();
  let count = 0;
  for (let at = 0; at < hashes.length; at++) {
    const hash = hashes[at] ?? 0;
    if (at > 0 && hash === hashes[count - 1]) continue;
    hashes[count] = hash;
    count += 1;
  }
  return { kept: hashes.slice(0, Math.min(count, sketchMax)), count };
}

/** Spreads the bits, so that the smallest hashes are a fair sample. */
function scatter(hash: number): number {
  let bits = hash;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}

/** Words that say nothing of what a body is about, in any code. */
const plainTerms = new Set(
  (
    'value values data result results item items key keys index name names args kwargs options option config id ids self ' +
    'cls err error errors exception type types length len push map filter foreach join split get set has add append string ' +
    'number boolean object array promise str int dict list bool float any optional tuple print console log obj res ret out ' +
    'tmp temp val params param props input output const let var readonly private public protected void unknown never ' +
    'interface enum declare export default async def isinstance range enumerate slice tostring json entries record'
  ).split(' '),
);

/** Terms of texts that were met before: most names are in many files. */
let knownTerms = new Map<string, readonly number[]>();
const knownTermsMax = 20_000;

/** Parts of a name, or the words of a text, that say something. */
function termsOf(text: string): readonly number[] {
  const known = knownTerms.get(text);
  if (known !== undefined) return known;
  const terms: number[] = [];
  for (const part of text.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+/g) ?? []) {
    const plain = part.toLowerCase();
    if (plain.length > 2 && !plainTerms.has(plain)) terms.push(scatter(hashOf(plain)));
  }
  if (knownTerms.size >= knownTermsMax) knownTerms = new Map();
  // A copy of its own: a piece cut out of a text keeps all of it in memory.
  knownTerms.set(` ${text}`.slice(1), terms);
  return terms;
}

export type Likeness = { readonly jaccard: number; readonly containment: number; readonly shared: number };

/** How alike two bodies are: shared over all, and shared over the smaller. */
export function compareBodies(a: Sketch, b: Sketch): Likeness {
  return compare({ hashes: a.body, size: a.grams }, { hashes: b.body, size: b.grams });
}

/** The same of what they talk about. */
export function compareTerms(a: Sketch, b: Sketch): Likeness {
  return compare({ hashes: a.terms, size: a.termCount }, { hashes: b.terms, size: b.termCount });
}

type Sample = { readonly hashes: Uint32Array; readonly size: number };

function compare(a: Sample, b: Sample): Likeness {
  const kept = Math.min(sketchMax, a.size + b.size);
  let left = 0;
  let right = 0;
  let seen = 0;
  let both = 0;
  while (seen < kept && (left < a.hashes.length || right < b.hashes.length)) {
    const x = a.hashes[left] ?? Infinity;
    const y = b.hashes[right] ?? Infinity;
    if (x === y) both += 1;
    if (x <= y) left += 1;
    if (y <= x) right += 1;
    seen += 1;
  }
  if (both === 0) return { jaccard: 0, containment: 0, shared: 0 };
  const jaccard = both / seen;
  const shared = (jaccard * (a.size + b.size)) / (1 + jaccard);
  return { jaccard, containment: Math.min(1, shared / Math.max(1, Math.min(a.size, b.size))), shared };
}

/** Does the body of a method only pass its call on? Gives the field it passes it to. */
export function forwardsTo(words: Words, start: number, end: number): string | undefined {
  const last = words.firstFrom(end) - 1;
  let at = behindDoc(words, words.firstFrom(start), last);
  if (last - at > 60) return undefined;
  while (['return', 'await', 'yield', '*', 'from'].includes(words.at(at))) at += 1;
  if (!/^(?:this|self)$/.test(words.at(at)) || !words.isName(at + 2)) return undefined;
  if (!/^\??\.$/.test(words.at(at + 3)) || !words.isName(at + 4)) return undefined;
  const field = words.at(at + 2);
  const open = behindTypeArguments(words, at + 5, last);
  if (!words.isSign(open, '(')) return isEnd(words, open, last) ? field : undefined;
  return isEnd(words, words.closing(open) + 1, last) ? field : undefined;
}

function behindTypeArguments(words: Words, from: number, last: number): number {
  let at = from;
  if (words.isSign(from, '<')) while (at < last && !words.isSign(at, '(')) at += 1;
  return at;
}

function isEnd(words: Words, from: number, last: number): boolean {
  for (let at = from; at <= last; at++) if (!words.isSign(at, ';') && !words.isSign(at, '}')) return false;
  return true;
}

/** Has it nothing to do: no body, or one that only throws, passes or says `...`? */
export function isStubBody(words: Words, start: number, end: number): boolean {
  const last = words.firstFrom(end) - 1;
  const at = behindDoc(words, words.firstFrom(start), last);
  if (at > last) return true;
  const first = words.at(at);
  if (first === '}' || first === 'pass') return isEnd(words, at + 1, last);
  if (first === '.') return words.isSign(at + 1, '.') && words.isSign(at + 2, '.');
  if (first === 'raise') return words.at(at + 1).startsWith('NotImplemented') && last - at < 16;
  return first === 'throw' && last - at < 16 && /not (yet )?implemented|abstract/i.test(words.text.slice(start, end));
}

function behindDoc(words: Words, from: number, last: number): number {
  let at = words.isSign(from, '{') ? from + 1 : from;
  while (words.kind(at) === word.text && at <= last) at += 1;
  return at;
}

const deprecates =
  /@deprecated|^\W*(?:\[?deprecated|obsolete)\b|\b(?:is|are|now|been|marked(?: as)?|considered)\s+(?:deprecated|obsolete)\b|\bdo not use\b|\b(?:superseded|replaced) by\b|\bkept (?:only )?for (?:backwards? )?compat|\blegacy (?:version|implementation|class|engine|api)\b|\bwill be removed\b|\bprefer \S+ instead\b|^\W*use \S+ instead\b/i;
const deprecatesAnother =
  /\b(?:replaces|replacing|supersedes|superseding|instead of|successor|migrat\w* (?:away )?from|consolidates|unlike|replacement for|takes over from|wraps)\b/i;
const claims =
  /\bssot\b|single source of truth|\bcanonical\b|\bthe (?:one|only|sole) (?:true |real )?(?:\w+ )?implementation\b/i;

/** What a doc says of its own unit (GB3). */
export function readDoc(raw: string): { isDeprecated: boolean; claimsToBeTheOne: boolean; doc: string } {
  const plain = raw
    .slice(0, 4_000)
    .replaceAll(/^[ \t]*(?:\/\*\*?|\*\/|\*|\/\/+|#+)[ \t]?/gm, '')
    .replaceAll(/\*\/|"""|'''/g, '')
    .trim();
  const sentences = plain
    .split(/(?<=[.!?])\s+|\n\s*\n|\n(?=\s*[-*@])/)
    .map((sentence) => sentence.replaceAll(/\s+/g, ' ').trim())
    .filter((sentence) => sentence !== '');
  return {
    isDeprecated: sentences.some((sentence) => deprecates.test(sentence) && !deprecatesAnother.test(sentence)),
    claimsToBeTheOne: sentences.some((sentence) => claims.test(sentence) && !/\bnot (?:the )?/i.test(sentence)),
    doc: (sentences[0] ?? '').slice(0, 160),
  };
}
