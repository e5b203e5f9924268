/** What a run in a list was about. */
import type { UserState } from '../client/user-state.ts';
import type { UserStore } from '../client/user-store.ts';
import type { RunRow } from '../journal/run-row.ts';
import { messageOf } from './work.ts';

type Known = Pick<UserState, 'run' | 'thread'>;

/** Its own question where the page has it, else the name of its conversation; empty where neither is known. */
export function runLabel(state: Known, { run, thread }: Pick<RunRow, 'run' | 'thread'>): string {
  const view = state.run(run);
  const asked = view?.state === undefined ? '' : messageOf(view.events, view.state).trim();
  if (asked !== '') return asked;
  return thread === undefined ? '' : (state.thread(thread)?.title ?? '');
}

/** Conversations come in the order of their last activity, so those of the newest runs are on the first pages. */
export async function loadLabels(
  store: Pick<UserStore, 'state' | 'loadThreads' | 'loadRun'>,
  rows: readonly RunRow[],
): Promise<void> {
  const isUnknown = (row: RunRow): boolean => runLabel(store.state, row) === '';
  const oldest = Math.min(...rows.map(({ firstUserSeq }) => firstUserSeq));
  const isBehind = (): boolean => (store.state.threads.at(-1)?.activeUserSeq ?? Infinity) > oldest;
  while (rows.some((row) => row.thread !== undefined && isUnknown(row)) && isBehind())
    if (!(await store.loadThreads({ older: true }))) break;
  await Promise.all(
    rows.filter((row) => row.thread === undefined && isUnknown(row)).map(({ run }) => store.loadRun(run)),
  );
}
