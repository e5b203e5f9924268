/**
 * Signals to one run, and the waits for them.
 *
 * Z1  A signal is journaled when it arrives and taken by one wait; of those that fit a wait the oldest, and of the
 *     waits that it fits the oldest. One that comes before its wait is kept.
 * Z2  One whose key came before is not journaled twice, also when both are checked at the same time.
 * Z3  Whoever sends one is told when an open wait refuses it, or when the run ends before it is journaled. A run that
 *     was woken by it and finds no slot takes it unchecked, as it would not be durable for long.
 */
import { ConflictError } from '../core/errors.ts';
import type { Json } from '../core/json.ts';
import { parseWith, type Schema } from '../agents/schema.ts';
import { isBlobRef } from '../journal/event.ts';
import type { SignalState, WaitEnd } from '../journal/run-state.ts';
import type { ApprovalFor } from './approvals.ts';
import type { Run } from './run.ts';
import { keptBytes } from './user-stream.ts';

export type SignalTaken = { readonly seq: number; readonly value: Json };

/** A wait that is open. One for time has no name. */
export interface WaitingCall {
  readonly path: string;
  readonly signal: string | undefined;
  readonly schema: Schema<unknown> | undefined;
  /** What is asked, if it waits for an approval. */
  readonly approval: ApprovalFor | undefined;
  readonly dueAt: number;
  /** The run is evicted: no alarm of its is left. */
  drop(): void;
  take(signal: SignalTaken): void;
  end(end: WaitEnd): void;
}

/** Most runs have no signals and at most one wait. */
const none: never[] = [];

export class Signals {
  readonly #run: Run;
  #arrived: SignalState[];
  #waits: WaitingCall[] = none;
  #matching = false;
  /** Has a signal or a wait come since the match began? */
  #changed = false;

  #awaited: (() => void)[] = none;

  constructor(run: Run, arrived: readonly SignalState[]) {
    this.#run = run;
    this.#arrived = arrived.length === 0 ? none : [...arrived];
  }

  /** The paths of the waits that are open now. */
  openWaits(): string[] {
    return this.#waits.map(({ path }) => path);
  }

  /** The wait that is open at this path. */
  at(path: string): WaitingCall | undefined {
    return this.#waits.find((wait) => wait.path === path);
  }

  /** Resolves when the wait at `path` that the journal left open is open again, or is known not to be. */
  async untilKnownAt(path: string): Promise<void> {
    const run = this.#run;
    while (run.live && run.phase !== 'suspended' && run.recorded.leftOpen(path)) await this.#moved();
  }

  #moved(): Promise<void> {
    return new Promise((resolve) => (this.#awaited = [...this.#awaited, resolve]));
  }

  /** A value as it was received, for a wait that the journal says it ended. */
  received(seq: number): Json {
    return this.#arrived.find((signal) => signal.seq === seq)?.value ?? null;
  }

  /** Registers a wait; it takes the oldest signal of its name that is there and fits, else the next. */
  wait(wait: WaitingCall): void {
    // A literal holds one; pushing into an empty list makes room for seventeen.
    if (this.#waits.length === 0) this.#waits = [wait];
    else this.#waits.push(wait);
    if (this.#arrived.length > 0 && wait.signal !== undefined) void this.#match();
    this.wake();
  }

  /** Is a signal being matched just now? */
  get matching(): boolean {
    return this.#matching;
  }

  /** When the first of the open waits is due. */
  nextDueAt(): number {
    return this.#waits.reduce((first, { dueAt }) => Math.min(first, dueAt), Infinity);
  }

  /** The run is evicted. */
  drop(): void {
    for (const wait of this.#waits) wait.drop();
  }

  /** Something was reached that somebody may wait for, or nothing will be any more. */
  wake(): void {
    const awaited = this.#awaited;
    this.#awaited = none;
    for (const resolve of awaited) resolve();
  }

  /**
   * Resolves when a wait for the signal that the journal left open is open again, or is known not to be: only it knows
   * whether the signal fits (Z3).
   */
  async untilKnown(name: string): Promise<void> {
    const run = this.#run;
    while (
      run.phase === 'running' &&
      run.recorded.leftWaitingFor(name) &&
      !this.#waits.some(({ signal }) => signal === name)
    ) {
      await this.#moved();
    }
  }

  /**
   * A signal arrives; `told` is called in the turn that journals it. Throws a ValidationError when an open wait for it
   * has a schema that it doesn't fit.
   */
  async receive(name: string, value: Json, key: string | undefined, told?: () => void): Promise<void> {
    if (this.#isKnown(key, name)) return;
    const open = this.#waits.find((wait) => wait.signal === name);
    if (open?.schema !== undefined) {
      await parseWith(open.schema, value, `The signal "${name}"`);
      // The same signal may have come, and the run may have ended, while this one was checked.
      if (this.#isKnown(key, name)) return;
    }
    if (!this.#run.live) throw new ConflictError('The run has ended, so it takes no signal.');
    const copy = this.#run.copy(value, `the signal "${name}"`);
    const kept = this.#run.keep(copy);
    const seq = this.#run.emit(
      'signal.received',
      { name, value: kept, ...(key === undefined ? {} : { key }) },
      undefined,
      { bytes: keptBytes(copy) },
    );
    told?.();
    this.#arrived = [...this.#arrived, { seq, name, value: kept, key, taken: false }];
    await this.#match();
  }

  /** Gives what has arrived to the waits it fits, one match at a time (Z1). */
  async #match(): Promise<void> {
    this.#changed = true;
    if (this.#matching) return;
    this.#matching = true;
    while (this.#changed) {
      this.#changed = false;
      for (const wait of this.#waits) {
        const signal = await this.#oldestFor(wait);
        if (signal !== undefined && this.#waits.includes(wait)) this.#give(wait, signal);
      }
    }
    this.#matching = false;
    // It was not suspended while it was not known whether it goes on.
    this.#run.activeChanged(0);
  }

  async #oldestFor(wait: WaitingCall): Promise<SignalState | undefined> {
    for (const signal of this.#arrived) {
      if (!signal.taken && signal.name === wait.signal && (await this.#fits(wait.schema, signal.value))) return signal;
    }
    return undefined;
  }

  async #fits(schema: Schema<unknown> | undefined, kept: Json): Promise<boolean> {
    if (schema === undefined) return true;
    try {
      // A blob can be read once it is written.
      if (isBlobRef(kept)) await this.#run.durable();
      return (await schema['~standard'].validate(await this.#run.value(kept))).issues === undefined;
    } catch {
      // A schema that fails on a value doesn't take it; the wait goes on to its expiry.
      return false;
    }
  }

  #isKnown(key: string | undefined, name: string): boolean {
    const before = key === undefined ? undefined : this.#arrived.find((signal) => signal.key === key);
    if (before !== undefined) this.#sameAgain(before, name);
    return before !== undefined;
  }

  #sameAgain(before: SignalState, name: string): void {
    if (before.name !== name)
      throw new ConflictError(`The key of signal "${name}" was used for signal "${before.name}".`);
  }

  #give(wait: WaitingCall, signal: SignalState): void {
    signal.taken = true;
    wait.take({ seq: signal.seq, value: signal.value });
  }

  /** The wait is over. */
  forget(wait: WaitingCall): void {
    this.#waits = this.#waits.filter((other) => other !== wait);
  }
}
