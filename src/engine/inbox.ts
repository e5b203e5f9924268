/**
 * Commands between nodes: whoever doesn't own the user puts them into the user's inbox; the owner answers.
 *
 * B1  An entry is answered and taken in one commit, so that it is done once whatever crashes.
 * B2  One that is refused is taken too, and the refusal is told as a user event that names the entry.
 * B3  A decision or a signal waits until its run comes to the call again, which may be behind other runs: it holds up
 *     nobody else.
 * B4  The word that something is there may be lost, so an owner also looks with each renewal of its lease.
 */
import { EngineError, fromErrorInfo, toErrorInfo, type ErrorInfo } from '../core/errors.ts';
import { toJson } from '../core/json.ts';
import { applyCommand, type Command } from './commands.ts';
import type { EngineNode } from './node.ts';
import { isOfThread } from './thread-commands.ts';
import type { UserStream } from './user-stream.ts';

/** How long the owner may take to answer, in ms. The lease of a dead one runs out within this time. */
const answerWithinMs = 60_000;

const draining = new WeakMap<UserStream, Promise<void>>();

/** Ids of what is being answered beside the others (B3). */
const besides = new WeakMap<UserStream, Set<string>>();

/** Answers everything in the inbox of an owned user, one drain at a time. */
export async function drainInbox(node: EngineNode, stream: UserStream): Promise<void> {
  const before = draining.get(stream) ?? Promise.resolve();
  const next = before.then(() => drain(node, stream));
  draining.set(
    stream,
    next.catch(() => undefined),
  );
  return next;
}

/** What may have to wait until its run comes to a call (B3). */
const waitsForRun: ReadonlySet<Command['kind']> = new Set(['decide', 'signal', 'approve']);

async function drain(node: EngineNode, stream: UserStream): Promise<void> {
  for (const { id, command } of await node.store.inbox(stream.tenant, stream.user)) {
    if (stream.gone !== undefined) return;
    const wanted = command as unknown as Command;
    if (waitsForRun.has(wanted.kind)) answerBeside(node, stream, id, wanted);
    else await answer(node, stream, id, wanted);
  }
}

function answerBeside(node: EngineNode, stream: UserStream, id: string, command: Command): void {
  const under = besides.get(stream) ?? new Set();
  besides.set(stream, under);
  if (under.has(id)) return;
  under.add(id);
  // One whose stream is let go of stays in the inbox, for the next owner.
  void answer(node, stream, id, command)
    .catch(() => undefined)
    .finally(() => under.delete(id));
}

async function answer(node: EngineNode, stream: UserStream, id: string, command: Command): Promise<void> {
  let answered = false;
  const tell = (subject: string): void => {
    answered = true;
    stream.takeEntry(id);
    stream.stamp('note', {
      code: 'answered',
      text: 'A command from another node was done.',
      data: { entry: id, ...subjectOf(command, subject) },
    });
  };
  try {
    const subject = await applyCommand(node, stream, command, tell);
    // What had been done before, or needed no doing, has no event of its own to be told with.
    if (!answered) tell(subject);
  } catch (thrown) {
    if (stream.gone !== undefined || answered) return;
    const error = toErrorInfo(thrown);
    stream.takeEntry(id);
    stream.stamp('note', {
      code: 'refused',
      text: error.message,
      data: { entry: id, error: toJson(error, 'an error') },
    });
  }
  await stream.durable();
}

function subjectOf(command: Command, subject: string): { readonly run: string } | { readonly thread: string } {
  return isOfThread(command) ? { thread: subject } : { run: subject };
}

/** Lets the user's owner do what `command` wants, here or elsewhere. Returns the run, or the thread, it is about. */
export async function tellOwner(node: EngineNode, tenant: string, user: string, command: Command): Promise<string> {
  const stream = await node.stream(tenant, user);
  return stream === undefined ? forward(node, tenant, user, command) : applyCommand(node, stream, command);
}

async function forward(node: EngineNode, tenant: string, user: string, command: Command): Promise<string> {
  const id = node.random.id();
  const from = (await node.store.head(tenant, user)).userSeq;
  const asked: Command = command.kind === 'delete-thread' ? { ...command, askedAt: from } : command;
  await node.store.putInbox(tenant, user, { id, at: node.clock.now(), command: toJson(asked, 'a command') });
  const end = new AbortController();
  const stopTimer = node.clock.after(answerWithinMs, () => end.abort());
  try {
    for await (const { events } of node.feeds.frames(tenant, user, from, { signal: end.signal })) {
      for (const event of events) {
        if (event.type !== 'note' || event.run !== undefined) continue;
        const told = event.data.data as
          | { readonly entry?: string; readonly run?: string; readonly error?: ErrorInfo }
          | undefined;
        if (told?.entry !== id) continue;
        if (told.error !== undefined) throw fromErrorInfo(told.error);
        return isOfThread(command) ? command.thread : (told.run ?? command.run);
      }
    }
  } finally {
    stopTimer();
  }
  throw new EngineError('closed', 'The node that owns this user did not answer.', {
    hint: 'Send it again: with the same key it is done once.',
    retryable: true,
  });
}
