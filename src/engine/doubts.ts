/**
 * The calls of one run that are in doubt, and the decisions of them. A call is decided once; one that is tried again
 * and comes into doubt again is a new doubt at the same path.
 */
import type { Json } from '../core/json.ts';
import type { Doubt } from '../journal/event.ts';
import type { Run } from './run.ts';
import type { Scope } from './scope.ts';

/** What somebody decided of a call in doubt. `output` belongs to `happened`. */
export type Decision = { readonly decision: Doubt; readonly output: Json };

type Open = { readonly scope: Scope; readonly resolve: (decision: Decision) => void };

export class Doubts {
  readonly #run: Run;
  readonly #open = new Map<string, Open>();
  /** Paths that were decided in this life of the run. */
  readonly #decided = new Set<string>();
  #awaited: (() => void)[] = [];

  constructor(run: Run) {
    this.#run = run;
  }

  /** The paths of the calls that are in doubt now. */
  paths(): string[] {
    return [...this.#open.keys()];
  }

  /** Waits for somebody to decide of the call at `path`, whose place is `scope`. */
  decision(path: string, scope: Scope): Promise<Decision> {
    scope.waiting = true;
    return new Promise((resolve, reject) => {
      scope.onCancel((cause) => {
        this.#open.delete(path);
        reject(cause);
      });
      this.#open.set(path, { scope, resolve });
      this.wake();
    });
  }

  /** Decides of the call at `path`; false when it is not in doubt. What follows is told in the same commit. */
  decide(path: string, decision: Decision): boolean {
    const open = this.#open.get(path);
    if (open === undefined) return false;
    this.#open.delete(path);
    this.#decided.add(path);
    open.scope.waiting = false;
    this.#run.emit('doubt.decided', { decision: decision.decision }, path);
    open.resolve(decision);
    return true;
  }

  /**
   * Resolves when the call at `path` is in doubt, or is known not to be. A run that has only just been taken up from
   * its journal may not have come to the call again: then its coming is waited for.
   */
  async untilKnown(path: string): Promise<void> {
    while (
      this.#run.live &&
      !this.#open.has(path) &&
      !this.#decided.has(path) &&
      this.#run.recorded.leftInDoubt(path)
    ) {
      await new Promise<void>((resolve) => this.#awaited.push(resolve));
    }
  }

  /** Something was reached that somebody may wait for, or nothing will be any more. */
  wake(): void {
    const awaited = this.#awaited;
    this.#awaited = [];
    for (const resolve of awaited) resolve();
  }
}
