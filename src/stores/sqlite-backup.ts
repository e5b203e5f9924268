/**
 * Copies of a data folder: what is in them, how they are made while others write, and how one becomes a folder again.
 *
 * DB1  A database is copied as one transaction sees it, also while its owner commits: what was committed before the copy
 *      began is in it, and of what came later nothing. It is read as any other program may, and never written.
 * DB2  The journal is copied first, and only then is looked what else there is: what it names (accounts, uploads) is
 *      older than it, and so is in the copy too.
 * DB3  A backup stands at its place when all of it is written, on the disk and read again, or not at all.
 * DB4  What is restored is what was backed up, to the byte, or nothing is: sums are checked before anything is moved.
 * DB5  A restored journal begins other generations (SD4), so that every cursor from before is outdated.
 */
import { createHash } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  copyFileSync,
  existsSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { EngineError, StoreError, toErrorInfo, ValidationError } from '../core/errors.ts';
import { createPrivateFile, lockFolder, restoringPlace } from './folder-lock.ts';
import { isFull } from './sqlite-errors.ts';
import { openJournal } from './sqlite-schema.ts';

/** A file of a backup. `path` is below its folder, with "/" between names. */
export type BackupFile = { readonly path: string; readonly bytes: number; readonly sha256: string };

/** What `manifest.json` says. */
export type BackupManifest = {
  readonly format: 'cantus-backup';
  readonly version: 1;
  /** ISO 8601, in UTC. */
  readonly madeAt: string;
  readonly files: readonly BackupFile[];
};

const manifestFile = 'manifest.json';
const contents = 'files';
const journalFile = 'journal.db';

/** Of whoever has the folder now. */
const passing: ReadonlySet<string> = new Set(['lock.db', 'lock.db-journal', 'owner.json']);
const unfinishedUpload = /^uploads\/.*\.unfinished$/;
/** Beside a database: what it says of the database is in the copy. */
const beside = /-(?:wal|shm|journal)$/;

/** Where a backup goes, and when it is made (ms since 1970). */
export type BackupWish = { readonly folder: string; readonly target: string; readonly now: number };

/**
 * Copies the data folder to `target`, a folder that must not be there yet, and reads the copy again. Works beside the
 * folder's owner and without one. Throws a ValidationError or a StoreError, and leaves nothing behind then.
 */
export function makeBackup({ folder, target, now }: BackupWish): BackupManifest {
  const [from, to] = [resolve(folder), resolve(target)];
  if (!existsSync(join(from, journalFile)))
    throw new ValidationError(`There is no journal in ${folder}.`, { hint: 'Name the data folder: --folder DIR.' });
  if (existsSync(to)) throw new ValidationError(`${target} is there already.`, { hint: 'Name one that is not.' });
  if (isWithin(to, from))
    throw new ValidationError(`${target} is in the data folder itself.`, { hint: 'Name a place outside of it.' });
  const building = `${to}.unfinished`;
  rmSync(building, { recursive: true, force: true });
  try {
    mkdirSync(join(building, contents), { recursive: true, mode: 0o700 });
    const files = [...copiedFiles(from, join(building, contents))];
    const manifest: BackupManifest = {
      format: 'cantus-backup',
      version: 1,
      madeAt: new Date(now).toISOString(),
      files,
    };
    writeSynced(join(building, manifestFile), `${JSON.stringify(manifest, null, 2)}\n`);
    checkBackup(building);
    syncFolders(building);
    renameSync(building, to);
    syncPath(dirname(to));
    return manifest;
  } catch (cause) {
    rmSync(building, { recursive: true, force: true });
    throw copyError(cause, target);
  }
}

/** What to say of whatever stopped a copy to `place`, of which nothing is left. */
function copyError(cause: unknown, place: string): EngineError {
  if (EngineError.is(cause)) return cause;
  if (isFull(cause))
    return new StoreError('store_failed', `There is no room for ${place}: its disk or its quota is full.`, {
      hint: 'Free space there, or name a place on another disk. Nothing of the copy is left.',
      retryable: true,
      cause,
    });
  return new StoreError('store_failed', `${place} could not be written (${toErrorInfo(cause).message}).`, {
    hint: 'What is copied must be readable, and the place of the copy writable. Nothing of the copy is left.',
    cause,
  });
}

/** Reads a backup whole. Throws a StoreError of code `store_corrupt` where it is not what was written (DB4). */
export function checkBackup(backup: string): BackupManifest {
  const manifest = manifestOf(backup);
  const listed = new Set(manifest.files.map(({ path }) => path));
  for (const path of filesIn(join(backup, contents)))
    if (!listed.has(path)) throw damaged(backup, `${path} is not of it`);
  if (!listed.has(journalFile)) throw damaged(backup, 'it has no journal');
  for (const { path, bytes, sha256 } of manifest.files) {
    const file = join(backup, contents, path);
    if (!isPlain(path)) throw damaged(backup, `${path} is no path below it`);
    if (!lstatSync(file, { throwIfNoEntry: false })?.isFile()) throw damaged(backup, `${path} is missing`);
    const found = sumOf(file);
    if (found.bytes !== bytes || found.sha256 !== sha256) throw damaged(backup, `${path} has changed since`);
  }
  return manifest;
}

/** Where a backup becomes a data folder. `origin` is new: it begins the generations of the restored journal. */
export type RestoreWish = {
  readonly backup: string;
  readonly folder: string;
  readonly origin: string;
  readonly now: number;
  /** Take the place of a folder that has something in it, which is kept beside it. */
  readonly replace: boolean;
  /** Changes the copy before it is in its place. */
  readonly adapt?: (folder: string) => void;
};

export type Restored = {
  readonly manifest: BackupManifest;
  /** Where what was in the folder before is now; undefined where nothing was. */
  readonly before: string | undefined;
};

/**
 * Makes a data folder of a backup. Throws a ValidationError where the folder has something in it and `replace` is not
 * said, `store_locked` where somebody uses it, and `store_corrupt` for a damaged backup; nothing is changed then.
 */
export function restoreBackup(wish: RestoreWish): Restored {
  const { backup, origin, now, replace } = wish;
  const folder = resolve(wish.folder);
  const isTaken = existsSync(folder) && readdirSync(folder).length > 0;
  if (isTaken && !replace)
    throw new ValidationError(`${wish.folder} has something in it.`, {
      hint: 'Name an empty folder, or give --replace: what is there now is kept beside it.',
    });
  const manifest = checkBackup(backup);
  const building = restoringPlace(folder);
  // While the lock is held nobody works in the folder; it goes aside with what is in it.
  const lock = isTaken ? lockFolder(folder, now) : undefined;
  try {
    rmSync(building, { recursive: true, force: true });
    for (const { path, sha256 } of manifest.files) {
      const to = join(building, path);
      mkdirSync(dirname(to), { recursive: true, mode: 0o700 });
      copyPrivately(join(backup, contents, path), to);
      if (sumOf(to).sha256 !== sha256) throw damaged(backup, `${path} could not be copied as it is`);
    }
    beginGenerations(join(building, journalFile), origin);
    wish.adapt?.(building);
    syncFolders(building);
    const before = putInPlace({ building, folder, isTaken, now });
    return { manifest, before };
  } catch (cause) {
    rmSync(building, { recursive: true, force: true });
    throw copyError(cause, wish.folder);
  } finally {
    lock?.release();
  }
}

type Placing = {
  readonly building: string;
  readonly folder: string;
  readonly isTaken: boolean;
  readonly now: number;
};

function putInPlace({ building, folder, isTaken, now }: Placing): string | undefined {
  if (!isTaken) {
    renameSync(building, folder);
    syncPath(dirname(folder));
    return undefined;
  }
  const before = `${folder}.before-${new Date(now).toISOString().replaceAll(/[:.]/g, '-')}`;
  try {
    renameSync(folder, before);
    renameSync(building, folder);
  } catch (cause) {
    if (!existsSync(folder) && existsSync(before)) renameSync(before, folder);
    throw new StoreError('store_failed', `${folder} can't be replaced.`, {
      hint: 'Its name must be free to be given to another folder: it may be where a disk is mounted. Nothing was changed.',
      cause,
    });
  }
  rmSync(join(before, 'owner.json'), { force: true });
  syncPath(dirname(folder));
  return before;
}

/** DB5 */
function beginGenerations(path: string, origin: string): void {
  if (!isDatabase(path)) throw new StoreError('store_corrupt', `${path} is no journal.`, { hint: 'Restore another.' });
  const db = openJournal(path, { origin, bytesMax: undefined });
  try {
    if (db.prepare("UPDATE meta SET value = ? WHERE name = 'origin'").run(origin).changes !== 1)
      throw new StoreError('store_corrupt', `${path} has no origin.`, { hint: 'Restore another backup.' });
  } finally {
    db.close();
  }
}

// --- copies ----------------------------------------------------------------------------------------------------------

/** Files of a folder, in order. Links, sockets and what is only of this moment are left out. */
function filesIn(folder: string, below = ''): readonly string[] {
  return readdirSync(join(folder, below), { withFileTypes: true })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = below === '' ? entry.name : `${below}/${entry.name}`;
      if (entry.isDirectory()) return filesIn(folder, path);
      return entry.isFile() && !isPassing(folder, path) ? [path] : [];
    });
}

function isPassing(folder: string, path: string): boolean {
  return passing.has(path) || unfinishedUpload.test(path) || isBeside(folder, path);
}

function isBeside(folder: string, path: string): boolean {
  const database = join(folder, path.replace(beside, ''));
  return beside.test(path) && existsSync(database) && isDatabase(database);
}

/** DB2 */
function* copiedFiles(from: string, to: string): Generator<BackupFile> {
  yield* copied(from, to, journalFile);
  for (const path of filesIn(from)) if (path !== journalFile) yield* copied(from, to, path);
}

/** The file's line in the manifest; none for one that was removed meanwhile. */
function copied(from: string, to: string, path: string): readonly BackupFile[] {
  const [source, copy] = [join(from, path), join(to, path)];
  mkdirSync(dirname(copy), { recursive: true, mode: 0o700 });
  try {
    if (isDatabase(source)) copyDatabase(source, copy);
    else copyPrivately(source, copy);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT' || path === journalFile) throw cause;
    rmSync(copy, { force: true });
    return [];
  }
  return [{ path, ...sumOf(copy) }];
}

/** DB1. An app's own databases are copied like ours: as plain files they could be torn. */
function copyDatabase(source: string, copy: string): void {
  const db = new DatabaseSync(source, { readOnly: true });
  try {
    createPrivateFile(copy);
    db.exec(`VACUUM INTO '${copy.replaceAll("'", "''")}'`);
  } finally {
    db.close();
  }
  const check = new DatabaseSync(copy, { readOnly: true });
  try {
    const found = Object.values(check.prepare('PRAGMA quick_check').get() ?? {})[0];
    if (found === 'ok') return syncPath(copy);
  } finally {
    check.close();
  }
  throw new StoreError('store_corrupt', `The copy of ${source} is not whole.`, {
    hint: 'The disk, or the database itself, may be damaged. Keep the backups that you have.',
  });
}

const databaseHead = 'SQLite format 3\0';

function isDatabase(path: string): boolean {
  const head = Buffer.alloc(databaseHead.length);
  const file = openSync(path, 'r');
  try {
    return readSync(file, head, 0, head.length, 0) === head.length && head.toString('latin1') === databaseHead;
  } finally {
    closeSync(file);
  }
}

function copyPrivately(from: string, to: string): void {
  copyFileSync(from, to);
  chmodSync(to, 0o600);
  syncPath(to);
}

const sumBytes = 1_048_576;

function sumOf(path: string): { readonly bytes: number; readonly sha256: string } {
  const hash = createHash('sha256');
  const piece = Buffer.alloc(sumBytes);
  const file = openSync(path, 'r');
  let bytes = 0;
  try {
    for (let length = readSync(file, piece); length > 0; length = readSync(file, piece)) {
      hash.update(piece.subarray(0, length));
      bytes += length;
    }
  } finally {
    closeSync(file);
  }
  return { bytes, sha256: hash.digest('hex') };
}

// --- the manifest ----------------------------------------------------------------------------------------------------

function manifestOf(backup: string): BackupManifest {
  let told: Partial<BackupManifest>;
  try {
    told = JSON.parse(readFileSync(join(backup, manifestFile), 'utf8')) as Partial<BackupManifest>;
  } catch (cause) {
    throw new ValidationError(`${backup} is not a backup of Cantus.`, {
      hint: 'Name a folder that `cantus backup` has made.',
      cause,
    });
  }
  if (told.format !== 'cantus-backup' || !Array.isArray(told.files)) throw damaged(backup, 'its manifest is none');
  if (told.version !== 1)
    throw new StoreError('store_failed', `${backup} was made by a newer Cantus.`, {
      hint: 'Restore it with the version of Cantus that made it, or a later one.',
    });
  return told as BackupManifest;
}

function isPlain(path: string): boolean {
  return path.split('/').every((name) => name !== '' && name !== '.' && name !== '..' && !name.includes('\\'));
}

function damaged(backup: string, why: string): StoreError {
  return new StoreError('store_corrupt', `The backup ${backup} is damaged: ${why}.`, {
    hint: 'Take another backup. Nothing was changed.',
  });
}

function isWithin(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`));
}

// --- on the disk -----------------------------------------------------------------------------------------------------

function writeSynced(path: string, text: string): void {
  writeFileSync(path, text, { mode: 0o600 });
  syncPath(path);
}

/** A file, or the entries of a folder. */
function syncPath(path: string): void {
  const file = openSync(path, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function syncFolders(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true }))
    if (entry.isDirectory()) syncFolders(join(folder, entry.name));
  syncPath(folder);
}
