/**
 * One run on its node, from its queueing to its end.
 *
 *   queued     waits for a slot.                                    -> running, ended, stopped
 *   running    its body works and its deadline's clock runs.        -> suspended, ended, stopped
 *   suspended  its open calls are all waits or in doubt; the slot
 *              is returned and the deadline's clock stands.         -> running, evicted, ended, stopped
 *   evicted    it was suspended and quiet for long: the body is
 *              dropped, and a sleeper stands for it (sleepers.ts).
 *   ended      its terminal event is stamped; nothing follows.
 *   stopped    this node let go of it (closing, fenced, store lost): nothing more is told here; its journal goes on
 *              with whoever owns the user next.
 *
 * N1  The terminal event is stamped once, after everything that was open in the run is closed (P4).
 * N2  Nothing is told of a run before `run.queued` is durable, nor after it ended or was stopped.
 * N3  A run's own failure (a bug, a divergence, a path used twice) ends it; a body can't swallow it.
 */
import { assert } from '../core/assert.ts';
import type { Clock } from '../core/clock.ts';
import { DeadlineError, EngineError, LimitError, toErrorInfo, ValidationError } from '../core/errors.ts';
import { copyJson, type Json, type JsonCopy } from '../core/json.ts';
import { limits } from '../core/limits.ts';
import type { Principal } from '../core/principal.ts';
import { isBlobRef, type EventData, type EventType, type Failure } from '../journal/event.ts';
import { failuresAfter } from '../journal/failures.ts';
import type { Outcome, RunState } from '../journal/run-state.ts';
import { RunContext } from './context.ts';
import { ActiveTime } from './active-time.ts';
import { Doubts } from './doubts.ts';
import { Eviction } from './eviction.ts';
import type { EngineNode } from './node.ts';
import { Recorded } from './recorded.ts';
import type { Runnable } from './registry.ts';
import {
  badOutcome,
  CancelledReason,
  closeRecorded,
  divergenceOf,
  goodOutcome,
  noResult,
  resultOf,
  tellEnd,
} from './run-end.ts';
import { Scope, type CancelWatcher, type WorkEnd } from './scope.ts';
import { Signals } from './signals.ts';
import { keptBytes, type UserStream } from './user-stream.ts';

export type Phase = 'queued' | 'running' | 'suspended' | 'evicted' | 'ended' | 'stopped';

/** What a run is made of. `state` is there when its journal was read. */
export type RunSeed = {
  readonly id: string;
  readonly thread: string | undefined;
  readonly user: Principal;
  readonly workflow: string;
  readonly input: Json;
  readonly deadlineMs: number;
  /** Undefined where this node doesn't have the version: the run is parked. */
  readonly runnable: Runnable | undefined;
  readonly state: RunState | undefined;
  /** As its journal has it (`run.queued`). */
  readonly originUserSeq: number | undefined;
  /** Who waits for its end, from its life before. */
  readonly ended?: PromiseWithResolvers<Outcome> | undefined;
};

const none: readonly never[] = Object.freeze([]);

export class Run implements CancelWatcher {
  readonly id: string;
  readonly thread: string | undefined;
  readonly user: Principal;
  readonly workflow: string;
  readonly node: EngineNode;
  readonly stream: UserStream;
  readonly recorded: Recorded;
  readonly #origin: number | undefined;
  /** Was it recovered often without getting on? Then it may be what ends its process. */
  suspect: boolean;
  #phase: Phase = 'queued';
  #seed: RunSeed | undefined;
  #seq: number;
  #root: Scope | undefined;
  #active = 0;
  readonly #time: ActiveTime;
  /** The input of the run that it goes on as. */
  #next: JsonCopy | undefined;
  /** The place of its last event in the user's stream. */
  #place = 0;
  /** Of what has said that it may not be evicted, and when each of them is due. */
  #holds: Set<{ readonly dueAt: number }> | undefined;
  #eviction: Eviction | undefined;
  #granted: PromiseWithResolvers<void> | undefined;
  #failures: readonly Failure[];
  #ownFailure: EngineError | undefined;
  #stopError: EngineError | undefined;
  #checking = false;
  /** Blobs being read. */
  reading = 0;
  #wake: { readonly promise: Promise<void>; readonly resolve: () => void } | undefined;
  #signals: Signals | undefined;
  #doubts: Doubts | undefined;
  #ended: PromiseWithResolvers<Outcome> | undefined;
  #outcome: Outcome | undefined;

  constructor(node: EngineNode, stream: UserStream, seed: RunSeed) {
    this.id = seed.id;
    this.thread = seed.thread;
    this.user = seed.user;
    this.workflow = seed.workflow;
    this.node = node;
    this.stream = stream;
    this.#seed = seed;
    this.#origin = seed.originUserSeq;
    this.#time = new ActiveTime(node.clock, seed.deadlineMs, seed.state?.activeMs ?? 0);
    this.#ended = seed.ended;
    this.#seq = seed.state?.seq ?? 0;
    this.#failures = seed.state?.failures ?? none;
    this.recorded = Recorded.of(seed.state);
    this.suspect = (seed.state?.recoveriesWithoutProgress ?? 0) >= limits.suspectRecoveries;
    if (seed.state !== undefined && seed.state.signals.length > 0)
      this.#signals = new Signals(this, seed.state.signals);
  }

  /** Signals to this run and the waits for them; made when first used, as what follows is: most runs have none. */
  get signals(): Signals {
    return (this.#signals ??= new Signals(this, []));
  }

  /** Where it began in the user's stream, or the first of the runs that it goes on from. */
  get originUserSeq(): number | undefined {
    return this.#origin ?? this.stream.rows.get(this.id)?.firstUserSeq;
  }

  /** What it was asked, while it waits for its first slot. */
  get asked(): Json | undefined {
    return this.#phase === 'queued' && !this.parked ? this.#seed?.input : undefined;
  }

  /** Does this node lack its version? */
  get parked(): boolean {
    return this.#seed !== undefined && this.#seed.runnable === undefined;
  }

  /** Its calls in doubt. */
  get doubts(): Doubts {
    return (this.#doubts ??= new Doubts(this));
  }

  /** How it ended, as soon as that is durable. Rejects when this node lets go of it before. */
  get ended(): Promise<Outcome> {
    if (this.#ended === undefined) {
      this.#ended = Promise.withResolvers<Outcome>();
      // Whoever asked may have gone: then it is not an unhandled rejection.
      this.#ended.promise.catch(() => undefined);
      if (this.#outcome !== undefined) this.#ended.resolve(this.#outcome);
      else if (this.#stopError !== undefined) this.#ended.reject(this.#stopError);
    }
    return this.#ended.promise;
  }

  get clock(): Clock {
    return this.node.clock;
  }

  get phase(): Phase {
    return this.#phase;
  }

  get deadlineMs(): number {
    return this.#time.deadlineMs;
  }

  /** Is something still to be told of this run here? */
  get live(): boolean {
    return this.#phase !== 'ended' && this.#phase !== 'stopped' && this.#phase !== 'evicted';
  }

  /** Stamps an event of this run. Returns its seq, or 0 when there is nothing more to tell. */
  emit<T extends EventType>(
    type: T,
    data: EventData[T],
    path?: string,
    facts?: { readonly attempt?: number; readonly bytes?: number },
  ): number {
    if (!this.live) return 0;
    const seq = this.#seq + 1;
    const place = { run: this.id, seq, thread: this.thread, path, attempt: facts?.attempt };
    this.#place = this.stream.stamp(type, data, place, facts?.bytes).userSeq;
    if (this.suspect && (type.endsWith('.completed') || type === 'wait.ended')) this.node.scheduler.clear(this);
    // Counted only now: an event that is refused as too large must leave no gap.
    this.#seq = seq;
    if (seq === limits.runEventsMax)
      this.fail(
        new LimitError(`A run may have ${limits.runEventsMax} events.`, {
          hint: 'Split the work into several runs, or let it go on as another one: ctx.restart(input).',
        }),
      );
    if (type.endsWith('.failed') || type === 'note' || type === 'tool.completed') {
      this.#failures = failuresAfter(this.#failures, { type, data, path });
    }
    return seq;
  }

  /** Resolves when all that was told is durable. Rejects when it never will be here, and then the run is over here. */
  durable(): Promise<void> {
    return this.stream.durable();
  }

  /** What stands for a value in an event. */
  keep(copy: JsonCopy): Json {
    return this.stream.keep(copy);
  }

  /** The value that an event's value stands for. */
  async value(kept: Json): Promise<Json> {
    if (!isBlobRef(kept)) return kept;
    this.reading++;
    try {
      return await this.node.value(this.stream.tenant, this.stream.user, kept);
    } finally {
      this.reading--;
    }
  }

  /** A line in the journal; on a re-run those that were told before are not told again. */
  note(path: string, code: string, text: unknown, data?: unknown): void {
    if (typeof text !== 'string') throw new ValidationError('The text of a note or a reason is a string.');
    if (this.recorded.tookNote(path)) return;
    const copy = data === undefined ? undefined : copyJson(data, 'the data of a note');
    const note = { code, text, ...(copy === undefined ? {} : { data: this.keep(copy) }) };
    this.emit('note', note, path === '' ? undefined : path, {
      bytes: text.length + (copy === undefined ? 0 : keptBytes(copy)),
    });
  }

  /** Something came after the call it belongs to had ended: told to the user outside of the run. */
  late(text: string, path: string): void {
    if (this.#phase !== 'stopped') this.stream.stamp('note', { code: 'late', text, data: { run: this.id, path } });
  }

  // --- slots -------------------------------------------------------------------------------------------------------

  /** The scheduler gives the slot that this run waits for. */
  grant(): void {
    if (this.#phase === 'queued') void this.#execute();
    else if (this.#phase === 'suspended' && this.#root?.cancelled === undefined) this.#resume('woken');
    else this.node.scheduler.release(this);
  }

  /** Ms that the run has been running: what fairness and the deadline count. */
  activeMs(): number {
    return this.#time.usedMs;
  }

  #run(): void {
    this.#phase = 'running';
    this.#eviction?.stop();
    this.#granted?.resolve();
    this.#time.begin(() => this.#root?.cancel(new DeadlineError('The run', this.#time.deadlineMs)));
  }

  /** Resolves when it has its first slot, or needs none any more. */
  untilGranted(): Promise<void> {
    if (this.#phase !== 'queued') return Promise.resolve();
    return (this.#granted ??= Promise.withResolvers<void>()).promise;
  }

  #halt(phase: Phase): void {
    this.#time.stand();
    this.#phase = phase;
    this.#signals?.wake();
    if (this.live) return;
    this.#eviction?.stop();
    this.#granted?.resolve();
    this.#doubts?.wake();
  }

  /** Called by scopes: how many innermost calls do more than wait (T4). */
  activeChanged(change: number): void {
    this.#active += change;
    if (this.#active > 0 || this.#checking) return;
    this.#checking = true;
    // Looked at on the next turn: a body often opens its next call right after this one.
    this.clock.soon(() => {
      this.#checking = false;
      // A signal that is being matched may go on with it at once.
      if (this.#active > 0 || this.#signals?.matching === true) return;
      if (this.#phase === 'running' && this.#root?.cancelled === undefined) this.#suspend();
    });
  }

  #suspend(): void {
    const waits = [...(this.#signals?.openWaits() ?? []), ...(this.#doubts?.paths() ?? [])];
    const wakeAt = this.#wakeAt();
    this.emit('run.suspended', {
      activeLeftMs: Math.round(this.#time.leftMs),
      waits: waits.slice(0, limits.failuresKeptMax),
      wakeAt: wakeAt ?? null,
    });
    this.#halt('suspended');
    this.node.scheduler.release(this);
    if (this.#eviction === undefined) this.#eviction = new Eviction(this);
    else this.#eviction.restart();
  }

  /** When something in it is due, if anything is. */
  #wakeAt(): number | undefined {
    let wakeAt = this.#signals?.nextDueAt() ?? Infinity;
    for (const { dueAt } of this.#holds ?? none) wakeAt = Math.min(wakeAt, dueAt);
    return wakeAt === Infinity ? undefined : wakeAt;
  }

  /** Something goes on with this run that a new body could not go on with: it is not evicted until that is over. */
  hold(dueAt = Infinity): () => void {
    const hold = { dueAt };
    this.#holds = (this.#holds ?? new Set()).add(hold);
    return () => {
      this.#holds?.delete(hold);
      if (this.#phase === 'suspended') this.#eviction?.restart();
    };
  }

  /** Drops the body of a run that only waits; false when it may not be (SL1). */
  evict(): boolean {
    const row = this.stream.rows.get(this.id);
    if (row === undefined || !this.#isQuiet() || !this.stream.hasCommitted(this.#place)) return false;
    const wakeAt = this.#wakeAt();
    this.#halt('evicted');
    this.#signals?.drop();
    this.stream.runs.delete(this.id);
    this.stream.rows.delete(this.id);
    this.node.sleepers.add(this.stream, { ...row, wakeAt, ended: this.#ended });
    return true;
  }

  #isQuiet(): boolean {
    if (this.#phase !== 'suspended' || this.#root?.cancelled !== undefined || this.#ownFailure !== undefined)
      return false;
    const isHeld = (this.#holds?.size ?? 0) + this.reading > 0;
    return !isHeld && this.#wake === undefined && this.#signals?.matching !== true;
  }

  /** A wait or a doubt has ended: resolves when the run has a slot again. */
  awake(): Promise<void> {
    if (this.#phase !== 'suspended' || this.#root?.cancelled !== undefined) return Promise.resolve();
    if (this.#wake !== undefined) return this.#wake.promise;
    const wake = Promise.withResolvers<void>();
    this.#wake = wake;
    this.node.scheduler.add(this);
    return wake.promise;
  }

  /** What is to end needs no slot for it, and there may be none for long. */
  cancelled(): void {
    this.#wake?.resolve();
  }

  #resume(reason: EventData['run.resumed']['reason']): void {
    this.emit('run.resumed', { node: this.node.id, reason });
    this.#run();
    this.#wake?.resolve();
    this.#wake = undefined;
  }

  // --- from its start to its end -----------------------------------------------------------------------------------

  async #execute(): Promise<void> {
    this.#tellBegun();
    this.#run();
    const root = new Scope(this, undefined, '');
    this.#root = root;
    root.watch(this);
    if (this.#ownFailure !== undefined) root.cancel(this.#ownFailure);
    try {
      await this.durable();
      const { body } = await this.#body(root);
      // Not awaited here: a run may wait long, and a frame that waits with it costs as much as the run.
      root.settle(body, (end) => void this.#bodyEnded(root, end));
    } catch (thrown) {
      this.#lost(thrown);
    }
  }

  async #bodyEnded(root: Scope, end: WorkEnd<unknown>): Promise<void> {
    try {
      await this.#end(await this.#outcomeOf(root, end));
    } catch (thrown) {
      this.#lost(thrown);
    }
  }

  /** Only a stream that is gone leads here: the run goes on where its user is owned next. */
  #lost(thrown: unknown): void {
    this.stop(EngineError.is(thrown) ? thrown : new EngineError('bug', toErrorInfo(thrown).message));
  }

  #tellBegun(): void {
    const state = this.#seed?.state;
    if (state?.started !== true) return void this.emit('run.started', { node: this.node.id });
    // One that only waited when its node went had nothing to recover.
    const reason = state.status === 'parked' ? 'unparked' : state.status === 'suspended' ? 'woken' : 'recovered';
    this.emit('run.resumed', { node: this.node.id, reason });
  }

  /** Starts the body. What it was made of is let go, and no frame stays behind, for runs may wait long. */
  async #body(root: Scope): Promise<{ readonly body: Promise<unknown> }> {
    const seed = this.#seed;
    this.#seed = undefined;
    try {
      assert(seed?.runnable !== undefined, 'a run begins without its workflow');
      const parsed = await seed.runnable.parse(await this.value(seed.input));
      // Not every body is of TypeScript: one may return a plain value, or something that is a promise only by its looks.
      return { body: Promise.resolve(seed.runnable.body(new RunContext(root), parsed)) };
    } catch (thrown) {
      return { body: Promise.reject(thrown) };
    }
  }

  async #outcomeOf(root: Scope, end: WorkEnd<unknown>): Promise<Outcome> {
    const result = this.#next === undefined ? resultOf(this, end) : noResult;
    await root.closeCalls('the run has ended');
    if (this.#stopError !== undefined) throw this.#stopError;
    // The reason of a cancel counts, not what the body made of it (N3).
    const cause = this.#ownFailure ?? (this.#next === undefined ? root.cancelled : undefined);
    if (cause !== undefined) return badOutcome(cause);
    if ('failure' in result) return badOutcome(result.failure, 'failed');
    const divergence = await divergenceOf(this);
    if (divergence !== undefined) return badOutcome(divergence);
    const continuedAs = this.#next === undefined ? undefined : this.node.random.id();
    return goodOutcome(this, result.copy, this.#failures, continuedAs);
  }

  async #end(decided: Outcome): Promise<void> {
    // A cancel of the last turns ends it too: what it went on as would never hear of it.
    const outcome = this.#next !== undefined && this.#ownFailure !== undefined ? badOutcome(this.#ownFailure) : decided;
    this.#root?.close();
    closeRecorded(this, 'the run has ended');
    tellEnd(this, outcome);
    const hadSlot = this.#phase === 'running';
    this.#halt('ended');
    if ('continuedAs' in outcome && this.#next !== undefined)
      this.node.continueRun(this, outcome.continuedAs, this.#next);
    if (hadSlot) this.node.scheduler.release(this);
    else this.node.scheduler.remove(this);
    this.#root = undefined;
    await this.durable();
    this.stream.runs.delete(this.id);
    const ended =
      outcome.status === 'completed' || outcome.status === 'degraded'
        ? { ...outcome, output: await this.value(outcome.output) }
        : outcome;
    this.#outcome = ended;
    this.#ended?.resolve(ended);
  }

  /** Ends the run as failed with its own fault, whatever its body does with the error (N3). */
  fail(error: EngineError): void {
    this.#ownFailure ??= error;
    if (this.#root === undefined) void this.#endUnstarted({ status: 'failed', error: toErrorInfo(error) });
    else this.#root.cancel(error);
  }

  /** Somebody wants the run to end. Told in the journal first, so that a crash doesn't forget it. */
  cancel(reason: string): void {
    if (!this.live) return;
    this.emit('cancel.requested', { reason });
    this.cancelNow(reason);
  }

  /** As `cancel`, for a wish that is in the journal already. */
  cancelNow(reason: string): void {
    if (this.#root === undefined) void this.#endUnstarted({ status: 'cancelled', reason });
    else {
      const cause = new CancelledReason(reason);
      // Cancel always ends it, also when it was just about to go on as another one.
      if (this.#next !== undefined) this.#ownFailure ??= cause;
      this.#root.cancel(cause);
    }
  }

  /** Ends the body here: the run goes on as another one with this input. */
  goOnWith(input: JsonCopy, cause: EngineError): void {
    if (this.#root?.cancelled !== undefined) return;
    this.#next = input;
    this.#root?.cancel(cause);
  }

  /** Another run answers what this one was asked; it has not begun. */
  goOnIn(run: string): void {
    void this.#endUnstarted({ status: 'completed', output: null, continuedAs: run });
  }

  async #endUnstarted(outcome: Outcome): Promise<void> {
    if (this.#phase !== 'queued' || this.#seed === undefined) return;
    this.#seed = undefined;
    await this.#end(outcome).catch((thrown: unknown) => this.stop(thrown as EngineError));
  }

  /** This node lets go of the run. Its calls are told to stop, and nothing more is journaled here. */
  stop(error: EngineError): void {
    this.#stopError ??= error;
    // Its end was stamped and may never be durable here: who waits for it must hear of that (W3).
    if (this.#phase === 'ended') this.#ended?.reject(error);
    if (!this.live) return;
    const hadSlot = this.#phase === 'running';
    this.#halt('stopped');
    if (hadSlot) this.node.scheduler.release(this);
    else this.node.scheduler.remove(this);
    this.stream.runs.delete(this.id);
    this.#root?.cancel(error);
    this.#ended?.reject(error);
  }

  // --- what somebody says to it ------------------------------------------------------------------------------------

  /** A copy of a value as this run's journal keeps it. */
  copy(value: unknown, what: string): JsonCopy {
    return copyJson(value === undefined ? null : value, what);
  }

  get holding(): boolean {
    return this.node.closing || this.#phase === 'stopped' || this.#phase === 'evicted';
  }
}
