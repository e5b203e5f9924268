import assert from 'node:assert/strict';
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
