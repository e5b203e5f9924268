/** Threads: their rows (S9), and what is left when one is deleted (S8). */
import assert from 'node:assert/strict';
import type { Store } from '../journal/store.ts';
import { completed, deleted, note, queued, renamed, started, StoreAuthor, wholeRun } from './store-author.ts';
import type { Draft, UserName } from './store-author.ts';
import type { StoreCases } from './store.contract.ts';

const ada: UserName = { tenant: 'main', user: 'ada' };
const bob: UserName = { tenant: 'main', user: 'bob' };

async function listed(store: Store, query: object = {}): Promise<string[]> {
  return (await store.threads('main', 'ada', { limit: 10, ...query })).map(({ thread }) => thread);
}

/** What a reader of the whole stream is told: each place as it is there, or as skipped. */
async function told(store: Store, { tenant, user }: UserName, limit: number): Promise<string> {
  const places: string[] = [];
  for (let after = 0; ;) {
    const page = await store.read(tenant, user, { after, limit });
    const seen = [
      ...page.events.map(({ userSeq, type }) => [userSeq, `${userSeq} ${type}`] as const),
      ...page.skipped.flatMap(({ from, to }) =>
        Array.from({ length: to - from + 1 }, (_, index) => [from + index, `(${from + index})`] as const),
      ),
    ];
    places.push(...seen.toSorted(([a], [b]) => a - b).map(([, text]) => text));
    if (page.next >= page.head.userSeq) return places.join(', ');
    after = page.next;
  }
}

/** A note of a run that names a blob. */
function naming(run: string, sha256: string): Draft {
  return { type: 'note', run, data: { code: 'note', text: '', data: { deep: [{ $blob: sha256, bytes: 1 }] } } };
}

const blob = (sha256: string): { readonly sha256: string; readonly text: string } => ({ sha256, text: `"${sha256}"` });

export const threadCases: StoreCases = {
  'S9: keeps the row of each thread as it was last written': async ({ store }) => {
    const author = await StoreAuthor.own(store, 'a', ada);
    const first = author.part([queued('one', { thread: 't' }), started('one')]);
    await store.append([first]);
    assert.deepEqual(await store.thread('main', 'ada', 't'), first.threads[0]);
    const last = author.part([completed('one'), renamed('t', 'A "title" of 😀, \u2028 and \ud800')]);
    await store.append([last]);
    const row = await store.thread('main', 'ada', 't');
    assert.deepEqual(row, last.threads[0]);
    assert.deepEqual([row?.status, row?.named, row?.runs], ['completed', true, 1]);
    assert.equal(await store.thread('main', 'ada', 'T'), undefined);
    assert.deepEqual(await store.threads('main', 'unknown', { limit: 1 }), []);
  },

  'S9: lists the threads that were active last first, page by page': async ({ store }) => {
    const author = await StoreAuthor.own(store, 'a', ada);
    for (const thread of ['a', 'b', 'c', 'd']) await author.write(wholeRun(`run ${thread}`, 2, { thread }));
    await author.write(wholeRun('again', 2, { thread: 'b' }));
    await author.write([renamed('a', 'a name is no activity')]);
    assert.deepEqual(await listed(store), ['b', 'd', 'c', 'a']);
    assert.deepEqual(await listed(store, { limit: 2 }), ['b', 'd']);
    const before = (await store.thread('main', 'ada', 'd'))?.activeUserSeq;
    assert.deepEqual(await listed(store, { limit: 2, before }), ['c', 'a']);
    assert.deepEqual(await listed(store, { before: 0 }), []);
  },

  'S9: finds threads by a part of their title in whatever case, and takes no sign for another': async ({ store }) => {
    const author = await StoreAuthor.own(store, 'a', ada);
    const titles = ['Über 100% of_it', 'uber \\ 100', 'zoe\u0308 "quoted"', "o'brien -- [a-z]*"];
    for (const [index, title] of titles.entries())
      await author.write([queued(`${index}`, { thread: `${index}` }), renamed(`${index}`, title)]);
    const found = (search: string): Promise<string[]> => listed(store, { search });
    assert.deepEqual(await found('ÜBER'), ['0']);
    assert.deepEqual(await found('100'), ['1', '0']);
    assert.deepEqual(await found('ZO\u00cb'), ['2'], 'one letter, written in two ways');
    for (const [search, thread] of [
      ['%', '0'],
      ['_', '0'],
      ['\\', '1'],
      ['"', '2'],
      ["'", '3'],
      ['*', '3'],
      ['[a', '3'],
    ] as const)
      assert.deepEqual(await found(search), [thread], search);
    assert.deepEqual(await found('1%0'), []);
    assert.deepEqual(await listed(store, { search: '100', limit: 1 }), ['1']);
  },

  'S8: deletes a thread with its runs, keys and events, and leaves what is of others': async ({ store }) => {
    const [author, other] = [await StoreAuthor.own(store, 'a', ada), await StoreAuthor.own(store, 'a', bob)];
    for (const one of [author, other]) {
      await one.write([queued('one', { thread: 't', key: 'key' }), queued('two', { thread: 'u' }), note('of nobody')]);
      await one.write([renamed('t', 'secret'), note('x', 'two'), note('secret', 'one'), completed('one')]);
      await one.write([completed('two')]);
    }
    const generation = (await store.head('main', 'ada')).generation;
    await author.write([deleted('t', ['one'])]);
    const expected = '(1), 2 run.queued, 3 note, (4), 5 note, (6), (7), 8 run.completed, 9 thread.deleted';
    for (const limit of [1, 2, 3, 20]) assert.equal(await told(store, ada, limit), expected);
    assert.deepEqual(await store.head('main', 'ada'), { generation, userSeq: 9 });
    assert.equal(await store.thread('main', 'ada', 't'), undefined);
    assert.deepEqual(await listed(store), ['u']);
    assert.equal(await store.run('main', 'ada', 'one'), undefined);
    assert.deepEqual(await store.runs('main', 'ada', { limit: 9, thread: 't' }), []);
    assert.deepEqual((await store.read('main', 'ada', { after: 0, limit: 9, run: 'one' })).events, []);
    assert.equal((await store.read('main', 'ada', { after: 0, limit: 9, run: 'two' })).events.length, 3);
    assert.equal(await store.runByKey('main', 'ada', 'key'), undefined);
    assert.deepEqual(await author.write([queued('three', { key: 'key' })]), { fenced: [] }, 'the key is free again');
    assert.equal((await store.read('main', 'bob', { after: 0, limit: 99 })).events.length, 8, 'of another user');
    assert.equal((await store.thread('main', 'bob', 't'))?.title, 'secret');
  },

  'S8: removes what was there before the commit; what the same commit adds stays': async ({ store }) => {
    const author = await StoreAuthor.own(store, 'a', ada);
    await author.write([...wholeRun('one', 3, { thread: 't', key: 'key' })], { blobs: [blob('b')] });
    await author.write([deleted('t', ['one']), queued('two', { thread: 't', key: 'key' }), naming('two', 'b')], {
      blobs: [blob('b')],
    });
    assert.equal(await told(store, ada, 9), '(1), (2), (3), 4 thread.deleted, 5 run.queued, 6 note');
    const row = await store.thread('main', 'ada', 't');
    assert.deepEqual([row?.runs, row?.lastRun, row?.title], [1, 'two', '']);
    assert.equal(await store.blob('main', 'ada', 'b'), '"b"');
    await author.write([completed('two')]);
    await author.write([deleted('t', ['two'])]);
    assert.equal(await told(store, ada, 9), '(1), (2), (3), 4 thread.deleted, (5), (6), (7), 8 thread.deleted');
    await author.write([deleted('t')]);
    assert.equal(author.head, 9, 'to delete what is gone is written as any event');
  },

  'S8: removes the blobs that the events of the thread alone name': async ({ store }) => {
    const author = await StoreAuthor.own(store, 'a', ada);
    const other = await StoreAuthor.own(store, 'a', bob);
    const blobs = ['own', 'of both', 'of before', 'unrelated'].map(blob);
    await author.write([queued('kept'), naming('kept', 'of before')], { blobs });
    await author.write([queued('one', { thread: 't' })]);
    for (const sha256 of ['own', 'own', 'of both', 'of before']) await author.write([naming('one', sha256)]);
    await author.write([naming('kept', 'of both'), naming('kept', 'unrelated'), completed('one')]);
    await other.write([queued('one', { thread: 't' }), naming('one', 'own')], { blobs: [blob('own')] });
    await author.write([deleted('t', ['one'])]);
    const left = await Promise.all(blobs.map(({ sha256 }) => store.blob('main', 'ada', sha256)));
    assert.deepEqual(left, [undefined, '"of both"', '"of before"', '"unrelated"']);
    assert.equal(await store.blob('main', 'bob', 'own'), '"own"');
  },

  'S8: holds words of the user for nothing but words': async ({ store }) => {
    const author = await StoreAuthor.own(store, 'a', ada);
    const threads = ['t', 't"', '\ud800', 'T', '"thread":"t"', '%'];
    const nested = { code: 'note', text: '"thread":"t"', data: { thread: 't', x: '{"$blob":"b"}' } };
    for (const [index, thread] of threads.entries())
      await author.write([queued(`${index}`, { thread }), { type: 'note', run: `${index}`, data: nested }]);
    await author.write([{ type: 'note', data: nested }]);
    for (const [index, thread] of threads.entries()) {
      await author.write([deleted(thread, [`${index}`])]);
      const events = (await store.read('main', 'ada', { after: 0, limit: 99 })).events;
      assert.equal(events.length, 2 * (threads.length - index - 1) + 1 + index + 1, thread);
      assert.equal((await listed(store)).length, threads.length - index - 1, thread);
    }
  },

  'S8: lets a run that was open in the thread keep nobody busy': async ({ store, advance }) => {
    const author = await StoreAuthor.own(store, 'a', ada);
    await author.write([queued('one', { thread: 't' })]);
    await author.write([deleted('t', ['one'])]);
    await store.release('a');
    await advance(1);
    await store.heartbeat('b');
    assert.deepEqual(await store.takeover('b', 9), []);
  },

  'S2, S8: deletes nothing for who is fenced': async ({ store }) => {
    const author = await StoreAuthor.own(store, 'a', ada);
    await author.write(wholeRun('one', 3, { thread: 't' }));
    author.epoch--;
    assert.deepEqual(await author.write([deleted('t', ['one'])]), { fenced: [ada] });
    assert.equal((await store.read('main', 'ada', { after: 0, limit: 9 })).events.length, 3);
    assert.equal((await store.thread('main', 'ada', 't'))?.runs, 1);
  },

  'S6: tells of an erase, as the empty commit from 1 to 0': async ({ store }) => {
    const author = await StoreAuthor.own(store, 'a', ada);
    await author.write(wholeRun('one', 3, { thread: 't' }));
    const commits: string[] = [];
    store.subscribe('main', 'ada', ({ from, to }) => commits.push(`${from}-${to}`));
    store.subscribe('main', 'bob', () => commits.push('of another'));
    await store.erase('main', 'ada');
    assert.deepEqual(commits, ['1-0']);
    assert.deepEqual(await listed(store), []);
    assert.equal(await store.thread('main', 'ada', 't'), undefined);
  },
};
