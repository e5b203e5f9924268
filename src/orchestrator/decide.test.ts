import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Json } from '../core/json.ts';
import { decide, holds, type Decision, type PlanState, type StepEnd } from './decide.ts';
import { checkPlan, type Condition, type Plan, type PlanStep } from './plan.ts';

const done = (result: Json = null): StepEnd => ({ status: 'completed', result });
const failed: StepEnd = { status: 'failed', error: { code: 'thrown', message: 'x', retryable: false } };
const skipped: StepEnd = { status: 'skipped', why: 'y' };

/** given(what has ended).decide(steps).gives(what follows) */
function given(ends: PlanState['ends'], running: readonly string[] = []) {
  return {
    decide: (...steps: PlanStep[]) => {
      const decision = decide({ steps, answer: '' }, { ends, running: new Set(running) });
      return { gives: (expected: Partial<Told>) => assert.deepEqual(told(decision), { ...nothing, ...expected }) };
    },
  };
}

type Told = { start: string[]; skip: Record<string, string>; done: boolean };
const nothing: Told = { start: [], skip: {}, done: false };

function told({ start, skip, done: isDone }: Decision): Told {
  return {
    start: start.map(({ name }) => name),
    skip: Object.fromEntries(skip.map(({ name, why }) => [name, why])),
    done: isDone,
  };
}

describe('decide', () => {
  const a = { name: 'a' };
  const b = { name: 'b', needs: ['a'] };
  const settled = { name: 'c', needs: ['b'], after: 'settled' } as const;

  it('starts what needs nothing, all at once', () =>
    given({})
      .decide(a, { name: 'x' }, b)
      .gives({ start: ['a', 'x'] }));
  it('waits for what runs', () => given({}, ['a']).decide(a, b).gives({}));
  it('starts what has what it needs', () =>
    given({ a: done() })
      .decide(a, b)
      .gives({ start: ['b'] }));
  it('takes a degraded need for an answer', () =>
    given({ a: { status: 'degraded', result: 1 } })
      .decide(a, b)
      .gives({ start: ['b'] }));
  it('starts nothing twice', () => given({ a: done() }, ['b']).decide(a, b).gives({}));
  it('leaves out what needs what failed, and says so', () =>
    given({ a: failed })
      .decide(a, b)
      .gives({ skip: { b: 'it needs "a", which failed' } }));
  it('leaves out what needs what was left out, and says so', () =>
    given({ a: skipped })
      .decide(a, b)
      .gives({ skip: { b: 'it needs "a", which was left out' } }));
  it('starts what only waits for the others to be settled, however they ended', () => {
    for (const end of [done(), failed, skipped])
      given({ a: done(), b: end })
        .decide(a, b, settled)
        .gives({ start: ['c'] });
    given({ a: done() }, ['b']).decide(a, b, settled).gives({});
  });
  it('leaves out what has a condition that does not hold, also when it waits for settled', () => {
    const when = { step: 'b', at: 'n', is: 'above', value: 3 } as const;
    given({ a: done(), b: done({ n: 3 }) })
      .decide(a, b, { ...settled, when })
      .gives({ skip: { c: 'its condition on "b" does not hold' } });
    given({ a: done(), b: done({ n: 4 }) })
      .decide(a, b, { ...settled, when })
      .gives({ start: ['c'] });
    given({ a: done(), b: failed })
      .decide(a, b, { ...settled, when })
      .gives({ skip: { c: 'its condition on "b" does not hold' } });
  });
  it('is done when all has ended and nothing runs', () => {
    given({ a: done(), b: failed }).decide(a, b).gives({ done: true });
    given({ a: done() }, ['b']).decide(a, b).gives({});
  });
  it('takes a name that every object has for a name', () => {
    given({})
      .decide({ name: 'constructor' }, { name: 'x', needs: ['toString'] }, { name: 'toString' })
      .gives({
        start: ['constructor', 'toString'],
      });
  });
});

describe('a condition', () => {
  const result = { n: 5, text: 'a', none: null, list: [{ deep: true }], zero: 0, '': 1 };
  const cases: [Omit<Condition, 'step'>, boolean][] = [
    [{ at: 'n', is: 'present' }, true],
    [{ at: 'zero', is: 'present' }, true],
    [{ at: 'none', is: 'present' }, false],
    [{ at: 'gone', is: 'present' }, false],
    [{ at: 'toString', is: 'present' }, false],
    [{ at: '', is: 'present' }, true],
    [{ at: 'n', is: 'equal', value: 5 }, true],
    [{ at: 'n', is: 'equal', value: '5' }, false],
    [{ at: 'n', is: 'equal' }, false],
    [{ at: 'none', is: 'equal', value: null }, true],
    [{ at: 'list.0', is: 'equal', value: { deep: true } }, true],
    [{ at: 'list.0.deep', is: 'equal', value: true }, true],
    [{ at: 'list.1', is: 'present' }, false],
    [{ at: 'list.length', is: 'present' }, false],
    [{ at: 'text', is: 'one-of', value: ['b', 'a'] }, true],
    [{ at: 'text', is: 'one-of', value: ['b'] }, false],
    [{ at: 'text', is: 'one-of', value: 'a' }, false],
    [{ at: 'n', is: 'above', value: 4 }, true],
    [{ at: 'n', is: 'above', value: 5 }, false],
    [{ at: 'n', is: 'below', value: 6 }, true],
    [{ at: 'n', is: 'below', value: 5 }, false],
    [{ at: 'text', is: 'above', value: 'A' }, false],
    [{ at: 'n', is: 'below' }, false],
  ];
  for (const [condition, holding] of cases) {
    it(`${holding ? 'holds' : 'does not hold'}: ${JSON.stringify(condition)}`, () => {
      assert.equal(holds({ step: 'a', ...condition }, done(result)), holding);
    });
  }
  it('never holds on what has no result', () => {
    for (const end of [undefined, failed, skipped])
      assert.equal(holds({ step: 'a', at: '', is: 'present' }, end), false);
  });
});

/** A sound plan: a step needs only those before it. */
const plans: fc.Arbitrary<Plan> = fc
  .array(
    fc.record({
      needs: fc.array(fc.nat({ max: 9 }), { maxLength: 3 }),
      after: fc.constantFrom('completed', 'settled', undefined),
      when: fc.option(fc.constantFrom('present', 'above'), { nil: undefined }),
    }),
    { minLength: 1, maxLength: 10 },
  )
  .map((rows) => {
    const steps = rows.map(({ needs, after, when }, index): PlanStep => {
      const names = index === 0 ? [] : [...new Set(needs.map((need) => `s${need % index}`))];
      const on = names[0];
      return {
        name: `s${index}`,
        needs: names,
        ...(after === undefined ? {} : { after }),
        ...(when === undefined || on === undefined ? {} : { when: { step: on, at: '', is: when, value: 2 } as const }),
      };
    });
    return { steps, answer: 's0' };
  });

const endings = fc.constantFrom<StepEnd>(done(1), done(5), failed, { status: 'degraded', result: 3 });

describe('working through any plan', () => {
  it('each step ends once, none begins before its needs ended, settled ones always run, and order plays no part', () => {
    fc.assert(
      fc.property(
        plans,
        fc.array(endings, { minLength: 10, maxLength: 10 }),
        fc.infiniteStream(fc.nat()),
        (plan, how, picks) => {
          checkPlan(
            plan,
            plan.steps.map(({ name }) => name),
          );
          const once = work(plan, how, () => picks.next().value);
          const again = work(plan, how, () => 0);
          assert.deepEqual(again, once);
          assert.deepEqual(Object.keys(once).toSorted(), plan.steps.map(({ name }) => name).toSorted());
          for (const step of plan.steps) {
            if (step.after === 'settled' && step.when === undefined)
              assert.notEqual(once[step.name]?.status, 'skipped');
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});

/** Does what `decide` says; `pick` chooses who ends next. */
function work(plan: Plan, how: readonly StepEnd[], pick: () => number): Record<string, StepEnd> {
  const ends: Record<string, StepEnd> = {};
  const running = new Set<string>();
  for (let round = 0; round < 100; round++) {
    const state = { ends: Object.freeze({ ...ends }), running: new Set(running) };
    const decision = decide(plan, state);
    assert.deepEqual(decide(plan, state), decision, 'the same state, the same decision');
    for (const { name, why } of decision.skip) {
      assert.ok(ends[name] === undefined && !running.has(name));
      ends[name] = { status: 'skipped', why };
    }
    for (const { name, needs = [], after } of decision.start) {
      assert.ok(ends[name] === undefined && !running.has(name), `${name} begins twice`);
      for (const need of needs) {
        assert.ok(ends[need] !== undefined, `${name} begins before ${need} ended`);
        if (after !== 'settled') assert.ok('result' in ends[need], `${name} begins though ${need} has no result`);
      }
      running.add(name);
    }
    if (decision.done) return ends;
    const next = [...running][pick() % running.size];
    if (next === undefined) continue;
    running.delete(next);
    ends[next] = how[Number(next.slice(1))] ?? failed;
  }
  throw new assert.AssertionError({ message: 'it does not come to an end' });
}
