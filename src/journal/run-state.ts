/**
 * The state of a run: a fold over its events, and the only place that derives it.
 *
 * R1  `evolve` looks at nothing but the state and the event: the same events give the same state.
 * R2  It reads the run's events in order from `run.queued`; seq continuity is asserted here, as it is where events
 *     are stamped.
 * R3  A path ends once: after `completed` or a final `failed` nothing more is told of it (P3).
 * R4  Nothing is told after the terminal event (P4).
 */
import { assert } from '../core/assert.ts';
import type { ErrorInfo } from '../core/errors.ts';
import type { Json } from '../core/json.ts';
import type { AnsweringModel } from '../agents/agent.ts';
import type { ToolCallRequest } from '../agents/message.ts';
import {
  isTerminal,
  type Doubt,
  type EventData,
  type EventType,
  type Failure,
  type JournalEvent,
  type WaitFor,
} from './event.ts';
import { failuresAfter } from './failures.ts';
import { basePath } from './path.ts';
import { isEnded, type RunStatus } from './run-row.ts';

export type StepKind = 'step' | 'agent' | 'model' | 'tool' | 'wait';

/**
 * A step as the journal knows it. `retrying`: an attempt failed and another will begin at `retryAt`. `cancelled`: what
 * it was in stopped it; if that is not over after all (a crash came between), it begins again: anew if it was stopped
 * in the pause before another attempt, and then it has a `retryAt` still.
 */
export type StepState = {
  readonly kind: StepKind;
  /** Where its current attempt works: differs from its base path by `@n` once a step with children is tried again. */
  path: string;
  status: 'open' | 'retrying' | 'completed' | 'failed' | 'cancelled' | 'indoubt';
  attempt: number;
  /** Attempts that failed of themselves, not through a crash of the node: what a retry policy counts. */
  failures: number;
  readonly startedAt: number;
  endedAt: number | undefined;
  retryAt: number | undefined;
  readonly digest: string | undefined;
  /** The agent's, tool's or model's name. */
  readonly name: string | undefined;
  input: Json | undefined;
  output: Json | undefined;
  error: ErrorInfo | undefined;
  /** Of a model: the text so far, or in whole. */
  text: string;
  toolCalls: readonly ToolCallRequest[];
  usd: number | null | undefined;
  /** Of an agent that answered. */
  turns: number;
  model: AnsweringModel | undefined;
  /** Of an agent: what it took up while it was at work, before which turn, and the run that was to answer it. */
  steered: readonly EventData['agent.steered'][];
  wait: { readonly for: WaitFor; readonly until: number } | undefined;
  waitEnded: WaitEnd | undefined;
  decision: Doubt | undefined;
  /** Is it a `once` tool? */
  readonly once: boolean;
};

export type WaitEnd =
  | Exclude<EventData['wait.ended'], { readonly by: 'time' | 'expired' | 'cancelled' }>
  | { readonly by: 'time' | 'expired' };

export type SignalState = {
  readonly seq: number;
  readonly name: string;
  readonly value: Json;
  readonly key: string | undefined;
  taken: boolean;
};

/** How a run ended. It can't be read without looking at `status`. */
export type Outcome<Output = Json> =
  | { readonly status: 'completed'; readonly output: Output; readonly continuedAs?: string }
  | {
      readonly status: 'degraded';
      readonly output: Output;
      readonly reasons: readonly Failure[];
      readonly continuedAs?: string;
    }
  | { readonly status: 'failed'; readonly error: ErrorInfo }
  | { readonly status: 'cancelled'; readonly reason: string };

/** All that is known of a run, as its events tell it. */
export type RunState = {
  readonly run: string;
  readonly tenant: string;
  readonly user: string;
  readonly thread: string | undefined;
  readonly workflow: string;
  readonly version: number;
  readonly key: string | undefined;
  /** The run that goes on as this one. */
  readonly continues: string | undefined;
  /** Where in the user's stream the first of the runs began that go on as one another; undefined for that one itself. */
  readonly originUserSeq: number | undefined;
  readonly digest: string;
  readonly input: Json;
  readonly roles: readonly string[];
  readonly name: string | undefined;
  readonly deadlineMs: number;
  readonly queuedAt: number;
  status: RunStatus;
  outcome: Outcome | undefined;
  /** The last event's. */
  seq: number;
  at: number;
  /** Time it was running, in ms: what its deadline counts. */
  activeMs: number;
  /** Up to when `activeMs` is counted. */
  activeTo: number;
  /** Was it ever begun? */
  started: boolean;
  /** Recoveries from the middle of its work since a step was last completed. */
  recoveriesWithoutProgress: number;
  cancelRequested: string | undefined;
  /** By base path, in the order they began. */
  readonly steps: Map<string, StepState>;
  readonly signals: SignalState[];
  /** How many notes each path has told: a re-run doesn't tell them again. */
  readonly notes: Map<string, number>;
  /** The plan and its revisions, in order. */
  readonly plans: Json[];
  failures: readonly Failure[];
  readonly usage: { modelCalls: number; inputTokens: number; outputTokens: number; usd: number | null };
};

/** The state after the events of one run, from its first on. */
export function foldRun(events: Iterable<JournalEvent>): RunState | undefined {
  let state: RunState | undefined;
  for (const event of events) state = evolve(state, event);
  return state;
}

/** The state after one more event. Changes and returns `state`: a run of n steps costs n, not n². */
export function evolve(state: RunState | undefined, event: JournalEvent): RunState {
  if (state === undefined) {
    assert(event.type === 'run.queued' && event.seq === 1, `a run begins with run.queued, not ${event.type}`);
    return initialState(event);
  }
  assert(event.run === state.run, 'an event of another run');
  assert(event.seq === state.seq + 1, `event ${event.seq} of a run follows ${state.seq}`);
  assert(!isEnded(state.status), `${event.type} after the end of its run`);
  countActive(state, event);
  state.seq = event.seq;
  state.at = event.at;
  state.failures = failuresAfter(state.failures, event);
  if (event.type.startsWith('run.')) evolveRun(state, event);
  else if (event.path !== undefined && event.type !== 'note' && !event.type.startsWith('plan.'))
    evolveStep(state, event, event.path);
  else evolveInput(state, event);
  return state;
}

/** What comes from outside, and may come while the node is down or the run waits for its slot. */
const fromOutside: ReadonlySet<EventType> = new Set([
  'signal.received',
  'cancel.requested',
  'message.received',
  'run.resumed',
  'run.parked',
]);

/**
 * Counts the time between two events of the run's own doing. What comes from outside proves nothing: after a crash the
 * journal still says `running` until the run is resumed, however long its node was down.
 */
function countActive(state: RunState, event: JournalEvent): void {
  if (event.type === 'run.resumed' || event.type === 'run.started') state.activeTo = event.at;
  if (state.status !== 'running' || fromOutside.has(event.type)) return;
  state.activeMs += Math.max(0, event.at - state.activeTo);
  state.activeTo = event.at;
}

function initialState(event: JournalEvent & { readonly type: 'run.queued' }): RunState {
  const { data } = event;
  return {
    run: event.run ?? '',
    tenant: event.tenant,
    user: event.user,
    thread: event.thread,
    workflow: data.workflow,
    version: data.version,
    key: data.key,
    continues: data.continues,
    originUserSeq: data.originUserSeq,
    digest: data.digest,
    input: data.input,
    roles: data.roles,
    name: data.name,
    deadlineMs: data.deadlineMs,
    queuedAt: event.at,
    status: 'queued',
    outcome: undefined,
    seq: 1,
    at: event.at,
    activeMs: 0,
    activeTo: event.at,
    started: false,
    recoveriesWithoutProgress: 0,
    cancelRequested: undefined,
    steps: new Map(),
    signals: [],
    notes: new Map(),
    plans: [],
    failures: [],
    usage: { modelCalls: 0, inputTokens: 0, outputTokens: 0, usd: 0 },
  };
}

function evolveRun(state: RunState, event: JournalEvent): void {
  switch (event.type) {
    case 'run.started':
      state.status = 'running';
      state.started = true;
      break;
    case 'run.resumed':
      // A run that only waited had nothing to get on with: its node may come and go as often as it likes.
      if (event.data.reason === 'recovered' && state.status !== 'suspended') state.recoveriesWithoutProgress++;
      state.status = 'running';
      break;
    case 'run.suspended':
      state.status = 'suspended';
      state.activeMs = Math.max(0, state.deadlineMs - event.data.activeLeftMs);
      break;
    case 'run.parked':
      state.status = 'parked';
      break;
    default:
      assert(isTerminal(event.type), `${event.type} in the middle of a run`);
      state.outcome = outcomeOf(event);
      if (state.outcome !== undefined) state.status = state.outcome.status;
  }
}

/** The run that this one goes on as, once it has ended so. */
export function nextRunOf({ outcome }: Pick<RunState, 'outcome'>): string | undefined {
  return outcome !== undefined && 'continuedAs' in outcome ? outcome.continuedAs : undefined;
}

/** The outcome that a terminal event tells, or undefined for any other event. */
export function outcomeOf(event: JournalEvent): Outcome | undefined {
  switch (event.type) {
    case 'run.completed':
      return { status: 'completed', ...event.data };
    case 'run.degraded':
      return { status: 'degraded', ...event.data };
    case 'run.failed':
      return { status: 'failed', error: event.data.error };
    case 'run.cancelled':
      return { status: 'cancelled', reason: event.data.reason };
    default:
      return undefined;
  }
}

function evolveInput(state: RunState, event: JournalEvent): void {
  switch (event.type) {
    case 'signal.received': {
      const { name, value, key } = event.data;
      state.signals.push({ seq: state.seq, name, value, key, taken: false });
      break;
    }
    case 'cancel.requested':
      state.cancelRequested = event.data.reason;
      break;
    case 'plan.made':
    case 'plan.revised':
      state.plans.push(event.data.plan);
      break;
    case 'note':
      state.notes.set(event.path ?? '', (state.notes.get(event.path ?? '') ?? 0) + 1);
      break;
    case 'message.received':
      break;
    default:
      assert(false, `${event.type} without a path`);
  }
}

function evolveStep(state: RunState, event: JournalEvent, path: string): void {
  const step = state.steps.get(basePath(path));
  if (step?.status === 'retrying' && event.type.endsWith('.failed')) {
    endRetrying(step, event);
    return;
  }
  if (step === undefined || step.status === 'retrying' || step.status === 'cancelled') {
    beginStep(state, event, path, step);
    return;
  }
  assert(step.status === 'open' || step.status === 'indoubt', `${event.type} after the end of ${path}`);
  if (event.type.endsWith('.completed')) completeStep(state, step, event);
  else if (event.type.endsWith('.failed')) failStep(step, event);
  else evolveOpenStep(state, step, event);
}

function evolveOpenStep(state: RunState, step: StepState, event: JournalEvent): void {
  switch (event.type) {
    case 'wait.ended':
      endWait(state, step, event);
      break;
    case 'model.delta':
      step.text += event.data.text;
      break;
    case 'tool.indoubt':
      step.status = 'indoubt';
      step.error = event.data.error;
      break;
    case 'doubt.decided':
      step.decision = event.data.decision;
      break;
    case 'agent.thinking':
      break;
    case 'agent.steered':
      step.steered = [...step.steered, event.data];
      break;
    default:
      assert(false, `${event.type} for ${step.path}, which is ${step.status}`);
  }
}

function beginStep(state: RunState, event: JournalEvent, path: string, before: StepState | undefined): void {
  const begun = startOf(event);
  assert(begun !== undefined, `${event.type} for ${path}, which has not begun`);
  state.steps.set(basePath(path), {
    ...begun,
    path,
    status: 'open',
    attempt: event.attempt ?? 1,
    failures: before?.failures ?? 0,
    startedAt: before?.startedAt ?? event.at,
    endedAt: undefined,
    retryAt: undefined,
    output: undefined,
    error: undefined,
    text: '',
    toolCalls: [],
    usd: undefined,
    turns: 0,
    model: undefined,
    steered: before?.steered ?? [],
    waitEnded: undefined,
    decision: undefined,
  });
}

type Begun = Pick<StepState, 'kind' | 'digest' | 'name' | 'input' | 'wait' | 'once'>;

/** What the event that begins a step says of it, by kind. */
function startOf(event: JournalEvent): Begun | undefined {
  const none = { digest: undefined, name: undefined, input: undefined, wait: undefined, once: false };
  switch (event.type) {
    case 'step.started':
      return { ...none, kind: 'step', digest: event.data.digest };
    case 'agent.started':
      return { ...none, kind: 'agent', name: event.data.agent, input: event.data.input };
    case 'model.started':
      return { ...none, kind: 'model', name: event.data.model };
    case 'tool.executing': {
      const { tool, input, digest, effect } = event.data;
      return { ...none, kind: 'tool', name: tool, input, digest, once: effect === 'once' };
    }
    case 'wait.started':
      return { ...none, kind: 'wait', wait: event.data };
    default:
      return undefined;
  }
}

function completeStep(state: RunState, step: StepState, event: JournalEvent): void {
  step.status = 'completed';
  step.endedAt = event.at;
  state.recoveriesWithoutProgress = 0;
  if (event.type === 'model.completed') {
    const { text, toolCalls, usage, usd } = event.data;
    Object.assign(step, { text, toolCalls, usd, output: event.data });
    state.usage.modelCalls++;
    state.usage.inputTokens += usage.inputTokens;
    state.usage.outputTokens += usage.outputTokens;
    // One unknown price makes the sum unknown: a sum that leaves something out is a wrong number.
    state.usage.usd = state.usage.usd === null || usd === null ? null : state.usage.usd + usd;
    return;
  }
  if (event.type === 'agent.completed')
    Object.assign(step, { text: event.data.text, turns: event.data.turns, model: event.data.model });
  step.output = (event.data as { readonly output: Json }).output;
}

function failStep(step: StepState, event: JournalEvent): void {
  const { error, retryInMs } = event.data as { readonly error: ErrorInfo; readonly retryInMs: number | null };
  step.error = error;
  step.endedAt = event.at;
  if (failedOfItself(error)) step.failures++;
  step.status = retryInMs !== null ? 'retrying' : error.code === 'cancelled' ? 'cancelled' : 'failed';
  step.retryAt = retryInMs === null ? undefined : event.at + retryInMs;
}

/** There is no next try after all. `retryAt` stays: what was inside the try that failed counts no more. */
function endRetrying(step: StepState, event: JournalEvent): void {
  const { error, retryInMs } = event.data as { readonly error: ErrorInfo; readonly retryInMs: number | null };
  assert(retryInMs === null, `${event.type} for ${step.path}, which waits for its next try`);
  step.error = error;
  step.endedAt = event.at;
  step.status = error.code === 'cancelled' ? 'cancelled' : 'failed';
}

/** Did a try fail of itself, and not by the end of its node or of what it was part of? Only that a retry policy counts. */
export function failedOfItself({ code }: ErrorInfo): boolean {
  return code !== 'interrupted' && code !== 'cancelled';
}

function endWait(state: RunState, step: StepState, event: JournalEvent & { readonly type: 'wait.ended' }): void {
  const { data } = event;
  step.endedAt = event.at;
  if (data.by === 'cancelled') {
    step.status = 'cancelled';
    return;
  }
  step.status = 'completed';
  step.waitEnded = data.by === 'signal' || data.by === 'approval' ? data : { by: data.by };
  state.recoveriesWithoutProgress = 0;
  if (data.by !== 'signal') return;
  const signal = state.signals.find(({ seq }) => seq === data.signalSeq);
  assert(signal !== undefined && !signal.taken, `wait.ended by a signal at ${data.signalSeq} that is not there`);
  signal.taken = true;
}
