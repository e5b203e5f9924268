/**
 * The row a store keeps of each thread, so that a list of conversations need not read whole streams.
 * Like a run's row it is a projection of the journal, written in the same commit as its events, and made here alone.
 *
 * TH1  A thread begins with the first run in it, and is named after the first message until somebody names it.
 * TH2  A deleted thread has no row, and none of its runs has events, rows or blobs any more: a reader of the user's
 *      stream is told `skipped` for their places. A later run of the same name begins a new thread.
 */
import { clip } from '../core/errors.ts';
import type { JournalEvent } from './event.ts';
import type { RunStatus } from './run-row.ts';

/** What a list shows of a thread. */
export type ThreadRow = {
  readonly thread: string;
  /** What somebody named it, else the beginning of its first message; empty while there is neither. */
  readonly title: string;
  /** Did somebody name it? */
  readonly named: boolean;
  /** Ms since 1970: when its first run was queued, and when one was last queued or ended. */
  readonly startedAt: number;
  readonly activeAt: number;
  /** Place of the event that `activeAt` is of: lists are in its order, newest first, and paged by it. */
  readonly activeUserSeq: number;
  /** Runs in it, and how the newest one stands. */
  readonly runs: number;
  readonly lastRun: string;
  readonly status: RunStatus;
};

const titleCharsMax = 80;

/** The row after `event`, the same row when the event does not change it, undefined when the thread is gone. */
export function threadAfter(row: ThreadRow | undefined, event: JournalEvent): ThreadRow | undefined {
  if (event.type === 'run.queued') return queued(row, event);
  if (event.type === 'thread.deleted') return undefined;
  if (row === undefined) return undefined;
  switch (event.type) {
    case 'thread.renamed':
      return { ...row, title: event.data.title, named: true };
    case 'message.received':
      return row.title === '' ? { ...row, title: clip(oneLine(event.data.text), titleCharsMax) } : row;
    case 'run.started':
    case 'run.resumed':
      return ofLast(row, event, 'running');
    case 'run.suspended':
      return ofLast(row, event, 'suspended');
    case 'run.parked':
      return ofLast(row, event, 'parked');
    case 'run.completed':
    case 'run.degraded':
    case 'run.failed':
    case 'run.cancelled': {
      const status = event.type.slice('run.'.length) as RunStatus;
      return { ...ofLast(row, event, status), activeAt: event.at, activeUserSeq: event.userSeq };
    }
    default:
      return row;
  }
}

function queued(row: ThreadRow | undefined, event: JournalEvent & { readonly type: 'run.queued' }): ThreadRow {
  return {
    thread: event.thread ?? '',
    title: row?.title ?? '',
    named: row?.named ?? false,
    startedAt: row?.startedAt ?? event.at,
    activeAt: event.at,
    activeUserSeq: event.userSeq,
    runs: (row?.runs ?? 0) + 1,
    lastRun: event.run ?? '',
    status: 'queued',
  };
}

/** Only the newest run says how the thread stands; runs before it may end later. */
function ofLast(row: ThreadRow, event: JournalEvent, status: RunStatus): ThreadRow {
  return event.run === row.lastRun ? { ...row, status } : row;
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}
