import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { failingTests } from './failing-tests.ts';

const outputs: Readonly<Record<string, readonly [output: string, names: readonly string[]]>> = {
  'node:test as TAP': ['ok 1 - adds\nnot ok 2 - trims a job\n  ---\n', ['trims a job']],
  "node:test's own": ['✔ adds (0.2ms)\n✖ trims a job (1.234ms)\n', ['trims a job']],
  pytest: [
    'FAILED tests/test_app.py::test_go[one] - assert 1 == 2\nERROR tests/test_b.py - ImportError\n',
    ['tests/test_app.py::test_go[one]', 'tests/test_b.py'],
  ],
  vitest: [' FAIL  src/app.test.ts > jobs > trims\n   × trims 3ms\n', ['src/app.test.ts > jobs > trims', 'trims']],
  jest: ['  ✓ adds (2 ms)\n  ✕ trims (3 ms)\n', ['trims']],
  mocha: ['  1) jobs trims:\n', ['jobs trims']],
  tsc: [
    'src/a.ts(3,7): error TS2322: Type is wrong.\nsrc/a.ts(9,1): error TS2322: Type is wrong.\n',
    ['src/a.ts error TS2322: Type is wrong.'],
  ],
  eslint: ['src/a.ts:3:7: Unexpected any. [Error]\n', ['src/a.ts Unexpected any. [Error]']],
  compileall: ["*** Error compiling 'app/a.py'...\n", ['app/a.py']],
};

describe('what failed', () => {
  it('is named as each runner and compiler prints it, in colour or not, each once', () => {
    for (const [runner, [output, names]] of Object.entries(outputs)) {
      assert.deepEqual(failingTests(output), names, runner);
      const coloured = output.replaceAll(/^(\s*)(\S.*)$/gm, '$1\u001B[31m$2\u001B[39m');
      assert.deepEqual(failingTests(coloured), names, `${runner} in colour`);
      assert.deepEqual(failingTests((output + output).replaceAll('\n', '\r\n')), names, `${runner} twice`);
    }
  });

  it('can not be told where nothing of that kind is printed', () => {
    assert.equal(failingTests('all 12 tests passed\nok 1 - adds\n'), undefined);
    assert.equal(failingTests('Segmentation fault'), undefined);
  });
});
