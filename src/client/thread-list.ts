import type { JournalEvent } from '../journal/event.ts';
import { isEnded } from '../journal/run-row.ts';
import { threadAfter, type ThreadRow } from '../journal/thread-row.ts';

/**
 * `at`: place of the newest event that the row has, or up to which it is known; `statusAt` and `namedAt`: the place at
 * which the stream told its status and its name, 0 where it did not.
 */
type Entry = { readonly row: ThreadRow; readonly at: number; readonly statusAt: number; readonly namedAt: number };

/** The user's threads, of events and of fetched rows (US2). */
export class ThreadList {
  /** Threads of which something was not heard: their counts and titles have to be fetched. */
  readonly unsure = new Set<string>();
  readonly #entries = new Map<string, Entry>();
  readonly #deletedAt = new Map<string, number>();

  row(id: string): ThreadRow | undefined {
    return this.#entries.get(id)?.row;
  }

  /** Newest activity first. */
  rows(): readonly ThreadRow[] {
    return [...this.#entries.values()].map(({ row }) => row).toSorted((a, b) => b.activeUserSeq - a.activeUserSeq);
  }

  /** Was it deleted behind the place, so that what is known up to there of it is gone? */
  isDeleted(thread: string | undefined, at: number): boolean {
    return thread !== undefined && (this.#deletedAt.get(thread) ?? -1) >= at;
  }

  /** Takes the next event of the stream; gives whether it changed a row. */
  take(thread: string, event: JournalEvent): boolean {
    const entry = this.#entries.get(thread);
    // A fetched row may be newer than the stream: what it has must not be counted twice.
    if (entry !== undefined && event.userSeq <= entry.row.activeUserSeq) return false;
    const row = threadAfter(entry?.row, event);
    if (row === entry?.row) return false;
    if (row === undefined) {
      this.#entries.delete(thread);
      this.unsure.delete(thread);
      this.#deletedAt.set(thread, event.userSeq);
      return true;
    }
    if (entry === undefined && !this.#deletedAt.has(thread)) this.unsure.add(thread);
    this.#entries.set(thread, toldBy(event, row, entry));
    return true;
  }

  /** A row as a list had it when the stream was known up to `asOf`. */
  merge(row: ThreadRow, asOf: number): void {
    const { thread } = row;
    if (this.isDeleted(thread, asOf)) return;
    const mine = this.#entries.get(thread);
    if (mine === undefined || mine.at <= asOf) this.#set(row, asOf);
    else if (this.unsure.has(thread) && row.activeUserSeq >= mine.row.activeUserSeq)
      this.#set(newest(row, mine, asOf), mine.at);
  }

  /** Is it another thread than the one that is known by its name? */
  isAnew({ thread, startedAt }: ThreadRow): boolean {
    const mine = this.#entries.get(thread);
    return mine !== undefined && mine.row.startedAt < startedAt;
  }

  /** A stretch of the stream was passed over: whatever is known may have changed in it. */
  doubt(): void {
    for (const thread of this.#entries.keys()) this.unsure.add(thread);
  }

  /**
   * What is not among the rows of a list that has all threads from the place `from` on is gone, where nothing was heard
   * of it since the list was asked for. Gives those that were known. Had one before `from` been active, it would be here.
   */
  keepOnly(rows: readonly ThreadRow[], asOf: number, from: number): readonly string[] {
    for (const [thread, { row }] of this.#entries) if (row.activeUserSeq < from) this.unsure.delete(thread);
    const there = new Set(rows.map(({ thread }) => thread));
    const gone = [...this.#entries].filter(
      ([thread, { row, at }]) => at <= asOf && row.activeUserSeq >= from && !there.has(thread),
    );
    for (const [thread] of gone) {
      this.#entries.delete(thread);
      this.unsure.delete(thread);
      this.#deletedAt.set(thread, asOf);
    }
    return gone.map(([thread]) => thread);
  }

  #set(row: ThreadRow, at: number): void {
    this.unsure.delete(row.thread);
    const { statusAt = 0, namedAt = 0 } = this.#entries.get(row.thread) ?? {};
    this.#entries.set(row.thread, { row, at, statusAt, namedAt });
  }

  clear(): void {
    this.unsure.clear();
    this.#entries.clear();
    this.#deletedAt.clear();
  }
}

function toldBy({ userSeq, type }: JournalEvent, row: ThreadRow, before: Entry | undefined): Entry {
  const { statusAt, namedAt } = before ?? { statusAt: 0, namedAt: 0 };
  if (type === 'thread.renamed') return { row, at: userSeq, statusAt, namedAt: userSeq };
  return { row, at: userSeq, statusAt: type === 'message.received' ? statusAt : userSeq, namedAt };
}

/**
 * A fetched row's counts have what the events here told, but its status and its name may be from before them: what was told
 * since it was asked for stays.
 */
function newest(row: ThreadRow, mine: Entry, asOf: number): ThreadRow {
  const { status, title, named } = mine.row;
  const isTold = row.lastRun === mine.row.lastRun && mine.statusAt > asOf && !isEnded(row.status);
  return { ...row, ...(isTold ? { status } : {}), ...(mine.namedAt > asOf ? { title, named } : {}) };
}
