import assert from 'node:assert/strict';
import { it } from 'node:test';
import { tellBytes, tellMany, tellMs, tellUsd } from './units.ts';

it('tells times, sums and sizes as people read them', () => {
  assert.deepEqual([0, 94, 95, 1_240, 59_940, 59_951, 185_000, 7_800_000, 273_600_000].map(tellMs), [
    '0.00 s',
    '0.09 s',
    '0.1 s',
    '1.2 s',
    '59.9 s',
    '1 min',
    '3 min 5 s',
    '2 h 10 min',
    '3 d 4 h',
  ]);
  assert.deepEqual([null, 0, 0.000_123_4, 0.5, 12].map(tellUsd), [
    'unknown (a model has no known price)',
    '$0',
    '$0.00012',
    '$0.50',
    '$12.00',
  ]);
  assert.deepEqual(
    [1, 1_234].map((count) => tellMany(count, 'run')),
    ['1 run', '1,234 runs'],
  );
  assert.deepEqual([999, 12_345, 3_400_000].map(tellBytes), ['999 B', '12 kB', '3.4 MB']);
});
