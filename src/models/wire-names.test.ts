import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { wireNames } from './wire-names.ts';

test('a name that the wire allows is not changed, whoever else wants it', () => {
  const names = wireNames(['files.read', 'files_read']);
  assert.equal(names.toWire('files_read'), 'files_read');
  assert.notEqual(names.toWire('files.read'), 'files_read');
});

test('a name that was not sent comes back as it came', () => {
  assert.equal(wireNames(['add']).fromWire('subtract'), 'subtract');
});

test('each name has a wire name of its own that leads back to it', () => {
  const name = fc.stringMatching(/^[A-Za-z][A-Za-z0-9_.-]{0,63}$/);
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.oneof(name, fc.constantFrom('a.b', 'a_b', 'a-b', 'a__b', 'a..b')), { maxLength: 12 }),
      (list) => {
        const names = wireNames(list);
        const wire = list.map(names.toWire);
        assert.equal(new Set(wire).size, list.length);
        assert.deepEqual(wire.map(names.fromWire), list);
        for (const one of wire) assert.match(one, /^[A-Za-z0-9_-]{1,64}$/);
      },
    ),
  );
});
