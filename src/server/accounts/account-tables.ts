/**
 * The tables of local accounts, and the opening of them: `accounts.db` in the data folder.
 *
 * AB1  The file is its owner's alone (0600), and holds no password, token or code: only hashes of them.
 * AB2  A row of `account` is never removed, so a user id is never given to a second person.
 */
import { closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StoreError } from '../../core/errors.ts';

/** Raised with every change of the tables; what a newer Cantus wrote is refused. */
const tablesVersion = 1;

/** "CNTA": tells our databases from others, and from the journal. */
const applicationId = 0x434e5441;

/** How long a write waits for another program that has the file, such as a backup, in ms. */
const busyMs = 1_000;

const tables = `
  CREATE TABLE account (
    user TEXT PRIMARY KEY, tenant TEXT NOT NULL, name TEXT, roles TEXT NOT NULL, password TEXT NOT NULL,
    made_at REAL NOT NULL, disabled_at REAL, removed_at REAL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE login (
    id TEXT PRIMARY KEY, user TEXT NOT NULL, hash TEXT NOT NULL, next_hash TEXT, before_hash TEXT, before_until REAL,
    made_at REAL NOT NULL, renewed_at REAL NOT NULL, used_at REAL NOT NULL, agent TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX login_user ON login (user);
  CREATE INDEX login_used ON login (used_at);
  CREATE TABLE token (
    id TEXT PRIMARY KEY, user TEXT NOT NULL, name TEXT NOT NULL, hash TEXT NOT NULL,
    made_at REAL NOT NULL, used_at REAL, expires_at REAL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX token_user ON token (user);
  CREATE INDEX token_expires ON token (expires_at) WHERE expires_at IS NOT NULL;
  CREATE TABLE invitation (
    hash TEXT PRIMARY KEY, kind TEXT NOT NULL, roles TEXT NOT NULL, expires_at REAL NOT NULL
  ) STRICT, WITHOUT ROWID;
`;

/** Opens the tables in `folder`, creating both if they are not there; in memory without a folder. Throws a StoreError. */
export function openAccountTables(folder: string | undefined): DatabaseSync {
  const path = folder === undefined ? ':memory:' : privateFile(folder);
  const db = openDatabase(path);
  try {
    const version = numberOf(db, 'PRAGMA user_version');
    refuseForeign(db, path, version);
    db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = ${busyMs};`);
    if (version === 0) createTables(db);
    return db;
  } catch (cause) {
    db.close();
    throw unreadable(cause, path);
  }
}

/** Does all of `body` or nothing of it. */
export function inTransaction<Result>(db: DatabaseSync, body: () => Result): Result {
  db.exec('BEGIN IMMEDIATE');
  try {
    const result = body();
    db.exec('COMMIT');
    return result;
  } catch (cause) {
    if (db.isTransaction) db.exec('ROLLBACK');
    throw cause;
  }
}

/** AB1. Its write-ahead log gets the same mode from SQLite. */
function privateFile(folder: string): string {
  const path = join(folder, 'accounts.db');
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (!existsSync(path)) closeSync(openSync(path, 'a', 0o600));
    return path;
  } catch (cause) {
    throw new StoreError('store_failed', `The accounts can't be kept in ${folder}.`, {
      hint: 'Name a folder that this user may create and write files in.',
      cause,
    });
  }
}

function openDatabase(path: string): DatabaseSync {
  try {
    return new DatabaseSync(path);
  } catch (cause) {
    throw unreadable(cause, path);
  }
}

function createTables(db: DatabaseSync): void {
  inTransaction(db, () => {
    db.exec(tables);
    db.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${tablesVersion};`);
  });
}

function refuseForeign(db: DatabaseSync, path: string, version: number): void {
  const ours = numberOf(db, 'PRAGMA application_id') === applicationId;
  if (!ours && numberOf(db, 'SELECT count(*) FROM sqlite_schema') > 0) {
    throw new StoreError('store_corrupt', `${path} is a SQLite database, but not one of accounts of Cantus.`, {
      hint: 'Name another data folder; this file belongs to something else and was not changed.',
    });
  }
  if (version > tablesVersion) {
    throw new StoreError(
      'store_failed',
      `${path} has tables of version ${version}; this Cantus knows up to ${tablesVersion}.`,
      { hint: 'Open it with the version of Cantus that wrote it, or a later one. Nothing was changed.' },
    );
  }
}

function unreadable(cause: unknown, path: string): StoreError {
  if (cause instanceof StoreError) return cause;
  return new StoreError('store_failed', `${path} can't be used as a database of accounts.`, {
    hint: 'Close other programs that have it open; if it was damaged, restore it from a backup.',
    cause,
  });
}

function numberOf(db: DatabaseSync, sql: string): number {
  const row = db.prepare(sql).get() ?? {};
  return Number(Object.values(row)[0]);
}
