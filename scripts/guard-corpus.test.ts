import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Case, readCases, wrongLabels } from './guard-corpus.ts';

const [first] = readCases();
assert.ok(first);
const unit = first.expect[0]?.units[0] ?? '';
const [path = ''] = unit.split('#');
const labelled = (...units: string[]): Case => ({
  ...first,
  expect: [{ concept: 'x', units, tier: 'likely' }],
  not: [],
});

describe('the labels of the corpus', () => {
  it('are wrong if a file is not in the tree (LQ1)', () => {
    assert.deepEqual(wrongLabels(labelled(unit, 'nowhere.ts#X')), [`${first.name}: there is no file nowhere.ts (LQ1)`]);
  });

  it('are wrong if the file has not that name, also as a part of a longer one (LQ1)', () => {
    const half = unit.slice(0, -2);
    assert.deepEqual(wrongLabels(labelled(unit, half)), [`${first.name}: ${path} has no ${half.split('#')[1]} (LQ1)`]);
  });

  it('are wrong if one unit stands alone', () => {
    assert.equal(wrongLabels(labelled(unit)).length, 1);
  });

  it('come from both halves, the one to tune with first (LQ2)', () => {
    const halves = readCases().map((one) => one.half);
    assert.deepEqual(new Set(halves), new Set(['tune', 'judge']));
    assert.ok(halves.lastIndexOf('tune') < halves.indexOf('judge'));
  });
});
