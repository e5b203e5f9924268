/** Markdown on a terminal: headings stand out, lines break between words, and tables fit the window. */
import { fit, padTo, textWidth, wrap } from '../core/plain-text.ts';
import type { Paint } from './screen.ts';

/** The text as lines of at most `columns`. Code is left as it is. */
export function showMarkdown(markdown: string, columns: number, paint: Paint): string {
  const width = Math.max(20, Math.min(columns, 100) - 1);
  const out: string[] = [];
  const lines = markdown.trimEnd().split('\n');
  let isCode = false;
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] ?? '';
    if (/^\s*```/.test(line)) isCode = !isCode;
    if (isCode || /^\s*```/.test(line)) out.push(line);
    else if (isRow(line)) {
      let end = index;
      while (end + 1 < lines.length && isRow(lines[end + 1] ?? '')) end++;
      out.push(...table(lines.slice(index, end + 1), width, paint));
      index = end;
    } else out.push(...prose(line, width, paint));
  }
  return out.join('\n');
}

function prose(line: string, width: number, paint: Paint): string[] {
  const heading = /^(#{1,6}) (.*)$/.exec(line);
  if (heading !== null) return wrap(heading[2] ?? '', width).map((part) => paint('bold', part));
  const hanging = /^(\s*(?:[-*]|\d+\.) |> )/.exec(line)?.[1] ?? '';
  return wrap(line, width, hanging.startsWith('>') ? '> ' : ' '.repeat(hanging.length)).map((part) =>
    inline(part, paint),
  );
}

function inline(text: string, paint: Paint): string {
  if (text.startsWith('> ')) return paint('dim', text);
  return text
    .replaceAll(/\*\*([^*]+)\*\*/g, (_, inner: string) => paint('bold', inner))
    .replaceAll(/ \[\d+\]/g, (mark) => paint('dim', mark));
}

function isRow(line: string): boolean {
  return /^\s*\|.*\|\s*$/.test(line);
}

function cellsOf(line: string): string[] {
  return line
    .trim()
    .slice(1, -1)
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replaceAll(String.raw`\|`, '|'));
}

/** Columns as wide as their cells, the widest made narrower until the table fits; long cells take several lines. */
function table(lines: readonly string[], width: number, paint: Paint): string[] {
  const rows = lines.map(cellsOf);
  const rule = rows.findIndex((row) => row.every((cell) => /^:?-+:?$/.test(cell)));
  const isRight = (rows[rule] ?? []).map((cell) => cell.endsWith(':'));
  const body = rows.filter((_, index) => index !== rule);
  const columns = Math.max(...body.map((row) => row.length));
  const cells = Array.from({ length: columns }, (_, at) => body.map((row) => row[at] ?? ''));
  const widths = fitWidths(cells, width - 2 * (columns - 1));
  return body.flatMap((row, index) => {
    const text = rowLines(row, widths, isRight);
    return rule === 1 && index === 0 ? text.map((line) => paint('bold', line)) : text;
  });
}

const columnMin = 6;

/** Columns give way in turns: first those whose cells can break between words, then those with the longest words. */
function fitWidths(columns: readonly (readonly string[])[], room: number): number[] {
  const widths = columns.map((cells) => widest(cells));
  const words = columns.map((cells) => widest(cells.flatMap((cell) => cell.split(' '))));
  let left = widths.reduce((sum, width) => sum + width, 0) - room;
  for (const least of [words, words.map(() => columnMin)]) {
    for (; left > 0; left--) {
      const slack = widths.map((width, at) => width - (least[at] ?? 0));
      const at = slack.indexOf(Math.max(...slack));
      if ((slack[at] ?? 0) <= 0) break;
      widths[at] = (widths[at] ?? 0) - 1;
    }
  }
  return widths;
}

function widest(texts: readonly string[]): number {
  return Math.max(1, ...texts.map(textWidth));
}

/** A word that is longer than its column goes on in the next line: nothing is cut off. */
function cellLines(text: string, width: number): string[] {
  return wrap(text, width).flatMap((line) => {
    const parts: string[] = [];
    let rest = line;
    while (textWidth(rest) > width) {
      const part = fit(rest, width + 1).slice(0, -1);
      parts.push(part);
      rest = rest.slice(part.length);
    }
    return [...parts, rest];
  });
}

function rowLines(row: readonly string[], widths: readonly number[], isRight: readonly boolean[]): string[] {
  const cells = widths.map((width, at) => cellLines(row[at] ?? '', width));
  const height = Math.max(...cells.map((cell) => cell.length));
  return Array.from({ length: height }, (_, line) =>
    widths
      .map((width, at) => {
        const text = cells[at]?.[line] ?? '';
        return isRight[at] === true ? padTo('', width - textWidth(text)) + text : padTo(text, width);
      })
      .join('  ')
      .trimEnd(),
  );
}
