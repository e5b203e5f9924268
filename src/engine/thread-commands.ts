/**
 * What a user can want of a thread: another title, or that it is gone.
 *
 * K4  A deletion cancels what is open in the thread, waits for the ends, and then tells of itself in the commit that
 *     removes everything (S8). A start that comes meanwhile waits, and begins a new thread (U4); one that came before
 *     is cancelled and removed. Cut short by a crash it may have cancelled runs and removed nothing.
 */
import { NotFoundError } from '../core/errors.ts';
import { limits } from '../core/limits.ts';
import type { RunRow } from '../journal/run-row.ts';
import type { EngineNode } from './node.ts';
import type { Run } from './run.ts';
import type { Sleeper } from './sleepers.ts';
import type { UserStream } from './user-stream.ts';

export type ThreadCommand =
  | { readonly kind: 'rename-thread'; readonly thread: string; readonly title: string }
  | { readonly kind: 'delete-thread'; readonly thread: string };

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
  const deleting = remove(node, stream, thread, told);
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
  thread: string,
  told: ((thread: string) => void) | undefined,
): Promise<void> {
  for (const { run } of asleepIn(stream, thread)) await node.sleepers.warm(stream, run);
  const open = openRuns(stream, thread);
  for (const run of open) run.cancel('the thread was deleted');
  await Promise.all(open.map((run) => run.ended));
  // What was told in the thread without a run, such as a title, must be in the store too to be removed from it.
  await stream.durable();
  const runs = await runsOf(node, stream, thread);
  stream.stamp('thread.deleted', { runs }, { thread }, JSON.stringify(runs).length);
  told?.(thread);
  await stream.durable();
}

async function runsOf({ store }: EngineNode, { tenant, user }: UserStream, thread: string): Promise<readonly string[]> {
  const rows: RunRow[] = [];
  const limit = limits.readPageEvents;
  while (rows.length < limits.threadRunsTold) {
    const before = rows.at(-1)?.firstUserSeq;
    const page = await store.runs(tenant, user, { thread, limit, ...(before === undefined ? {} : { before }) });
    rows.push(...page);
    if (page.length < limit) break;
  }
  return rows.slice(0, limits.threadRunsTold).map(({ run }) => run);
}
