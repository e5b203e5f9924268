/** `ctx.wait`: durable waiting for time or for a signal. While only waits are open the run holds no slot. */
import { DivergenceError, ValidationError } from '../core/errors.ts';
import type { Json } from '../core/json.ts';
import { limits } from '../core/limits.ts';
import { parseWith } from '../agents/schema.ts';
import type { CallOptions, SignalAnswer, SignalWait, TimeWait } from '../agents/workflow.ts';
import type { WaitFor } from '../journal/event.ts';
import type { StepState, WaitEnd } from '../journal/run-state.ts';
import { recall } from './attempts.ts';
import type { Scope } from './scope.ts';
import type { SignalTaken } from './signals.ts';

type Ended = { readonly end: WaitEnd; readonly value: Json };

/** Waits as `wait` says, across restarts. */
export async function waitFor(
  parent: Scope,
  name: string,
  wait: TimeWait | SignalWait<unknown>,
  options: CallOptions = {},
): Promise<SignalAnswer<unknown> | undefined> {
  const { run } = parent;
  const path = parent.claim(name, options.key, 'a wait');
  const recorded = recall(parent, path, 'wait');
  const what: WaitFor = 'signal' in wait ? { kind: 'signal', signal: wait.signal } : { kind: 'time' };
  checkSame(parent, path, what, recorded);
  const ended =
    recorded?.waitEnded === undefined
      ? await waitOpen(parent, path, wait, recorded)
      : answered(parent, recorded.waitEnded);
  if (!('signal' in wait)) return undefined;
  if (ended.end.by !== 'signal') return { expired: true };
  const value = await run.value(ended.value);
  return {
    expired: false,
    value: wait.schema === undefined ? value : await parseWith(wait.schema, value, `The signal "${wait.signal}"`),
  };
}

function answered(parent: Scope, end: WaitEnd): Ended {
  return { end, value: end.by === 'signal' ? parent.run.signals.received(end.signalSeq) : null };
}

function checkSame(parent: Scope, path: string, what: WaitFor, recorded: StepState | undefined): void {
  const before = recorded?.wait?.for;
  if (
    before === undefined ||
    (before.kind === what.kind && (before.kind === 'time' || before.signal === (what as typeof before).signal))
  )
    return;
  const error = new DivergenceError(`"${path}" waits for something else in the journal.`);
  parent.run.fail(error);
  throw error;
}

async function waitOpen(
  parent: Scope,
  path: string,
  wait: TimeWait | SignalWait<unknown>,
  recorded: StepState | undefined,
): Promise<Ended> {
  const { run } = parent;
  const until = recorded?.wait?.until ?? endOf(wait, run.clock.now());
  const scope = parent.openCall(path, true);
  try {
    if (recorded?.status !== 'open') {
      const what: WaitFor = 'signal' in wait ? { kind: 'signal', signal: wait.signal } : { kind: 'time' };
      run.emit('wait.started', { for: what, until }, path);
    }
    const ended = 'signal' in wait ? await untilSignal(scope, wait, until) : await untilTime(scope, until);
    await run.awake();
    await run.durable();
    return ended;
  } catch (thrown) {
    if (scope.cancelled !== undefined) run.emit('wait.ended', { by: 'cancelled' }, path);
    throw thrown;
  } finally {
    scope.close();
  }
}

function endOf(wait: TimeWait | SignalWait<unknown>, now: number): number {
  const until =
    'until' in wait ? wait.until : now + ('forMs' in wait ? wait.forMs : (wait.expiresInMs ?? limits.waitExpiryMs));
  if (Number.isFinite(until)) return Math.round(until);
  throw new ValidationError('A wait needs an end: a finite number of ms.', {
    hint: 'Use { forMs }, { until } or { signal, expiresInMs }.',
  });
}

async function untilTime(scope: Scope, until: number): Promise<Ended> {
  const { run } = scope;
  const forget = run.signals.waitForTime(scope.path);
  try {
    await scope.pause(Math.max(0, until - run.clock.now()));
  } finally {
    forget();
  }
  const end: WaitEnd = { by: 'time' };
  run.emit('wait.ended', end, scope.path);
  return { end, value: null };
}

function untilSignal(scope: Scope, wait: SignalWait<unknown>, until: number): Promise<Ended> {
  const { run } = scope;
  return new Promise<Ended>((resolve, reject) => {
    let finished = false;
    /** What to undo once the wait is over. */
    const undo: (() => void)[] = [];
    const finish = (settle: () => void): void => {
      if (finished) return;
      finished = true;
      for (const one of undo) one();
      settle();
    };
    const end = (ended: Ended): void =>
      finish(() => {
        run.emit('wait.ended', ended.end, scope.path);
        resolve(ended);
      });
    const take = ({ seq, value }: SignalTaken): void => end({ end: { by: 'signal', signalSeq: seq }, value });
    undo.push(scope.onCancel((cause) => finish(() => reject(cause))));
    if (finished) return;
    const leftMs = Math.max(0, until - run.clock.now());
    undo.push(run.clock.after(leftMs, () => end({ end: { by: 'expired' }, value: null })));
    undo.push(run.signals.wait({ path: scope.path, name: wait.signal, schema: wait.schema, take }));
  });
}
