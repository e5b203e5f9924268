/** Appending: fencing (S2), whole or nothing (S3), dense numbers (S5). */
import assert from 'node:assert/strict';
import { systemClock } from '../core/clock.ts';
import type { AppendResult } from '../journal/store.ts';
import { faultsByPlan, faultyStore } from './faulty-store.ts';
import { completed, note, queued, StoreAuthor, wholeRun, type UserName } from './store-author.ts';
import type { StoreCases } from './store.contract.ts';

const ada: UserName = { tenant: 'main', user: 'ada' };
const bob: UserName = { tenant: 'main', user: 'bob' };
const whole: AppendResult = { fenced: [] };

export const appendCases: StoreCases = {
  'S2: fences a part whose epoch is stale, and writes nothing of it': async ({ store, advance }) => {
    const late = await StoreAuthor.own(store, 'a', ada);
    await late.write([note('one')]);
    await store.putInbox('main', 'ada', { id: 'entry', at: 1, command: null });
    await advance(60_000);
    const owner = await StoreAuthor.own(store, 'b', ada);
    assert.equal(owner.epoch, late.epoch + 1);
    const blobs = [{ sha256: 'late', text: '"late"' }];
    const result = await late.write([queued('late', { key: 'late' })], { blobs, inboxTaken: ['entry'] });
    assert.deepEqual(result, { fenced: [ada] });
    assert.equal((await store.head('main', 'ada')).userSeq, 1);
    assert.equal((await store.read('main', 'ada', { after: 0, limit: 10 })).events.length, 1);
    assert.equal(await store.run('main', 'ada', 'late'), undefined);
    assert.equal(await store.runByKey('main', 'ada', 'late'), undefined);
    assert.equal(await store.blob('main', 'ada', 'late'), undefined);
    assert.equal((await store.inbox('main', 'ada')).length, 1);
    assert.deepEqual(await owner.write([note('two')]), whole);
  },

  'S2: fences a part whose expected place is stale, or ahead': async ({ store }) => {
    const author = await StoreAuthor.own(store, 'a', ada);
    await author.write([note('one'), note('two')]);
    for (const head of [0, 1, 3]) {
      author.head = head;
      assert.deepEqual(await author.write([note('wrong')]), { fenced: [ada] });
    }
    author.head = 2;
    assert.deepEqual(await author.write([note('three')]), whole);
    const { events } = await store.read('main', 'ada', { after: 0, limit: 10 });
    assert.deepEqual(texts(events), ['one', 'two', 'three']);
  },

  'S2: writes the other users of a commit in which one is fenced': async ({ store }) => {
    const [one, two] = [await StoreAuthor.own(store, 'a', ada), await StoreAuthor.own(store, 'a', bob)];
    one.epoch--;
    const result = await store.append([one.part([note('fenced')]), two.part([note('written')])]);
    assert.deepEqual(result, { fenced: [ada] });
    assert.equal((await store.head('main', 'ada')).userSeq, 0);
    assert.deepEqual(texts((await store.read('main', 'bob', { after: 0, limit: 10 })).events), ['written']);
  },

  'S2: fences whoever never owned the user': async ({ store }) => {
    await store.putInbox('main', 'ada', { id: 'entry', at: 1, command: null });
    const author = await StoreAuthor.own(store, 'a', bob);
    const part = author.part([]);
    for (const user of ['ada', 'nobody']) {
      const stranger = { ...part, user, epoch: 0, expectedUserSeq: 0, inboxTaken: ['entry'] };
      assert.deepEqual(await store.append([stranger]), { fenced: [{ tenant: 'main', user }] });
    }
    assert.equal((await store.inbox('main', 'ada')).length, 1);
  },

  'S3: refuses a key that another run of the user has, and writes nothing of the whole commit': async ({ store }) => {
    const [one, two] = [await StoreAuthor.own(store, 'a', ada), await StoreAuthor.own(store, 'a', bob)];
    await one.write([queued('first', { key: 'order 7' })]);
    const other = two.part([note('innocent')], { blobs: [{ sha256: 'b', text: '1' }] });
    const again = one.part([queued('second', { key: 'order 7' })]);
    await assert.rejects(store.append([other, again]), { code: 'conflict' });
    assert.equal((await store.head('main', 'bob')).userSeq, 0);
    assert.equal(await store.blob('main', 'bob', 'b'), undefined);
    assert.equal(await store.run('main', 'ada', 'second'), undefined);
    assert.deepEqual(await store.append([other]), whole, 'the refused commit left no trace of the other user');
    one.head--;
    assert.deepEqual(await one.write([completed('first')]), whole, 'a run may be written again with its own key');
  },

  'S3: refuses a key that two runs of one commit share': async ({ store }) => {
    const author = await StoreAuthor.own(store, 'a', ada);
    const part = author.part([queued('first', { key: 'k' }), queued('second', { key: 'k' })]);
    await assert.rejects(store.append([part]), { code: 'conflict' });
    assert.equal((await store.head('main', 'ada')).userSeq, 0);
  },

  'S5: refuses events that are not dense, or of another user, or two parts of one user': async ({ store }) => {
    const author = await StoreAuthor.own(store, 'a', ada);
    const part = author.part([note('one'), note('two'), note('three')]);
    const [first, second, third] = part.events as [never, never, never];
    for (const events of [
      [first, third],
      [second],
      [first, first],
      [first, { ...(second as object), user: 'bob' } as never],
    ]) {
      await assert.rejects(store.append([{ ...part, events }]), { code: 'bug' });
    }
    const split = { ...part, events: [first] };
    const rest = { ...part, expectedUserSeq: 1, events: [second, third] };
    await assert.rejects(store.append([split, rest]), { code: 'bug' });
    assert.equal((await store.head('main', 'ada')).userSeq, 0);
    assert.deepEqual(await store.append([part]), whole);
  },

  'S2: writes the commits of many callers at once, in their order': async ({ store }) => {
    const authors = await Promise.all(
      Array.from({ length: 20 }, (_, user) => StoreAuthor.own(store, 'a', { tenant: 'main', user: `user ${user}` })),
    );
    const results: Promise<AppendResult>[] = [];
    for (let round = 0; round < 10; round++) {
      for (const author of authors) results.push(author.write(wholeRun(`run ${round}`, 5)));
    }
    assert.deepEqual(
      await Promise.all(results),
      results.map(() => whole),
    );
    for (const { tenant, user } of authors) {
      const { events } = await store.read(tenant, user, { after: 0, limit: 100 });
      assert.deepEqual(
        events.map(({ userSeq }) => userSeq),
        numbers(1, 50),
      );
    }
  },

  'S3: gives each of many callers at once its own answer, when one of them is wrong': async ({ store }) => {
    const [one, two] = [await StoreAuthor.own(store, 'a', ada), await StoreAuthor.own(store, 'a', bob)];
    const results = await Promise.allSettled([
      one.write([queued('first', { key: 'k' })]),
      one.write([queued('second', { key: 'k' })]),
      two.write([note('one')]),
      store.append([{ ...two.part([note('two')]), epoch: 99 }]),
      store.own('c', 'main', 'cleo'),
    ]);
    assert.deepEqual(
      results.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled', 'fulfilled', 'fulfilled'],
    );
    assert.deepEqual((results[3] as PromiseFulfilledResult<AppendResult>).value, { fenced: [bob] });
    assert.equal((await store.head('main', 'ada')).userSeq, 1);
    assert.equal((await store.head('main', 'bob')).userSeq, 1);
  },

  'S2: fences a node that was frozen in mid-flush while another took its user over': async ({ store, advance }) => {
    const frozen = faultyStore(store, faultsByPlan(systemClock, ['none', 'freeze']));
    const late = await StoreAuthor.own(frozen, 'a', ada);
    await late.write([queued('run')]);
    const flush = late.write([note('too late', 'run')]);
    await advance(60_000);
    await store.heartbeat('b');
    const [taken] = await store.takeover('b', 10);
    assert.deepEqual([taken?.user, taken?.head.userSeq], ['ada', 1]);
    const owner = await StoreAuthor.own(store, 'b', ada);
    await owner.write([note('in time')]);
    frozen.thaw();
    assert.deepEqual(await flush, { fenced: [ada] });
    assert.equal(await store.heartbeat('a'), false);
    const { events } = await store.read('main', 'ada', { after: 1, limit: 10 });
    assert.deepEqual(texts(events), ['in time']);
  },

  'writes a commit larger than a page, and one without events': async ({ store }) => {
    const author = await StoreAuthor.own(store, 'a', ada);
    const blobs = [{ sha256: 'only', text: 'null' }];
    assert.deepEqual(await author.write([], { blobs }), whole);
    assert.equal(await store.blob('main', 'ada', 'only'), 'null');
    assert.deepEqual(await author.write(wholeRun('long', 1_234)), whole);
    assert.deepEqual(await store.append([]), whole);
    assert.equal((await store.head('main', 'ada')).userSeq, 1_234);
  },
};

function texts(events: readonly { readonly type: string; readonly data: unknown }[]): unknown[] {
  return events.map(({ data }) => (data as { text?: unknown }).text);
}

function numbers(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}
