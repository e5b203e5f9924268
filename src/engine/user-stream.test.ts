import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { eventVersions } from '../journal/codec.ts';
import { BugError } from '../core/assert.ts';
import { FencedError } from '../core/errors.ts';
import { copyJson } from '../core/json.ts';
import { limits } from '../core/limits.ts';
import { SimClock } from '../testing/sim-clock.ts';
import { codeOf } from './crash.fixture.ts';
import { UserStream } from './user-stream.ts';

function open() {
  const woken: UserStream[] = [];
  const clock = new SimClock();
  const owned = { tenant: 't', user: 'u', epoch: 3, head: { generation: 'g', userSeq: 7 } };
  return { stream: new UserStream(owned, clock, (stream) => woken.push(stream)), woken, clock };
}

const queued = { workflow: 'w', version: 1, input: null, digest: 'd', deadlineMs: 1, roles: [] };
const place = (seq: number) => ({ run: 'r', seq, thread: undefined, path: undefined, attempt: undefined });
const note = { code: 'note', text: 'x' };

describe('the stream of a user', () => {
  it('stamps who, where and when itself, densely from the head on (U1, U2)', () => {
    const { stream, clock, woken } = open();
    const first = stream.stamp('run.queued', queued, place(1));
    const second = stream.stamp('note', { ...note });
    assert.deepEqual([first.userSeq, second.userSeq], [8, 9]);
    assert.deepEqual(
      [first.tenant, first.user, first.at, first.v],
      ['t', 'u', clock.now(), eventVersions['run.queued']],
    );
    assert.ok(Object.isFrozen(first) && Object.isFrozen(first.data) && !('run' in second));
    assert.equal(woken.length, 1, 'the writer is woken once for a flush');
  });

  it('hands over at most what a flush takes, but at least one event, in order', () => {
    const { stream } = open();
    for (let index = 0; index < 5; index++) stream.stamp('note', { ...note }, undefined, 1_000);
    assert.deepEqual(
      [stream.nextBatch(2_500), stream.nextBatch(1), stream.nextBatch(1e9)].map(({ expectedUserSeq, events }) => [
        expectedUserSeq,
        events.map(({ userSeq }) => userSeq),
      ]),
      [
        [7, [8, 9]],
        [9, [10]],
        [10, [11, 12]],
      ],
    );
    assert.equal(stream.pendingBytes, 0);
  });

  it('changes a row with the events of the same commit, never ahead of them (U3)', () => {
    const { stream } = open();
    stream.stamp('run.queued', queued, place(1), 1_000);
    stream.stamp('run.started', { node: 'n' }, place(2), 1_000);
    stream.stamp('run.failed', { error: { code: 'bug', message: '', retryable: false } }, place(3), 1_000);
    const statuses = [1, 1, 1].map((bytes) => stream.nextBatch(bytes).runs.map(({ status }) => status));
    assert.deepEqual(statuses, [['queued'], ['running'], ['failed']]);
    assert.equal(stream.rows.size, 0);
  });

  it('has a blob and an inbox entry in the commit of the event they belong to', () => {
    const { stream } = open();
    stream.stamp('note', { ...note }, undefined, 1_000);
    const kept = stream.keep(copyJson('y'.repeat(limits.blobFromBytes), 'it'));
    stream.takeEntry('entry');
    stream.stamp('note', { ...note, data: kept }, undefined, 1_000);
    const [first, second] = [stream.nextBatch(1), stream.nextBatch(1)];
    assert.deepEqual([first.blobs.length, first.inboxTaken], [0, []]);
    assert.deepEqual([second.blobs.length, second.inboxTaken], [1, ['entry']]);
  });

  it('resolves those who wait for what is committed, and no others', async () => {
    const { stream } = open();
    const done: number[] = [];
    for (const number of [1, 2]) {
      stream.stamp('note', { ...note }, undefined, 1_000);
      void stream.durable().then(() => done.push(number));
    }
    stream.nextBatch(1);
    stream.committed(8);
    await Promise.resolve();
    assert.deepEqual(done, [1]);
    assert.throws(() => stream.committed(9), BugError, 'not before it was handed over');
    stream.nextBatch(1);
    stream.committed(9);
    await Promise.resolve();
    assert.deepEqual(done, [1, 2]);
    await stream.durable();
  });

  it('tells everyone why when it is let go, and writes nothing more', async () => {
    const { stream, woken } = open();
    stream.stamp('note', { ...note });
    const waiting = codeOf(stream.durable());
    stream.letGo(new FencedError());
    assert.equal(await waiting, 'fenced');
    stream.stamp('note', { ...note });
    assert.deepEqual([stream.pendingBytes, woken.length, stream.gone?.code], [0, 1, 'fenced']);
    assert.equal(await codeOf(stream.durable()), 'fenced');
  });
});
