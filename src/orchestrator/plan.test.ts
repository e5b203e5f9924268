import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { limits } from '../core/limits.ts';
import { checkPlan, checkRevision, type Plan } from './plan.ts';

const runners = ['find', 'weigh', 'write'];
const good: Plan = {
  steps: [
    { name: 'find', retry: { attempts: 2 }, timeoutMs: 5 },
    { name: 'weigh', needs: ['find'], when: { step: 'find', at: 'hits', is: 'above', value: 0 }, fallback: 'find' },
    { name: 'report', run: 'write', needs: ['weigh'], after: 'settled', input: { long: true } },
  ],
  answer: 'report',
};

describe('a plan', () => {
  it('that is sound passes', () => checkPlan(good, runners));

  const step = (more: object): unknown => ({ steps: [{ name: 'find' }, { name: 'weigh', ...more }], answer: 'weigh' });
  const bad: Record<string, [unknown, RegExp]> = {
    'that is none': [null, /A plan is \{ steps, answer \}/],
    'that is a list': [[], /A plan is/],
    'without steps': [{ answer: 'find' }, /A plan is/],
    'without an answer': [{ steps: [{ name: 'find' }] }, /A plan is/],
    'of no steps': [{ steps: [], answer: 'find' }, /1 to 200 steps, not 0/],
    'of too many steps': [
      {
        steps: Array.from({ length: limits.planStepsMax + 1 }, (_, n) => ({ name: `s${n}`, run: 'find' })),
        answer: 's1',
      },
      /not 201/,
    ],
    'with a step that is none': [{ steps: ['find'], answer: 'find' }, /Step 1 of the plan has no name/],
    'with a step without a name': [
      { steps: [{ name: 'find' }, { run: 'weigh' }], answer: 'find' },
      /Step 2 .* no name/,
    ],
    'with two steps of one name': [{ steps: [{ name: 'find' }, { name: 'find' }], answer: 'find' }, /one name: "find"/],
    'with a step named as the fallback of another': [
      {
        steps: [
          { name: 'find', fallback: 'weigh' },
          { name: 'find.fallback', run: 'find' },
        ],
        answer: 'find',
      },
      /one name: "find.fallback"/,
    ],
    'whose answer it does not have': [
      { steps: [{ name: 'find' }], answer: 'write' },
      /answer of the plan is step "write"/,
    ],
    'with a name that can not be a path': [
      { steps: [{ name: 'a/b', run: 'find' }], answer: 'a/b' },
      /can't be the name/,
    ],
    'with a runner that is not there': [step({ run: 'wiegh' }), /"weigh" is to be done by "wiegh"/],
    'with a fallback that is not there': [step({ fallback: 'constructor' }), /by "constructor"/],
    'with a need that is not there': [step({ needs: ['fined'] }), /needs "fined"/],
    'that needs itself': [step({ needs: ['weigh'] }), /circle: weigh -> weigh/],
    'that goes round': [
      {
        steps: [
          { name: 'find', needs: ['write'] },
          { name: 'weigh', needs: ['find'] },
          { name: 'write', needs: ['weigh'] },
        ],
        answer: 'write',
      },
      /circle: find -> write -> weigh -> find/,
    ],
    'with a condition on what it does not need': [
      step({ when: { step: 'find', at: '', is: 'present' } }),
      /condition on "find", which it doesn't need/,
    ],
    'with needs that are a text': [step({ needs: 'find' }), /`needs` that is no list/],
    'with an odd after': [step({ needs: ['find'], after: 'complete' }), /"weigh" of the plan has an `after`/],
    'with a test that is none': [
      step({ needs: ['find'], when: { step: 'find', at: 'x', is: 'equals', value: 1 } }),
      /none of: present, equal/,
    ],
    'with one-of without a list': [
      step({ needs: ['find'], when: { step: 'find', at: 'x', is: 'one-of', value: 'a' } }),
      /"one-of" without a list/,
    ],
    'with a condition of nowhere': [
      step({ needs: ['find'], when: { step: 'find', is: 'present' } }),
      /where in its result/,
    ],
    'with no time': [step({ timeoutMs: 0 }), /`timeoutMs`/],
    'with no tries': [step({ retry: { attempts: 0 } }), /`attempts` above 0/],
    'with a runner that is no name': [step({ run: 7 }), /runner that is no name/],
  };
  for (const [what, [plan, message]] of Object.entries(bad)) {
    it(`${what} is refused in words that name the place (Q1, Q2)`, () => {
      assert.throws(() => checkPlan(plan as Plan, runners), { code: 'invalid_input', message });
    });
  }

  it('says which runner was meant', () => {
    assert.throws(() => checkPlan(step({ run: 'wiegh' }) as Plan, runners), { hint: 'Did you mean "weigh"?' });
  });
});

describe('a revision (Q3)', () => {
  const begun = new Set(['find']);
  const revised = (steps: Plan['steps']): Plan => ({ steps, answer: 'report' });
  const [find, weigh, report] = good.steps as [Plan['steps'][0], Plan['steps'][0], Plan['steps'][0]];

  it('adds steps, and changes or drops those not yet begun', () => {
    checkRevision(
      good,
      revised([find, { name: 'more', run: 'find' }, { ...report, needs: ['find', 'more'] }]),
      begun,
      runners,
    );
  });

  it('may say what has begun in another order of members', () => {
    checkRevision(
      good,
      revised([{ timeoutMs: 5, retry: { attempts: 2 }, name: 'find' }, weigh, report]),
      begun,
      runners,
    );
  });

  it('never drops, changes or renames what has begun', () => {
    const { timeoutMs: _, ...without } = find;
    for (const changed of [[], [{ ...find, timeoutMs: 6 }], [without], [{ ...find, name: 'found', run: 'find' }]]) {
      const steps = [...changed, { ...weigh, needs: [], when: undefined } as never, report];
      assert.throws(() => checkRevision(good, revised(steps), begun, runners), {
        message: /can't change step "find", which has begun/,
      });
    }
  });

  it('is checked as a plan is', () => {
    assert.throws(() => checkRevision(good, revised([find]), begun, runners), { message: /answer/ });
  });
});
