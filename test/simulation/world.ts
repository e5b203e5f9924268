/**
 * What is outside the engines: the world that tools reach into, and a witness who sees every commit of the store.
 *
 * WW1  The witness hears from the store itself, behind all faults: what it knows is what is on the disk.
 * WW2  Each event is of the user whose stream it is in, follows the one before, and folds into its run (P1, P4, P8).
 * WW3  What the journal has as completed is not done again (P3); a `once` tool is done again only after somebody who
 *      looked has said that it did not happen.
 * WW4  Of each user only the newest epoch writes (P5).
 */
import { evolve, type JournalEvent, type RunRow, type RunState, type Store } from 'cantus';
import type { Random } from 'cantus';
import type { SimClock } from 'cantus/testing';
import { limits } from '../../src/core/limits.ts';
import { isEnded, rowAfter } from '../../src/journal/run-row.ts';

export type Reach = { readonly user: string; readonly run: string; readonly id: string };

/** A node's way into the world. */
export interface Hand {
  /** Reaches, which takes some time by chance. Returns how often this was reached for, this time included. */
  reach(how: 'step' | 'read' | 'idempotent' | 'once', what: Reach): Promise<number>;
}

/** The process that a hand is of. */
export type Body = {
  /** Its name in the store. */
  node(): string | undefined;
  /** Resolves at once while it goes on, and when it does again after it stood still. */
  stands(): Promise<void>;
};

export const tenant = 'main';

/** A value as it is behind a wire. */
export function plain<Value>(value: Value): Value {
  return value === undefined ? value : (JSON.parse(JSON.stringify(value)) as Value);
}

class Stream {
  readonly events: JournalEvent[] = [];
  readonly runs = new Map<string, RunState>();
  /** Ids of calls that are completed, by run and id. */
  readonly done = new Set<string>();
  readonly #inputs = new Map<string, string>();
  /** The newest claim. */
  epoch = 0;
  owner = '';

  /** Runs that went with their thread: nobody is told of them any more. */
  readonly gone = new Set<string>();

  take(event: JournalEvent): void {
    if (event.type === 'thread.deleted') this.#forget(event.thread ?? '');
    if (event.run === undefined) return;
    this.runs.set(event.run, evolve(this.runs.get(event.run), event));
    if (event.type === 'tool.executing') {
      const { id } = event.data.input as { readonly id?: string };
      if (id !== undefined) this.#inputs.set(`${event.run} ${event.path}`, id);
    }
    if (event.type === 'step.completed') this.done.add(`${event.run} ${event.path}`);
    if (event.type === 'tool.completed')
      this.done.add(`${event.run} ${this.#inputs.get(`${event.run} ${event.path}`)}`);
  }

  #forget(thread: string): void {
    for (const [run, { thread: of, outcome }] of this.runs) {
      if (of !== thread) continue;
      if (outcome === undefined) throw new Error(`${run} was deleted before its end`);
      this.gone.add(run);
      this.runs.delete(run);
    }
  }

  /** May a reader be told that this place is no longer there? */
  mayBeSkipped(userSeq: number): boolean {
    const event = this.events[userSeq - 1];
    if (event?.run !== undefined) return this.gone.has(event.run);
    if (event?.type !== 'thread.renamed') return false;
    return this.events.some(
      ({ type, thread, userSeq: later }) => type === 'thread.deleted' && thread === event.thread && later > userSeq,
    );
  }
}

/** The world and its witness, over the store that all nodes share. */
export class World {
  readonly wrongs: string[] = [];
  readonly streams = new Map<string, Stream>();
  readonly #random: Random;
  readonly #clock: SimClock;
  readonly #tries = new Map<string, number>();
  readonly #applied = new Map<string, number>();
  readonly #wired = new WeakMap<JournalEvent, JournalEvent>();

  #begun = 0;
  readonly #count: (what: string) => void;
  /** When runs were suspended that are it still, and those that came back after so long that they were evicted. */
  readonly #suspendedAt = new Map<string, number>();
  readonly #evicted = new Set<string>();

  constructor(random: Random, clock: SimClock, count: (what: string) => void) {
    this.#random = random;
    this.#clock = clock;
    this.#count = count;
  }

  /** Watches a user's stream from its first event on. */
  watch(store: Store, user: string): void {
    const stream = new Stream();
    this.streams.set(user, stream);
    store.subscribe(tenant, user, ({ from, to, events }) => {
      if (events === undefined || events.length !== to - from + 1)
        return this.wrong('a commit came without its events');
      for (const event of events) this.#witness(user, stream, event);
    });
  }

  #witness(user: string, stream: Stream, event: JournalEvent): void {
    try {
      if (event.user !== user || event.tenant !== tenant)
        this.wrong(`an event of ${event.user} in the stream of ${user} (P8)`);
      if (event.userSeq !== stream.events.length + 1)
        this.wrong(`${event.userSeq} follows ${stream.events.length} (P1)`);
      stream.events.push(event);
      stream.take(event);
      this.#watchEviction(event);
    } catch (thrown) {
      this.wrong(`${(thrown as Error).message} (${event.type} ${event.path ?? ''} of ${user})`);
    }
  }

  /** Eviction is no event: it is known by how long a run was quiet, and what ended its wait is told after that. */
  #watchEviction({ run = '', at, type, data }: JournalEvent): void {
    if (type === 'run.suspended') this.#suspendedAt.set(run, at);
    if (type === 'run.resumed') {
      if (at - (this.#suspendedAt.get(run) ?? at) > limits.evictAfterMs) this.#evicted.add(run);
      this.#suspendedAt.delete(run);
    }
    if (type === 'run.parked') this.#count('parked');
    if (type === 'wait.ended' && this.#evicted.delete(run)) this.#count(`evicted, and woken by ${data.by}`);
    if (type === 'plan.revised') this.#count('a plan was revised');
  }

  /** WW4: what a commit was allowed to do. */
  sawAppend(user: string, epoch: number, fenced: boolean): void {
    const stream = this.streams.get(user);
    if (stream === undefined) return;
    if (!fenced && epoch < stream.epoch) this.wrong(`epoch ${epoch} wrote for ${user} after ${stream.epoch} (P5)`);
  }

  sawClaim(user: string, epoch: number, node: string): void {
    const stream = this.streams.get(user);
    if (stream === undefined || epoch < stream.epoch) return;
    Object.assign(stream, { epoch, owner: node });
  }

  /** The event as readers get it. */
  wire(event: JournalEvent): JournalEvent {
    const known = this.#wired.get(event) ?? plain(event);
    this.#wired.set(event, known);
    return known;
  }

  /** The rows of the runs that are open at a place of a user's stream, newest first. */
  openAt(user: string, place: number): readonly RunRow[] {
    const rows = new Map<string, RunRow>();
    for (const event of this.streams.get(user)?.events.slice(0, place) ?? []) {
      if (event.type === 'thread.deleted') for (const run of event.data.runs) rows.delete(run);
      if (event.run !== undefined) rows.set(event.run, rowAfter(rows.get(event.run), event));
    }
    return [...rows.values()].filter(({ status }) => !isEnded(status)).toReversed();
  }

  wrong(what: string): void {
    if (this.wrongs.length < 20) this.wrongs.push(what);
  }

  /** Whether a `once` call has happened, for whoever has to decide. */
  happened(run: string, id: string): boolean {
    return (this.#applied.get(`${run} ${id}`) ?? 0) > 0;
  }

  /**
   * A hand that moves while its process is there and its user is not another's by now. A body that a takeover overtook in
   * the middle of a call moves nothing: that it can't know is for whoever decides to think of, and no engine's to prevent.
   */
  hand(body: Body): Hand & { begun(): number } {
    return {
      begun: () => ++this.#begun,
      reach: async (how, what) => {
        const stream = this.streams.get(what.user);
        const epoch = stream?.epoch;
        // What must not happen twice takes longest, so that more crashes come in the middle of it.
        const ms = Math.floor(this.#random.next() ** 3 * (how === 'once' ? 20_000 : 2_000));
        await new Promise<void>((resolve) => void this.#clock.after(ms, resolve));
        await body.stands();
        if (stream?.epoch === epoch && stream?.owner === body.node()) this.#reach(how, what);
        return this.#tries.get(`${what.run} ${what.id}`) ?? 0;
      },
    };
  }

  #reach(how: string, { user, run, id }: Reach): void {
    const what = `${run} ${id}`;
    this.#tries.set(what, (this.#tries.get(what) ?? 0) + 1);
    const stream = this.streams.get(user);
    if (stream?.done.has(what) === true) this.wrong(`${what} of ${user} was completed, and ran again (P3)`);
    if (how !== 'once') return;
    const times = (this.#applied.get(what) ?? 0) + 1;
    this.#applied.set(what, times);
    if (times > 1) this.wrong(`${what} of ${user} happened twice (P3)`);
  }
}
