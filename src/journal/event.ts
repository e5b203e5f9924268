/**
 * The closed union of what can happen: one event per transition, and no fact told twice.
 *
 * V1  The envelope (who, where, when, which number) is stamped in one place (engine/user-stream.ts); a caller can't supply it.
 * V2  `userSeq` is dense per user as written, `seq` dense per run; both begin at 1.
 * V3  The terminal event is the last of its run and there is exactly one (P4).
 * V4  Each `*.failed` says `retryInMs`, or null when it was the last try: the two can't be confused.
 */
import type { ErrorInfo } from '../core/errors.ts';
import type { Json } from '../core/json.ts';
import type { AnsweringModel } from '../agents/agent.ts';
import type { Effect } from '../agents/tool.ts';
import type { FinishReason, ModelKind } from '../agents/model.ts';
import type { ToolCallRequest, Usage } from '../agents/message.ts';

/** A large value, kept beside the journal under (tenant, user, sha256 of its JSON text). */
export type BlobRef = { readonly $blob: string; readonly bytes: number };

/** Something that did not work and that the answer had to do without. */
export type Failure = { readonly path: string; readonly code: string; readonly message: string };

/** What a wait is for, as journaled. Times in ms since 1970. */
export type WaitFor =
  | { readonly kind: 'time' }
  | { readonly kind: 'signal'; readonly signal: string }
  | { readonly kind: 'approval'; readonly prompt: string; readonly role?: string };

export type Doubt = 'happened' | 'did-not-happen' | 'give-up';

type Failed = { readonly error: ErrorInfo; readonly retryInMs: number | null };

/** Each type with its data. */
export type EventData = {
  /** `digest` is of workflow, version and input; `roles` and `name` are the principal's at the start. */
  'run.queued': {
    readonly workflow: string;
    readonly version: number;
    readonly input: Json;
    readonly digest: string;
    readonly deadlineMs: number;
    readonly roles: readonly string[];
    readonly name?: string;
    readonly key?: string;
    /** The run that goes on as this one, and the place in the user's stream where the first of them began. */
    readonly continues?: string;
    readonly originUserSeq?: number;
  };
  'run.started': { readonly node: string };
  /** All open calls are waits or in doubt; the slot is returned and the deadline's clock stands. */
  'run.suspended': {
    readonly activeLeftMs: number;
    readonly waits: readonly string[];
    /** When it goes on by itself at the earliest, in ms since 1970; null when nothing in it is due at any time. */
    readonly wakeAt: number | null;
  };
  'run.resumed': { readonly node: string; readonly reason: 'woken' | 'recovered' | 'unparked' };
  /** No node has this version of the workflow; the run goes on when one has. */
  'run.parked': { readonly workflow: string; readonly version: number };
  /**
   * `continuedAs`: it has no answer of its own and goes on as that run, which the same commit began, or which took up
   * what it was to answer (`agent.steered`).
   */
  'run.completed': { readonly output: Json; readonly continuedAs?: string };
  'run.degraded': { readonly output: Json; readonly reasons: readonly Failure[]; readonly continuedAs?: string };
  'run.failed': { readonly error: ErrorInfo };
  'run.cancelled': { readonly reason: string };
  'plan.made': { readonly plan: Json; readonly why: string };
  'plan.revised': { readonly plan: Json; readonly why: string; readonly after: string };
  'step.started': { readonly digest?: string };
  'step.completed': { readonly output: Json };
  'step.failed': Failed;
  'agent.started': { readonly agent: string; readonly input: string };
  'agent.thinking': { readonly turn: number };
  /** It took up what was asked meanwhile, before the model call of this turn. `run`: what was to answer it. */
  'agent.steered': { readonly turn: number; readonly text: string; readonly run: string };
  'agent.completed': {
    readonly output: Json;
    readonly text: string;
    readonly turns: number;
    readonly model: AnsweringModel;
  };
  'agent.failed': Failed;
  /** `reservation` is the worst case: counted input, output cap, and their price if it is known. */
  'model.started': {
    readonly model: string;
    readonly provider: string;
    readonly kind: ModelKind;
    readonly reservation: { readonly inputTokens: number; readonly outputTokens: number; readonly usd: number | null };
  };
  'model.delta': { readonly text: string };
  'model.completed': {
    readonly text: string;
    readonly toolCalls: readonly ToolCallRequest[];
    readonly finish: FinishReason;
    readonly usage: Usage;
    readonly usd: number | null;
    readonly priceSource?: string;
  };
  'model.failed': Failed;
  'tool.executing': {
    readonly tool: string;
    readonly effect: Effect;
    readonly input: Json;
    readonly callId?: string;
    readonly digest: string;
  };
  'tool.completed': { readonly output: Json };
  'tool.failed': Failed;
  /** It may have happened or not, and repeating it unasked is forbidden (P3). */
  'tool.indoubt': { readonly tool: string; readonly error: ErrorInfo };
  'doubt.decided': { readonly decision: Doubt };
  'wait.started': { readonly for: WaitFor; readonly until: number };
  /** `signalSeq` is the `seq` of the signal that ended it. */
  'wait.ended':
    | { readonly by: 'time' | 'expired' | 'cancelled' }
    | { readonly by: 'signal'; readonly signalSeq: number }
    | { readonly by: 'approval'; readonly approved: boolean; readonly decidedBy: string; readonly note?: string };
  'message.received': { readonly text: string };
  'signal.received': { readonly name: string; readonly value: Json; readonly key?: string };
  'cancel.requested': { readonly reason: string };
  /** Of the user, without a run; the envelope names the thread. */
  'thread.renamed': { readonly title: string };
  /**
   * All that is in it, with the runs' events and blobs, is removed by the same commit. Of very many runs only the
   * newest are named (`limits.threadRunsTold`): what is gone is all that has the thread.
   */
  'thread.deleted': { readonly runs: readonly string[] };
  /** `code` is `note` for a body's own words, `degraded` for a reason of a degraded answer, else the engine's. */
  note: { readonly code: string; readonly text: string; readonly data?: Json };
};

/** The name of an event: `noun.past`, with the few exceptions that say what is going on. */
export type EventType = keyof EventData;

export type Envelope = {
  readonly tenant: string;
  readonly user: string;
  /** Place in the user's stream. */
  readonly userSeq: number;
  readonly thread?: string;
  readonly run?: string;
  /** Place in the run. */
  readonly seq?: number;
  /** Ms since 1970. */
  readonly at: number;
  readonly path?: string;
  /** Which try of a leaf step; absent: the first. */
  readonly attempt?: number;
  /** Version of the data's shape. */
  readonly v: number;
};

/** An event of one type, with its envelope. */
export type EventOf<T extends EventType> = Envelope & { readonly type: T; readonly data: EventData[T] };

/** Any event: a union to switch on by `type`. */
export type JournalEvent = { [T in EventType]: EventOf<T> }[EventType];

const terminalTypes: ReadonlySet<EventType> = new Set(['run.completed', 'run.degraded', 'run.failed', 'run.cancelled']);

/** Does this event end its run? */
export function isTerminal(type: EventType): boolean {
  return terminalTypes.has(type);
}

export function isBlobRef(value: Json): value is BlobRef {
  return typeof value === 'object' && value !== null && '$blob' in value && typeof value['$blob'] === 'string';
}
