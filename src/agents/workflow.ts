/** What a workflow is, and the context its body works through. The engine implements `Context`; bodies only see this. */
import { ValidationError } from '../core/errors.ts';
import type { Json } from '../core/json.ts';
import { parseName } from '../core/names.ts';
import type { Principal } from '../core/principal.ts';
import type { Agent, AgentAnswer } from './agent.ts';
import type { RetryPolicy } from './retry.ts';
import { checkSchema, type Schema } from './schema.ts';
import type { Tool } from './tool.ts';

/** What every call of `ctx` takes. */
export type CallOptions = {
  /** Tells calls of one name in one parent apart. A name without a key may be used once there. */
  readonly key?: string;
};

/** What `ctx.step` takes besides its name and body. */
export type StepOptions = CallOptions & {
  /** What the body depends on. A re-run compares it and stops where it differs. */
  readonly input?: unknown;
  readonly retry?: RetryPolicy;
  /** Cut off after this time, in ms; never longer than the run has left. */
  readonly timeoutMs?: number;
};

/** What a wait is for: `forMs` or `until` (ms since 1970) for time, `signal` for somebody's word. */
export type TimeWait = { readonly forMs: number } | { readonly until: number };
export type SignalWait<Value> = {
  readonly signal: string;
  /** Checked when the signal arrives; one that does not fit is refused to its sender. */
  readonly schema?: Schema<Value>;
  readonly expiresInMs?: number;
};
/** Waits until somebody says yes or no. */
export type ApprovalWait = {
  readonly approval: {
    /** What is asked, for whoever decides. */
    readonly prompt: string;
    /** Who may decide: a principal with this role. Absent: any of the user's. */
    readonly role?: string;
  };
  readonly expiresInMs?: number;
};
/** How an approval ended: with who decided what, or by its expiry. */
export type ApprovalAnswer =
  | { readonly expired: true }
  | { readonly expired: false; readonly approved: boolean; readonly by: string; readonly note?: string };
/** How a wait for a signal ended: with the value that was sent, or by its expiry. */
export type SignalAnswer<Value> = { readonly expired: false; readonly value: Value } | { readonly expired: true };

/**
 * How a body reaches the world. Everything it does here is journaled, and answers from the journal on a re-run,
 * so between these calls a body must be deterministic: no clock, no chance, no I/O of its own.
 */
export interface Context {
  readonly run: string;
  readonly thread: string | undefined;
  readonly user: Principal;
  /** Aborts when the run, or the step this context belongs to, is cancelled or out of time. */
  readonly signal: AbortSignal;
  /** Where in the run's tree this context is; empty at the top. */
  readonly path: string;

  /** Runs `body` once and journals its result. What it returns must be JSON, and is frozen. */
  step<T>(name: string, body: (ctx: Context) => Promise<T> | T, options?: StepOptions): Promise<T>;
  /** Lets an agent answer. Throws when it fails; what it did is in the journal either way. */
  agent<Output>(agent: Agent<Output>, input: string, options?: CallOptions): Promise<AgentAnswer<Output>>;
  tool<Input, Output>(tool: Tool<Input, Output>, input: Input, options?: CallOptions): Promise<Output>;
  /** Durable: the process may end and begin again meanwhile. */
  wait(name: string, wait: TimeWait, options?: CallOptions): Promise<void>;
  wait<Value = Json>(name: string, wait: SignalWait<Value>, options?: CallOptions): Promise<SignalAnswer<Value>>;
  /** Nothing is approved by silence: an approval that nobody decided ends as expired. */
  wait(name: string, wait: ApprovalWait, options?: CallOptions): Promise<ApprovalAnswer>;
  /** The first branch to end, by name; the others are cancelled. A branch that fails first fails the race. */
  race<Branches extends Record<string, (ctx: Context) => Promise<unknown>>>(
    name: string,
    branches: Branches,
    options?: CallOptions,
  ): Promise<RaceResult<Branches>>;
  /**
   * Ends the run here and goes on as another one of this workflow with `input`: for work without an end, as a run has a
   * bounded number of events. What is open is stopped; nothing behind it is reached. Whoever waits for the run's result
   * waits for that of the last.
   */
  restart(input: unknown): Promise<never>;
  /** The time (ms since 1970), a number from 0 to 1, a new id: journaled, so the same on a re-run. */
  now(key?: string): Promise<number>;
  random(key?: string): Promise<number>;
  id(key?: string): Promise<string>;
  /** A line in the journal for whoever watches. Not compared on a re-run, and not repeated. */
  note(text: string, data?: unknown): void;
  /** Says that the answer rests on less than was asked for: the run ends as degraded, with this reason. */
  degrade(reason: string): void;
  /** Journals a plan before it acts, and each change of it. */
  plan(plan: Json, why: string, revisedAfter?: string): Promise<void>;
}

export type RaceResult<Branches extends Record<string, (ctx: Context) => Promise<unknown>>> = {
  [Name in keyof Branches]: { readonly winner: Name; readonly value: Awaited<ReturnType<Branches[Name]>> };
}[keyof Branches];

/** A workflow as `defineWorkflow` makes it: frozen, with every default filled in. */
export type Workflow<Input = unknown, Output = unknown> = {
  readonly kind: 'workflow';
  readonly name: string;
  /** Raise it when the body changes: unfinished runs go on with the version they began with. */
  readonly version: number;
  readonly description: string;
  readonly input: Schema<Input>;
  /** Active time of a run, in ms; undefined: the engine's. */
  readonly deadlineMs: number | undefined;
  run(ctx: Context, input: Input): Promise<Output>;
};

type WorkflowDefinition<Input, Output> = {
  readonly name: string;
  readonly version: number;
  readonly description?: string;
  readonly input: Schema<Input>;
  readonly deadlineMs?: number;
  run(ctx: Context, input: Input): Promise<Output>;
};

/** Runs that are one agent's answer are named `agent.NAME`. */
export const agentWorkflowPrefix = 'agent.';

/**
 * Defines a workflow: plain code over `ctx`.
 *
 * @example
 * const greet = defineWorkflow({
 *   name: 'greet', version: 1, input: z.object({ who: z.string() }),
 *   run: (ctx, { who }) => ctx.step('say', () => `Hello, ${who}!`),
 * });
 */
export function defineWorkflow<Input, Output>(definition: WorkflowDefinition<Input, Output>): Workflow<Input, Output> {
  const name = parseName(definition.name, 'a workflow');
  if (name.startsWith(agentWorkflowPrefix))
    throw new ValidationError(`Workflow "${name}": names that begin with "${agentWorkflowPrefix}" belong to agents.`);
  if (!Number.isSafeInteger(definition.version) || definition.version < 1) {
    throw new ValidationError(`Workflow "${name}" needs a version: 1, 2, 3, ...`, {
      hint: 'Raise it whenever the body changes.',
    });
  }
  checkSchema(definition.input, `the input of workflow "${name}"`);
  return Object.freeze({
    kind: 'workflow',
    name,
    version: definition.version,
    description: definition.description ?? '',
    input: definition.input,
    deadlineMs: definition.deadlineMs,
    run: definition.run.bind(definition),
  });
}
