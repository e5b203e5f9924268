/** Whatever a file holds, reading it gives a dataset or an error that says what is wrong; nothing else, and at once. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ValidationError } from 'cantus';
import { readCalls } from './read-calls.ts';

function readsOrTells(content: string | Uint8Array): void {
  try {
    const dataset = readCalls(content, { name: 'f', pricesAtMs: 0, skipBadRows: true });
    assert.ok(dataset.rows >= 0);
    for (const column of Object.values(dataset.numbers)) assert.equal(column.length, dataset.rows);
    for (const column of Object.values(dataset.texts)) assert.equal(column.codes.length, dataset.rows);
  } catch (thrown) {
    assert.ok(thrown instanceof ValidationError, `${String(thrown)} for ${JSON.stringify(content)}`);
    assert.ok(thrown.hint);
  }
}

const cell = fc.oneof(
  fc.constantFrom(
    '',
    '5',
    '-1',
    '1.5',
    '1e400',
    '"',
    '""',
    '"a',
    'a"b',
    '2026-10-01',
    '2026-13-01',
    '1700000000',
    '12 ms',
  ),
  fc.string({ maxLength: 6 }),
);
const header = fc.constantFrom(
  'time',
  'model',
  'input_tokens',
  'latency',
  'latency_ms',
  'status',
  'x',
  '',
  '"',
  'cost',
);
const csv = fc
  .tuple(fc.array(header, { minLength: 1, maxLength: 4 }), fc.array(fc.array(cell, { maxLength: 5 }), { maxLength: 6 }))
  .chain(([names, rows]) =>
    fc
      .tuple(fc.constantFrom(',', ';', '\t'), fc.constantFrom('\n', '\r\n', '\r'))
      .map(([comma, end]) => [names, ...rows].map((line) => line.join(comma)).join(end)),
  );
const member = fc.oneof(fc.jsonValue({ maxDepth: 3 }), fc.constantFrom<string | number>('5', 5, -1, 'x', 1e300));
const jsonLines = fc
  .array(
    fc.oneof(
      fc.dictionary(header, member).map((value) => JSON.stringify(value)),
      fc.string({ maxLength: 8 }),
    ),
    {
      minLength: 1,
      maxLength: 6,
    },
  )
  .map((lines) => `{"model":"m"}\n${lines.join('\n')}`);

describe('readCalls', () => {
  it('reads or refuses any bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), readsOrTells), { numRuns: 300 });
  });
  it('reads or refuses any CSV', () => {
    fc.assert(fc.property(csv, readsOrTells), { numRuns: 600 });
  });
  it('reads or refuses any JSON Lines', () => {
    fc.assert(fc.property(jsonLines, readsOrTells), { numRuns: 600 });
  });
});
