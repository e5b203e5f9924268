/** What the memory store forgets (MS2), what it must not, and that it tells (S5). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Store } from '../journal/store.ts';
import { completed, deleted, note, queued, renamed, StoreAuthor, wholeRun } from '../testing/store-author.ts';
import { memory } from './memory.ts';

const ada = { tenant: 'main', user: 'ada' };
const bob = { tenant: 'main', user: 'bob' };

function kept(runsKept: number): Store {
  return memory({ runsKept });
}

async function placesOf(store: Store, user = 'ada', after = 0): Promise<unknown> {
  const { events, skipped, next } = await store.read('main', user, { after, limit: 1_000 });
  return { places: events.map(({ userSeq }) => userSeq), skipped, next };
}

describe('what the memory store keeps', () => {
  it('drops the oldest finished run of all users, with its row and key, and tells readers what is skipped (S5)', async () => {
    const store = kept(2);
    const [one, two] = [await StoreAuthor.own(store, 'a', ada), await StoreAuthor.own(store, 'a', bob)];
    await one.write(wholeRun('first', 3, { key: 'key' }));
    await two.write(wholeRun('second'));
    assert.equal((await store.runByKey('main', 'ada', 'key'))?.run, 'first');
    await one.write(wholeRun('third'));
    assert.deepEqual(await placesOf(store), { places: [4, 5, 6], skipped: [{ from: 1, to: 3 }], next: 6 });
    assert.deepEqual(await placesOf(store, 'bob'), { places: [1, 2, 3], skipped: [], next: 3 });
    assert.equal(await store.run('main', 'ada', 'first'), undefined);
    assert.equal(await store.runByKey('main', 'ada', 'key'), undefined);
    assert.deepEqual(await one.write([queued('again', { key: 'key' })]), { fenced: [] }, 'a dropped key is free');
    assert.deepEqual(await placesOf(store, 'ada', 2), { places: [4, 5, 6, 7], skipped: [{ from: 3, to: 3 }], next: 7 });
  });

  it('forgets a thread with its newest run, and counts none of a deleted one among what it keeps (MU4)', async () => {
    const store = kept(2);
    const author = await StoreAuthor.own(store, 'a', ada);
    for (const run of ['one', 'two', 'three', 'four']) await author.write(wholeRun(run, 2, { thread: `of ${run}` }));
    const threads = async (): Promise<string[]> =>
      (await store.threads('main', 'ada', { limit: 9 })).map(({ thread }) => thread);
    assert.deepEqual(await threads(), ['of four', 'of three']);
    await author.write([renamed('of one', 'late')]);
    assert.deepEqual(await threads(), ['of four', 'of three']);
    await author.write([deleted('of four', ['four'])]);
    await author.write(wholeRun('five', 2, { thread: 'of five' }));
    assert.deepEqual(await threads(), ['of five', 'of three']);
    assert.deepEqual((await store.run('main', 'ada', 'three'))?.status, 'completed');
  });

  it('keeps an open run however many finish behind it, and tells of the holes between', async () => {
    const store = kept(1);
    const author = await StoreAuthor.own(store, 'a', ada);
    await author.write([
      queued('open'),
      ...wholeRun('one', 2),
      note('x', 'open'),
      ...wholeRun('two', 2),
      ...wholeRun('three', 2),
    ]);
    assert.deepEqual(await placesOf(store), {
      places: [1, 4, 7, 8],
      skipped: [
        { from: 2, to: 3 },
        { from: 5, to: 6 },
      ],
      next: 8,
    });
    const { events } = await store.read('main', 'ada', { after: 0, limit: 9, run: 'open' });
    assert.deepEqual(
      events.map(({ userSeq }) => userSeq),
      [1, 4],
    );
  });

  it('tells of a dropped end, when no run is kept at all', async () => {
    const store = kept(0);
    const author = await StoreAuthor.own(store, 'a', ada);
    await author.write([...wholeRun('one'), note('user event')]);
    assert.deepEqual(await placesOf(store), { places: [], skipped: [{ from: 1, to: 4 }], next: 4 });
    await author.write(wholeRun('two'));
    assert.deepEqual(await placesOf(store), { places: [], skipped: [{ from: 1, to: 7 }], next: 7 });
  });

  it('drops the events of no run that lie before the oldest kept run', async () => {
    const store = kept(1);
    const author = await StoreAuthor.own(store, 'a', ada);
    await author.write([note('before'), ...wholeRun('one'), note('between'), ...wholeRun('two'), note('after')]);
    assert.deepEqual(await placesOf(store), { places: [6, 7, 8, 9], skipped: [{ from: 1, to: 5 }], next: 9 });
  });

  it('keeps a blob as long as a kept event names it (MU3)', async () => {
    const store = kept(1);
    const author = await StoreAuthor.own(store, 'a', ada);
    const naming = (run: string, sha256: string): ReturnType<typeof note> => ({
      type: 'note',
      run,
      data: { code: 'note', text: '', data: { deep: [{ $blob: sha256, bytes: 1 }] } },
    });
    const blobs = ['shared', 'alone', 'unnamed'].map((sha256) => ({ sha256, text: sha256 }));
    await author.write([queued('one'), naming('one', 'shared'), naming('one', 'alone'), completed('one')], { blobs });
    await author.write([queued('two'), naming('two', 'shared'), completed('two')]);
    assert.equal(await store.blob('main', 'ada', 'shared'), 'shared');
    assert.equal(await store.blob('main', 'ada', 'alone'), undefined);
    await author.write(wholeRun('three'));
    assert.equal(await store.blob('main', 'ada', 'shared'), undefined);
  });

  it('gives the places that are left, whatever finished in whatever order (MU1)', async () => {
    const step = fc.record({ run: fc.nat({ max: 8 }), ends: fc.boolean(), user: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 400 }), fc.nat({ max: 5 }), async (steps, runsKept) => {
        const store = kept(runsKept);
        const author = await StoreAuthor.own(store, 'a', ada);
        const open = new Map<number, string>();
        const finished: string[] = [];
        const runOfPlace: (string | undefined)[] = [];
        for (const [index, { run, ends, user }] of steps.entries()) {
          const name = open.get(run) ?? `${run}-${index}`;
          const first = !open.has(run);
          const drafts = [
            ...(user ? [note('user')] : []),
            first ? queued(name) : ends ? completed(name) : note('x', name),
          ];
          runOfPlace.push(...drafts.map((draft) => draft.run));
          open.set(run, name);
          if (!first && ends) {
            open.delete(run);
            finished.push(name);
          }
          await author.write(drafts);
        }
        const alive = new Set([...open.values(), ...finished.slice(Math.max(0, finished.length - runsKept))]);
        const firstKept = runOfPlace.findIndex((run) => run !== undefined && alive.has(run));
        const droppedAny = finished.length > runsKept;
        const expected = runOfPlace.flatMap((run, index) =>
          (run === undefined ? index >= firstKept : alive.has(run)) ? [index + 1] : [],
        );
        const { events, skipped, next } = await store.read('main', 'ada', { after: 0, limit: 10_000 });
        const places = events.map(({ userSeq }) => userSeq);
        assert.equal(next, runOfPlace.length);
        if (firstKept >= 0 && droppedAny)
          assert.deepEqual(
            places.filter((place) => place > firstKept),
            expected,
          );
        const told = new Set([
          ...places,
          ...skipped.flatMap(({ from, to }) => Array.from({ length: to - from + 1 }, (_, at) => from + at)),
        ]);
        assert.equal(told.size, runOfPlace.length, 'every place is there or told to be skipped');
        for (const name of alive) {
          const { events: ofRun } = await store.read('main', 'ada', { after: 0, limit: 10_000, run: name });
          assert.equal(ofRun.length, runOfPlace.filter((run) => run === name).length);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('stays small however many runs finish', async () => {
    const store = kept(10);
    const author = await StoreAuthor.own(store, 'a', ada);
    const open = await StoreAuthor.own(store, 'a', bob);
    await open.write([queued('open for ever')]);
    for (let run = 0; run < 3_000; run++) {
      await author.write(wholeRun(`run ${run}`, 13));
      await open.write(wholeRun(`run ${run}`, 13));
    }
    const { events } = await store.read('main', 'ada', { after: 0, limit: 10_000 });
    assert.equal(events.length, 5 * 13);
    const { skipped, events: left } = await store.read('main', 'bob', { after: 0, limit: 10_000 });
    assert.deepEqual([left.length, skipped.length], [1 + 5 * 13, 1]);
    assert.equal((await store.runs('main', 'ada', { limit: 10_000 })).length, 5);
  });
});
