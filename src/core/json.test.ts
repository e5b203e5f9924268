import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ValidationError } from './errors.ts';
import { canonicalJson, copyJson, isJsonObject, toJson, type Json } from './json.ts';
import { limits } from './limits.ts';

class Money {
  readonly cents = 1;
}

const refuses = (value: unknown, message: string): void =>
  assert.throws(
    () => toJson(value, 'the result of step "fetch"'),
    (error: unknown) => {
      assert.ok(error instanceof ValidationError);
      assert.equal(error.message, message);
      assert.ok(error.hint);
      return true;
    },
  );

describe('copyJson', () => {
  it('copies and freezes at every depth, so that the caller cannot change the journal (J1)', () => {
    const given = { list: [{ deep: 1 }], text: 'a' };
    const copy = toJson(given, 'x');
    given.list[0]!.deep = 2;
    given.text = 'b';
    assert.deepEqual(copy, { list: [{ deep: 1 }], text: 'a' });
    const { list } = copy as { list: { deep: number }[] };
    assert.ok(Object.isFrozen(copy) && Object.isFrozen(list) && Object.isFrozen(list[0]));
  });

  it('refuses what JSON cannot say and names its place (J2)', () => {
    const of = (found: string): string => `the result of step "fetch" holds ${found}, which JSON can't say.`;
    refuses({ at: new Date(0) }, of('a Date at .at'));
    refuses(new Map(), of('a Map'));
    refuses([new Set()], of('a Set at [0]'));
    refuses({ rows: [1, { price: Number.NaN }] }, of('NaN at .rows[1].price'));
    refuses([Number.POSITIVE_INFINITY], of('Infinity at [0]'));
    refuses({ f: () => 1 }, of('a function at .f'));
    refuses({ n: 1n }, of('a bigint at .n'));
    refuses({ s: Symbol('s') }, of('a symbol at .s'));
    refuses(new Money(), of('a Money'));
    refuses({ b: new Uint8Array(2) }, of('a Uint8Array at .b'));
  });

  it('refuses undefined and a hole in a list, which JSON.stringify would bend to null (J2)', () => {
    refuses([1, undefined], 'the result of step "fetch" holds undefined at [1], which JSON can\'t say.');
    // oxlint-disable-next-line no-sparse-arrays -- the hole is what is tested
    refuses([1, , 3], 'the result of step "fetch" holds undefined at [1], which JSON can\'t say.');
  });

  it('refuses an object of a class whose constructor was hidden, without failing itself', () => {
    const hidden = Object.create({ constructor: undefined }) as object;
    refuses(hidden, 'the result of step "fetch" holds a class instance, which JSON can\'t say.');
  });

  it('refuses a cycle, and takes values as deep as the limit', () => {
    const cycle: Record<string, unknown> = {};
    cycle['me'] = cycle;
    assert.throws(() => toJson(cycle, 'x'), /more than 64 levels \(or a cycle\)/);
    let deep: unknown = 1;
    for (let level = 0; level <= limits.jsonDepthMax; level++) deep = [deep];
    assert.doesNotThrow(() => toJson(deep, 'x'));
    assert.throws(() => toJson([deep], 'x'), ValidationError);
  });

  it('leaves out members that are undefined (J3)', () => {
    const copy = toJson({ a: undefined, b: 1 }, 'x');
    assert.deepEqual(Object.keys(copy as object), ['b']);
  });

  it('keeps a member named __proto__ as data', () => {
    const copy = toJson(JSON.parse('{"__proto__":{"admin":true},"a":1}'), 'x');
    assert.equal(Object.getPrototypeOf(copy), Object.prototype);
    assert.equal(JSON.stringify(copy), '{"__proto__":{"admin":true},"a":1}');
    assert.equal((copy as { admin?: boolean }).admin, undefined);
  });

  it('has one zero, as JSON has, so that a re-run gives the same (J2)', () => {
    assert.ok(Object.is(toJson(-0, 'x'), 0));
  });

  it('takes an object without a prototype', () => {
    assert.deepEqual(toJson(Object.assign(Object.create(null), { a: 1 }), 'x'), { a: 1 });
  });

  it('makes null of the undefined that a body without a result returns', () => {
    assert.equal(toJson(undefined, 'x'), null);
  });

  it('counts at least the characters of the text, and not many times more', () => {
    const value = { name: 'ada', tags: ['a', 'b'], n: 1, ok: true, none: null };
    const { bytes } = copyJson(value, 'x');
    const { length } = JSON.stringify(value);
    assert.ok(bytes >= length && bytes <= 2 * length, `${bytes} for ${length}`);
  });
});

describe('canonicalJson', () => {
  it('gives equal text for equal values, whatever the order of their members', () => {
    const a = { x: 1, y: { b: [1, 2], a: null } };
    const b = { y: { a: null, b: [1, 2] }, x: 1 };
    assert.equal(canonicalJson(a), canonicalJson(b));
    assert.equal(canonicalJson(a), '{"x":1,"y":{"a":null,"b":[1,2]}}');
  });

  it('keeps the order of a list, which means something', () => {
    assert.notEqual(canonicalJson([1, 2]), canonicalJson([2, 1]));
  });
});

describe('isJsonObject', () => {
  it('tells an object from a list, null and nothing', () => {
    const values: (Json | undefined)[] = [{}, [], null, undefined, 'a'];
    assert.deepEqual(values.map(isJsonObject), [true, false, false, false, false]);
  });
});
