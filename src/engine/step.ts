/** `ctx.step`: the one primitive. Everything else that lasts is a step of another kind. */
import { toJson, type Json, type JsonCopy } from '../core/json.ts';
import type { StepOptions } from '../agents/workflow.ts';
import { attemptCall, recall, rethrowFailed, type CallSpec } from './attempts.ts';
import { digestOf } from './digest.ts';
import type { Run } from './run.ts';
import type { Scope } from './scope.ts';
import { keptBytes } from './user-stream.ts';

const nothing = Object.freeze({});

/** Does `work` once under this place and journals its result. */
export async function step<T>(
  parent: Scope,
  name: string,
  work: (scope: Scope) => Promise<T> | T,
  options: StepOptions = {},
): Promise<T> {
  const { run } = parent;
  const path = parent.claim(name, options.key, 'a step');
  const digest =
    options.input === undefined ? undefined : digestOf(toJson(options.input, `the input of step "${name}"`));
  const recorded = recall(parent, path, 'step', digest);
  if (recorded?.status === 'completed') return (await run.value(recorded.output ?? null)) as T;
  rethrowFailed(recorded);
  const spec: CallSpec<JsonCopy> = {
    kind: 'step',
    label: `Step "${name}"`,
    path,
    retry: options.retry,
    timeoutMs: options.timeoutMs,
    begin(livePath, attempt) {
      run.emit('step.started', digest === undefined ? nothing : { digest }, livePath, { attempt });
      return undefined;
    },
    work: async (scope) => run.copy(await work(scope), `the result of step "${name}"`),
    complete: (copy, livePath, attempt) => tellCompleted(run, copy, livePath, attempt),
    vouched(output, livePath, attempt) {
      const copy = run.copy(output, `the result of step "${name}"`);
      tellCompleted(run, copy, livePath, attempt);
      return copy;
    },
  };
  const copy = await attemptCall(parent, spec, recorded);
  return copy.value as T;
}

function tellCompleted(run: Run, copy: JsonCopy, path: string, attempt: number): void {
  const output: Json = run.keep(copy);
  run.emit('step.completed', { output }, path, { attempt, bytes: keptBytes(copy) });
}
