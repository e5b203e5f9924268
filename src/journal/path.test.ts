import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { limits } from '../core/limits.ts';
import { attemptPath, basePath, childPath, parentPath } from './path.ts';

describe('paths of steps', () => {
  it('are the parent, the name and the key', () => {
    assert.equal(childPath('', 'fetch'), 'fetch');
    assert.equal(childPath('', 'fetch', 'a'), 'fetch:a');
    assert.equal(childPath('plan/fetch:a', 'read', '7'), 'plan/fetch:a/read:7');
  });

  it('escape what a key may not say, so that a key never makes another place', () => {
    assert.equal(childPath('', 'a', 'b/c'), 'a:b%2Fc');
    assert.equal(childPath('', 'a', 'x@2'), 'a:x%402');
    assert.equal(childPath('', 'a', 'ü '), 'a:%C3%BC%20');
    assert.notEqual(childPath('', 'a', '%2F'), childPath('', 'a', '/'));
  });

  it('refuse a key that is empty or too long', () => {
    assert.throws(() => childPath('', 'a', ''), { code: 'invalid_input' });
    assert.throws(() => childPath('', 'a', 'x'.repeat(limits.stepKeyCharsMax + 1)), { code: 'invalid_input' });
    assert.equal(childPath('', 'a', 'x'.repeat(limits.stepKeyCharsMax)).length, limits.stepKeyCharsMax + 2);
  });

  it('of a later attempt have a segment of their own, and the same base', () => {
    assert.equal(attemptPath('a/b', 1), 'a/b');
    assert.equal(attemptPath('a/b', 2), 'a/b@2');
    assert.equal(basePath('a/b@2'), 'a/b');
    assert.equal(basePath('a@2/b'), 'a@2/b', 'an attempt of the parent is not an attempt of the child');
    assert.equal(parentPath('a@2/b'), 'a@2');
    assert.equal(parentPath('a'), '');
  });

  it('differ for any two places that differ in name, key or attempt', () => {
    const name = fc.constantFrom('a', 'b', 'a.b', 'a-b', 'a_');
    const wellFormed = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 });
    const key = fc.option(fc.oneof(wellFormed, fc.constantFrom('1', 'a/b', '@2', '%', ':', 'a:b')), { nil: undefined });
    const place = fc.record({ name, key, attempt: fc.integer({ min: 1, max: 3 }) });
    const pathOf = (places: readonly { name: string; key: string | undefined; attempt: number }[]): string =>
      places.reduce(
        (parent, { name: own, key: its, attempt }) => attemptPath(childPath(parent, own, its), attempt),
        '',
      );
    const way = fc.array(place, { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(way, way, (one, other) => {
        assert.equal(pathOf(one) === pathOf(other), JSON.stringify(one) === JSON.stringify(other));
        const last = one.at(-1);
        assert.equal(basePath(pathOf(one)), childPath(pathOf(one.slice(0, -1)), last?.name ?? '', last?.key));
        assert.equal(parentPath(pathOf(one)), pathOf(one.slice(0, -1)));
      }),
    );
  });
});
