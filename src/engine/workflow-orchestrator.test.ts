/** Working through a plan: what is journaled before it acts, what a failure costs, and that a re-run decides alike. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import type { Context } from '../agents/workflow.ts';
import type { JournalEvent } from '../journal/event.ts';
import type { Plan, PlanStep } from '../orchestrator/plan.ts';
import { createTestEngine } from '../testing/test-engine.ts';
import { eventsOf, journalOf, linesOf } from './run.fixture.ts';
import { defineOrchestration, type PlanChoice, type PlanWork } from './workflow-orchestrator.ts';

type Work = PlanWork<null>;
type Steps = Parameters<typeof defineOrchestration<null>>[0]['steps'];
type Revise = NonNullable<Parameters<typeof defineOrchestration<null>>[0]['revise']>;

function orchestration(plan: readonly PlanStep[] | Plan, steps: Steps, revise?: Revise) {
  const whole = 'steps' in plan ? plan : { steps: plan, answer: plan.at(-1)?.name ?? '' };
  return defineOrchestration<null>({
    name: 'flow',
    version: 1,
    input: z.null(),
    steps,
    triage: async () => ({ plan: whole, why: 'for the test' }),
    ...(revise === undefined ? {} : { revise }),
  });
}

async function work(plan: readonly PlanStep[] | Plan, steps: Steps, revise?: Revise) {
  const flow = orchestration(plan, steps, revise);
  const { engine } = await createTestEngine({ workflows: [flow] });
  const run = await engine.as({ user: 'alice' }).start(flow, null);
  const outcome = await run.result();
  const events = await journalOf(run);
  return { outcome, events, lines: linesOf(events) };
}

const say = (_: Context, { step }: Work): string => step.name;
const fail = (_: Context, { step }: Work): never => {
  throw new Error(`${step.name} broke`);
};
const notesOf = (events: readonly JournalEvent[]) => eventsOf(events, 'note').map(({ data }) => data.text);

describe('a plan', () => {
  it('is journaled before it acts (WO1)', async () => {
    const { lines, outcome } = await work([{ name: 'a' }, { name: 'b', needs: ['a'] }], { a: say, b: say });
    assert.deepEqual(outcome, { status: 'completed', output: 'b' });
    assert.deepEqual(lines, [
      'run.queued',
      'run.started',
      'plan.made',
      'step.started a',
      'step.completed a',
      'step.started b',
      'step.completed b',
      'run.completed',
    ]);
  });

  it('that is not sound acts in nothing, and the run says what is wrong', async () => {
    const { lines, outcome } = await work([{ name: 'a', needs: ['b'] }], { a: say });
    assert.match(outcome.status === 'failed' ? outcome.error.message : '', /Step "a" needs "b"/);
    assert.deepEqual(lines, ['run.queued', 'run.started', 'run.failed']);
  });

  it('starts side by side what needs nothing of one another', async () => {
    const { lines } = await work([{ name: 'a' }, { name: 'b' }, { name: 'c', needs: ['a', 'b'] }], {
      a: async () => new Promise((resolve) => setImmediate(resolve, 1)),
      b: say,
      c: say,
    });
    assert.deepEqual(lines.slice(3, 7), ['step.started a', 'step.started b', 'step.completed b', 'step.completed a']);
  });

  it('gives each step its input and how those before it ended, and of no others', async () => {
    const seen: Record<string, unknown> = {};
    const look = (_: Context, { step, ends }: Work): string => {
      seen[step.name] = [step.input ?? null, Object.keys(ends).toSorted()];
      return step.name;
    };
    await work(
      [
        { name: 'a', run: 'look', input: { n: 1 } },
        { name: 'other', run: 'look' },
        { name: 'b', run: 'look', needs: ['a'] },
        { name: 'c', run: 'look', needs: ['b'] },
      ],
      { look },
    );
    assert.deepEqual(seen, { a: [{ n: 1 }, []], other: [null, []], b: [null, ['a']], c: [null, ['a', 'b']] });
  });

  it('leaves out what has a condition that does not hold, and says why', async () => {
    const plan = {
      steps: [
        { name: 'a' },
        { name: 'b', needs: ['a'], when: { step: 'a', at: 'n', is: 'above', value: 5 } as const },
        { name: 'c', needs: ['b'] },
      ],
      answer: 'a',
    };
    const { outcome, events } = await work(plan, { a: () => ({ n: 5 }), b: say, c: say });
    assert.deepEqual(outcome, { status: 'completed', output: { n: 5 } });
    assert.deepEqual(notesOf(events), [
      'Step "b" is left out: its condition on "a" does not hold.',
      'Step "c" is left out: it needs "b", which was left out.',
    ]);
  });

  it('whose answer was left out has none', async () => {
    const when = { step: 'a', at: '', is: 'equal', value: 'x' } as const;
    const { outcome } = await work([{ name: 'a' }, { name: 'b', needs: ['a'], when }], { a: say, b: say });
    assert.match(outcome.status === 'failed' ? outcome.error.message : '', /"b" was left out because its condition/);
  });
});

describe('a step of a plan that fails', () => {
  it('is tried again as it says', async () => {
    let tries = 0;
    const frail = (): string => {
      if (++tries < 3) throw new Error('not yet');
      return 'there';
    };
    const { outcome, events } = await work([{ name: 'a', retry: { attempts: 3, delayMs: 10 } }], { a: frail });
    assert.deepEqual(outcome, { status: 'completed', output: 'there' });
    assert.deepEqual(
      eventsOf(events, 'step.failed').map(({ data }) => data.retryInMs),
      [10, 20],
    );
  });

  it('is cut off at its time', async () => {
    const { outcome } = await work([{ name: 'a', timeoutMs: 100 }], { a: () => new Promise(() => undefined) });
    assert.equal(outcome.status === 'failed' && outcome.error.code, 'deadline_exceeded');
  });

  it('lets its fallback answer, which the user sees', async () => {
    const plan = [
      { name: 'a', fallback: 'plain' },
      { name: 'b', needs: ['a'] },
    ];
    const { outcome, lines } = await work(plan, {
      a: fail,
      plain: () => 'plain answer',
      b: (_, { ends }) => ({ ...ends['a'] }),
    });
    assert.deepEqual(outcome, {
      status: 'degraded',
      output: { status: 'degraded', result: 'plain answer' },
      reasons: [{ path: 'a', code: 'thrown', message: 'Error: a broke' }],
    });
    assert.ok(lines.includes('step.completed a.fallback'));
  });

  it('in the middle does not keep the last from reporting', async () => {
    const plan: PlanStep[] = [
      { name: 'a' },
      { name: 'b', needs: ['a'] },
      { name: 'c', needs: ['b'] },
      { name: 'report', needs: ['a', 'b', 'c'], after: 'settled' },
    ];
    const { outcome } = await work(plan, {
      a: say,
      b: fail,
      c: say,
      report: (_, { ends }) => Object.fromEntries(Object.entries(ends).map(([name, end]) => [name, end.status])),
    });
    assert.equal(outcome.status, 'degraded');
    assert.deepEqual(outcome.status === 'degraded' && outcome.output, { a: 'completed', b: 'failed', c: 'skipped' });
  });

  it('and is the answer, or what the answer needs, fails the run with its error (WO3)', async () => {
    for (const plan of [[{ name: 'a' }], [{ name: 'a' }, { name: 'b', needs: ['a'] }]]) {
      const { outcome, events } = await work(plan, { a: fail, b: say });
      assert.equal(outcome.status === 'failed' && outcome.error.message, 'Error: a broke');
      assert.equal(eventsOf(events, 'run.completed').length, 0);
    }
  });

  it('does not run on when the run is cancelled, nor does its fallback', async () => {
    const flow = orchestration([{ name: 'a', fallback: 'plain' }], {
      a: (ctx) => new Promise((_, reject) => ctx.signal.addEventListener('abort', () => reject(new Error('stopped')))),
      plain: say,
    });
    const { engine, clock } = await createTestEngine({ workflows: [flow] });
    const run = await engine.as({ user: 'alice' }).start(flow, null);
    await clock.settle();
    await run.cancel('enough');
    assert.deepEqual(await run.result(), { status: 'cancelled', reason: 'enough' });
    assert.ok(!linesOf(await journalOf(run)).includes('step.started a.fallback'));
  });
});

describe('a revision', () => {
  const plan: PlanStep[] = [{ name: 'a' }, { name: 'b', needs: ['a'] }];
  const longer = (before: Plan): PlanChoice => ({
    plan: { steps: [...before.steps, { name: 'c', needs: ['b'] }], answer: 'c' },
    why: 'more was found',
  });

  it('is journaled before it acts, with what it came after', async () => {
    const revise: Revise = (ended, work_) => (ended === 'a' ? longer(work_.plan) : undefined);
    const { outcome, events, lines } = await work(plan, { a: say, b: say, c: say }, revise);
    assert.deepEqual(outcome, { status: 'completed', output: 'c' });
    const [revised] = eventsOf(events, 'plan.revised');
    assert.deepEqual([revised?.data.after, revised?.data.why], ['a', 'more was found']);
    assert.ok(lines.indexOf('plan.revised') < lines.indexOf('step.started b'));
  });

  it('of what has begun is refused and acts in nothing (Q3)', async () => {
    const revise: Revise = () => ({ plan: { steps: [{ name: 'b' }], answer: 'b' }, why: 'forget it' });
    const { outcome, events } = await work(plan, { a: say, b: say }, revise);
    assert.match(outcome.status === 'failed' ? outcome.error.message : '', /can't change step "a", which has begun/);
    assert.equal(eventsOf(events, 'plan.revised').length, 0);
    assert.equal(eventsOf(events, 'step.started').filter(({ path }) => path === 'b').length, 0);
  });
});

describe('a plan that is worked at again after its node went', () => {
  it('revises in the order that was journaled, and tells no plan twice (WO2)', async () => {
    const order: string[] = [];
    const ran: string[] = [];
    let slow: Record<string, number> = { a: 2, b: 1, c: 3 };
    const take = async (_: Context, { step }: Work): Promise<string> => {
      ran.push(step.name);
      for (let turn = 0; turn < (slow[step.name] ?? 0) * 20; turn++)
        await new Promise((resolve) => setImmediate(resolve));
      return step.name;
    };
    const gate = Promise.withResolvers<string>();
    const flow = orchestration(
      {
        steps: [
          { name: 'a', run: 'take' },
          { name: 'b', run: 'take' },
          { name: 'c', run: 'take' },
          { name: 'last', run: 'gate', needs: ['a', 'b', 'c'] },
        ],
        answer: 'last',
      },
      { take, gate: () => gate.promise },
      (ended, { plan: before }) => {
        order.push(ended);
        return ended === 'a' || ended === 'b'
          ? { plan: { ...before, steps: [...before.steps, { name: `after-${ended}`, run: 'take' }] }, why: ended }
          : undefined;
      },
    );
    const first = await createTestEngine({ workflows: [flow] });
    const run = await first.engine.as({ user: 'alice' }).start(flow, null);
    for await (const { path, type } of run.events()) if (path === 'last' && type === 'step.started') break;
    await first.engine.close();
    const orderBefore = [...order];
    assert.ok(orderBefore.indexOf('b') < orderBefore.indexOf('a'));
    // Everything answers at once now, in the order of the plan: the journal's order must count.
    slow = {};
    const { clock, store } = first;
    const second = await createTestEngine({ workflows: [flow], clock, store, seed: 2 });
    const again = await second.engine.as({ user: 'alice' }).run(run.id);
    gate.resolve('end');
    assert.deepEqual(await again.result(), { status: 'completed', output: 'end' });
    const events = await journalOf(again);
    assert.equal(eventsOf(events, 'plan.made').length, 1);
    assert.deepEqual(
      eventsOf(events, 'plan.revised').map(({ data }) => data.after),
      ['b', 'a'],
    );
    const ofPlan = (names: readonly string[]): string[] => names.filter((name) => name.length === 1);
    assert.deepEqual(ofPlan(ran).toSorted(), ['a', 'b', 'c'], 'no step that had ended runs again');
    assert.deepEqual(ofPlan(order), ofPlan(orderBefore), 'nor does a revision');
  });
});
