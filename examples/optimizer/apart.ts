/**
 * Large data are read and computed in a thread of its own: a second of computing would be a second in which no other
 * user of the process is answered.
 *
 * AP1  What is small is done at once, on the spot: a thread would take longer to be told of it.
 * AP2  The thread gives what the same call would have given here, errors for people too.
 * AP3  One thread does one thing after the other. It keeps the process alive exactly while something is asked of it,
 *      and one that died is replaced when it is next needed.
 */
import { Worker } from 'node:worker_threads';
import { ValidationError, type ErrorInfo } from 'cantus';
import { bounds } from './bounds.ts';
import type { Dataset } from './data/dataset.ts';
import { readCalls, type ReadOptions } from './data/read-calls.ts';
import { computations, type ComputationName } from './tools/computations.ts';

export type Task =
  | { readonly kind: 'read'; readonly content: string | Uint8Array; readonly options: ReadOptions }
  | {
      readonly kind: 'compute';
      readonly name: ComputationName;
      readonly dataset: Dataset;
      readonly input: unknown;
    };

export type TaskAnswer =
  | { readonly id: number; readonly output: unknown }
  | { readonly id: number; readonly invalid: ErrorInfo }
  | { readonly id: number; readonly failed: string };

/** Reads calls as `readCalls` does, and throws what it throws. */
export async function readApart(content: string | Uint8Array, options: ReadOptions): Promise<Dataset> {
  if (content.length < bounds.apartFromBytes) return readCalls(content, options);
  return (await ask({ kind: 'read', content, options })) as Dataset;
}

type Output<Name extends ComputationName> = ReturnType<(typeof computations)[Name]>;

/** What the tool of this name computes. */
export async function computeApart<Name extends ComputationName>(
  name: Name,
  dataset: Dataset,
  input: unknown,
): Promise<Output<Name>> {
  const compute = computations[name] as (data: Dataset, given: unknown) => Output<Name>;
  if (dataset.rows < bounds.apartFromRows) return compute(dataset, input);
  return (await ask({ kind: 'compute', name, dataset, input })) as Output<Name>;
}

type Waiting = { readonly resolve: (output: unknown) => void; readonly reject: (error: Error) => void };

class Thread {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;
  isOver = false;

  constructor() {
    const file = import.meta.url.endsWith('.ts') ? './apart-worker.ts' : './apart-worker.js';
    this.#worker = new Worker(new URL(file, import.meta.url), { name: 'cantus-optimizer' });
    this.#worker.unref();
    this.#worker.on('message', (answer: TaskAnswer) => this.#settle(answer));
    this.#worker.on('error', (cause) => this.#end(cause));
    this.#worker.on('exit', () => this.#end(undefined));
  }

  ask(task: Task): Promise<unknown> {
    const id = ++this.#lastId;
    this.#worker.postMessage({ id, task });
    if (this.#waiting.size === 0) this.#worker.ref();
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
  }

  #settle(answer: TaskAnswer): void {
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if (this.#waiting.size === 0) this.#worker.unref();
    if ('invalid' in answer) waiting?.reject(invalid(answer.invalid));
    else if ('failed' in answer) waiting?.reject(new Error(answer.failed));
    else waiting?.resolve(answer.output);
  }

  #end(cause: unknown): void {
    this.isOver = true;
    const error = new Error('The thread that reads large files has ended, mostly for lack of memory.', { cause });
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}

/** AP2 */
function invalid({ message, hint, details }: ErrorInfo): ValidationError {
  return new ValidationError(message, {
    ...(hint === undefined ? {} : { hint }),
    ...(details === undefined ? {} : { details }),
  });
}

let thread: Thread | undefined;

/** AP3 */
function ask(task: Task): Promise<unknown> {
  if (thread === undefined || thread.isOver) thread = new Thread();
  return thread.ask(task);
}
