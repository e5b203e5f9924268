/** What is asked, from the words behind `cantus run`. */
import { ValidationError } from '../core/errors.ts';

export type Named = { readonly name: string; readonly kind: 'agent' | 'workflow' };

/** What can be asked, here or of a server. */
export type Menu = {
  readonly samples: readonly string[];
  named(name: string): Named | undefined;
  /** Throws a ValidationError where nothing is asked by itself. */
  standard(): Named;
  unknown(name: string): ValidationError;
};

export type Target = Named & {
  readonly question: string;
  /** Nobody named it. */
  readonly byDefault: boolean;
};

/** A single word is a name and is never taken for a question, so that a slip in a name isn't asked of a model. */
export function targetOf(menu: Menu, words: readonly string[], hasInput = false): Target {
  const [first, second] = words;
  const named = first === undefined ? undefined : menu.named(first);
  if (words.length > 2) throw tooManyWords(named === undefined ? words : words.slice(1));
  if (named !== undefined) return { ...named, question: checkedQuestion(named, second, hasInput), byDefault: false };
  if (first !== undefined && second !== undefined) throw menu.unknown(first);
  if (first !== undefined && /^[\w.-]+$/.test(first)) throw withOneWord(menu.unknown(first), first);
  const standard = menu.standard();
  const question = checkedQuestion(standard, first, hasInput || menu.samples.length > 0);
  return { ...standard, question, byDefault: true };
}

/** Quotes make no question of a single word: a shell takes them off. */
function withOneWord({ message, hint = '' }: ValidationError, word: string): ValidationError {
  const named = `A question of one word needs a name before it: cantus run NAME ${word}`;
  return new ValidationError(message, { hint: `${hint} ${named}`.trim() });
}

function tooManyWords(words: readonly string[]): ValidationError {
  return new ValidationError(`The question came as ${words.length} words.`, {
    hint: `Put it in quotes: "${words.join(' ')}"`,
  });
}

function checkedQuestion({ name, kind }: Named, question: string | undefined, canDoWithout: boolean): string {
  const text = question?.trim() ?? '';
  if (text === '' && kind === 'agent' && !canDoWithout)
    throw new ValidationError(`Agent "${name}" needs a question.`, { hint: `cantus run ${name} "your question"` });
  return text;
}
