import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BugError } from '../core/assert.ts';
import { eventVersions } from './codec.ts';
import { isTerminal, type EventType } from './event.ts';
import { completed, error, examples, finish, told, type Told } from './run-state.fixture.ts';
import { evolve, foldRun, outcomeOf, type RunState } from './run-state.ts';

function stateAfter(...events: readonly Told[]): RunState {
  return foldRun(told(...events)) as RunState;
}

const step: Told = ['step.started', {}, 'a'];
const failed = (retryInMs: number | null, code = 'thrown'): Told => [
  'step.failed',
  { error: { ...error, code: code as 'thrown' }, retryInMs },
  'a',
];

describe('the fold of a run', () => {
  it('begins with run.queued at 1, and follows without a gap (R2)', () => {
    assert.throws(() => foldRun(told(step).slice(1)), /begins with run\.queued/);
    const [queued, started, next] = told(step);
    assert.ok(queued && started && next);
    assert.throws(() => foldRun([queued, next]), /event 3 of a run follows 1/);
    assert.throws(() => foldRun([queued, started, started]), BugError);
    assert.throws(() => foldRun([queued, { ...started, run: 'other' }]), /another run/);
  });

  it('gives the same state for the same events (R1)', () => {
    const events = told(...finish(step, completed('a', 1)));
    assert.deepEqual(foldRun(events), foldRun(structuredClone(events)));
  });

  it('lets a path end once (R3)', () => {
    for (const end of [completed('a', 1), failed(null)]) {
      for (const more of [step, completed('a', 2), failed(null), failed(5)])
        assert.throws(() => stateAfter(step, end, more), /after the end of a/, `${end[0]} then ${more[0]}`);
    }
  });

  it('lets a path go on after a failure that will be tried again, or a cancel of what it was in (R3)', () => {
    const again = stateAfter(step, failed(5), ['step.started', {}, 'a@2'], completed('a@2', 1)).steps.get('a');
    assert.deepEqual([again?.status, again?.path, again?.failures], ['completed', 'a@2', 1]);
    assert.equal(stateAfter(step, failed(null, 'cancelled'), step).steps.get('a')?.status, 'open');
  });

  it('lets a path end in its pause before another attempt, for good or until what stopped it is not over after all', () => {
    const [cancelled, timedOut] = [failed(null, 'cancelled'), failed(null, 'deadline_exceeded')];
    const stopped = stateAfter(step, failed(5), cancelled).steps.get('a');
    assert.deepEqual([stopped?.status, stopped?.failures, stopped?.retryAt !== undefined], ['cancelled', 1, true]);
    const again = stateAfter(step, failed(5), cancelled, ['step.started', {}, 'a@2']).steps.get('a');
    assert.deepEqual([again?.status, again?.path, again?.retryAt], ['open', 'a@2', undefined]);
    assert.equal(stateAfter(step, failed(5), timedOut).steps.get('a')?.status, 'failed');
    assert.throws(() => stateAfter(step, failed(5), failed(5)), /which waits for its next try/);
  });

  it('counts as a failure only what failed of itself: that alone uses up tries', () => {
    const failures = (code: string): number | undefined => stateAfter(step, failed(5, code)).steps.get('a')?.failures;
    assert.deepEqual(['thrown', 'interrupted'].map(failures), [1, 0]);
    assert.equal(stateAfter(step, failed(null, 'cancelled')).steps.get('a')?.failures, 0);
  });

  it('tells nothing of what has not begun', () => {
    const ends: Told[] = [
      completed('a', 1),
      failed(null),
      ['wait.ended', { by: 'time' }, 'a'],
      ['model.delta', { text: '' }, 'a'],
    ];
    for (const end of ends) assert.throws(() => stateAfter(end), /which has not begun/, end[0]);
  });

  it('lets nothing follow the terminal event (R4)', () => {
    for (const type of Object.keys(eventVersions) as EventType[]) {
      if (!isTerminal(type)) continue;
      const end: Told = [type, { output: 1, reasons: [], error, reason: 'x' }];
      const state = stateAfter(end);
      assert.equal(`run.${state.status}`, type);
      assert.deepEqual(state.outcome?.status, state.status);
      for (const more of [step, end, ['note', { code: 'note', text: '' }] as Told])
        assert.throws(() => stateAfter(end, more), /after the end of its run/);
    }
  });

  it('has a place for every type of event', () => {
    for (const type of Object.keys(examples) as (keyof typeof examples)[]) {
      const events = told(...examples[type]);
      if (examples[type].length > 0) assert.equal(events.at(-1)?.type, type);
      assert.equal(foldRun(events)?.seq, events.length, type);
    }
  });

  it('finds an outcome in a terminal event alone', () => {
    for (const event of told(step, completed('a', 1))) assert.equal(outcomeOf(event), undefined);
  });
});

describe('what the fold keeps', () => {
  it('counts active time between the doings of the run alone', () => {
    const events = told(
      step,
      ['cancel.requested', { reason: 'x' }],
      ['run.resumed', { node: 'n', reason: 'recovered' }],
      completed('a', 1),
    );
    // Each event is 10 ms after the one before; the node was down for an hour before the cancel came.
    const late = events.map((event, index) => (index < 3 ? event : { ...event, at: event.at + 3_600_000 }));
    assert.equal(foldRun(events)?.activeMs, 20);
    assert.equal(foldRun(late)?.activeMs, 20);
  });

  it('takes the active time that a suspension says', () => {
    const state = stateAfter(
      ['run.suspended', { activeLeftMs: 900, waits: [], wakeAt: null }],
      ['signal.received', { name: 's', value: 1 }],
    );
    assert.deepEqual([state.status, state.activeMs], ['suspended', 100]);
  });

  it('counts recoveries until a step is completed', () => {
    const recovered: Told = ['run.resumed', { node: 'n', reason: 'recovered' }];
    assert.equal(stateAfter(step, recovered, recovered).recoveriesWithoutProgress, 2);
    assert.equal(stateAfter(step, recovered, completed('a', 1), recovered).recoveriesWithoutProgress, 1);
    assert.equal(stateAfter(step, recovered, failed(1)).recoveriesWithoutProgress, 1);
  });

  it('gives a signal to one wait', () => {
    const wait: Told = ['wait.started', { for: { kind: 'signal', signal: 's' }, until: 9 }, 'w'];
    const signal: Told = ['signal.received', { name: 's', value: 7, key: 'k' }];
    const ended: Told = ['wait.ended', { by: 'signal', signalSeq: 4 }, 'w'];
    const state = stateAfter(wait, signal, ended);
    assert.deepEqual(state.steps.get('w')?.waitEnded, { by: 'signal', signalSeq: 4 });
    assert.equal(state.signals[0]?.taken, true);
    assert.throws(() => stateAfter(wait, ended), /a signal at 4 that is not there/);
    const second: Told[] = [
      ['wait.started', { for: { kind: 'signal', signal: 's' }, until: 9 }, 'v'],
      ['wait.ended', { by: 'signal', signalSeq: 4 }, 'v'],
    ];
    assert.throws(() => stateAfter(wait, signal, ended, ...second), BugError);
  });

  it('adds up what models used, and knows no sum when one price is unknown', () => {
    const call = (path: string, usd: number | null): Told[] => [
      [
        'model.started',
        { model: 'm', provider: 'p', kind: 'scripted', reservation: { inputTokens: 1, outputTokens: 1, usd: null } },
        path,
      ],
      ['model.delta', { text: 'He' }, path],
      [
        'model.completed',
        { text: 'Hello', toolCalls: [], finish: 'stop', usage: { inputTokens: 2, outputTokens: 3 }, usd },
        path,
      ],
    ];
    assert.deepEqual(stateAfter(...call('m:1', 1), ...call('m:2', 2)).usage, {
      modelCalls: 2,
      inputTokens: 4,
      outputTokens: 6,
      usd: 3,
    });
    assert.equal(stateAfter(...call('m:1', 1), ...call('m:2', null), ...call('m:3', 1)).usage.usd, null);
    assert.equal(stateAfter(...call('m:1', 1)).steps.get('m:1')?.text, 'Hello');
  });

  it('knows a call in doubt and what was decided of it', () => {
    const pay: Told = ['tool.executing', { tool: 'pay', effect: 'once', input: null, digest: 'd' }, 'pay'];
    const doubt: Told = ['tool.indoubt', { tool: 'pay', error }, 'pay'];
    const state = stateAfter(pay, doubt, ['doubt.decided', { decision: 'happened' }, 'pay']);
    assert.deepEqual(
      [state.steps.get('pay')?.status, state.steps.get('pay')?.decision, state.steps.get('pay')?.once],
      ['indoubt', 'happened', true],
    );
    assert.equal(
      evolve(
        state,
        told(
          pay,
          doubt,
          ['doubt.decided', { decision: 'happened' }, 'pay'],
          ['tool.completed', { output: 1 }, 'pay'],
        ).at(-1)!,
      ).steps.get('pay')?.status,
      'completed',
    );
  });
});
