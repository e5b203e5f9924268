/**
 * One owner of a data folder, by a lock that the operating system frees when its holder ends, however it ends.
 *
 * FL1  Node has no file lock, so it is `BEGIN EXCLUSIVE` held on a small database of its own.
 * FL2  Nothing else in this process may open the lock's file: on POSIX, closing any descriptor of a file drops all
 *     locks that the process has on it. So it is created with `wx`, which never opens one that is there.
 * FL3  owner.json only tells people who holds the lock; the lock alone decides.
 * FL4  A restore that was cut off between taking a folder away and putting another in its place leaves none. No new
 *     folder is begun there: it would pass for the user's own, with nothing in it.
 */
import { closeSync, existsSync, mkdirSync, fsyncSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StoreError } from '../core/errors.ts';
import { isBusy } from './sqlite-errors.ts';

export type FolderLock = { release(): void };

/**
 * Takes the folder, creating it if it isn't there. Throws `store_locked` when another store has it, and `store_failed`
 * where a restore was cut off (FL4).
 */
export function lockFolder(folder: string, now: number): FolderLock {
  refuseHalfRestored(resolve(folder));
  makeFolder(resolve(folder));
  const path = join(folder, 'lock.db');
  createPrivateFile(path);
  const lock = new DatabaseSync(path);
  try {
    lock.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    lock.close();
    throw isBusy(cause) ? lockedBy(folder) : cause;
  }
  const ownerPath = join(folder, 'owner.json');
  tellOwner(ownerPath, now);
  return {
    release() {
      rmSync(ownerPath, { force: true });
      lock.close();
    },
  };
}

/** Where a folder is made of a backup before it is put in its place. */
export function restoringPlace(folder: string): string {
  return `${folder}.restoring`;
}

/** FL4 */
function refuseHalfRestored(folder: string): void {
  if (existsSync(folder) || !existsSync(restoringPlace(folder))) return;
  throw new StoreError('store_failed', `${folder} is not there: a restore to it was cut off.`, {
    hint: `Give \`cantus restore\` again, or remove ${restoringPlace(folder)}. What was there before, if anything, is beside it, as ${folder}.before-….`,
  });
}

/** Creates an empty file that only its owner may read, unless it is there. */
export function createPrivateFile(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
  }
}

/**
 * A folder is only as durable as its entry in the one above it, so that is synced too.
 * One by one, as Node's recursive mkdir never ends where the system refuses with ENOENT, such as below /proc.
 */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  const above = dirname(path);
  makeFolder(above);
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
  }
  const entries = openSync(above, 'r');
  try {
    fsyncSync(entries);
  } finally {
    closeSync(entries);
  }
}

/** FL3: when the disk is too full for it, the folder is locked all the same. */
function tellOwner(path: string, now: number): void {
  const owner = { pid: process.pid, since: new Date(now).toISOString() };
  try {
    writeFileSync(path, `${JSON.stringify(owner)}\n`, { mode: 0o600 });
  } catch {
    rmSync(path, { force: true });
  }
}

function lockedBy(folder: string): StoreError {
  const owner = ownerOf(folder);
  const who =
    owner === undefined
      ? 'another store'
      : `a store of process ${owner.pid}, since ${owner.since || 'a time unknown'},`;
  return new StoreError(
    'store_locked',
    `The data folder ${folder} is in use: ${who} has its lock, and a journal has one writer.`,
    {
      hint:
        owner === undefined
          ? 'Stop the other Cantus that uses this folder, or give this one a folder of its own.'
          : `Stop process ${owner.pid} (if it is this one, share its store object), or use a folder of its own.`,
      details: { folder, pid: owner?.pid ?? null },
      retryable: true,
    },
  );
}

function ownerOf(folder: string): { readonly pid: number; readonly since: string } | undefined {
  try {
    const owner = JSON.parse(readFileSync(join(folder, 'owner.json'), 'utf8')) as {
      pid?: unknown;
      since?: unknown;
    } | null;
    if (typeof owner?.pid !== 'number') return undefined;
    return { pid: owner.pid, since: typeof owner.since === 'string' ? owner.since : '' };
  } catch {
    return undefined;
  }
}
