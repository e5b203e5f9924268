/** A dataset belongs to the user who stored it, whatever the source and whoever asked before. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { NotFoundError, type Principal } from 'cantus';
import { folderSource } from './folder-source.ts';
import {
  datasetRefSchema,
  datasetStore,
  memorySource,
  type ContentStore,
  type DatasetRef,
  type DatasetSource,
  type DatasetStore,
} from './source.ts';

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

/** Contents in memory, and how often one was looked for. */
function counted(): { readonly contents: ContentStore; readonly finds: () => number } {
  const kept = new Map<string, string | Uint8Array>();
  let finds = 0;
  const keyOf = (user: Principal, digest: string): string => `${user.tenant}/${user.user}/${digest}`;
  return {
    contents: {
      keep: async (user, digest, content) => void kept.set(keyOf(user, digest), content),
      async find(user, digest) {
        finds += 1;
        return kept.get(keyOf(user, digest));
      },
    },
    finds: () => finds,
  };
}

describe('datasets in memory', () => {
  it('are read once for a question and all calls of its run, also those at once (O4)', async () => {
    const { contents, finds } = counted();
    const ref = await datasetStore(contents).put(alice, text, options);
    const store = datasetStore(contents);
    const [one, two] = await Promise.all([store.load(alice, ref), store.load(alice, { ...ref })]);
    assert.equal(one, two);
    assert.equal(finds(), 1);
    const put = await store.put(alice, 'input_tokens\n7\n', { pricesAtMs: 0, mapping: {}, name: 'b.csv' });
    const asJournaled = datasetRefSchema.parse(JSON.parse(JSON.stringify(put)));
    assert.equal(await store.load(alice, asJournaled), await store.load(alice, put));
    assert.equal(finds(), 1, 'what was put is not looked for');
  });

  it('are stored also where they were in memory before (O3)', async () => {
    const kept: string[] = [];
    const { contents } = counted();
    const store = datasetStore({ ...contents, keep: async (_user, digest) => void kept.push(digest) });
    for (const _ of [1, 2]) await store.put(alice, text, options);
    assert.equal(kept.length, 2);
  });

  it("never answer one user from what another's call has cached (O1)", async () => {
    const store = memorySource();
    const ref = await store.put(alice, text, options);
    await store.load(alice, ref);
    await assert.rejects(() => store.load(bob, ref), { code: 'not_found' });
    await assert.rejects(() => store.load({ ...alice, tenant: 'other' }, ref), { code: 'not_found' });
  });

  it('tell assumptions apart', async () => {
    const store = memorySource();
    const ref = await store.put(alice, 'input_tokens\n5\n', options);
    const [plain, assumed] = [
      await store.load(alice, ref),
      await store.load(alice, { ...ref, assume: { model: 'gpt-4o' } }),
    ];
    assert.equal(plain.texts.model, undefined);
    assert.deepEqual(assumed.texts.model?.values, ['gpt-4o']);
  });

  it('keep so many rows and no more, and no failures', async () => {
    const { contents, finds } = counted();
    const store = datasetStore(contents, 2);
    const refs: DatasetRef[] = [];
    for (const tokens of ['1', '2', '3']) refs.push(await store.put(alice, `input_tokens\n${tokens}\n`, options));
    await store.load(alice, refs[2] as DatasetRef);
    assert.equal(finds(), 0);
    await store.load(alice, refs[0] as DatasetRef);
    assert.equal(finds(), 1);
    const later = await memorySource().put(bob, 'input_tokens\n9\n', options);
    await assert.rejects(() => store.load(bob, later), { code: 'not_found' });
    await store.put(bob, 'input_tokens\n9\n', options);
    assert.equal((await store.load(bob, later)).rows, 1);
  });
});
