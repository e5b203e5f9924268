import assert from 'node:assert/strict';
import { it } from 'node:test';
import { placeOf, scaleOf, tellMark } from './chart-scale.ts';

it('begins bars at zero, or their lengths would lie', () => {
  assert.equal(scaleOf([97, 99, 98], 'bars').min, 0);
  assert.equal(scaleOf([-97, -99], 'bars').max, 0);
});

it('leaves zero out of a line that is far from it, and keeps it where it is near', () => {
  assert.deepEqual(scaleOf([1_000, 1_004], 'line'), {
    min: 1_000,
    max: 1_004,
    ticks: [1_000, 1_001, 1_002, 1_003, 1_004],
  });
  assert.equal(scaleOf([1, 5], 'line').min, 0);
});

it('holds every value between its ends, with round marks', () => {
  for (const values of [[0.003, 0.0071], [3, 63.97, 12.7], [-5, 12], [1e9, 2.3e9], [7]]) {
    for (const form of ['bars', 'line'] as const) {
      const scale = scaleOf(values, form);
      assert.ok(scale.ticks.length >= 2 && scale.ticks.length <= 8, `${values.join()}: ${scale.ticks.length}`);
      for (const value of values)
        assert.ok(value >= scale.min && value <= scale.max, `${value} in ${scale.min}..${scale.max}`);
    }
  }
});

it('has a range even for nothing, for one value and for what is no number', () => {
  assert.deepEqual(scaleOf([], 'line'), { min: 0, max: 1, ticks: [0, 1] });
  assert.deepEqual(scaleOf([0, 0], 'bars'), { min: 0, max: 1, ticks: [0, 1] });
  assert.deepEqual(scaleOf([Number.NaN, 4], 'line'), { min: 0, max: 4, ticks: [0, 4] });
  assert.equal(placeOf(Number.NaN, scaleOf([1, 2], 'bars')), 0);
});

it('places a value by its share of the range', () => {
  assert.equal(placeOf(25, { min: 0, max: 100, ticks: [] }), 0.25);
  assert.equal(placeOf(1, { min: -1, max: 3, ticks: [] }), 0.5);
});

it('writes marks in a few characters', () => {
  assert.deepEqual([0, 0.5, 12, 1_500, 2e6, -3e9].map(tellMark), ['0', '0.5', '12', '1.5k', '2M', '-3G']);
});
