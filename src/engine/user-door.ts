/**
 * The one way in: everything a user can do, for that user alone.
 *
 * P2  Nothing here takes an owner: tenant and user are the door's. Another user's id is answered as an unknown one.
 * P8  A door is made by `engine.as(principal)` from a checked identity, and in no other way.
 */
import { ConstructionError, NotFoundError } from '../core/errors.ts';
import { toJson, type Json } from '../core/json.ts';
import { limits } from '../core/limits.ts';
import type { Principal } from '../core/principal.ts';
import type { Agent } from '../agents/agent.ts';
import { agentWorkflowPrefix, type Workflow } from '../agents/workflow.ts';
import type { RunRow, RunStatus } from '../journal/run-row.ts';
import { isBlobRef, type BlobRef } from '../journal/event.ts';
import type { Cursor } from '../journal/store.ts';
import { applyCommand, parseDeadline, parseKey, type Command } from './commands.ts';
import type { Frame } from './feed.ts';
import { forward } from './inbox.ts';
import type { EngineNode } from './node.ts';
import { UserRun, type RunHandle } from './run-handle.ts';

export type StartOptions = {
  /** The same key starts once: a start that is sent again answers with the same run. */
  readonly key?: string;
  /** The conversation it belongs to. A thread has one active run; others wait. */
  readonly thread?: string;
  /** What the user said, where the input does not say it (the text of an agent, the `question` of a workflow). */
  readonly message?: string;
  /** Active time it may take, in ms. */
  readonly deadlineMs?: number;
};

export type RunList = {
  readonly status?: readonly RunStatus[];
  readonly thread?: string;
  readonly before?: number;
  readonly limit?: number;
};

/** A user's door. */
export interface UserDoor {
  readonly principal: Principal;
  /** Starts a run. Resolves when it is in the journal. */
  start<Output>(agent: Agent<Output>, text: string, options?: StartOptions): Promise<RunHandle<Output>>;
  start<Input, Output>(
    workflow: Workflow<Input, Output>,
    input: Input,
    options?: StartOptions,
  ): Promise<RunHandle<Output>>;
  start(name: string, input: unknown, options?: StartOptions): Promise<RunHandle>;
  /** The run with this id. Throws a NotFoundError if the user has none. */
  run(id: string): Promise<RunHandle>;
  /** The user's runs, newest first. */
  runs(list?: RunList): Promise<readonly RunRow[]>;
  /** All that happens to the user behind the cursor, then what comes, as frames that can be resumed from any place. */
  frames(options?: { readonly after?: Cursor; readonly signal?: AbortSignal }): AsyncIterable<Frame>;
  /** The newest place of the user's stream. */
  head(): Promise<Cursor>;
  /** The value that a reference in an event stands for. */
  value(reference: BlobRef): Promise<Json>;
}

const made = Symbol('made by engine.as');

export class Door implements UserDoor {
  readonly principal: Principal;
  readonly #node: EngineNode;

  constructor(key: typeof made, node: EngineNode, principal: Principal) {
    if (key !== made) throw new ConstructionError("A user's door", 'engine.as(principal)');
    this.principal = principal;
    this.#node = node;
  }

  async start(
    what: string | Agent | Workflow,
    rawInput: unknown,
    options: StartOptions = {},
  ): Promise<RunHandle<never>> {
    const { registry } = this.#open();
    const { tenant, user, roles, name } = this.principal;
    const runnable = registry.newest(
      typeof what === 'string' ? what : what.kind === 'agent' ? agentWorkflowPrefix + what.name : what.name,
    );
    const input = toJson(rawInput, 'the input');
    await runnable.check(input);
    const message = options.message ?? runnable.message(input);
    const key = parseKey(options.key, 'key');
    const thread = parseKey(options.thread, 'thread');
    const deadlineMs = parseDeadline(options.deadlineMs);
    const run = await this.#tell({
      kind: 'start',
      run: this.#node.random.id(),
      workflow: runnable.name,
      version: runnable.version,
      input,
      roles,
      ...(name === undefined ? {} : { name }),
      ...(key === undefined ? {} : { key }),
      ...(thread === undefined ? {} : { thread }),
      ...(message === undefined ? {} : { message }),
      ...(deadlineMs === undefined ? {} : { deadlineMs }),
    });
    return new UserRun<never>(this.#node, tenant, user, run);
  }

  async run(id: string): Promise<RunHandle> {
    const { tenant, user } = this.principal;
    if ((await this.#open().store.run(tenant, user, id)) === undefined) throw new NotFoundError('run', id);
    return new UserRun<Json>(this.#node, tenant, user, id);
  }

  async runs(list: RunList = {}): Promise<readonly RunRow[]> {
    const { tenant, user } = this.principal;
    return this.#open().store.runs(tenant, user, { ...list, limit: Math.min(list.limit ?? 50, limits.readPageEvents) });
  }

  async *frames(options: { readonly after?: Cursor; readonly signal?: AbortSignal } = {}): AsyncGenerator<Frame> {
    const { tenant, user } = this.principal;
    const { store, feeds } = this.#open();
    const head = await store.head(tenant, user);
    // A cursor of another generation has no place in this one: begin anew.
    const after = options.after?.generation === head.generation ? options.after.userSeq : 0;
    yield* feeds.frames(tenant, user, after, options.signal === undefined ? {} : { signal: options.signal });
  }

  head(): Promise<Cursor> {
    return this.#open().store.head(this.principal.tenant, this.principal.user);
  }

  async value(reference: BlobRef): Promise<Json> {
    const { tenant, user } = this.principal;
    const text = isBlobRef(reference) ? await this.#open().store.blob(tenant, user, reference.$blob) : undefined;
    if (text === undefined) throw new NotFoundError('blob', reference.$blob);
    return JSON.parse(text) as Json;
  }

  #open(): EngineNode {
    if (!(#node in this)) throw new ConstructionError("A user's door", 'engine.as(principal)');
    this.#node.checkOpen();
    return this.#node;
  }

  async #tell(command: Command): Promise<string> {
    const { tenant, user } = this.principal;
    const stream = await this.#node.stream(tenant, user);
    return stream === undefined
      ? forward(this.#node, tenant, user, command)
      : applyCommand(this.#node, stream, command);
  }
}

/** Opens the door of a checked principal; for `engine.as` alone. */
export function openDoor(node: EngineNode, principal: Principal): UserDoor {
  return new Door(made, node, principal);
}
