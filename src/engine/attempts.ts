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
import type { StepState } from '../journal/run-state.ts';
import type { Decision, Run } from './run.ts';
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
  vouched?(output: Json, path: string, attempt: number): Result;
};

/** Where a call's next try stands. */
type Standing = { path: string; attempt: number; failures: number };

/** What the journal has of a call; a divergence ends the run. */
export function recall(scope: Scope, path: string, kind: StepState['kind'], digest?: string): StepState | undefined {
  try {
    return scope.run.recorded.at(path, kind, digest);
  } catch (thrown) {
    scope.run.fail(thrown as EngineError);
    throw thrown;
  }
}

/** Works at a call until it ends. `recorded` is what the journal has of it, if it has not ended there. */
export async function attemptCall<Result>(
  parent: Scope,
  spec: CallSpec<Result>,
  recorded: StepState | undefined,
): Promise<Result> {
  const standing: Standing = {
    path: recorded?.path ?? spec.path,
    attempt: recorded?.attempt ?? 1,
    failures: recorded?.failures ?? 0,
  };
  if (recorded !== undefined) {
    const settled = await takeUp(parent, spec, recorded, standing);
    if (settled !== undefined) return settled.result;
  }
  let reentered = recorded?.status === 'open' && standing.attempt === recorded.attempt;
  for (;;) {
    const settled = await attempt(parent, spec, standing, reentered);
    if (settled !== undefined) return settled.result;
    reentered = false;
  }
}

/** Goes on from what the journal has: an open try was cut off, a failed one waits for its next. */
async function takeUp<Result>(
  parent: Scope,
  spec: CallSpec<Result>,
  recorded: StepState,
  standing: Standing,
): Promise<{ readonly result: Result } | undefined> {
  const { run } = parent;
  if (recorded.status === 'retrying') {
    await parent.pause(Math.max(0, (recorded.retryAt ?? 0) - run.clock.now()));
    nextTry(run, spec, standing, false);
    return undefined;
  }
  if (recorded.status === 'cancelled') {
    standing.attempt++;
    return undefined;
  }
  if (recorded.status === 'indoubt') return settleDoubt(parent, spec, standing);
  const interrupted = toErrorInfo(
    new EngineError('interrupted', 'The node stopped while this was under way.', { retryable: true }),
  );
  if (spec.once !== undefined) {
    run.emit('tool.indoubt', { tool: spec.once, error: interrupted }, standing.path, standing);
    return settleDoubt(parent, spec, standing);
  }
  if (run.recorded.hasCallsIn(standing.path)) return undefined;
  tellFailed(run, spec, standing, interrupted, 0);
  standing.failures--;
  nextTry(run, spec, standing, false);
  return undefined;
}

function nextTry(run: Run, spec: CallSpec<unknown>, standing: Standing, hadCalls: boolean): void {
  const again = hadCalls || run.recorded.hasCallsIn(standing.path);
  standing.attempt++;
  if (again) standing.path = attemptPath(spec.path, standing.attempt);
}

function tellFailed(
  run: Run,
  spec: CallSpec<unknown>,
  standing: Standing,
  error: ErrorInfo,
  retryInMs: number | null,
): void {
  run.emit(`${spec.kind}.failed`, { error, retryInMs }, standing.path, standing);
  standing.failures++;
}

async function attempt<Result>(
  parent: Scope,
  spec: CallSpec<Result>,
  standing: Standing,
  reentered: boolean,
): Promise<{ readonly result: Result } | undefined> {
  const { run } = parent;
  const scope = parent.openCall(standing.path);
  let begun = reentered;
  let stopTimer: (() => void) | undefined;
  try {
    if (!reentered) await spec.begin(standing.path, standing.attempt);
    begun = true;
    if (spec.once !== undefined) parent.markOnce(spec.once);
    const { timeoutMs } = spec;
    if (timeoutMs !== undefined)
      stopTimer = run.clock.after(timeoutMs, () => scope.cancel(new DeadlineError(spec.label, timeoutMs)));
    const result = await scope.until(spec.work(scope, standing.attempt));
    stopTimer?.();
    await scope.closeCalls(new CancelledError(`${spec.label} had ended`));
    if (parent.cancelled !== undefined && spec.once === undefined && spec.kind !== 'tool') throw parent.cancelled;
    spec.complete(result, standing.path, standing.attempt);
    await run.durable();
    if (parent.cancelled !== undefined) throw new Ended(parent.cancelled);
    return { result };
  } catch (thrown) {
    stopTimer?.();
    if (thrown instanceof Ended) throw thrown.cause;
    if (!run.live || !begun) throw thrown;
    await scope.closeCalls(new CancelledError(`${spec.label} had failed`));
    scope.close();
    return await afterFailure(parent, spec, standing, { thrown: scope.cancelled ?? thrown, scope });
  } finally {
    scope.close();
  }
}

/** The call ended and told so, but the place around it was cancelled meanwhile. */
class Ended extends Error {
  override readonly cause: EngineError;
  constructor(cause: EngineError) {
    super(cause.message);
    this.cause = cause;
  }
}

async function afterFailure<Result>(
  parent: Scope,
  spec: CallSpec<Result>,
  standing: Standing,
  failed: { readonly thrown: unknown; readonly scope: Scope },
): Promise<{ readonly result: Result } | undefined> {
  const { run } = parent;
  const { thrown, scope } = failed;
  const error = toErrorInfo(thrown);
  const delayMs = parent.cancelled === undefined ? nextDelayMs(spec, standing, thrown, error) : null;
  const once = inDoubt(spec, error)
    ? spec.once
    : delayMs === null
      ? undefined
      : (scope.once ?? run.recorded.onceIn(standing.path));
  if (once !== undefined) {
    run.emit('tool.indoubt', { tool: once, error }, standing.path, standing);
    return settleDoubt(parent, spec, standing);
  }
  tellFailed(run, spec, standing, error, delayMs);
  if (delayMs === null) {
    await run.durable();
    throw parent.cancelled ?? fromErrorInfo(error);
  }
  if (delayMs > 0) await parent.pause(delayMs);
  nextTry(run, spec, standing, scope.hadCalls);
  return undefined;
}

/** A `once` tool is in doubt unless it said that nothing was applied, or it did answer, if in the wrong shape. */
function inDoubt(spec: CallSpec<unknown>, error: ErrorInfo): boolean {
  return spec.once !== undefined && error.code !== 'not_applied' && error.code !== 'tool_output_invalid';
}

function nextDelayMs(spec: CallSpec<unknown>, standing: Standing, thrown: unknown, error: ErrorInfo): number | null {
  if (!error.retryable) return null;
  const delayMs = retryDelayMs(spec.retry, standing.failures + 1);
  if (delayMs === null || !(thrown instanceof ModelError) || thrown.retryAfterMs === undefined) return delayMs;
  return thrown.retryAfterMs > limits.retryAfterMsMax ? null : Math.max(delayMs, thrown.retryAfterMs);
}

/** Waits until somebody decides of a call in doubt, and does as they say. */
async function settleDoubt<Result>(
  parent: Scope,
  spec: CallSpec<Result>,
  standing: Standing,
): Promise<{ readonly result: Result } | undefined> {
  const { run } = parent;
  if (parent.cancelled !== undefined) throw parent.cancelled;
  const scope = parent.openCall(standing.path, true);
  try {
    const result = tellDecided(run, spec, standing, await run.decision(standing.path, scope));
    await run.awake();
    await run.durable();
    if (result === 'again') {
      nextTry(run, spec, standing, run.recorded.hasCallsIn(standing.path) || spec.kind === 'step');
      return undefined;
    }
    if (EngineError.is(result)) throw result;
    return result;
  } finally {
    scope.close();
  }
}

/** What was decided and what follows from it are told in one commit. */
function tellDecided<Result>(
  run: Run,
  spec: CallSpec<Result>,
  standing: Standing,
  { decision, output }: Decision,
): { readonly result: Result } | EngineError | 'again' {
  if (decision === 'happened' && spec.vouched !== undefined)
    return { result: spec.vouched(output, standing.path, standing.attempt) };
  if (decision === 'did-not-happen') {
    tellFailed(
      run,
      spec,
      standing,
      toErrorInfo(new EngineError('not_applied', 'Decided: it did not happen.', { retryable: true })),
      0,
    );
    return 'again';
  }
  const error = new EngineError('in_doubt', 'Given up: whether it happened is not known.');
  tellFailed(run, spec, standing, toErrorInfo(error), null);
  return error;
}
