/** Backups and what becomes of them: DB1 to DB5. */
import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it, type TestContext } from 'node:test';
import type { Store } from '../journal/store.ts';
import { note, StoreAuthor, wholeRun } from '../testing/store-author.ts';
import { checkBackup, makeBackup, restoreBackup } from './sqlite-backup.ts';
import { sqlite } from './sqlite.ts';

const now = Date.UTC(2026, 10, 22);
const origin = 'another-origin';
const ada = { tenant: 'main', user: 'ada' };

type Place = { readonly folder: string; readonly target: string; readonly elsewhere: string };

function placeFor(test: TestContext): Place {
  const root = mkdtempSync(join(tmpdir(), 'cantus-backup-'));
  test.after(() => rmSync(root, { recursive: true, force: true }));
  return { folder: join(root, 'data'), target: join(root, 'copy'), elsewhere: join(root, 'elsewhere') };
}

/** A store in use, with a run of one user. */
async function storeIn(test: TestContext, folder: string): Promise<{ store: Store; author: StoreAuthor }> {
  const store = sqlite(folder);
  await store.open();
  test.after(() => store.close());
  const author = await StoreAuthor.own(store, 'node', ada);
  await author.write(wholeRun('first', 20));
  return { store, author };
}

/** A folder with a journal that nobody has open, and two files of an app. */
async function filledFolder(test: TestContext): Promise<Place> {
  const place = placeFor(test);
  const store = sqlite(place.folder);
  await store.open();
  await (await StoreAuthor.own(store, 'node', ada)).write(wholeRun('first', 20));
  await store.close();
  mkdirSync(join(place.folder, 'uploads/of-ada'), { recursive: true });
  writeFileSync(join(place.folder, 'uploads/of-ada/calls.csv'), 'a,b\n1,2\n');
  writeFileSync(join(place.folder, 'uploads/of-ada/half.unfinished'), 'a,');
  return place;
}

async function headIn(folder: string) {
  const store = sqlite(folder);
  await store.open();
  try {
    const { userSeq, generation } = await store.head('main', 'ada');
    const { events } = await store.read('main', 'ada', { after: 0, limit: 1_000 });
    return { userSeq, generation, events: events.length };
  } finally {
    await store.close();
  }
}

describe('makeBackup', () => {
  it('copies what was committed, while the owner goes on writing (DB1)', async (test) => {
    const { folder, target, elsewhere } = placeFor(test);
    const { author } = await storeIn(test, folder);
    makeBackup({ folder, target, now });
    await author.write([note('later')]);
    restoreBackup({ backup: target, folder: elsewhere, origin, now, replace: false });
    const { userSeq, events } = await headIn(elsewhere);
    assert.deepEqual({ userSeq, events }, { userSeq: 20, events: 20 });
  });

  it("copies the databases of an app as whole ones, and leaves out what is only the owner's (DB1)", async (test) => {
    const { folder, target } = await filledFolder(test);
    const own = new DatabaseSync(join(folder, 'notes.db'));
    test.after(() => own.close());
    own.exec("PRAGMA journal_mode = WAL; CREATE TABLE note (text TEXT); INSERT INTO note VALUES ('kept')");
    const { files } = makeBackup({ folder, target, now });
    assert.deepEqual(
      files.map(({ path }) => path),
      ['journal.db', 'notes.db', 'uploads/of-ada/calls.csv'],
    );
    const copy = new DatabaseSync(join(target, 'files/notes.db'), { readOnly: true });
    test.after(() => copy.close());
    assert.equal(copy.prepare('SELECT text FROM note').get()?.['text'], 'kept');
  });

  it('has what was there when the copy of the journal began, also what came since the folder was looked at (DB2)', async (test) => {
    const { folder, target } = await filledFolder(test);
    const exec = Reflect.get<DatabaseSync, 'exec'>(DatabaseSync.prototype, 'exec');
    test.mock.method(DatabaseSync.prototype, 'exec', function (this: DatabaseSync, sql: string): void {
      const isJournal = sql.startsWith('VACUUM INTO') && sql.includes('journal.db');
      if (isJournal) writeFileSync(join(folder, 'uploads/of-ada/later.csv'), 'c,d\n');
      Reflect.apply(exec, this, [sql]);
    });
    const { files } = makeBackup({ folder, target, now });
    assert.deepEqual(
      files.map(({ path }) => path),
      ['journal.db', 'uploads/of-ada/calls.csv', 'uploads/of-ada/later.csv'],
    );
  });

  it('leaves out the journal of a lock whose holder was killed', async (test) => {
    const { folder, target } = await filledFolder(test);
    writeFileSync(join(folder, 'lock.db-journal'), 'left over');
    const { files } = makeBackup({ folder, target, now });
    assert.ok(files.every(({ path }) => !path.startsWith('lock')));
  });

  it('makes files and folders that nobody else may read', async (test) => {
    const { folder, target } = await filledFolder(test);
    makeBackup({ folder, target, now });
    assert.equal(statSync(target).mode & 0o777, 0o700);
    for (const file of ['manifest.json', 'files/journal.db', 'files/uploads/of-ada/calls.csv'])
      assert.equal(statSync(join(target, file)).mode & 0o777, 0o600, file);
  });

  it('refuses a place that is taken, one in the folder itself, and a folder without a journal', async (test) => {
    const { folder, target, elsewhere } = await filledFolder(test);
    mkdirSync(target);
    assert.throws(() => makeBackup({ folder, target, now }), /is there already/);
    assert.throws(() => makeBackup({ folder, target: join(folder, 'copy'), now }), /in the data folder itself/);
    assert.throws(() => makeBackup({ folder: elsewhere, target: join(target, 'copy'), now }), /no journal/);
  });

  it('leaves nothing behind when it fails (DB3)', async (test) => {
    const { folder, target } = await filledFolder(test);
    // The head says that it is a database, and nothing else does.
    writeFileSync(join(folder, 'torn.db'), `SQLite format 3\0${'x'.repeat(5_000)}`);
    assert.throws(() => makeBackup({ folder, target, now }));
    assert.deepEqual(readdirSync(join(target, '..')), ['data']);
  });
});

describe('checkBackup', () => {
  it('finds a changed, a missing and an added file (DB4)', async (test) => {
    const { folder, target } = await filledFolder(test);
    makeBackup({ folder, target, now });
    const upload = join(target, 'files/uploads/of-ada/calls.csv');
    writeFileSync(upload, 'a,b\n1,3\n');
    assert.throws(() => checkBackup(target), /calls\.csv has changed since/);
    rmSync(upload);
    assert.throws(() => checkBackup(target), /calls\.csv is missing/);
    writeFileSync(upload, 'a,b\n1,2\n');
    checkBackup(target);
    writeFileSync(`${upload}.more`, '');
    assert.throws(() => checkBackup(target), /calls\.csv\.more is not of it/);
  });

  it('takes no path that leads out of the backup', async (test) => {
    const { folder, target } = await filledFolder(test);
    makeBackup({ folder, target, now });
    const manifest = JSON.parse(readFileSync(join(target, 'manifest.json'), 'utf8')) as { files: { path: string }[] };
    manifest.files.push({ ...manifest.files[0], path: '../../data/journal.db' });
    writeFileSync(join(target, 'manifest.json'), JSON.stringify(manifest));
    assert.throws(() => checkBackup(target), /is no path below it/);
  });
});

describe('restoreBackup', () => {
  it('begins another generation, so that cursors from before are outdated (DB5)', async (test) => {
    const { folder, target, elsewhere } = await filledFolder(test);
    const before = await headIn(folder);
    makeBackup({ folder, target, now });
    restoreBackup({ backup: target, folder: elsewhere, origin, now, replace: false });
    const after = await headIn(elsewhere);
    assert.equal(after.userSeq, before.userSeq);
    assert.equal(after.generation, 'another-origin.0');
    assert.notEqual(after.generation, before.generation);
  });

  it('refuses a folder that has something in it, and with `replace` keeps that beside it', async (test) => {
    const { folder, target } = await filledFolder(test);
    makeBackup({ folder, target, now });
    writeFileSync(join(folder, 'later.txt'), 'written since');
    const wish = { backup: target, folder, origin, now };
    assert.throws(() => restoreBackup({ ...wish, replace: false }), /has something in it/);
    assert.ok(existsSync(join(folder, 'later.txt')));
    const { before = '' } = restoreBackup({ ...wish, replace: true });
    assert.equal(readFileSync(join(before, 'later.txt'), 'utf8'), 'written since');
    assert.ok(!existsSync(join(folder, 'later.txt')));
    assert.equal((await headIn(folder)).userSeq, 20);
  });

  it('that was cut off when no folder was there is told, not passed over by an empty one, and can be given again (FL4)', async (test) => {
    const { folder, target } = await filledFolder(test);
    makeBackup({ folder, target, now });
    // As a kill between the two renamings of a restore leaves it.
    renameSync(folder, `${folder}.before-then`);
    mkdirSync(`${folder}.restoring`);
    await assert.rejects(sqlite(folder).open(), { code: 'store_failed', message: /a restore to it was cut off/ });
    assert.ok(!existsSync(folder));
    restoreBackup({ backup: target, folder, origin, now, replace: true });
    assert.equal((await headIn(folder)).userSeq, 20);
    assert.deepEqual(readdirSync(join(folder, '..')).toSorted(), ['copy', 'data', 'data.before-then']);
  });

  it('does not take a folder from a store that uses it', async (test) => {
    const { folder, target } = placeFor(test);
    const { author } = await storeIn(test, folder);
    makeBackup({ folder, target, now });
    assert.throws(() => restoreBackup({ backup: target, folder, origin, now, replace: true }), {
      code: 'store_locked',
    });
    await author.write([note('still there')]);
    assert.deepEqual(readdirSync(join(folder, '..')).toSorted(), ['copy', 'data']);
  });

  it('changes nothing when the backup is damaged (DB4)', async (test) => {
    const { folder, target, elsewhere } = await filledFolder(test);
    makeBackup({ folder, target, now });
    writeFileSync(join(target, 'files/uploads/of-ada/calls.csv'), 'a,b\n1,3\n');
    const wish = { backup: target, origin, now, replace: true };
    assert.throws(() => restoreBackup({ ...wish, folder }), { code: 'store_corrupt' });
    assert.throws(() => restoreBackup({ ...wish, folder: elsewhere }), { code: 'store_corrupt' });
    assert.deepEqual(readdirSync(join(target, '..')).toSorted(), ['copy', 'data']);
    assert.equal((await headIn(folder)).generation.endsWith('another-origin.0'), false);
  });
});
