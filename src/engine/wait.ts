/** `ctx.wait`: durable waiting for time or for a signal. While only waits are open the run holds no slot. */
import { DivergenceError, ValidationError, type EngineError } from '../core/errors.ts';
import type { Json } from '../core/json.ts';
import { limits } from '../core/limits.ts';
import { parseWith } from '../agents/schema.ts';
import type {
  ApprovalAnswer,
  ApprovalWait,
  CallOptions,
  SignalAnswer,
  SignalWait,
  TimeWait,
} from '../agents/workflow.ts';
import type { EventData, WaitFor } from '../journal/event.ts';
import type { StepState, WaitEnd } from '../journal/run-state.ts';
import type { Alarm } from './alarms.ts';
import { recall } from './attempts.ts';
import type { ApprovalFor } from './approvals.ts';
import { parseApproval, parseId } from './door-input.ts';
import type { Run } from './run.ts';
import type { CancelWatcher, Scope } from './scope.ts';
import type { SignalTaken, WaitingCall } from './signals.ts';

type Wait = TimeWait | SignalWait<unknown> | ApprovalWait;
type Answer = SignalAnswer<unknown> | ApprovalAnswer | undefined;

/** Waits as `wait` says, across restarts. */
export function waitFor(parent: Scope, name: string, wait: Wait, options: CallOptions = {}): Promise<Answer> {
  // One promise and no frame of its own stays behind while it waits.
  return new Promise((resolve, reject) => begin(parent, wait, { name, options, resolve, reject }));
}

type Asked = Settle & { readonly name: string; readonly options: CallOptions };

function begin(parent: Scope, wait: Wait, { name, options, resolve, reject }: Asked): void {
  const { run } = parent;
  const path = parent.claim(name, options.key, 'a wait');
  const recorded = recall(parent, path, 'wait');
  const what = purposeOf(wait);
  checkSame(parent, path, what, recorded);
  const end = recorded?.waitEnded;
  if (end !== undefined) {
    const kept = end.by === 'signal' ? run.signals.received(end.signalSeq) : null;
    answer(run, wait, end, kept).then(resolve, reject);
    return;
  }
  const until = recorded?.wait?.until ?? endOf(wait, run.clock.now());
  const scope = parent.openCall(path, true);
  if (recorded?.status !== 'open') run.emit('wait.started', { for: what, until }, path);
  new OpenWait(scope, wait, { until, what }, { resolve, reject }).begin();
}

function purposeOf(wait: Wait): WaitFor {
  if ('signal' in wait) return { kind: 'signal', signal: parseId(wait.signal, 'signal name') };
  return 'approval' in wait ? parseApproval(wait.approval) : { kind: 'time' };
}

async function answer(run: Run, wait: Wait, end: WaitEnd, kept: Json): Promise<Answer> {
  if (end.by === 'approval') {
    const { approved, decidedBy: by, note } = end;
    return { expired: false, approved, by, ...(note === undefined ? {} : { note }) };
  }
  if (!('signal' in wait)) return 'approval' in wait ? { expired: true } : undefined;
  if (end.by !== 'signal') return { expired: true };
  const value = await run.value(kept);
  if (wait.schema === undefined) return { expired: false, value };
  return { expired: false, value: await parseWith(wait.schema, value, `The signal "${wait.signal}"`) };
}

function checkSame(parent: Scope, path: string, what: WaitFor, recorded: StepState | undefined): void {
  const before = recorded?.wait?.for;
  if (before === undefined || JSON.stringify(before) === JSON.stringify(what)) return;
  const error = new DivergenceError(`"${path}" waits for something else in the journal.`);
  parent.run.fail(error);
  throw error;
}

function endOf(wait: Wait, now: number): number {
  const until = 'until' in wait ? wait.until : now + lastsMs(wait);
  if (Number.isFinite(until)) return Math.round(until);
  throw new ValidationError('A wait needs an end: a finite number of ms.', {
    hint: 'Use { forMs }, { until }, { signal, expiresInMs } or { approval, expiresInMs }.',
  });
}

function lastsMs(wait: Exclude<Wait, { readonly until: number }>): number {
  if ('forMs' in wait) return wait.forMs;
  return 'signal' in wait || 'approval' in wait ? (wait.expiresInMs ?? limits.waitExpiryMs) : Number.NaN;
}

type Settle = { readonly resolve: (answer: Answer) => void; readonly reject: (error: unknown) => void };

/** A wait that is open: one object and one timer, for many runs wait at once and long. */
class OpenWait implements WaitingCall, Alarm, CancelWatcher {
  readonly #scope: Scope;
  readonly #wait: Wait;
  readonly #what: WaitFor;
  readonly #resolve: Settle['resolve'];
  readonly #reject: Settle['reject'];
  readonly dueAt: number;
  place = -1;
  #over = false;

  constructor(
    scope: Scope,
    wait: Wait,
    { until, what }: { until: number; what: WaitFor },
    { resolve, reject }: Settle,
  ) {
    this.dueAt = until;
    this.#what = what;
    this.#scope = scope;
    this.#wait = wait;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  get path(): string {
    return this.#scope.path;
  }

  get signal(): string | undefined {
    return 'signal' in this.#wait ? this.#wait.signal : undefined;
  }

  get schema(): SignalWait<unknown>['schema'] {
    return 'signal' in this.#wait ? this.#wait.schema : undefined;
  }

  get approval(): ApprovalFor | undefined {
    return this.#what.kind === 'approval' ? this.#what : undefined;
  }

  begin(): void {
    const { run } = this.#scope;
    this.#scope.watch(this);
    if (this.#over) return;
    run.signals.wait(this);
    // What a run was woken for is over before it could be suspended again. A signal that came in time counts.
    if (this.dueAt <= run.clock.now() && !run.signals.matching) this.due();
    else run.node.alarms.set(this);
  }

  drop(): void {
    this.#scope.run.node.alarms.clear(this);
  }

  due(): void {
    this.end({ by: this.#what.kind === 'time' ? 'time' : 'expired' });
  }

  end(end: WaitEnd): void {
    void this.#end(end, null);
  }

  take({ seq, value }: SignalTaken): void {
    void this.#end({ by: 'signal', signalSeq: seq }, value);
  }

  /** Tells the end, unless it was told: nothing ends a wait twice. */
  #tell(end: EventData['wait.ended']): void {
    if (this.#over) return;
    this.#over = true;
    this.#scope.run.node.alarms.clear(this);
    this.#scope.run.signals.forget(this);
    this.#scope.run.emit('wait.ended', end, this.path);
  }

  cancelled(cause: EngineError): void {
    this.#tell({ by: 'cancelled' });
    this.#scope.close();
    // Also when it had ended and the run was only waiting for its slot.
    this.#reject(cause);
  }

  async #end(end: WaitEnd, value: Json): Promise<void> {
    this.#tell(end);
    const { run } = this.#scope;
    // From here on the run has something to do again, also while its slot and the commit are still to come.
    this.#scope.waiting = false;
    try {
      await run.awake();
      await run.durable();
      this.#resolve(await answer(run, this.#wait, end, value));
    } catch (thrown) {
      this.#reject(thrown);
    } finally {
      this.#scope.close();
    }
  }
}
