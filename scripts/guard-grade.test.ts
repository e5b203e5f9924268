import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Case } from './guard-corpus.ts';
import { grade, scoreOf } from './guard-grade.ts';

const engines = ['a.ts#Engine', 'b.ts#EngineV2', 'c.ts#UserEngine'];
const one: Case = {
  name: 'sample',
  half: 'tune',
  root: '/nowhere',
  language: 'ts',
  why: '',
  expect: [
    { concept: 'engine', units: engines, tier: 'certain' },
    { concept: 'price', units: ['a.ts#formatPrice', 'b.ts#formatMoney'], tier: 'possible' },
  ],
  not: [{ units: ['a.ts#Engine', 'd.ts#EngineAdapter'], verdict: 'adapter', why: '' }],
};
const certain = (...units: string[]) => ({ id: 'engine', tier: 'certain' as const, units });

describe('the grading of the guard', () => {
  it('calls a finding right if all its units are of one group (GG1)', () => {
    const { findings, groups } = grade(one, [certain('a.ts#Engine', 'b.ts#EngineV2')]);
    assert.equal(findings[0]?.grade, 'right');
    assert.deepEqual([groups[0]?.isFound, groups[0]?.isWhole], [true, false]);
  });

  it('calls a finding mixed if a stranger is among them, and sees the alarm (GG1)', () => {
    const { findings, alarms } = grade(one, [certain(...engines, 'd.ts#EngineAdapter')]);
    assert.equal(findings[0]?.grade, 'mixed');
    assert.equal(alarms[0]?.isRaised, true);
  });

  it('calls what no label speaks of false (GG1)', () => {
    assert.equal(grade(one, [certain('x.ts#Run', 'y.ts#Run')]).findings[0]?.grade, 'false');
  });

  it('counts a group as missed if only a possible finding has it (GG2)', () => {
    const graded = grade(one, [{ id: 'engine', tier: 'possible', units: engines }]);
    const score = scoreOf([graded]);
    assert.equal(score.recall.of, 0);
    assert.deepEqual(score.told, { of: 0, all: 0, share: 1 });
  });

  it('leaves a possible label out of recall, and out of the false alarms (GG3)', () => {
    const found = { id: 'price', tier: 'likely' as const, units: ['a.ts#formatPrice', 'b.ts#formatMoney'] };
    const score = scoreOf([grade(one, [found])]);
    assert.equal(score.recall.all, 1);
    assert.deepEqual([score.told.of, score.told.all, score.possible.of], [1, 1, 1]);
  });
});
