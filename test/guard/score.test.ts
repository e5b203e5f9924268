/** The guard held to its floors, on the labelled corpus. `node scripts/guard-score.ts` tells what was wrong. */
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { type Half, readCases, wrongLabels } from '../../scripts/guard-corpus.ts';
import { type GradedCase, type Score, scoreOf } from '../../scripts/guard-grade.ts';
import { belowFloors, gradeCase } from '../../scripts/guard-score.ts';

const cases = readCases();

describe('the labelled corpus of the guard', () => {
  it('names only units that are in its trees (LQ1)', () => {
    assert.deepEqual(cases.flatMap(wrongLabels), []);
  });

  it('has enough of everything, in both halves', () => {
    for (const half of ['tune', 'judge'] as const) {
      const own = cases.filter((one) => one.half === half);
      assert.ok(own.flatMap((one) => one.expect).length >= 30, `${half} has too few true groups`);
      assert.ok(own.flatMap((one) => one.not).length >= 60, `${half} has too few false alarms`);
      assert.deepEqual(new Set(own.map((one) => one.language)).size >= 3, true);
      assert.ok(new Set(own.flatMap((one) => one.not).map((label) => label.verdict)).size >= 15);
    }
  });
});

describe('the guard', () => {
  const scores = new Map<Half, Score>();

  before(async () => {
    const graded: GradedCase[] = [];
    for (const one of cases) graded.push(await gradeCase(one));
    for (const half of ['tune', 'judge'] as const) {
      scores.set(half, scoreOf(graded.filter((one) => one.case.half === half)));
    }
  });

  it('is above its floors on the half it was built with', () => {
    assert.deepEqual(belowFloors(scores.get('tune')!), []);
  });

  it('is above its floors on the half that was kept for judging (LQ2)', () => {
    assert.deepEqual(belowFloors(scores.get('judge')!), []);
  });
});
