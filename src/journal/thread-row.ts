/**
 * The row a store keeps of each thread, so that a list of conversations need not read whole streams.
 * Like a run's row it is a projection of the journal, written in the same commit as its events, and made here alone.
 *
 * TH1  A thread begins with the first run in it, and is named after the first message until somebody names it.
 * TH2  A deleted thread has no row, and none of its runs has events, rows or blobs any more: a reader of the user's
 *      stream is told `skipped` for their places. A later run of the same name begins a new thread.
 */
import { clip } from '../core/errors.ts';
import { isTerminal, type EventType, type JournalEvent } from './event.ts';
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

/** Characters of a title that is the beginning of a message. */
const messageTitleCharsMax = 80;

/** The row after `event`, the same row when the event does not change it, undefined when the thread is gone. */
export function threadAfter(row: ThreadRow | undefined, event: JournalEvent): ThreadRow | undefined {
  if (event.type === 'run.queued') return queued(row, event);
  if (event.type === 'thread.deleted') return undefined;
  if (row === undefined) return undefined;
  if (event.type === 'thread.renamed') return { ...row, title: event.data.title, named: true };
  if (event.type === 'message.received') return row.title === '' ? { ...row, title: titleOf(event.data.text) } : row;
  const status = statusAfter[event.type];
  if (status === undefined) return row;
  // Only the newest run says how the thread stands; runs before it may end later.
  const stands = event.run === row.lastRun ? { ...row, status } : row;
  return isTerminal(event.type) ? { ...stands, activeAt: event.at, activeUserSeq: event.userSeq } : stands;
}

const statusAfter: { readonly [T in EventType]?: RunStatus } = {
  'run.started': 'running',
  'run.resumed': 'running',
  'run.suspended': 'suspended',
  'run.parked': 'parked',
  'run.completed': 'completed',
  'run.degraded': 'degraded',
  'run.failed': 'failed',
  'run.cancelled': 'cancelled',
};

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

/** A message may be long, and hold what moves a terminal's cursor or is half a character. */
function titleOf(text: string): string {
  const beginning = text.trimStart().slice(0, 4 * messageTitleCharsMax);
  const line = beginning.replaceAll(/[\s\p{Cc}\p{Cs}]+/gu, ' ').trim();
  return clip(line, messageTitleCharsMax).replaceAll(/\p{Cs}/gu, '');
}

/** Is `search` in the title, in whatever case? Every store answers by this, on `foldTitle` of both. */
export function titleHas(title: string, search: string): boolean {
  return foldTitle(title).includes(foldTitle(search));
}

/** The text as it is searched for: one way of writing each letter, and nothing that a database could change. */
export function foldTitle(text: string): string {
  return text
    .normalize('NFC')
    .toLowerCase()
    .replaceAll(/[\p{Cc}\p{Cs}]/gu, ' ');
}
