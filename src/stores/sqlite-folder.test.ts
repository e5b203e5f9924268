/** Whose a data folder is, and what is said when it can't be used: what, why, and how to fix it (E1). */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync, chmodSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, describe, it } from 'node:test';
import { StoreError } from '../core/errors.ts';
import { eventVersions } from '../journal/codec.ts';
import { StoreAuthor, note } from '../testing/store-author.ts';
import { startChild } from './child-process.fixture.ts';
import { schemaVersion } from './sqlite-schema.ts';
import { sqlite } from './sqlite.ts';

const root = mkdtempSync(join(tmpdir(), 'cantus-folder-'));
after(() => rmSync(root, { recursive: true }));

let folders = 0;
const newFolder = (): string => join(root, `${++folders}`);

/** Opening must fail with this code; the message names the folder, and there is a hint. */
async function refused(folder: string, code: string): Promise<StoreError> {
  const store = sqlite(folder);
  const error: unknown = await store.open().then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof StoreError, `opened, or threw ${String(error)}`);
  assert.equal(error.code, code, error.message);
  assert.ok(error.message.includes(folder), error.message);
  assert.ok((error.hint ?? '').length > 20, 'it says how to fix it');
  return error;
}

describe('the data folder of the SQLite store', () => {
  it('is created for its owner alone, and so are its files', async () => {
    const folder = join(newFolder(), 'deep', 'er');
    const store = sqlite(folder);
    await store.open();
    assert.equal(statSync(folder).mode & 0o777, 0o700);
    for (const name of readdirSync(folder)) assert.equal(statSync(join(folder, name)).mode & 0o077, 0, name);
    await store.close();
  });

  it('is refused to a second store of the same process, and free when the first is closed', async () => {
    const folder = newFolder();
    const [first, second] = [sqlite(folder), sqlite(folder)];
    await first.open();
    const error = await refused(folder, 'store_locked');
    assert.match(error.message, new RegExp(`process ${process.pid}\\b`));
    await assert.rejects(second.open(), { code: 'store_locked', retryable: true });
    assert.equal(await first.heartbeat('a'), true, 'the first is not disturbed');
    await assert.rejects(second.open(), { code: 'store_locked' }, 'nor does asking twice help');
    await first.close();
    await second.open();
    await second.close();
  });

  it('is missed when it is deleted under the store: from the next heartbeat on nothing more is told to be written', async () => {
    const folder = newFolder();
    const store = sqlite(folder);
    await store.open();
    const author = await StoreAuthor.own(store, 'node', { tenant: 'main', user: 'ada' });
    await author.write([note('kept')]);
    rmSync(folder, { recursive: true });
    await assert.rejects(store.heartbeat('node'), { code: 'store_failed', message: /was deleted, moved or replaced/ });
    await assert.rejects(author.write([note('lost')]), {
      code: 'store_failed',
      message: /was deleted, moved or replaced/,
    });
    await store.close();
    await store.open();
    await store.close();
  });

  it('is refused while another process has it, whose id is told; and free at once when that is killed', async () => {
    const folder = newFolder();
    const child = startChild(['hold', folder]);
    await child.said('open');
    const error = await refused(folder, 'store_locked');
    assert.match(error.message, new RegExp(`process ${child.process.pid}\\b`));
    assert.match(error.hint ?? '', new RegExp(`${child.process.pid}`));
    child.process.kill('SIGKILL');
    await child.ended();
    const store = sqlite(folder);
    await store.open();
    const owner = JSON.parse(readFileSync(join(folder, 'owner.json'), 'utf8')) as { pid: number };
    assert.equal(owner.pid, process.pid);
    await store.close();
    assert.ok(!readdirSync(folder).includes('owner.json'));
  });

  it('is refused without a word on whom, when nobody can say who has it', async () => {
    const folder = newFolder();
    const store = sqlite(folder);
    await store.open();
    rmSync(join(folder, 'owner.json'));
    const error = await refused(folder, 'store_locked');
    assert.match(error.message, /another store/);
    await store.close();
  });

  it('can be opened by several at once through one store, in any order', async () => {
    const store = sqlite(newFolder());
    await Promise.all([store.open(), store.open(), store.close(), store.open(), store.close()]);
    assert.equal(await store.heartbeat('a'), true);
    await store.close();
    await assert.rejects(store.heartbeat('a'), { code: 'closed' });
  });

  it('is refused where a file is in its place, or on its way', async () => {
    const file = newFolder();
    writeFileSync(file, 'a file');
    await refused(file, 'store_failed');
    await refused(join(file, 'below'), 'store_failed');
  });

  it(
    'is refused where nothing can be created',
    { skip: process.platform !== 'linux' ? 'needs /proc' : false },
    async () => {
      await refused('/proc/cantus', 'store_failed');
    },
  );

  it(
    'is refused where it may not be written',
    { skip: process.getuid?.() === 0 ? 'root may write in a folder of any mode' : false },
    async () => {
      const folder = newFolder();
      mkdirSync(folder);
      chmodSync(folder, 0o500);
      await refused(folder, 'store_failed');
      chmodSync(folder, 0o700);
    },
  );

  it('is refused, and left as it was, when its journal is not ours', async () => {
    const text = newFolder();
    mkdirSync(text);
    writeFileSync(
      join(text, 'journal.db'),
      'this is not a database, but a text of more than a hundred bytes. '.repeat(10),
    );
    await refused(text, 'store_corrupt');
    const foreign = newFolder();
    mkdirSync(foreign);
    const db = new DatabaseSync(join(foreign, 'journal.db'));
    db.exec('CREATE TABLE theirs (a); INSERT INTO theirs VALUES (1)');
    db.close();
    const before = readFileSync(join(foreign, 'journal.db'));
    await refused(foreign, 'store_corrupt');
    assert.deepEqual(readFileSync(join(foreign, 'journal.db')), before);
    const folder = newFolder();
    mkdirSync(join(folder, 'journal.db'), { recursive: true });
    await refused(folder, 'store_failed');
  });

  it('is refused when a newer Cantus wrote it', async () => {
    const folder = newFolder();
    const store = sqlite(folder);
    await store.open();
    await store.close();
    const db = new DatabaseSync(join(folder, 'journal.db'));
    db.exec(`PRAGMA user_version = ${schemaVersion + 1}`);
    db.close();
    const error = await refused(folder, 'store_failed');
    assert.match(error.message, new RegExp(`version ${schemaVersion + 1}`));
  });

  it('is refused, and left as it was, when it may have an event that only a newer Cantus knows (SD6)', async () => {
    for (const [type, version] of [
      ['run.queued', eventVersions['run.queued'] + 1],
      ['run.teleported', 1],
    ] as const) {
      const folder = newFolder();
      const store = sqlite(folder);
      await store.open();
      await store.close();
      const db = new DatabaseSync(join(folder, 'journal.db'));
      db.prepare("UPDATE meta SET value = ? WHERE name = 'events'").run(
        JSON.stringify({ ...eventVersions, [type]: version }),
      );
      db.close();
      const before = readFileSync(join(folder, 'journal.db'));
      const error = await refused(folder, 'store_failed');
      assert.ok(error.message.includes(`"${type}" of version ${version}`), error.message);
      assert.deepEqual(readFileSync(join(folder, 'journal.db')), before);
    }
  });

  it('says from its opening on which events may be in it, also one that an older Cantus made (SD6)', async () => {
    const folder = newFolder();
    const store = sqlite(folder);
    await store.open();
    await store.close();
    const kept = (): unknown => {
      const db = new DatabaseSync(join(folder, 'journal.db'));
      const value = db.prepare("SELECT value FROM meta WHERE name = 'events'").get()?.['value'];
      db.exec("DELETE FROM meta WHERE name = 'events'");
      db.close();
      return typeof value === 'string' ? JSON.parse(value) : value;
    };
    assert.deepEqual(kept(), eventVersions);
    await store.open();
    await store.close();
    assert.deepEqual(kept(), eventVersions);
  });

  it('is refused when another program holds the journal, and says so', async () => {
    const folder = newFolder();
    const store = sqlite(folder);
    await store.open();
    await store.close();
    const db = new DatabaseSync(join(folder, 'journal.db'));
    db.exec('BEGIN IMMEDIATE');
    const error = await refused(folder, 'store_locked');
    assert.match(error.message, /another program/);
    db.close();
    await store.open();
    await store.close();
  });

  it('does not keep the process alive when the store is idle', async () => {
    const child = startChild(['leave', newFolder()]);
    assert.equal(await child.ended(), 0);
    assert.deepEqual(child.lines, ['left open']);
  });

  it('keeps the process alive until a pending append is on the disk', async () => {
    const folder = newFolder();
    const child = startChild(['pending', folder]);
    assert.equal(await child.ended(), 0);
    assert.deepEqual(child.lines, ['acknowledged']);
    const store = sqlite(folder);
    await store.open();
    const { head } = await store.read('main', 'ada', { after: 0, limit: 1 });
    assert.equal(head.userSeq, 1);
    const author = await StoreAuthor.own(store, 'a', { tenant: 'main', user: 'ada' });
    assert.deepEqual(await author.write([note('goes on')]), { fenced: [] });
    await store.close();
  });
});
