import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { failingTests } from './failing-tests.ts';
import type { CheckRun } from './project-checks.ts';
import { judge } from './verify.ts';

const run = (outcome: CheckRun['outcome'], failing?: readonly string[]): CheckRun => ({ outcome, failing, output: '' });

describe('what two runs of a check say', () => {
  it('holds against the move only what passed before (VY4)', () => {
    const cases = [
      [run('passed', []), run('passed', []), 'holds', []],
      [run('passed', []), run('failed', ['a']), 'broken', ['a']],
      [run('passed', []), run('failed'), 'broken', []],
      [run('passed', []), run('timed-out'), 'broken', []],
      [run('failed', ['a']), run('failed', ['a']), 'failed-before', []],
      [run('failed', ['a']), run('failed', ['a', 'b']), 'broken', ['b']],
      [run('failed', ['a']), run('passed', []), 'mended', []],
      [run('failed'), run('failed', ['a']), 'untold', []],
      [run('timed-out'), run('passed', []), 'untold', []],
    ] as const;
    for (const [before, after, verdict, newlyFailing] of cases) {
      assert.deepEqual(judge(before, after), { verdict, newlyFailing });
    }
  });
});

describe('the names of what failed', () => {
  it('are read as runners and compilers print them, and never made up', () => {
    const cases = [
      ['not ok 3 - adds up\nok 4 - fine', ['adds up']],
      ['✔ fine (1ms)\n✖ adds up (12.3ms)', ['adds up']],
      [' FAIL  test/a.test.ts > sum > adds up\n   × adds up 12ms', ['test/a.test.ts > sum > adds up', 'adds up']],
      ['FAILED tests/test_a.py::test_sum - assert 1 == 2', ['tests/test_a.py::test_sum']],
      [
        "src/a.ts(3,5): error TS2339: Property 'x' does not exist.",
        ["src/a.ts error TS2339: Property 'x' does not exist."],
      ],
      ['\u001B[31mnot ok 1 - red\u001B[0m', ['red']],
    ] as const;
    for (const [output, names] of cases) assert.deepEqual(failingTests(output), names);
    assert.equal(failingTests('Error: something\n    at x'), undefined);
  });
});
