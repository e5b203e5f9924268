/**
 * One run on its node, from its queueing to its end.
 *
 *   queued     waits for a slot.                                    -> running, ended, stopped
 *   running    its body works and its deadline's clock runs.        -> suspended, ended, stopped
 *   suspended  its open calls are all waits or in doubt; the slot
 *              is returned and the deadline's clock stands.         -> running, ended, stopped
 *   ended      its terminal event is stamped; nothing follows.
 *   stopped    this node let go of it (closing, fenced, store lost): nothing more is told here; its journal goes on
 *              with whoever owns the user next.
 *
 * N1  The terminal event is stamped once, after everything that was open in the run is closed (P4).
 * N2  Nothing is told of a run before `run.queued` is durable, nor after it ended or was stopped.
 * N3  A run's own failure (a bug, a divergence, a path used twice) ends it; a body can't swallow it.
 */
import type { Clock } from '../core/clock.ts';
import {
  CancelledError,
  DeadlineError,
  DivergenceError,
  EngineError,
  LimitError,
  toErrorInfo,
} from '../core/errors.ts';
import { copyJson, isJsonObject, toJson, type Json, type JsonCopy } from '../core/json.ts';
import { limits } from '../core/limits.ts';
import type { Principal } from '../core/principal.ts';
import type { Context } from '../agents/workflow.ts';
import { isBlobRef, type Doubt, type EventData, type EventType, type Failure } from '../journal/event.ts';
import { failuresAfter } from '../journal/failures.ts';
import type { Outcome, RunState } from '../journal/run-state.ts';
import { RunContext } from './context.ts';
import type { EngineNode } from './node.ts';
import { Recorded } from './recorded.ts';
import { Scope } from './scope.ts';
import { Signals } from './signals.ts';
import { keptBytes, type UserStream } from './user-stream.ts';

export type Phase = 'queued' | 'running' | 'suspended' | 'ended' | 'stopped';

/** What a run is made of. `state` is there when its journal was read. */
export type RunSeed = {
  readonly id: string;
  readonly thread: string | undefined;
  readonly user: Principal;
  readonly workflow: string;
  readonly input: Json;
  readonly deadlineMs: number;
  readonly body: (ctx: Context, input: Json) => Promise<unknown>;
  readonly state: RunState | undefined;
};

/** What somebody decided of a call in doubt. `output` belongs to `happened`. */
export type Decision = { readonly decision: Doubt; readonly output: Json };

export class Run {
  readonly id: string;
  readonly thread: string | undefined;
  readonly user: Principal;
  readonly workflow: string;
  readonly node: EngineNode;
  readonly stream: UserStream;
  readonly recorded: Recorded;
  readonly signals: Signals;
  readonly doubts = new Map<string, (decision: Decision) => void>();
  readonly ended: Promise<Outcome>;
  #phase: Phase = 'queued';
  #seed: RunSeed | undefined;
  #seq: number;
  #root: Scope | undefined;
  #active = 0;
  #activeMs: number;
  #activeSince = 0;
  readonly #deadlineMs: number;
  #stopDeadline: (() => void) | undefined;
  #failures: readonly Failure[];
  #ownFailure: EngineError | undefined;
  #stopError: EngineError | undefined;
  #checking = false;
  #wake: { readonly promise: Promise<void>; readonly resolve: () => void } | undefined;
  #resolveEnded!: (outcome: Outcome) => void;
  #rejectEnded!: (error: EngineError) => void;

  constructor(node: EngineNode, stream: UserStream, seed: RunSeed) {
    this.id = seed.id;
    this.thread = seed.thread;
    this.user = seed.user;
    this.workflow = seed.workflow;
    this.node = node;
    this.stream = stream;
    this.#seed = seed;
    this.#deadlineMs = seed.deadlineMs;
    this.#seq = seed.state?.seq ?? 0;
    this.#activeMs = seed.state?.activeMs ?? 0;
    this.#failures = seed.state?.failures ?? [];
    this.recorded = new Recorded(seed.state);
    this.signals = new Signals(this, seed.state?.signals ?? []);
    this.ended = new Promise((resolve, reject) => {
      this.#resolveEnded = resolve;
      this.#rejectEnded = reject;
    });
    // Somebody may look at the end later or never; until then it is not an unhandled rejection.
    this.ended.catch(() => undefined);
  }

  get clock(): Clock {
    return this.node.clock;
  }

  get phase(): Phase {
    return this.#phase;
  }

  /** Is something still to be told of this run here? */
  get live(): boolean {
    return this.#phase !== 'ended' && this.#phase !== 'stopped';
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
    this.stream.stamp(type, data, place, facts?.bytes);
    // Counted only now: an event that is refused as too large must leave no gap.
    this.#seq = seq;
    if (seq === limits.runEventsMax)
      this.fail(
        new LimitError(`A run may have ${limits.runEventsMax} events.`, { hint: 'Split the work into several runs.' }),
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
    return isJsonObject(kept) && isBlobRef(kept) ? this.node.blob(this.stream.tenant, this.stream.user, kept) : kept;
  }

  /** A line in the journal; on a re-run those that were told before are not told again. */
  note(path: string, code: string, text: string, data?: unknown): void {
    if (this.recorded.tookNote(path)) return;
    const copy = data === undefined ? undefined : copyJson(data, 'the data of a note');
    const note = { code, text, ...(copy === undefined ? {} : { data: this.keep(copy) }) };
    this.emit('note', note, path === '' ? undefined : path, {
      bytes: text.length + (copy === undefined ? 0 : keptBytes(copy)),
    });
  }

  /** Something came after the run had ended: told to the user outside of it. */
  late(text: string): void {
    if (this.#phase === 'ended') this.stream.stamp('note', { code: 'late', text, data: { run: this.id } });
  }

  // --- slots -------------------------------------------------------------------------------------------------------

  /** The scheduler gives the slot that this run waits for. */
  grant(): void {
    if (this.#phase === 'queued') void this.#execute();
    else if (this.#phase === 'suspended') this.#resume('woken');
    else this.node.scheduler.release(this);
  }

  /** Ms that the run has been running: what fairness and the deadline count. */
  activeMs(): number {
    return this.#phase === 'running' ? this.#activeMs + this.clock.monotonic() - this.#activeSince : this.#activeMs;
  }

  #run(): void {
    this.#phase = 'running';
    this.#activeSince = this.clock.monotonic();
    const leftMs = Math.max(0, this.#deadlineMs - this.#activeMs);
    this.#stopDeadline = this.clock.after(leftMs, () =>
      this.#root?.cancel(new DeadlineError('The run', this.#deadlineMs)),
    );
  }

  #halt(phase: Phase): void {
    if (this.#phase === 'running') this.#activeMs += this.clock.monotonic() - this.#activeSince;
    this.#phase = phase;
    this.#stopDeadline?.();
    this.#stopDeadline = undefined;
  }

  /** Called by scopes: how many innermost calls do more than wait (T4). */
  activeChanged(change: number): void {
    this.#active += change;
    if (this.#active > 0 || this.#checking) return;
    this.#checking = true;
    // Looked at on the next turn: a body often opens its next call right after this one.
    this.clock.soon(() => {
      this.#checking = false;
      if (this.#active === 0 && this.#phase === 'running' && this.#root?.cancelled === undefined) this.#suspend();
    });
  }

  #suspend(): void {
    const waits = [...this.signals.openWaits(), ...this.doubts.keys()];
    const activeLeftMs = Math.max(0, Math.round(this.#deadlineMs - this.activeMs()));
    this.emit('run.suspended', { activeLeftMs, waits: waits.slice(0, limits.failuresKeptMax) });
    this.#halt('suspended');
    this.node.scheduler.release(this);
  }

  /** A wait or a doubt has ended: resolves when the run has a slot again. */
  awake(): Promise<void> {
    if (this.#phase !== 'suspended') return Promise.resolve();
    if (this.#wake !== undefined) return this.#wake.promise;
    const wake = Promise.withResolvers<void>();
    this.#wake = wake;
    this.node.scheduler.add(this);
    return wake.promise;
  }

  #resume(reason: EventData['run.resumed']['reason']): void {
    this.emit('run.resumed', { node: this.node.id, reason });
    this.#run();
    this.#wake?.resolve();
    this.#wake = undefined;
  }

  // --- from its start to its end -----------------------------------------------------------------------------------

  async #execute(): Promise<void> {
    const seed = this.#seed;
    if (seed === undefined) return;
    this.#seed = undefined;
    const { state } = seed;
    if (state?.started === true)
      this.emit('run.resumed', { node: this.node.id, reason: state.status === 'parked' ? 'unparked' : 'recovered' });
    else this.emit('run.started', { node: this.node.id });
    this.#run();
    const root = new Scope(this, undefined, '');
    this.#root = root;
    if (this.#ownFailure !== undefined) root.cancel(this.#ownFailure);
    try {
      await this.durable();
      const input = await this.value(seed.input);
      const outcome = await this.#outcome(root, async () => seed.body(new RunContext(root), input));
      await this.#end(outcome);
    } catch (thrown) {
      // Only a stream that is gone gets here: the run goes on where its user is owned next.
      this.stop(EngineError.is(thrown) ? thrown : new EngineError('bug', toErrorInfo(thrown).message));
    }
  }

  async #outcome(root: Scope, body: () => Promise<unknown>): Promise<Outcome> {
    let copy: JsonCopy | undefined;
    let failure: unknown;
    try {
      const output = await root.until(body());
      copy = copyJson(output ?? null, `the result of workflow "${this.workflow}"`);
    } catch (thrown) {
      failure = thrown;
    }
    await root.closeCalls('the run has ended');
    if (this.#stopError !== undefined) throw this.#stopError;
    // The reason of a cancel counts, not what the body made of it (N3).
    const cause = this.#ownFailure ?? root.cancelled;
    if (cause instanceof CancelledError) return { status: 'cancelled', reason: cause.message };
    if (cause !== undefined) return { status: 'failed', error: toErrorInfo(cause) };
    const unreached = this.recorded.unreached();
    if (unreached !== undefined)
      return {
        status: 'failed',
        error: toErrorInfo(
          new DivergenceError(
            `Step "${unreached}" is completed in the journal, but the run ended without reaching it.`,
          ),
        ),
      };
    if (copy === undefined) return { status: 'failed', error: toErrorInfo(failure) };
    const output = this.keep(copy);
    return this.#failures.length === 0
      ? { status: 'completed', output }
      : { status: 'degraded', output, reasons: this.#failures };
  }

  async #end(outcome: Outcome): Promise<void> {
    this.#root?.close();
    switch (outcome.status) {
      case 'completed':
        this.emit('run.completed', { output: outcome.output });
        break;
      case 'degraded':
        this.emit('run.degraded', { output: outcome.output, reasons: outcome.reasons });
        break;
      case 'failed':
        this.emit('run.failed', { error: outcome.error });
        break;
      case 'cancelled':
        this.emit('run.cancelled', { reason: outcome.reason });
    }
    const hadSlot = this.#phase === 'running';
    this.#halt('ended');
    if (hadSlot) this.node.scheduler.release(this);
    else this.node.scheduler.remove(this);
    this.#root = undefined;
    await this.durable();
    this.stream.runs.delete(this.id);
    this.node.runEnded(this);
    const ended =
      outcome.status === 'completed' || outcome.status === 'degraded'
        ? { ...outcome, output: await this.value(outcome.output) }
        : outcome;
    this.#resolveEnded(ended);
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
    else this.#root.cancel(new CancelledReason(reason));
  }

  async #endUnstarted(outcome: Outcome): Promise<void> {
    if (this.#phase !== 'queued' || this.#seed === undefined) return;
    this.#seed = undefined;
    this.#closeRecorded();
    await this.#end(outcome).catch((thrown: unknown) => this.stop(thrown as EngineError));
  }

  /** Tells the end of what the journal left open when the node before stopped (N1). */
  #closeRecorded(): void {
    const error = toErrorInfo(new CancelledError('the run has ended'));
    for (const { kind, path, attempt, once, name } of this.recorded.open()) {
      if (kind === 'wait') this.emit('wait.ended', { by: 'cancelled' }, path);
      else if (once) this.emit('tool.indoubt', { tool: name ?? '', error }, path, { attempt });
      else this.emit(`${kind}.failed`, { error, retryInMs: null }, path, { attempt });
    }
  }

  /** This node lets go of the run. Its calls are told to stop, and nothing more is journaled here. */
  stop(error: EngineError): void {
    if (!this.live) return;
    this.#stopError = error;
    const hadSlot = this.#phase === 'running';
    this.#halt('stopped');
    if (hadSlot) this.node.scheduler.release(this);
    else this.node.scheduler.remove(this);
    this.stream.runs.delete(this.id);
    this.#root?.cancel(error);
    this.#rejectEnded(error);
  }

  // --- what somebody says to it ------------------------------------------------------------------------------------

  /** Waits for somebody to decide of a call in doubt. */
  decision(path: string, scope: Scope): Promise<Decision> {
    scope.waiting = true;
    return new Promise<Decision>((resolve, reject) => {
      scope.onCancel((cause) => {
        this.doubts.delete(path);
        reject(cause);
      });
      this.doubts.set(path, (decision) => {
        this.doubts.delete(path);
        scope.waiting = false;
        this.emit('doubt.decided', { decision: decision.decision }, path);
        resolve(decision);
      });
    });
  }

  /** A copy of a value as this run's journal keeps it. */
  copy(value: unknown, what: string): JsonCopy {
    return copyJson(value === undefined ? null : value, what);
  }

  json(value: unknown, what: string): Json {
    return toJson(value, what);
  }

  get holding(): boolean {
    return this.node.closing || this.#phase === 'stopped';
  }
}

/** A user's cancel, whose message is the reason alone. */
class CancelledReason extends CancelledError {
  constructor(reason: string) {
    super(reason);
    this.message = reason;
  }
}
