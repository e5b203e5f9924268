import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EngineError, LimitError, NotFoundError, StoreError } from '../core/errors.ts';
import { publicError, problemOf, problemResponse, tellProblem } from './problems.ts';

describe('a problem', () => {
  it('tells what was asked wrongly, with its hint', () => {
    assert.deepEqual(problemOf(new NotFoundError('run', 'x', 'Look again.'), 'id'), {
      type: 'about:blank',
      status: 404,
      title: 'Not found',
      detail: 'There is no run "x".',
      code: 'not_found',
      retryable: false,
      hint: 'Look again.',
      requestId: 'id',
    });
  });

  it("hides what is the server's own (PB1)", () => {
    const path = '/home/ada/data/journal.db';
    const thrown: readonly unknown[] = [
      new Error(path),
      new StoreError('store_failed', `can't read ${path}`, { details: { path }, hint: path }),
      new EngineError('thrown', path),
      new EngineError('made_up' as 'bug', path),
      path,
      { toString: () => path },
      undefined,
    ];
    for (const one of thrown) {
      assert.ok(!JSON.stringify(publicError(one)).includes('ada'));
      assert.ok(problemOf(one, 'id').status >= 500);
    }
  });

  it('says when to come back, where that is known', async () => {
    const limited = new EngineError('rate_limited', 'too often', { details: { retryAfterMs: 1_500 } });
    assert.equal(problemResponse(limited, 'id').headers.get('retry-after'), '2');
    assert.equal(problemResponse(new EngineError('draining', 'x'), 'id').headers.get('retry-after'), '1');
    assert.equal(problemResponse(new LimitError('x'), 'id').headers.get('retry-after'), null);
  });

  it('is told to the log by codes and places of the code alone', () => {
    const lines: unknown[] = [];
    const log = { info: () => undefined, warn: () => undefined, error: (...told: unknown[]) => void lines.push(told) };
    tellProblem(log, new TypeError('secret'), 'id');
    tellProblem(log, new NotFoundError('run', 'secret'), 'id');
    assert.equal(lines.length, 1);
    const text = JSON.stringify(lines);
    assert.ok(text.includes('"kind":"TypeError"') && text.includes('problems.test.ts:'), text);
    assert.ok(!text.includes('secret'));
  });
});
