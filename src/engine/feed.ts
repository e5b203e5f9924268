/**
 * Readers of a user's stream, in this process.
 *
 * F1  A reader is a cursor: it costs no memory however slow it is. Events committed lately are kept once per user
 *     for all readers; one that falls behind them reads from the store.
 * F2  Subscribe first, then read to the head, then follow: there is no hole (P1).
 * F3  What is delivered is committed: the feed hears of it from the store alone.
 * F4  What is heard is believed only where it goes on from what was heard before. After anything else (the user was
 *     erased, the stream restored, a hint came late) the store is asked for the head; in another generation every
 *     reader begins anew, and a reader of a run that is gone is told that it is not there.
 * F5  Nothing of a deleted thread is delivered from what is kept: readers behind its deletion read from the store.
 */
import { NotFoundError, type EngineError } from '../core/errors.ts';
import { limits } from '../core/limits.ts';
import { ownerKey } from '../core/principal.ts';
import type { JournalEvent } from '../journal/event.ts';
import type { Commit, Cursor, EventText, Page, Store } from '../journal/store.ts';

/** A stretch of a user's stream. Places in `skipped` are no longer there. */
export type Frame = {
  readonly generation: string;
  readonly from: number;
  readonly to: number;
  /** Made when they are asked for, where `texts` are there. */
  readonly events: readonly JournalEvent[];
  /** The same events as texts, where the store gave them so. */
  readonly texts?: readonly EventText[];
  readonly skipped: readonly { readonly from: number; readonly to: number }[];
};

class UserFeed {
  generation = '';
  /** The newest committed place that the feed has heard of. */
  head = 0;
  /** Something was heard that does not go on from before (F4). At first nothing is known. */
  doubtful = true;
  readers = 0;
  /** Hints heard so far. */
  heard = 0;
  #recent: JournalEvent[] = [];
  #waiting: (() => void)[] = [];

  hear({ from, to, events }: Commit): void {
    this.heard++;
    const whole = events !== undefined && events.length === to - from + 1;
    // What is kept has no gap: hints may be lost or come late, and then it begins anew with what came.
    if (!whole || this.#recent.at(-1)?.userSeq !== from - 1 || events.some(isDeletion)) this.#recent = [];
    if (whole) this.#recent.push(...events);
    if (this.#recent.length > limits.feedEventsKept) this.#recent = this.#recent.slice(-limits.feedEventsKept);
    if (from <= this.head || to < from) this.doubtful = true;
    this.head = Math.max(this.head, to);
    this.wakeAll();
  }

  /** What the store says of its head, asked for when so many hints were `heard`. */
  learn({ generation, userSeq }: Cursor, heard: number): void {
    const isNews = generation !== this.generation || userSeq > this.head;
    if (isNews) this.wakeAll();
    if (generation === this.generation) {
      this.head = Math.max(this.head, userSeq);
      return;
    }
    this.generation = generation;
    this.head = userSeq;
    this.#recent = [];
    // Nobody knows of which generation those were that came meanwhile.
    if (heard !== this.heard) this.doubtful = true;
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

function isDeletion(event: JournalEvent): boolean {
  return event.type === 'thread.deleted';
}

type Of = { readonly tenant: string; readonly user: string; readonly run: string | undefined };
type Reader = Of & { generation: string; at: number };

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

  /**
   * Everything of the user's stream behind `after`, then what comes, until `signal` aborts or the feeds close. A place
   * is one of today's generation; a cursor of another, or of what is not written yet, is none: then all is told.
   */
  async *frames(
    tenant: string,
    user: string,
    after: number | Cursor | undefined,
    options: { readonly run?: string; readonly signal?: AbortSignal } = {},
  ): AsyncGenerator<Frame> {
    const feed = this.#join(tenant, user);
    const wake = (): void => feed.wakeAll();
    options.signal?.addEventListener('abort', wake);
    try {
      const of = { tenant, user, run: options.run };
      await this.#learn(feed, of);
      const reader = {
        ...of,
        generation: feed.generation,
        at: typeof after === 'number' ? after : placeIn(feed, after),
      };
      while (this.#goesOn(options.signal)) {
        const frame = await this.#next(feed, reader);
        if (frame === undefined) continue;
        reader.at = frame.to;
        yield frame;
      }
    } finally {
      options.signal?.removeEventListener('abort', wake);
      this.#leave(tenant, user, feed);
    }
  }

  #goesOn(signal: AbortSignal | undefined): boolean {
    if (this.#closed || signal?.aborted === true) return false;
    if (this.#failure !== undefined) throw this.#failure;
    return true;
  }

  /** F4. What is heard while the store is asked puts it in doubt again. */
  async #learn(feed: UserFeed, { tenant, user }: Of): Promise<void> {
    const { heard } = feed;
    feed.doubtful = false;
    try {
      feed.learn(await this.#store.head(tenant, user), heard);
    } catch (thrown) {
      feed.doubtful = true;
      throw thrown;
    }
  }

  /** The next frame. Undefined when something was waited for first, so that the reader looks whether it goes on. */
  async #next(feed: UserFeed, reader: Reader): Promise<Frame | undefined> {
    if (feed.doubtful) await this.#learn(feed, reader);
    else if (reader.generation !== feed.generation) await this.#beginAnew(feed, reader);
    else if (reader.at >= feed.head) await feed.moved();
    else return this.#frame(feed, reader);
    return undefined;
  }

  async #beginAnew(feed: UserFeed, reader: Reader): Promise<void> {
    reader.generation = feed.generation;
    reader.at = 0;
    await this.#checkKept(reader);
  }

  /** The frame behind the reader's place; undefined when there is none after all, and the feed has to learn anew. */
  async #frame(feed: UserFeed, reader: Reader): Promise<Frame | undefined> {
    const { tenant, user, run, at: after } = reader;
    const recent = feed.recentAfter(after);
    if (recent !== undefined && recent.length > 0) {
      const events = run === undefined ? recent : recent.filter((event) => event.run === run);
      if (run !== undefined && recent.some(isDeletion)) await this.#checkKept(reader);
      return { generation: feed.generation, from: after + 1, to: after + recent.length, events, skipped: [] };
    }
    const page = await this.#store.read(tenant, user, {
      after,
      limit: limits.readPageEvents,
      ...(run === undefined ? {} : { run }),
    });
    if (page.head.generation !== feed.generation || page.next <= after) {
      // A hint was of what is not there: what the store says now counts, and what came since is asked for.
      feed.head = page.head.userSeq;
      feed.doubtful = true;
      return undefined;
    }
    if (run !== undefined && page.events.length === 0) await this.#checkKept(reader);
    return frameOfPage(page, after + 1);
  }

  /** A run that was dropped meanwhile has no events to come: whoever reads it would wait for ever. */
  async #checkKept({ tenant, user, run }: Of): Promise<void> {
    if (run === undefined) return;
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

/** Reads no event that the page has as a text. */
function frameOfPage(page: Page, from: number): Frame {
  const { head, next: to, skipped } = page;
  const facts = { generation: head.generation, from, to, skipped };
  if (!('texts' in page)) return { ...facts, events: page.events };
  return {
    ...facts,
    get events() {
      return page.events;
    },
    get texts() {
      return page.texts ?? [];
    },
  };
}

function placeIn(feed: UserFeed, cursor: Cursor | undefined): number {
  const fits = cursor?.generation === feed.generation && cursor.userSeq <= feed.head;
  return fits ? cursor.userSeq : 0;
}
