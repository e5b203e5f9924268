import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { readRegularFile } from './regular-file.ts';
import { withTree } from './scan.fixture.ts';

describe('a file that nobody vouched for', () => {
  it('is read where it is a file within the bound, and else told why not', async () => {
    await withTree({ 'a.ts': 'abc' }, async (root) => {
      assert.deepEqual(readRegularFile(join(root, 'a.ts'), 3), Buffer.from('abc'));
      assert.equal(readRegularFile(join(root, 'a.ts'), 2), 'too-large');
      assert.equal(readRegularFile(join(root, 'b.ts'), 3), 'unreadable');
      mkdirSync(join(root, 'c.ts'));
      assert.equal(readRegularFile(join(root, 'c.ts'), 3), 'unreadable');
    });
  });

  it(
    'is not waited for where it is a pipe or a device',
    { skip: process.platform === 'win32' ? 'there are none' : false },
    async () => {
      await withTree({}, async (root) => {
        execFileSync('mkfifo', [join(root, 'pipe.ts')]);
        assert.equal(readRegularFile(join(root, 'pipe.ts'), 3), 'unreadable');
        assert.equal(readRegularFile('/dev/zero', 3), 'unreadable');
      });
    },
  );
});
