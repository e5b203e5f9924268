/**
 * A user's state that keeps itself up to date from a connection, and loads what the stream does not tell.
 *
 * UL1  A run of which events came is loaded until it is whole: a hole is filled from the journal, never shown as whole.
 * UL2  What could not be loaded is tried again when the connection has caught up next; until then `error` says why.
 * UL3  Where a snapshot passed over a stretch of the stream, what the newest list of threads has not is gone.
 */
import { EngineError } from '../core/errors.ts';
import { limits } from '../core/limits.ts';
import type { RunRow } from '../journal/run-row.ts';
import type { Connection, StreamItem } from './connection.ts';
import { pagesOfRun } from './remote-run.ts';
import { createUserState, foldOf, type FoldedState, type UserState } from './user-state.ts';

/** A state that follows its connection, and loads what a screen asks for. */
export interface UserStore {
  readonly state: UserState;
  /** Why something could not be loaded, or why the connection ended; key `error`. */
  readonly error: EngineError | undefined;
  /** Loads a run from its first event on. Resolves when it is whole; throws as the door does. */
  loadRun(run: string): Promise<void>;
  /** The newest runs of a thread, or with `older` those before what is here; resolves with whether there are more. */
  loadThread(thread: string, options?: { readonly older?: boolean }): Promise<boolean>;
  /** The newest threads, or with `older` those before what is here, or those that match; and whether there are more. */
  loadThreads(options?: { readonly search?: string; readonly older?: boolean }): Promise<boolean>;
  /** Stops following; the connection stays open. */
  close(): void;
}

/**
 * Follows the connection until `close()`.
 *
 * @example
 * const store = createUserStore(connect({ url: location.origin }));
 * store.state.subscribe('threads', () => draw(store.state.threads));
 */
export function createUserStore(connection: Connection): UserStore {
  return new FollowingStore(connection);
}

/** Rows of one page of a list. */
const pageRows = 50;

class FollowingStore implements UserStore {
  readonly state: UserState = createUserState();
  error: EngineError | undefined;
  readonly #fold: FoldedState = foldOf(this.state);
  readonly #connection: Connection;
  readonly #items: AsyncIterableIterator<StreamItem, undefined>;
  /** Loads under way or waiting for their turn, by run. */
  readonly #loads = new Map<string, Promise<void>>();
  /** Runs that are to be loaded when the connection has caught up next (UL2). */
  readonly #failed = new Set<string>();
  readonly #turns: (() => void)[] = [];
  #loading = 0;
  #fetchingThreads = false;
  /** Is the newest list of threads still to be fetched (UL2)? */
  #threadsDue = false;
  #closed = false;

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#items = connection.events();
    void this.#follow();
  }

  async loadRun(run: string): Promise<void> {
    if (this.#fold.record(run)?.complete === true) return;
    let load = this.#loads.get(run);
    if (load === undefined) {
      load = this.#load(run).finally(() => this.#loads.delete(run));
      this.#loads.set(run, load);
    }
    await load;
  }

  async loadThread(thread: string, { older = false }: { readonly older?: boolean } = {}): Promise<boolean> {
    const before = older ? firstPlace(this.#rowsOf(thread)) : undefined;
    const asOf = this.#fold.userSeq;
    const { door } = this.#connection;
    const rows = await door.runs({ thread, limit: pageRows, ...(before === undefined ? {} : { before }) });
    this.#fold.mergeRuns(rows, asOf);
    await Promise.all(rows.map(({ run }) => this.loadRun(run)));
    return rows.length === pageRows;
  }

  async loadThreads(options: { readonly search?: string; readonly older?: boolean } = {}): Promise<boolean> {
    const { search, older = false } = options;
    const before = older ? this.state.threads.at(-1)?.activeUserSeq : undefined;
    const asOf = this.#fold.userSeq;
    const rows = await this.#connection.door.threads({
      limit: pageRows,
      ...(search === undefined ? {} : { search }),
      ...(before === undefined ? {} : { before }),
    });
    const hasMore = rows.length === pageRows;
    if (search === undefined && !older)
      this.#fold.keepThreads(rows, asOf, hasMore ? (rows.at(-1)?.activeUserSeq ?? 0) : 0);
    this.#fold.mergeThreads(rows, asOf);
    return hasMore;
  }

  close(): void {
    this.#closed = true;
    void this.#items.return?.();
  }

  #rowsOf(thread: string): readonly RunRow[] {
    return this.state.runsOf(thread).flatMap(({ row }) => row ?? []);
  }

  async #follow(): Promise<void> {
    try {
      for await (const item of this.#items) {
        this.#fold.take(item);
        this.#afterItem(item);
      }
    } catch (thrown) {
      this.#tellError(thrown);
    }
  }

  #afterItem(item: StreamItem): void {
    switch (item.type) {
      case 'stream.snapshot':
        this.#fetchThreads();
        for (const record of this.#fold.records) this.#keepWhole(record.run);
        break;
      case 'stream.caughtUp':
        for (const run of this.#failed) this.#keepWhole(run);
        this.#failed.clear();
        if (this.#threadsDue || this.#fold.unsureThreads.size > 0) this.#fetchThreads();
        break;
      default:
        if (item.run !== undefined) this.#keepWhole(item.run);
        if (this.#fold.caughtUp && this.#fold.unsureThreads.size > 0) this.#fetchThreads();
    }
  }

  /** UL1, in the background. */
  #keepWhole(run: string): void {
    const record = this.#fold.record(run);
    if (record === undefined || record.complete || this.#loads.has(run)) return;
    this.loadRun(run).catch((thrown: unknown) => {
      if (EngineError.is(thrown) && thrown.code === 'not_found') return;
      this.#failed.add(run);
      this.#tellError(thrown);
    });
  }

  /** In the background. What is under way may have been asked before that which it is asked for now. */
  #fetchThreads(): void {
    this.#threadsDue = true;
    if (!this.#fetchingThreads) void this.#fetchDueThreads();
  }

  async #fetchDueThreads(): Promise<void> {
    this.#fetchingThreads = true;
    try {
      while (this.#threadsDue) {
        this.#threadsDue = false;
        await this.loadThreads();
      }
      this.#wellAgain();
    } catch (thrown) {
      this.#threadsDue = true;
      this.#tellError(thrown);
    } finally {
      this.#fetchingThreads = false;
    }
  }

  #tellError(thrown: unknown): void {
    if (this.#closed) return;
    this.error = EngineError.is(thrown) ? thrown : new EngineError('bug', 'Loading failed.', { cause: thrown });
    this.#fold.mark('error');
  }

  async #load(run: string): Promise<void> {
    await this.#turn();
    try {
      while (!(await this.#loadOnce(run))) continue;
      this.#wellAgain();
    } catch (thrown) {
      // It was deleted meanwhile.
      if (EngineError.is(thrown) && thrown.code === 'not_found') this.#fold.drop(run);
      throw thrown;
    } finally {
      this.#loading--;
      this.#turns.shift()?.();
    }
  }

  /** Reads the run to its newest event; gives whether it is whole. */
  async #loadOnce(run: string): Promise<boolean> {
    const before = this.#seqOf(run);
    for await (const events of pagesOfRun(run, this.#connection.door, before)) this.#fold.mergeEvents(events);
    this.#fold.loaded(run);
    if (this.#fold.record(run)?.complete !== false) return true;
    // Events that were heard of and are not in the journal: asking for ever would not bring them.
    if (this.#seqOf(run) === before)
      throw new EngineError('closed', 'The events of a run could not be loaded.', { retryable: true });
    return false;
  }

  #seqOf(run: string): number {
    return this.#fold.record(run)?.state?.seq ?? 0;
  }

  async #turn(): Promise<void> {
    if (this.#loading >= limits.clientLoadsAtOnce) await new Promise<void>((resolve) => this.#turns.push(resolve));
    this.#loading++;
  }

  #wellAgain(): void {
    if (this.error === undefined || this.#failed.size > 0 || this.#threadsDue) return;
    this.error = undefined;
    this.#fold.mark('error');
  }
}

function firstPlace(rows: readonly RunRow[]): number | undefined {
  return rows.length === 0 ? undefined : Math.min(...rows.map(({ firstUserSeq }) => firstUserSeq));
}
