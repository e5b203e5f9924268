/**
 * The annotated fields of a class of Python, which its constructor takes where a decorator or a base from elsewhere makes one
 * of them (`@dataclass`, `BaseModel`, `NamedTuple`).
 */
import type { Unit } from './concept.ts';
import type { Words } from './lexer.ts';
import type { Parameter } from './signature.ts';

const statements = new Set(['def', 'class', 'else', 'try', 'finally', 'async', 'pass', 'if', 'for', 'with', 'while']);

/** In the order in which they stand. */
export function fieldParameters(words: Words, { span }: Pick<Unit, 'span'>): readonly Parameter[] {
  const lines = firstWords(words, span);
  // The first is the head of the class; what stands at the same depth as the second is its body.
  const depth = lines[1] === undefined ? undefined : columnOf(words, lines[1]);
  const body = lines.slice(1).filter((at) => columnOf(words, at) === depth);
  return body.flatMap((at, index): readonly Parameter[] => {
    if (!words.isName(at) || !words.isSign(at + 1, ':') || statements.has(words.at(at))) return [];
    const isOfClass = words.at(at + 2) === 'ClassVar' || words.at(at + 4) === 'ClassVar';
    if (isOfClass) return [];
    const next = body[index + 1] ?? words.firstFrom(span.end);
    const isOptional = hasSign(words, at + 2, next, '=');
    return [{ name: words.at(at), isOptional, isRest: false, isKeywordRest: false, isKeywordOnly: false }];
  });
}

/** Does a decorator right above make a constructor of its fields? */
export function isMadeOfFields({ text }: Words, { span }: Pick<Unit, 'span'>): boolean {
  const head = text.slice(Math.max(0, text.lastIndexOf('\n\n', span.start)), span.start);
  const own = text.slice(span.start, text.indexOf('class', span.start));
  return /@(?:\w+\.)?(?:dataclass|define|frozen|attrs|mutable)\b|@attr\.(?:s|ib|dataclass)\b/.test(head + own);
}

function firstWords(words: Words, { start, end }: Unit['span']): readonly number[] {
  const found: number[] = [];
  let at = words.firstFrom(start);
  while (words.at(at) !== 'class' && words.start(at) < end) at += 1;
  for (; at < words.length && words.start(at) < end; at++) {
    if (found.length === 0 || columnOf(words, at) !== undefined) found.push(at);
    // What stands in brackets begins no statement.
    if (['(', '[', '{'].some((sign) => words.isSign(at, sign))) at = words.closing(at);
  }
  return found;
}

/** How far from the margin a word stands that is the first of its line; undefined for another. */
function columnOf(words: Words, at: number): number | undefined {
  const start = words.start(at);
  const line = words.text.lastIndexOf('\n', start - 1) + 1;
  return words.text.slice(line, start).trim() === '' ? start - line : undefined;
}

function hasSign(words: Words, from: number, to: number, sign: string): boolean {
  for (let at = from; at < to; at++) if (words.isSign(at, sign)) return true;
  return false;
}
