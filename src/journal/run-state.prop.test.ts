import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { completed, error, told, type Told } from './run-state.fixture.ts';
import { evolve, foldRun, type RunState } from './run-state.ts';

/** A step's life: it begins, fails and is tried again some times, and may end. */
const life = (path: string): fc.Arbitrary<Told[]> =>
  fc
    .record({ tries: fc.integer({ min: 0, max: 3 }), end: fc.constantFrom('open', 'completed', 'failed') })
    .map(({ tries, end }) => {
      const events: Told[] = [['step.started', {}, path]];
      for (let attempt = 1; attempt <= tries; attempt++)
        events.push(['step.failed', { error, retryInMs: 1 }, path], ['step.started', {}, path]);
      if (end === 'completed') events.push(completed(path, tries));
      if (end === 'failed') events.push(['step.failed', { error, retryInMs: null }, path]);
      return events;
    });

const inputs: fc.Arbitrary<Told[]> = fc.array(
  fc.constantFrom<Told>(
    ['signal.received', { name: 's', value: 1 }],
    ['note', { code: 'degraded', text: 'x' }],
    ['run.resumed', { node: 'n', reason: 'recovered' }],
    ['run.suspended', { activeLeftMs: 5, waits: [], wakeAt: null }],
  ),
  { maxLength: 4 },
);

/** Several lives, with their events in any order that keeps each life's own. */
const runs: fc.Arbitrary<Told[]> = fc.tuple(life('a'), life('b:k'), life('c/d'), inputs).chain((lives) =>
  fc.array(fc.nat(3), { minLength: 40, maxLength: 40 }).map((picks) => {
    const left = lives.map((one) => [...one]);
    const events: Told[] = [];
    for (const pick of [...picks, 0, 1, 2, 3]) {
      const next = left[pick]?.shift();
      if (next !== undefined) events.push(next);
    }
    return events;
  }),
);

describe('the fold of any run', () => {
  it('is the same whether it is made at once or goes on from any prefix (R1)', () => {
    fc.assert(
      fc.property(runs, fc.nat(60), (events, cut) => {
        const all = told(...events);
        let state: RunState | undefined = foldRun(all.slice(0, cut));
        // What a prefix gives must be whole: kept and read back, it goes on alike.
        state = state === undefined ? undefined : structuredClone(state);
        for (const event of all.slice(cut)) state = evolve(state, event);
        assert.deepEqual(state, foldRun(all));
      }),
      { numRuns: 200 },
    );
  });

  it('has as many failures as steps that failed for good and words of the body', () => {
    fc.assert(
      fc.property(runs, (events) => {
        const state = foldRun(told(...events));
        const failed = [...(state?.steps.values() ?? [])].filter(({ status }) => status === 'failed').length;
        const notes = events.filter(([type]) => type === 'note').length;
        assert.equal(state?.failures.length, failed + notes);
      }),
      { numRuns: 200 },
    );
  });
});
