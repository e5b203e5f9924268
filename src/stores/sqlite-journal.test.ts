/** What is SQLite's own: a full disk, a failing one, the index of places, and pages that look at a bounded part. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, describe, it } from 'node:test';
import { StoreError } from '../core/errors.ts';
import { limits } from '../core/limits.ts';
import type { JournalEvent } from '../journal/event.ts';
import { completed, note, queued, StoreAuthor, wholeRun } from '../testing/store-author.ts';
import { startChild } from './child-process.fixture.ts';
import { sqlite } from './sqlite.ts';

const root = mkdtempSync(join(tmpdir(), 'cantus-journal-'));
after(() => rmSync(root, { recursive: true }));

let folders = 0;
const newFolder = (): string => join(root, `${++folders}`);
const ada = { tenant: 'main', user: 'ada' };
const bob = { tenant: 'main', user: 'bob' };

describe('the journal of the SQLite store', () => {
  it('writes nothing of a commit for which the disk is full, still reads, and goes on when there is room (S3)', async () => {
    const store = sqlite(newFolder(), { bytesMax: 300_000 });
    await store.open();
    const [one, two] = [await StoreAuthor.own(store, 'a', ada), await StoreAuthor.own(store, 'a', bob)];
    await two.write(Array.from({ length: 12 }, () => note('x'.repeat(5_000))));
    await store.putInbox('main', 'ada', { id: 'entry', at: 1, command: null });
    await one.write([queued('run')]);
    const small = one.part([note('small', 'run')]);
    const blobs = [{ sha256: 'large', text: `"${'y'.repeat(400_000)}"` }];
    const large = { ...small, events: [...small.events], blobs, inboxTaken: ['entry'] };
    const error: unknown = await store.append([two.part([note('beside')]), large]).catch((thrown: unknown) => thrown);
    assert.ok(error instanceof StoreError);
    assert.deepEqual([error.code, error.retryable], ['store_failed', true]);
    assert.match(`${error.message} ${error.hint}`, /full.*Free space/s);
    assert.equal((await store.head('main', 'ada')).userSeq, 1);
    assert.equal((await store.head('main', 'bob')).userSeq, 12);
    assert.equal(await store.blob('main', 'ada', 'large'), undefined);
    assert.equal((await store.inbox('main', 'ada')).length, 1);
    const { events } = await store.read('main', 'bob', { after: 0, limit: 100 });
    assert.equal(events.length, 12);
    assert.deepEqual(await store.append([small]), { fenced: [] }, 'a smaller commit has room');
    two.head = 12;
    let written = 12;
    const filling = async (): Promise<void> => {
      for (;;) {
        await two.write([note('x'.repeat(5_000))]);
        written++;
      }
    };
    await assert.rejects(filling(), { code: 'store_failed', retryable: true });
    assert.equal((await store.head('main', 'bob')).userSeq, written);
    await store.erase('main', 'bob');
    assert.deepEqual(await one.write(Array.from({ length: 5 }, () => note('x'.repeat(5_000)))), { fenced: [] });
    await store.close();
  });

  it(
    'promises nothing more once the disk has failed under a write, and has all that it had acknowledged',
    { skip: process.platform === 'win32' ? 'needs a shell that limits file sizes' : false },
    async () => {
      const folder = newFolder();
      // The limit of a file's size makes write() fail as a broken disk does; the trap lets the process live on.
      const child = startChild(['fill', folder], ['bash', '-c', 'trap \'\' XFSZ; ulimit -f 2000; exec "$@"', 'bash']);
      assert.equal(await child.ended(), 0);
      const said = JSON.parse(child.lines[0] ?? '{}') as Record<
        'error' | 'again',
        { code: string; message: string }
      > & {
        acknowledged: number;
        head: number;
      };
      assert.ok(said.acknowledged > 10);
      assert.deepEqual([said.error.code, said.again.code], ['store_failed', 'store_failed']);
      assert.match(said.again.message, /disk .* failed/);
      assert.equal(said.head, said.acknowledged, 'what was written is still read');
      const store = sqlite(folder);
      await store.open();
      const { events } = await store.read('main', 'ada', { after: 0, limit: 10_000 });
      assert.ok(events.length >= said.acknowledged);
      await store.close();
    },
  );

  it('reads the same from the index as from the tail that is not in it yet, also after opening again (SD2)', async () => {
    const folder = newFolder();
    const store = sqlite(folder);
    await store.open();
    const authors = await Promise.all(
      Array.from({ length: 5 }, (_, user) => StoreAuthor.own(store, 'a', { tenant: 'main', user: `user ${user}` })),
    );
    const commits = Math.ceil((limits.sqliteTailEvents * 1.4) / 500);
    for (let commit = 0; commit < commits; commit++) {
      const run = `run ${commit}`;
      await store.append(authors.map((author, user) => author.part(wholeRun(run, 60 + user * 20))));
    }
    const look = async (from: typeof store): Promise<void> => {
      for (const [user, { tenant, user: name, head }] of authors.entries()) {
        assert.equal(head, commits * (60 + user * 20));
        for (const at of [0, 1, 511, 512, 513, head - 700, head - 3]) {
          const page = await from.read(tenant, name, { after: at, limit: 900 });
          const places = page.events.map(({ userSeq }) => userSeq);
          assert.deepEqual(
            places,
            Array.from({ length: Math.min(900, head - at) }, (_, index) => at + 1 + index),
          );
        }
        const run = await from.read(tenant, name, { after: 0, limit: 1_000, run: `run ${commits - 1}` });
        assert.equal(run.events.length, 60 + user * 20);
        assert.deepEqual((await from.head(tenant, name)).userSeq, head);
      }
    };
    await look(store);
    await store.close();
    assert.ok(indexedPlaces(folder) >= limits.sqliteTailEvents, 'a part is indexed');
    assert.ok(indexedPlaces(folder) < authors.reduce((sum, { head }) => sum + head, 0), 'and a part is not');
    const again = sqlite(folder);
    await again.open();
    await look(again);
    const first = await StoreAuthor.own(again, 'b', { tenant: 'main', user: 'user 0' });
    assert.deepEqual(await first.write([note('goes on')]), { fenced: [] });
    // Its events are the last of the log.
    const last = await StoreAuthor.own(again, 'b', { tenant: 'main', user: 'user 4' });
    await last.write([note('last'), note('of'), note('all')]);
    await again.erase('main', 'user 4');
    assert.deepEqual(await first.write([note('and on')]), { fenced: [] });
    const { events } = await again.read('main', 'user 0', { after: first.head - 2, limit: 9 });
    assert.equal(events.length, 2, 'row ids that erasing freed are used again, and found');
    await again.close();
    const third = sqlite(folder);
    await third.open();
    assert.equal((await third.read('main', 'user 0', { after: first.head - 2, limit: 9 })).events.length, 2);
    assert.equal((await third.head('main', 'user 4')).userSeq, 0);
    await third.close();
  });

  it('looks at a bounded part of a long stream for one page of a run', async () => {
    const store = sqlite(newFolder());
    await store.open();
    const author = await StoreAuthor.own(store, 'a', ada);
    await author.write([queued('long')]);
    await author.write(wholeRun('other', limits.readScanPlacesMax + 500));
    await author.write([completed('long'), note('after')]);
    const first = await store.read('main', 'ada', { after: 0, limit: 10, run: 'long' });
    assert.deepEqual([first.events.length, first.next], [1, limits.readScanPlacesMax]);
    const rest = await store.read('main', 'ada', { after: first.next, limit: 10, run: 'long' });
    assert.deepEqual([rest.events.length, rest.next], [1, author.head]);
    await store.close();
  });

  it('gives events as texts too, as encoding them would give, whoever they are of and wherever they are (V7)', async () => {
    const folder = newFolder();
    const store = sqlite(folder);
    await store.open();
    const names = [ada, { tenant: 'a "tenant",\\', user: 'ü\u2028\n}' }];
    const authors = await Promise.all(names.map((name) => StoreAuthor.own(store, 'a', name)));
    for (const author of authors) {
      await author.write([...wholeRun('one "run"', 5, { key: 'k', thread: 't,"v":9' }), note('line\nbreak } "')]);
      const { tenant, user } = author;
      for (const options of [{ limit: 20 }, { limit: 2 }, { limit: 20, run: 'one "run"' }]) {
        const { texts, events } = await store.read(tenant, user, { after: 1, ...options });
        assert.ok(texts !== undefined && events.length > 0);
        assert.deepEqual(
          texts,
          events.map((event) => ({ userSeq: event.userSeq, text: JSON.stringify(event) })),
        );
        for (const { text } of texts) {
          const told = JSON.parse(text) as JournalEvent;
          assert.deepEqual([told.tenant, told.user], [tenant, user]);
        }
      }
    }
    await store.close();
  });

  it('gives no texts of a page in which something is of another shape, but reads it (V7, S10)', async () => {
    const store = sqlite(newFolder());
    await store.open();
    const author = await StoreAuthor.own(store, 'a', ada);
    const part = author.part([note('of today'), note('to be older')]);
    const [first, last] = part.events as [JournalEvent, JournalEvent];
    const older = { ...last, type: 'run.suspended', data: { activeLeftMs: 1, waits: [] }, v: 1 } as unknown;
    await store.append([{ ...part, events: [first, older as JournalEvent] }]);
    const both = await store.read('main', 'ada', { after: 0, limit: 2 });
    assert.deepEqual([both.texts, both.events.map(({ v }) => v)], [undefined, [1, 2]]);
    const newer = author.part([note('to be newer')]);
    await store.append([{ ...newer, events: [{ ...newer.events[0], v: 2 } as unknown as JournalEvent] }]);
    // Refused by the read itself: who only passes texts on must hear of it too.
    await assert.rejects(store.read('main', 'ada', { after: 2, limit: 1 }), { code: 'store_corrupt' });
    await store.close();
  });

  it('tells of places that are gone, to whoever reads the stream or one run of it (S5)', async () => {
    const folder = newFolder();
    const store = sqlite(folder);
    await store.open();
    const author = await StoreAuthor.own(store, 'a', ada);
    await author.write([...wholeRun('one', 4), queued('two'), ...wholeRun('three', 4), note('x', 'two'), note('end')]);
    await store.close();
    const db = new DatabaseSync(join(folder, 'journal.db'));
    // As retention will do it: the index is whole, some events are gone.
    db.exec("INSERT INTO place SELECT id, 1, 11, '[1,2,3,4,5,6,7,8,9,10,11]' FROM user");
    db.exec("UPDATE meta SET value = 11 WHERE name = 'indexed'");
    db.exec('DELETE FROM event WHERE id <= 4 OR id BETWEEN 6 AND 9 OR id = 11');
    db.close();
    await store.open();
    const all = await store.read('main', 'ada', { after: 0, limit: 20 });
    assert.deepEqual(
      all.events.map(({ userSeq }) => userSeq),
      [5, 10],
    );
    assert.deepEqual(all.skipped, [
      { from: 1, to: 4 },
      { from: 6, to: 9 },
      { from: 11, to: 11 },
    ]);
    const run = await store.read('main', 'ada', { after: 0, limit: 20, run: 'two' });
    assert.deepEqual(
      run.events.map(({ userSeq }) => userSeq),
      [5, 10],
    );
    assert.deepEqual(run.skipped, [
      { from: 6, to: 9 },
      { from: 11, to: 11 },
    ]);
    await store.close();
  });

  it('says that a journal is damaged, rather than number its events anew', async () => {
    const folder = newFolder();
    const store = sqlite(folder);
    await store.open();
    const author = await StoreAuthor.own(store, 'a', ada);
    await author.write([note('1'), note('2'), note('3')]);
    await store.close();
    const db = new DatabaseSync(join(folder, 'journal.db'));
    db.exec('DELETE FROM event WHERE user_seq = 2');
    db.close();
    await assert.rejects(store.open(), { code: 'store_corrupt', message: /place 3 .* where 2/ });
  });

  it('leaves no text of an erased user in its files', async () => {
    const folder = newFolder();
    const store = sqlite(folder);
    await store.open();
    const [one, two] = [await StoreAuthor.own(store, 'a', ada), await StoreAuthor.own(store, 'a', bob)];
    const blobs = [{ sha256: 'sha', text: '"a very private blob"' }];
    await one.write([note('a very private note')], { blobs });
    await two.write([note('something of bob')]);
    await store.putInbox('main', 'ada', { id: 'entry', at: 1, command: 'a very private command' });
    await store.erase('main', 'ada');
    // Read after closing: closing a file of this process would drop its locks.
    await store.close();
    const text = readFileSync(join(folder, 'journal.db'), 'latin1');
    assert.ok(!text.includes('very private'));
    assert.ok(text.includes('something of bob'));
  });

  it('refuses a commit of many pieces whose first is wrong, and goes on with the next', async () => {
    const store = sqlite(newFolder());
    await store.open();
    const authors = await Promise.all(
      Array.from({ length: 200 }, (_, user) => StoreAuthor.own(store, 'a', { tenant: 'main', user: `user ${user}` })),
    );
    await authors[0]?.write([queued('first', { key: 'key' })]);
    const [wrong, ...rest] = authors.map((author, user) =>
      author.part(user === 0 ? [queued('x', { key: 'key' })] : [note('x')]),
    );
    assert.ok(wrong !== undefined);
    const [refusal, head, others] = await Promise.allSettled([
      store.append([wrong, ...rest]),
      store.head('main', 'user 199'),
      store.append(rest),
    ]);
    assert.equal(refusal.status, 'rejected');
    assert.deepEqual([head.status, head.status === 'fulfilled' && head.value.userSeq], ['fulfilled', 0]);
    assert.deepEqual(others, { status: 'fulfilled', value: { fenced: [] } });
    await store.close();
  });

  it('refuses a commit that cannot be encoded, and goes on with the next', async () => {
    const store = sqlite(newFolder());
    await store.open();
    const authors = await Promise.all(
      Array.from({ length: 40 }, (_, user) => StoreAuthor.own(store, 'a', { tenant: 'main', user: `user ${user}` })),
    );
    const parts = authors.map((author) => author.part([note('fine')]));
    const event = { ...parts[39]?.events[0], data: { code: 'note', text: 1n } } as never;
    await assert.rejects(store.append([...parts.slice(0, 39), { ...parts[39], events: [event] } as never]), {
      code: 'bug',
    });
    assert.equal((await store.head('main', 'user 0')).userSeq, 0, 'what had crossed before is not written');
    assert.deepEqual(await store.append(parts), { fenced: [] });
    await store.close();
  });
});

/** Of a closed store: how many events its index knows. */
function indexedPlaces(folder: string): number {
  const db = new DatabaseSync(join(folder, 'journal.db'));
  const sum = Number(db.prepare('SELECT sum(to_seq - from_seq + 1) AS places FROM place').get()?.['places'] ?? 0);
  db.close();
  return sum;
}
