import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { withTree } from './scan.fixture.ts';
import { walk } from './walk.ts';

describe('the walk over a tree', () => {
  it('lists sources sorted, without what git ignores, above and below, and what is built or installed (GW1, GW3)', async () => {
    const files = {
      '.gitignore': 'skipped/\n*.gen.ts\n',
      'z.ts': '',
      'a/b.py': '',
      'a/.gitignore': 'own.ts\n!kept.gen.ts\n',
      'a/own.ts': '',
      'own.ts': '',
      'skipped/c.ts': '',
      'x.gen.ts': '',
      'node_modules/m/i.js': '',
      'dist/i.js': '',
      'venv2/pyvenv.cfg': '',
      'venv2/lib.py': '',
      'a/package.json': '{}',
      'notes.md': '',
    };
    await withTree(files, async (root) => {
      mkdirSync(join(root, '.git'));
      const walked = walk({ root });
      assert.deepEqual(walked.files, ['a/b.py', 'own.ts', 'z.ts']);
      assert.deepEqual(walked.manifests, [{ folder: 'a', file: 'package.json' }]);
      assert.deepEqual(walked.others, []);
      assert.ok(walk({ root }, { others: true }).others.includes('notes.md'));
      assert.deepEqual(walk({ root, include: ['a/**'] }).files, ['a/b.py']);
      assert.deepEqual(walk({ root, ignore: ['a/**'] }).files, ['own.ts', 'z.ts']);
    });
  });

  it('follows no link, so that a loop of them ends (GW2)', async () => {
    await withTree({ 'a/b.ts': '' }, async (root) => {
      symlinkSync(root, join(root, 'a', 'loop'));
      symlinkSync(join(root, 'a', 'b.ts'), join(root, 'again.ts'));
      symlinkSync('nowhere.ts', join(root, 'dangling.ts'));
      const walked = walk({ root });
      assert.deepEqual(walked.files, ['a/b.ts']);
      assert.deepEqual(walked.skipped.map(({ path, why }) => `${path} ${why}`).toSorted(), [
        'again.ts link',
        'dangling.ts link',
      ]);
    });
  });

  it('leaves out a further work tree of git, and not a submodule (GW4)', async () => {
    const files = {
      'a.ts': '',
      'trees/fix/.git': 'gitdir: /home/me/project/.git/worktrees/fix\n',
      'trees/fix/a.ts': '',
      'sub/.git': 'gitdir: ../.git/modules/sub\n',
      'sub/b.ts': '',
    };
    await withTree(files, async (root) => {
      const walked = walk({ root });
      assert.deepEqual(walked.files, ['a.ts', 'sub/b.ts']);
      assert.deepEqual(walked.skipped, [{ path: 'trees/fix', why: 'checkout' }]);
    });
  });

  it('tells a name with control characters escaped, and does not read it (GW5)', async () => {
    const files = { 'a\n::error::b.ts': '', 'c\u001b[31m/d.ts': '', 'e\u202e.py': '', 'f\n.txt': '', 'g é.ts': '' };
    await withTree(files, async (root) => {
      const walked = walk({ root }, { others: true });
      assert.deepEqual(walked.files, ['g é.ts']);
      assert.deepEqual(walked.skipped.map(({ path, why }) => `${path} ${why}`).toSorted(), [
        String.raw`a\u{a}::error::b.ts name`,
        String.raw`c\u{1b}[31m name`,
        String.raw`e\u{202e}.py name`,
      ]);
      assert.deepEqual(walked.others, []);
    });
  });

  it('says of what code it does not read, and why, unless it is ignored', async () => {
    const files = { 'a.vue': '', 'b.svelte': '', 'c.ipynb': '', 'd.pyi': '', 'x.vue': '', '.gitignore': 'x.*\n' };
    await withTree(files, async (root) => {
      symlinkSync(join(root, 'y.ts'), join(root, 'x.ts'));
      mkdirSync(join(root, '.git'));
      const { skipped } = walk({ root });
      assert.deepEqual(skipped.map(({ path, why }) => `${path} ${why}`).toSorted(), [
        'a.vue component',
        'b.svelte component',
        'c.ipynb notebook',
        'd.pyi stub',
      ]);
      assert.ok(walk({ root }, { others: true }).others.includes('a.vue'));
    });
  });

  it('takes what is no list of patterns for one that ignores nothing, and waits for no pipe', async () => {
    const files = {
      'above/.gitignore': `${'a'.repeat(100_000)}\n[z-a]\n\\\n!\n/\n\nskipped.ts\n`,
      'above/tree/a.ts': '',
      'above/tree/skipped.ts': '',
    };
    await withTree(files, async (root) => {
      mkdirSync(join(root, '.git'));
      execFileSync('mkfifo', [join(root, '.gitignore')]);
      assert.deepEqual(walk({ root: join(root, 'above', 'tree') }).files, ['a.ts']);
      assert.deepEqual(walk({ root }).files, ['above/tree/a.ts']);
    });
  });

  it(
    'names a folder that it may not read, and goes on',
    { skip: process.getuid?.() === 0 ? 'root may read everything' : false },
    async () => {
      await withTree({ 'a/b.ts': '', 'c.ts': '' }, async (root) => {
        chmodSync(join(root, 'a'), 0);
        const walked = walk({ root });
        chmodSync(join(root, 'a'), 0o700);
        assert.deepEqual(walked.files, ['c.ts']);
        assert.deepEqual(walked.skipped, [{ path: 'a', why: 'unreadable' }]);
      });
    },
  );
});
