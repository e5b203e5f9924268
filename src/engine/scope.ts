/**
 * A place in the live tree of a run: an open call, or the run itself at the top.
 *
 * T1  A name (and key) is used once in a place. A second use ends the run: with a counter in its stead, parallel
 *     code would answer from the wrong step on a re-run, silently.
 * T2  Cancelling a place cancels everything open in it, and nothing outside.
 * T3  A call ends before the place it is in: what is still open when a body returns is cancelled and closed first.
 * T4  A run is active while some innermost open call is neither a wait nor in doubt.
 */
import { CancelledError, EngineError } from '../core/errors.ts';
import { limits } from '../core/limits.ts';
import { parseName } from '../core/names.ts';
import { childPath } from '../journal/path.ts';
import type { Run } from './run.ts';

export class Scope {
  readonly run: Run;
  readonly parent: Scope | undefined;
  readonly path: string;
  /** Why it was cancelled; undefined while it is not. */
  cancelled: EngineError | undefined;
  /** The name of a `once` tool that was started in here: what must not be repeated by a retry around it. */
  once: string | undefined;
  /** Did it have calls in it? Then a retry needs a new path. */
  hadCalls = false;
  #waiting: boolean;
  #closed = false;
  #used: Set<string> | undefined;
  #open: Set<Scope> | undefined;
  #controller: AbortController | undefined;
  #onCancel: Set<(cause: EngineError) => void> | undefined;
  #onEmpty: (() => void) | undefined;

  constructor(run: Run, parent: Scope | undefined, path: string, waiting = false) {
    this.run = run;
    this.parent = parent;
    this.path = path;
    this.#waiting = waiting;
    if (parent === undefined) {
      run.activeChanged(1);
      return;
    }
    if (parent.#open === undefined) parent.#open = new Set();
    if (parent.#open.size === 0) run.activeChanged(-1);
    parent.#open.add(this);
    parent.hadCalls = true;
    if (!waiting) run.activeChanged(1);
  }

  /** Aborts when this place is cancelled. Made when first asked for: most calls never look. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.cancelled !== undefined) this.#controller.abort(this.cancelled);
    }
    return this.#controller.signal;
  }

  /** The path of a call that is about to be made here (T1). */
  claim(name: string, key: string | undefined, what: string): string {
    const path = childPath(this.path, parseName(name, what), key);
    this.#used ??= new Set();
    if (this.#used.has(path)) {
      const error = new EngineError('path_reused', `"${path}" is used a second time.`, {
        hint: `Give each call of one name in one place its own key: { key: String(index) }.`,
      });
      this.run.fail(error);
      throw error;
    }
    this.#used.add(path);
    return path;
  }

  /** Opens a call in here. Throws when this place is cancelled or closed. */
  openCall(path: string, waiting = false): Scope {
    if (this.cancelled !== undefined) throw this.cancelled;
    if (this.#closed) throw new CancelledError(`"${path}" was called after the place it belongs to had ended`);
    return new Scope(this.run, this, path, waiting);
  }

  /** Says whether this call only waits from now on (T4). */
  set waiting(waiting: boolean) {
    if (waiting === this.#waiting || this.#closed) return;
    this.#waiting = waiting;
    this.run.activeChanged(waiting ? -1 : 1);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    const { parent } = this;
    if (!this.#waiting) this.run.activeChanged(-1);
    if (parent === undefined) return;
    const open = parent.#open;
    open?.delete(this);
    if (open?.size !== 0) return;
    if (!parent.#closed) this.run.activeChanged(1);
    parent.#onEmpty?.();
  }

  cancel(cause: EngineError): void {
    if (this.cancelled !== undefined || this.#closed) return;
    this.cancelled = cause;
    this.#controller?.abort(cause);
    const callbacks = this.#onCancel;
    this.#onCancel = undefined;
    if (callbacks !== undefined) for (const callback of callbacks) callback(cause);
    this.#open?.forEach((child) => child.cancel(cause));
  }

  /** Calls `callback` once when this place is cancelled, at once if it is already. The returned function forgets it. */
  onCancel(callback: (cause: EngineError) => void): () => void {
    if (this.cancelled !== undefined) {
      callback(this.cancelled);
      return () => undefined;
    }
    const callbacks = (this.#onCancel ??= new Set());
    callbacks.add(callback);
    return () => callbacks.delete(callback);
  }

  /** Resolves after `ms`; rejects when this place is cancelled before. */
  pause(ms: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const stop = this.run.clock.after(ms, () => {
        forget();
        resolve();
      });
      const forget = this.onCancel((cause) => {
        stop();
        reject(cause);
      });
    });
  }

  /**
   * The result of `work`, or the reason why this place was cancelled. After a cancel the work has a moment's grace to
   * end by itself; what ignores its signal is left behind.
   */
  until<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      let stopGrace: (() => void) | undefined;
      const settle =
        <V>(end: (value: V) => void) =>
        (value: V): void => {
          stopGrace?.();
          end(value);
        };
      work.then(settle(resolve), settle(reject));
      this.onCancel((cause) => {
        stopGrace = this.run.clock.after(limits.endGraceMs, () => reject(cause));
      });
    });
  }

  /** Cancels what is still open in here and waits until it has ended (T3). */
  async closeCalls(why: string): Promise<void> {
    if (this.#open === undefined || this.#open.size === 0) return;
    const cause = new CancelledError(why);
    this.#open.forEach((child) => child.cancel(cause));
    if (this.#open.size === 0) return;
    await new Promise<void>((resolve) => {
      this.#onEmpty = resolve;
    });
    this.#onEmpty = undefined;
  }

  /** Marks this place and those around it as having started a `once` tool. */
  markOnce(tool: string): void {
    this.once = tool;
    this.parent?.markOnce(tool);
  }
}
