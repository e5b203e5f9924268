import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { applyEdits, type Edit, joinCuts, unifiedDiff } from './edits.ts';
import { withTree } from './scan.fixture.ts';

const lines = (count: number, end = '\n'): string =>
  Array.from({ length: count }, (_, at) => `line ${at}${end}`).join('');
const at = (text: string, old: string, now: string): Edit => ({
  start: text.indexOf(old),
  end: text.indexOf(old) + old.length,
  text: now,
});

describe('edits of a text', () => {
  it('change what they name and nothing else, in any order', () => {
    const text = 'one two three';
    assert.equal(
      applyEdits(text, [at(text, 'three', '3'), at(text, 'one', '1'), { start: 7, end: 7, text: '!' }]),
      '1 two! 3',
    );
    assert.throws(() => applyEdits(text, [at(text, 'one two', ''), at(text, 'two', '')]), /overlap/);
    assert.deepEqual(
      joinCuts([
        { start: 4, end: 9, text: '' },
        { start: 0, end: 5, text: '' },
      ]),
      [{ start: 0, end: 9, text: '' }],
    );
  });

  it('are told as a diff that git applies to the same bytes', async () => {
    const long = lines(30);
    const cases: readonly (readonly [string, readonly Edit[]])[] = [
      [long, [at(long, 'line 3\n', ''), at(long, 'line 9', 'nine\nand more'), at(long, 'line 25\nline 26\n', '')]],
      ['\uFEFFa\r\nb\r\nc', [at('\uFEFFa\r\nb\r\nc', 'b', 'B\r\nC'), at('\uFEFFa\r\nb\r\nc', 'c', 'd')]],
      ['a\nb\n', [{ start: 4, end: 4, text: 'c\n' }]],
      ['a\nb', [at('a\nb', '\nb', '')]],
    ];
    for (const [text, edits] of cases) {
      await withTree({ 'x.ts': text }, (root) => {
        const diff = unifiedDiff('x.ts', text, edits);
        const { status, stderr } = spawnSync('git', ['apply', '-'], { cwd: root, input: diff, encoding: 'utf8' });
        assert.equal(status, 0, `${stderr}\n${diff}`);
        assert.equal(readFileSync(join(root, 'x.ts'), 'utf8'), applyEdits(text, edits));
        writeFileSync(join(root, 'x.ts'), text);
        const removal = spawnSync('git', ['apply', '-'], { cwd: root, input: unifiedDiff('x.ts', text, [], true) });
        assert.equal(removal.status, 0);
        return Promise.resolve();
      });
    }
  });
});
