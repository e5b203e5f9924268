/** What the end of a run owes its journal: nothing completed is passed over, and nothing is left open (N1, G2). */
import { CancelledError, DivergenceError, toErrorInfo } from '../core/errors.ts';
import { copyJson, type JsonCopy } from '../core/json.ts';
import type { Failure } from '../journal/event.ts';
import type { Outcome } from '../journal/run-state.ts';
import type { Run } from './run.ts';
import type { WorkEnd } from './scope.ts';

type Result = { readonly copy: JsonCopy } | { readonly failure: unknown };

/** What a run has for a result that goes on as another one. */
export const noResult: Result = Object.freeze({ copy: copyJson(null, 'nothing') });

/** What a body came to, as it is kept. */
export function resultOf(run: Run, end: WorkEnd<unknown>): Result {
  if ('thrown' in end) return { failure: end.thrown };
  try {
    return { copy: copyJson(end.output ?? null, `the result of workflow "${run.workflow}"`) };
  } catch (failure) {
    return { failure };
  }
}

/** A run that was stopped is cancelled; a body that throws what looks like a cancel has failed. */
export function badOutcome(cause: unknown, as?: 'failed'): Outcome {
  if (as === undefined && cause instanceof CancelledError) return { status: 'cancelled', reason: cause.message };
  return { status: 'failed', error: toErrorInfo(cause) };
}

export function goodOutcome(
  run: Run,
  copy: JsonCopy,
  reasons: readonly Failure[],
  continuedAs: string | undefined,
): Outcome {
  try {
    const answer = { output: run.keep(copy), ...(continuedAs === undefined ? {} : { continuedAs }) };
    return reasons.length === 0 ? { status: 'completed', ...answer } : { status: 'degraded', ...answer, reasons };
  } catch (thrown) {
    // Larger than anything that is kept.
    return { status: 'failed', error: toErrorInfo(thrown) };
  }
}

/**
 * The divergence of a run that ends without reaching a completed call (G2). Code that nobody awaits may still be on its way through the journal's
 * answers, so it gets turns as long as it comes further.
 */
export async function divergenceOf(run: Run): Promise<DivergenceError | undefined> {
  const { recorded } = run;
  for (let quiet = 0; ; quiet++) {
    const unreached = recorded.unreached();
    if (unreached === undefined) return undefined;
    if (quiet > 2 && run.reading === 0)
      return new DivergenceError(
        `Step "${unreached}" is completed in the journal, but the run ended without reaching it.`,
      );
    const before = recorded.reached;
    await new Promise<void>((resolve) => run.clock.soon(resolve));
    if (recorded.reached > before) quiet = 0;
  }
}

/**
 * Tells the end of what the journal left open inside a place (all of the run at ''), when the node before stopped and
 * nothing went on with here (N1).
 */
export function closeRecorded(run: Run, why: string, inside = ''): void {
  const open = run.recorded.open(inside);
  // Most runs end in the life they began in, and an error with its stack is dear.
  if (open.length === 0) return;
  const error = toErrorInfo(new CancelledError(why));
  for (const { kind, path, attempt, once, name } of open) {
    run.recorded.enter(path);
    if (kind === 'wait') run.emit('wait.ended', { by: 'cancelled' }, path);
    else if (once) run.emit('tool.indoubt', { tool: name ?? '', error }, path, { attempt });
    else run.emit(`${kind}.failed`, { error, retryInMs: null }, path, { attempt });
  }
}

/** A user's cancel, whose message is the reason alone. */
export class CancelledReason extends CancelledError {
  constructor(reason: string) {
    super(reason);
    this.message = reason;
  }
}

/** Tells the terminal event. */
export function tellEnd(run: Run, outcome: Outcome): void {
  switch (outcome.status) {
    case 'completed':
      run.emit('run.completed', { output: outcome.output, ...continued(outcome) });
      break;
    case 'degraded':
      run.emit('run.degraded', { output: outcome.output, reasons: outcome.reasons, ...continued(outcome) });
      break;
    case 'failed':
      run.emit('run.failed', { error: outcome.error });
      break;
    case 'cancelled':
      run.emit('run.cancelled', { reason: outcome.reason });
  }
}

/** The run that one which ended so goes on as. */
function continued(outcome: Outcome): { readonly continuedAs?: string } {
  return 'continuedAs' in outcome && outcome.continuedAs !== undefined ? { continuedAs: outcome.continuedAs } : {};
}
