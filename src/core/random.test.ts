import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { seededRandom, systemRandom } from './random.ts';

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe('seededRandom', () => {
  it('repeats itself for the same seed, and for no other', () => {
    const draw = (seed: number): unknown[] => {
      const random = seededRandom(seed);
      return [random.next(), random.id(), random.next()];
    };
    assert.deepEqual(draw(42), draw(42));
    assert.notDeepEqual(draw(42), draw(43));
    assert.notDeepEqual(draw(0), draw(1));
  });

  it('is spread evenly over 0 to 1', () => {
    const random = seededRandom(1);
    const buckets = Array.from({ length: 10 }, () => 0);
    for (let draw = 0; draw < 10_000; draw++) {
      const number = random.next();
      assert.ok(number >= 0 && number < 1);
      buckets[Math.floor(number * 10)]! += 1;
    }
    for (const count of buckets) assert.ok(count > 850 && count < 1_150, buckets.join(' '));
  });

  it('makes ids of the form of a UUID, all different', () => {
    const random = seededRandom(7);
    const ids = Array.from({ length: 2_000 }, () => random.id());
    for (const id of ids) assert.match(id, uuid);
    assert.equal(new Set(ids).size, ids.length);
  });
});

describe('systemRandom', () => {
  it('makes numbers from 0 to 1 and ids of the form of a UUID', () => {
    const number = systemRandom.next();
    assert.ok(number >= 0 && number < 1);
    assert.match(systemRandom.id(), uuid);
    assert.notEqual(systemRandom.id(), systemRandom.id());
  });
});

it('makes ids where the platform makes none itself, as in a page that came without TLS', () => {
  const before = Object.getOwnPropertyDescriptor(crypto, 'randomUUID');
  Object.defineProperty(crypto, 'randomUUID', { value: undefined, configurable: true, writable: true });
  try {
    const ids = Array.from({ length: 100 }, () => systemRandom.id());
    for (const id of ids) assert.match(id, uuid);
    assert.equal(new Set(ids).size, 100);
  } finally {
    // It is of the prototype, so nothing of its own is left behind.
    if (before === undefined) Reflect.deleteProperty(crypto, 'randomUUID');
    else Object.defineProperty(crypto, 'randomUUID', before);
  }
});
