/** Fills the table of threads from a journal that was written before there was one (SD5). */
import type { DatabaseSync } from 'node:sqlite';
import { decodeEvent } from '../journal/codec.ts';
import { threadAfter, type ThreadRow } from '../journal/thread-row.ts';
import { SqliteThreads } from './sqlite-threads.ts';

type LogRow = { readonly owner: number; readonly user_seq: number; readonly data: string };

/** Folds the events that change a thread's row, in the order of the log, which is that of each user's places. */
export function fillThreads(db: DatabaseSync): void {
  const owners = new Map<number, Map<string, ThreadRow>>();
  for (const logged of db.prepare(selectEvents).iterate()) {
    const { owner, user_seq: userSeq, data } = logged as LogRow;
    // Rows don't say whose they are.
    const event = decodeEvent(data, { tenant: '', user: '', userSeq });
    if (event.thread === undefined) continue;
    let threads = owners.get(owner);
    if (threads === undefined) owners.set(owner, (threads = new Map()));
    const row = threadAfter(threads.get(event.thread), event);
    if (row !== undefined) threads.set(event.thread, row);
  }
  const table = new SqliteThreads(db);
  for (const [owner, threads] of owners) for (const row of threads.values()) table.put(owner, row);
}

const selectEvents = `
  SELECT owner, user_seq, data FROM event
  WHERE data ->> '$.thread' IS NOT NULL AND (data ->> '$.type' LIKE 'run.%' OR data ->> '$.type' = 'message.received')
  ORDER BY id`;
