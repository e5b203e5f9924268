import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import type { Schema } from '../agents/schema.ts';
import type { Context } from '../agents/workflow.ts';
import { limits } from '../core/limits.ts';
import { memory } from '../stores/memory.ts';
import { linkTo } from '../testing/crash-store.ts';
import { SimClock } from '../testing/sim-clock.ts';
import { createTestEngine } from '../testing/test-engine.ts';
import { codeOf, flow, streamOf } from './crash.fixture.ts';
import type { EngineLimits } from './create-engine.ts';
import { eventsOf, journalOf, linesOf, until } from './run.fixture.ts';

let clockOf = new SimClock();

async function start(body: (ctx: Context) => Promise<unknown>, deadlineMs = 10_000, bounds: EngineLimits = {}) {
  const workflow = flow('flow', body, { deadlineMs });
  clockOf = new SimClock();
  const made = await createTestEngine({ workflows: [workflow], limits: bounds, clock: clockOf });
  const run = await made.engine.as({ user: 'alice' }).start(workflow, null);
  await made.clock.settle();
  return { ...made, workflow, run };
}

describe('a wait for time', () => {
  it('ends when it is due, and returns nothing', async () => {
    const { run, clock } = await start((ctx) => ctx.wait('w', { forMs: 3_600_000 }));
    await clock.advance(3_599_000);
    assert.equal((await run.state()).status, 'suspended');
    await clock.advance(1_000);
    assert.deepEqual(await run.result(), { status: 'completed', output: null });
    assert.deepEqual(eventsOf(await journalOf(run), 'wait.ended')[0]?.data, { by: 'time' });
  });

  it('ends at once when its time has passed', async () => {
    const { run } = await start((ctx) => ctx.wait('w', { until: 5 }));
    assert.equal((await run.result()).status, 'completed');
  });

  it('needs an end', async () => {
    const { run } = await start((ctx) => ctx.wait('w', { forMs: Number.NaN }));
    const outcome = await run.result();
    assert.equal(outcome.status === 'failed' && outcome.error.code, 'invalid_input');
    const endless = await start((ctx) => ctx.wait('w', {} as never));
    assert.equal((await endless.run.result()).status, 'failed');
    const unnamed = await start((ctx) => ctx.wait('w', { signal: 1n as never }));
    assert.equal((await unnamed.run.result()).status, 'failed');
  });
});

describe('a wait for a signal', () => {
  it('returns the value that is sent', async () => {
    const { run } = await start((ctx) => ctx.wait('w', { signal: 'go' }));
    await run.signal('go', { ok: true });
    assert.deepEqual(await run.result(), { status: 'completed', output: { expired: false, value: { ok: true } } });
  });

  it('takes one that came before it', async () => {
    const { run, clock } = await start(async (ctx) => {
      await ctx.wait('first', { forMs: 60_000 });
      return ctx.wait('w', { signal: 'go' });
    });
    await run.signal('go', 'early');
    await clock.advance(60_000);
    assert.deepEqual(await run.result(), { status: 'completed', output: { expired: false, value: 'early' } });
  });

  it('takes them in the order they came, also those that come while others are matched (Z1)', async () => {
    const slow: Schema<unknown> = {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate: async (value) => {
          for (let turn = 0; turn < 20; turn++) await Promise.resolve();
          return { value };
        },
      },
    };
    const { run, clock } = await start(async (ctx) => {
      await ctx.wait('first', { forMs: 60_000 });
      const got: unknown[] = [];
      for (const key of ['1', '2', '3'])
        got.push(await ctx.wait('w', { signal: 'go', ...(key === '1' ? { schema: slow } : {}) }, { key }));
      return got.map((one) => (one as { value: unknown }).value);
    });
    await run.signal('go', 'a');
    await run.signal('go', 'b');
    await clock.advance(59_999);
    const moving = clock.advance(1);
    await Promise.all([moving, run.signal('go', 'c')]);
    assert.deepEqual(await run.result(), { status: 'completed', output: ['a', 'b', 'c'] });
  });

  it('takes a key once, also when two of it are checked at the same time (Z2)', async () => {
    const { run } = await start(async (ctx) => {
      const first = await ctx.wait('w', { signal: 'go', schema: z.number() }, { key: '1' });
      const second = await ctx.wait('w', { signal: 'go', expiresInMs: 500 }, { key: '2' });
      return [first.expired, second.expired];
    });
    await Promise.all([run.signal('go', 1, { key: 'k' }), run.signal('go', 1, { key: 'k' })]);
    await run.signal('go', 1, { key: 'k' });
    assert.equal(await codeOf(run.signal('other', 1, { key: 'k' })), 'conflict');
    assert.deepEqual(await run.result(), { status: 'completed', output: [false, true] });
    assert.equal(eventsOf(await journalOf(run), 'signal.received').length, 1);
  });

  it('refuses to the sender what its schema does not take, and waits on', async () => {
    const { run } = await start((ctx) => ctx.wait('w', { signal: 'go', schema: z.object({ ok: z.boolean() }) }));
    assert.equal(await codeOf(run.signal('go', { ok: 'maybe' })), 'invalid_input');
    await run.signal('go', { ok: true });
    assert.equal((await run.result()).status, 'completed');
    assert.equal(eventsOf(await journalOf(run), 'signal.received').length, 1);
  });

  it('passes over an earlier one that does not fit, or that its schema breaks on', async () => {
    const schema = z.unknown().refine((value) => {
      if (value === 'break') throw new Error('a broken schema');
      return value === 'good';
    });
    const { run, clock } = await start(async (ctx) => {
      await ctx.wait('first', { forMs: 60_000 });
      return ctx.wait('w', { signal: 'go', schema });
    });
    for (const value of ['bad', 'break', 'good']) await run.signal('go', value);
    await clock.advance(60_000);
    assert.deepEqual(await run.result(), { status: 'completed', output: { expired: false, value: 'good' } });
  });

  it('takes a large one', async () => {
    const large = 'z'.repeat(limits.blobFromBytes);
    const { run } = await start((ctx) => ctx.wait('w', { signal: 'go', schema: z.string() }));
    await run.signal('go', large);
    assert.deepEqual(await run.result(), { status: 'completed', output: { expired: false, value: large } });
  });

  it('expires', async () => {
    const { run, clock } = await start((ctx) => ctx.wait('w', { signal: 'go', expiresInMs: 60_000 }));
    await clock.advance(60_000);
    assert.deepEqual(await run.result(), { status: 'completed', output: { expired: true } });
    assert.equal(await codeOf(run.signal('go')), 'conflict');
  });
});

describe('a run whose open calls are all waits', () => {
  it('is suspended, and resumed when one ends', async () => {
    const { run, clock } = await start((ctx) =>
      Promise.all([ctx.wait('a', { forMs: 60_000 }), ctx.wait('b', { forMs: 120_000 })]).then(() => 'done'),
    );
    await clock.advance(120_000);
    const events = await journalOf(run);
    assert.deepEqual(
      linesOf(events).filter((line) => line.startsWith('run.')),
      ['run.queued', 'run.started', 'run.suspended', 'run.resumed', 'run.suspended', 'run.resumed', 'run.completed'],
    );
    assert.deepEqual(eventsOf(events, 'run.suspended')[0]?.data.waits.toSorted(), ['a', 'b']);
  });

  it('is not suspended while a step is open beside them', async () => {
    const { run, clock, store } = await start((ctx) =>
      Promise.all([
        ctx.wait('a', { forMs: 5_000 }),
        ctx.step('b', () => new Promise<void>((resolve) => void clockOf.after(3_000, resolve))),
      ]).then(() => 'done'),
    );
    await clock.advance(2_000);
    assert.equal(eventsOf(await streamOf(store, 'alice'), 'run.suspended').length, 0);
    await clock.advance(3_000);
    assert.equal((await run.result()).status, 'completed');
    assert.equal(eventsOf(await journalOf(run), 'run.suspended').length, 1);
  });

  it('has the clock of its deadline stand, and says what is left of it', async () => {
    const { run, clock, store } = await start(async (ctx) => {
      await ctx.step('work', () => new Promise<void>((resolve) => void clockOf.after(4_000, resolve)));
      await ctx.wait('w', { forMs: 3_600_000 });
      await ctx.step('more', () => new Promise<void>((resolve) => void clockOf.after(7_000, resolve)));
    });
    await clock.advance(4_000);
    await clock.advance(3_600_000);
    await clock.advance(5_900);
    assert.equal((await run.state()).status, 'running');
    assert.equal(eventsOf(await streamOf(store, 'alice'), 'run.suspended')[0]?.data.activeLeftMs, 6_000);
    await clock.advance(101 + limits.endGraceMs);
    const outcome = await run.result();
    assert.equal(outcome.status === 'failed' && outcome.error.code, 'deadline_exceeded');
  });

  it('returns its slot, and waits for one when it is woken', async () => {
    const { engine, run, clock, workflow } = await start(
      async (ctx) => {
        await ctx.wait('w', { signal: 'go' });
        return ctx.step('work', () => new Promise<void>((resolve) => void clockOf.after(5_000, resolve)));
      },
      10_000,
      { runningMax: 1, freshUserSlotShare: 0 },
    );
    const other = await engine.as({ user: 'bob' }).start(workflow, null);
    await clock.settle();
    assert.equal((await other.state()).status, 'suspended', 'the slot was free for another');
    await Promise.all([run.signal('go'), other.signal('go')]);
    await clock.settle();
    const both = [(await run.state()).status, (await other.state()).status];
    assert.deepEqual(both.toSorted(), ['running', 'suspended'], 'one slot, one run');
    await clock.advance(10_000);
    assert.deepEqual(
      [await run.result(), await other.result()].map(({ status }) => status),
      ['completed', 'completed'],
    );
  });

  it('is not suspended again between the end of a wait and what follows it', async () => {
    const clock = new SimClock();
    const store = memory({ clock });
    const link = linkTo(store);
    const gate = Promise.withResolvers<void>();
    const work = Promise.withResolvers<void>();
    let held = false;
    link.intercept(async (batches) => {
      if (batches.some(({ events }) => events.some(({ type }) => type === 'step.completed')) && !held) {
        held = true;
        await gate.promise;
      }
      return store.append(batches);
    });
    const workflow = flow('flow', async (ctx) => {
      const slow = ctx.step('slow', () => work.promise);
      await ctx.wait('w', { signal: 'go' });
      await slow;
      return 'done';
    });
    const { engine } = await createTestEngine({ workflows: [workflow], store: link, clock });
    const run = await engine.as({ user: 'alice' }).start(workflow, null);
    await clock.settle();
    work.resolve();
    await until(() => held);
    // The end of the step is being written when the wait ends, so the wait's own end is in the commit after.
    const told = run.signal('go');
    await clock.settle();
    gate.resolve();
    await told;
    assert.deepEqual(await run.result(), { status: 'completed', output: 'done' });
    assert.deepEqual(eventsOf(await journalOf(run), 'run.suspended'), []);
  });
});
