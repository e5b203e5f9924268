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

type OpenWait = {
  readonly path: string;
  readonly name: string;
  readonly schema: Schema<unknown> | undefined;
  readonly take: (signal: SignalTaken) => void;
};

export class Signals {
  readonly #run: Run;
  readonly #arrived: SignalState[];
  readonly #waits: OpenWait[] = [];
  readonly #timed = new Set<string>();

  constructor(run: Run, arrived: readonly SignalState[]) {
    this.#run = run;
    this.#arrived = [...arrived];
  }

  /** The paths of the waits that are open now. */
  openWaits(): string[] {
    return [...this.#waits.map(({ path }) => path), ...this.#timed];
  }

  waitForTime(path: string): () => void {
    this.#timed.add(path);
    return () => this.#timed.delete(path);
  }

  /** A value as it was received, for a wait that the journal says it ended. */
  received(seq: number): Json {
    return this.#arrived.find((signal) => signal.seq === seq)?.value ?? null;
  }

  /** Registers a wait; it takes the oldest signal of its name that is there and fits, else the next. */
  wait(wait: OpenWait): () => void {
    this.#waits.push(wait);
    void this.#takeArrived(wait);
    return () => this.#forget(wait);
  }

  async #takeArrived(wait: OpenWait): Promise<void> {
    for (const signal of this.#arrived) {
      if (signal.taken || signal.name !== wait.name) continue;
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
    const open = this.#waits.find((wait) => wait.name === name);
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
    this.#arrived.push(signal);
    const wait = this.#waits.find((candidate) => candidate.name === name);
    if (wait !== undefined) this.#give(wait, signal);
  }

  #sameAgain(before: SignalState, name: string): void {
    if (before.name !== name)
      throw new ConflictError(`The key of signal "${name}" was used for signal "${before.name}".`);
  }

  #give(wait: OpenWait, signal: SignalState): void {
    signal.taken = true;
    this.#forget(wait);
    wait.take({ seq: signal.seq, value: signal.value });
  }

  #forget(wait: OpenWait): void {
    const index = this.#waits.indexOf(wait);
    if (index >= 0) this.#waits.splice(index, 1);
  }
}

async function fits(schema: Schema<unknown> | undefined, value: Json): Promise<boolean> {
  if (schema === undefined) return true;
  const result = await schema['~standard'].validate(value);
  return result.issues === undefined;
}
