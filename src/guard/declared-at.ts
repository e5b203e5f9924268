/** Whether a name is declared at a place, told from the words around it: there it means something of its own. */
import type { Words } from './lexer.ts';

const declaring = new Set(['const', 'let', 'var', 'function', 'class', 'def', 'for', 'as']);

/** Is the word at `at` the name of a variable, a parameter, a function or a class, and no use of one? */
export function isDeclaredAt(words: Words, at: number): boolean {
  if (declaring.has(words.at(at - 1)) || words.isSign(at + 1, '=>')) return true;
  // `e: Old = new Old()` only says the type.
  if (words.isSign(at + 1, '=') && !/^[:|&<>.]$/.test(words.at(at - 1))) return true;
  return (words.isSign(at - 1, '(') || words.isSign(at - 1, ',')) && isParameter(words, at);
}

const conditions = new Set(['if', 'while', 'for', 'switch', 'with']);

function isParameter(words: Words, at: number): boolean {
  let open = at - 1;
  for (let depth = 0; open >= 0; open--) {
    if (words.isSign(open, ')')) depth += 1;
    else if (words.isSign(open, '(')) {
      if (depth === 0) break;
      depth -= 1;
    }
  }
  if (open < 0) return false;
  if (words.at(open - 2) === 'def' || [words.at(open - 1), words.at(open - 2)].includes('function')) return true;
  const behind = words.closing(open) + 1;
  return words.isSign(behind, '=>') || (words.isSign(behind, '{') && !conditions.has(words.at(open - 1)));
}
