/** The asking side of the worker: one question, one promise. It keeps the process alive exactly while one is open. */
import { Worker } from 'node:worker_threads';
import { EngineError, StoreError } from '../core/errors.ts';
import { limits } from '../core/limits.ts';
import type { Answer, Asked, CallName, CommitPiece, Given } from './sqlite-calls.ts';
import { unpackError } from './sqlite-errors.ts';

type Waiting = { readonly resolve: (given: never) => void; readonly reject: (error: EngineError) => void };

export class SqliteLink {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  readonly #exited: Promise<void>;
  #lastId = 0;
  #ended: EngineError | undefined;

  constructor() {
    // The same file from source and built; tsc rewrites imports, but not this text.
    const file = import.meta.url.endsWith('.ts') ? './sqlite-worker.ts' : './sqlite-worker.js';
    this.#worker = new Worker(new URL(file, import.meta.url), {
      name: 'cantus-sqlite',
      resourceLimits: { maxYoungGenerationSizeMb: limits.sqliteYoungMb },
    });
    this.#worker.unref();
    this.#worker.on('message', (answer: Answer) => this.#settle(answer));
    this.#worker.on('error', (cause) => this.#end(threadEnded(cause)));
    this.#exited = new Promise((resolve) => {
      this.#worker.on('exit', () => {
        this.#end(threadEnded(undefined));
        resolve();
      });
    });
  }

  ask<Name extends CallName>(name: Name, now: number, asked: Asked<Name>): Promise<Given<Name>> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    const id = ++this.#lastId;
    this.#worker.postMessage({ id, name, now, asked });
    return this.#answerTo(id);
  }

  /** Sends a commit piece by piece, each as soon as it is packed. Throws what packing throws; nothing is written then. */
  append(now: number, pieces: Iterable<CommitPiece>): Promise<Given<'append'>> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    const id = ++this.#lastId;
    let begun = false;
    try {
      for (const piece of pieces) {
        this.#worker.postMessage(begun ? piece : { id, name: 'append', now, asked: piece });
        begun = true;
      }
    } catch (thrown) {
      // The thread waits for the next piece. Its answer has nobody waiting for it.
      if (begun)
        this.#worker.postMessage({ parts: '[]', lines: '', blobs: [], follows: 'abandoned' } satisfies CommitPiece);
      throw thrown;
    }
    return this.#answerTo(id);
  }

  #answerTo<Gift>(id: number): Promise<Gift> {
    if (this.#waiting.size === 0) this.#worker.ref();
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
  }

  /** Ends the thread; what was asked before is answered first. */
  async end(): Promise<void> {
    this.#worker.ref();
    await this.#worker.terminate();
    await this.#exited;
  }

  #settle(answer: Answer): void {
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if (this.#waiting.size === 0) this.#worker.unref();
    if ('error' in answer) waiting?.reject(unpackError(answer.error));
    else waiting?.resolve(answer.given as never);
  }

  #end(error: EngineError): void {
    this.#ended ??= error;
    for (const { reject } of this.#waiting.values()) reject(this.#ended);
    this.#waiting.clear();
  }
}

function threadEnded(cause: unknown): StoreError {
  return new StoreError(
    'store_failed',
    'The thread of the SQLite store has ended, so what was asked last may or may not be written.',
    {
      hint: 'Start again: the journal is read back as far as it was written.',
      ...(cause === undefined ? {} : { cause }),
    },
  );
}
