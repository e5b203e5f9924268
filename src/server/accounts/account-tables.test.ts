import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it, type TestContext } from 'node:test';
import { inTransaction, openAccountTables } from './account-tables.ts';

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'cantus-accounts-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

describe('the tables of accounts', () => {
  it('are made once, in a folder that is made too', (t) => {
    const path = join(folder(t), 'deep', 'er');
    openAccountTables(path).close();
    const again = openAccountTables(path);
    assert.deepEqual(again.prepare('SELECT count(*) AS count FROM account').get()?.['count'], 0);
    again.close();
  });

  it('are not made in a database of something else, which is not changed', (t) => {
    const path = folder(t);
    const foreign = new DatabaseSync(join(path, 'accounts.db'));
    foreign.exec('CREATE TABLE account (theirs TEXT)');
    foreign.close();
    assert.throws(() => openAccountTables(path), { code: 'store_corrupt' });
    const still = new DatabaseSync(join(path, 'accounts.db'));
    t.after(() => still.close());
    assert.equal(still.prepare('SELECT count(*) AS count FROM sqlite_schema').get()?.['count'], 1);
  });

  it('of a later version are refused, with what to do', (t) => {
    const path = folder(t);
    const db = openAccountTables(path);
    db.exec('PRAGMA user_version = 99');
    db.close();
    assert.throws(() => openAccountTables(path), { code: 'store_failed', message: /version 99/ });
  });

  it('say which file they can not be read from', (t) => {
    const path = folder(t);
    writeFileSync(join(path, 'accounts.db'), 'no database at all, but long enough to be looked at '.repeat(50));
    assert.throws(() => openAccountTables(path), { code: 'store_failed', message: /accounts\.db/ });
    const file = join(path, 'file');
    writeFileSync(file, '');
    assert.throws(() => openAccountTables(join(file, 'below')), { code: 'store_failed', message: /below/ });
  });

  it('keep nothing of a transaction that throws', (t) => {
    const db = openAccountTables(undefined);
    t.after(() => db.close());
    const add = `INSERT INTO invitation VALUES ('h', 'invited', '[]', 1)`;
    assert.throws(() =>
      inTransaction(db, () => {
        db.exec(add);
        throw new Error('no');
      }),
    );
    assert.equal(db.prepare('SELECT count(*) AS count FROM invitation').get()?.['count'], 0);
    inTransaction(db, () => db.exec(add));
    assert.equal(db.prepare('SELECT count(*) AS count FROM invitation').get()?.['count'], 1);
  });
});
