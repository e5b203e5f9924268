/**
 * The row a store keeps of each run, so that lists, look-ups by key and recovery need not read whole streams.
 * It is a projection of the journal, written in the same commit as the events it is made of, and made here alone.
 */
import { assert } from '../core/assert.ts';
import type { JournalEvent } from './event.ts';

/** The states of a run; the last four are its outcomes. */
export type RunStatus =
  | 'queued'
  | 'running'
  | 'suspended'
  | 'parked'
  | 'completed'
  | 'degraded'
  | 'failed'
  | 'cancelled';

/** What a list shows of a run, and what look-ups by key and recovery need of it. */
export type RunRow = {
  readonly run: string;
  readonly thread: string | undefined;
  readonly workflow: string;
  readonly version: number;
  /** The caller's key of the start, and the digest of what was started with it. */
  readonly key: string | undefined;
  readonly digest: string;
  readonly status: RunStatus;
  readonly queuedAt: number;
  readonly endedAt: number | undefined;
  /** The run's events are among these places of the user's stream; `lastUserSeq` is 0 while it is open. */
  readonly firstUserSeq: number;
  readonly lastUserSeq: number;
};

export function isEnded(status: RunStatus): status is 'completed' | 'degraded' | 'failed' | 'cancelled' {
  return status === 'completed' || status === 'degraded' || status === 'failed' || status === 'cancelled';
}

/** The row after `event`, or the same row when the event does not change it. */
export function rowAfter(row: RunRow | undefined, event: JournalEvent): RunRow {
  if (event.type === 'run.queued') return firstRow(event);
  assert(row !== undefined, `${event.type} before run.queued`);
  switch (event.type) {
    case 'run.started':
    case 'run.resumed':
      return { ...row, status: 'running' };
    case 'run.suspended':
      return { ...row, status: 'suspended' };
    case 'run.parked':
      return { ...row, status: 'parked' };
    case 'run.completed':
    case 'run.degraded':
    case 'run.failed':
    case 'run.cancelled': {
      const status = event.type.slice('run.'.length) as RunStatus;
      return { ...row, status, endedAt: event.at, lastUserSeq: event.userSeq };
    }
    default:
      return row;
  }
}

function firstRow(event: JournalEvent & { readonly type: 'run.queued' }): RunRow {
  assert(event.run !== undefined, 'run.queued without a run');
  return {
    run: event.run,
    thread: event.thread,
    workflow: event.data.workflow,
    version: event.data.version,
    key: event.data.key,
    digest: event.data.digest,
    status: 'queued',
    queuedAt: event.at,
    endedAt: undefined,
    firstUserSeq: event.userSeq,
    lastUserSeq: 0,
  };
}
