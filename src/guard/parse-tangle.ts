/**
 * Whether a text can be parsed within bounds.
 *
 * GE6  What is nested, or strung together, beyond what people write is not parsed: the parser and what reads its tree take
 *      the square of that, which for one file of a megabyte is hours. It is told by the words alone, so that the same
 *      text is refused everywhere.
 */
import { limits } from '../core/limits.ts';
import { type Words, word } from './lexer.ts';

/** Words that, like signs, may stand before a value again and again. */
const prefixes = new Set('await delete do lambda new not throw typeof void yield'.split(' '));

/** Are there brackets in brackets, or signs in a row that are no brackets, beyond the bound (GE6)? */
export function isTangled(words: Words): boolean {
  const isPrefix = prefixTest(words);
  let depth = 0;
  let row = 0;
  for (let at = 0; at < words.length; at++) {
    const kind = words.kind(at);
    const deeper = kind === word.sign || kind === word.text ? step(words, at) : 0;
    depth = Math.max(0, depth + deeper);
    const isLikeSign = kind === word.sign ? deeper === 0 : kind === word.name && isPrefix(words.name(at));
    row = isLikeSign || isNameInChain(words, at) ? row + 1 : 0;
    if (depth > limits.guardTangleMax || row > limits.guardTangleMax) return true;
  }
  return false;
}

/** Tells of the number of a name whether it is a prefix; each name of a text is looked up once. */
function prefixTest(words: Words): (name: number) => boolean {
  const known = new Int8Array(words.names);
  return (name) => {
    if (known[name] === 0) known[name] = prefixes.has(words.nameText(name)) ? 1 : -1;
    return known[name] === 1;
  };
}

/** The `b` of `a => b => c`: functions in functions, without a bracket. */
function isNameInChain(words: Words, at: number): boolean {
  return words.isSign(at - 1, '=>') && words.isSign(at + 1, '=>') && words.isName(at);
}

/** How much deeper one is behind a word: in a bracket, or in the hole of a template. */
function step(words: Words, at: number): number {
  const { text } = words;
  const first = text.charCodeAt(words.start(at));
  if (words.kind(at) === word.text) {
    const isPiece = first === 96 || first === 125;
    return isPiece ? (text.charCodeAt(words.end(at) - 1) === 123 ? 1 : 0) - (first === 125 ? 1 : 0) : 0;
  }
  if (first === 40 || first === 91 || first === 123) return 1;
  return first === 41 || first === 93 || first === 125 ? -1 : 0;
}
