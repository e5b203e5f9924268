/**
 * Signals to one run, and the waits for them.
 *
 * A signal is journaled when it arrives and taken by one wait, in order of arrival. One that comes before its wait
 * is kept; one whose key came before is not taken twice.
 */
import { ConflictError } from '../core/errors.ts';
import type { Json } from '../core/json.ts';
import { parseWith, type Schema } from '../agents/schema.ts';
import type { SignalState } from '../journal/run-state.ts';
import type { Run } from './run.ts';

export type SignalTaken = { readonly seq: number; readonly value: Json };

/** A wait that is open. One for time has no name. */
export interface WaitingCall {
  readonly path: string;
  readonly signal: string | undefined;
  readonly schema: Schema<unknown> | undefined;
  take(signal: SignalTaken): void;
}

/** Most runs have no signals and at most one wait. */
const none: never[] = [];

export class Signals {
  readonly #run: Run;
  #arrived: SignalState[];
  #waits: WaitingCall[] = none;

  constructor(run: Run, arrived: readonly SignalState[]) {
    this.#run = run;
    this.#arrived = arrived.length === 0 ? none : [...arrived];
  }

  /** The paths of the waits that are open now. */
  openWaits(): string[] {
    return this.#waits.map(({ path }) => path);
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
    if (this.#arrived.length > 0 && wait.signal !== undefined) void this.#takeArrived(wait);
  }

  async #takeArrived(wait: WaitingCall): Promise<void> {
    for (const signal of this.#arrived) {
      if (signal.taken || signal.name !== wait.signal) continue;
      if (!(await fits(wait.schema, signal.value)) || signal.taken || !this.#waits.includes(wait)) continue;
      this.#give(wait, signal);
      return;
    }
  }

  /** A signal arrives. Throws a ValidationError when an open wait for it has a schema that it doesn't fit. */
  async receive(name: string, value: Json, key: string | undefined): Promise<void> {
    if (key !== undefined) {
      const before = this.#arrived.find((signal) => signal.key === key);
      if (before !== undefined) return this.#sameAgain(before, name);
    }
    const open = this.#waits.find((wait) => wait.signal === name);
    if (open?.schema !== undefined) await parseWith(open.schema, value, `The signal "${name}"`);
    const copy = this.#run.copy(value, `the signal "${name}"`);
    const kept = this.#run.keep(copy);
    const seq = this.#run.emit(
      'signal.received',
      { name, value: kept, ...(key === undefined ? {} : { key }) },
      undefined,
      { bytes: copy.bytes },
    );
    const signal: SignalState = { seq, name, value: copy.value, key, taken: false };
    this.#arrived = [...this.#arrived, signal];
    const wait = this.#waits.find((candidate) => candidate.signal === name);
    if (wait !== undefined) this.#give(wait, signal);
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

async function fits(schema: Schema<unknown> | undefined, value: Json): Promise<boolean> {
  if (schema === undefined) return true;
  const result = await schema['~standard'].validate(value);
  return result.issues === undefined;
}
