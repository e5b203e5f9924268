import assert from 'node:assert/strict';
import { it } from 'node:test';
import { askedRunnable, choicesOf } from './runnable-choice.ts';

const serves = [
  { name: 'work', kind: 'workflow' },
  { name: 'work', kind: 'workflow' },
  { name: 'clerk', kind: 'agent' },
] as const;

it('offers each name once', () => {
  assert.deepEqual(choicesOf({ serves, default: null }), [serves[0], serves[2]]);
});

it('asks what was chosen, else the default, else what was asked before, else the first', () => {
  const asked = (standard: string | null, chosen?: string, before?: string) =>
    askedRunnable({ serves, default: standard }, chosen, before)?.name;
  assert.equal(asked('clerk', 'work'), 'work');
  assert.equal(asked('clerk', undefined, 'work'), 'clerk');
  assert.equal(asked(null, undefined, 'clerk'), 'clerk');
  assert.equal(asked(null), 'work');
  assert.equal(asked(null, 'gone', 'clerk'), 'clerk');
});
