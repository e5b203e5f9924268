/**
 * The tables of the SQLite journal, and the opening of it.
 *
 * SD1  `event` is a log: rows are only added at its end, so a commit writes few pages however many users are in it.
 * SD2  `place` says where a user's events are: one row for up to some hundred places, with the ids of their rows. It is
 *     written for many commits at once; what came since (`meta.indexed`) is in memory, and read back on opening.
 *     Measured beside a UNIQUE (owner, user_seq) index, commits of 256 events of 256 users, 2 cores, 22 Nov 2026:
 *     116 k events/s with the index, 190 k with this, 272 k with neither; of 64 events of 64 users 85, 142 and 146 k.
 * SD3  A user's row is never removed, so its id, its epoch and its count of erasures are never used again.
 * SD4  `meta.origin` begins every generation of this store; a restored copy gets a new one, and all cursors are outdated.
 * SD5  Tables of an earlier version are brought up to this one on opening, in one transaction: what was added is filled
 *     from the journal, as every row is a projection of it.
 * SD6  The newest version of each event that may be in the journal is kept (`meta.events`). A Cantus that does not know
 *     one of them refuses the folder when it is opened, by that event's name, not only when it comes to such an event.
 */
import { DatabaseSync } from 'node:sqlite';
import { StoreError } from '../core/errors.ts';
import { eventVersions } from '../journal/codec.ts';
import { createPrivateFile } from './folder-lock.ts';
import { fillThreads } from './sqlite-fill-threads.ts';

/** "CNTS": tells our databases from others. */
const applicationId = 0x434e5453;

/**
 * Pages in the write-ahead log at which it is moved to the database, while a commit waits. Of 1,000 to 10,000 the
 * figures of bench/store.ts differ less than its noise: fewer come into the p99, more make the worst commit longer.
 */
const walPages = 4_000;

const pageBytes = 4_096;

const tables = `
  CREATE TABLE meta (name TEXT PRIMARY KEY, value ANY NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE user (
    id INTEGER PRIMARY KEY, tenant TEXT NOT NULL, user TEXT NOT NULL,
    epoch INTEGER NOT NULL, node TEXT, erasures INTEGER NOT NULL,
    UNIQUE (tenant, user)
  ) STRICT;
  CREATE INDEX user_node ON user (node) WHERE node IS NOT NULL;
  CREATE TABLE event (
    id INTEGER PRIMARY KEY, owner INTEGER NOT NULL, user_seq INTEGER NOT NULL, data TEXT NOT NULL
  ) STRICT;
  CREATE TABLE place (
    owner INTEGER NOT NULL, from_seq INTEGER NOT NULL, to_seq INTEGER NOT NULL, ids TEXT NOT NULL,
    PRIMARY KEY (owner, from_seq)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE run (
    owner INTEGER NOT NULL, first_seq INTEGER NOT NULL, last_seq INTEGER NOT NULL,
    run TEXT NOT NULL, thread TEXT, workflow TEXT NOT NULL, version INTEGER NOT NULL,
    key TEXT, digest TEXT NOT NULL, status TEXT NOT NULL, queued_at REAL NOT NULL, ended_at REAL,
    wake_at REAL, continued_as TEXT,
    PRIMARY KEY (owner, first_seq)
  ) STRICT, WITHOUT ROWID;
  CREATE UNIQUE INDEX run_id ON run (owner, run);
  CREATE UNIQUE INDEX run_key ON run (owner, key) WHERE key IS NOT NULL;
  CREATE INDEX run_thread ON run (owner, thread, first_seq) WHERE thread IS NOT NULL;
  CREATE INDEX run_open ON run (owner, first_seq) WHERE ended_at IS NULL;
  CREATE TABLE inbox (
    id INTEGER PRIMARY KEY, owner INTEGER NOT NULL, entry TEXT NOT NULL, at REAL NOT NULL, command TEXT NOT NULL,
    UNIQUE (owner, entry)
  ) STRICT;
  CREATE TABLE blob (
    id INTEGER PRIMARY KEY, owner INTEGER NOT NULL, sha256 TEXT NOT NULL, text TEXT NOT NULL,
    UNIQUE (owner, sha256)
  ) STRICT;
`;

/** Since version 2. `title` is folded, for searches; `data` is the row as JSON text. */
const threadTable = `
  CREATE TABLE thread (
    owner INTEGER NOT NULL, thread TEXT NOT NULL, active_seq INTEGER NOT NULL, title TEXT NOT NULL, data TEXT NOT NULL,
    PRIMARY KEY (owner, thread)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX thread_active ON thread (owner, active_seq);
`;

export type JournalFile = {
  /** Begins the generations of a journal that is created now. */
  readonly origin: string;
  /** Bytes the database may have; beyond it, a commit fails as on a full disk. */
  readonly bytesMax: number | undefined;
};

/** Opens the journal at `path`, creating it if it isn't there, with every commit on the disk before it is told. */
export function openJournal(path: string, { origin, bytesMax }: JournalFile): DatabaseSync {
  createPrivateFile(path);
  const db = new DatabaseSync(path);
  try {
    const version = numberOf(db, 'PRAGMA user_version');
    refuseForeign(db, path, version);
    if (version > 0) refuseNewerEvents(db, path);
    const mode = db.prepare('PRAGMA journal_mode = WAL').get()?.['journal_mode'];
    if (mode !== 'wal') {
      throw new StoreError('store_failed', `The file system of ${path} can't hold a write-ahead log.`, {
        hint: 'Use a folder on a local disk; network file systems lack what it needs.',
      });
    }
    db.exec(`PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = ${walPages}; PRAGMA cache_size = -16384;`);
    if (bytesMax !== undefined) db.exec(`PRAGMA max_page_count = ${Math.ceil(bytesMax / pageBytes)}`);
    if (version === 0) createTables(db, origin);
    else if (version < schemaVersion) bringUp(db, version);
    keepEventVersions(db);
    return db;
  } catch (cause) {
    db.close();
    throw cause;
  }
}

function createTables(db: DatabaseSync, origin: string): void {
  db.exec('BEGIN');
  db.exec(tables);
  db.exec(threadTable);
  const put = db.prepare('INSERT INTO meta (name, value) VALUES (?, ?)');
  put.run('origin', origin);
  put.run('indexed', 0);
  db.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${schemaVersion}; COMMIT`);
}

/** What version 2 had no column for: its runs that wait are due at once, as its events say in today's shape. */
const addWakeAt = `
  ALTER TABLE run ADD COLUMN wake_at REAL;
  UPDATE run SET wake_at = 0 WHERE status = 'suspended';
`;

/** SD5: every change of the tables there ever was. The first makes version 2 of version 1. */
const changes: readonly ((db: DatabaseSync) => void)[] = [
  (db) => {
    db.exec(threadTable);
    fillThreads(db);
  },
  (db) => db.exec(addWakeAt),
  (db) => db.exec('ALTER TABLE run ADD COLUMN continued_as TEXT'),
];

/** What a newer Cantus wrote is refused. */
export const schemaVersion = changes.length + 1;

function bringUp(db: DatabaseSync, version: number): void {
  db.exec('BEGIN');
  try {
    for (const change of changes.slice(version - 1)) change(db);
    db.exec(`PRAGMA user_version = ${schemaVersion}; COMMIT`);
  } catch (cause) {
    if (db.isTransaction) db.exec('ROLLBACK');
    throw cause;
  }
}

const selectEventVersions = "SELECT value FROM meta WHERE name = 'events'";

/** SD6 */
function refuseNewerEvents(db: DatabaseSync, path: string): void {
  const kept = db.prepare(selectEventVersions).get()?.['value'];
  if (typeof kept !== 'string') return;
  const known: Readonly<Record<string, number>> = eventVersions;
  const versions = Object.entries(JSON.parse(kept) as Readonly<Record<string, number>>);
  const newer = versions.find(([type, version]) => version > (known[type] ?? 0));
  if (newer === undefined) return;
  throw new StoreError(
    'store_failed',
    `${path} may have events "${newer[0]}" of version ${newer[1]}, which this Cantus does not know.`,
    { hint: 'Open it with the version of Cantus that wrote it, or a later one. Nothing was changed.' },
  );
}

/** SD6. A folder from before this was kept has it from its next opening on. */
function keepEventVersions(db: DatabaseSync): void {
  const now = JSON.stringify(eventVersions);
  if (db.prepare(selectEventVersions).get()?.['value'] === now) return;
  db.prepare("INSERT OR REPLACE INTO meta (name, value) VALUES ('events', ?)").run(now);
}

function refuseForeign(db: DatabaseSync, path: string, version: number): void {
  const ours = numberOf(db, 'PRAGMA application_id') === applicationId;
  if (!ours && numberOf(db, 'SELECT count(*) FROM sqlite_schema') > 0) {
    throw new StoreError('store_corrupt', `${path} is a SQLite database, but not a journal of Cantus.`, {
      hint: 'Name another data folder; this file belongs to something else and was not changed.',
    });
  }
  if (version > schemaVersion) {
    throw new StoreError(
      'store_failed',
      `${path} has tables of version ${version}; this Cantus knows up to ${schemaVersion}.`,
      { hint: 'Open it with the version of Cantus that wrote it, or a later one. Nothing was changed.' },
    );
  }
}

function numberOf(db: DatabaseSync, sql: string): number {
  const row = db.prepare(sql).get() ?? {};
  return Number(Object.values(row)[0]);
}
