/** Reading: isolation (S1), pages (S5), subscriptions (S6), lists of runs, blobs, and what erasing leaves. */
import assert from 'node:assert/strict';
import type { Commit, Store } from '../journal/store.ts';
import type { RunRow } from '../journal/run-row.ts';
import { completed, note, queued, started, StoreAuthor, wholeRun, type UserName } from './store-author.ts';
import type { StoreCases } from './store.contract.ts';

const ada: UserName = { tenant: 'main', user: 'ada' };
const bob: UserName = { tenant: 'main', user: 'bob' };

/** Pairs that a careless key, a collation or an encoding would take for one. */
const nearlyTheSame: readonly (readonly [UserName, UserName])[] = [
  [
    { tenant: 'a-b', user: 'c' },
    { tenant: 'a', user: 'b-c' },
  ],
  [
    { tenant: 'ab', user: 'c' },
    { tenant: 'a', user: 'bc' },
  ],
  [
    { tenant: 'a:1', user: '2' },
    { tenant: 'a', user: '1:2' },
  ],
  [
    { tenant: 'a', user: 'b' },
    { tenant: 'b', user: 'a' },
  ],
  [
    { tenant: 'main', user: 'Bob' },
    { tenant: 'main', user: 'bob' },
  ],
  [
    { tenant: 'main', user: 'zo\u00eb' },
    { tenant: 'main', user: 'zoe\u0308' },
  ],
  [
    { tenant: 'main', user: "o'brien" },
    { tenant: 'main', user: 'o"brien' },
  ],
  [
    { tenant: 'main', user: '%' },
    { tenant: 'main', user: '_' },
  ],
  [
    { tenant: 'main', user: '1' },
    { tenant: 'main', user: '01' },
  ],
  [
    { tenant: 'main', user: '\ud800' },
    { tenant: 'main', user: '\ud801' },
  ],
  [
    { tenant: 'main', user: '\ud800' },
    { tenant: 'main', user: '"\\ud800"' },
  ],
  [
    { tenant: 'main', user: '__proto__' },
    { tenant: '__proto__', user: 'main' },
  ],
  [
    { tenant: 'main', user: 'a\0b' },
    { tenant: 'main', user: 'a' },
  ],
];

/** All that can be asked of a user, by what another user knows of. */
async function allOf(store: Store, { tenant, user }: UserName): Promise<unknown> {
  return {
    place: (await store.head(tenant, user)).userSeq,
    events: (await store.read(tenant, user, { after: 0, limit: 10 })).events,
    eventsOfRun: (await store.read(tenant, user, { after: 0, limit: 10, run: 'run' })).events,
    run: await store.run(tenant, user, 'run'),
    byKey: await store.runByKey(tenant, user, 'key'),
    runs: await store.runs(tenant, user, { limit: 10 }),
    thread: await store.thread(tenant, user, 'thread'),
    threads: await store.threads(tenant, user, { limit: 10 }),
    blob: await store.blob(tenant, user, 'sha'),
    inbox: await store.inbox(tenant, user),
  };
}

const nothing = {
  place: 0,
  events: [],
  eventsOfRun: [],
  run: undefined,
  byKey: undefined,
  runs: [],
  thread: undefined,
  threads: [],
  blob: undefined,
  inbox: [],
};

function places({ events }: { readonly events: readonly { readonly userSeq: number }[] }): number[] {
  return events.map(({ userSeq }) => userSeq);
}

function names(rows: readonly RunRow[]): string[] {
  return rows.map(({ run }) => run);
}

export const readCases: StoreCases = {
  'S1: finds nothing of another user, however alike their ids are': async ({ store }) => {
    for (const [one, other] of nearlyTheSame) {
      const author = await StoreAuthor.own(store, 'a', one);
      const blobs = [{ sha256: 'sha', text: '"secret"' }];
      await author.write([queued('run', { key: 'key', thread: 'thread' }), note('secret', 'run')], { blobs });
      await store.putInbox(one.tenant, one.user, { id: 'entry', at: 1, command: 'secret' });
      assert.deepEqual(await allOf(store, other), nothing, `${JSON.stringify(other)} sees ${JSON.stringify(one)}`);
      await StoreAuthor.own(store, 'b', other);
      assert.deepEqual(await allOf(store, other), nothing);
      await store.erase(other.tenant, other.user);
      assert.equal((await store.head(one.tenant, one.user)).userSeq, 2, 'erasing one leaves the other');
      await store.erase(one.tenant, one.user);
      assert.deepEqual(await allOf(store, one), nothing);
    }
  },

  'S1: lets two users use the same ids for runs, keys, blobs and inbox entries': async ({ store }) => {
    for (const { user } of [ada, bob]) {
      const author = await StoreAuthor.own(store, 'a', { tenant: 'main', user });
      await store.putInbox('main', user, { id: 'entry', at: 1, command: user });
      const blobs = [{ sha256: 'sha', text: JSON.stringify(user) }];
      assert.deepEqual(await author.write([queued('run', { key: 'key', thread: user })], { blobs }), { fenced: [] });
    }
    for (const { user } of [ada, bob]) {
      assert.equal((await store.run('main', user, 'run'))?.thread, user);
      assert.equal((await store.runByKey('main', user, 'key'))?.thread, user);
      assert.equal(await store.blob('main', user, 'sha'), JSON.stringify(user));
      assert.deepEqual(
        (await store.inbox('main', user)).map(({ command }) => command),
        [user],
      );
    }
  },

  'gives back each event as it was appended, whatever is in it': async ({ store }) => {
    const author = await StoreAuthor.own(store, 'a', ada);
    const text = 'a\nb\r\n\0"\\ ü \u2028 😀 \ud800';
    const data = { code: 'note', text, data: { '': [null, true, 0.1, 1e300, { $blob: 1 }], __proto__x: '' } };
    const part = author.part([queued('run', { thread: 'a thread' }), { type: 'note', data, run: 'run' }, note('')]);
    await store.append([part]);
    assert.deepEqual((await store.read('main', 'ada', { after: 0, limit: 10 })).events, part.events);
  },

  'S5: pages through a stream, from any place and at any limit': async ({ store }) => {
    const author = await StoreAuthor.own(store, 'a', ada);
    for (let commit = 0; commit < 5; commit++) await author.write([note('a'), note('b'), note('c')]);
    const head = await store.head('main', 'ada');
    assert.equal(head.userSeq, 15);
    const page = await store.read('main', 'ada', { after: 4, limit: 3 });
    assert.deepEqual([places(page), page.next, page.head, page.skipped], [[5, 6, 7], 7, head, []]);
    const last = await store.read('main', 'ada', { after: 12, limit: 3 });
    assert.deepEqual([places(last), last.next], [[13, 14, 15], 15]);
    for (const after of [15, 99]) {
      const none = await store.read('main', 'ada', { after, limit: 3 });
      assert.deepEqual([places(none), none.next, none.skipped], [[], 15, []]);
    }
  },

  'reads the events of one run out of a stream in which others lie between': async ({ store }) => {
    const author = await StoreAuthor.own(store, 'a', ada);
    await author.write([
      note('before'),
      queued('one'),
      queued('two'),
      note('x', 'one'),
      note('y', 'two'),
      note('user'),
    ]);
    await author.write([completed('two'), note('z', 'one'), note('after')]);
    const one = await store.read('main', 'ada', { after: 0, limit: 10, run: 'one' });
    assert.deepEqual([places(one), one.next, one.skipped], [[2, 4, 8], 9, []]);
    const two = await store.read('main', 'ada', { after: 3, limit: 1, run: 'two' });
    assert.deepEqual([places(two), two.next], [[5], 5]);
    const rest = await store.read('main', 'ada', { after: two.next, limit: 5, run: 'two' });
    assert.deepEqual([places(rest), rest.next], [[7], 9]);
    const unknown = await store.read('main', 'ada', { after: 0, limit: 5, run: 'three' });
    assert.deepEqual([places(unknown), unknown.next], [[], 9]);
  },

  'S6: tells a subscriber of each commit after it, in order, and of no other user': async ({ store }) => {
    const author = await StoreAuthor.own(store, 'a', ada);
    const other = await StoreAuthor.own(store, 'a', bob);
    const told: Commit[] = [];
    const reads: Promise<number>[] = [];
    const stop = store.subscribe('main', 'ada', (commit) => {
      told.push(commit);
      reads.push(store.head('main', 'ada').then(({ userSeq }) => userSeq));
    });
    await Promise.all([author.write([note('1'), note('2')]), other.write([note('x')]), author.write([note('3')])]);
    await author.write([]);
    author.epoch--;
    await author.write([note('fenced')]);
    assert.deepEqual(
      told.map(({ from, to }) => [from, to]),
      [
        [1, 2],
        [3, 3],
      ],
    );
    for (const { from, to, events } of told)
      if (events !== undefined) assert.deepEqual(places({ events }), from === to ? [from] : [from, to]);
    const [first = 0, second = 0] = await Promise.all(reads);
    assert.ok(first >= 2 && second >= 3, 'what it is told of can be read');
    stop();
    stop();
    author.epoch++;
    author.head = 3;
    await author.write([note('4')]);
    assert.equal(told.length, 2);
  },

  'S6: goes on when a listener throws, and tells the others': async ({ store }) => {
    const warned = process.listeners('warning');
    process.removeAllListeners('warning');
    const warnings: string[] = [];
    const keep = (warning: Error): void => void warnings.push(warning.message);
    process.on('warning', keep);
    try {
      const author = await StoreAuthor.own(store, 'a', ada);
      const told: number[] = [];
      store.subscribe('main', 'ada', () => {
        throw new Error('the secret of ada');
      });
      store.subscribe('main', 'ada', ({ to }) => told.push(to));
      assert.deepEqual(await author.write([note('1')]), { fenced: [] });
      assert.deepEqual(await author.write([note('2')]), { fenced: [] });
      assert.deepEqual(told, [1, 2]);
      await new Promise<void>((resolve) => process.nextTick(resolve));
      assert.equal(warnings.length, 2, 'it is said that one threw');
      assert.ok(!warnings.join().includes('secret'), 'but not what it said (P2)');
    } finally {
      process.off('warning', keep);
      for (const listener of warned) process.on('warning', listener);
    }
  },

  'lists runs newest first, by thread and status, page by page': async ({ store }) => {
    const author = await StoreAuthor.own(store, 'a', ada);
    await author.write(wholeRun('one', 3, { thread: 't' }));
    await author.write([queued('two'), started('two')]);
    await author.write([queued('three', { thread: 't' })]);
    await author.write([...wholeRun('four'), queued('five', { thread: 'u' })]);
    const list = async (query: object): Promise<string[]> =>
      names(await store.runs('main', 'ada', { limit: 10, ...query }));
    assert.deepEqual(await list({}), ['five', 'four', 'three', 'two', 'one']);
    assert.deepEqual(await list({ thread: 't' }), ['three', 'one']);
    assert.deepEqual(await list({ thread: 'none' }), []);
    assert.deepEqual(await list({ status: ['completed'] }), ['four', 'one']);
    assert.deepEqual(await list({ status: ['queued', 'running'] }), ['five', 'three', 'two']);
    assert.deepEqual(await list({ status: ['queued', 'completed'], thread: 't' }), ['three', 'one']);
    assert.deepEqual(await list({ status: [] }), []);
    assert.deepEqual(await list({ limit: 2 }), ['five', 'four']);
    const before = (await store.run('main', 'ada', 'four'))?.firstUserSeq;
    assert.deepEqual(await list({ limit: 2, before }), ['three', 'two']);
    assert.deepEqual(await list({ thread: 't', before }), ['three', 'one']);
  },

  'keeps the row of a run as it was last written': async ({ store }) => {
    const author = await StoreAuthor.own(store, 'a', ada);
    const first = author.part([queued('run', { key: 'key', thread: 'thread' })]);
    await store.append([first]);
    assert.deepEqual(await store.run('main', 'ada', 'run'), first.runs[0]);
    const last = author.part([started('run'), completed('run')]);
    await store.append([last]);
    assert.deepEqual(await store.run('main', 'ada', 'run'), last.runs[0]);
    assert.deepEqual(await store.runByKey('main', 'ada', 'key'), last.runs[0]);
    assert.deepEqual([last.runs[0]?.status, last.runs[0]?.lastUserSeq], ['completed', 3]);
  },

  'keeps of a run that waits when it goes on, and reads its events up to the last so far': async ({ store }) => {
    const author = await StoreAuthor.own(store, 'a', ada);
    const suspended = { activeLeftMs: 1, waits: ['w'], wakeAt: 1_767_225_600_000.5 };
    await author.write([queued('run'), started('run'), { type: 'run.suspended', run: 'run', data: suspended }]);
    await author.write([...wholeRun('other'), note('later', 'run'), note('of nobody')]);
    const row = await store.run('main', 'ada', 'run');
    assert.deepEqual([row?.wakeAt, row?.lastUserSeq], [suspended.wakeAt, 7]);
    assert.deepEqual((await store.runs('main', 'ada', { status: ['suspended'], limit: 9 }))[0], row);
    const { events } = await store.read('main', 'ada', { after: 0, run: 'run', limit: 9 });
    assert.deepEqual(
      events.map(({ userSeq }) => userSeq),
      [1, 2, 3, 7],
    );
    await author.write([{ type: 'run.resumed', run: 'run', data: { node: 'a', reason: 'woken' } }]);
    const resumed = await store.run('main', 'ada', 'run');
    assert.deepEqual([resumed?.wakeAt, resumed?.lastUserSeq], [undefined, 0]);
  },

  'keeps a blob once, under its name': async ({ store }) => {
    const author = await StoreAuthor.own(store, 'a', ada);
    const text = JSON.stringify('ü😀\n'.repeat(50_000));
    await author.write([queued('run')], {
      blobs: [
        { sha256: 'a', text },
        { sha256: 'b', text: '1' },
      ],
    });
    await author.write([note('again', 'run')], { blobs: [{ sha256: 'a', text }] });
    assert.equal(await store.blob('main', 'ada', 'a'), text);
    assert.equal(await store.blob('main', 'ada', 'b'), '1');
    assert.equal(await store.blob('main', 'ada', 'c'), undefined);
  },

  'erases all of a user, fences the owner, and begins a new generation': async ({ store }) => {
    const author = await StoreAuthor.own(store, 'a', ada);
    const other = await StoreAuthor.own(store, 'a', bob);
    for (const { write } of [{ write: author.write.bind(author) }, { write: other.write.bind(other) }]) {
      await write([queued('run', { key: 'key' })], { blobs: [{ sha256: 'sha', text: '1' }] });
    }
    await store.putInbox('main', 'ada', { id: 'entry', at: 1, command: null });
    const [before, kept] = [await store.head('main', 'ada'), await allOf(store, bob)];
    await store.erase('main', 'ada');
    assert.deepEqual(await allOf(store, ada), nothing);
    assert.deepEqual(await allOf(store, bob), kept);
    assert.notEqual((await store.head('main', 'ada')).generation, before.generation);
    assert.deepEqual(await author.write([completed('run')]), { fenced: [ada] });
    await store.heartbeat('b');
    assert.deepEqual(await store.takeover('b', 10), [], 'nothing is left to do for it');
    const again = await StoreAuthor.own(store, 'b', ada);
    assert.ok(again.epoch > author.epoch, 'an epoch is never used again');
    assert.deepEqual(await again.write([queued('run', { key: 'key' })]), { fenced: [] });
    assert.deepEqual(await other.write([note('goes on')]), { fenced: [] });
    assert.deepEqual(places(await store.read('main', 'ada', { after: 0, limit: 9 })), [1]);
    assert.deepEqual(places(await store.read('main', 'bob', { after: 0, limit: 9 })), [1, 2]);
  },

  'has a head for whoever is not known yet, and keeps its generation': async ({ store }) => {
    const before = await store.head('main', 'ada');
    assert.equal(before.userSeq, 0);
    const author = await StoreAuthor.own(store, 'a', ada);
    await author.write([note('one')]);
    assert.deepEqual(await store.head('main', 'ada'), { ...before, userSeq: 1 });
    await store.erase('main', 'unknown');
    assert.deepEqual(await store.runs('main', 'unknown', { limit: 1 }), []);
  },
};
