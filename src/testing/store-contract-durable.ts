/** What a store that survives being closed must still know, and what it must have forgotten. */
import assert from 'node:assert/strict';
import type { JournalEvent } from '../journal/event.ts';
import type { Store } from '../journal/store.ts';
import { completed, deleted, note, queued, StoreAuthor, wholeRun, type UserName } from './store-author.ts';
import type { StoreCases, StoreFixture } from './store.contract.ts';

const ada: UserName = { tenant: 'main', user: 'ada' };

async function reopened({ store, reopen }: StoreFixture, look: (store: Store) => Promise<void>): Promise<void> {
  await store.close();
  const next = await reopen?.();
  assert.ok(next, 'the fixture of a durable store says how to open it again');
  await next.open();
  try {
    await look(next);
  } finally {
    await next.close();
  }
}

export const durableCases: StoreCases = {
  'S3: knows after closing all that was appended, its order, rows, keys, blobs and inbox': async (fixture) => {
    const { store } = fixture;
    const author = await StoreAuthor.own(store, 'a', ada);
    await author.write(wholeRun('ended', 5, { key: 'one', thread: 't' }), { blobs: [{ sha256: 'b', text: '"ü\\n"' }] });
    await author.write([queued('open', { key: 'two' }), note('user event')]);
    await store.putInbox('main', 'ada', { id: 'entry', at: 1.5, command: { a: [1] } });
    const before = await everything(store);
    await reopened(fixture, async (next) => {
      assert.deepEqual(await everything(next), before);
      const owner = await StoreAuthor.own(next, 'b', ada);
      assert.deepEqual(await owner.write([note('goes on')]), { fenced: [] });
      assert.equal((await next.head('main', 'ada')).userSeq, 8);
    });
  },

  'S4: holds all earlier nodes for dead after opening, and fences them': async (fixture) => {
    const author = await StoreAuthor.own(fixture.store, 'a', ada);
    await author.write([queued('run')]);
    await StoreAuthor.own(fixture.store, 'a', { tenant: 'main', user: 'bob' });
    await reopened(fixture, async (next) => {
      const again = await StoreAuthor.own(next, 'a', { tenant: 'main', user: 'bob' });
      assert.equal(again.epoch, 2, 'a node of the same name is another one');
      await next.heartbeat('b');
      assert.deepEqual(
        (await next.takeover('b', 10)).map(({ user, epoch }) => [user, epoch]),
        [['ada', 2]],
      );
      const late = author.part([completed('run')]);
      assert.deepEqual(await next.append([late]), { fenced: [ada] });
    });
  },

  'S8: knows after closing what was deleted, and goes on without giving its places to anybody': async (fixture) => {
    const { store } = fixture;
    const other = await StoreAuthor.own(store, 'a', { tenant: 'main', user: 'bob' });
    const author = await StoreAuthor.own(store, 'a', ada);
    await other.write([note('of bob')]);
    await author.write([note('before'), ...wholeRun('one', 5, { thread: 't' })]);
    await author.write([deleted('t', ['one'])]);
    await author.write(wholeRun('two', 3, { thread: 'u' }));
    await author.write([deleted('u', ['two'])]);
    await reopened(fixture, async (next) => {
      const bob = await StoreAuthor.own(next, 'b', { tenant: 'main', user: 'bob' });
      for (let commit = 0; commit < 20; commit++) await bob.write([note('of bob')]);
      const owner = await StoreAuthor.own(next, 'b', ada);
      await owner.write([note('after')]);
      const { events, skipped } = await next.read('main', 'ada', { after: 0, limit: 50 });
      assert.deepEqual(
        events.map(({ userSeq, type }) => [userSeq, type]),
        [
          [1, 'note'],
          [7, 'thread.deleted'],
          [11, 'thread.deleted'],
          [12, 'note'],
        ],
      );
      assert.deepEqual(skipped, [
        { from: 2, to: 6 },
        { from: 8, to: 10 },
      ]);
      assert.deepEqual(await next.threads('main', 'ada', { limit: 9 }), []);
      assert.equal((await next.read('main', 'bob', { after: 0, limit: 50 })).events.length, 21);
    });
  },

  'S10: reads what was written in an older shape in that of today': async (fixture) => {
    const author = await StoreAuthor.own(fixture.store, 'a', ada);
    const part = author.part([queued('run'), note('to be another')]);
    const [first, last] = part.events as [JournalEvent, JournalEvent];
    const before = { ...last, run: 'run', seq: 2, type: 'run.suspended', data: { activeLeftMs: 5, waits: [] }, v: 1 };
    await fixture.store.append([{ ...part, events: [first, before as unknown as JournalEvent] }]);
    await reopened(fixture, async (next) => {
      const { events } = await next.read('main', 'ada', { after: 0, limit: 9 });
      const data = { activeLeftMs: 5, waits: [], wakeAt: 0 };
      assert.deepEqual(events, [first, { ...before, data, v: 2 }]);
    });
  },

  'S10: refuses by its name what only a newer version knows, and reads what stands before it': async (fixture) => {
    const author = await StoreAuthor.own(fixture.store, 'a', ada);
    await author.write([note('before')]);
    for (const more of [{ v: 2 }, { type: 'run.teleported' }]) {
      const part = author.part([note('to be newer')]);
      const event = { ...part.events[0], ...more } as unknown as JournalEvent;
      await fixture.store.append([{ ...part, events: [event] }]);
    }
    await reopened(fixture, async (next) => {
      const one = await next.read('main', 'ada', { after: 0, limit: 1 });
      assert.deepEqual([one.events.length, one.next, one.head.userSeq], [1, 1, 3]);
      for (const [after, name] of [
        [1, /"note" version 2/],
        [2, /"run\.teleported" version 1/],
      ] as const)
        await assert.rejects(next.read('main', 'ada', { after, limit: 1 }), { code: 'store_corrupt', message: name });
    });
  },

  'keeps the generation over closing, and the new one of an erased user': async (fixture) => {
    const { store } = fixture;
    const author = await StoreAuthor.own(store, 'a', ada);
    await author.write([note('one')]);
    const kept = await store.head('main', 'bob');
    await store.erase('main', 'ada');
    const erased = await store.head('main', 'ada');
    await reopened(fixture, async (next) => {
      assert.deepEqual(await next.head('main', 'bob'), kept);
      assert.deepEqual(await next.head('main', 'ada'), erased);
      assert.deepEqual((await next.read('main', 'ada', { after: 0, limit: 9 })).events, []);
    });
  },

  'is open until the last of those who opened it has closed it': async ({ store }) => {
    await store.open();
    await store.close();
    assert.equal(await store.heartbeat('a'), true);
  },

  'answers nothing before it is opened, nor after it is closed, and says so': async ({ store }) => {
    await store.close();
    await assert.rejects(store.heartbeat('a'), { code: 'closed' });
    await assert.rejects(store.append([]), { code: 'closed' });
    await store.close();
    await store.open();
    assert.equal(await store.heartbeat('a'), true);
  },
};

async function everything(store: Store): Promise<unknown> {
  return {
    page: await store.read('main', 'ada', { after: 0, limit: 100 }),
    runs: await store.runs('main', 'ada', { limit: 100 }),
    byKey: await store.runByKey('main', 'ada', 'two'),
    blob: await store.blob('main', 'ada', 'b'),
    inbox: await store.inbox('main', 'ada'),
  };
}
