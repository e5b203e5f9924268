/** The context that bodies see: each verb is one file, and this is only their door. */
import type { Json } from '../core/json.ts';
import type { Principal } from '../core/principal.ts';
import type { Agent, AgentAnswer } from '../agents/agent.ts';
import type { Tool } from '../agents/tool.ts';
import type {
  ApprovalAnswer,
  ApprovalWait,
  CallOptions,
  Context,
  RaceResult,
  SignalAnswer,
  SignalWait,
  StepOptions,
  TimeWait,
} from '../agents/workflow.ts';
import { callAgent } from './agent-loop.ts';
import { journalPlan } from './plan-verb.ts';
import { race, type Branches as RaceBodies } from './race.ts';
import { restart } from './restart.ts';
import type { Scope } from './scope.ts';
import { step } from './step.ts';
import { callTool } from './tool-call.ts';
import { waitFor } from './wait.ts';

/** A call that is made while the node lets go of the run never returns: its journal goes on elsewhere or later. */
const never = new Promise<never>(() => undefined);

/**
 * A call that fails while its body awaits another one, or that nobody awaits, would end the process by an unhandled
 * rejection, and all users' work with it. Its failure is in the journal, where the run's outcome tells it.
 */
function watched<T>(call: Promise<T>): Promise<T> {
  call.catch(ignored);
  return call;
}

function ignored(): void {
  // It is told in the journal.
}

export class RunContext implements Context {
  readonly scope: Scope;

  constructor(scope: Scope) {
    this.scope = scope;
  }

  get run(): string {
    return this.scope.run.id;
  }

  get thread(): string | undefined {
    return this.scope.run.thread;
  }

  get user(): Principal {
    return this.scope.run.user;
  }

  get signal(): AbortSignal {
    return this.scope.signal;
  }

  get path(): string {
    return this.scope.path;
  }

  step<T>(name: string, body: (ctx: Context) => Promise<T> | T, options?: StepOptions): Promise<T> {
    if (this.scope.run.holding) return never;
    return watched(step(this.scope, name, (scope) => body(new RunContext(scope)), options));
  }

  agent<Output>(agent: Agent<Output>, input: string, options?: CallOptions): Promise<AgentAnswer<Output>> {
    return this.scope.run.holding ? never : watched(callAgent(this.scope, agent, input, options));
  }

  tool<Input, Output>(tool: Tool<Input, Output>, input: Input, options?: CallOptions): Promise<Output> {
    return this.scope.run.holding ? never : watched(callTool(this.scope, tool, input, options) as Promise<Output>);
  }

  wait(name: string, wait: TimeWait, options?: CallOptions): Promise<void>;
  wait<Value = Json>(name: string, wait: SignalWait<Value>, options?: CallOptions): Promise<SignalAnswer<Value>>;
  wait(name: string, wait: ApprovalWait, options?: CallOptions): Promise<ApprovalAnswer>;
  wait(name: string, wait: TimeWait | SignalWait<unknown> | ApprovalWait, options?: CallOptions): Promise<unknown> {
    return this.scope.run.holding ? never : watched(waitFor(this.scope, name, wait, options));
  }

  race<Branches extends Record<string, (ctx: Context) => Promise<unknown>>>(
    name: string,
    branches: Branches,
    options?: CallOptions,
  ): Promise<RaceResult<Branches>> {
    if (this.scope.run.holding) return never;
    const bodies = Object.entries(branches).map(([branch, body]) => [
      branch,
      (place: Scope) => body(new RunContext(place)),
    ]);
    const racing = race(this.scope, name, Object.fromEntries(bodies) as RaceBodies, options);
    return watched(racing) as Promise<RaceResult<Branches>>;
  }

  restart(input: unknown): Promise<never> {
    return this.scope.run.holding ? never : watched(restart(this.scope, input));
  }

  now(key?: string): Promise<number> {
    return this.step('now', () => this.scope.run.clock.now(), keyed(key));
  }

  random(key?: string): Promise<number> {
    return this.step('random', () => this.scope.run.node.random.next(), keyed(key));
  }

  id(key?: string): Promise<string> {
    return this.step('id', () => this.scope.run.node.random.id(), keyed(key));
  }

  note(text: string, data?: unknown): void {
    this.scope.run.note(this.scope.path, 'note', text, data);
  }

  degrade(reason: string): void {
    this.scope.run.note(this.scope.path, 'degraded', reason);
  }

  plan(plan: Json, why: string, revisedAfter?: string): Promise<void> {
    return this.scope.run.holding ? never : watched(journalPlan(this.scope, plan, why, revisedAfter));
  }
}

function keyed(key: string | undefined): CallOptions {
  return key === undefined ? {} : { key };
}
