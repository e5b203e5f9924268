/**
 * Threads in the SQLite journal: their rows, and the deletion of all that is in one (S8, S9).
 *
 * ST1  A deletion is part of the commit that tells of it. It looks at every event of the user since the thread began,
 *      and at all of the user's events that name blobs if any of the deleted ones did: others wait for it meanwhile
 *      (measured: 0.3 s for a thread with 50,000 of 100,000 events). What it removes is not overwritten on the disk;
 *      `erase` does that.
 * ST2  Events are removed from the log alone; the index goes on naming their rows, which are not there: those are the
 *      places that readers are told to skip. They go after the commit's own events are written, so a user's last
 *      event is never among them, and no row id that an index names is given to another event.
 */
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import type { JournalEvent } from '../journal/event.ts';
import type { ThreadQuery } from '../journal/store.ts';
import { foldTitle, type ThreadRow } from '../journal/thread-row.ts';
import { eachBlobName } from './blob-names.ts';
import type { EventLog, PlaceRange } from './event-log.ts';
import { toExactText } from './exact-text.ts';

/** How a name of a blob begins in the text of an event. */
const blobNeedle = '"$blob":';

/** Where the events of a thread are. */
export type ThreadPlaces = PlaceRange & { readonly owner: number; readonly thread: string };

export class SqliteThreads {
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  put(owner: number, row: ThreadRow): void {
    this.#prepare(putThread).run(owner, toExactText(row.thread), row.activeUserSeq, foldTitle(row.title), textOf(row));
  }

  row(owner: number, thread: string): ThreadRow | undefined {
    const row = this.#prepare('SELECT data FROM thread WHERE owner = ? AND thread = ?').get(owner, toExactText(thread));
    return row === undefined ? undefined : rowOf(row);
  }

  rows(owner: number, { search, before, limit }: ThreadQuery): readonly ThreadRow[] {
    const terms = ['owner = $owner', 'active_seq < $before'];
    const values: Record<string, SQLInputValue> = { owner, before: before ?? Number.MAX_SAFE_INTEGER, limit };
    if (search !== undefined) {
      terms.push('instr(title, $search) > 0');
      values['search'] = foldTitle(search);
    }
    const sql = `SELECT data FROM thread WHERE ${terms.join(' AND ')} ORDER BY active_seq DESC LIMIT $limit`;
    return this.#prepare(sql).all(values).map(rowOf);
  }

  /** The first half of a deletion (ST1): the rows go before those of the commit, of the places up to `to`, come. */
  deleteRows(owner: number, thread: string, to: number): ThreadPlaces | undefined {
    const exact = toExactText(thread);
    this.#prepare('DELETE FROM thread WHERE owner = ? AND thread = ?').run(owner, exact);
    const first = this.#prepare('SELECT min(first_seq) AS place FROM run WHERE owner = ? AND thread = ?');
    const from = first.get(owner, exact)?.['place'] ?? null;
    this.#prepare('DELETE FROM run WHERE owner = ? AND thread = ?').run(owner, exact);
    return from === null ? undefined : { owner, thread, from: Number(from), to };
  }

  /** The second half (ST2), when the events of the commit are in the log. */
  deleteEvents({ owner, thread, from, to }: ThreadPlaces, log: EventLog): void {
    const named = new Set<string>();
    const needle = `"thread":${JSON.stringify(thread)}`;
    log.remove(owner, { from, to, needle }, (text) => {
      const event = JSON.parse(text) as JournalEvent;
      const isGone = event.thread === thread && event.type !== 'thread.deleted';
      if (isGone && text.includes(blobNeedle)) eachBlobName(event.data, (sha256) => named.add(sha256));
      return isGone;
    });
    this.#deleteBlobs(owner, named, log);
  }

  #deleteBlobs(owner: number, named: Set<string>, log: EventLog): void {
    if (named.size === 0) return;
    for (const { text } of log.mentioning(owner, { from: 1, to: Number.MAX_SAFE_INTEGER, needle: blobNeedle }))
      eachBlobName((JSON.parse(text) as JournalEvent).data, (sha256) => named.delete(sha256));
    const removal = this.#prepare('DELETE FROM blob WHERE owner = ? AND sha256 = ?');
    for (const sha256 of named) removal.run(owner, toExactText(sha256));
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) this.#statements.set(sql, (statement = this.#db.prepare(sql)));
    return statement;
  }
}

const putThread = `
  INSERT INTO thread (owner, thread, active_seq, title, data) VALUES (?, ?, ?, ?, ?)
  ON CONFLICT (owner, thread) DO UPDATE SET active_seq = excluded.active_seq, title = excluded.title,
    data = excluded.data`;

function textOf(row: ThreadRow): string {
  return JSON.stringify(row);
}

function rowOf(stored: { readonly [column: string]: unknown }): ThreadRow {
  return JSON.parse(String(stored['data'])) as ThreadRow;
}
