import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { endOf } from './prove.ts';

const failed = (output: string): Parameters<typeof endOf>[0] => ({ outcome: 'failed', output });

describe('a run of an emitted test', () => {
  it('is red where the test asserts, and could not be run where something else is in the way (VQ3)', () => {
    const red = failed('AssertionError [ERR_ASSERTION]: engine has 1 more:\n  src/old.mjs:1 OldEngine');
    assert.equal(endOf(red, 'engine', 'node:test'), 'fails');
    assert.equal(endOf(red, 'engine', 'vitest'), 'fails');
    assert.equal(endOf(failed('No test files found, exiting with code 1'), 'engine', 'vitest'), 'not-run');
    assert.equal(endOf(failed("Cannot find package 'cantus'"), 'engine', 'node:test'), 'not-run');
    const pytest = "E       AssertionError: assert ['app/old.py#OldEngine'] == []\n1 failed in 1.2s";
    assert.equal(endOf(failed(pytest), 'engine', 'pytest'), 'fails');
    assert.equal(endOf(failed("E   ModuleNotFoundError: No module named 'app'"), 'engine', 'pytest'), 'not-run');
  });

  it('is what the runner says where it ended well, or did not end', () => {
    assert.equal(endOf({ outcome: 'passed', output: 'engine has 1 more' }, 'engine', 'vitest'), 'passes');
    assert.equal(endOf({ outcome: 'timed-out', output: 'engine has 1 more' }, 'engine', 'vitest'), 'timed-out');
  });
});
