/** What would be lost if a change of many files stopped half-way, or went over what somebody else wrote. */
import assert from 'node:assert/strict';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { type FileChange, makeChanges } from './file-changes.ts';

describe('changes of several files', () => {
  let root = '';
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'guard-changes-'));
    for (const name of ['a.py', 'b.py', 'c.py']) writeFileSync(join(root, name), `old ${name}`);
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const change = (path: string, text: string | undefined): FileChange => ({
    path,
    before: Buffer.from(`old ${path}`),
    text,
  });
  const texts = (): readonly string[] =>
    readdirSync(root)
      .toSorted()
      .map((name) => `${name}: ${statSync(join(root, name)).isFile() ? readFileSync(join(root, name), 'utf8') : ''}`);

  it('are made with the modes that the files had, and leave nothing else (VJ1, VJ3)', () => {
    chmodSync(join(root, 'a.py'), 0o755);
    makeChanges(root, [change('a.py', 'new a'), change('b.py', undefined)]);
    assert.deepEqual(texts(), ['a.py: new a', 'c.py: old c.py']);
    assert.equal(statSync(join(root, 'a.py')).mode & 0o777, 0o755);
  });

  it('are none where the last one can not be prepared (VJ1)', () => {
    mkdirSync(join(root, `c.py.guard-${process.pid}`));
    assert.throws(() => makeChanges(root, [change('a.py', 'new a'), change('c.py', 'new c')]), /can't be written/);
    rmSync(join(root, `c.py.guard-${process.pid}`), { recursive: true });
    assert.deepEqual(texts(), ['a.py: old a.py', 'b.py: old b.py', 'c.py: old c.py']);
  });

  it('are put back where one fails after others were made (VJ1)', () => {
    chmodSync(join(root, 'a.py'), 0o750);
    // The same file twice: the second time it is not there to be removed.
    const twice = [change('a.py', 'new a'), change('b.py', undefined), change('b.py', undefined)];
    assert.throws(() => makeChanges(root, twice), /can't be written/);
    assert.deepEqual(texts(), ['a.py: old a.py', 'b.py: old b.py', 'c.py: old c.py']);
    assert.equal(statSync(join(root, 'a.py')).mode & 0o777, 0o750);
  });

  it('go over nothing that was changed, removed, locked or replaced by a link since (VJ2)', () => {
    const refused = (why: RegExp): void => {
      assert.throws(() => makeChanges(root, [change('a.py', 'new a'), change('c.py', 'new c')]), why);
      assert.equal(readFileSync(join(root, 'a.py'), 'utf8'), 'old a.py');
    };
    chmodSync(join(root, 'c.py'), 0o444);
    refused(/c\.py is read-only/);
    rmSync(join(root, 'c.py'));
    refused(/c\.py was changed meanwhile/);
    writeFileSync(join(root, 'other.txt'), 'old c.py');
    symlinkSync('other.txt', join(root, 'c.py'));
    refused(/c\.py was changed meanwhile/);
    rmSync(join(root, 'c.py'));
    writeFileSync(join(root, 'c.py'), 'somebody else wrote this');
    refused(/c\.py was changed meanwhile/);
  });
});
