/**
 * What is read aloud of a text that is still coming.
 *
 * AC1  Whole sentences, never pieces of one: a reader that is told every token says nothing that can be followed.
 * AC2  Nothing is said twice, also when the text is given again from its beginning.
 * AC3  What is left when the text ends is said then.
 */

export type Announced = {
  /** To be said now; empty when no sentence has ended since. */
  readonly text: string;
  /** How much of the text has been said; give it back with the next. */
  readonly said: number;
};

/** A sentence that has been going on for so long is said as far as its last word. */
const sentenceCharsMax = 280;

/** What to say of `text`, of which `said` characters have been said. */
export function announce(text: string, said: number, isEnded: boolean): Announced {
  if (said > text.length) return announce(text, 0, isEnded);
  const rest = text.slice(said);
  if (isEnded) return { text: spoken(rest), said: text.length };
  const end = lastSentenceEnd(rest);
  if (end > 0) return { text: spoken(rest.slice(0, end)), said: said + end };
  if (rest.length <= sentenceCharsMax) return { text: '', said };
  const word = rest.lastIndexOf(' ');
  return word <= 0 ? { text: '', said } : { text: spoken(rest.slice(0, word)), said: said + word };
}

/** Behind the last full stop, question or exclamation mark that something follows, or the last line that has ended. */
function lastSentenceEnd(text: string): number {
  let end = 0;
  for (const match of text.matchAll(/[.!?…]["')\]]*(?=\s)|\n+/g)) end = match.index + match[0].length;
  return end;
}

/** Without the marks of Markdown, which are for the eye. */
function spoken(text: string): string {
  return text
    .replaceAll(/```[^`]*```/g, ' code ')
    .replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replaceAll(/^[#>\s]*([-*+]|\d+\.)?\s+/gm, ' ')
    .replaceAll(/[*_`|#]+/g, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
}
