/**
 * The tries of one call: a plain step, an agent's, a tool's or a model's.
 *
 * A1  A call that ended answers from the journal and is not tried again (P3).
 * A2  Only leaf calls are tried again in place. A call that had calls inside gets a new path for its next try, so
 *     that they begin anew.
 * A3  A failed try is told with `retryInMs`, so that what was shown of it can be taken back.
 * A4  A `once` tool whose try ended without a result or `NotApplied`, whatever ended it, is in doubt; so is a call
 *     that would be tried again though a `once` tool was started inside it. What is in doubt waits for a decision.
 * A5  A try that the node's end cut off is told as `interrupted` and doesn't count against the retry policy.
 * A6  A final failure is durable before it is thrown, as a result is before it is returned: what the body does next
 *     rests on it. What is thrown has the same shape live and on a re-run.
 * A7  A call that is stopped before the next try that was told of it, or while it is in doubt, is told as over: only a
 *     `once` tool stays in doubt, for what it did is not known.
 */
import {
  CancelledError,
  DeadlineError,
  EngineError,
  fromErrorInfo,
  ModelError,
  toErrorInfo,
  type ErrorInfo,
} from '../core/errors.ts';
import type { Json } from '../core/json.ts';
import { limits } from '../core/limits.ts';
import { retryDelayMs, type RetryPolicy } from '../agents/retry.ts';
import { attemptPath } from '../journal/path.ts';
import { failedOfItself, type StepState } from '../journal/run-state.ts';
import type { Decision } from './doubts.ts';
import { closeRecorded } from './run-end.ts';
import type { Run } from './run.ts';
import type { Scope } from './scope.ts';

export type CallSpec<Result> = {
  readonly kind: 'step' | 'agent' | 'tool' | 'model';
  /** For messages: `tool "add"`. */
  readonly label: string;
  readonly path: string;
  readonly retry: RetryPolicy | undefined;
  readonly timeoutMs: number | undefined;
  /** The name of a `once` tool, if this is its call. */
  readonly once?: string;
  /** Tells that a try begins; what it returns is awaited before the work begins. */
  begin(path: string, attempt: number): Promise<void> | undefined;
  work(scope: Scope, attempt: number): Promise<Result>;
  /** Tells the result. */
  complete(result: Result, path: string, attempt: number): void;
  /** Tells a result that somebody vouches for. */
  readonly vouched?: (output: Json, path: string, attempt: number) => Result;
};

/** What the journal has of a call; a divergence ends the run. */
export function recall(scope: Scope, path: string, kind: StepState['kind'], digest?: string): StepState | undefined {
  try {
    return scope.run.recorded.at(path, kind, digest);
  } catch (thrown) {
    scope.run.fail(thrown as EngineError);
    throw thrown;
  }
}

/** Throws the error of a call that has failed for good in the journal, as it was thrown when it happened (A6). */
export function rethrowFailed(recorded: StepState | undefined): void {
  if (recorded?.status !== 'failed') return;
  throw fromErrorInfo(recorded.error ?? toErrorInfo('unknown'));
}

/** Works at a call until it ends. `recorded` is what the journal has of it, if it has not ended there. */
export function attemptCall<Result>(
  parent: Scope,
  spec: CallSpec<Result>,
  recorded: StepState | undefined,
): Promise<Result> {
  return new Attempts(parent, spec, recorded).run(recorded);
}

/** A result wrapped, so that `undefined` can say that there is another try. */
type Settled<Result> = { readonly result: Result } | undefined;

class Attempts<Result> {
  readonly #parent: Scope;
  readonly #spec: CallSpec<Result>;
  readonly #run: Run;
  /** Where the next try works, its number, and the tries that failed of themselves. */
  #path: string;
  #attempt: number;
  #failures: number;
  /** Open from when the next try is told of until that begins, so that nothing around it ends meanwhile (scope T3). */
  #between: Scope | undefined;

  constructor(parent: Scope, spec: CallSpec<Result>, recorded: StepState | undefined) {
    this.#parent = parent;
    this.#spec = spec;
    this.#run = parent.run;
    this.#path = recorded?.path ?? spec.path;
    this.#attempt = recorded?.attempt ?? 1;
    this.#failures = recorded?.failures ?? 0;
  }

  async run(recorded: StepState | undefined): Promise<Result> {
    try {
      let settled = recorded === undefined ? undefined : await this.#takeUp(recorded);
      let begun = recorded?.status === 'open' && recorded.attempt === this.#attempt;
      while (settled === undefined) {
        settled = await this.#try(begun);
        begun = false;
      }
      return settled.result;
    } finally {
      this.#endBetween();
    }
  }

  /** There is no next try after all (A7), unless that has begun. */
  #endBetween(): void {
    if (this.#between === undefined) return;
    this.#tellFailed(toErrorInfo(this.#between.cancelled ?? new CancelledError('what it was part of has ended')), null);
    this.#closeBetween();
  }

  #closeBetween(): void {
    this.#between?.close();
    this.#between = undefined;
  }

  /** Goes on from what the journal has: an open try was cut off, a failed one waits for its next. */
  async #takeUp(recorded: StepState): Promise<Settled<Result>> {
    this.#parent.checkOpens(this.#path);
    // Also when it was stopped in its pause, and what stopped it is not over after all.
    if (recorded.retryAt !== undefined) return this.#takeUpFailed(recorded.status, recorded.retryAt);
    switch (recorded.status) {
      case 'cancelled':
        // The same path: what was completed inside before the cancel answers again.
        this.#attempt++;
        return undefined;
      case 'indoubt':
        return this.#settleDoubt();
      default:
        return this.#takeUpOpen();
    }
  }

  async #takeUpFailed(status: StepState['status'], retryAt: number): Promise<Settled<Result>> {
    this.#run.recorded.leave(this.#path);
    const between = this.#parent.openCall(this.#path);
    if (status === 'retrying') this.#between = between;
    try {
      await between.pause(Math.max(0, retryAt - this.#run.clock.now()));
    } finally {
      if (status !== 'retrying') between.close();
    }
    this.#nextTry(false);
    return undefined;
  }

  async #takeUpOpen(): Promise<Settled<Result>> {
    const error = toErrorInfo(
      new EngineError('interrupted', 'The node stopped while this was under way.', { retryable: true }),
    );
    // It had calls inside: it is entered again, and those that are completed answer.
    if (this.#spec.once === undefined && this.#run.recorded.hasCallsIn(this.#path)) return undefined;
    this.#run.recorded.enter(this.#path);
    if (this.#spec.once !== undefined) return this.#doubt(this.#spec.once, error);
    this.#tellFailed(error, 0);
    this.#nextTry(false);
    return undefined;
  }

  #nextTry(hadCalls: boolean): void {
    this.#attempt++;
    if (hadCalls || this.#run.recorded.hasCallsIn(this.#path)) {
      this.#path = attemptPath(this.#spec.path, this.#attempt);
    }
  }

  #tellFailed(error: ErrorInfo, retryInMs: number | null): void {
    this.#run.emit(`${this.#spec.kind}.failed`, { error, retryInMs }, this.#path, { attempt: this.#attempt });
    if (failedOfItself(error)) this.#failures++;
    if (retryInMs !== null) this.#between ??= this.#parent.openCall(this.#path);
  }

  /** One try. `begun`: the journal has its beginning already. */
  async #try(begun: boolean): Promise<Settled<Result>> {
    const scope = this.#parent.openCall(this.#path);
    const progress = { begun };
    try {
      return await this.#work(scope, progress);
    } catch (thrown) {
      if (thrown instanceof EndedMeanwhile) throw thrown.cause;
      if (!this.#run.live || !progress.begun) throw thrown;
      this.#run.recorded.leave(this.#path);
      await this.#closeInside(scope, 'had failed');
      scope.close();
      // A tool that is stopped and says that nothing was applied is believed: that is what `NotApplied` is for (A4).
      const known = EngineError.is(thrown) && thrown.code === 'not_applied';
      return await this.#afterFailure(scope, known ? thrown : (scope.cancelled ?? thrown));
    } finally {
      scope.close();
    }
  }

  async #work(scope: Scope, progress: { begun: boolean }): Promise<Settled<Result>> {
    const spec = this.#spec;
    if (!progress.begun) {
      const told = spec.begin(this.#path, this.#attempt);
      this.#closeBetween();
      await told;
    }
    progress.begun = true;
    if (spec.once !== undefined) this.#parent.markOnce(spec.once);
    const result = await this.#withinTime(scope, () => scope.until(spec.work(scope, this.#attempt)));
    await this.#closeInside(scope, 'had ended');
    // A tool that answers within its grace has answered, whatever became of the place around it.
    if (this.#parent.cancelled !== undefined && spec.kind !== 'tool') throw this.#parent.cancelled;
    spec.complete(result, this.#path, this.#attempt);
    await this.#run.durable();
    if (this.#parent.cancelled !== undefined) throw new EndedMeanwhile(this.#parent.cancelled);
    return { result };
  }

  /** What is open in a try is closed before its end is told: also what the journal has open and this life did not reach. */
  async #closeInside(scope: Scope, how: string): Promise<void> {
    const why = `${this.#spec.label} ${how}`;
    await scope.closeCalls(why);
    closeRecorded(this.#run, why, scope.path);
  }

  async #withinTime<T>(scope: Scope, work: () => Promise<T>): Promise<T> {
    const { timeoutMs, label } = this.#spec;
    if (timeoutMs === undefined) return work();
    const stop = this.#run.clock.after(timeoutMs, () => scope.cancel(new DeadlineError(label, timeoutMs)));
    const release = this.#run.hold(this.#run.clock.now() + timeoutMs);
    try {
      return await work();
    } finally {
      stop();
      release();
    }
  }

  async #afterFailure(scope: Scope, thrown: unknown): Promise<Settled<Result>> {
    const error = toErrorInfo(thrown);
    const delayMs = this.#parent.cancelled === undefined ? this.#nextDelayMs(thrown, error) : null;
    const once = this.#inDoubtBy(scope, error, delayMs);
    if (once !== undefined) return this.#doubt(once, error);
    this.#tellFailed(error, delayMs);
    if (delayMs === null) {
      await this.#run.durable();
      throw this.#parent.cancelled ?? fromErrorInfo(error);
    }
    if (delayMs > 0) await this.#between?.pause(delayMs);
    this.#nextTry(scope.hadCalls);
    return undefined;
  }

  /** The `once` tool that puts this call in doubt (A4). One that did answer, if in the wrong shape, does not. */
  #inDoubtBy(scope: Scope, error: ErrorInfo, delayMs: number | null): string | undefined {
    if (this.#spec.once !== undefined) {
      const known = error.code === 'not_applied' || error.code === 'tool_output_invalid';
      return known ? undefined : this.#spec.once;
    }
    return delayMs === null ? undefined : (scope.once ?? this.#run.recorded.onceIn(this.#path));
  }

  #nextDelayMs(thrown: unknown, error: ErrorInfo): number | null {
    if (!error.retryable) return null;
    const delayMs = retryDelayMs(this.#spec.retry, this.#failures + 1);
    if (delayMs === null || !(thrown instanceof ModelError) || thrown.retryAfterMs === undefined) return delayMs;
    return thrown.retryAfterMs > limits.retryAfterMsMax ? null : Math.max(delayMs, thrown.retryAfterMs);
  }

  #doubt(tool: string, error: ErrorInfo): Promise<Settled<Result>> {
    this.#run.emit('tool.indoubt', { tool, error }, this.#path, { attempt: this.#attempt });
    return this.#settleDoubt();
  }

  /** Waits until somebody decides of the call in doubt, and does as they say. */
  async #settleDoubt(): Promise<Settled<Result>> {
    if (this.#parent.cancelled !== undefined) throw this.#parent.cancelled;
    const scope = this.#parent.openCall(this.#path, true);
    try {
      const settle = this.#tellDecided(await this.#decision(scope), scope);
      await scope.until(this.#run.awake());
      await this.#run.durable();
      return settle();
    } finally {
      scope.close();
    }
  }

  async #decision(scope: Scope): Promise<Decision> {
    try {
      return await this.#run.doubts.decision(this.#path, scope);
    } catch (cause) {
      if (this.#spec.once === undefined) this.#tellFailed(toErrorInfo(cause), null);
      throw cause;
    }
  }

  /** What was decided and what follows from it are told in one commit; what is returned does the rest. */
  #tellDecided({ decision, output }: Decision, scope: Scope): () => Settled<Result> {
    const { vouched, kind } = this.#spec;
    if (decision === 'happened' && vouched !== undefined) {
      const result = vouched(output, this.#path, this.#attempt);
      return () => ({ result });
    }
    if (decision === 'did-not-happen') {
      const error = new EngineError('not_applied', 'Decided: it did not happen.', { retryable: true });
      this.#tellFailed(toErrorInfo(error), scope.cancelled === undefined ? 0 : null);
      return () => {
        this.#nextTry(kind !== 'tool');
        return undefined;
      };
    }
    const error = new EngineError('in_doubt', 'Given up: whether it happened is not known.');
    this.#tellFailed(toErrorInfo(error), null);
    return () => {
      throw error;
    };
  }
}

/** The call ended and told so, but the place around it was cancelled meanwhile. */
class EndedMeanwhile extends Error {
  override readonly cause: EngineError;
  constructor(cause: EngineError) {
    super(cause.message);
    this.cause = cause;
  }
}
