import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BugError } from '../core/assert.ts';
import type { EventData, EventType, JournalEvent } from './event.ts';
import { isTerminal } from './event.ts';
import { eventVersions } from './codec.ts';
import { isEnded, rowAfter, type RunRow } from './run-row.ts';

function event<T extends EventType>(type: T, data: Partial<EventData[T]>, userSeq = 9): JournalEvent {
  const envelope = { tenant: 't', user: 'u', userSeq, run: 'r', seq: 1, at: 1_000 + userSeq, v: 1 };
  return { ...envelope, type, data } as unknown as JournalEvent;
}

const queued = event('run.queued', { workflow: 'greet', version: 2, digest: 'd', key: 'k' }, 4);
const first: RunRow = {
  run: 'r',
  thread: undefined,
  workflow: 'greet',
  version: 2,
  key: 'k',
  digest: 'd',
  status: 'queued',
  queuedAt: 1_004,
  endedAt: undefined,
  continuedAs: undefined,
  wakeAt: undefined,
  firstUserSeq: 4,
  lastUserSeq: 0,
};

describe('rowAfter', () => {
  it('begins with run.queued', () => {
    assert.deepEqual(rowAfter(undefined, queued), first);
  });

  it('keeps the thread of the run', () => {
    assert.equal(rowAfter(undefined, { ...queued, thread: 'th' }).thread, 'th');
  });

  it('follows the run through its states', () => {
    const after = (type: EventType): string => rowAfter(first, event(type, {})).status;
    assert.equal(after('run.started'), 'running');
    assert.equal(after('run.suspended'), 'suspended');
    assert.equal(after('run.resumed'), 'running');
    assert.equal(after('run.parked'), 'parked');
  });

  it('says of a run that waits where its last event is and when it is due, and no longer once it goes on', () => {
    const suspended = rowAfter(first, event('run.suspended', { wakeAt: 5_000 }, 20));
    assert.deepEqual([suspended.wakeAt, suspended.lastUserSeq], [5_000, 20]);
    const resumed = rowAfter(suspended, event('run.resumed', {}, 30));
    assert.deepEqual([resumed.wakeAt, resumed.lastUserSeq], [undefined, 0]);
    assert.equal(rowAfter(first, event('run.suspended', { wakeAt: null })).wakeAt, undefined);
  });

  it('makes a run due at once by whatever it has to do something about, and by nothing else', () => {
    const suspended = rowAfter(first, event('run.suspended', { wakeAt: 5_000 }, 20));
    for (const type of ['signal.received', 'cancel.requested', 'doubt.decided', 'wait.ended'] as const) {
      const told = rowAfter(suspended, event(type, {}, 30));
      assert.deepEqual([told.wakeAt, told.lastUserSeq], [1_030, 30], type);
    }
    const noted = rowAfter(suspended, event('note', {}, 30));
    assert.deepEqual([noted.wakeAt, noted.lastUserSeq], [5_000, 30]);
    const waits = rowAfter(suspended, event('wait.started', { for: { kind: 'time' }, until: 4_000 }, 30));
    assert.equal(waits.wakeAt, 4_000);
  });

  it('ends with each of the terminal events, and with no other (P4)', () => {
    for (const type of Object.keys(eventVersions) as EventType[]) {
      if (type === 'run.queued') continue;
      const row = rowAfter(first, event(type, {}));
      assert.equal(isEnded(row.status), isTerminal(type), type);
      assert.equal(row.endedAt, isTerminal(type) ? 1_009 : undefined, type);
      const isPlaced = isTerminal(type) || type === 'run.suspended' || type === 'run.parked';
      assert.equal(row.lastUserSeq, isPlaced ? 9 : 0, type);
      if (isTerminal(type)) assert.equal(`run.${row.status}`, type);
    }
  });

  it('gives the same row, not a copy, for what does not change it', () => {
    assert.equal(rowAfter(first, event('step.completed', { output: 1 })), first);
    assert.equal(rowAfter(first, event('note', {})), first);
  });

  it('does not change the row it was given', () => {
    const frozen = Object.freeze({ ...first });
    assert.equal(rowAfter(frozen, event('run.started', {})).status, 'running');
    assert.equal(frozen.status, 'queued');
  });

  it('takes an event before run.queued for a bug', () => {
    assert.throws(() => rowAfter(undefined, event('run.started', {})), BugError);
    assert.throws(() => rowAfter(undefined, event('note', {})), /note before run\.queued/);
    const { run: _run, ...lost } = queued;
    assert.throws(() => rowAfter(undefined, lost), /run\.queued without a run/);
  });
});

describe('isEnded', () => {
  it('is true for the four outcomes only', () => {
    const ended = (['completed', 'degraded', 'failed', 'cancelled'] as const).map(isEnded);
    const open = (['queued', 'running', 'suspended', 'parked'] as const).map(isEnded);
    assert.deepEqual([ended, open], [Array(4).fill(true), Array(4).fill(false)]);
  });
});
