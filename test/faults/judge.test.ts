import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TestFailure, TestResult } from '../../scripts/test-reporter.ts';
import type { TestRun } from '../../scripts/test-run.ts';
import { judgeWith, judgeWithout, namePattern, occurrences } from './judge.ts';
import type { Fault } from './fault.ts';
import { faults } from './manifest.ts';

const fault: Fault = {
  name: 'f',
  file: 'src/core/json.ts',
  find: 'a',
  replace: 'b',
  test: { file: 'src/core/json.test.ts', name: 'keeps order' },
};
const passed: TestResult = {
  name: 'keeps order',
  file: '/somewhere/src/core/json.test.ts',
  line: 1,
  isSuite: false,
  outcome: 'passed',
};
const run = (...results: TestResult[]): TestRun => ({ results, broken: undefined, output: '' });
const failed = (failure: Partial<TestFailure>): TestRun =>
  run({
    ...passed,
    outcome: 'failed',
    failure: {
      type: 'testCodeFailure',
      name: 'AssertionError',
      code: 'ERR_ASSERTION',
      message: '',
      text: '',
      ...failure,
    },
  });
const why = (outcome: TestRun): string => {
  const verdict = judgeWith(fault, outcome);
  return verdict.caught ? 'caught' : verdict.why;
};

describe('a planted fault', () => {
  it('is caught by a failing assertion, or by a refusal that the test did not expect', () => {
    assert.equal(why(failed({})), 'caught');
    assert.equal(why(failed({ code: 'not_found', name: 'NotFoundError' })), 'caught');
  });

  it('is not caught by a test that passes', () => assert.equal(why(run(passed)), 'its test still passes'));

  it('is not caught by a test that did not run, nor by another one', () => {
    assert.match(why(run()), /did not run/);
    assert.match(why(run({ ...passed, name: 'keeps' })), /did not run/);
    assert.match(why(run({ ...passed, file: '/somewhere/src/core/other.test.ts' })), /did not run/);
    assert.match(why({ ...run(), broken: 'killed after 5 ms' }), /killed after 5 ms/);
  });

  it('is not caught by a crash, a hang or a file that does not load', () => {
    assert.match(why(failed({ type: 'testTimeoutFailure' })), /ended by testTimeoutFailure/);
    assert.match(why(failed({ type: 'uncaughtException' })), /ended by uncaughtException/);
    assert.match(
      why(failed({ name: 'TypeError', code: '', message: 'x is undefined' })),
      /TypeError \("x is undefined"\)/,
    );
    assert.match(why(failed({ name: 'SyntaxError', code: 'ERR_INVALID_TYPESCRIPT_SYNTAX' })), /SyntaxError/);
  });

  it('needs a test that is there once and passes without it', () => {
    assert.equal(judgeWithout(fault, run(passed)), undefined);
    for (const outcome of [run(), run(passed, passed), failed({})]) {
      assert.equal(judgeWithout(fault, outcome)?.caught, false);
    }
    const skipped = judgeWithout(fault, run({ ...passed, outcome: 'skipped', reason: 'no strace' }));
    assert.deepEqual(skipped, { caught: false, skipped: true, why: 'its test is skipped: no strace' });
  });
});

describe('namePattern', () => {
  it('matches this test in any suite, and no other', () => {
    const pattern = new RegExp(namePattern('adds (a + b)'));
    assert.ok(pattern.test('adds (a + b)') && pattern.test('sums adds (a + b)'));
    assert.ok(!pattern.test('adds (a + b) twice') && !pattern.test('readds (a + b)'));
  });
});

describe('occurrences', () => {
  it('counts', () =>
    assert.deepEqual(
      ['abcab', 'x', ''].map((text) => occurrences(text, 'ab')),
      [2, 0, 0],
    ));
});

describe('the manifest', () => {
  it('names each fault once', () => {
    assert.deepEqual(new Set(faults.map(({ name }) => name)).size, faults.length);
  });
});
