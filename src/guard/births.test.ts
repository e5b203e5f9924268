import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { birthsOf } from './births.ts';
import { withTree } from './scan.fixture.ts';

function committer(root: string): (day: string) => void {
  const git = (env: Readonly<Record<string, string>>, ...words: readonly string[]): unknown =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', ...words], {
      cwd: root,
      env: { ...process.env, ...env },
    });
  git({}, 'init', '-q');
  return (day) => {
    const at = `${day}T00:00:00Z`;
    git({}, 'add', '-A');
    git({ GIT_AUTHOR_DATE: at, GIT_COMMITTER_DATE: at }, 'commit', '-q', '-m', day);
  };
}

const dayOf = (ms: number | undefined): string | undefined =>
  ms === undefined ? undefined : new Date(ms).toISOString().slice(0, 10);

describe('the birth of a file', () => {
  it('is when it first came, not when it was changed or came back; a new name is a new file', async () => {
    await withTree({ 'a.ts': '1', 'naïve name.ts': '1', 'app/c.ts': '1' }, async (root) => {
      const commit = committer(root);
      commit('2026-01-01');
      writeFileSync(join(root, 'a.ts'), '2');
      renameSync(join(root, 'app/c.ts'), join(root, 'app/d.ts'));
      commit('2026-02-02');
      rmSync(join(root, 'a.ts'));
      commit('2026-03-03');
      writeFileSync(join(root, 'a.ts'), '3');
      commit('2026-04-04');
      writeFileSync(join(root, 'e.ts'), 'never committed');
      const births = await birthsOf(root, ['a.ts', 'naïve name.ts', 'app/d.ts', 'e.ts']);
      assert.deepEqual(
        ['a.ts', 'naïve name.ts', 'app/d.ts', 'e.ts'].map((path) => dayOf(births.get(path))),
        ['2026-01-01', '2026-01-01', '2026-02-02', undefined],
      );
      const inside = await birthsOf(join(root, 'app'), ['d.ts']);
      assert.equal(dayOf(inside.get('d.ts')), '2026-02-02', 'paths are from the root of the code base');
    });
  });

  it('is not known without a repository, and that is no error', async () => {
    await withTree({ 'a.ts': '1' }, async (root) => {
      assert.deepEqual(await birthsOf(root, ['a.ts']), new Map());
      assert.deepEqual(await birthsOf(join(root, 'nowhere'), ['a.ts']), new Map());
    });
  });
});
