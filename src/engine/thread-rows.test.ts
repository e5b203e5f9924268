import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BugError } from '../core/assert.ts';
import { limits } from '../core/limits.ts';
import type { EventData, EventType, JournalEvent } from '../journal/event.ts';
import type { ThreadRow } from '../journal/thread-row.ts';
import { ThreadRows } from './thread-rows.ts';

const queued = { workflow: 'w', version: 1, input: null, digest: '', deadlineMs: 1, roles: [] };

function event<T extends EventType>(userSeq: number, thread: string | undefined, type: T, data: EventData[T]) {
  const place = { tenant: 't', user: 'u', userSeq, at: 0, v: 1, ...(thread === undefined ? {} : { thread, run: 'r' }) };
  return { ...place, type, data } as unknown as JournalEvent;
}

const none = (): Promise<undefined> => Promise.resolve(undefined);

describe('the rows of threads at hand', () => {
  it('change with the events of a commit, each told once; what has no thread changes nothing (U3)', async () => {
    const rows = new ThreadRows();
    await rows.load('t', none);
    assert.deepEqual(rows.after([event(1, undefined, 'run.queued', queued)]), { threads: [], threadsDeleted: [] });
    const { threads } = rows.after([
      event(2, 't', 'run.queued', queued),
      event(3, 't', 'message.received', { text: 'hi' }),
      event(4, 't', 'model.delta', { text: 'x' }),
    ]);
    assert.deepEqual(
      threads.map(({ title, runs }) => [title, runs]),
      [['hi', 1]],
    );
    assert.deepEqual(rows.after([event(5, 't', 'model.delta', { text: 'x' })]).threads, []);
    assert.deepEqual(rows.after([event(6, 't', 'thread.deleted', { runs: ['r'] })]), {
      threads: [],
      threadsDeleted: ['t'],
    });
  });

  it('are asked of the store before anything of the thread is told, once for all who ask (TH3)', async () => {
    const rows = new ThreadRows();
    assert.throws(() => rows.after([event(1, 't', 'run.queued', queued)]), BugError);
    let asked = 0;
    const row = { thread: 't', title: 'kept', named: true, runs: 7 } as ThreadRow;
    const ask = async (): Promise<ThreadRow> => (asked++, row);
    await Promise.all([rows.load('t', ask), rows.load('t', ask)]);
    await rows.load('t', ask);
    assert.equal(asked, 1);
    const [next] = rows.after([event(1, 't', 'run.queued', queued)]).threads;
    assert.deepEqual([next?.title, next?.runs], ['kept', 8]);
    await assert.rejects(rows.load('u', () => Promise.reject(new Error('no'))));
    await rows.load('u', none);
    assert.ok(rows.has('u'), 'a question that failed is asked again');
  });

  it('are let go beyond the bound, but for what is not in the store yet or is under way (TH4)', async () => {
    const rows = new ThreadRows();
    const names = Array.from({ length: limits.threadsAtHandMax + 1 }, (_, index) => `t${index}`);
    await Promise.all(names.map((name) => rows.load(name, none)));
    rows.after(names.map((name, index) => event(index + 1, name, 'run.queued', queued)));
    rows.trim(3, (thread) => thread === 't0');
    assert.deepEqual(
      names.filter((name) => !rows.has(name)),
      ['t1', 't2'],
    );
    rows.trim(names.length, () => false);
    assert.ok(rows.has('t5'), 'within the bound nothing goes');
  });
});
