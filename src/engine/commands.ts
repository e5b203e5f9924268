/**
 * What a user can want of the engine, as data: the same commands whether the user is owned here or elsewhere.
 *
 * K1  A start with a key happens once: the same key with the same workflow and input answers with the same run, with
 *     another it is a conflict. The version that began counts: a start sent again across a deploy is the same start.
 * K2  A command about a run that is not this user's is answered as one about a run that is not there (P2).
 * K3  A command has happened when its promise resolves: it is durable by then.
 */
import { ConflictError, LimitError, NotFoundError } from '../core/errors.ts';
import { copyJson, type Json } from '../core/json.ts';
import { limits } from '../core/limits.ts';
import type { Doubt } from '../journal/event.ts';
import { isEnded } from '../journal/run-row.ts';
import { approve, type Approving } from './approvals.ts';
import { beginRun, startDigest } from './begin-run.ts';
import type { EngineNode } from './node.ts';
import type { Runnable } from './registry.ts';
import type { Run } from './run.ts';
import { applyThreadCommand, isOfThread, threadReady, type ThreadCommand } from './thread-commands.ts';
import type { UserStream } from './user-stream.ts';

export type Command =
  | {
      readonly kind: 'start';
      readonly run: string;
      readonly workflow: string;
      readonly version: number;
      readonly input: Json;
      readonly roles: readonly string[];
      readonly name?: string;
      readonly key?: string;
      readonly thread?: string;
      readonly message?: string;
      readonly deadlineMs?: number;
    }
  | {
      readonly kind: 'signal';
      readonly run: string;
      readonly name: string;
      readonly value: Json;
      readonly key?: string;
    }
  | { readonly kind: 'cancel'; readonly run: string; readonly reason: string }
  | {
      readonly kind: 'decide';
      readonly run: string;
      readonly path: string;
      readonly decision: Doubt;
      readonly output: Json;
    }
  | ({ readonly kind: 'approve'; readonly run: string } & Approving)
  | ThreadCommand;

type Start = Extract<Command, { readonly kind: 'start' }>;
type RunCommand = Exclude<Command, Start | ThreadCommand>;

/** Called in the turn that journals what a command did, so that what it tells is in the same commit. */
export type Told = (subject: string) => void;

/** Does what `command` wants on an owned user. Returns the id of the run, or the thread, that it is about. */
export async function applyCommand(
  node: EngineNode,
  stream: UserStream,
  command: Command,
  told?: Told,
): Promise<string> {
  if (command.kind === 'start') return start(node, stream, command, told);
  if (isOfThread(command)) return applyThreadCommand(node, stream, command, told);
  const run = await node.sleepers.warm(stream, command.run);
  if (run === undefined || !run.live) await refuseEnded(node, stream, command);
  else {
    const release = run.hold();
    await tellRun(run, command, told).finally(release);
  }
  await stream.durable();
  return command.run;
}

async function refuseEnded(node: EngineNode, stream: UserStream, command: RunCommand): Promise<void> {
  // Its end may be told and not yet be in its row.
  await stream.durable();
  const row = await node.store.run(stream.tenant, stream.user, command.run);
  if (row === undefined) throw new NotFoundError('run', command.run);
  // To cancel what has ended is no error: whoever asked wanted it to be over.
  if (command.kind === 'cancel' && isEnded(row.status)) return;
  throw new ConflictError(`The run has ended (${row.status}), so it takes no ${command.kind}.`);
}

async function tellRun(run: Run, command: RunCommand, told: Told | undefined): Promise<void> {
  switch (command.kind) {
    case 'cancel':
      run.cancel(command.reason);
      return told?.(run.id);
    case 'signal':
      await run.signals.untilKnown(command.name);
      return run.signals.receive(command.name, command.value, command.key, () => told?.(run.id));
    case 'approve':
      await approve(run, command);
      return told?.(run.id);
    case 'decide': {
      if (run.parked)
        throw new ConflictError('The run is parked: no node has its version, so nothing can follow from a decision.', {
          hint: 'Decide when a node has the version again.',
          retryable: true,
        });
      await run.doubts.untilKnown(command.path);
      if (!run.doubts.decide(command.path, { decision: command.decision, output: command.output }))
        throw new ConflictError(`Nothing at "${command.path}" waits for a decision.`, {
          hint: 'See `cantus show RUN` for what does. What a lost race, or a try that was given up, left in doubt stays so.',
        });
      return told?.(run.id);
    }
  }
}

async function start(node: EngineNode, stream: UserStream, command: Start, told: Told | undefined): Promise<string> {
  const { key } = command;
  if (key === undefined) return begin(node, stream, command, told);
  while (stream.starting.has(key)) await stream.starting.get(key)?.catch(() => undefined);
  const starting = startKeyed(node, stream, { ...command, key }, told);
  stream.starting.set(key, starting);
  try {
    return await starting;
  } finally {
    stream.starting.delete(key);
  }
}

async function startKeyed(
  node: EngineNode,
  stream: UserStream,
  command: Start & { readonly key: string },
  told: Told | undefined,
): Promise<string> {
  const row = await node.store.runByKey(stream.tenant, stream.user, command.key);
  if (row === undefined) return begin(node, stream, command, told);
  // The run goes on with the version it began with: a start that is sent again across a deploy is still the same start.
  const { version } = row;
  if (row.digest === startDigest({ ...command, version }, command.input)) return row.run;
  throw new ConflictError(`The key "${command.key}" was used to start something else.`, {
    hint: 'Use a new key for each new start; the same key only to send the same start again.',
    details: { run: row.run },
  });
}

async function begin(node: EngineNode, stream: UserStream, command: Start, told: Told | undefined): Promise<string> {
  const runnable = node.registry.at(command.workflow, command.version);
  if (runnable === undefined) throw new NotFoundError('workflow', `${command.workflow} version ${command.version}`);
  const { thread } = command;
  if (thread !== undefined) while (!stream.isReady(thread)) await threadReady(node, stream, thread);
  // Nothing is waited for from here to the first event.
  node.checkAdmits();
  checkThread(stream, command, runnable);
  node.scheduler.admit(stream.key);
  const copy = copyJson(command.input, 'the input');
  checkMessage(command);
  const deadlineMs = command.deadlineMs ?? runnable.deadlineMs ?? node.limits.runDeadlineMs;
  beginRun(node, stream, { runnable, input: copy }, { ...command, deadlineMs, told: () => told?.(command.run) });
  await stream.durable();
  return command.run;
}

/** A run is told in two events, and both or neither: one that is too large is refused before the first. */
function checkMessage({ message = '' }: Start): void {
  if (message.length <= limits.eventBytesMax) return;
  throw new LimitError(`A message of ${message.length} characters is longer than ${limits.eventBytesMax}.`, {
    hint: 'Shorten it, or pass the text as the input of a workflow: large inputs are kept beside the journal.',
  });
}

function checkThread(stream: UserStream, command: Start, runnable: Runnable): void {
  if (command.thread === undefined || runnable.onBusy !== 'refuse') return;
  for (const run of stream.runs.values()) {
    // One whose end is told has left the thread, though its commit may be still under way.
    if (run.live && run.thread === command.thread) throw threadIsBusy();
  }
  for (const { thread } of stream.asleep.values()) if (thread === command.thread) throw threadIsBusy();
}

function threadIsBusy(): ConflictError {
  return new ConflictError('The thread has an active run, and this agent takes one message at a time.', {
    hint: 'Wait for its end, or cancel it.',
    retryable: true,
  });
}
