/**
 * What a unified diff makes of the files it names.
 *
 * VU1  The diff may be applied already or not: a file that has its lines where it says is taken as it is, else the diff is
 *      applied to it in memory. Nothing is written.
 * VU2  Where it fits neither, its own lines stand for the file, so that what it adds is still seen.
 */

/** A file as it will be, with the lines that are new in it, from 1. */
export type ChangedFile = {
  readonly path: string;
  /** Undefined for one that the diff removes. */
  readonly text: string | undefined;
  readonly added: ReadonlySet<number>;
};

type Hunk = { readonly oldStart: number; readonly newStart: number; readonly lines: readonly string[] };
type FileDiff = { readonly path: string; readonly isGone: boolean; readonly isNew: boolean; readonly hunks: Hunk[] };

/** Reads a diff. `read` gives the text of a file as it is now, undefined where there is none. */
export function changedFiles(diff: string, read: (path: string) => string | undefined): readonly ChangedFile[] {
  return fileDiffs(diff).map((file) => changed(file, file.isNew || file.isGone ? undefined : read(file.path)));
}

function changed({ path, isGone, hunks }: FileDiff, before: string | undefined): ChangedFile {
  if (isGone) return { path, text: undefined, added: new Set() };
  const added = new Set(hunks.flatMap(addedIn));
  const lines = before?.split('\n') ?? [];
  if (before !== undefined && hunks.every((hunk) => fits(lines, hunk.newStart, side(hunk, '+')))) {
    return { path, text: before, added };
  }
  if (before !== undefined && hunks.every((hunk) => fits(lines, hunk.oldStart, side(hunk, '-')))) {
    return { path, text: applied(lines, hunks).join('\n'), added };
  }
  const own = hunks.flatMap(({ lines: marked }) => marked.filter((line) => !line.startsWith('-')));
  return {
    path,
    text: own.map((line) => line.slice(1)).join('\n'),
    added: new Set(own.flatMap((line, index) => (line.startsWith('+') ? [index + 1] : []))),
  };
}

/** The lines of one side, the common ones too. */
function side({ lines }: Hunk, sign: '+' | '-'): readonly string[] {
  return lines.filter((line) => line.startsWith(sign) || !/^[+-]/.test(line)).map((line) => line.slice(1));
}

function fits(lines: readonly string[], start: number, wanted: readonly string[]): boolean {
  return wanted.every((line, index) => lines[start - 1 + index] === line);
}

function applied(lines: readonly string[], hunks: readonly Hunk[]): readonly string[] {
  const out: string[] = [];
  let from = 0;
  for (const hunk of hunks) {
    const before = side(hunk, '-').length;
    const to = before === 0 ? hunk.oldStart : hunk.oldStart - 1;
    out.push(...lines.slice(from, to), ...side(hunk, '+'));
    from = to + before;
  }
  return [...out, ...lines.slice(from)];
}

function addedIn({ newStart, lines }: Hunk): readonly number[] {
  let at = newStart;
  return lines.flatMap((line) => {
    if (line.startsWith('-')) return [];
    at += 1;
    return line.startsWith('+') ? [at - 1] : [];
  });
}

function fileDiffs(diff: string): readonly FileDiff[] {
  const files: FileDiff[] = [];
  let before = '';
  let open: OpenHunk | undefined;
  for (const line of diff.split('\n')) {
    if (open !== undefined && takes(open, line)) continue;
    if (line.startsWith('--- ')) before = pathOf(line);
    if (line.startsWith('+++ ')) files.push(fileOf(before, pathOf(line)));
    open = openHunk(line);
    if (open !== undefined) files.at(-1)?.hunks.push(open);
  }
  return files;
}

/** A hunk with the lines of each side that are still to come. */
type OpenHunk = Hunk & { readonly lines: string[]; oldLeft: number; newLeft: number };

function openHunk(line: string): OpenHunk | undefined {
  const head = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/.exec(line);
  if (head === null) return undefined;
  const [oldStart = 0, oldLeft = 0, newStart = 0, newLeft = 0] = head.slice(1).map((part) => Number(part ?? 1));
  return { oldStart, newStart, lines: [], oldLeft, newLeft };
}

/** Takes the line if the hunk still wants one: only then is a line that looks like a head none. */
function takes(hunk: OpenHunk, line: string): boolean {
  if (hunk.oldLeft + hunk.newLeft <= 0 || !/^[-+ ]|^$/.test(line)) return false;
  hunk.lines.push(line === '' ? ' ' : line);
  if (!line.startsWith('+')) hunk.oldLeft -= 1;
  if (!line.startsWith('-')) hunk.newLeft -= 1;
  return true;
}

function fileOf(before: string, after: string): FileDiff {
  const isGone = after === '/dev/null';
  return { path: isGone ? before : after, isGone, isNew: before === '/dev/null', hunks: [] };
}

/** `+++ b/src/x.ts<tab>date` is `src/x.ts`. */
function pathOf(line: string): string {
  const path = line
    .slice(4)
    .replace(/\t.*$/, '')
    .replace(/^"(.*)"$/, '$1');
  return path === '/dev/null' ? path : path.replace(/^[abciow]\//, '');
}
