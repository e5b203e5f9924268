/**
 * A user whom this node owns: the place where that user's events are stamped and numbered.
 *
 * U1  Every event of the user goes through `stamp`; identity, order and time come from here, never from a caller (V1).
 * U2  Numbers are dense: a stamped event is committed, or the whole stream is let go (fenced, store lost).
 * U3  A run's row changes with the events of the same commit, never ahead of them; so does a thread's.
 * U4  While a thread is being deleted nothing is begun or told in it: that waits, and then finds no thread.
 */
import { assert } from '../core/assert.ts';
import type { Clock } from '../core/clock.ts';
import type { EngineError } from '../core/errors.ts';
import { LimitError } from '../core/errors.ts';
import type { Json, JsonCopy } from '../core/json.ts';
import { limits } from '../core/limits.ts';
import { ownerKey, type Principal } from '../core/principal.ts';
import { eventVersions } from '../journal/codec.ts';
import {
  isBlobRef,
  isTerminal,
  type BlobRef,
  type EventData,
  type EventType,
  type JournalEvent,
} from '../journal/event.ts';
import { rowAfter, type RunRow } from '../journal/run-row.ts';
import type { Blob, OwnedUser, UserBatch } from '../journal/store.ts';
import { blobName } from './digest.ts';
import type { Run } from './run.ts';
import type { Sleeper } from './sleepers.ts';
import { ThreadRows } from './thread-rows.ts';

/** Where an event belongs: in a run, or in a thread alone, or (without a place) to the user. */
export type Place = RunPlace | ThreadPlace;

export type ThreadPlace = { readonly thread: string; readonly run?: undefined; readonly attempt?: undefined };

export type RunPlace = {
  readonly run: string;
  readonly seq: number;
  readonly thread: string | undefined;
  readonly path: string | undefined;
  readonly attempt: number | undefined;
};

/** An event in the making. Members that it doesn't have are never set, so that JSON and memory tell the same. */
type Draft = { -readonly [Member in keyof JournalEvent]?: unknown };

type Envelope = {
  readonly userSeq: number;
  readonly at: number;
  readonly type: string;
  readonly data: object;
  readonly v: number;
};

/** A literal for each shape, so that an event is made in one piece: there are many. */
function draft({ tenant, user }: UserStream, envelope: Envelope, place: Place | undefined): Draft {
  const { userSeq, at, type, data, v } = envelope;
  if (place === undefined) return { tenant, user, userSeq, at, type, data, v };
  if (place.run === undefined) return { tenant, user, userSeq, thread: place.thread, at, type, data, v };
  const { run, seq, thread, path } = place;
  if (thread === undefined) {
    if (path === undefined) return { tenant, user, userSeq, run, seq, at, type, data, v };
    return { tenant, user, userSeq, run, seq, path, at, type, data, v };
  }
  if (path === undefined) return { tenant, user, userSeq, thread, run, seq, at, type, data, v };
  return { tenant, user, userSeq, thread, run, seq, path, at, type, data, v };
}

type Waiter = { readonly userSeq: number; readonly resolve: () => void; readonly reject: (error: EngineError) => void };

const none: readonly never[] = [];

/** How large a value is in its event: a blob is beside it, and the event has only its name. */
export function keptBytes(copy: JsonCopy): number {
  return isKeptAsBlob(copy) ? blobRefBytes : copy.bytes;
}

/** Large values are; so is one that itself looks like a reference to a blob, or reading it would follow it. */
function isKeptAsBlob({ value, bytes }: JsonCopy): boolean {
  return bytes >= limits.blobFromBytes || isBlobRef(value);
}

/** About how large the reference to a blob is. */
const blobRefBytes = 100;

/** About what the envelope adds to the data in a commit. */
const envelopeBytes = 160;

export class UserStream {
  readonly tenant: string;
  readonly user: string;
  readonly key: string;
  readonly epoch: number;
  readonly generation: string;
  /** The runs that are open here, warm or parked. */
  readonly runs = new Map<string, Run>();
  /** The open runs that sleep. */
  readonly asleep = new Map<string, Sleeper>();
  /** The rows of open runs as of the last commit handed to the store. */
  readonly rows = new Map<string, RunRow>();
  /** Starts under way by their key, so that two at once can't both begin. */
  readonly starting = new Map<string, Promise<unknown>>();
  readonly threads = new ThreadRows();
  /** Deletions of threads under way. */
  readonly deleting = new Map<string, Promise<unknown>>();
  readonly #clock: Clock;
  readonly #wake: (stream: UserStream) => void;
  #stamped: number;
  #handedOver: number;
  #committed: number;
  #pending: JournalEvent[] = [];
  #sizes: number[] = [];
  #pendingBytes = 0;
  #blobs: { readonly userSeq: number; readonly blob: Blob }[] = [];
  #taken: { readonly userSeq: number; readonly id: string }[] = [];
  #waiters: Waiter[] = [];
  /** Places whose event and the one behind it are of one commit. */
  #joined: Set<number> | undefined;
  #gone: EngineError | undefined;
  #principal: Principal | undefined;

  constructor(owned: OwnedUser, clock: Clock, wake: (stream: UserStream) => void) {
    this.tenant = owned.tenant;
    this.user = owned.user;
    this.key = ownerKey(owned.tenant, owned.user);
    this.epoch = owned.epoch;
    this.generation = owned.head.generation;
    this.#stamped = owned.head.userSeq;
    this.#handedOver = this.#stamped;
    this.#committed = this.#stamped;
    this.#clock = clock;
    this.#wake = wake;
  }

  /** Why this node no longer writes for the user; undefined while it does. */
  get gone(): EngineError | undefined {
    return this.#gone;
  }

  /** Is nothing of the user's here? */
  get idle(): boolean {
    return this.asleep.size === 0 && this.dormant;
  }

  /** Is nothing of the user's here but runs that sleep? */
  get dormant(): boolean {
    return (
      this.runs.size === 0 &&
      this.#pending.length === 0 &&
      this.#committed === this.#stamped &&
      this.starting.size === 0 &&
      this.deleting.size === 0
    );
  }

  /** May an event of the thread be stamped now: is its row at hand (TH3), and nobody deleting it (U4)? */
  isReady(thread: string): boolean {
    return this.threads.has(thread) && !this.deleting.has(thread);
  }

  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  /** The user with these roles: one object for all runs that are started alike. */
  principal(roles: readonly string[], name: string | undefined): Principal {
    const last = this.#principal;
    if (last?.roles === roles && last.name === name) return last;
    const { tenant, user } = this;
    this.#principal = Object.freeze({ tenant, user, roles, ...(name === undefined ? {} : { name }) });
    return this.#principal;
  }

  /** Stamps an event and puts it into the next flush. `bytes` is about how large its data is. */
  stamp<T extends EventType>(type: T, data: EventData[T], place?: Place, bytes = 64): JournalEvent {
    if (bytes > limits.eventBytesMax) {
      throw new LimitError(`An event "${type}" of ${bytes} bytes is larger than ${limits.eventBytesMax}.`, {
        hint: 'Split the text, or return it as the result of a step: large results are kept as blobs.',
      });
    }
    const envelope = {
      userSeq: ++this.#stamped,
      at: this.#clock.now(),
      type,
      data: Object.freeze(data),
      v: eventVersions[type],
    };
    const event = draft(this, envelope, place);
    if (place?.attempt !== undefined && place.attempt > 1) event.attempt = place.attempt;
    const stamped = Object.freeze(event) as unknown as JournalEvent;
    if (this.#gone !== undefined) return stamped;
    if (this.#pending.length === 0) this.#wake(this);
    this.#pending.push(stamped);
    this.#sizes.push(bytes + envelopeBytes);
    this.#pendingBytes += bytes + envelopeBytes;
    return stamped;
  }

  /** What was stamped last is committed with what is stamped next, or neither is. */
  joinNext(): void {
    this.#joined = (this.#joined ?? new Set()).add(this.#stamped);
  }

  /** What stands for a value in an event: the value, or a reference to a blob that the same commit writes. */
  keep(copy: JsonCopy): Json {
    if (!isKeptAsBlob(copy)) return copy.value;
    const text = JSON.stringify(copy.value);
    if (text.length > limits.blobBytesMax) {
      throw new LimitError(`A value of ${text.length} bytes is larger than ${limits.blobBytesMax}.`);
    }
    const blob = { sha256: blobName(text), text };
    this.#blobs.push({ userSeq: this.#stamped + 1, blob });
    const reference: BlobRef = { $blob: blob.sha256, bytes: text.length };
    return Object.freeze(reference);
  }

  /** The commit of the next event also takes this entry out of the inbox. */
  takeEntry(id: string): void {
    this.#taken.push({ userSeq: this.#stamped + 1, id });
  }

  /** Is what was stamped at this place committed? */
  hasCommitted(userSeq: number): boolean {
    return userSeq <= this.#committed;
  }

  /** Resolves when all that is stamped by now is committed; rejects when it never will be here. */
  durable(): Promise<void> {
    if (this.#gone !== undefined) return Promise.reject(this.#gone);
    if (this.#committed === this.#stamped) return Promise.resolve();
    return new Promise((resolve, reject) => this.#waiters.push({ userSeq: this.#stamped, resolve, reject }));
  }

  /** The next part of the stream for a commit, of at most about `bytesMax` but at least one event. */
  nextBatch(bytesMax: number): UserBatch {
    const events = this.#takePending(bytesMax);
    const last = this.#handedOver + events.length;
    const batch: UserBatch = {
      tenant: this.tenant,
      user: this.user,
      epoch: this.epoch,
      expectedUserSeq: this.#handedOver,
      events,
      runs: this.#rowsAfter(events),
      ...this.threads.after(events),
      blobs:
        this.#blobs.length === 0 ? [] : this.#blobs.filter(({ userSeq }) => userSeq <= last).map(({ blob }) => blob),
      inboxTaken:
        this.#taken.length === 0 ? [] : this.#taken.filter(({ userSeq }) => userSeq <= last).map(({ id }) => id),
    };
    if (this.#blobs.length > 0) this.#blobs = this.#blobs.filter(({ userSeq }) => userSeq > last);
    if (this.#taken.length > 0) this.#taken = this.#taken.filter(({ userSeq }) => userSeq > last);
    this.#handedOver = last;
    return batch;
  }

  #takePending(bytesMax: number): JournalEvent[] {
    if (this.#pendingBytes <= bytesMax) {
      const all = this.#pending;
      this.#pending = [];
      this.#sizes = [];
      this.#pendingBytes = 0;
      this.#joined = undefined;
      return all;
    }
    let count = 0;
    let bytes = 0;
    while (count === 0 || (count < this.#sizes.length && bytes + (this.#sizes[count] ?? 0) <= bytesMax))
      bytes += this.#sizes[count++] ?? 0;
    while (this.#joined?.delete(this.#handedOver + count) === true) bytes += this.#sizes[count++] ?? 0;
    this.#sizes.splice(0, count);
    this.#pendingBytes -= bytes;
    return this.#pending.splice(0, count);
  }

  #rowsAfter(events: readonly JournalEvent[]): readonly RunRow[] {
    let changed: Map<string, RunRow> | undefined;
    for (const event of events) {
      if (event.run === undefined) continue;
      const before = this.rows.get(event.run);
      const row = rowAfter(before, event);
      if (row === before) continue;
      changed ??= new Map();
      changed.set(event.run, row);
      if (isTerminal(event.type)) this.rows.delete(event.run);
      else this.rows.set(event.run, row);
    }
    return changed === undefined ? none : [...changed.values()];
  }

  /** The store has committed everything up to `userSeq`. */
  committed(userSeq: number): void {
    assert(userSeq <= this.#handedOver && userSeq >= this.#committed, 'a commit out of order');
    this.#committed = userSeq;
    this.threads.trim(userSeq, (thread) => this.#isUnderWay(thread));
    let done = 0;
    while (done < this.#waiters.length && (this.#waiters[done]?.userSeq ?? Infinity) <= userSeq) done++;
    if (done === 0) return;
    const ready = this.#waiters.splice(0, done);
    for (const waiter of ready) waiter.resolve();
  }

  #isUnderWay(thread: string): boolean {
    if (this.deleting.has(thread)) return true;
    for (const run of this.runs.values()) if (run.thread === thread) return true;
    return this.#pending.some((event) => event.thread === thread);
  }

  /** This node lets go of the user: nothing more is written, and whoever waits is told why. */
  letGo(error: EngineError): void {
    if (this.#gone !== undefined) return;
    this.#gone = error;
    this.#pending = [];
    this.#sizes = [];
    this.#pendingBytes = 0;
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const waiter of waiters) waiter.reject(error);
    for (const run of this.runs.values()) run.stop(error);
    this.runs.clear();
    for (const sleeper of this.asleep.values()) sleeper.letGo(error);
  }
}
