/** What the SQLite journal keeps beside the events: rows of runs, blobs, inboxes. Each method takes the owner first (S1). */
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import { isEnded, type RunRow, type RunStatus } from '../journal/run-row.ts';
import type { Blob, RunQuery } from '../journal/store.ts';
import { keyTaken } from './batch-check.ts';
import { fromExactText, toExactText } from './exact-text.ts';
import type { PackedEntry } from './sqlite-calls.ts';

type StoredRun = {
  run: string;
  thread: string | null;
  workflow: string;
  version: number;
  key: string | null;
  digest: string;
  status: RunStatus;
  queued_at: number;
  ended_at: number | null;
  wake_at: number | null;
  continued_as: string | null;
  first_seq: number;
  last_seq: number;
};

type StoredEntry = { entry: string; at: number; command: string };

export class SqliteRows {
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  /** `isNew`: its run was begun by the same commit, so there is no row to look for. */
  putRun(owner: number, row: RunRow, isNew: boolean): void {
    const values = { ...valuesOf(row), owner };
    if (row.key !== undefined) {
      const holder = this.#prepare('SELECT run FROM run WHERE owner = ? AND key = ?').get(owner, values.key);
      if (holder !== undefined && holder['run'] !== values.run) throw keyTaken();
    }
    if (isNew || this.#prepare(updateRun).run(values).changes === 0) this.#prepare(insertRun).run(values);
  }

  run(owner: number, run: string): RunRow | undefined {
    const row = this.#prepare('SELECT * FROM run WHERE owner = ? AND run = ?').get(owner, toExactText(run));
    return row === undefined ? undefined : rowOf(row as StoredRun);
  }

  runByKey(owner: number, key: string): RunRow | undefined {
    const row = this.#prepare('SELECT * FROM run WHERE owner = ? AND key = ?').get(owner, toExactText(key));
    return row === undefined ? undefined : rowOf(row as StoredRun);
  }

  runs(owner: number, { thread, status, before, limit }: RunQuery): readonly RunRow[] {
    const terms = ['owner = $owner', 'first_seq < $before'];
    const values: Record<string, SQLInputValue> = { owner, before: before ?? Number.MAX_SAFE_INTEGER, limit };
    if (thread !== undefined) {
      terms.push('thread = $thread');
      values['thread'] = toExactText(thread);
    }
    if (status !== undefined) {
      terms.push('status IN (SELECT value FROM json_each($status))');
      values['status'] = JSON.stringify(status);
      // Lets SQLite use the small index of open runs.
      if (!status.some(isEnded)) terms.push('ended_at IS NULL');
    }
    const sql = `SELECT * FROM run WHERE ${terms.join(' AND ')} ORDER BY first_seq DESC LIMIT $limit`;
    return this.#prepare(sql)
      .all(values)
      .map((row) => rowOf(row as StoredRun));
  }

  putBlob(owner: number, blob: Blob): void {
    const sql = 'INSERT INTO blob (owner, sha256, text) VALUES (?, ?, ?) ON CONFLICT DO NOTHING';
    this.#prepare(sql).run(owner, blob.sha256, blob.text);
  }

  blob(owner: number, sha256: string): string | undefined {
    const row = this.#prepare('SELECT text FROM blob WHERE owner = ? AND sha256 = ?').get(owner, toExactText(sha256));
    return row === undefined ? undefined : String(row['text']);
  }

  /** A second entry of one id is the same one sent again. */
  putEntry(owner: number, entry: PackedEntry): void {
    const sql = 'INSERT INTO inbox (owner, entry, at, command) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING';
    this.#prepare(sql).run(owner, toExactText(entry.id), entry.at, entry.command);
  }

  takeEntry(owner: number, id: string): void {
    this.#prepare('DELETE FROM inbox WHERE owner = ? AND entry = ?').run(owner, toExactText(id));
  }

  entries(owner: number): readonly PackedEntry[] {
    const rows = this.#prepare('SELECT entry, at, command FROM inbox WHERE owner = ? ORDER BY id').all(owner);
    return (rows as StoredEntry[]).map(({ entry, at, command }) => ({ id: fromExactText(entry), at, command }));
  }

  erase(owner: number): void {
    for (const table of ['run', 'thread', 'blob', 'inbox'])
      this.#prepare(`DELETE FROM ${table} WHERE owner = ?`).run(owner);
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) this.#statements.set(sql, (statement = this.#db.prepare(sql)));
    return statement;
  }
}

const updateRun = `
  UPDATE run SET first_seq = $first_seq, last_seq = $last_seq, thread = $thread, workflow = $workflow,
    version = $version, key = $key, digest = $digest, status = $status, queued_at = $queued_at, ended_at = $ended_at,
    wake_at = $wake_at, continued_as = $continued_as
  WHERE owner = $owner AND run = $run`;

const insertRun = `
  INSERT INTO run (owner, first_seq, last_seq, run, thread, workflow, version, key, digest, status, queued_at, ended_at,
    wake_at, continued_as)
  VALUES ($owner, $first_seq, $last_seq, $run, $thread, $workflow, $version, $key, $digest, $status,
    $queued_at, $ended_at, $wake_at, $continued_as)`;

function valuesOf(row: RunRow): StoredRun {
  return {
    run: toExactText(row.run),
    thread: row.thread === undefined ? null : toExactText(row.thread),
    workflow: row.workflow,
    version: row.version,
    key: row.key === undefined ? null : toExactText(row.key),
    digest: row.digest,
    status: row.status,
    queued_at: row.queuedAt,
    ended_at: row.endedAt ?? null,
    wake_at: row.wakeAt ?? null,
    continued_as: row.continuedAs ?? null,
    first_seq: row.firstUserSeq,
    last_seq: row.lastUserSeq,
  };
}

function rowOf(stored: StoredRun): RunRow {
  return {
    run: fromExactText(stored.run),
    thread: stored.thread === null ? undefined : fromExactText(stored.thread),
    workflow: stored.workflow,
    version: stored.version,
    key: stored.key === null ? undefined : fromExactText(stored.key),
    digest: stored.digest,
    status: stored.status,
    queuedAt: stored.queued_at,
    endedAt: stored.ended_at ?? undefined,
    wakeAt: stored.wake_at ?? undefined,
    continuedAs: stored.continued_as ?? undefined,
    firstUserSeq: stored.first_seq,
    lastUserSeq: stored.last_seq,
  };
}
