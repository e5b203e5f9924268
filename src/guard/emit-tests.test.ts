import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { assertOneImplementation } from './assert-one.ts';
import { emitTests } from './emit-tests.ts';

describe('a declared concept as a test', () => {
  it('is red while there is another implementation, and green when it is gone', async (test) => {
    const root = mkdtempSync(join(tmpdir(), 'guard-red-'));
    test.after(() => rmSync(root, { recursive: true }));
    const write = (name: string, text: string): void => writeFileSync(join(root, name), text);
    write('engine.py', 'class Engine:\n    def run(self):\n        return 1\n');
    write('fast.py', 'class FastEngine:\n    def run(self):\n        return 2\n');
    write('guard.json', '{ "concepts": { "engine": { "canonical": "engine.py#Engine", "match": ["*Engine"] } } }');
    await assert.rejects(assertOneImplementation('engine', root), {
      name: 'AssertionError',
      message: /engine has 1 more:\n {2}fast\.py:1 FastEngine/,
    });
    rmSync(join(root, 'fast.py'));
    await assertOneImplementation('engine', root);
    await assert.rejects(assertOneImplementation('engin', root), { hint: 'Did you mean "engine"?' });
  });

  it('is written in the words of each test runner', () => {
    assert.equal(
      emitTests(['engine'], 'vitest'),
      "import { it } from 'vitest';\nimport { assertOneImplementation } from 'cantus/guard';\n\nit('has one implementation of engine', () => assertOneImplementation('engine'), 120000);\n",
    );
    assert.match(emitTests(['engine', 'store'], 'node:test'), /from 'node:test'[\s\S]*of store/);
    assert.match(emitTests(['engine', 'store'], 'pytest'), /parametrize\("concept", \["engine", "store"\]\)/);
  });
});
