/** What a client may send, and that nothing else does any harm. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { readFrame } from './frame-reader.ts';

describe('a frame of a client', () => {
  it('is read as what it is, without members that it does not need (FD1)', () => {
    const hello = {
      type: 'hello',
      protocol: 1,
      after: { generation: 'g', userSeq: 3, more: 1 },
      gapMax: 5,
      user: 'eve',
    };
    assert.deepEqual(readFrame(JSON.stringify(hello)), {
      type: 'hello',
      protocol: 1,
      after: { generation: 'g', userSeq: 3 },
      gapMax: 5,
    });
    assert.deepEqual(readFrame('{"type":"hello","protocol":1,"after":"start"}'), {
      type: 'hello',
      protocol: 1,
      after: 'start',
    });
    assert.deepEqual(readFrame('{"type":"call","id":"1","operation":"me.read"}'), {
      type: 'call',
      id: '1',
      operation: 'me.read',
      input: {},
    });
    assert.deepEqual(readFrame('{"type":"pong"}'), { type: 'pong' });
  });

  const refused: readonly (readonly [string, number])[] = [
    ['{', 4500],
    ['[]', 4500],
    ['null', 4500],
    ['"hello"', 4500],
    ['{"type":"subscribe"}', 4500],
    ['{"type":"hello","protocol":2}', 4502],
    ['{"type":"hello"}', 4502],
    ['{"type":"hello","protocol":1,"after":7}', 4500],
    ['{"type":"hello","protocol":1,"after":{"generation":"g","userSeq":-1}}', 4500],
    ['{"type":"hello","protocol":1,"after":{"generation":"g","userSeq":1.5}}', 4500],
    ['{"type":"hello","protocol":1,"after":{"userSeq":1}}', 4500],
    ['{"type":"hello","protocol":1,"gapMax":"many"}', 4500],
    ['{"type":"call","operation":"me.read"}', 4500],
    ['{"type":"call","id":"","operation":"me.read"}', 4500],
    [`{"type":"call","id":"${'x'.repeat(129)}","operation":"me.read"}`, 4500],
    ['{"type":"call","id":"1","operation":7}', 4500],
  ];
  for (const [text, code] of refused)
    it(`is refused when it is ${text.slice(0, 70)}`, () => {
      const frame = readFrame(text);
      assert.equal(frame.type, 'refused');
      assert.equal(frame.type === 'refused' && frame.code, code);
    });

  it('never throws, and a refusal fits into a close frame and repeats nothing of it (FD2)', () => {
    const anything = fc.oneof(
      fc.string(),
      fc.json(),
      fc
        .record({ type: fc.constantFrom('hello', 'call', 'pong', 'evil'), id: fc.anything(), after: fc.anything() })
        .map((value) => JSON.stringify(value, (_key, member: unknown) => (typeof member === 'bigint' ? 1 : member))),
      fc.integer({ min: 1, max: 100_000 }).map((depth) => '['.repeat(depth) + ']'.repeat(depth)),
      fc.integer({ min: 1, max: 100_000 }).map((depth) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`),
    );
    fc.assert(
      fc.property(anything, (text) => {
        const frame = readFrame(text);
        if (frame.type === 'refused') assert.ok(Buffer.byteLength(frame.reason) <= 123);
      }),
    );
  });
});
