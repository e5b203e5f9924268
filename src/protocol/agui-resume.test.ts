import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { error, told, type Told } from '../journal/run-state.fixture.ts';
import { answerTo, parseInterruptId } from './agui-resume.ts';

const begun = (...event: Told) => told(event).at(-1);
const signal = begun('wait.started', { for: { kind: 'signal', signal: 'approve' }, until: 9 }, 'w');
const doubt = begun('tool.indoubt', { tool: 'pay', error }, 'pay');
const resolved = { interruptId: 'r#1:3', status: 'resolved' } as const;
const cancelled = { interruptId: 'r#1:3', status: 'cancelled' } as const;

describe('an answer to an interrupt', () => {
  it('is the value of a signal, or nothing', () => {
    assert.deepEqual(answerTo(signal, { ...resolved, payload: { ok: true } }), {
      path: 'w',
      kind: 'signal',
      name: 'approve',
      value: { ok: true },
    });
    assert.deepEqual(answerTo(signal, resolved), { path: 'w', kind: 'signal', name: 'approve', value: null });
  });

  it('is a decision of a doubt, as an object or as the word alone', () => {
    const answer = { path: 'pay', kind: 'decision', decision: 'happened' };
    assert.deepEqual(answerTo(doubt, { ...resolved, payload: { decision: 'happened', output: 7 } }), {
      ...answer,
      output: 7,
    });
    assert.deepEqual(answerTo(doubt, { ...resolved, payload: 'happened' }), { ...answer, output: null });
    assert.throws(() => answerTo(doubt, { ...resolved, payload: 'perhaps' }), { code: 'invalid_input' });
    assert.throws(() => answerTo(doubt, resolved), { code: 'invalid_input' });
  });

  it('that was given up cancels a wait for a signal, and gives up a doubt (AGR2)', () => {
    assert.equal(answerTo(signal, cancelled).kind, 'cancel');
    assert.deepEqual(answerTo(doubt, cancelled), { path: 'pay', kind: 'decision', decision: 'give-up', output: null });
  });

  it('is refused where there is no interrupt', () => {
    const time = begun('wait.started', { for: { kind: 'time' }, until: 9 }, 'w');
    for (const event of [time, begun('note', { code: 'note', text: '' }), undefined])
      assert.throws(() => answerTo(event, resolved), { message: 'There is no such interrupt.' });
  });
});

describe('the id of an interrupt', () => {
  it('names run, segment and event, and what is no id is refused', () => {
    assert.deepEqual(parseInterruptId('a#b#2:17'), { run: 'a#b', segment: 2, seq: 17 });
    for (const text of ['', 'a', 'a#1', 'a#1:', '#1:2', 'a#x:2', `a#1:${'9'.repeat(99)}`])
      assert.throws(() => parseInterruptId(text), { code: 'invalid_input' }, text);
  });
});
