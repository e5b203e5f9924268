/**
 * `createEngine`, the one factory.
 *
 * CE1  An engine comes from here and from nowhere else, by type and at run time.
 * CE2  The engine has no `start`, `read`, `stream` or `cancel`: only `engine.as(principal)` has (P2, P8).
 * CE3  What it was given is copied and frozen: no caller's later change reaches it.
 */
import { systemClock, type Clock } from '../core/clock.ts';
import { ConstructionError, ValidationError } from '../core/errors.ts';
import { limits } from '../core/limits.ts';
import { silentLog, type Log } from '../core/log.ts';
import { parsePrincipal, type PrincipalInput } from '../core/principal.ts';
import { systemRandom, type Random } from '../core/random.ts';
import type { Agent } from '../agents/agent.ts';
import type { Model } from '../agents/model.ts';
import type { Workflow } from '../agents/workflow.ts';
import type { Store } from '../journal/store.ts';
import { EngineNode, type NodeLimits } from './node.ts';
import { Registry } from './registry.ts';
import { openDoor, type UserDoor } from './user-door.ts';

/** Bounds that an engine may be given; what is left out is as in core/limits.ts. */
export type EngineLimits = Partial<NodeLimits>;

/** What an engine is made of. */
export type EngineOptions = {
  /** Where the journal is: `memory()`, `sqlite(folder)`. */
  readonly store: Store;
  readonly agents?: readonly Agent[];
  readonly workflows?: readonly Workflow[];
  /** Models by the names that agents ask for. */
  readonly models?: Readonly<Record<string, Model>>;
  readonly limits?: EngineLimits;
  readonly clock?: Clock;
  readonly random?: Random;
  readonly log?: Log;
  /** Only reads: it takes up no unfinished run, and starts, cancels, signals and decides nothing. */
  readonly readOnly?: boolean;
};

const made = Symbol('made by createEngine');

/** An engine: one for many users. Made by `createEngine`. */
class Engine {
  readonly #node: EngineNode;

  constructor(key: typeof made, node: EngineNode) {
    if (key !== made) throw new ConstructionError('An engine', 'createEngine(options)');
    this.#node = node;
  }

  /** The user's door. Throws `identity_required` for anything that does not name a user. */
  as(principal: PrincipalInput): UserDoor {
    return openDoor(Engine.#nodeOf(this), parsePrincipal(principal));
  }

  /** Where the journal is, for banners. */
  get store(): { readonly name: string; readonly durable: boolean } {
    const { name, durable } = Engine.#nodeOf(this).store;
    return { name, durable };
  }

  /**
   * Closes the engine. Runs under way get up to `graceMs` to end; the others go on at the next start, if the store
   * is durable. Resolves when everything that was told is on disk.
   */
  async close(options: { readonly graceMs?: number } = {}): Promise<void> {
    const { graceMs = 0 } = options;
    if (typeof graceMs !== 'number' || !(graceMs >= 0)) throw new ValidationError('`graceMs` is a number from 0 up.');
    await Engine.#nodeOf(this).close(graceMs);
  }

  /** Throws for anything that `createEngine` did not make: its methods can be borrowed, an engine can't (CE1). */
  static #nodeOf(engine: unknown): EngineNode {
    if (typeof engine === 'object' && engine !== null && #node in engine) return engine.#node;
    throw new ConstructionError('An engine', 'createEngine(options)');
  }
}

export type { Engine };

/**
 * Makes an engine on a store, and goes on with whatever runs it finds there unfinished.
 * Throws a ValidationError for definitions that don't fit together, and a StoreError when the store can't be opened.
 *
 * @example
 * const engine = await createEngine({ store: memory(), agents: [clerk], models: { default: model } });
 * const alice = engine.as({ user: 'alice' });
 * const run = await alice.start(clerk, 'What is 2 + 3?');
 * console.log(await run.result());
 * await engine.close();
 */
export async function createEngine(options: EngineOptions): Promise<Engine> {
  if (typeof options?.store?.append !== 'function') {
    throw new ValidationError('An engine needs a store.', {
      hint: 'createEngine({ store: memory() }), or sqlite(folder) to keep its runs.',
    });
  }
  const node = new EngineNode({
    store: options.store,
    registry: new Registry(options.workflows ?? [], options.agents ?? [], options.models ?? {}),
    clock: options.clock ?? systemClock,
    random: options.random ?? systemRandom,
    log: options.log ?? silentLog,
    limits: parseLimits(options.limits ?? {}),
    readOnly: options.readOnly ?? false,
  });
  await node.open();
  return Object.freeze(new Engine(made, node)) as Engine;
}

function parseLimits(given: EngineLimits): NodeLimits {
  const { runningMax, runningPerUserMax, queuedMax, queuedPerUserMax, freshUserSlotShare, runDeadlineMs } = limits;
  const all: NodeLimits = {
    runningMax,
    runningPerUserMax,
    queuedMax,
    queuedPerUserMax,
    freshUserSlotShare,
    runDeadlineMs,
  };
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(all, name))
      throw new ValidationError(`There is no limit "${name}".`, { hint: `Limits: ${Object.keys(all).join(', ')}.` });
    checkLimit(name, value);
  }
  return Object.freeze({ ...all, ...given });
}

function checkLimit(name: string, value: unknown): void {
  if (name === 'freshUserSlotShare') {
    if (typeof value === 'number' && value >= 0 && value < 1) return;
    throw new ValidationError(`The limit "${name}" is a share: a number from 0 up to, but not, 1.`);
  }
  // A count of 0 would be an engine in which nothing ever begins.
  if (Number.isSafeInteger(value) && (value as number) > 0) return;
  throw new ValidationError(`The limit "${name}" is a whole number from 1 up.`);
}
