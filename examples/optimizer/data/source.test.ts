/** A dataset belongs to the user who stored it, whatever the source and whoever asked before. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { NotFoundError, type Principal } from 'cantus';
import { folderSource } from './folder-source.ts';
import { cachedSource, memorySource, type DatasetRef, type DatasetSource, type DatasetStore } from './source.ts';

const alice: Principal = { tenant: 'main', user: 'alice', roles: [] };
const bob: Principal = { tenant: 'main', user: 'bob', roles: [] };
const options = { name: 'calls.csv', pricesAtMs: 0 };
const text = 'model,input_tokens\ngpt-4o,5\n';

const folders: string[] = [];
const tempFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'optimizer-'));
  folders.push(folder);
  return folder;
};
after(() => folders.forEach((folder) => rmSync(folder, { recursive: true })));

const stores: readonly (readonly [string, () => DatasetStore])[] = [
  ['memorySource', memorySource],
  ['folderSource', () => folderSource(join(tempFolder(), 'data'))],
];

async function refusal(source: DatasetSource, user: Principal, ref: DatasetRef): Promise<NotFoundError> {
  try {
    await source.load(user, ref);
  } catch (thrown) {
    assert.ok(thrown instanceof NotFoundError);
    return thrown;
  }
  return assert.fail(`${user.user} was given another's data`);
}

for (const [name, open] of stores) {
  describe(name, () => {
    it('gives a user what that user stored', async () => {
      const store = open();
      const ref = await store.put(alice, text, options);
      assert.equal((await store.load(alice, ref)).rows, 1);
    });

    it("answers another user's reference as one that was never stored", async () => {
      const store = open();
      const ref = await store.put(alice, text, options);
      const never: DatasetRef = { ...ref, sha256: '0'.repeat(64) };
      const strangers = [bob, { ...alice, tenant: 'other' }, { tenant: 'main:5', user: 'alice', roles: [] }];
      for (const stranger of strangers) {
        const error = await refusal(store, stranger, ref);
        const unknown = await refusal(store, stranger, never);
        assert.equal(error.code, 'not_found');
        assert.equal(error.message.replace(ref.sha256, ''), unknown.message.replace(never.sha256, ''));
      }
    });

    it('refuses a file that cannot be read before it is stored', async () => {
      await assert.rejects(async () => open().put(alice, 'model,input_tokens\nm,x\n', options), /line 2, column 2/u);
    });
  });
}

describe('folderSource', () => {
  it('is found by a later process, in files that only their owner can read', async () => {
    const folder = tempFolder();
    const ref = await folderSource(folder).put(alice, text, options);
    assert.equal((await folderSource(folder).load(alice, ref)).rows, 1);
    const places = readdirSync(folder);
    assert.equal(places.length, 1);
    assert.doesNotMatch(places.join(), /alice|main/u);
    const place = join(folder, places[0] ?? '');
    assert.deepEqual(readdirSync(place), [`${ref.sha256}.calls`]);
    assert.equal(statSync(place).mode & 0o777, 0o700);
    assert.equal(statSync(join(place, `${ref.sha256}.calls`)).mode & 0o777, 0o600);
  });

  it('does not take a file that was changed for what was stored', async () => {
    const folder = tempFolder();
    const ref = await folderSource(folder).put(alice, text, options);
    writeFileSync(join(folder, readdirSync(folder)[0] ?? '', `${ref.sha256}.calls`), 'model\nother\n');
    await assert.rejects(() => folderSource(folder).load(alice, ref), { code: 'not_found' });
  });

  it('takes no path from a user name', async () => {
    const folder = join(tempFolder(), 'data');
    const climber: Principal = { tenant: '../..', user: '../../etc', roles: [] };
    const ref = await folderSource(folder).put(climber, text, options);
    assert.equal((await folderSource(folder).load(climber, ref)).rows, 1);
    assert.equal(readdirSync(folder).length, 1);
  });
});

describe('cachedSource', () => {
  const counting = (store: DatasetStore): { source: DatasetSource; loads: () => number } => {
    let loads = 0;
    const source: DatasetSource = {
      async load(user, ref) {
        loads += 1;
        return store.load(user, ref);
      },
    };
    return { source, loads: () => loads };
  };

  it('reads a dataset once for all calls of a run, also those at once', async () => {
    const store = memorySource();
    const ref = await store.put(alice, text, options);
    const { source, loads } = counting(store);
    const cached = cachedSource(source);
    const [one, two] = await Promise.all([cached.load(alice, ref), cached.load(alice, { ...ref })]);
    assert.equal(one, two);
    assert.equal(loads(), 1);
  });

  it("never answers one user from what another's call has cached", async () => {
    const store = memorySource();
    const ref = await store.put(alice, text, options);
    const cached = cachedSource(store);
    await cached.load(alice, ref);
    await assert.rejects(() => cached.load(bob, ref), { code: 'not_found' });
    await assert.rejects(() => cached.load({ ...alice, tenant: 'other' }, ref), { code: 'not_found' });
  });

  it('tells assumptions apart', async () => {
    const store = memorySource();
    const ref = await store.put(alice, 'input_tokens\n5\n', options);
    const cached = cachedSource(store);
    const [plain, assumed] = [
      await cached.load(alice, ref),
      await cached.load(alice, { ...ref, assume: { model: 'gpt-4o' } }),
    ];
    assert.equal(plain.texts.model, undefined);
    assert.deepEqual(assumed.texts.model?.values, ['gpt-4o']);
  });

  it('keeps so many rows and no more, and no failures', async () => {
    const store = memorySource();
    const refs = await Promise.all(
      ['1', '2', '3'].map((tokens) => store.put(alice, `input_tokens\n${tokens}\n`, options)),
    );
    const { source, loads } = counting(store);
    const cached = cachedSource(source, 2);
    for (const ref of refs) await cached.load(alice, ref);
    await cached.load(alice, refs[2] as DatasetRef);
    assert.equal(loads(), 3);
    await cached.load(alice, refs[0] as DatasetRef);
    assert.equal(loads(), 4);
    const later = await memorySource().put(bob, 'input_tokens\n9\n', options);
    await assert.rejects(() => cached.load(bob, later), { code: 'not_found' });
    await store.put(bob, 'input_tokens\n9\n', options);
    assert.equal((await cached.load(bob, later)).rows, 1);
  });
});
