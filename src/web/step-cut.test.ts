import assert from 'node:assert/strict';
import { it } from 'node:test';
import { cutSteps } from './step-cut.ts';

const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index);
const none = (): boolean => false;

it('shows a list whole that is hardly longer than what is shown of a long one', () => {
  assert.deepEqual(cutSteps(numbers(36), none), { first: numbers(36), left: 0, last: [] });
});

it('shows the first and the newest of a long list, and counts what is between', () => {
  const { first, left, last } = cutSteps(numbers(5_000), none);
  assert.deepEqual([first.length, left, last.length], [8, 4_968, 24]);
  assert.equal(last.at(-1), 4_999);
});

it('shows the one that somebody asked for, wherever it is', () => {
  const { first, left } = cutSteps(numbers(5_000), (number) => number === 2_000);
  assert.equal(first.at(-1), 2_000);
  assert.equal(left, 4_967);
});
