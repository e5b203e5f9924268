/** The thread of apart.ts: one task after the other. */
import { parentPort } from 'node:worker_threads';
import { EngineError, type ErrorInfo } from 'cantus';
import type { Task, TaskAnswer } from './apart.ts';
import type { Dataset } from './data/dataset.ts';
import { readCalls } from './data/read-calls.ts';
import { computations } from './tools/computations.ts';

parentPort?.on('message', ({ id, task }: { readonly id: number; readonly task: Task }) => {
  parentPort?.postMessage(answerTo(id, task));
});

function answerTo(id: number, task: Task): TaskAnswer {
  try {
    return { id, output: done(task) };
  } catch (thrown) {
    if (EngineError.is(thrown) && thrown.code === 'invalid_input') return { id, invalid: infoOf(thrown) };
    return { id, failed: thrown instanceof Error ? thrown.message : String(thrown) };
  }
}

function done(task: Task): unknown {
  if (task.kind === 'read') return readCalls(task.content, task.options);
  const compute = computations[task.name] as (dataset: Dataset, input: unknown) => unknown;
  return compute(task.dataset, task.input);
}

function infoOf({ code, message, retryable, hint, details }: EngineError): ErrorInfo {
  return {
    code,
    message,
    retryable,
    ...(hint === undefined ? {} : { hint }),
    ...(details === undefined ? {} : { details }),
  };
}
