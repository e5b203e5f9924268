/**
 * Changes of several files of a tree, made together.
 *
 * VJ1  All or none: every new text is on disk beside its file before the first one takes its place, and where one can't,
 *      those that did are put back. No file is ever half written. A process that is killed between two of them leaves whole
 *      files, old ones and new ones; what goes, goes last.
 * VJ2  A file that is no longer what it was when the change was planned is not written over, nor is a read-only one.
 * VJ3  A file keeps its mode.
 */
import {
  chmodSync,
  closeSync,
  lstatSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  type Stats,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { ValidationError } from '../core/errors.ts';

/** One file, by its path from the root. */
export type FileChange = {
  readonly path: string;
  /** What it was when the change was planned. */
  readonly before: Uint8Array;
  /** Undefined where the file goes. */
  readonly text: string | undefined;
};

/** Makes all of them under `root`. Throws a ValidationError where one can't be made, and then none is. */
export function makeChanges(root: string, changes: readonly FileChange[]): void {
  const all = changes.map((change) => placed(root, change));
  const begun: string[] = [];
  const made: Placed[] = [];
  try {
    for (const one of all) {
      if (one.text === undefined) continue;
      // Only what was not there before is taken away again.
      closeSync(openSync(one.building, 'wx'));
      begun.push(one.building);
      writeFileSync(one.building, one.text);
      chmodSync(one.building, one.mode);
    }
    for (const one of all.toSorted((a, b) => Number(a.text === undefined) - Number(b.text === undefined))) {
      if (one.text === undefined) rmSync(one.file);
      else renameSync(one.building, one.file);
      made.push(one);
    }
  } catch (error) {
    for (const one of made) putBack(one);
    for (const building of begun) rmSync(building, { force: true });
    throw new ValidationError(`The files can't be written: ${(error as Error).message}.`, {
      hint: 'Nothing was changed. May you write to these folders, and is there room on the disk?',
      cause: error,
    });
  }
}

type Placed = FileChange & { readonly file: string; readonly building: string; readonly mode: number };

/** Where a file is, and that it may be changed (VJ2). */
function placed(root: string, change: FileChange): Placed {
  const { path, before } = change;
  const file = join(root, path);
  const stats = lstatSync(file, { throwIfNoEntry: false });
  if (stats === undefined || !isSame(file, stats, before)) {
    throw new ValidationError(`${path} was changed meanwhile, so nothing was written.`, {
      hint: 'Run it again: it plans anew from what is there.',
    });
  }
  if ((stats.mode & 0o222) === 0) {
    throw new ValidationError(`${path} is read-only, so nothing was written.`, { hint: 'Make it writable first.' });
  }
  return { ...change, file, building: `${file}.guard-${process.pid}`, mode: stats.mode & 0o7777 };
}

/** A link is not: what it leads to is a file of its own. */
function isSame(file: string, stats: Stats, before: Uint8Array): boolean {
  return stats.isFile() && readFileSync(file).equals(before);
}

function putBack({ file, before, mode }: Placed): void {
  writeFileSync(file, before);
  chmodSync(file, mode);
}
