import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BugError, assert as assertTrue, unreachable } from './assert.ts';
import {
  clip,
  ConflictError,
  ConstructionError,
  DeadlineError,
  EngineError,
  FencedError,
  fromErrorInfo,
  lookable,
  ModelError,
  NotApplied,
  NotFoundError,
  toErrorInfo,
  ToolError,
  ValidationError,
} from './errors.ts';

describe('EngineError', () => {
  it('carries its code, and is not retryable unless it was born so (E3)', () => {
    const plain = new EngineError('conflict', 'no');
    assert.deepEqual(
      [plain.code, plain.retryable, plain.hint, plain.details],
      ['conflict', false, undefined, undefined],
    );
    assert.equal(new FencedError().retryable, true);
    assert.equal(new NotApplied('nothing happened').retryable, true);
    assert.equal(new NotApplied('nor will it', { retryable: false }).retryable, false);
    assert.equal(new ConflictError('key used').retryable, false);
  });

  it('is named after its class and keeps its cause', () => {
    const cause = new Error('below');
    const error = new ValidationError('bad', { cause });
    assert.equal(error.name, 'ValidationError');
    assert.equal(error.cause, cause);
    assert.equal('cause' in new ValidationError('bad'), false);
  });

  it('recognises the error of another copy of the package', () => {
    const foreign = { [Symbol.for('cantus.EngineError')]: true, code: 'conflict', message: 'x' };
    assert.ok(EngineError.is(foreign));
    assert.ok(EngineError.is(new DeadlineError('It', 5)));
    for (const other of [new Error('x'), null, undefined, 'x', {}]) assert.equal(EngineError.is(other), false);
  });

  it('answers for a thing of another user as for none: the same text, no details (E4)', () => {
    const error = new NotFoundError('run', 'r-1');
    assert.deepEqual(toErrorInfo(error), {
      code: 'not_found',
      message: 'There is no run "r-1".',
      retryable: false,
    });
  });

  it('says the way out where there is one', () => {
    assert.match(new ConstructionError('Engine', 'createEngine()').hint ?? '', /createEngine\(\)/);
    assert.deepEqual(new DeadlineError('It', 5).details, { ms: 5 });
    assert.equal(new ModelError('model_rate_limited', 'slow down', { retryAfterMs: 9 }).retryAfterMs, 9);
  });
});

describe('toErrorInfo', () => {
  it('keeps code, hint and details, and no stack', () => {
    const error = new ValidationError('bad', { hint: 'do', details: { at: 'x' }, code: 'forbidden' });
    assert.deepEqual(toErrorInfo(error), {
      code: 'forbidden',
      message: 'bad',
      retryable: false,
      hint: 'do',
      details: { at: 'x' },
    });
  });

  it('takes a foreign error by its name and message, retryable, without its stack', () => {
    assert.deepEqual(toErrorInfo(new TypeError('x is not a function')), {
      code: 'thrown',
      message: 'TypeError: x is not a function',
      retryable: true,
    });
  });

  it('takes anything that can be thrown', () => {
    assert.equal(toErrorInfo('word').message, 'Thrown: word');
    assert.equal(toErrorInfo(undefined).message, 'Thrown: undefined');
    assert.equal(toErrorInfo(Symbol('s')).message, 'Thrown: Symbol(s)');
    assert.equal(toErrorInfo(Object.create(null)).code, 'thrown');
  });

  it('takes an error whose message is no text', () => {
    const odd = Object.assign(new Error('x'), { message: { toString: (): never => assert.fail('called') } });
    assert.equal(toErrorInfo(odd).code, 'thrown');
  });

  it('keeps bounded, plain JSON of an engine error too, whatever was put into it (E5)', () => {
    const cycle: Record<string, unknown> = {};
    cycle['me'] = cycle;
    const deep = Array.from({ length: 100_000 }).reduce<unknown>((inner) => [inner], 1);
    const refuses = { toJSON: (): never => assert.fail('toJSON') };
    for (const details of [cycle, deep, 10n, refuses, 'x'.repeat(20_000), () => 1, Symbol('s')] as never[]) {
      const info = toErrorInfo(new ToolError('tool_failed', 'broke', { details }));
      assert.deepEqual(info, { code: 'tool_failed', message: 'broke', retryable: false });
    }
    assert.equal(toErrorInfo(new ToolError('tool_failed', 'm', { hint: cycle as never })).hint, undefined);
    assert.equal(toErrorInfo(new ToolError('tool_failed', 'm', { hint: 'x'.repeat(9_000) })).hint?.length, 4_001);
    assert.equal(toErrorInfo(new ToolError(cycle as never, 'm')).code, 'thrown');
    assert.deepEqual(toErrorInfo({ [Symbol.for('cantus.EngineError')]: true }), {
      code: 'thrown',
      message: 'undefined',
      retryable: false,
    });
  });

  it('takes what can not even be looked at, and says what to take in its stead', () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    assert.equal(toErrorInfo(proxy).code, 'thrown');
    assert.ok(lookable(proxy) instanceof Error);
    const error = new Error('seen');
    for (const thrown of [error, undefined, null, 'word', Object.create(null)]) assert.equal(lookable(thrown), thrown);
  });

  it('cuts a message that is too long', () => {
    const { message } = toErrorInfo(new Error('x'.repeat(9_000)));
    assert.equal(message.length, 4_001);
  });

  it('comes back from the journal as it went in', () => {
    const info = toErrorInfo(new ValidationError('bad', { hint: 'do', details: [1], retryable: true }));
    const back = fromErrorInfo(info);
    assert.ok(EngineError.is(back));
    assert.deepEqual(toErrorInfo(back), info);
    assert.deepEqual(toErrorInfo(fromErrorInfo({ code: 'bug', message: 'm', retryable: false })), {
      code: 'bug',
      message: 'm',
      retryable: false,
    });
  });
});

describe('clip', () => {
  it('leaves a text at the limit and marks a cut one', () => {
    assert.equal(clip('abc', 3), 'abc');
    assert.equal(clip('abcd', 3), 'abc…');
  });
});

describe('assert', () => {
  it('throws a bug, never an error of the input', () => {
    assert.doesNotThrow(() => assertTrue(true, 'fine'));
    assert.throws(() => assertTrue(0, 'seq went back'), new BugError('seq went back'));
    assert.throws(() => unreachable('odd' as never), /unexpected value "odd"/);
  });
});
