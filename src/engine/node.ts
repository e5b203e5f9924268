/**
 * One engine on one store: which users it owns, and the runs it took up for them.
 *
 * O1  A user is loaded once: whoever needs the stream while it is loading waits for the same load.
 * O2  When a user is loaded, every open run of that user is taken up from its journal: it goes on, is parked when its
 *     version is not here, is ended when it was to be cancelled or made no progress in its last recoveries, or sleeps
 *     on when it only waited (SL4).
 * O4  Of more users than are kept at hand, those whose runs all sleep go too. They stay this node's, and are loaded
 *     again when the first of their runs is due.
 * O3  A user whose stream is gone (fenced) is forgotten; asking again owns or forwards anew.
 */
import type { Clock } from '../core/clock.ts';
import { DeadlineError, EngineError, FencedError, StoreError, toErrorInfo } from '../core/errors.ts';
import type { Json, JsonCopy } from '../core/json.ts';
import { limits } from '../core/limits.ts';
import type { Log } from '../core/log.ts';
import { ownerKey } from '../core/principal.ts';
import type { Random } from '../core/random.ts';
import type { Model } from '../agents/model.ts';
import { isBlobRef } from '../journal/event.ts';
import type { RunState } from '../journal/run-state.ts';
import type { RunRow } from '../journal/run-row.ts';
import type { OwnedUser, Store } from '../journal/store.ts';
import { Alarms } from './alarms.ts';
import { continueRun } from './begin-run.ts';
import { DozingUsers } from './dozing-users.ts';
import { Feeds } from './feed.ts';
import { drainInbox } from './inbox.ts';
import { openRuns, readRun, statesOf } from './open-runs.ts';
import type { Registry } from './registry.ts';
import { Run } from './run.ts';
import { Scheduler, type SchedulerLimits } from './scheduler.ts';
import { Sleepers, type Sleeper } from './sleepers.ts';
import { threadReady } from './thread-commands.ts';
import { UserStream } from './user-stream.ts';
import { Writer } from './writer.ts';

export type NodeParts = {
  readonly store: Store;
  readonly registry: Registry;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly limits: NodeLimits;
  readonly readOnly: boolean;
};

export type NodeLimits = SchedulerLimits & { readonly runDeadlineMs: number };

/** Users kept at hand though nothing of theirs is open: owning anew costs a commit. */
const idleUsersMax = 10_000;

/** What the log says when an engine opens a store with unfinished runs, with how many there are. */
export const runsTakenUp = 'unfinished runs were taken up';

export class EngineNode {
  readonly id: string;
  readonly store: Store;
  readonly registry: Registry;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly limits: NodeLimits;
  readonly readOnly: boolean;
  readonly scheduler: Scheduler;
  readonly feeds: Feeds;
  readonly alarms: Alarms;
  /** For what need not keep the process alive. */
  readonly quiet: Alarms;
  readonly sleepers: Sleepers;
  readonly writer: Writer;
  readonly #streams = new Map<string, UserStream>();
  readonly #dozing: DozingUsers;
  readonly #loading = new Map<string, Promise<UserStream | undefined>>();
  /** Users who were asked for since the last round of the lease. */
  #asked = new Set<string>();
  #closing = false;
  #closed: Promise<void> | undefined;
  #failed: EngineError | undefined;
  #stopLease: (() => void) | undefined;
  #stopInbox: (() => void) | undefined;

  constructor(parts: NodeParts) {
    this.id = `node-${parts.random.id()}`;
    this.store = parts.store;
    this.registry = parts.registry;
    this.clock = parts.clock;
    this.random = parts.random;
    this.log = parts.log;
    this.limits = parts.limits;
    this.readOnly = parts.readOnly;
    this.scheduler = new Scheduler(parts.limits);
    this.feeds = new Feeds(parts.store);
    this.alarms = new Alarms(parts.clock);
    this.quiet = new Alarms(parts.clock, 'background');
    this.sleepers = new Sleepers(this, this.alarms, this.quiet);
    this.#dozing = new DozingUsers(parts.clock, this.alarms, (tenant, user) => this.stream(tenant, user));
    this.writer = new Writer({
      node: this.id,
      store: parts.store,
      clock: parts.clock,
      log: parts.log,
      onFenced: (stream) => this.#forget(stream),
      onFailed: (error) => this.#fail(error),
    });
  }

  get closing(): boolean {
    return this.#closing;
  }

  /** Throws when no more runs are begun here. What is under way may still be watched, told and cancelled. */
  checkAdmits(): void {
    if (this.#closed !== undefined) throw closedError();
  }

  /** Opens the store, joins it, and takes up what has no living owner. */
  async open(): Promise<void> {
    await this.store.open();
    if (this.readOnly) return;
    await this.store.heartbeat(this.id);
    this.#stopInbox = this.store.watchInbox(this.id, (tenant, user) => void this.#answerInbox(tenant, user));
    await this.#takeOver();
    this.#tellTakenUp();
    this.#renewLater();
  }

  #tellTakenUp(): void {
    const counts = [...this.#streams.values()]
      .map(({ runs, asleep }) => runs.size + asleep.size)
      .filter((size) => size > 0);
    const runs = counts.reduce((sum, size) => sum + size, 0);
    if (runs > 0) this.log.info(runsTakenUp, { runs, users: counts.length });
  }

  #renewLater(): void {
    this.#stopLease = this.clock.after(limits.leaseRenewMs, () => void this.#renew(), 'background');
  }

  async #renew(): Promise<void> {
    try {
      if (!(await this.store.heartbeat(this.id))) {
        this.log.warn('the lease of this node had run out', { node: this.id });
        await this.#letGoOfLost();
      }
      await this.#takeOver();
      await this.#lookIntoInboxes();
      for (const alarms of [this.alarms, this.quiet]) alarms.check();
      for (const stream of this.#streams.values()) this.#endOld(stream);
      this.#releaseIdle();
    } catch (thrown) {
      this.log.error('the lease could not be renewed', { code: EngineError.is(thrown) ? thrown.code : 'thrown' });
    }
    if (!this.#closing && this.#failed === undefined) this.#renewLater();
  }

  /** Ends the runs whose lifetime is over, whatever they wait for. */
  #endOld(stream: UserStream): void {
    const bornBefore = this.clock.now() - limits.runLifetimeMs;
    for (const run of stream.runs.values()) {
      const queuedAt = stream.rows.get(run.id)?.queuedAt ?? Infinity;
      if (queuedAt < bornBefore) run.fail(tooOld());
    }
  }

  /** While the lease had run out others may have taken users: who waits here for their runs is told at once (O3). */
  async #letGoOfLost(): Promise<void> {
    for (const stream of this.#streams.values()) {
      const now = await this.store.own(this.id, stream.tenant, stream.user);
      if (now.owned && now.epoch === stream.epoch) continue;
      stream.letGo(new FencedError());
      this.#forget(stream);
      // Claimed anew just now, so nobody else goes on with it: the take-over that follows does.
      if (now.owned) await this.store.release(this.id, [stream]);
    }
  }

  async #takeOver(): Promise<void> {
    for (;;) {
      const owned = await this.store.takeover(this.id, limits.takeoverUsersMax);
      // Side by side, as each has several questions to the store one after the other.
      await Promise.all(owned.map((user) => this.#takeOverUser(user)));
      this.#releaseIdle();
      if (owned.length < limits.takeoverUsersMax || this.#closing) return;
    }
  }

  /** A user whose runs can't be taken up must not keep the others from theirs. It is tried again at the next round. */
  async #takeOverUser(owned: OwnedUser): Promise<void> {
    try {
      await this.#load(ownerKey(owned.tenant, owned.user), () => this.#take(owned));
    } catch (thrown) {
      this.log.error('a user could not be taken over', { code: EngineError.is(thrown) ? thrown.code : 'thrown' });
      await this.store.release(this.id, [owned]);
    }
  }

  /** The user's stream if this node owns the user or can own them; undefined when another living node does. */
  async stream(tenant: string, user: string): Promise<UserStream | undefined> {
    this.checkOpen();
    if (this.readOnly)
      throw new EngineError(
        'forbidden',
        'This engine was opened to read, so it starts nothing and tells runs nothing.',
        {
          hint: 'Open it without readOnly.',
        },
      );
    const key = ownerKey(tenant, user);
    this.#asked.add(key);
    return this.#loading.get(key) ?? this.#streams.get(key) ?? this.#load(key, () => this.#own(tenant, user));
  }

  /** One load of a user at a time (O1): a stream is known from its first run on, but whole only when its load is. */
  #load(key: string, load: () => Promise<UserStream | undefined>): Promise<UserStream | undefined> {
    let loading = this.#loading.get(key);
    if (loading === undefined) {
      loading = load().finally(() => this.#loading.delete(key));
      this.#loading.set(key, loading);
    }
    return loading;
  }

  async #own(tenant: string, user: string): Promise<UserStream | undefined> {
    const ownership = await this.store.own(this.id, tenant, user);
    if (!ownership.owned) return undefined;
    return this.#take({ tenant, user, epoch: ownership.epoch, head: ownership.head });
  }

  async #take(owned: OwnedUser): Promise<UserStream> {
    const stream = new UserStream(owned, this.clock, this.writer.wake);
    const before = this.#streams.get(stream.key);
    if (before !== undefined && before.epoch === stream.epoch) return before;
    this.#streams.set(stream.key, stream);
    this.#dozing.forget(stream.key);
    try {
      const open = await openRuns(this.store, owned);
      const rows = open.filter((row) => !this.#sleeps(row));
      const states = await statesOf(this.store, owned, rows);
      await this.#loadThreads(stream, rows);
      for (const row of open) if (this.#sleeps(row)) this.sleepers.add(stream, row);
      for (const row of rows) this.#holdThread(stream, row, states.get(row.run));
      for (const row of rows) this.takeUp(stream, row, states.get(row.run));
      this.#endOld(stream);
      await drainInbox(this, stream);
    } catch (thrown) {
      // Half a user is none: the next to ask loads it anew.
      stream.letGo(
        thrown instanceof EngineError ? thrown : new StoreError('store_failed', toErrorInfo(thrown).message),
      );
      this.#forget(stream);
      throw thrown;
    }
    return stream;
  }

  /** What is told of runs that are taken up changes the rows of their threads (TH3). */
  async #loadThreads(stream: UserStream, rows: readonly RunRow[]): Promise<void> {
    const threads = new Set(rows.flatMap(({ thread }) => thread ?? []));
    await Promise.all([...threads].map((thread) => threadReady(this, stream, thread)));
  }

  /** One that had begun, or goes on from one that had, has its thread before those that only waited for it (H4). */
  #holdThread(stream: UserStream, { run, thread, workflow, version }: RunRow, state: RunState | undefined): void {
    if (thread === undefined || this.registry.at(workflow, version) === undefined) return;
    if (state?.started === true || state?.continues !== undefined) this.scheduler.hold(stream.key, thread, run);
  }

  /** Does the row say all that this node has to know by now (SL4)? */
  #sleeps({ status, workflow, version, wakeAt }: RunRow): boolean {
    if (status === 'suspended') return this.registry.at(workflow, version) !== undefined;
    return status === 'parked' && wakeAt === undefined && this.registry.at(workflow, version) === undefined;
  }

  /** Goes on with an open run from its journal (O2). */
  takeUp(stream: UserStream, row: RunRow, state: RunState | undefined, ended?: Sleeper['ended']): Run {
    stream.rows.set(row.run, row);
    if (state === undefined)
      throw new StoreError('store_corrupt', 'A run has a row but no events.', { details: { run: row.run } });
    const runnable = this.registry.at(row.workflow, row.version);
    const run = new Run(this, stream, {
      id: row.run,
      thread: row.thread,
      // A run goes on with the roles it began with.
      user: stream.principal(state.roles, state.name),
      workflow: row.workflow,
      input: state.input,
      deadlineMs: state.deadlineMs,
      runnable,
      state,
      originUserSeq: state.originUserSeq,
      ended,
    });
    stream.runs.set(run.id, run);
    if (state.cancelRequested !== undefined) run.cancelNow(state.cancelRequested);
    else if (row.queuedAt < this.clock.now() - limits.runLifetimeMs) run.fail(tooOld());
    else if (runnable === undefined) {
      if (row.status !== 'parked') run.emit('run.parked', { workflow: row.workflow, version: row.version });
    } else if (state.recoveriesWithoutProgress >= limits.recoveriesWithoutProgressMax) {
      run.fail(
        new EngineError('no_progress', `No step was completed in ${state.recoveriesWithoutProgress} recoveries.`, {
          hint: 'Something in this run ends its process: see the step that was open last.',
        }),
      );
    } else this.scheduler.add(run);
    return run;
  }

  /** Begins the run that this one goes on as. */
  continueRun(run: Run, id: string, input: JsonCopy): void {
    continueRun(run, id, input);
  }

  /** The state of a run, from its events. */
  readRun(tenant: string, user: string, row: RunRow): Promise<RunState | undefined> {
    return readRun(this.store, { tenant, user }, row);
  }

  model(name: string): Model {
    return this.registry.model(name);
  }

  /** The value that an event's value stands for: itself, or that of the blob it refers to. */
  async value(tenant: string, user: string, kept: Json): Promise<Json> {
    if (!isBlobRef(kept)) return kept;
    const text = await this.store.blob(tenant, user, kept.$blob);
    if (text === undefined) throw new StoreError('store_corrupt', 'A value of the journal is missing from the store.');
    return JSON.parse(text) as Json;
  }

  /** B4. Nothing here waits for the answers: they may take longer than the lease. */
  async #lookIntoInboxes(): Promise<void> {
    for (const { tenant, user } of await this.store.inboxes(this.id, limits.takeoverUsersMax))
      void this.#answerInbox(tenant, user);
  }

  async #answerInbox(tenant: string, user: string): Promise<void> {
    try {
      const stream = await this.stream(tenant, user);
      if (stream !== undefined) await drainInbox(this, stream);
    } catch (thrown) {
      this.log.warn('an inbox could not be answered', { code: EngineError.is(thrown) ? thrown.code : 'thrown' });
    }
  }

  /**
   * Keeps users at hand up to a bound. Only those go for whom nobody asked since the last round: who was given a stream
   * just now is about to use it, and a user whose first run is not yet begun looks idle too.
   */
  #releaseIdle(): void {
    const asked = this.#asked;
    this.#asked = new Set();
    if (this.#streams.size <= idleUsersMax) return;
    // One for all: there may be thousands, and its stack costs more than letting go of a user.
    const idled = new EngineError('closed', 'This user was idle and is owned anew when asked for.', {
      retryable: true,
    });
    for (const stream of this.#streams.values()) {
      if (!stream.dormant || asked.has(stream.key) || this.#loading.has(stream.key)) continue;
      const { idle } = stream;
      // Who waits for the end of a run that sleeps waits at its stream.
      if (!idle && [...stream.asleep.values()].some(({ ended }) => ended !== undefined)) continue;
      this.#streams.delete(stream.key);
      if (!idle) this.#dozing.add(stream);
      stream.letGo(idled);
      if (idle) void this.store.release(this.id, [stream]).catch(() => undefined);
      if (this.#streams.size <= idleUsersMax) return;
    }
  }

  #forget(stream: UserStream): void {
    if (this.#streams.get(stream.key) === stream) this.#streams.delete(stream.key);
  }

  #fail(error: EngineError): void {
    this.#failed = error;
    this.feeds.fail(error);
    // Its lease runs out, and a node that can write takes its users.
    this.#stopLease?.();
    for (const stream of this.#streams.values()) stream.letGo(error);
    this.#streams.clear();
    this.#dozing.clear();
  }

  /** Throws when the engine is closed or has lost its store. */
  checkOpen(): void {
    if (this.#failed !== undefined) throw this.#failed;
    if (this.#closing) throw closedError();
  }

  /**
   * Stops taking work, gives what runs up to `graceMs` to end, lets go of the rest (it goes on at the next start), and
   * closes the store.
   */
  close(graceMs: number): Promise<void> {
    return (this.#closed ??= this.#close(graceMs));
  }

  async #close(graceMs: number): Promise<void> {
    await this.#untilQuiet(graceMs);
    this.#closing = true;
    this.#stopLease?.();
    this.#stopInbox?.();
    await this.writer.idle();
    const error = new EngineError('closed', 'The engine was closed; the run goes on when it is opened again.', {
      retryable: true,
    });
    for (const stream of this.#streams.values()) stream.letGo(error);
    this.#streams.clear();
    this.#dozing.clear();
    this.feeds.close();
    if (this.#failed === undefined && !this.readOnly) await this.store.release(this.id);
    await this.store.close();
  }

  async #untilQuiet(graceMs: number): Promise<void> {
    const until = this.clock.monotonic() + graceMs;
    while (this.scheduler.running + this.scheduler.queued > 0 && this.clock.monotonic() < until) {
      await new Promise<void>((resolve) => void this.clock.after(Math.min(20, graceMs), resolve));
    }
  }
}

function tooOld(): DeadlineError {
  return new DeadlineError('The run, waits and all,', limits.runLifetimeMs);
}

function closedError(): EngineError {
  return new EngineError('closed', 'The engine is closed.', { hint: 'Make a new one with createEngine.' });
}
