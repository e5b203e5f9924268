/** What was acknowledged is there whatever ends the process, and what is torn is a clean prefix (S3). */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { seededRandom } from '../core/random.ts';
import { note, StoreAuthor } from '../testing/store-author.ts';
import { startChild } from './child-process.fixture.ts';
import { SqliteJournal } from './sqlite-journal.ts';
import { sqlite } from './sqlite.ts';

const root = mkdtempSync(join(tmpdir(), 'cantus-crash-'));
after(() => rmSync(root, { recursive: true }));

let folders = 0;
const newFolder = (): string => join(root, `${++folders}`);

const straceMissing = spawnSync('strace', ['-f', '-o', '/dev/null', 'true']).status !== 0;

describe('the SQLite store, when it is cut off', () => {
  it(
    'syncs the disk at least once for each acknowledged append',
    { skip: straceMissing ? 'strace is not here, or may not trace' : false },
    async () => {
      const [folder, trace] = [newFolder(), newFolder()];
      const child = startChild(
        ['append', folder, '50'],
        ['strace', '-f', '-e', 'trace=write,fsync,fdatasync', '-o', trace],
      );
      assert.equal(await child.ended(), 0);
      const calls = readFileSync(trace, 'utf8').split('\n');
      const from = calls.findIndex((line) => line.includes('write(1, "begin'));
      const to = calls.findIndex((line) => line.includes('write(1, "end'));
      assert.ok(from >= 0 && to > from);
      const syncs = calls.slice(from, to).filter((line) => /f(data)?sync\(/.test(line)).length;
      assert.ok(syncs >= 50, `${syncs} syncs for 50 appends`);
    },
  );

  it('loses no acknowledged append when it is killed under load, and can be opened at once', async () => {
    for (const afterLines of [20, 200, 700]) {
      const folder = newFolder();
      const child = startChild(['load', folder]);
      await child.spoke(afterLines);
      child.process.kill('SIGKILL');
      assert.equal(await child.ended(), 'SIGKILL');
      const store = sqlite(folder);
      await store.open();
      for (const user of ['ada', 'bob', 'cleo']) {
        const acknowledged = Number(child.lines.findLast((line) => line.startsWith(`${user} `))?.split(' ')[1] ?? 0);
        const { events, head, skipped } = await store.read('main', user, { after: 0, limit: 100_000 });
        assert.ok(head.userSeq >= acknowledged, `${user}: ${head.userSeq} of ${acknowledged}`);
        assert.equal(head.userSeq % 2, 0, 'a commit is whole');
        assert.deepEqual([events.length, skipped], [head.userSeq, []]);
        assert.deepEqual(
          events.map(({ userSeq }) => userSeq),
          events.map((_, index) => index + 1),
        );
      }
      await store.close();
    }
  });

  it('reopens as whole commits wherever its write-ahead log was cut off or damaged', async () => {
    const live = newFolder();
    const store = sqlite(live);
    await store.open();
    const [ada, bob] = await Promise.all(
      ['ada', 'bob'].map((user) => StoreAuthor.own(store, 'a', { tenant: 'main', user })),
    );
    assert.ok(ada && bob);
    // The heads of both users after each commit; before the first of them there is nothing.
    const states = ['0 0'];
    for (let commit = 0; commit < 40; commit++) {
      const some = (user: string): ReturnType<typeof note>[] =>
        Array.from({ length: 1 + ((commit * 7) % 5) }, () => note(`${user} ${'x'.repeat((commit * 331) % 3_000)}`));
      await store.append(commit % 3 === 0 ? [ada.part(some('ada'))] : [ada.part(some('ada')), bob.part(some('bob'))]);
      states.push(`${ada.head} ${bob.head}`);
    }
    // By another process: closing a file of this one would drop the locks it has on it.
    const copy = newFolder();
    execFileSync('cp', ['-r', live, copy]);
    await store.close();

    const log = readFileSync(join(copy, 'journal.db-wal'));
    const random = seededRandom(7);
    const seen = new Set<string>();
    let last = -1;
    for (let cut = 0; cut <= 60; cut++) {
      const size = cut === 60 ? log.length : Math.floor((log.length / 60) * (cut + random.next()));
      const state = stateOf(copy, log.subarray(0, size));
      assert.ok(states.indexOf(state) >= last, `cut at ${size}: ${state} is no earlier than what a shorter log had`);
      last = states.indexOf(state);
      seen.add(state);
    }
    assert.equal(last, states.length - 1, 'the whole log has all');
    assert.ok(seen.size > 20);
    for (let damage = 0; damage < 20; damage++) {
      const damaged = Buffer.from(log);
      const place = Math.floor(random.next() * log.length);
      damaged[place] = (damaged[place] ?? 0) ^ 0xff;
      assert.ok(states.includes(stateOf(copy, damaged)), `byte ${place} damaged`);
    }
  });
});

/** Opens a copy of `folder` with another log, and gives the heads of both users; asserts that their streams are whole. */
function stateOf(folder: string, log: Uint8Array): string {
  const copy = newFolder();
  cpSync(folder, copy, { recursive: true });
  writeFileSync(join(copy, 'journal.db-wal'), log);
  rmSync(join(copy, 'journal.db-shm'), { force: true });
  const journal = new SqliteJournal({ folder: copy, origin: 'new', bytesMax: undefined }, 0);
  const heads = ['ada', 'bob'].map((user) => {
    const { places, skipped, head } = journal.read({ tenant: 'main', user, after: 0, limit: 10_000 });
    assert.deepEqual(
      places,
      places.map((_, index) => index + 1),
    );
    assert.deepEqual([places.length, skipped], [head.userSeq, []]);
    return head.userSeq;
  });
  journal.close();
  rmSync(copy, { recursive: true });
  return heads.join(' ');
}
