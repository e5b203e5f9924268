/**
 * What the memory store keeps of one user: the stream, the rows of its runs, and the blobs that its events name.
 *
 * MU1  A place is a slot: the event as it was given, or the bare number once the event was dropped. Numbers are
 *     cleared away when they outweigh the events, so what is kept is bounded by what lives.
 * MU2  What lies before the first place of the oldest kept run is dropped, whatever it belongs to.
 * MU3  A blob is kept while a kept event names it.
 * MU4  A thread's row is kept while its newest run is.
 */
import type { JournalEvent } from '../journal/event.ts';
import { isEnded, type RunRow } from '../journal/run-row.ts';
import type { Blob, InboxEntry, ReadOptions, RunQuery, ThreadQuery, UserBatch } from '../journal/store.ts';
import { titleHas, type ThreadRow } from '../journal/thread-row.ts';
import { eachBlobName } from './blob-names.ts';

type Slot = JournalEvent | number;

/** Below this many places clearing away is not worth the copying. */
const clearFrom = 64;

export class MemoryUser {
  readonly tenant: string;
  readonly user: string;
  node: string | undefined = undefined;
  epoch = 0;
  erasures = 0;
  head = 0;
  openRuns = 0;
  inbox: InboxEntry[] = [];
  #slots: Slot[] = [];
  /** Slots before this one are gone for good. */
  #start = 0;
  /** Numbers among the slots from `#start` on. */
  #dropped = 0;
  readonly #rows = new Map<string, RunRow>();
  readonly #runOfKey = new Map<string, string>();
  readonly #threads = new Map<string, ThreadRow>();
  readonly #blobs = new Map<string, { readonly text: string; names: number }>();

  constructor(tenant: string, user: string) {
    this.tenant = tenant;
    this.user = user;
  }

  /** Is there work that waits for an owner? */
  get busy(): boolean {
    return this.openRuns > 0 || this.inbox.length > 0;
  }

  /** S2: both numbers must be this user's own. Nobody may write who never owned the user. */
  accepts(batch: UserBatch): boolean {
    return this.epoch > 0 && batch.epoch === this.epoch && batch.expectedUserSeq === this.head;
  }

  hasKeyOfAnother(row: RunRow, batch: UserBatch): boolean {
    if (row.key === undefined) return false;
    const holder = this.#runOfKey.get(row.key);
    if (holder !== undefined && holder !== row.run) {
      const { thread } = this.#rows.get(holder) ?? {};
      if (thread === undefined || !batch.threadsDeleted.includes(thread)) return true;
    }
    return batch.runs.some((other) => other.key === row.key && other.run !== row.run);
  }

  /** Writes a part that was checked; calls `ended` for each run that it ends. */
  apply(batch: UserBatch, ended: (run: string) => void): void {
    for (const thread of batch.threadsDeleted) this.#deleteThread(thread);
    for (const blob of batch.blobs) this.#keepBlob(blob);
    for (const event of batch.events) {
      this.#slots.push(event);
      if (this.#blobs.size > 0) this.#countNames(event, 1);
    }
    this.head += batch.events.length;
    for (const row of batch.runs) this.#putRow(row, ended);
    for (const row of batch.threads) this.#putThread(row);
    if (batch.inboxTaken.length > 0) this.inbox = this.inbox.filter((entry) => !batch.inboxTaken.includes(entry.id));
  }

  /** Forgets a finished run, and what is older than every run that is kept. */
  drop(run: string): void {
    const row = this.#rows.get(run);
    if (row === undefined) return;
    this.#forgetRow(row);
    if (row.thread !== undefined && this.#threads.get(row.thread)?.lastRun === run) this.#threads.delete(row.thread);
    for (let index = this.#indexOf(row.firstUserSeq); index < this.#slots.length; index++) {
      const slot = this.#slots[index] as Slot;
      if (placeOf(slot) > row.lastUserSeq) break;
      if (typeof slot === 'object' && slot.run === run) this.#dropAt(index, slot);
    }
    this.#trim();
    this.#clearAway();
  }

  row(run: string): RunRow | undefined {
    return this.#rows.get(run);
  }

  rowByKey(key: string): RunRow | undefined {
    const run = this.#runOfKey.get(key);
    return run === undefined ? undefined : this.#rows.get(run);
  }

  /** Newest first. Rows come in the order of their first places, so it is the order of the map, backwards. */
  rows({ thread, status, before, limit }: RunQuery): readonly RunRow[] {
    const found: RunRow[] = [];
    for (const row of [...this.#rows.values()].toReversed()) {
      if (found.length >= limit) break;
      if (thread !== undefined && row.thread !== thread) continue;
      if (status !== undefined && !status.includes(row.status)) continue;
      if (before === undefined || row.firstUserSeq < before) found.push(row);
    }
    return found;
  }

  thread(thread: string): ThreadRow | undefined {
    return this.#threads.get(thread);
  }

  threads({ search = '', before = Infinity, limit }: ThreadQuery): readonly ThreadRow[] {
    return [...this.#threads.values()]
      .filter((row) => row.activeUserSeq < before && titleHas(row.title, search))
      .toSorted((a, b) => b.activeUserSeq - a.activeUserSeq)
      .slice(0, limit);
  }

  blob(sha256: string): string | undefined {
    return this.#blobs.get(sha256)?.text;
  }

  /** The page as the port describes it, but for the head. A run whose row is gone has no events. */
  read({ after, run, limit }: ReadOptions): { events: JournalEvent[]; skipped: Range[]; next: number } {
    const { from, to } = this.#rangeOf(after, run);
    const events: JournalEvent[] = [];
    const skipped: Range[] = [];
    let expected = from;
    for (let index = this.#indexOf(from); index < this.#slots.length && events.length < limit; index++) {
      const slot = this.#slots[index] as Slot;
      if (typeof slot === 'number') continue;
      if (slot.userSeq > to) break;
      if (slot.userSeq > expected) skipped.push({ from: expected, to: slot.userSeq - 1 });
      expected = slot.userSeq + 1;
      if (run === undefined || slot.run === run) events.push(slot);
    }
    if (events.length >= limit) return { events, skipped, next: expected - 1 };
    if (expected <= to) skipped.push({ from: expected, to });
    return { events, skipped, next: this.head };
  }

  /** Leaves nothing but who the user is, and numbers that fence and outdate all who knew the user before. */
  erase(): void {
    this.epoch++;
    this.erasures++;
    this.node = undefined;
    this.head = this.openRuns = this.#start = this.#dropped = 0;
    this.inbox = [];
    this.#slots = [];
    this.#rows.clear();
    this.#runOfKey.clear();
    this.#threads.clear();
    this.#blobs.clear();
  }

  /** The places to look at: from behind `after` to the head, or the part of it that the run is in. */
  #rangeOf(after: number, run: string | undefined): Range {
    if (run === undefined) return { from: after + 1, to: this.head };
    const row = this.#rows.get(run);
    if (row === undefined) return { from: this.head + 1, to: this.head };
    return { from: Math.max(after + 1, row.firstUserSeq), to: row.lastUserSeq === 0 ? this.head : row.lastUserSeq };
  }

  /** S8. */
  #deleteThread(thread: string): void {
    this.#threads.delete(thread);
    for (const row of this.#rows.values()) {
      if (row.thread !== thread) continue;
      this.#forgetRow(row);
      if (!isEnded(row.status)) this.openRuns--;
    }
    for (let index = this.#start; index < this.#slots.length; index++) {
      const slot = this.#slots[index] as Slot;
      if (typeof slot === 'object' && slot.thread === thread && slot.type !== 'thread.deleted')
        this.#dropAt(index, slot);
    }
    this.#clearAway();
  }

  #forgetRow({ run, key }: RunRow): void {
    this.#rows.delete(run);
    if (key !== undefined) this.#runOfKey.delete(key);
  }

  #putThread(row: ThreadRow): void {
    // Its newest run may have been dropped before a rename came (MU4).
    if (this.#rows.has(row.lastRun)) this.#threads.set(row.thread, row);
  }

  #putRow(row: RunRow, ended: (run: string) => void): void {
    const before = this.#rows.get(row.run);
    const wasOpen = before !== undefined && !isEnded(before.status);
    const isOpen = !isEnded(row.status);
    this.openRuns += Number(isOpen) - Number(wasOpen);
    this.#rows.set(row.run, row);
    if (row.key !== undefined) this.#runOfKey.set(row.key, row.run);
    if (!isOpen && (before === undefined || wasOpen)) ended(row.run);
  }

  /** The index of the first slot at `place` or behind it. While nothing was cleared away it is plain arithmetic. */
  #indexOf(place: number): number {
    const slots = this.#slots;
    if (this.#start >= slots.length) return slots.length;
    const first = placeOf(slots[this.#start] as Slot);
    if (place <= first) return this.#start;
    if (slots.length - this.#start === this.head - first + 1) {
      return Math.min(this.#start + place - first, slots.length);
    }
    let low = this.#start;
    let high = slots.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (placeOf(slots[middle] as Slot) < place) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #dropAt(index: number, event: JournalEvent): void {
    this.#slots[index] = event.userSeq;
    this.#dropped++;
    if (this.#blobs.size > 0) this.#countNames(event, -1);
  }

  /** MU2. */
  #trim(): void {
    const oldest = this.#rows.values().next().value;
    const keepFrom = oldest?.firstUserSeq ?? this.head + 1;
    for (; this.#start < this.#slots.length; this.#start++) {
      const slot = this.#slots[this.#start] as Slot;
      if (typeof slot === 'object') {
        if (slot.userSeq >= keepFrom) break;
        this.#dropAt(this.#start, slot);
      }
      this.#dropped--;
    }
    if (this.#start === this.#slots.length) this.#blobs.clear();
  }

  /** MU1. Each pass frees at least as many slots as it copies, so a dropped event costs constant time. */
  #clearAway(): void {
    const length = this.#slots.length;
    if (this.#start >= clearFrom && this.#start * 2 >= length) {
      this.#slots = this.#slots.slice(this.#start);
      this.#start = 0;
    } else if (this.#dropped >= clearFrom && this.#dropped * 2 >= length - this.#start) {
      this.#slots = this.#slots.slice(this.#start).filter((slot) => typeof slot === 'object');
      this.#start = this.#dropped = 0;
    }
  }

  #keepBlob(blob: Blob): void {
    if (!this.#blobs.has(blob.sha256)) this.#blobs.set(blob.sha256, { text: blob.text, names: 0 });
  }

  /** MU3. Only looked for while the user has blobs: an event can't name one that was not written before it. */
  #countNames(event: JournalEvent, change: 1 | -1): void {
    eachBlobName(event.data, (sha256) => {
      const blob = this.#blobs.get(sha256);
      if (blob === undefined) return;
      blob.names += change;
      if (blob.names <= 0) this.#blobs.delete(sha256);
    });
  }
}

export type Range = { readonly from: number; readonly to: number };

function placeOf(slot: Slot): number {
  return typeof slot === 'number' ? slot : slot.userSeq;
}
