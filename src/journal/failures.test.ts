import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { limits } from '../core/limits.ts';
import type { EventType, Failure } from './event.ts';
import { failuresAfter } from './failures.ts';

type Line = readonly [type: EventType, path: string, retryInMs?: number | null, code?: string];

function after(...lines: readonly Line[]): string[] {
  let failures: readonly Failure[] = [];
  for (const [type, path, retryInMs = null, code = 'thrown'] of lines) {
    const error = { code: code as 'thrown', message: 'no', retryable: true };
    const data =
      type === 'note' ? { code, text: 'less' } : type.endsWith('failed') ? { error, retryInMs } : { output: 1 };
    failures = failuresAfter(failures, { type, path, data });
  }
  return failures.map(({ path }) => path);
}

describe('what an answer had to do without', () => {
  it('has a step that failed for good, in place of what failed inside it (D1)', () => {
    assert.deepEqual(after(['tool.failed', 'a/t'], ['step.failed', 'a/s'], ['step.failed', 'b']), ['a/t', 'a/s', 'b']);
    assert.deepEqual(after(['tool.failed', 'a/t'], ['step.failed', 'a/s'], ['step.failed', 'a']), ['a']);
    assert.deepEqual(after(['tool.failed', 'ab/t'], ['step.failed', 'a']), ['ab/t', 'a'], 'a name that begins alike');
  });

  it('has nothing of a try that was made again (D2)', () => {
    assert.deepEqual(after(['tool.failed', 'a/t'], ['step.failed', 'a', 5]), []);
    assert.deepEqual(after(['step.failed', 'a', 0]), []);
  });

  it('has no tool call of an agent that got an answer from the same tool later (D3)', () => {
    assert.deepEqual(after(['tool.failed', 'clerk/look:1-0'], ['tool.completed', 'clerk/look:2-0']), []);
    assert.deepEqual(after(['tool.failed', 'clerk/look:1-0'], ['tool.completed', 'clerk/read:2-0']), [
      'clerk/look:1-0',
    ]);
    assert.deepEqual(after(['tool.failed', 'clerk/look:1-0'], ['tool.completed', 'other/look:2-0']), [
      'clerk/look:1-0',
    ]);
  });

  it("has a body's own call of a tool, whatever another call of the tool gave (D3)", () => {
    assert.deepEqual(after(['tool.failed', 'look:bob'], ['tool.completed', 'look:carol']), ['look:bob']);
    assert.deepEqual(after(['tool.failed', 'a/look'], ['tool.completed', 'a/look:2']), ['a/look']);
  });

  it('has nothing that was cancelled (D4)', () => {
    assert.deepEqual(after(['step.failed', 'a', null, 'cancelled']), []);
    assert.deepEqual(after(['tool.failed', 'a/t'], ['step.failed', 'a', null, 'cancelled']), []);
  });

  it('has what a body says itself, and no other note (D5)', () => {
    assert.deepEqual(after(['note', 'a', null, 'degraded'], ['note', 'b', null, 'note']), ['a']);
  });

  it('is bounded', () => {
    const many = Array.from({ length: limits.failuresKeptMax + 5 }, (_, index): Line => ['step.failed', `s:${index}`]);
    assert.equal(after(...many).length, limits.failuresKeptMax);
  });
});
