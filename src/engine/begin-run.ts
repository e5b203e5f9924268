/**
 * The beginning of a run: made, told as queued, and given to the scheduler, all in one turn.
 *
 * BR1  A run that goes on as another one (`ctx.restart`) ends in the commit that begins the other, so that there is one
 *      of them whatever crashes. The other has its workflow, in the newest version that is here, its thread and roles, and
 *      no key. It answers the same message, which is found by where the first of them began, and its agents remember of
 *      the thread what came before that.
 */
import type { Json, JsonCopy } from '../core/json.ts';
import { isBlobRef } from '../journal/event.ts';
import { digestOf } from './digest.ts';
import type { EngineNode } from './node.ts';
import type { Runnable } from './registry.ts';
import { Run } from './run.ts';
import { keptBytes, type UserStream } from './user-stream.ts';

/** What a run begins with. */
export type Beginning = {
  readonly run: string;
  readonly workflow: string;
  readonly version: number;
  readonly roles: readonly string[];
  readonly name?: string | undefined;
  readonly key?: string | undefined;
  readonly thread?: string | undefined;
  readonly message?: string | undefined;
  /** The run that goes on as this one. */
  readonly continues?: string | undefined;
  readonly originUserSeq?: number | undefined;
  readonly deadlineMs: number;
};

/** Tells two starts of one key apart. */
export function startDigest({ workflow, version }: Pick<Beginning, 'workflow' | 'version'>, input: Json): string {
  return digestOf([workflow, version, input]);
}

/** Begins a run in this turn; `told` is called before anything follows from it. */
export function beginRun(
  node: EngineNode,
  stream: UserStream,
  { runnable, input }: { readonly runnable: Runnable; readonly input: JsonCopy },
  beginning: Beginning & { readonly told?: (() => void) | undefined },
): void {
  const { run: id, thread, workflow, deadlineMs, roles, name } = beginning;
  const run = new Run(node, stream, {
    id,
    thread,
    user: stream.principal(roles, name),
    workflow,
    input: isBlobRef(input.value) ? stream.keep(input) : input.value,
    deadlineMs,
    runnable,
    state: undefined,
    originUserSeq: beginning.originUserSeq,
  });
  tellQueued(run, beginning, input);
  beginning.told?.();
  stream.runs.set(id, run);
  node.scheduler.add(run);
}

function tellQueued(run: Run, beginning: Beginning, input: JsonCopy): void {
  const { workflow, version, roles, name, key, message, continues, originUserSeq, deadlineMs } = beginning;
  run.emit(
    'run.queued',
    {
      workflow,
      version,
      input: run.keep(input),
      digest: startDigest(beginning, input.value),
      deadlineMs,
      roles,
      ...(name === undefined ? {} : { name }),
      ...(key === undefined ? {} : { key }),
      ...(continues === undefined ? {} : { continues }),
      ...(originUserSeq === undefined ? {} : { originUserSeq }),
    },
    undefined,
    { bytes: keptBytes(input) },
  );
  if (message !== undefined) run.emit('message.received', { text: message }, undefined, { bytes: message.length });
}

/** Begins the run that `run` goes on as, in the commit of its end (BR1). */
export function continueRun(run: Run, id: string, input: JsonCopy): void {
  const { node, stream, workflow, thread, user } = run;
  stream.joinNext();
  // What waits for the thread waits on: it was asked after the question that both answer.
  if (thread !== undefined) node.scheduler.handOver(stream.key, thread, { from: run.id, to: id });
  const runnable = node.registry.newest(workflow);
  beginRun(
    node,
    stream,
    { runnable, input },
    {
      run: id,
      workflow,
      version: runnable.version,
      roles: user.roles,
      name: user.name,
      thread,
      continues: run.id,
      originUserSeq: run.originUserSeq,
      deadlineMs: run.deadlineMs,
    },
  );
}
