/**
 * What a run's journal says of its calls, for the run that goes on from it.
 *
 * G1  A call that is completed in the journal answers from it, with everything inside it, for ever (P3).
 * G2  Kind, name and the digest of the declared input are compared; a completed call that is never reached again
 *     is a divergence. A changed closure under the same name can't be seen: that is what versions are for.
 * G3  What is inside a try that failed, or a branch that lost its race, need not be reached again: how far such work
 *     comes before it is stopped is not part of what a body decides.
 */
import { DivergenceError } from '../core/errors.ts';
import type { Json } from '../core/json.ts';
import { basePath, parentPath } from '../journal/path.ts';
import type { RunState, StepKind, StepState } from '../journal/run-state.ts';

export class Recorded {
  #steps: Map<string, StepState> | undefined;
  #notes: Map<string, number> | undefined;
  readonly #plans: Json[] = [];
  readonly #reached = new Set<string>();
  readonly #entered = new Set<string>();
  /** Places (with their attempt) that were left before their end in this life (G3). */
  readonly #left = new Set<string>();
  /** The paths that have recorded calls in them, and those that have a `once` tool in them. */
  readonly #parents = new Set<string>();
  readonly #onceParents = new Map<string, string>();
  /** What is not over in the journal, but for a `once` tool in doubt: of that nothing more is known at its end. */
  readonly #open: StepState[] = [];

  static none(): Recorded {
    return new Recorded();
  }

  /** For a run whose journal was not read there is nothing to look up: all of them share one. */
  static of(state: RunState | undefined): Recorded {
    return state === undefined ? nothing : new Recorded(state);
  }

  private constructor(state?: RunState) {
    if (state === undefined) return;
    this.#steps = state.steps;
    this.#notes = new Map(state.notes);
    this.#plans.push(...state.plans);
    for (const step of state.steps.values()) {
      if (isLeftOpen(step)) this.#open.push(step);
      for (let parent = parentPath(step.path); parent !== ''; parent = parentPath(parent)) {
        if (this.#parents.has(parent) && !step.once) break;
        this.#parents.add(parent);
        if (step.once) this.#onceParents.set(parent, step.name ?? '');
      }
    }
  }

  /** Has the journal any call inside this one (by its path with the attempt)? */
  hasCallsIn(path: string): boolean {
    return this.#parents.has(path);
  }

  /** The name of a `once` tool that the journal has inside this call. */
  onceIn(path: string): string | undefined {
    return this.#onceParents.get(path);
  }

  /** What the journal has of the call at `path`. Throws a DivergenceError when it was another kind of call. */
  at(path: string, kind: StepKind, digest?: string): StepState | undefined {
    const step = this.#steps?.get(path);
    if (step === undefined) return undefined;
    this.#reached.add(path);
    if (step.kind !== kind) throw new DivergenceError(`"${path}" is a ${step.kind} in the journal and a ${kind} now.`);
    if (digest !== undefined && step.digest !== undefined && digest !== step.digest) {
      throw new DivergenceError(`The input of "${path}" differs from the one in the journal.`);
    }
    return step;
  }

  has(path: string): boolean {
    return this.#steps?.has(path) ?? false;
  }

  /** What was taken up at the agent's path before the model call of this turn. */
  steeredAt(path: string, turn: number): string[] {
    const taken = this.#steps?.get(basePath(path))?.steered ?? [];
    return taken.filter((one) => one.turn === turn).map(({ text }) => text);
  }

  /** The tool calls that ended so right inside the call at `path`, by turn and place. */
  toolsIn(path: string, status: 'completed' | 'failed'): StepState[] {
    const tools = [...(this.#steps?.values() ?? [])].filter(
      (step) => step.kind === 'tool' && step.status === status && parentPath(step.path) === path,
    );
    return tools.toSorted((a, b) => {
      const [turnA = 0, placeA = 0] = turnAndPlace(a.path);
      const [turnB = 0, placeB = 0] = turnAndPlace(b.path);
      return turnA - turnB || placeA - placeB;
    });
  }

  /** The plan that was journaled next, if the journal has one more. */
  tookPlan(): Json | undefined {
    return this.#plans.shift();
  }

  /** The call at this path (with its attempt) is under way again: what it does tells its end. */
  enter(path: string): void {
    if (this.#steps !== undefined) this.#entered.add(path);
  }

  /** The calls inside a place that the journal left open and that nothing has gone on with, innermost first. */
  open(inside: string): StepState[] {
    return this.#open.filter(({ path }) => isInside(path, inside) && !this.#entered.has(path)).toReversed();
  }

  /**
   * Is the call at `path` in doubt by the journal, or will it be as soon as it is reached again? One that a lost race or
   * a try that was given up left in doubt is not reached any more.
   */
  leftInDoubt(path: string): boolean {
    const step = this.#steps?.get(basePath(path));
    if (step === undefined || step.path !== path || this.#answeredAbove(path)) return false;
    return step.status === 'indoubt' || (step.once && step.status === 'open');
  }

  /** Did the journal leave a wait for this signal open that was not come to again yet? */
  leftWaitingFor(signal: string): boolean {
    for (const { status, path, wait } of this.#steps?.values() ?? []) {
      const isFor = wait?.for.kind === 'signal' && wait.for.signal === signal;
      if (status === 'open' && isFor && !this.#entered.has(path) && !this.#answeredAbove(path)) return true;
    }
    return false;
  }

  /** Did the journal leave the call at `path` open, that was not come to again yet? */
  leftOpen(path: string): boolean {
    const step = this.#steps?.get(basePath(path));
    return step?.path === path && step.status === 'open' && !this.#entered.has(path) && !this.#answeredAbove(path);
  }

  /** Was this note told before? Counts it off if so. */
  tookNote(path: string): boolean {
    const left = this.#notes?.get(path) ?? 0;
    if (left === 0) return false;
    this.#notes?.set(path, left - 1);
    return true;
  }

  /** What is inside this place need not be reached any more (G3). */
  leave(path: string): void {
    if (this.#steps !== undefined) this.#left.add(path);
  }

  /** How many of the journal's calls were reached by now. */
  get reached(): number {
    return this.#reached.size;
  }

  /** A completed call that the re-run did not reach though nothing around it answers for it. */
  unreached(): string | undefined {
    for (const [path, step] of this.#steps ?? []) {
      if (step.status === 'completed' && !this.#reached.has(path) && !this.#answeredAbove(path)) return path;
    }
    return undefined;
  }

  /** Is the call inside one that answered as a whole, or inside an attempt that was given up? */
  #answeredAbove(path: string): boolean {
    for (let parent = parentPath(path); parent !== ''; parent = parentPath(parent)) {
      if (this.#left.has(parent)) return true;
      const step = this.#steps?.get(basePath(parent));
      if (step === undefined) continue;
      if (step.status === 'completed' || step.status === 'failed' || step.path !== parent) return true;
    }
    return false;
  }
}

const nothing = Recorded.none();

function isLeftOpen({ status, once }: StepState): boolean {
  return status === 'open' || status === 'retrying' || (status === 'indoubt' && !once);
}

function isInside(path: string, place: string): boolean {
  return place === '' || path.startsWith(`${place}/`);
}

/** The numbers in the key of an agent's tool call, as it is in its path: `clerk/add:2-0`. */
export function turnAndPlace(path: string): readonly number[] {
  const base = basePath(path);
  return base
    .slice(base.lastIndexOf(':') + 1)
    .split('-')
    .map(Number);
}
