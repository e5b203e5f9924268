import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { canonicalJson, copyJson, toJson, type Json } from './json.ts';

const anyJson = fc.jsonValue({ maxDepth: 6 }) as fc.Arbitrary<Json>;

/** The same value with the members of each object in the opposite order. */
function turned(value: Json): Json {
  if (Array.isArray(value)) return value.map(turned);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).toReversed();
  return Object.fromEntries(members.map(([key, member]) => [key, turned(member)]));
}

describe('copyJson, for any JSON value', () => {
  it('says the same text as JSON.stringify says of the original', () => {
    fc.assert(fc.property(anyJson, (value) => assert.equal(JSON.stringify(toJson(value, 'x')), JSON.stringify(value))));
  });

  it('gives, live, what a re-run reads back', () => {
    fc.assert(
      fc.property(anyJson, (value) => {
        const live = toJson(value, 'x');
        assert.deepEqual(JSON.parse(JSON.stringify(live)), live);
      }),
    );
  });

  it('counts no fewer bytes than plain text has characters', () => {
    const plain = fc.jsonValue({ stringUnit: fc.constantFrom('a', 'b', '1') });
    fc.assert(
      fc.property(plain, (value) => {
        const numbers = JSON.stringify(value).match(/-?\d[\d.e+-]*/g) ?? [];
        const longNumbers = numbers.reduce((sum, digits) => sum + Math.max(0, digits.length - 8), 0);
        assert.ok(copyJson(value, 'x').bytes + longNumbers >= JSON.stringify(value).length);
      }),
    );
  });
});

describe('canonicalJson, for any JSON value', () => {
  it('does not depend on the order of members', () => {
    fc.assert(fc.property(anyJson, (value) => assert.equal(canonicalJson(turned(value)), canonicalJson(value))));
  });

  it('reads back as the value', () => {
    fc.assert(
      fc.property(anyJson, (value) =>
        assert.deepEqual(JSON.parse(canonicalJson(value)), JSON.parse(JSON.stringify(value))),
      ),
    );
  });
});
