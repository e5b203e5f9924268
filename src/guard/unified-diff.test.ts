import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { changedFiles } from './unified-diff.ts';

const before = 'a\nb\nc\nd\ne\n';
const after = 'a\nB\nc\nd\nnew\ne\n';
const diff = `diff --git a/src/x.ts b/src/x.ts
index 1..2 100644
--- a/src/x.ts
+++ b/src/x.ts
@@ -1,3 +1,3 @@ class X
 a
-b
+B
 c
@@ -4,2 +4,3 @@
 d
+new
 e
`;

describe('a unified diff', () => {
  it('is applied in memory where it is not applied yet, and taken as it is where it is (VU1)', () => {
    for (const now of [before, after]) {
      const [file] = changedFiles(diff, () => now);
      assert.deepEqual([file?.path, file?.text], ['src/x.ts', after]);
      assert.deepEqual([...(file?.added ?? [])], [2, 5]);
    }
  });

  it('has its own lines where it fits nothing (VU2)', () => {
    for (const now of ['quite\nanother\nfile', undefined]) {
      const [file] = changedFiles(diff, () => now);
      assert.equal(file?.text, 'a\nB\nc\nd\nnew\ne');
      assert.deepEqual([...(file?.added ?? [])], [2, 5]);
    }
    const late = diff.replaceAll('@@ -1,3 +1,3 @@', '@@ -71,3 +71,3 @@');
    assert.deepEqual([...(changedFiles(late, () => undefined)[0]?.added ?? [])], [2, 5]);
  });

  it('makes new files and removes others, with names that look like heads', () => {
    const files = changedFiles(
      '--- /dev/null\n+++ b/a.py\n@@ -0,0 +1,2 @@\n+class A:\n+++ b = 1\n--- a/gone.py\t2026-01-01\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n',
      () => assert.fail('a new file is not read'),
    );
    assert.deepEqual(
      files.map(({ path, text }) => [path, text]),
      [
        ['a.py', 'class A:\n++ b = 1'],
        ['gone.py', undefined],
      ],
    );
  });
});
