/**
 * Questions on their way: shown at once where they were asked, until the run is there that they became.
 *
 * OB1  A question is sent with one key however often it is tried again, so it starts once.
 * OB2  One that could not be sent stays, with the reason, until it is sent again or put aside.
 * OB3  One that was refused for what it says, so that sending it again is of no use, goes back to where it was written.
 */
import { EngineError, toErrorInfo, type ErrorInfo } from '../core/errors.ts';
import type { Random } from '../core/random.ts';
import type { Ask } from '../protocol/operations.ts';
import type { Draft } from './drafts.ts';
import type { RemoteDoor } from '../client/remote-door.ts';

export type Outgoing = {
  readonly key: string;
  readonly thread: string | undefined;
  readonly text: string;
  readonly ask: Pick<Ask, 'question' | 'input' | 'options'>;
  readonly workflow: string | undefined;
  /** Where and as what it was written; absent where nobody wrote it. */
  readonly written?: { readonly place: string } & Pick<Draft, 'text' | 'options'> & Partial<Pick<Draft, 'workflow'>>;
  /** The run that it asks again. */
  readonly again?: string;
  readonly error: ErrorInfo | undefined;
  /** The run it became. */
  readonly run: string | undefined;
  /** What the app said of it. */
  readonly notes: readonly string[];
};

/** What is asked, where, and as what it is shown. */
export type Question = Pick<Outgoing, 'text' | 'ask' | 'workflow' | 'written' | 'again'> & {
  readonly thread: string | undefined;
};

export class Outbox {
  readonly #door: Pick<RemoteDoor, 'start'>;
  readonly #random: Random;
  readonly #giveBack: (refused: Outgoing) => void;
  readonly #listeners = new Set<() => void>();
  #all: readonly Outgoing[] = [];

  /** `giveBack` puts what was refused where it was written (OB3). */
  constructor(door: Pick<RemoteDoor, 'start'>, random: Random, giveBack: (refused: Outgoing) => void) {
    this.#door = door;
    this.#random = random;
    this.#giveBack = giveBack;
  }

  /** A new list after each change. */
  get all(): readonly Outgoing[] {
    return this.#all;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Resolves when it has been sent, or could not be, with how that went. */
  send(question: Question): Promise<Outgoing> {
    const outgoing = { ...question, key: this.#random.id(), error: undefined, run: undefined, notes: [] };
    this.#put([...this.#all, outgoing]);
    return this.#start(outgoing);
  }

  /** With the same key (OB1). */
  async again(key: string): Promise<Outgoing | undefined> {
    const outgoing = this.#all.find((one) => one.key === key);
    if (outgoing?.error === undefined) return outgoing;
    this.#change(key, { error: undefined });
    return this.#start(outgoing);
  }

  /** Back to where it was written instead of being sent again, or away if nobody wrote it. */
  putAside(key: string): void {
    const outgoing = this.#all.find((one) => one.key === key);
    this.forget(key);
    if (outgoing?.written !== undefined) this.#giveBack(outgoing);
  }

  forget(key: string): void {
    this.#put(this.#all.filter((one) => one.key !== key));
  }

  async #start(outgoing: Outgoing): Promise<Outgoing> {
    const { key } = outgoing;
    const sent = { ...outgoing, ...(await this.#sent(outgoing)) };
    this.#change(key, sent);
    if (sent.error?.retryable === false && sent.written !== undefined) {
      this.forget(key);
      this.#giveBack(sent);
    }
    return sent;
  }

  async #sent({ key, workflow, ask, thread }: Outgoing): Promise<Partial<Outgoing>> {
    try {
      const { id, notes } = await this.#door.start(workflow, ask, { key, ...(thread === undefined ? {} : { thread }) });
      return { run: id, notes, error: undefined };
    } catch (thrown) {
      return { error: EngineError.is(thrown) ? toErrorInfo(thrown) : unknownFailure(thrown) };
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
