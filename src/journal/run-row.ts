/**
 * The row a store keeps of each run, so that lists, look-ups by key and recovery need not read whole streams.
 * It is a projection of the journal, written in the same commit as the events it is made of, and made here alone.
 */
import { assert } from '../core/assert.ts';
import type { JournalEvent } from './event.ts';

/** The states of a run that has not ended. */
export const openStatuses = ['queued', 'running', 'suspended', 'parked'] as const;
/** All states of a run; the last four are its outcomes. */
export const runStatuses = [...openStatuses, 'completed', 'degraded', 'failed', 'cancelled'] as const;

/** How a run stands: one of the open states, or its outcome. */
export type RunStatus = (typeof runStatuses)[number];

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
  /** The run that it goes on as (`ctx.restart`). */
  readonly continuedAs: string | undefined;
  /** When a run that only waits goes on by itself at the earliest; what was told to it since is due at once. */
  readonly wakeAt: number | undefined;
  /**
   * The run's events are among these places of the user's stream. While it is open `lastUserSeq` is 0; while it is
   * suspended or parked it is the place of the last one so far.
   */
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
      return { ...row, status: 'running', wakeAt: undefined, lastUserSeq: 0 };
    case 'run.suspended':
      return { ...row, status: 'suspended', wakeAt: event.data.wakeAt ?? undefined, lastUserSeq: event.userSeq };
    case 'run.parked':
      return { ...row, status: 'parked', wakeAt: undefined, lastUserSeq: event.userSeq };
    case 'run.completed':
    case 'run.degraded':
    case 'run.failed':
    case 'run.cancelled': {
      const status = event.type.slice('run.'.length) as RunStatus;
      const continuedAs = 'continuedAs' in event.data ? event.data.continuedAs : undefined;
      return { ...row, status, endedAt: event.at, continuedAs, wakeAt: undefined, lastUserSeq: event.userSeq };
    }
    default:
      return rowAfterTold(row, event);
  }
}

/** Only the row of a run that waits changes by what is told of it meanwhile. */
function rowAfterTold(row: RunRow, event: JournalEvent): RunRow {
  if (row.status !== 'suspended' && row.status !== 'parked') return row;
  const { wakeAt = Infinity } = row;
  const dueAt = event.type === 'wait.started' ? event.data.until : wakesAtOnce.has(event.type) ? event.at : Infinity;
  const next = Math.min(wakeAt, dueAt);
  return { ...row, wakeAt: next === Infinity ? undefined : next, lastUserSeq: event.userSeq };
}

/** What a run has to do something about. Should its node end before it did, the next one must not let it sleep. */
const wakesAtOnce: ReadonlySet<JournalEvent['type']> = new Set([
  'signal.received',
  'cancel.requested',
  'doubt.decided',
  'wait.ended',
]);

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
    continuedAs: undefined,
    wakeAt: undefined,
    firstUserSeq: event.userSeq,
    lastUserSeq: 0,
  };
}
