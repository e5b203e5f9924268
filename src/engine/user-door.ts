/**
 * The one way in: everything a user can do, for that user alone.
 *
 * P2  Nothing here takes an owner: tenant and user are the door's. Another user's id is answered as an unknown one.
 * P8  A door is made by `engine.as(principal)` from a checked identity, and in no other way.
 */
import { ConstructionError, NotFoundError, ValidationError } from '../core/errors.ts';
import { toJson, type Json } from '../core/json.ts';
import type { Principal } from '../core/principal.ts';
import type { Agent } from '../agents/agent.ts';
import type { Workflow } from '../agents/workflow.ts';
import type { RunRow } from '../journal/run-row.ts';
import { isBlobRef, type BlobRef } from '../journal/event.ts';
import type { Cursor } from '../journal/store.ts';
import type { ThreadRow } from '../journal/thread-row.ts';
import type { Command } from './commands.ts';
import {
  parseCursor,
  parseDeadline,
  parseMessage,
  parseOptionalId,
  parseOptions,
  parseRunId,
  parseRunList,
  parseThreadId,
  parseThreadList,
  parseTitle,
  type RunList,
  type ThreadList,
} from './door-input.ts';
import type { Frame } from './feed.ts';
import { tellOwner } from './inbox.ts';
import type { EngineNode } from './node.ts';
import { UserRun, type RunHandle } from './run-handle.ts';

export type { RunList, ThreadList } from './door-input.ts';

/** How a run is started. */
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
  /** The user's threads; the one that was active last comes first. */
  threads(list?: ThreadList): Promise<readonly ThreadRow[]>;
  /** The thread with this id. Throws a NotFoundError if the user has none. */
  thread(id: string): Promise<ThreadRow>;
  /** Gives it another title: one line of 1 to 200 characters. Throws a NotFoundError if the user has no such thread. */
  renameThread(id: string, title: string): Promise<ThreadRow>;
  /**
   * Deletes it with all that is in it, for good: what is open in it is cancelled first. Resolves when it is gone.
   * Throws a NotFoundError if the user has no such thread.
   */
  deleteThread(id: string): Promise<void>;
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
    // Or its holder could set another principal and act as that user.
    Object.freeze(this);
  }

  async start(what: string | Agent | Workflow, rawInput: unknown, given?: StartOptions): Promise<RunHandle<never>> {
    const node = Door.#openNode(this);
    const { roles, name } = this.principal;
    const runnable = node.registry.find(what);
    const options = parseOptions(given, 'a start');
    const key = parseOptionalId(options.key, 'key');
    const thread = parseOptionalId(options.thread, 'thread');
    const deadlineMs = parseDeadline(options.deadlineMs);
    const input = toJson(rawInput, 'the input');
    await runnable.parse(input);
    const message = parseMessage(options.message) ?? runnable.message(input);
    const run = await this.#tell({
      kind: 'start',
      run: node.random.id(),
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
    return new UserRun<never>(node, this.principal, run);
  }

  async run(id: string): Promise<RunHandle> {
    const node = Door.#openNode(this);
    const { tenant, user } = this.principal;
    const row = await node.store.run(tenant, user, parseRunId(id));
    if (row === undefined) throw new NotFoundError('run', id);
    return new UserRun<Json>(node, this.principal, id);
  }

  async runs(list?: RunList): Promise<readonly RunRow[]> {
    const { store } = Door.#openNode(this);
    const { tenant, user } = this.principal;
    return store.runs(tenant, user, parseRunList(parseOptions(list, 'a list of runs')));
  }

  async threads(list?: ThreadList): Promise<readonly ThreadRow[]> {
    const { store } = Door.#openNode(this);
    const { tenant, user } = this.principal;
    return store.threads(tenant, user, parseThreadList(parseOptions(list, 'a list of threads')));
  }

  async thread(given: string): Promise<ThreadRow> {
    const { store } = Door.#openNode(this);
    const { tenant, user } = this.principal;
    const id = parseThreadId(given);
    const row = await store.thread(tenant, user, id);
    if (row === undefined) throw new NotFoundError('thread', id);
    return row;
  }

  async renameThread(id: string, title: string): Promise<ThreadRow> {
    Door.#openNode(this);
    const thread = parseThreadId(id);
    await this.#tell({ kind: 'rename-thread', thread, title: parseTitle(title) });
    return this.thread(thread);
  }

  async deleteThread(id: string): Promise<void> {
    Door.#openNode(this);
    await this.#tell({ kind: 'delete-thread', thread: parseThreadId(id) });
  }

  async *frames(given?: { readonly after?: Cursor; readonly signal?: AbortSignal }): AsyncGenerator<Frame> {
    const { feeds } = Door.#openNode(this);
    const { tenant, user } = this.principal;
    const { after, signal } = parseOptions(given, 'frames');
    yield* feeds.frames(tenant, user, parseCursor(after), signal === undefined ? {} : { signal });
  }

  async head(): Promise<Cursor> {
    const { store } = Door.#openNode(this);
    return store.head(this.principal.tenant, this.principal.user);
  }

  async value(reference: BlobRef): Promise<Json> {
    const { store } = Door.#openNode(this);
    const { tenant, user } = this.principal;
    if (!isBlobRef(reference)) throw new ValidationError('A reference is { $blob, bytes } as an event has it.');
    const text = await store.blob(tenant, user, reference.$blob);
    if (text === undefined) throw new NotFoundError('blob', reference.$blob);
    return JSON.parse(text) as Json;
  }

  /** Throws for anything that `engine.as` did not make: its methods can be borrowed, a door can't (P8). */
  static #openNode(door: unknown): EngineNode {
    if (typeof door !== 'object' || door === null || !(#node in door))
      throw new ConstructionError("A user's door", 'engine.as(principal)');
    door.#node.checkOpen();
    return door.#node;
  }

  #tell(command: Command): Promise<string> {
    const { tenant, user } = this.principal;
    return tellOwner(this.#node, tenant, user, command);
  }
}

/** Opens the door of a checked principal; for `engine.as` alone. */
export function openDoor(node: EngineNode, principal: Principal): UserDoor {
  return new Door(made, node, principal);
}
