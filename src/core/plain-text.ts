/**
 * Text for a terminal.
 *
 * TX1  What comes from a journal, a file, a model or an error can't move the cursor, colour anything or begin a line
 *      of its own: control and format characters are taken out before it is printed.
 * TX2  Widths are columns of the terminal, not characters.
 */

/** One line: control characters and line breaks become spaces (TX1). */
export function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ').trim();
}

/** With a full stop where it ends with none, so that another sentence can follow. */
export function sentence(text: string): string {
  return /[.!?…]$/u.test(text) ? text : `${text}.`;
}

/** A hint that names commands of `cantus`, with what this person types to start it. */
export function asTyped(text: string, program: string): string {
  return text.replaceAll(/(?<!npx |[\w./@-])cantus (?=[a-z])/g, `${program} `);
}

/** A word as a POSIX shell reads it. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./<>|-][\w@%+=:,./<>|#-]*$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

/** Several lines: line breaks and tabs stay, as far as they are only that (TX1). */
export function manyLines(text: string): string {
  return text.replaceAll(/\r\n?/g, '\n').replaceAll(/(?![\n\t])[\p{Cc}\p{Cf}\u2028\u2029]/gu, ' ');
}

/** JSON text whose control characters are all escaped, so that it may go to a terminal too (TX1). */
export function jsonText(value: unknown, indent?: number): string {
  const text = JSON.stringify(value, undefined, indent);
  return text.replaceAll(
    /[\u007f-\u009f\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

const wide =
  /\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]/u;
const none = /[\p{Mn}\p{Me}\p{Cf}]/u;

function charWidth(char: string): number {
  // Nearly all text is ASCII, and a table is quicker than two patterns.
  if (char < '\u0300') return 1;
  if (none.test(char)) return 0;
  return wide.test(char) ? 2 : 1;
}

/** Columns that `text` takes (TX2). */
export function textWidth(text: string): number {
  let width = 0;
  for (const char of text) width += charWidth(char);
  return width;
}

/** `text` in at most `columns`, with an ellipsis where something was cut off. */
export function fit(text: string, columns: number): string {
  if (textWidth(text) <= columns) return text;
  let out = '';
  let width = 0;
  for (const char of text) {
    width += charWidth(char);
    if (width > columns - 1) break;
    out += char;
  }
  return columns <= 0 ? '' : `${out}…`;
}

/** `text` and as many spaces as make it `columns` wide. */
export function padTo(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - textWidth(text)));
}

/** Lines of at most `columns`, broken between words; a word that is longer than a line has one to itself. */
export function wrap(text: string, columns: number, hanging = ''): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.match(/ *[^ ]+/g) ?? []) {
    const isFirst = line.trim() === '' || line === hanging;
    if (!isFirst && textWidth(line) + textWidth(word) > columns) {
      lines.push(line);
      line = hanging + word.trimStart();
    } else line += word;
  }
  lines.push(line);
  return lines;
}
