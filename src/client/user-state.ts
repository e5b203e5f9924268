/**
 * What a user sees, as a fold over the user's stream: the one reducer that pages and programs share.
 *
 * US1  The same event twice does nothing, and in whatever stretches events come, live or loaded, the state is the same.
 * US2  What was fetched never undoes what the stream told later: every row knows up to which place it is known.
 * US3  Listeners are told once a microtask, and only of what changed.
 */
import { BugError } from '../core/assert.ts';
import type { JournalEvent } from '../journal/event.ts';
import { isEnded, type RunRow } from '../journal/run-row.ts';
import type { RunState } from '../journal/run-state.ts';
import type { ThreadRow } from '../journal/thread-row.ts';
import { Changes } from './changes.ts';
import type { SnapshotItem, StreamItem } from './connection.ts';
import { RunRecord } from './run-record.ts';
import { ThreadList } from './thread-list.ts';
import { workingOn, type Working } from './working.ts';

export type { Working } from './working.ts';

/** What is known of a run. A new object after each change of the run, but `state` inside is one that changes. */
export type RunView = {
  readonly run: string;
  /** As lists show it; undefined where only a stretch of its events was seen. */
  readonly row: RunRow | undefined;
  /** The fold over its events from the first to `state.seq`; undefined while its first is not here. */
  readonly state: RunState | undefined;
  /** Does `state` hold everything that was heard of it? Else `store.loadRun` brings what is missing. */
  readonly complete: boolean;
  /** Its newest events, in order, and how many before them are no longer kept. */
  readonly events: readonly JournalEvent[];
  readonly dropped: number;
};

/**
 * What a user sees, kept up to date by the stream: threads, runs, and who works on what. Keys to subscribe to are
 * `threads`, `runs` (which there are, and their rows), `run:<id>` and `connection` (whether it has caught up).
 */
export interface UserState {
  /** Newest activity first. */
  readonly threads: readonly ThreadRow[];
  thread(id: string): ThreadRow | undefined;
  /** All runs known, newest first. */
  readonly runs: readonly RunView[];
  run(id: string): RunView | undefined;
  /** The runs of a thread, oldest first. */
  runsOf(thread: string): readonly RunView[];
  /** Which place a queued run has among the user's own queued runs, from 1; undefined when it isn't queued. */
  queuePlace(run: string): number | undefined;
  working(run: string): readonly Working[];
  /** Place of the newest event that was reduced. */
  readonly userSeq: number;
  readonly caughtUp: boolean;
  /** Rises with each change under the key. */
  version(key: string): number;
  /** Calls `listener` once a microtask in which something under the key changed, and returns what stops that. */
  subscribe(key: string, listener: () => void): () => void;
}

/** An empty state; `reduce` fills it. */
export function createUserState(): UserState {
  return new FoldedState();
}

/** Takes one more item of the stream. The same event twice does nothing. */
export function reduce(state: UserState, item: StreamItem): void {
  foldOf(state).take(item);
}

/** The state as it is written to; for what loads into it. */
export function foldOf(state: UserState): FoldedState {
  if (state instanceof FoldedState) return state;
  throw new BugError('a user state that createUserState did not make');
}

type Cached<Value> = { readonly version: number; readonly value: Value };

export class FoldedState implements UserState {
  userSeq = 0;
  caughtUp = false;
  readonly #changes = new Changes();
  readonly #threads = new ThreadList();
  readonly #records = new Map<string, RunRecord>();
  readonly #runsOfThread = new Map<string, Set<string>>();
  readonly #cache = new Map<string, Cached<unknown>>();

  get threads(): readonly ThreadRow[] {
    return this.#cached('threads', 'threads', () => this.#threads.rows());
  }

  /** Threads of which only a part is known, as their beginning was not seen. */
  get unsureThreads(): ReadonlySet<string> {
    return this.#threads.unsure;
  }

  thread(id: string): ThreadRow | undefined {
    return this.#threads.row(id);
  }

  get runs(): readonly RunView[] {
    return this.#sorted([...this.#records.keys()]).toReversed();
  }

  run(id: string): RunView | undefined {
    const record = this.#records.get(id);
    if (record === undefined) return undefined;
    return this.#cached(`run:${id}`, `run:${id}`, () => viewOf(record));
  }

  record(id: string): RunRecord | undefined {
    return this.#records.get(id);
  }

  get records(): Iterable<RunRecord> {
    return this.#records.values();
  }

  runsOf(thread: string): readonly RunView[] {
    return this.#sorted([...(this.#runsOfThread.get(thread) ?? [])]);
  }

  queuePlace(run: string): number | undefined {
    const queued = this.#cached('runs', 'queued', () =>
      [...this.#records.values()]
        .filter(({ row }) => row?.status === 'queued')
        .toSorted((a, b) => placeOf(a) - placeOf(b))
        .map((record) => record.run),
    );
    const index = queued.indexOf(run);
    return index < 0 ? undefined : index + 1;
  }

  working(run: string): readonly Working[] {
    return this.#cached(`run:${run}`, `working:${run}`, () => {
      const state = this.#records.get(run)?.state;
      return state === undefined ? [] : workingOn(state);
    });
  }

  version(key: string): number {
    return this.#changes.version(key);
  }

  subscribe(key: string, listener: () => void): () => void {
    return this.#changes.subscribe(key, listener);
  }

  mark(key: string): void {
    this.#changes.mark(key);
  }

  take(item: StreamItem): void {
    switch (item.type) {
      case 'stream.snapshot':
        this.#beginAnew(item);
        break;
      case 'stream.caughtUp':
        this.caughtUp = true;
        this.mark('connection');
        break;
      default:
        this.#takeEvent(item);
    }
  }

  /** Events of a run as they were loaded, in any stretch of it. */
  mergeEvents(events: readonly JournalEvent[]): void {
    for (const event of events) this.#takeRunEvent(event);
  }

  /** Rows as a list had them, asked for when the stream was known up to `asOf` (US2). */
  mergeRuns(rows: readonly RunRow[], asOf: number): void {
    for (const row of rows) {
      if (this.#threads.isDeleted(row.thread, asOf)) continue;
      const record = this.#recordOf(row.run, row.thread);
      if (record.takeRow(row, asOf)) this.#markRun(row.run, true);
    }
  }

  mergeThreads(rows: readonly ThreadRow[], asOf: number): void {
    for (const row of rows) {
      if (this.#threads.isAnew(row)) this.#dropBefore(row);
      this.#threads.merge(row, asOf);
    }
    this.mark('threads');
  }

  /** The thread was deleted and begun anew: what was in it before is gone. */
  #dropBefore({ thread, startedAt }: ThreadRow): void {
    for (const run of this.#runsOfThread.get(thread) ?? [])
      if ((this.#records.get(run)?.row?.queuedAt ?? Infinity) < startedAt) this.drop(run);
  }

  /** What a list of all threads from the place `from` on has not is gone, and its runs are. */
  keepThreads(rows: readonly ThreadRow[], asOf: number, from: number): void {
    for (const thread of this.#threads.keepOnly(rows, asOf, from))
      for (const run of this.#runsOfThread.get(thread) ?? []) this.drop(run);
  }

  /** All that can be asked for of a run was taken. */
  loaded(run: string): void {
    const record = this.#records.get(run);
    if (record === undefined) return;
    record.loaded();
    this.#markRun(run, false);
  }

  /** The run is gone. */
  drop(run: string): void {
    const record = this.#records.get(run);
    if (record === undefined) return;
    this.#records.delete(run);
    for (const runs of this.#runsOfThread.values()) runs.delete(run);
    this.#cache.delete(`working:${run}`);
    this.#markRun(run, true);
  }

  #beginAnew({ reason, cursor, open }: SnapshotItem): void {
    if (reason === 'generation') this.#clear();
    this.userSeq = cursor.userSeq;
    this.caughtUp = false;
    this.mark('connection');
    this.mergeRuns(open, cursor.userSeq);
    this.#threads.doubt();
    // What happened between is not told: of what had not ended, nothing is sure.
    for (const record of this.#records.values()) {
      if (isEnded(record.state?.status ?? 'queued') || (record.row !== undefined && isEnded(record.row.status)))
        continue;
      record.isStale = true;
      this.#markRun(record.run, false);
    }
  }

  #clear(): void {
    for (const run of this.#records.keys()) this.mark(`run:${run}`);
    this.#records.clear();
    this.#runsOfThread.clear();
    this.#cache.clear();
    this.#threads.clear();
    this.mark('runs');
    this.mark('threads');
  }

  #takeEvent(event: JournalEvent): void {
    if (event.userSeq > this.userSeq) {
      this.userSeq = event.userSeq;
      if (event.thread !== undefined && this.#threads.take(event.thread, event)) this.mark('threads');
      if (event.type === 'thread.deleted') for (const run of event.data.runs) this.drop(run);
    }
    this.#takeRunEvent(event);
  }

  #takeRunEvent(event: JournalEvent): void {
    const { run, thread } = event;
    if (run === undefined || this.#threads.isDeleted(thread, event.userSeq)) return;
    const record = this.#recordOf(run, thread);
    const row = record.row;
    if (record.take(event)) this.#markRun(run, record.row !== row);
  }

  #recordOf(run: string, thread: string | undefined): RunRecord {
    let record = this.#records.get(run);
    if (record !== undefined) return record;
    record = new RunRecord(run);
    this.#records.set(run, record);
    if (thread !== undefined) {
      const runs = this.#runsOfThread.get(thread) ?? new Set();
      this.#runsOfThread.set(thread, runs.add(run));
    }
    return record;
  }

  #markRun(run: string, isListed: boolean): void {
    this.mark(`run:${run}`);
    if (isListed) this.mark('runs');
  }

  #sorted(runs: readonly string[]): readonly RunView[] {
    return runs
      .flatMap((run) => this.#records.get(run) ?? [])
      .toSorted((a, b) => placeOf(a) - placeOf(b))
      .flatMap(({ run }) => this.run(run) ?? []);
  }

  #cached<Value>(key: string, name: string, make: () => Value): Value {
    const version = this.version(key);
    const cached = this.#cache.get(name) as Cached<Value> | undefined;
    if (cached?.version === version) return cached.value;
    const value = make();
    this.#cache.set(name, { version, value });
    return value;
  }
}

function viewOf(record: RunRecord): RunView {
  const { run, row, state, complete, events, dropped } = record;
  return { run, row, state, complete, events: [...events], dropped };
}

function placeOf({ row, events }: RunRecord): number {
  return row?.firstUserSeq ?? events[0]?.userSeq ?? 0;
}
