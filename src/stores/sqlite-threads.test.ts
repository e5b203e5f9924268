/** Threads in the SQLite journal: folders of before there were any, and deletions that fail or meet a failure. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, describe, it } from 'node:test';
import { limits } from '../core/limits.ts';
import type { Store } from '../journal/store.ts';
import { completed, deleted, note, queued, StoreAuthor, wholeRun, type Draft } from '../testing/store-author.ts';
import { schemaVersion } from './sqlite-schema.ts';
import { sqlite } from './sqlite.ts';

const root = mkdtempSync(join(tmpdir(), 'cantus-threads-'));
after(() => rmSync(root, { recursive: true }));

let folders = 0;
const newFolder = (): string => join(root, `${++folders}`);
const ada = { tenant: 'main', user: 'ada' };
const bob = { tenant: 'main', user: 'bob' };

const said = (run: string, text: string): Draft => ({ type: 'message.received', run, data: { text } });

async function opened(folder: string, work: (store: Store) => Promise<void>): Promise<void> {
  const store = sqlite(folder);
  await store.open();
  try {
    await work(store);
  } finally {
    await store.close();
  }
}

/** Makes the folder one of version 1, which had no table of threads and didn't know when its runs go on. */
function downgrade(folder: string, more = ''): void {
  const db = new DatabaseSync(join(folder, 'journal.db'));
  db.exec(
    `DROP TABLE thread; ALTER TABLE run DROP COLUMN wake_at; ALTER TABLE run DROP COLUMN continued_as; PRAGMA user_version = 1; ${more}`,
  );
  db.close();
}

function inFolder(folder: string, sql: string): unknown {
  const db = new DatabaseSync(join(folder, 'journal.db'));
  const row = db.prepare(sql).get();
  db.close();
  return Object.values(row ?? {})[0];
}

describe('a folder of version 1', () => {
  it('gets its threads from its journal when it is opened (SD5)', async () => {
    const folder = newFolder();
    const rows: unknown[] = [];
    await opened(folder, async (store) => {
      const [one, two] = [await StoreAuthor.own(store, 'a', ada), await StoreAuthor.own(store, 'a', bob)];
      await one.write([queued('a1', { thread: 't' }), said('a1', 'Which offer?'), completed('a1'), ...wholeRun('x')]);
      await two.write([queued('b1', { thread: 't' }), said('b1', 'of bob')]);
      await one.write([queued('a2', { thread: 'u \ud800' }), queued('a3', { thread: 't' }), said('a3', 'And then?')]);
      for (const user of ['ada', 'bob']) rows.push(await store.threads('main', user, { limit: 9 }));
    });
    downgrade(folder);
    await opened(folder, async (store) => {
      assert.deepEqual(
        [await store.threads('main', 'ada', { limit: 9 }), await store.threads('main', 'bob', { limit: 9 })],
        rows,
      );
      const row = await store.thread('main', 'ada', 't');
      assert.deepEqual([row?.title, row?.runs, row?.lastRun, row?.status], ['Which offer?', 2, 'a3', 'queued']);
      assert.equal((await store.threads('main', 'ada', { limit: 9, search: 'OFFER' })).length, 1);
      const author = await StoreAuthor.own(store, 'b', ada);
      assert.deepEqual(await author.write([deleted('t', ['a1', 'a3'])]), { fenced: [] });
    });
    assert.equal(inFolder(folder, 'PRAGMA user_version'), schemaVersion);
  });

  it('has its runs that wait due at once, as one of version 2 does (SD5)', async () => {
    const folder = newFolder();
    const wait = { type: 'run.suspended', data: { activeLeftMs: 1, waits: [], wakeAt: 9e12 } } as const;
    await opened(folder, async (store) => {
      const author = await StoreAuthor.own(store, 'a', ada);
      await author.write([queued('waits'), { ...wait, run: 'waits' }, queued('queued'), ...wholeRun('ended')]);
    });
    const db = new DatabaseSync(join(folder, 'journal.db'));
    db.exec('ALTER TABLE run DROP COLUMN wake_at; ALTER TABLE run DROP COLUMN continued_as; PRAGMA user_version = 2');
    db.close();
    await opened(folder, async (store) => {
      const rows = await store.runs('main', 'ada', { limit: 9 });
      assert.deepEqual(
        rows.map(({ run, wakeAt }) => [run, wakeAt]),
        [
          ['ended', undefined],
          ['queued', undefined],
          ['waits', 0],
        ],
      );
    });
    assert.equal(inFolder(folder, 'PRAGMA user_version'), schemaVersion);
  });

  it('stays as it was when its journal can not be read, so that it can be tried again', async () => {
    const folder = newFolder();
    await opened(folder, async (store) => {
      await (await StoreAuthor.own(store, 'a', ada)).write([queued('a1', { thread: 't' }), completed('a1')]);
    });
    downgrade(folder, `UPDATE event SET data = replace(data, '"v":2', '"v":99') WHERE user_seq = 2`);
    await assert.rejects(sqlite(folder).open(), { code: 'store_corrupt' });
    assert.equal(inFolder(folder, 'PRAGMA user_version'), 1);
    assert.equal(inFolder(folder, "SELECT count(*) FROM sqlite_schema WHERE name = 'thread'"), 0);
  });
});

describe('a deletion of a thread in the SQLite journal', () => {
  it('goes back with the commit that it is part of, and leaves everything as it was (SJ1, SJ3)', async () => {
    await opened(newFolder(), async (store) => {
      const [one, two] = [await StoreAuthor.own(store, 'a', ada), await StoreAuthor.own(store, 'a', bob)];
      await one.write([...wholeRun('run', 4, { thread: 't', key: 'k' })]);
      await two.write([queued('first', { key: 'taken' })]);
      const before = await store.read('main', 'ada', { after: 0, limit: 9 });
      const both = [one.part([deleted('t', ['run'])]), two.part([queued('second', { key: 'taken' })])];
      await assert.rejects(store.append(both), { code: 'conflict' });
      assert.deepEqual(await store.read('main', 'ada', { after: 0, limit: 9 }), before);
      assert.equal((await store.thread('main', 'ada', 't'))?.runs, 1);
      assert.equal((await store.runByKey('main', 'ada', 'k'))?.run, 'run');
      assert.deepEqual(await store.append(both.slice(0, 1)), { fenced: [] });
      assert.equal((await store.read('main', 'ada', { after: 0, limit: 9 })).events.length, 1);
    });
  });

  it('finds what is in the index and what is not yet, and the log goes on behind it', async () => {
    const folder = newFolder();
    await opened(folder, async (store) => {
      const author = await StoreAuthor.own(store, 'a', ada);
      await author.write([queued('run', { thread: 't' })]);
      for (let events = 0; events <= limits.sqliteTailEvents; events += 4_096)
        await author.write(Array.from({ length: 4_096 }, () => note('x')));
      await author.write([note('late', 'run'), completed('run'), note('after')]);
      await author.write([deleted('t', ['run'])]);
      await author.write([note('last')]);
      const { events, skipped } = await store.read('main', 'ada', { after: author.head - 5, limit: 9 });
      assert.deepEqual(
        events.map(({ type }) => type),
        ['note', 'thread.deleted', 'note'],
      );
      assert.deepEqual(skipped, [{ from: author.head - 4, to: author.head - 3 }]);
      assert.deepEqual((await store.read('main', 'ada', { after: 0, limit: 1 })).skipped, [{ from: 1, to: 1 }]);
    });
    assert.equal(inFolder(folder, `SELECT count(*) FROM event WHERE data LIKE '%"thread":"t"%'`), 1);
  });
});
