/**
 * What a user can want of a thread: another title, or that it is gone.
 *
 * K4  A deletion cancels what is open in the thread, waits for the ends, and then tells of itself in the commit that
 *     removes everything (S8). A start that comes meanwhile waits, and begins a new thread (U4); one that came before
 *     is cancelled and removed. Cut short by a crash it may have cancelled runs and removed nothing.
 * K5  A deletion that was asked of another node may come to the owner when nobody waits for it any more, and the user
 *     has gone on in the thread: then it is refused, for what was begun since was never meant.
 */
import { ConflictError, NotFoundError } from '../core/errors.ts';
import { limits } from '../core/limits.ts';
import type { RunRow } from '../journal/run-row.ts';
import type { EngineNode } from './node.ts';
import type { Run } from './run.ts';
import type { Sleeper } from './sleepers.ts';
import type { UserStream } from './user-stream.ts';

export type ThreadCommand =
  | { readonly kind: 'rename-thread'; readonly thread: string; readonly title: string }
  | {
      readonly kind: 'delete-thread';
      readonly thread: string;
      /** The user's place when it was put into the inbox; absent where the owner itself was asked (K5). */
      readonly askedAt?: number;
    };

export function isOfThread(command: { readonly kind: string }): command is ThreadCommand {
  return command.kind === 'rename-thread' || command.kind === 'delete-thread';
}

/** Does it on an owned user, and returns the thread. Throws a NotFoundError for one that is not there (K2). */
export async function applyThreadCommand(
  node: EngineNode,
  stream: UserStream,
  command: ThreadCommand,
  told: ((thread: string) => void) | undefined,
): Promise<string> {
  const { thread } = command;
  while (!stream.isReady(thread)) await threadReady(node, stream, thread);
  if (!exists(stream, thread)) throw new NotFoundError('thread', thread);
  if (command.kind === 'rename-thread') {
    stream.stamp('thread.renamed', { title: command.title }, { thread }, command.title.length);
    told?.(thread);
    await stream.durable();
    return thread;
  }
  const deleting = remove(node, stream, command, told);
  stream.deleting.set(thread, deleting);
  try {
    await deleting;
  } finally {
    stream.deleting.delete(thread);
  }
  return thread;
}

/**
 * Waits until an event of the thread could be stamped. By the time who waits goes on another may have begun to delete
 * it, so they ask `isReady` and wait in a loop.
 */
export async function threadReady(node: EngineNode, stream: UserStream, thread: string): Promise<void> {
  const { tenant, user, deleting, threads } = stream;
  // How the deletion ended is for whoever asked for it.
  await deleting.get(thread)?.catch(() => undefined);
  await threads.load(thread, () => node.store.thread(tenant, user, thread));
}

/** A thread whose first run was told and is not yet handed to the store has no row, but is there. */
function exists(stream: UserStream, thread: string): boolean {
  return (
    stream.threads.row(thread) !== undefined || openRuns(stream, thread).length + asleepIn(stream, thread).length > 0
  );
}

function asleepIn({ asleep }: UserStream, thread: string): readonly Sleeper[] {
  return [...asleep.values()].filter((sleeper) => sleeper.thread === thread);
}

function openRuns({ runs }: UserStream, thread: string): readonly Run[] {
  return [...runs.values()].filter((run) => run.thread === thread);
}

async function remove(
  node: EngineNode,
  stream: UserStream,
  { thread, askedAt }: ThreadCommand & { readonly kind: 'delete-thread' },
  told: ((thread: string) => void) | undefined,
): Promise<void> {
  if (askedAt !== undefined) await refuseBegunSince(node, stream, thread, askedAt);
  for (const { run } of asleepIn(stream, thread)) await node.sleepers.warm(stream, run);
  const open = openRuns(stream, thread);
  for (const run of open) run.cancel('the thread was deleted');
  await Promise.all(open.map((run) => run.ended));
  // What was told in the thread without a run, such as a title, must be in the store too to be removed from it.
  await stream.durable();
  const runs = (await runsOf(node, stream, thread)).map(({ run }) => run);
  stream.stamp('thread.deleted', { runs }, { thread }, JSON.stringify(runs).length);
  told?.(thread);
  await stream.durable();
}

/** K5. A run that goes on as another one was begun when the first of them was. */
async function refuseBegunSince(node: EngineNode, stream: UserStream, thread: string, askedAt: number): Promise<void> {
  await stream.durable();
  const rows = await runsOf(node, stream, thread);
  const continuations = new Set(rows.map(({ continuedAs }) => continuedAs));
  if (!rows.some(({ run, firstUserSeq }) => firstUserSeq > askedAt && !continuations.has(run))) return;
  throw new ConflictError('Something was begun in the thread since its deletion was asked for.', {
    hint: 'Look at it, and delete it again if all of it shall be gone.',
  });
}

async function runsOf({ store }: EngineNode, { tenant, user }: UserStream, thread: string): Promise<readonly RunRow[]> {
  const rows: RunRow[] = [];
  const limit = limits.readPageEvents;
  while (rows.length < limits.threadRunsTold) {
    const before = rows.at(-1)?.firstUserSeq;
    const page = await store.runs(tenant, user, { thread, limit, ...(before === undefined ? {} : { before }) });
    rows.push(...page);
    if (page.length < limit) break;
  }
  return rows.slice(0, limits.threadRunsTold);
}
