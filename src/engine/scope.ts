/**
 * A place in the live tree of a run: an open call, or the run itself at the top.
 *
 * T1  A name (and key) is used once in a place. A second use ends the run: with a counter in its stead, parallel
 *     code would answer from the wrong step on a re-run, silently.
 * T2  Cancelling a place cancels everything open in it, and nothing outside.
 * T3  A call ends before the place it is in: what is still open when a body returns is cancelled and closed first.
 * T4  A run is active while some innermost open call is neither a wait nor in doubt.
 */
import { CancelledError, EngineError, LimitError, lookable } from '../core/errors.ts';
import { limits } from '../core/limits.ts';
import { parseName } from '../core/names.ts';
import { childPath } from '../journal/path.ts';
import type { Run } from './run.ts';

/** How a piece of work ended. */
export type WorkEnd<T> = { readonly output: T } | { readonly thrown: unknown };

/** Wants to know when a place is cancelled. What is open long is one itself: a closure for it costs more than it. */
export interface CancelWatcher {
  cancelled(cause: EngineError): void;
}

/** So many levels have at least as many characters, and most paths have fewer. */
function checkDepth(path: string): void {
  if (path.length < 2 * limits.callDepthMax || path.split('/').length <= limits.callDepthMax) return;
  throw new LimitError(`Calls may be inside each other up to ${limits.callDepthMax} levels deep.`, {
    hint: 'Call one after the other, in a loop with a key for each.',
  });
}

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
  /** Its own work is over: what is open in here is being closed, and nothing more opens. */
  #closing = false;
  #used: Set<string> | undefined;
  /** The calls open in here, as a chain through their `#next` and `#before`: a set of its own for each costs more. */
  #first: Scope | undefined;
  #next: Scope | undefined;
  #before: Scope | undefined;
  #controller: AbortController | undefined;
  /** The only one or a list: most places have at most one. */
  #watchers: CancelWatcher | readonly CancelWatcher[] | undefined;
  #done: ((end: WorkEnd<unknown>) => void) | undefined;
  #stopGrace: (() => void) | undefined;
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
    if (parent.#first === undefined) run.activeChanged(-1);
    else parent.#first.#before = this;
    this.#next = parent.#first;
    parent.#first = this;
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
    const path = childPath(this.path, this.#checkedName(name, what), key);
    checkDepth(path);
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

  /** A name that can't be one is a mistake in the body, and ends the run: a body that catches all would hide it. */
  #checkedName(name: string, what: string): string {
    try {
      return parseName(name, what);
    } catch (thrown) {
      this.run.fail(thrown as EngineError);
      throw thrown;
    }
  }

  /** Throws when this place is cancelled or closed: then no call opens in here. */
  checkOpens(path: string): void {
    if (this.cancelled !== undefined) throw this.cancelled;
    if (this.#closed || this.#closing)
      throw new CancelledError(`"${path}" was called after the place it belongs to had ended`);
  }

  /** Opens a call in here. Throws when this place is cancelled or closed. */
  openCall(path: string, waiting = false): Scope {
    this.checkOpens(path);
    this.run.recorded.enter(path);
    return new Scope(this.run, this, path, waiting);
  }

  /** Says whether this call only waits from now on (T4). */
  set waiting(waiting: boolean) {
    if (waiting === this.#waiting || this.#closed) return;
    this.#waiting = waiting;
    this.run.activeChanged(waiting ? -1 : 1);
  }

  /** Has this call ended? */
  get closed(): boolean {
    return this.#closed;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#stopGrace?.();
    this.#done = undefined;
    const { parent } = this;
    if (!this.#waiting) this.run.activeChanged(-1);
    if (parent === undefined) return;
    this.#unchain(parent);
    if (parent.#first !== undefined) return;
    if (!parent.#closed) this.run.activeChanged(1);
    parent.#onEmpty?.();
  }

  #unchain(parent: Scope): void {
    if (this.#before === undefined) parent.#first = this.#next;
    else this.#before.#next = this.#next;
    if (this.#next !== undefined) this.#next.#before = this.#before;
    this.#next = undefined;
    this.#before = undefined;
  }

  cancel(cause: EngineError): void {
    if (this.cancelled !== undefined || this.#closed) return;
    this.cancelled = cause;
    this.#controller?.abort(cause);
    if (this.#done !== undefined) this.#startGrace(cause);
    const watchers = this.#watcherList();
    this.#watchers = undefined;
    for (const watcher of watchers) watcher.cancelled(cause);
    this.#cancelCalls(cause);
  }

  #cancelCalls(cause: EngineError): void {
    // A call that is cancelled may close at once and leave the chain: the next one is taken before.
    for (let call = this.#first; call !== undefined;) {
      const next: Scope | undefined = call.#next;
      call.cancel(cause);
      call = next;
    }
  }

  /** Tells `watcher` once when this place is cancelled, at once if it is already. */
  watch(watcher: CancelWatcher): void {
    if (this.cancelled !== undefined) watcher.cancelled(this.cancelled);
    else this.#watchers = this.#watchers === undefined ? watcher : [...this.#watcherList(), watcher];
  }

  #watcherList(): readonly CancelWatcher[] {
    return [this.#watchers ?? []].flat();
  }

  /** As `watch`, with a callback. The returned function forgets it. */
  onCancel(callback: (cause: EngineError) => void): () => void {
    const watcher = { cancelled: callback };
    this.watch(watcher);
    return () => {
      this.#watchers = this.#watcherList().filter((other) => other !== watcher);
    };
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
   * end by itself, as long as this place is open; what ignores its signal is left behind.
   */
  until<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.settle(work, (end) => ('output' in end ? resolve(end.output) : reject(end.thrown)));
    });
  }

  /** As `until`, with a callback that is called once. */
  settle<T>(work: Promise<T>, done: (end: WorkEnd<T>) => void): void {
    this.#done = done as (end: WorkEnd<unknown>) => void;
    if (this.cancelled !== undefined) this.#startGrace(this.cancelled);
    work.then(
      (output) => this.#finish({ output }),
      // Foreign code ends here, so nobody after this need be afraid of what it threw.
      (thrown: unknown) => this.#finish({ thrown: lookable(thrown) }),
    );
  }

  #finish(end: WorkEnd<unknown>): void {
    const done = this.#done;
    this.#done = undefined;
    done?.(end);
  }

  #startGrace(thrown: EngineError): void {
    // Nothing is told any more of a run that this node lets go of, so there is nothing to wait for.
    if (!this.run.live) return this.#finish({ thrown });
    this.#stopGrace = this.run.clock.after(limits.endGraceMs, () => this.#finish({ thrown }));
  }

  /** Cancels what is still open in here and waits until it has ended (T3). */
  async closeCalls(why: string): Promise<void> {
    this.#closing = true;
    if (this.#first === undefined) return;
    this.#cancelCalls(new CancelledError(why));
    if (this.#first === undefined) return;
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
