/**
 * Runs that only wait, without their bodies.
 *
 * SL1  A suspended run that nothing happened to for `evictAfterMs` is evicted: its body is dropped where it stands, so no
 *      `finally` of it runs, and nothing is told of it. A run with a step's timeout running, or with a call that is being
 *      answered, is not.
 * SL2  What is kept of it is its id, its thread and when it is due; the journal has the rest. It keeps its thread.
 * SL3  It is woken when it is due, and by whatever is told to it: its body runs again over its journal, and that is told
 *      as any waking is. It is no recovery.
 * SL4  A run that only waited when its node went sleeps from the start: opening reads its row, not its events.
 * SL5  Many that are due at once are woken in parts, each user's one after the other, so that what is woken is soon run
 *      and no user's waits hold up another's.
 */
import type { Clock } from '../core/clock.ts';
import { EngineError, StoreError } from '../core/errors.ts';
import { limits } from '../core/limits.ts';
import type { Log } from '../core/log.ts';
import type { RunRow } from '../journal/run-row.ts';
import type { Outcome, RunState } from '../journal/run-state.ts';
import type { Store } from '../journal/store.ts';
import type { Alarm, Alarms } from './alarms.ts';
import { statesOf } from './open-runs.ts';
import type { Run } from './run.ts';
import type { Scheduler } from './scheduler.ts';
import type { UserStream } from './user-stream.ts';

export type SleeperFacts = Pick<RunRow, 'run' | 'thread' | 'queuedAt' | 'status'> & {
  /** Undefined when nothing in it is due at any time. */
  readonly wakeAt: number | undefined;
  /** Who waits for its end, from its life before. */
  readonly ended?: PromiseWithResolvers<Outcome> | undefined;
};

/** What the sleeping runs of a node need of it. */
export interface SleeperHost {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly scheduler: Scheduler;
  /** Goes on with a run from its row and its state. */
  takeUp(stream: UserStream, row: RunRow, state: RunState | undefined, ended: Sleeper['ended']): Run;
}

/** A run that sleeps. */
export class Sleeper implements Alarm {
  readonly run: string;
  readonly thread: string | undefined;
  readonly stream: UserStream;
  dueAt: number;
  place = -1;
  ended: PromiseWithResolvers<Outcome> | undefined;
  readonly #sleepers: Sleepers;
  readonly alarms: Alarms;

  constructor(
    sleepers: Sleepers,
    stream: UserStream,
    alarms: Alarms,
    { run, thread, queuedAt, wakeAt, ended }: SleeperFacts,
  ) {
    this.alarms = alarms;
    this.#sleepers = sleepers;
    this.stream = stream;
    this.run = run;
    this.thread = thread;
    this.ended = ended;
    // Its lifetime ends it, whatever it waits for.
    this.dueAt = Math.min(wakeAt ?? Infinity, queuedAt + limits.runLifetimeMs);
  }

  /** How it ends; rejects when this node lets go of its user before. */
  get outcome(): Promise<Outcome> {
    if (this.ended === undefined) {
      this.ended = Promise.withResolvers<Outcome>();
      this.ended.promise.catch(() => undefined);
    }
    return this.ended.promise;
  }

  due(): void {
    this.#sleepers.due(this);
  }

  /** This node lets go of it: its journal goes on with whoever owns the user next. */
  letGo(error: EngineError): void {
    this.#sleepers.forget(this);
    if (this.thread !== undefined) this.#sleepers.host.scheduler.leave(this.stream.key, this.thread, this.run);
    this.ended?.reject(error);
  }
}

/** The sleeping runs of a node. */
export class Sleepers {
  readonly host: SleeperHost;
  /** Waits whose time comes keep the process alive; what is due by its lifetime alone does not. */
  readonly #alarms: Alarms;
  readonly #lifetimes: Alarms;
  readonly #due = new Map<UserStream, Sleeper[]>();

  constructor(host: SleeperHost, alarms: Alarms, background: Alarms) {
    this.host = host;
    this.#alarms = alarms;
    this.#lifetimes = background;
  }

  /** From here on the run sleeps. */
  add(stream: UserStream, facts: SleeperFacts): void {
    const alarms = facts.wakeAt === undefined ? this.#lifetimes : this.#alarms;
    const sleeper = new Sleeper(this, stream, alarms, facts);
    stream.asleep.set(sleeper.run, sleeper);
    if (sleeper.thread !== undefined && facts.status === 'suspended')
      this.host.scheduler.hold(stream.key, sleeper.thread, sleeper.run);
    alarms.set(sleeper);
  }

  forget(sleeper: Sleeper): void {
    sleeper.stream.asleep.delete(sleeper.run);
    sleeper.alarms.clear(sleeper);
  }

  /** The open run with this id, woken if it sleeps; undefined when there is none. */
  async warm(stream: UserStream, id: string): Promise<Run | undefined> {
    const sleeper = stream.asleep.get(id);
    if (sleeper !== undefined) await this.#wake(stream, [sleeper]);
    return stream.runs.get(id);
  }

  due(sleeper: Sleeper): void {
    const { stream } = sleeper;
    const waking = this.#due.get(stream);
    if (waking !== undefined) return void waking.push(sleeper);
    const due = [sleeper];
    this.#due.set(stream, due);
    // On the next turn: what is due at the same time is read in one go.
    this.host.clock.soon(() => void this.#wakeDue(stream, due));
  }

  /** SL5: the next part is woken when the one before has its slots. */
  async #wakeDue(stream: UserStream, due: Sleeper[]): Promise<void> {
    while (due.length > 0 && stream.gone === undefined) {
      const part = due.splice(0, limits.wokenAtOnceMax);
      const runs = await this.#wakeOrPutOff(stream, part);
      await this.#untilGranted(runs);
    }
    this.#due.delete(stream);
  }

  /** One whose thread is another run's is not waited for: that other may be the next to be woken. */
  async #untilGranted(runs: readonly Run[]): Promise<void> {
    const { clock, scheduler } = this.host;
    for (;;) {
      const queued = runs.filter((run) => run.phase === 'queued' && !run.parked && scheduler.hasThreadFor(run));
      if (queued.length === 0) return;
      const granted = Promise.all(queued.map((run) => run.untilGranted()));
      const checked = Promise.withResolvers<void>();
      const stop = clock.after(limits.wokenCheckMs, checked.resolve, 'background');
      await Promise.race([granted, checked.promise]);
      stop();
    }
  }

  /** One whose journal can't be read must not keep the others asleep: then each is tried alone. */
  async #wakeOrPutOff(stream: UserStream, part: readonly Sleeper[]): Promise<readonly Run[]> {
    try {
      return await this.#wake(stream, part);
    } catch (thrown) {
      if (part.length > 1) {
        const runs: Run[] = [];
        for (const sleeper of part) runs.push(...(await this.#wakeOrPutOff(stream, [sleeper])));
        return runs;
      }
      this.#putOff(stream, part, thrown);
      return [];
    }
  }

  #putOff(stream: UserStream, part: readonly Sleeper[], thrown: unknown): void {
    if (stream.gone !== undefined) return;
    this.host.log.error('a run could not be woken', { code: EngineError.is(thrown) ? thrown.code : 'thrown' });
    for (const sleeper of part) {
      if (stream.asleep.get(sleeper.run) !== sleeper) continue;
      sleeper.dueAt = this.host.clock.now() + limits.leaseRenewMs;
      sleeper.alarms.set(sleeper);
    }
  }

  async #wake(stream: UserStream, sleepers: readonly Sleeper[]): Promise<readonly Run[]> {
    const { tenant, user } = stream;
    const { store } = this.host;
    const found = await Promise.all(sleepers.map(({ run }) => store.run(tenant, user, run)));
    const rows = found.filter((row) => row !== undefined).toSorted((a, b) => a.firstUserSeq - b.firstUserSeq);
    if (rows.length < sleepers.length) throw new StoreError('store_corrupt', 'A run that waits has no row.');
    const states = await statesOf(store, stream, rows);
    await this.#threadsAtHand(stream, rows);
    // Nothing is waited for from here on: of two who wake a run, the first does.
    if (stream.gone !== undefined) throw stream.gone;
    return rows.flatMap((row) => {
      const sleeper = stream.asleep.get(row.run);
      if (sleeper === undefined) return [];
      this.forget(sleeper);
      return this.host.takeUp(stream, row, states.get(row.run), sleeper.ended);
    });
  }

  /** What is told of a run changes the row of its thread (TH3). */
  async #threadsAtHand({ tenant, user, threads }: UserStream, rows: readonly RunRow[]): Promise<void> {
    const needed = rows.flatMap(({ thread }) => thread ?? []);
    while (needed.some((thread) => !threads.has(thread)))
      await Promise.all(
        needed.map((thread) => threads.load(thread, () => this.host.store.thread(tenant, user, thread))),
      );
  }
}
