/**
 * One run as its events tell it, in whatever stretches they come: live, in pages, twice.
 *
 * RC1  The fold has the events from the first to `state.seq`, each once: what comes again is dropped, and what comes
 *      behind a hole waits until the hole is filled. So the order of arrival makes no difference.
 * RC2  What was heard of and is not in the fold is known (`heardSeq`), so that a run with a hole is never shown as whole.
 */
import { limits } from '../core/limits.ts';
import type { JournalEvent } from '../journal/event.ts';
import { isEnded, rowAfter, type RunRow } from '../journal/run-row.ts';
import { evolve, type RunState } from '../journal/run-state.ts';

export class RunRecord {
  readonly run: string;
  row: RunRow | undefined;
  /** Place of the newest event of the stream that the row has. */
  rowAt = 0;
  state: RunState | undefined;
  /** The newest events of the fold. */
  events: JournalEvent[] = [];
  dropped = 0;
  /** The highest seq that was heard of. */
  heardSeq = 0;
  /** More may have happened than was heard of. */
  isStale = false;
  /** Behind a hole, by seq. */
  #ahead = new Map<number, JournalEvent>();

  constructor(run: string) {
    this.run = run;
  }

  get complete(): boolean {
    return this.state !== undefined && !this.isStale && this.state.seq >= this.heardSeq;
  }

  /** Takes an event of the run; gives whether anything is known now that was not. */
  take(event: JournalEvent): boolean {
    const { seq } = event;
    if (seq === undefined) return false;
    this.heardSeq = Math.max(this.heardSeq, seq);
    this.#takeRow(event);
    const at = this.state?.seq ?? 0;
    if (seq <= at || this.#ahead.has(seq)) return false;
    if (seq > at + 1) {
      this.#keepAhead(seq, event);
      return true;
    }
    this.#fold(event);
    for (let next = seq + 1; ; next++) {
      const waiting = this.#ahead.get(next);
      if (waiting === undefined) break;
      this.#ahead.delete(next);
      this.#fold(waiting);
    }
    return true;
  }

  /** A row as a list had it, when the stream was known up to `asOf`: what is newer here stays. */
  takeRow(row: RunRow, asOf: number): boolean {
    const mine = this.row;
    if (mine !== undefined && (isEnded(mine.status) || this.rowAt > asOf)) return false;
    this.row = row;
    this.rowAt = asOf;
    // A run of which nothing was heard has events all the same.
    this.heardSeq = Math.max(this.heardSeq, 1);
    if (isEnded(row.status) && !isEnded(this.state?.status ?? 'queued')) this.isStale = true;
    return true;
  }

  #takeRow(event: JournalEvent): void {
    if (event.userSeq <= this.rowAt) return;
    if (event.type !== 'run.queued' && (this.row === undefined || isEnded(this.row.status))) return;
    if (event.type === 'run.queued' && this.row !== undefined) return;
    const row = rowAfter(this.row, event);
    if (row === this.row) return;
    this.row = row;
    this.rowAt = event.userSeq;
  }

  #fold(event: JournalEvent): void {
    this.#takeRow(event);
    this.state = evolve(this.state, event);
    this.events.push(event);
    const { clientRunEventsKept: kept } = limits;
    // Cut seldom: moving thousands of entries for each event would cost more than keeping some too long.
    if (this.events.length < kept * 1.25) return;
    this.dropped += this.events.length - kept;
    this.events = this.events.slice(-kept);
  }

  /** Everything up to now was asked for and taken. */
  loaded(): void {
    this.isStale = false;
  }

  /** What does not fit is loaded again: `heardSeq` says that it is missing (RC2). */
  #keepAhead(seq: number, event: JournalEvent): void {
    if (this.#ahead.size < limits.clientEventsAheadMax) this.#ahead.set(seq, event);
  }
}
