/**
 * Questions on their way: shown at once where they were asked, until the run is there that they became.
 *
 * OB1  A question is sent with one key however often it is tried again, so it starts once.
 * OB2  One that could not be sent stays, with the reason, until it is sent again or put aside.
 */
import { EngineError, toErrorInfo, type ErrorInfo } from '../core/errors.ts';
import type { Random } from '../core/random.ts';
import type { Ask } from '../protocol/operations.ts';
import type { RemoteDoor } from '../client/remote-door.ts';

export type Outgoing = {
  readonly key: string;
  readonly thread: string;
  readonly text: string;
  readonly ask: Pick<Ask, 'question' | 'input' | 'options'>;
  readonly workflow: string | undefined;
  readonly error: ErrorInfo | undefined;
  /** The run it became. */
  readonly run: string | undefined;
  /** What the app said of it. */
  readonly notes: readonly string[];
};

/** What is asked, where, and as what it is shown. */
export type Question = Pick<Outgoing, 'thread' | 'text' | 'ask' | 'workflow'>;

export class Outbox {
  readonly #door: Pick<RemoteDoor, 'start'>;
  readonly #random: Random;
  readonly #listeners = new Set<() => void>();
  #all: readonly Outgoing[] = [];

  constructor(door: Pick<RemoteDoor, 'start'>, random: Random) {
    this.#door = door;
    this.#random = random;
  }

  /** A new list after each change. */
  get all(): readonly Outgoing[] {
    return this.#all;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Resolves when it has been sent, or could not be. */
  send(question: Question): Promise<void> {
    const outgoing = { ...question, key: this.#random.id(), error: undefined, run: undefined, notes: [] };
    this.#put([...this.#all, outgoing]);
    return this.#start(outgoing);
  }

  /** With the same key (OB1). */
  async again(key: string): Promise<void> {
    const outgoing = this.#all.find((one) => one.key === key);
    if (outgoing?.error === undefined) return;
    this.#change(key, { error: undefined });
    await this.#start(outgoing);
  }

  forget(key: string): void {
    this.#put(this.#all.filter((one) => one.key !== key));
  }

  async #start({ key, workflow, ask, thread }: Outgoing): Promise<void> {
    try {
      const { id, notes } = await this.#door.start(workflow, ask, { key, thread });
      this.#change(key, { run: id, notes });
    } catch (thrown) {
      this.#change(key, { error: EngineError.is(thrown) ? toErrorInfo(thrown) : unknownFailure(thrown) });
    }
  }

  #change(key: string, change: Partial<Outgoing>): void {
    this.#put(this.#all.map((one) => (one.key === key ? { ...one, ...change } : one)));
  }

  #put(all: readonly Outgoing[]): void {
    this.#all = all;
    for (const listener of this.#listeners) listener();
  }
}

function unknownFailure(thrown: unknown): ErrorInfo {
  return { code: 'bug', message: thrown instanceof Error ? thrown.message : 'It could not be sent.', retryable: true };
}
