/** Threads through the door: their rows, other titles, and deletions whatever is under way in them meanwhile. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { limits } from '../core/limits.ts';
import { memory } from '../stores/memory.ts';
import { linkTo } from '../testing/crash-store.ts';
import { SimClock } from '../testing/sim-clock.ts';
import { createTestEngine, type TestEngineOptions } from '../testing/test-engine.ts';
import { codeOf, flow, leaseOverMs } from './crash.fixture.ts';
import type { Frame } from './feed.ts';

const user = 'alice';
const thread = 't';
const says = flow('says', (ctx, input) => ctx.step('say', () => input));
const waits = flow('waits', (ctx) => ctx.wait('w', { signal: 'go', schema: z.json() }).then(() => 'went'));
const stubborn = flow('stubborn', (ctx) => ctx.step('deaf', () => new Promise<string>(() => undefined)));
const goesOn = flow('goesOn', async (ctx, input) => {
  await ctx.wait('w', { signal: 'go', schema: z.json() });
  return ctx.restart(input);
});
const workflows = [says, waits, stubborn, goesOn];

async function microtasks(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve();
}

async function open(options: TestEngineOptions = {}) {
  const made = await createTestEngine({ workflows, ...options });
  return { ...made, alice: made.engine.as({ user }) };
}

describe('the rows of threads', () => {
  it('have what a list shows, and follow the runs (S9)', async () => {
    const { alice, clock } = await open();
    const first = await alice.start('waits', 1, { thread, message: '  Which \n offer is\tbest? ' });
    await clock.settle();
    const row = await alice.thread(thread);
    assert.deepEqual(
      [row.title, row.named, row.runs, row.lastRun, row.status],
      ['Which offer is best?', false, 1, first.id, 'suspended'],
    );
    await first.signal('go');
    await first.result();
    await (await alice.start('says', 1, { thread: 'other', message: 'Second' })).result();
    await (await alice.start('says', 1, { thread, message: 'Third' })).result();
    await (await alice.start('says', 1)).result();
    const rows = await alice.threads();
    assert.deepEqual(
      rows.map(({ thread: id, title, runs, status }) => [id, title, runs, status]),
      [
        [thread, 'Which offer is best?', 2, 'completed'],
        ['other', 'Second', 1, 'completed'],
      ],
    );
    assert.deepEqual(await alice.threads({ search: 'SECOND' }), [rows[1]]);
    assert.deepEqual(await alice.threads({ before: rows[0]?.activeUserSeq ?? 0, limit: 1 }), [rows[1]]);
  });

  it('keep title and count over a restart, and over being let go (TH3, TH4)', async () => {
    const { alice, engine, clock, store } = await open();
    await (await alice.start('says', 1, { thread, message: 'first' })).result();
    await alice.renameThread(thread, 'Mine');
    for (let n = 0; n <= limits.threadsAtHandMax; n++)
      await (await alice.start('says', n, { thread: `other ${n}` })).result();
    await (await alice.start('says', 1, { thread, message: 'second' })).result();
    assert.equal((await alice.thread(thread)).runs, 2);
    const waiting = await alice.start('waits', 1, { thread, message: 'third' });
    await clock.settle();
    await engine.close();
    const next = await open({ store, clock, seed: 2 });
    await (await next.alice.run(waiting.id)).signal('go');
    await (await next.alice.run(waiting.id)).result();
    await (await next.alice.start('says', 1, { thread, message: 'fourth' })).result();
    const row = await next.alice.thread(thread);
    assert.deepEqual([row.title, row.named, row.runs, row.status], ['Mine', true, 4, 'completed']);
  });

  it('refuse what is no title, no list and no thread', async () => {
    const { alice } = await open();
    await (await alice.start('says', 1, { thread })).result();
    for (const title of ['', '  ', 'a\nb', 'a\u0000', '\u001b[2J', 'a\u2028b', '\ud800', 'x'.repeat(201), 7, null])
      assert.equal(await codeOf(alice.renameThread(thread, title as string)), 'invalid_input', String(title));
    assert.equal((await alice.renameThread(thread, `  ${'x'.repeat(limits.titleCharsMax)} `)).title.length, 200);
    for (const list of [{ limit: 0 }, { limit: 1.5 }, { search: 1 }, { before: -1 }, 7])
      assert.equal(await codeOf(alice.threads(list as object)), 'invalid_input', JSON.stringify(list));
    for (const id of ['unknown', 'T', 7, null, {}]) {
      assert.equal(await codeOf(alice.thread(id as string)), 'not_found');
      assert.equal(await codeOf(alice.renameThread(id as string, 'x')), 'not_found');
      assert.equal(await codeOf(alice.deleteThread(id as string)), 'not_found');
    }
  });
});

describe('a deleted thread', () => {
  it('is gone with its runs, whose keys are free; what was open in it is cancelled first (K4)', async () => {
    const { alice, clock, store } = await open();
    const done = await alice.start('says', 'secret', { thread, key: 'k', message: 'secret' });
    await done.result();
    const [waiting, queued] = [await alice.start('waits', 1, { thread }), await alice.start('waits', 2, { thread })];
    const kept = await alice.start('says', 1, { thread: 'other' });
    await clock.settle();
    await alice.renameThread(thread, 'secret title');
    const results = Promise.all([waiting.result(), queued.result()]);
    await alice.deleteThread(thread);
    const gone = { status: 'cancelled', reason: 'the thread was deleted' };
    assert.deepEqual(await results, [gone, gone]);
    const { events } = await store.read('main', user, { after: 0, limit: 99 });
    assert.ok(!JSON.stringify(events).includes('secret'));
    const last = events.at(-1);
    assert.ok(last?.type === 'thread.deleted');
    assert.deepEqual([last.thread, last.run], [thread, undefined]);
    assert.deepEqual([...last.data.runs].toSorted(), [done.id, waiting.id, queued.id].toSorted());
    assert.ok(events.every((event) => event === last || event.run === kept.id));
    for (const run of [done, waiting])
      for (const refused of [
        run.state(),
        run.result(),
        run.cancel(),
        run.signal('go'),
        run.events()[Symbol.asyncIterator]().next(),
      ])
        assert.equal(await codeOf(refused), 'not_found');
    assert.equal(await codeOf(alice.thread(thread)), 'not_found');
    assert.equal(await codeOf(alice.deleteThread(thread)), 'not_found');
    const again = await alice.start('says', 'new', { thread, key: 'k', message: 'anew' });
    assert.notEqual(again.id, done.id);
    await again.result();
    const row = await alice.thread(thread);
    assert.deepEqual([row.runs, row.title, row.named], [1, 'anew', false]);
  });

  it('lets a start that comes meanwhile begin a new thread, and one before be cancelled (U4)', async () => {
    const { alice, clock, store } = await open();
    const before = await alice.start('stubborn', 1, { thread });
    await clock.settle();
    const deleting = alice.deleteThread(thread);
    const after = alice.start('says', 'after', { thread, message: 'after' });
    const renaming = codeOf(alice.renameThread(thread, 'x'));
    await deleting;
    assert.equal(await codeOf(before.state()), 'not_found');
    const run = await after;
    assert.deepEqual(await run.result(), { status: 'completed', output: 'after' });
    assert.match(await renaming, /not_found|none/);
    await clock.advance(2 * limits.endGraceMs);
    const { runs, lastRun } = await alice.thread(thread);
    assert.deepEqual([runs, lastRun], [1, run.id]);
    const { events } = await store.read('main', user, { after: 0, limit: 99 });
    assert.ok(!events.some((event) => event.run === before.id), 'nothing is told of it behind the deletion');
  });

  it('lets nobody begin in it who waited for a deletion before (U4)', async () => {
    const { alice, clock } = await open();
    await alice.start('waits', 1, { thread });
    await clock.settle();
    // Each has come to where it waits before the next is asked, and the first deletion is not over yet.
    const first = alice.deleteThread(thread);
    const starting = alice.start('waits', 2, { thread });
    await microtasks();
    const second = alice.deleteThread(thread);
    await microtasks();
    const [, between, , last] = await Promise.all([first, starting, second, alice.start('waits', 3, { thread })]);
    assert.equal(await codeOf(between.state()), 'not_found');
    assert.equal(await codeOf(last.state()), 'none', 'it came after both');
    const { runs, lastRun } = await alice.thread(thread);
    assert.deepEqual([runs, lastRun], [1, last.id]);
    await last.cancel();
  });

  it('takes any order of starts, titles and deletions, and the row says what is there', async () => {
    const { alice, clock, store } = await open();
    const asked: Promise<unknown>[] = [];
    for (let n = 0; n < 60; n++) {
      const id = `t${n % 3}`;
      if (n % 7 === 6) asked.push(codeOf(alice.deleteThread(id)));
      else if (n % 5 === 4) asked.push(codeOf(alice.renameThread(id, `title ${n}`)));
      else asked.push(alice.start(n % 2 === 0 ? 'says' : 'waits', n, { thread: id, message: `m ${n}` }));
      if (n % 4 === 3) await clock.settle();
    }
    await Promise.all(asked);
    await clock.settle();
    for (const id of ['t0', 't1', 't2']) {
      const rows = await store.runs('main', user, { thread: id, limit: 99 });
      const row = await store.thread('main', user, id);
      assert.deepEqual([row?.runs ?? 0, row?.lastRun], [rows.length, rows[0]?.run], id);
    }
    const { head, skipped, events } = await store.read('main', user, { after: 0, limit: 9_999 });
    const missing = skipped.reduce((sum, { from, to }) => sum + to - from + 1, 0);
    assert.equal(missing + events.length, head.userSeq);
  });

  it('is skipped by a reader in the middle of it, without a hole and without a stall (F5)', async () => {
    const { alice, clock } = await open();
    for (let n = 0; n < 5; n++) await (await alice.start('says', n, { thread, message: 'secret' })).result();
    await (await alice.start('says', 1)).result();
    const frames = alice.frames()[Symbol.asyncIterator]();
    const quick = alice.frames()[Symbol.asyncIterator]();
    const seen: Frame[] = [];
    const next = async (): Promise<void> => void seen.push((await frames.next()).value as Frame);
    for (let to = 0; to < (await alice.head()).userSeq;) to = ((await quick.next()).value as Frame).to;
    // Behind by one commit, which the feed still keeps for it, and then by the deletion.
    await (await alice.start('says', 'secret', { thread, message: 'secret' })).result();
    await clock.settle();
    await alice.deleteThread(thread);
    const head = await alice.head();
    for (let to = 0; to < head.userSeq; to = seen.at(-1)?.to ?? 0) await next();
    assert.ok(!JSON.stringify(seen).includes('secret'));
    const places = seen.flatMap(({ events, skipped }) => [
      ...events.map(({ userSeq }) => userSeq),
      ...skipped.flatMap(({ from, to }) => Array.from({ length: to - from + 1 }, (_, index) => from + index)),
    ]);
    assert.deepEqual(
      places.toSorted((a, b) => a - b),
      Array.from(places, (_, index) => index + 1),
    );
    assert.equal(places.length, head.userSeq);
    const late = (await quick.next()).value as Frame;
    assert.ok(!JSON.stringify(late).includes('secret'));
    await Promise.all([frames.return?.(), quick.return?.()]);
  });

  it('is deleted and renamed through the inbox of the node that owns the user, done and answered in one commit (B1)', async () => {
    const clock = new SimClock();
    const store = memory({ clock });
    const links = [linkTo(store), linkTo(store)] as const;
    const a = await open({ store: links[0], clock, seed: 1 });
    const b = await open({ store: links[1], clock, seed: 2 });
    await (await a.alice.start('waits', 1, { thread })).signal('go');
    await a.alice.start('waits', 1, { thread });
    await clock.settle();
    assert.equal((await b.alice.renameThread(thread, 'From there')).title, 'From there');
    const commits: string[] = [];
    links[0].intercept((batches) => {
      for (const { events, inboxTaken } of batches)
        commits.push([...events.map(({ type }) => type), ...inboxTaken.map(() => 'taken')].join(' '));
      return store.append(batches);
    });
    await b.alice.deleteThread(thread);
    assert.ok(commits.includes('thread.deleted note taken'), commits.join('; '));
    for (const call of [b.alice.deleteThread(thread), b.alice.renameThread(thread, 'x')])
      assert.equal(await codeOf(call), 'not_found');
    assert.deepEqual(await a.alice.threads(), []);
    assert.deepEqual(await store.inbox('main', user), []);
  });

  it('stays where something was begun in it since its deletion was put into the inbox (K5)', async () => {
    const { alice, clock, store } = await open();
    const before = await alice.start('goesOn', 1, { thread });
    await clock.settle();
    const askedAt = (await store.head('main', user)).userSeq;
    const ask = async (id: string, place: number): Promise<void> => {
      const command = { kind: 'delete-thread', thread, askedAt: place };
      await store.putInbox('main', user, { id, at: clock.now(), command });
      await clock.advance(2 * limits.endGraceMs);
      assert.deepEqual(await store.inbox('main', user), []);
    };
    const other = await alice.start('says', 1, { thread, message: 'kept' });
    await ask('late', askedAt);
    assert.equal(await codeOf(other.state()), 'none');
    assert.equal((await alice.thread(thread)).runs, 2);
    await other.cancel();
    const later = (await store.head('main', user)).userSeq;
    await before.signal('go');
    await clock.settle();
    assert.equal((await alice.thread(thread)).runs, 3, 'it goes on as another run, which nobody began anew');
    await ask('meant', later);
    assert.deepEqual(await alice.threads(), []);
  });

  it('stays if the node dies before the commit of the deletion, and goes when it is asked for again', async () => {
    const clock = new SimClock();
    const store = memory({ clock });
    const link = linkTo(store);
    const a = await open({ store: link, clock, seed: 1 });
    await a.alice.start('waits', 1, { thread, message: 'm' });
    await clock.settle();
    link.intercept((batches) => {
      if (batches.some(({ threadsDeleted }) => threadsDeleted.length > 0)) link.freeze();
      return store.append(batches.filter(({ threadsDeleted }) => threadsDeleted.length === 0));
    });
    a.alice.deleteThread(thread).catch(() => undefined);
    await clock.settle();
    assert.ok(link.cut);
    await clock.advance(leaseOverMs);
    const b = await open({ store, clock, seed: 2 });
    const row = await b.alice.thread(thread);
    assert.deepEqual([row.runs, row.status, row.title], [1, 'cancelled', 'm']);
    await b.alice.deleteThread(thread);
    assert.deepEqual(await b.alice.threads(), []);
  });
});
