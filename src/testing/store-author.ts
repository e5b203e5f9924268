/**
 * Writes a user's stream to a store the way an engine does, for the suites that hold stores to their contract:
 * it stamps and numbers events, keeps rows in step with them, and remembers the epoch that it was given.
 */
import { assert } from '../core/assert.ts';
import { eventVersions } from '../journal/codec.ts';
import type { EventData, EventType, JournalEvent } from '../journal/event.ts';
import { rowAfter, type RunRow } from '../journal/run-row.ts';
import type { AppendResult, Blob, Ownership, Store, UserBatch } from '../journal/store.ts';
import { threadAfter, type ThreadRow } from '../journal/thread-row.ts';

export type UserName = { readonly tenant: string; readonly user: string };

/** An event that has no place yet. */
export type Draft<T extends EventType = EventType> = {
  readonly type: T;
  readonly data: EventData[T];
  readonly run?: string;
  readonly thread?: string;
};

/** What goes into a commit beside the events. */
export type Beside = { readonly blobs?: readonly Blob[]; readonly inboxTaken?: readonly string[] };

export type StartOptions = { readonly key?: string; readonly thread?: string };

export function queued(run: string, { key, thread }: StartOptions = {}): Draft {
  const data = { workflow: 'greet', version: 1, input: null, digest: `digest of ${run}`, deadlineMs: 1_000, roles: [] };
  return {
    type: 'run.queued',
    run,
    ...(thread === undefined ? {} : { thread }),
    data: key === undefined ? data : { ...data, key },
  };
}

export function started(run: string): Draft {
  return { type: 'run.started', run, data: { node: 'a' } };
}

export function completed(run: string): Draft {
  return { type: 'run.completed', run, data: { output: `result of ${run}` } };
}

/** An event of no run, or one of `run` that doesn't change its row. */
export function note(text: string, run?: string): Draft {
  return { type: 'note', data: { code: 'note', text }, ...(run === undefined ? {} : { run }) };
}

export function renamed(thread: string, title: string): Draft {
  return { type: 'thread.renamed', thread, data: { title } };
}

/** The commit that holds it also names the thread among those to delete. */
export function deleted(thread: string, runs: readonly string[] = []): Draft {
  return { type: 'thread.deleted', thread, data: { runs } };
}

/** A run from its start to its end, in `events` events, at least two. */
export function wholeRun(run: string, events = 3, options: StartOptions = {}): readonly Draft[] {
  const between = Array.from({ length: events - 2 }, (_, index) => note(`step ${index}`, run));
  return [queued(run, options), ...between, completed(run)];
}

export class StoreAuthor implements UserName {
  readonly tenant: string;
  readonly user: string;
  readonly node: string;
  readonly store: Store;
  epoch: number;
  head: number;
  readonly #rows = new Map<string, RunRow>();
  readonly #threads = new Map<string, ThreadRow | undefined>();
  readonly #threadOf = new Map<string, string | undefined>();
  readonly #seqs = new Map<string, number>();
  #at = 1_767_225_600_000;

  private constructor(store: Store, node: string, { tenant, user }: UserName, owned: Ownership) {
    assert(owned.owned, `the user is owned by another node`);
    this.store = store;
    this.node = node;
    this.tenant = tenant;
    this.user = user;
    this.epoch = owned.epoch;
    this.head = owned.head.userSeq;
  }

  /** Makes `node` live and the owner of the user. */
  static async own(store: Store, node: string, name: UserName): Promise<StoreAuthor> {
    await store.heartbeat(node);
    return new StoreAuthor(store, node, name, await store.own(node, name.tenant, name.user));
  }

  /** The next part of the stream; the author goes on as if it were written. */
  part(drafts: readonly Draft[], { blobs = [], inboxTaken = [] }: Beside = {}): UserBatch {
    const { tenant, user, epoch, head: expectedUserSeq } = this;
    const rows = new Map<string, RunRow>();
    const threads = new Map<string, ThreadRow | undefined>();
    const events = drafts.map((draft) => {
      const event = this.#stamp(draft);
      const before = event.run === undefined ? undefined : this.#rows.get(event.run);
      if (event.run !== undefined && (before !== undefined || event.type === 'run.queued')) {
        const row = rowAfter(before, event);
        this.#rows.set(event.run, row);
        if (row !== before) rows.set(event.run, row);
      }
      if (event.thread !== undefined) this.#tellThread(event.thread, event, threads);
      return event;
    });
    return {
      tenant,
      user,
      epoch,
      expectedUserSeq,
      events,
      runs: [...rows.values()],
      threads: [...threads.values()].filter((row) => row !== undefined),
      threadsDeleted: drafts.flatMap(({ type, thread }) => (type === 'thread.deleted' ? (thread ?? []) : [])),
      blobs,
      inboxTaken,
    };
  }

  #tellThread(thread: string, event: JournalEvent, changed: Map<string, ThreadRow | undefined>): void {
    const before = this.#threads.get(thread);
    const row = threadAfter(before, event);
    this.#threads.set(thread, row);
    if (row !== before) changed.set(thread, row);
  }

  /** The next part as a commit of its own. */
  write(drafts: readonly Draft[], beside?: Beside): Promise<AppendResult> {
    return this.store.append([this.part(drafts, beside)]);
  }

  #stamp({ type, data, run, thread: given }: Draft): JournalEvent {
    const { tenant, user } = this;
    const v = eventVersions[type];
    const event = { tenant, user, userSeq: ++this.head, at: this.#at++, type, data, v };
    if (run !== undefined && type === 'run.queued') this.#threadOf.set(run, given);
    const thread = run === undefined ? given : this.#threadOf.get(run);
    const threads = thread === undefined ? {} : { thread };
    if (run === undefined) return Object.freeze({ ...event, ...threads }) as JournalEvent;
    const seq = (this.#seqs.get(run) ?? 0) + 1;
    this.#seqs.set(run, seq);
    return Object.freeze({ ...event, ...threads, run, seq }) as JournalEvent;
  }
}
