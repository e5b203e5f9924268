/**
 * What came over the line and was not yet taken by every reader, and the cursor that follows from it.
 *
 * HI1  The cursor is behind what the slowest reader took, and never further: a stored cursor skips nothing (P1).
 * HI2  A reader begins at the cursor.
 */
import type { Cursor } from '../journal/store.ts';
import type { CaughtUpItem, SnapshotItem, StreamItem } from './connection.ts';
import type { RemoteFrame } from './remote-door.ts';

/** `at`: the number of its next item; undefined until it asks for the first. */
export type HeldReader = { at: number | undefined; wakes: (() => void)[]; left: boolean };

/** An item with the place behind it. One without an item only moves the cursor. */
type Held = { readonly item: StreamItem | undefined; readonly cursor: Cursor | undefined };

/** Forgotten items at the front of the list from which on it is worth making a shorter one. */
const compactFrom = 1_024;

export class HeldItems {
  cursor: Cursor | undefined;
  readonly #readers = new Set<HeldReader>();
  #list: Held[] = [];
  /** The number of `#list[0]`, and of the first item that not every reader has. */
  #listFrom = 0;
  #first = 0;

  /** Items that somebody has still to take. */
  get size(): number {
    return this.#listFrom + this.#list.length - this.#first;
  }

  get isRead(): boolean {
    return this.#readers.size > 0;
  }

  add(chunk: RemoteFrame | SnapshotItem | CaughtUpItem): void {
    if ('events' in chunk) this.#addEvents(chunk);
    else this.#list.push({ item: chunk, cursor: chunk.type === 'stream.snapshot' ? chunk.cursor : undefined });
    this.wakeReaders();
  }

  #addEvents({ generation, to, events }: RemoteFrame): void {
    for (const item of events) this.#list.push({ item, cursor: { generation, userSeq: item.userSeq } });
    if (events.at(-1)?.userSeq !== to) this.#list.push({ item: undefined, cursor: { generation, userSeq: to } });
  }

  /** The reader's next item, if it is here. */
  next(reader: HeldReader): StreamItem | undefined {
    reader.at ??= this.#first;
    this.#readers.add(reader);
    for (;;) {
      const held = this.#list[reader.at - this.#listFrom];
      if (held === undefined) return undefined;
      reader.at++;
      this.#forget();
      if (held.item !== undefined) return held.item;
    }
  }

  leave(reader: HeldReader): void {
    reader.left = true;
    this.#readers.delete(reader);
    if (this.#readers.size > 0) this.#forget();
    wake(reader);
  }

  wakeReaders(): void {
    for (const reader of this.#readers) wake(reader);
  }

  /** Forgets what every reader has, and moves the cursor behind it (HI1). */
  #forget(): void {
    let slowest = Infinity;
    for (const { at = 0 } of this.#readers) slowest = Math.min(slowest, at);
    for (; this.#first < slowest; this.#first++)
      this.cursor = this.#list[this.#first - this.#listFrom]?.cursor ?? this.cursor;
    const forgotten = this.#first - this.#listFrom;
    if (forgotten < compactFrom && forgotten < this.#list.length) return;
    this.#list = this.#list.slice(forgotten);
    this.#listFrom = this.#first;
  }
}

function wake(reader: HeldReader): void {
  const { wakes } = reader;
  reader.wakes = [];
  for (const each of wakes) each();
}
