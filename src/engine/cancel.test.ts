/** P4: a cancel ends every run, in whatever it finds it; and what ends a run closes all that was open in it first. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { defineAgent } from '../agents/agent.ts';
import { defineTool } from '../agents/tool.ts';
import type { Context } from '../agents/workflow.ts';
import { limits } from '../core/limits.ts';
import { memory } from '../stores/memory.ts';
import { SimClock } from '../testing/sim-clock.ts';
import { createTestEngine } from '../testing/test-engine.ts';
import { assertEnded, codeOf, flow, runsOf } from './crash.fixture.ts';
import { eventsOf, journalOf, linesOf } from './run.fixture.ts';

const never = (): Promise<never> => new Promise(() => undefined);
const pay = defineTool({ name: 'pay', description: 'Pays.', effect: 'once', input: z.null(), run: never });
const look = defineTool({ name: 'look', description: 'Looks.', effect: 'read', input: z.null(), run: never });
const lost = defineTool({
  name: 'lost',
  description: 'Is lost.',
  effect: 'once',
  input: z.null(),
  run: () => Promise.reject(new Error('reset')),
});
const clerk = defineAgent({ name: 'clerk', instructions: '', tools: [look] });

const phases: Record<string, (ctx: Context) => Promise<unknown>> = {
  'in a step': (ctx) => ctx.step('a', never),
  'in a nested step': (ctx) => ctx.step('a', (inner) => inner.step('b', never)),
  'in a tool that ignores its signal': (ctx) => ctx.tool(look, null),
  'in a `once` tool': (ctx) => ctx.tool(pay, null),
  'in a model call': (ctx) => ctx.agent(clerk, 'slow'),
  'in a tool of an agent': (ctx) => ctx.agent(clerk, 'look'),
  'in a wait': (ctx) => ctx.wait('w', { signal: 'go' }),
  'in a race': (ctx) =>
    ctx.race('r', { a: (inner) => inner.step('s', never), b: (inner) => inner.wait('w', { signal: 'x' }) }),
  'in a pause before a retry': (ctx) =>
    ctx.step('a', () => Promise.reject(new Error('no')), { retry: { attempts: 3, delayMs: 50_000 } }),
  'in doubt': (ctx) => ctx.tool(lost, null),
  'in a body that never returns': never,
  'in a body that swallows the cancel and goes on': async (ctx) => {
    for (let key = 1; key < 100; key++) await ctx.step('a', never, { key: String(key) }).catch(() => undefined);
    return 'pretended';
  },
  'in parallel calls': (ctx) =>
    Promise.all([ctx.step('a', never), ctx.wait('w', { forMs: 99_999 }), ctx.tool(look, null)]),
};

async function start(body: (ctx: Context) => Promise<unknown>, deadlineMs = 60_000) {
  const workflow = flow('flow', body, { deadlineMs });
  const made = await createTestEngine({
    workflows: [workflow],
    limits: { runningMax: 1, freshUserSlotShare: 0 },
    script: ({ messages }) =>
      messages[0]?.role === 'user' && messages[0].text === 'look'
        ? { toolCalls: [{ name: 'look', input: null }] }
        : { text: 'x', delayMs: 50_000 },
  });
  const run = await made.engine.as({ user: 'alice' }).start(workflow, null);
  await made.clock.advance(2_000);
  return { ...made, workflow, run };
}

describe('a cancel', () => {
  for (const [phase, body] of Object.entries(phases)) {
    it(`ends a run ${phase}, once and last (P4)`, async () => {
      const { run, clock } = await start(body);
      await run.cancel('enough');
      await clock.advance(3 * limits.endGraceMs);
      assert.deepEqual(await run.result(), { status: 'cancelled', reason: 'enough' });
      const events = await journalOf(run);
      assertEnded(events);
      assert.equal(eventsOf(events, 'cancel.requested').length, 1);
      assert.deepEqual(
        events.filter(({ type, path }) => path?.startsWith('a:') && type === 'step.started').length <= 1,
        true,
      );
      await run.cancel('again');
      assert.equal((await journalOf(run)).length, events.length);
    });
  }

  it('ends a run that waits for its first slot, without one', async () => {
    const { engine, workflow, clock } = await start(phases['in a step'] as (ctx: Context) => Promise<unknown>);
    const queued = await engine.as({ user: 'bob' }).start(workflow, null);
    await queued.cancel();
    await clock.settle();
    assert.equal((await queued.result()).status, 'cancelled');
    assert.deepEqual(linesOf(await journalOf(queued)), ['run.queued', 'cancel.requested', 'run.cancelled']);
  });

  it('ends a run that was woken and waits for its slot again, without one', async () => {
    const body = async (ctx: Context): Promise<unknown> => {
      await ctx.tool(lost, null);
      return ctx.step('never', never);
    };
    const { engine, run, clock, workflow } = await start(body);
    const hog = await engine.as({ user: 'bob' }).start(workflow, null);
    await clock.settle();
    await hog.decide('lost', 'happened', 1);
    await clock.settle();
    await run.decide('lost', 'happened', 1).catch(() => undefined);
    await clock.settle();
    await run.cancel('enough');
    await clock.advance(3 * limits.endGraceMs);
    assert.equal((await run.result()).status, 'cancelled');
    assert.equal((await hog.state()).status, 'running');
  });

  it('ends a run that is parked', async () => {
    const workflow = flow('flow', (ctx) => ctx.wait('w', { signal: 'go' }));
    const first = await createTestEngine({ workflows: [workflow] });
    const { id } = await first.engine.as({ user: 'alice' }).start(workflow, null);
    await first.clock.settle();
    await first.engine.close();
    const { engine } = await createTestEngine({ store: first.store, clock: first.clock, seed: 2 });
    const run = await engine.as({ user: 'alice' }).run(id);
    await first.clock.settle();
    assert.equal((await run.state()).status, 'parked');
    await run.cancel('enough');
    assert.deepEqual(await run.result(), { status: 'cancelled', reason: 'enough' });
    assertEnded(await journalOf(run));
  });
});

describe('a deadline', () => {
  for (const [phase, body] of Object.entries(phases)) {
    if (phase.includes('wait') || phase.includes('doubt')) continue;
    it(`ends a run ${phase} as failed`, async () => {
      const { run, clock } = await start(body, 10_000);
      await clock.advance(10_000 + 3 * limits.endGraceMs);
      const outcome = await run.result();
      assert.equal(outcome.status === 'failed' && outcome.error.code, 'deadline_exceeded');
      assertEnded(await journalOf(run));
    });
  }
});

describe('an engine that is closed in the middle', () => {
  for (const [phase, body] of Object.entries(phases)) {
    it(`lets go of a run ${phase}, keeps no timer, and the next goes on with it`, async () => {
      const timers = new Set<symbol>();
      const clock = new SimClock();
      const counting: SimClock = Object.assign(Object.create(clock) as SimClock, {
        now: () => clock.now(),
        monotonic: () => clock.monotonic(),
        soon: (fn: () => void) => clock.soon(fn),
        after(ms: number, fn: () => void, background?: 'background') {
          const id = Symbol(`${ms} ms`);
          timers.add(id);
          const stop = clock.after(ms, () => (timers.delete(id), fn()), background);
          return () => (timers.delete(id), stop());
        },
      });
      const store = memory({ clock });
      const workflow = flow('flow', body);
      const options = { workflows: [workflow], store, script: () => ({ text: 'x', delayMs: 50_000 }) };
      const first = await createTestEngine({ ...options, clock: counting });
      const run = await first.engine.as({ user: 'alice' }).start(workflow, null);
      await clock.advance(2_000);
      const told = codeOf(run.result());
      await first.engine.close();
      assert.equal(await told, 'closed');
      await clock.settle();
      const left = [...timers].map((timer) => timer.description).filter((ms) => ms !== '50000 ms');
      assert.deepEqual(left, [], 'timers left behind');
      assert.equal(await codeOf(first.engine.as({ user: 'alice' }).start(workflow, null)), 'closed');

      const second = await createTestEngine({ ...options, clock, seed: 2 });
      const again = await second.engine.as({ user: 'alice' }).run(run.id);
      await clock.advance(100);
      await again.cancel('enough');
      await clock.advance(3 * limits.endGraceMs);
      assert.equal((await again.result()).status, 'cancelled');
      for (const events of (await runsOf(store, 'alice')).values()) assertEnded(events);
    });
  }
});
