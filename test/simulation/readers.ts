/**
 * Who reads: programs that follow a stream from its start and pages that begin with a snapshot, through the real client over
 * the simulated network, at whatever node answers. Their processes end too, and go on from what they kept.
 *
 * RE1  What a reader is told is its user's journal as the witness knows it: each event once, in order, whole, after its
 *      commit; a place is passed over only where it went with a thread (P1), and nothing is anybody else's (P2).
 * RE2  A snapshot has the runs that are open at its place, exactly.
 * RE3  In the end each reader is at the head, and the state it folded is the fold of the journal.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Random, Store } from 'cantus';
import {
  connect,
  createUserState,
  createUserStore,
  reduce,
  type Connection,
  type Cursor,
  type SnapshotItem,
  type StreamItem,
  type UserState,
  type UserStore,
} from 'cantus/client';
import type { SimClock } from 'cantus/testing';
import { origin, type Network } from './network.ts';
import { plain, tenant, type World } from './world.ts';

export type ReaderParts = {
  readonly user: string;
  readonly kind: 'program' | 'page';
  /** How long it takes over each item. */
  readonly slowMs: number;
  readonly network: Network;
  readonly world: World;
  readonly clock: SimClock;
  readonly random: Random;
  readonly count: (what: string) => void;
};

/** A page that missed more than this begins with a snapshot. */
const gapMax = 40;

export class Reader {
  readonly user: string;
  readonly #parts: ReaderParts;
  #connection: Connection;
  /** The place of the newest event it took. */
  #at = 0;
  /** A program keeps its state with its cursor; a page has a new one each time. */
  #state: UserState = createUserState();
  #page: UserStore | undefined;
  readonly #ended = new WeakSet<Connection>();

  constructor(parts: ReaderParts) {
    this.user = parts.user;
    this.#parts = parts;
    this.#connection = this.#begin('start');
  }

  /** The user's door as a browser has it. */
  get door(): Connection['door'] {
    return this.#connection.door;
  }

  /** Its process ends, and another begins with what was kept. */
  restart(): void {
    this.close();
    // It had taken everything up to its cursor: what it was busy with is done.
    this.#connection = this.#begin(this.#connection.cursor ?? 'start');
    this.#parts.count(`a ${this.#parts.kind} began anew`);
  }

  close(): void {
    this.#ended.add(this.#connection);
    this.#page?.close();
    this.#connection.close();
  }

  get isAtHead(): boolean {
    const { cursor, status } = this.#connection;
    return status.state === 'live' && (cursor?.userSeq ?? 0) === this.#head;
  }

  /** RE3 */
  async check(store: Store): Promise<void> {
    const { kind, world } = this.#parts;
    const { cursor, status } = this.#connection;
    const name = `a ${kind} of ${this.user}`;
    if (!this.isAtHead) return world.wrong(`${name} is ${status.state} at ${cursor?.userSeq} of ${this.#head} (P1)`);
    const state = this.#page?.state ?? this.#state;
    const known = new Map(state.runs.map((view) => [view.run, view]));
    const runs = world.streams.get(this.user)?.runs ?? new Map<string, never>();
    for (const run of known.keys()) if (!runs.has(run)) world.wrong(`${name} has ${run}, which is gone (P1)`);
    for (const [run, wanted] of runs) {
      const view = known.get(run);
      // A page knows what was open when it began, and what happened since.
      if (view === undefined && kind === 'page') continue;
      const row = plain(await store.run(tenant, this.user, run));
      if (view?.complete !== true || !isDeepStrictEqual(plain(view.row), row) || !isDeepStrictEqual(view.state, wanted))
        world.wrong(`${name} has folded ${run} as ${view?.row?.status}, which is ${wanted.status} (P1)`);
    }
    await this.#checkThreads(store, name);
    this.#parts.count(`a ${kind} had everything`);
  }

  async #checkThreads(store: Store, name: string): Promise<void> {
    const wanted = await store.threads(tenant, this.user, { limit: 50 });
    const { threads } = this.#page?.state ?? this.#state;
    if (isDeepStrictEqual(plain(threads), plain(wanted))) return;
    const told = (rows: typeof threads): string =>
      rows.map(({ thread, title, runs, status }) => `${thread} "${title}" ${runs} ${status}`).join(', ');
    this.#parts.world.wrong(`${name} has the threads ${told(threads)}; there are ${told(wanted)} (P1)`);
  }

  get #head(): number {
    return this.#parts.world.streams.get(this.user)?.events.length ?? 0;
  }

  #begin(after: Cursor | 'start'): Connection {
    const { network, clock, random, kind } = this.#parts;
    const given = { url: origin, transport: network.transportOf(this.user), clock, random };
    const isPage = kind === 'page';
    const connection = connect(isPage ? { ...given, gapMax } : { ...given, after });
    this.#at = isPage || after === 'start' ? 0 : after.userSeq;
    if (isPage) this.#page = createUserStore(connection);
    void this.#follow(connection);
    return connection;
  }

  async #follow(connection: Connection): Promise<void> {
    const { slowMs, clock, world } = this.#parts;
    try {
      for await (const item of connection.events()) {
        // The process that took it is no more.
        if (this.#ended.has(connection)) return;
        this.#take(item);
        if (slowMs > 0) await new Promise<void>((resolve) => void clock.after(slowMs, resolve));
      }
    } catch (thrown) {
      world.wrong(`a reader of ${this.user} was ended: ${String(thrown)} (P1)`);
    }
  }

  #take(item: StreamItem): void {
    const { kind, world, count } = this.#parts;
    if (kind === 'program') reduce(this.#state, item);
    if (item.type === 'stream.caughtUp') return count('a reader caught up');
    if (item.type === 'stream.snapshot') return this.#takeSnapshot(item);
    const { userSeq, type, user } = item;
    const stream = world.streams.get(this.user);
    const wanted = stream?.events[userSeq - 1];
    if (user !== this.user) world.wrong(`${this.user} was told of ${user} (P2)`);
    if (userSeq <= this.#at) world.wrong(`${this.user} was told ${userSeq} after ${this.#at} (P1)`);
    if (wanted === undefined) world.wrong(`${this.user} was told ${type} at ${userSeq} before its commit (P1)`);
    else if (!isDeepStrictEqual(item, world.wire(wanted)))
      world.wrong(`${this.user} was told ${type} at ${userSeq}, not ${wanted.type} (P1)`);
    for (let place = this.#at + 1; place < userSeq; place++)
      if (stream?.mayBeSkipped(place) !== true) world.wrong(`${this.user} was never told ${place} (P1)`);
    if (userSeq > this.#at + 1) count('a reader was told that places are gone');
    this.#at = userSeq;
    count('events that readers took');
  }

  /** RE2 */
  #takeSnapshot({ cursor, open, reason }: SnapshotItem): void {
    const { kind, world, count } = this.#parts;
    if (kind === 'program') world.wrong(`a program of ${this.user} was sent back to a snapshot: ${reason} (P1)`);
    if (!isDeepStrictEqual(open, plain(world.openAt(this.user, cursor.userSeq))))
      world.wrong(`a snapshot of ${this.user} at ${cursor.userSeq} has not the runs that are open there (P1)`);
    this.#at = cursor.userSeq;
    count(`snapshot: ${reason}`);
  }
}
