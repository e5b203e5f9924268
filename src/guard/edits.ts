/** Changes of a text by place, and how they are told: as a unified diff. */
import { assert } from '../core/assert.ts';

/** What stands from `start` to `end` becomes `text`. */
export type Edit = { readonly start: number; readonly end: number; readonly text: string };

/** Makes all of them; every other character stays as it is. Those that overlap are a mistake of who made them. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  let out = '';
  let from = 0;
  for (const edit of sorted(edits)) {
    assert(edit.start >= from, 'edits of one text do not overlap');
    out += text.slice(from, edit.start) + edit.text;
    from = edit.end;
  }
  return out + text.slice(from);
}

/** Cuts of which some may overlap, as cuts of which none do. */
export function joinCuts(cuts: readonly Edit[]): Edit[] {
  const joined: Edit[] = [];
  for (const cut of sorted(cuts)) {
    const last = joined.at(-1);
    if (last === undefined || cut.start > last.end) joined.push(cut);
    else joined[joined.length - 1] = { ...last, end: Math.max(last.end, cut.end) };
  }
  return joined;
}

/** How lines of a text end: as its first one does. */
export function lineEnding(text: string): string {
  const at = text.indexOf('\n');
  return at > 0 && text[at - 1] === '\r' ? '\r\n' : '\n';
}

/** The white space that the line of `offset` begins with. */
export function indentAt(text: string, offset: number): string {
  const line = text.slice(text.lastIndexOf('\n', offset - 1) + 1);
  return /^[ \t]*/.exec(line)?.[0] ?? '';
}

function sorted(edits: readonly Edit[]): Edit[] {
  return edits.toSorted((a, b) => a.start - b.start || a.end - b.end);
}

/** Lines around a change that a diff shows. */
const contextLines = 3;

type Change = { readonly from: number; readonly to: number; readonly lines: readonly string[] };

/**
 * The edits of one file as a unified diff, which `git apply` takes. A file whose text is all gone is removed by it.
 */
export function unifiedDiff(path: string, text: string, edits: readonly Edit[], isRemoved = false): string {
  const old = linesOf(text);
  const changes = isRemoved ? [{ from: 0, to: old.length, lines: [] }] : changesOf(text, old, edits);
  if (changes.length === 0) return '';
  const head = `diff --git a/${path} b/${path}\n${isRemoved ? 'deleted file mode 100644\n' : ''}`;
  const names = `--- a/${path}\n+++ ${isRemoved ? '/dev/null' : `b/${path}`}\n`;
  let moved = 0;
  const hunks = hunksOf(changes).map((hunk) => {
    const printed = hunkText(old, hunk, moved);
    moved += hunk.reduce((sum, { from, to, lines }) => sum + lines.length - (to - from), 0);
    return printed;
  });
  return head + names + hunks.join('');
}

/** With their ends; the last may have none. */
function linesOf(text: string): string[] {
  return text === '' ? [] : text.split(/(?<=\n)/);
}

/** Whole lines that change, those of one line together. */
function changesOf(text: string, old: readonly string[], edits: readonly Edit[]): Change[] {
  const starts: number[] = [0];
  for (const line of old) starts.push((starts.at(-1) ?? 0) + line.length);
  const lineAt = (offset: number): number => {
    const behind = starts.findIndex((start) => start > offset);
    return behind < 0 ? Math.max(0, old.length - 1) : behind - 1;
  };
  const groups: { from: number; to: number; edits: Edit[] }[] = [];
  for (const edit of sorted(edits)) {
    const from = lineAt(edit.start);
    const to = edit.end > edit.start ? lineAt(edit.end - 1) + 1 : from + 1;
    // An edit that takes the end of a line takes the next one in.
    const whole = edit.end > edit.start && edit.end === starts[to] && edit.start !== starts[from] ? to + 1 : to;
    const last = groups.at(-1);
    if (last !== undefined && from < last.to) {
      last.to = Math.max(last.to, whole);
      last.edits.push(edit);
    } else groups.push({ from, to: Math.min(whole, old.length), edits: [edit] });
  }
  return groups.map(({ from, to, edits: own }) => {
    const start = starts[from] ?? 0;
    const before = text.slice(start, starts[to] ?? text.length);
    const shifted = own.map((edit) => ({ ...edit, start: edit.start - start, end: edit.end - start }));
    return trimmed(old, { from, to, lines: linesOf(applyEdits(before, shifted)) });
  });
}

/** Without lines at its ends that are the same before and after. */
function trimmed(old: readonly string[], { from, to, lines }: Change): Change {
  let head = 0;
  while (head < Math.min(to - from, lines.length) && old[from + head] === lines[head]) head += 1;
  let tail = 0;
  while (tail < Math.min(to - from, lines.length) - head && old[to - 1 - tail] === lines.at(-1 - tail)) tail += 1;
  return { from: from + head, to: to - tail, lines: lines.slice(head, lines.length - tail) };
}

function hunksOf(changes: readonly Change[]): Change[][] {
  const hunks: Change[][] = [];
  for (const change of changes) {
    const last = hunks.at(-1)?.at(-1);
    if (last !== undefined && change.from - last.to <= 2 * contextLines) hunks.at(-1)?.push(change);
    else hunks.push([change]);
  }
  return hunks;
}

function hunkText(old: readonly string[], hunk: readonly Change[], moved: number): string {
  const first = Math.max(0, (hunk[0]?.from ?? 0) - contextLines);
  const last = Math.min(old.length, (hunk.at(-1)?.to ?? 0) + contextLines);
  let body = '';
  let at = first;
  let added = 0;
  for (const { from, to, lines } of hunk) {
    body += signed(' ', old.slice(at, from)) + signed('-', old.slice(from, to)) + signed('+', lines);
    added += lines.length - (to - from);
    at = to;
  }
  body += signed(' ', old.slice(at, last));
  const [before, after] = [last - first, last - first + added];
  return `@@ -${placed(first, before)} +${placed(first + moved, after)} @@\n${body}`;
}

function placed(first: number, count: number): string {
  return `${count === 0 ? first : first + 1},${count}`;
}

function signed(sign: string, lines: readonly string[]): string {
  return lines
    .map((line) => (line.endsWith('\n') ? `${sign}${line}` : `${sign}${line}\n\\ No newline at end of file\n`))
    .join('');
}
