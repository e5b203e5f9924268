/**
 * The store port over one SQLite database: what each call of the worker does. It runs in the worker alone.
 *
 * SJ1  Calls that write may share a transaction; then they fail together and are tried again one by one, so that
 *     each still has its own result, and what one call asks is written whole or not at all.
 * SJ2  Nothing is answered before its transaction is committed (S3), and nothing is read inside an open one (S6).
 * SJ3  What is in memory (users at hand, tail) follows the transaction: after a rollback it is read anew.
 */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { assert } from '../core/assert.ts';
import { StoreError } from '../core/errors.ts';
import { limits } from '../core/limits.ts';
import type { Cursor, Ownership } from '../journal/store.ts';
import { EventLog, type PlaceRange } from './event-log.ts';
import { lockFolder, type FolderLock } from './folder-lock.ts';
import { Leases } from './leases.ts';
import { assertOneEach } from './batch-check.ts';
import type { Asked, CommitPiece, Given, PackedPage, PackedPart, UserName } from './sqlite-calls.ts';
import { SqliteRows } from './sqlite-rows.ts';
import { openJournal } from './sqlite-schema.ts';
import { SqliteThreads, type ThreadPlaces } from './sqlite-threads.ts';
import { SqliteUsers, type StoredUser } from './sqlite-users.ts';

export class SqliteJournal {
  readonly #lock: FolderLock;
  readonly #db: DatabaseSync;
  readonly #log: EventLog;
  readonly #users: SqliteUsers;
  readonly #rows: SqliteRows;
  readonly #threads: SqliteThreads;
  /** Deletions of the piece that is being written. */
  readonly #deleting: ThreadPlaces[] = [];
  readonly #leases = new Leases();
  /** Prepared: each commit needs them, and most commits are small. */
  readonly #begin: StatementSync;
  readonly #commit: StatementSync;
  readonly #path: string;
  readonly #inode: number;

  constructor({ folder, origin, bytesMax }: Asked<'open'>, now: number) {
    this.#lock = lockFolder(folder, now);
    this.#path = join(folder, 'journal.db');
    let db: DatabaseSync | undefined;
    try {
      db = openJournal(this.#path, { origin, bytesMax });
      this.#inode = statSync(this.#path).ino;
      this.#db = db;
      this.#begin = db.prepare('BEGIN');
      this.#commit = db.prepare('COMMIT');
      this.#log = new EventLog(db);
      this.#users = new SqliteUsers(db, this.#log);
      this.#rows = new SqliteRows(db);
      this.#threads = new SqliteThreads(db);
      this.#users.disownEveryone();
    } catch (cause) {
      db?.close();
      this.#lock.release();
      throw cause;
    }
  }

  close(): void {
    this.#db.close();
    this.#lock.release();
  }

  /** Throws when the file was deleted or replaced: it takes writes like any other, and they are lost when it is closed. */
  checkInPlace(): void {
    if (statSync(this.#path, { throwIfNoEntry: false })?.ino === this.#inode) return;
    throw new StoreError('store_failed', `${this.#path} was deleted, moved or replaced while it was in use.`, {
      hint: 'Put it back from a backup and start again: what was written since is lost.',
    });
  }

  begin(): void {
    this.#begin.run();
  }

  commit(): void {
    this.#commit.run();
  }

  /** SJ3. SQLite has rolled back by itself after some errors. */
  rollback(): void {
    if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
    this.#users.forget();
    this.#deleting.length = 0;
    this.#log.load();
  }

  /** What can be done while nobody waits: indexing the tail. */
  tidy(): void {
    if (this.#log.indexDue) this.#index();
  }

  heartbeat({ node }: Asked<'heartbeat'>, now: number): boolean {
    return this.#leases.renew(node, now);
  }

  own({ node, tenant, user }: Asked<'own'>, now: number): Ownership {
    const stored = this.#users.create(tenant, user);
    const held = stored.node;
    if (held !== undefined && held !== node && this.#leases.lives(held, now)) return { owned: false, node: held };
    if (held !== node) this.#users.claim(stored, node);
    return { owned: true, epoch: stored.epoch, head: this.#users.headOf(stored) };
  }

  release({ node, users }: Asked<'release'>): void {
    if (users === undefined) {
      this.#leases.end(node);
      this.#users.disownAll(node);
      return;
    }
    for (const { tenant, user } of users) {
      const stored = this.#users.find(tenant, user);
      if (stored?.node === node) this.#users.disown(stored);
    }
  }

  takeover({ node, usersMax }: Asked<'takeover'>, now: number): Given<'takeover'> {
    return this.#users.takeover(node, usersMax, this.#leases.living(now));
  }

  /** `pieces` gives the pieces of the commit in their order; a later one may not have come yet when the first is written. */
  append(pieces: Iterable<CommitPiece>): Given<'append'> {
    const owners: (StoredUser | undefined)[] = [];
    const fenced: number[] = [];
    for (const piece of pieces) {
      const first = owners.length;
      this.#stageParts(piece, owners);
      for (let part = first; part < owners.length; part++) if (owners[part] === undefined) fenced.push(part);
      for (const { part, blob } of piece.blobs) {
        const stored = owners[part];
        if (stored !== undefined) this.#rows.putBlob(stored.id, blob);
      }
      this.#log.write();
      for (const places of this.#deleting.splice(0)) this.#threads.deleteEvents(places, this.#log);
    }
    assertOneEach(owners);
    return fenced;
  }

  putInbox({ tenant, user, entry }: Asked<'putInbox'>): string | undefined {
    const stored = this.#users.create(tenant, user);
    this.#rows.putEntry(stored.id, entry);
    this.#users.hasWork(stored);
    return stored.node;
  }

  inbox(name: UserName): Given<'inbox'> {
    return this.#of(name, (stored) => this.#rows.entries(stored.id)) ?? [];
  }

  inboxes({ node, usersMax }: Asked<'inboxes'>): Given<'inboxes'> {
    return this.#users.withInbox(node, usersMax);
  }

  head({ tenant, user }: UserName): Cursor {
    return this.#users.headOf(this.#users.find(tenant, user));
  }

  /** A page looks at a bounded number of places, so a long stream is read in several and appends get in between. */
  read({ tenant, user, after, run, limit }: Asked<'read'>): PackedPage {
    const stored = this.#users.find(tenant, user);
    const head = this.#users.headOf(stored);
    const none = { places: [], texts: [], skipped: [], next: head.userSeq, head };
    if (stored === undefined) return none;
    let range: PlaceRange = { from: after + 1, to: stored.head };
    if (run !== undefined) {
      const row = this.#rows.run(stored.id, run);
      if (row === undefined) return none;
      range = { from: Math.max(range.from, row.firstUserSeq), to: row.lastUserSeq || stored.head };
    }
    const look = Math.min(range.to, range.from + (run === undefined ? limit : limits.readScanPlacesMax) - 1);
    return { ...this.#page(stored, { range, look, run, limit }), head };
  }

  run({ run, ...name }: Asked<'run'>): Given<'run'> {
    return this.#of(name, (stored) => this.#rows.run(stored.id, run));
  }

  runByKey({ key, ...name }: Asked<'runByKey'>): Given<'runByKey'> {
    return this.#of(name, (stored) => this.#rows.runByKey(stored.id, key));
  }

  runs({ query, ...name }: Asked<'runs'>): Given<'runs'> {
    return this.#of(name, (stored) => this.#rows.runs(stored.id, query)) ?? [];
  }

  thread({ thread, ...name }: Asked<'thread'>): Given<'thread'> {
    return this.#of(name, (stored) => this.#threads.row(stored.id, thread));
  }

  threads({ query, ...name }: Asked<'threads'>): Given<'threads'> {
    return this.#of(name, (stored) => this.#threads.rows(stored.id, query)) ?? [];
  }

  blob({ sha256, ...name }: Asked<'blob'>): Given<'blob'> {
    return this.#of(name, (stored) => this.#rows.blob(stored.id, sha256));
  }

  /** Overwrites what it removes, and empties the write-ahead log, so that the texts are gone from the disk's files. */
  erase({ tenant, user }: UserName): void {
    const stored = this.#users.find(tenant, user);
    if (stored === undefined) return;
    this.#index();
    this.#db.exec('PRAGMA secure_delete = ON');
    try {
      this.begin();
      this.#log.erase(stored.id);
      this.#rows.erase(stored.id);
      this.#users.erase(stored);
      this.commit();
    } finally {
      this.#db.exec('PRAGMA secure_delete = OFF');
    }
    this.#db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  }

  /** Adds the owner of each part to `owners`; undefined for one that is fenced. */
  #stageParts({ parts, lines }: CommitPiece, owners: (StoredUser | undefined)[]): void {
    const texts = lines.split('\n');
    let line = 0;
    for (const part of JSON.parse(parts) as PackedPart[]) {
      const stored = this.#users.find(part[0], part[1]);
      // S2: both numbers must be the user's own, and nobody may write who never owned the user.
      const accepted = stored !== undefined && part[2] > 0 && stored.epoch === part[2] && stored.head === part[3];
      if (accepted) this.#stagePart(stored, part, texts.slice(line, line + part[4]));
      owners.push(accepted ? stored : undefined);
      line += part[4];
    }
  }

  #stagePart(stored: StoredUser, part: PackedPart, lines: readonly string[]): void {
    for (const thread of part[7]?.deleted ?? []) {
      const places = this.#threads.deleteRows(stored.id, thread, part[3]);
      if (places !== undefined) this.#deleting.push(places);
    }
    if (part[5].length > 0) this.#users.hasWork(stored);
    for (const row of part[5]) this.#rows.putRun(stored.id, row, row.firstUserSeq > part[3]);
    for (const row of part[7]?.rows ?? []) this.#threads.put(stored.id, row);
    for (const id of part[6]) this.#rows.takeEntry(stored.id, id);
    if (lines.length === 0) return;
    this.#log.stage(stored.id, part[3] + 1, lines);
    stored.head += lines.length;
  }

  #index(): void {
    this.begin();
    this.#log.index();
    this.commit();
    this.#log.forgetTail();
  }

  #of<Found>({ tenant, user }: UserName, find: (stored: StoredUser) => Found): Found | undefined {
    const stored = this.#users.find(tenant, user);
    return stored === undefined ? undefined : find(stored);
  }

  #page(stored: StoredUser, want: PageWant): Omit<PackedPage, 'head'> {
    const { range, look, run, limit } = want;
    const places: number[] = [];
    const texts: string[] = [];
    const skipped: PlaceRange[] = [];
    let expected = range.from;
    for (const { place, text } of this.#log.places(stored.id, { from: range.from, to: look }, run)) {
      assert(place >= expected, 'the events of a page are out of order');
      if (place > expected) skipped.push({ from: expected, to: place - 1 });
      expected = place + 1;
      if (text === null) continue;
      places.push(place);
      texts.push(text);
      if (places.length >= limit) return { places, texts, skipped, next: place };
    }
    if (expected <= look) skipped.push({ from: expected, to: look });
    return { places, texts, skipped, next: look >= range.to ? stored.head : look };
  }
}

type PageWant = {
  readonly range: PlaceRange;
  /** The last place this page looks at. */
  readonly look: number;
  readonly run: string | undefined;
  readonly limit: number;
};
