/**
 * Readers of a user's stream, in this process.
 *
 * F1  A reader is a cursor: it costs no memory however slow it is. Events committed lately are kept once per user
 *     for all readers; one that falls behind them reads from the store.
 * F2  Subscribe first, then read to the head, then follow: there is no hole (P1).
 * F3  What is delivered is committed: the feed hears of it from the store alone.
 */
import { NotFoundError, type EngineError } from '../core/errors.ts';
import { limits } from '../core/limits.ts';
import { ownerKey } from '../core/principal.ts';
import type { JournalEvent } from '../journal/event.ts';
import type { Commit, Store } from '../journal/store.ts';

/** A stretch of a user's stream. Places in `skipped` are no longer there. */
export type Frame = {
  readonly generation: string;
  readonly from: number;
  readonly to: number;
  readonly events: readonly JournalEvent[];
  readonly skipped: readonly { readonly from: number; readonly to: number }[];
};

class UserFeed {
  /** The newest committed place that the feed has heard of. */
  head = 0;
  readers = 0;
  #recent: JournalEvent[] = [];
  #waiting: (() => void)[] = [];

  hear({ from, to, events }: Commit): void {
    const whole = events !== undefined && events.length === to - from + 1;
    // What is kept has no gap: hints may be lost or come late, and then it begins anew with what came.
    if (!whole || this.#recent.at(-1)?.userSeq !== from - 1) this.#recent = [];
    if (whole) this.#recent.push(...events);
    if (this.#recent.length > limits.feedEventsKept) this.#recent = this.#recent.slice(-limits.feedEventsKept);
    this.head = Math.max(this.head, to);
    this.wakeAll();
  }

  wakeAll(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }

  /** The events behind `after`, if they are all among the recent ones. */
  recentAfter(after: number): readonly JournalEvent[] | undefined {
    const first = this.#recent[0]?.userSeq;
    if (first === undefined || after + 1 < first) return undefined;
    return this.#recent.slice(after + 1 - first);
  }

  moved(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}

export class Feeds {
  readonly #store: Store;
  readonly #feeds = new Map<string, { readonly feed: UserFeed; readonly stop: () => void }>();
  #closed = false;
  #failure: EngineError | undefined;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Users with readers. */
  get size(): number {
    return this.#feeds.size;
  }

  /** The store is lost: nothing will come any more, and whoever reads is told why. */
  fail(error: EngineError): void {
    this.#failure ??= error;
    for (const { feed } of this.#feeds.values()) feed.wakeAll();
  }

  /** Ends all readers. */
  close(): void {
    this.#closed = true;
    for (const { feed, stop } of this.#feeds.values()) {
      stop();
      feed.wakeAll();
    }
    this.#feeds.clear();
  }

  /** Everything of the user's stream behind `after`, then what comes, until `signal` aborts or the feeds close. */
  async *frames(
    tenant: string,
    user: string,
    after: number,
    options: { readonly run?: string; readonly signal?: AbortSignal } = {},
  ): AsyncGenerator<Frame> {
    const feed = this.#join(tenant, user);
    const wake = (): void => feed.wakeAll();
    options.signal?.addEventListener('abort', wake);
    try {
      const start = await this.#store.head(tenant, user);
      feed.head = Math.max(feed.head, start.userSeq);
      let at = after;
      while (!this.#closed && options.signal?.aborted !== true) {
        if (this.#failure !== undefined) throw this.#failure;
        if (at >= feed.head) {
          await feed.moved();
          continue;
        }
        const frame = await this.#next(feed, { tenant, user, generation: start.generation }, at, options.run);
        at = frame.to;
        yield frame;
      }
    } finally {
      options.signal?.removeEventListener('abort', wake);
      this.#leave(tenant, user, feed);
    }
  }

  async #next(
    feed: UserFeed,
    of: { readonly tenant: string; readonly user: string; readonly generation: string },
    after: number,
    run: string | undefined,
  ): Promise<Frame> {
    const recent = feed.recentAfter(after);
    if (recent !== undefined && recent.length > 0) {
      const events = run === undefined ? recent : recent.filter((event) => event.run === run);
      return { generation: of.generation, from: after + 1, to: after + recent.length, events, skipped: [] };
    }
    const page = await this.#store.read(of.tenant, of.user, {
      after,
      limit: limits.readPageEvents,
      ...(run === undefined ? {} : { run }),
    });
    if (run !== undefined && page.events.length === 0) await this.#checkKept(of, run);
    return {
      generation: page.head.generation,
      from: after + 1,
      to: Math.max(page.next, after),
      events: page.events,
      skipped: page.skipped,
    };
  }

  /** A run that was dropped meanwhile has no events to come: whoever reads it would wait for ever. */
  async #checkKept({ tenant, user }: { readonly tenant: string; readonly user: string }, run: string): Promise<void> {
    if ((await this.#store.run(tenant, user, run)) === undefined) throw new NotFoundError('run', run);
  }

  #join(tenant: string, user: string): UserFeed {
    const key = ownerKey(tenant, user);
    let entry = this.#feeds.get(key);
    if (entry === undefined) {
      const feed = new UserFeed();
      entry = { feed, stop: this.#store.subscribe(tenant, user, (commit) => feed.hear(commit)) };
      this.#feeds.set(key, entry);
    }
    entry.feed.readers++;
    return entry.feed;
  }

  #leave(tenant: string, user: string, feed: UserFeed): void {
    if (--feed.readers > 0) return;
    const key = ownerKey(tenant, user);
    const entry = this.#feeds.get(key);
    if (entry?.feed !== feed) return;
    entry.stop();
    this.#feeds.delete(key);
  }
}
