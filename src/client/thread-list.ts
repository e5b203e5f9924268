import type { JournalEvent } from '../journal/event.ts';
import { threadAfter, type ThreadRow } from '../journal/thread-row.ts';

/** `at`: place of the newest event that the row has, or up to which it is known. */
type Entry = { readonly row: ThreadRow; readonly at: number };

/** The user's threads, of events and of fetched rows (US2). */
export class ThreadList {
  /** Threads that began before anything is known of them: their counts and titles have to be fetched. */
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
    this.#entries.set(thread, { row, at: event.userSeq });
    return true;
  }

  /** A row as a list had it when the stream was known up to `asOf`. */
  merge(row: ThreadRow, asOf: number): void {
    const { thread } = row;
    if (this.isDeleted(thread, asOf)) return;
    const mine = this.#entries.get(thread);
    if (mine === undefined || mine.at <= asOf) this.#set(row, asOf);
    else if (this.unsure.has(thread) && row.activeUserSeq >= mine.row.activeUserSeq)
      // Its counts have what the events here told, but its status may be from before them.
      this.#set(row.lastRun === mine.row.lastRun ? { ...row, status: mine.row.status } : row, mine.at);
  }

  #set(row: ThreadRow, at: number): void {
    this.unsure.delete(row.thread);
    this.#entries.set(row.thread, { row, at });
  }

  clear(): void {
    this.unsure.clear();
    this.#entries.clear();
    this.#deletedAt.clear();
  }
}
