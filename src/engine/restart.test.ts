/** Work without an end: a run that goes on as another one, once whatever crashes (BR1). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { defineWorkflow, type Context } from '../agents/workflow.ts';
import { limits } from '../core/limits.ts';
import { memory } from '../stores/memory.ts';
import { linkTo } from '../testing/crash-store.ts';
import { SimClock } from '../testing/sim-clock.ts';
import { createTestEngine } from '../testing/test-engine.ts';
import { assertEnded, codeOf, leaseOverMs, runsOf, streamOf } from './crash.fixture.ts';
import { eventsOf, journalOf, storeWith } from './run.fixture.ts';

const alice = { user: 'alice' };

/** Counts down to 0, one run a number; `each` is done in every run. */
function countdown(each: (ctx: Context, left: number) => Promise<unknown> = () => Promise.resolve()) {
  return defineWorkflow({
    name: 'countdown',
    version: 1,
    input: z.number(),
    async run(ctx, left): Promise<string> {
      await each(ctx, left);
      return left === 0 ? 'lift-off' : ctx.restart(left - 1);
    },
  });
}

describe('a run that restarts', () => {
  it('ends, and goes on as another one with a journal of its own; its result is that of the last', async () => {
    const workflow = countdown((ctx, left) => ctx.step('tick', () => left));
    const { engine, store } = await createTestEngine({ workflows: [workflow] });
    const run = await engine.as(alice).start(workflow, 3, { key: 'k', thread: 't' });
    assert.deepEqual(await run.result(), { status: 'completed', output: 'lift-off' });
    const runs = await runsOf(store, 'alice');
    assert.equal(runs.size, 4);
    let last: string | undefined;
    for (const [id, events] of runs) {
      assertEnded(events);
      const [queued] = eventsOf(events, 'run.queued');
      assert.deepEqual([queued?.data.continues, queued?.data.key], [last, last === undefined ? 'k' : undefined]);
      assert.equal(queued?.thread, 't');
      last = id;
    }
    assert.equal((await engine.as(alice).start(workflow, 3, { key: 'k', thread: 't' })).id, run.id);
    assert.equal((await run.row()).continuedAs, [...runs.keys()][1]);
  });

  it('stops what is open in it, and reaches nothing behind', async () => {
    const reached: string[] = [];
    const workflow = countdown(async (ctx, left) => {
      if (left === 0) return;
      void ctx.wait('never', { signal: 'never' }).catch(() => undefined);
      await ctx.restart(left - 1).catch(() => undefined);
      await ctx.step('behind', () => reached.push('behind')).catch(() => undefined);
    });
    const { engine } = await createTestEngine({ workflows: [workflow] });
    const run = await engine.as(alice).start(workflow, 2);
    assert.equal((await run.result()).status, 'completed');
    assert.deepEqual(reached, []);
    assertEnded(await journalOf(run));
  });

  it('goes on once, wherever its node crashes', async () => {
    const workflow = countdown((ctx, left) => ctx.step('tick', () => left));
    for (let crashAt = 1; ; crashAt++) {
      const clock = new SimClock();
      const store = memory({ clock });
      const link = linkTo(store, { append: crashAt, when: crashAt % 2 === 0 ? 'before' : 'after' });
      const first = await createTestEngine({ store: link, clock, workflows: [workflow] });
      void (async () => (await first.engine.as(alice).start(workflow, 2, { key: 'k' })).result())().catch(
        () => undefined,
      );
      await clock.advance(leaseOverMs);
      if (!link.cut) break;
      const { engine } = await createTestEngine({ store, clock, workflows: [workflow], seed: 2 });
      const run = await engine.as(alice).start(workflow, 2, { key: 'k' });
      assert.deepEqual(await run.result(), { status: 'completed', output: 'lift-off' }, `crash at ${crashAt}`);
      const runs = [...(await runsOf(store, 'alice')).values()];
      assert.deepEqual(runs.length, 3, `crash at ${crashAt}`);
      for (const events of runs) assertEnded(events);
    }
  });

  it('ends and begins in one commit, however full that is', async () => {
    const large = 'x'.repeat(limits.blobFromBytes - 1_000);
    const clock = new SimClock();
    const inner = memory({ clock });
    const commits: string[][] = [];
    const store = storeWith(inner, {
      append(batches) {
        for (const { events } of batches) commits.push(events.map(({ type }) => type));
        return inner.append(batches);
      },
    });
    const workflow = countdown(async (ctx, left) => {
      // As much as nearly fills a commit, in the turn that also tells the end.
      const notes = left === 1 ? Math.floor(limits.flushBytesMax / large.length) : 0;
      for (let note = 0; note < notes; note++) ctx.note(large);
      // So that the end is the last that fits: with its envelope an event has about 160 bytes more.
      if (notes > 0) ctx.note('x'.repeat(limits.flushBytesMax - notes * (large.length + 160) - 160 - 300));
    });
    const { engine } = await createTestEngine({ store, clock, workflows: [workflow] });
    for (const start of [1, 1, 1]) await (await engine.as(alice).start(workflow, start)).result();
    const stream = await streamOf(inner, 'alice');
    let from = 0;
    for (const types of commits) {
      const last = stream[from + types.length - 1];
      from += types.length;
      assert.ok(
        !(last?.type === 'run.completed' && last.data.continuedAs !== undefined),
        'cut between end and beginning',
      );
    }
  });

  it('is cancelled by its first handle too', async () => {
    const workflow = countdown((ctx) => ctx.wait('w', { forMs: 60_000 }));
    const { engine, clock } = await createTestEngine({ workflows: [workflow] });
    const run = await engine.as(alice).start(workflow, 1_000_000);
    await clock.advance(200_000);
    await run.cancel('enough');
    assert.deepEqual(await run.result(), { status: 'cancelled', reason: 'enough' });
    assert.equal((await engine.as(alice).runs({ status: ['queued', 'running', 'suspended'] })).length, 0);
  });

  it('is cancelled in whichever of its last turns that is asked: it goes on as nothing, or what it went on as ends', async () => {
    let gate = Promise.withResolvers<void>();
    const workflow = countdown((ctx, left) => (left === 0 ? ctx.wait('w', { forMs: 60_000 }) : gate.promise));
    const { engine, clock } = await createTestEngine({ workflows: [workflow] });
    const ends = new Set<string>();
    for (let turns = 0; turns < 60; turns++) {
      gate = Promise.withResolvers<void>();
      const run = await engine.as(alice).start(workflow, 1);
      await clock.settle();
      gate.resolve();
      for (let turn = 0; turn < turns; turn++) await Promise.resolve();
      const cancelled = codeOf(run.cancel('enough'));
      await clock.settle();
      assert.equal(await cancelled, 'none');
      const events = await journalOf(run);
      assert.deepEqual(await run.result(), { status: 'cancelled', reason: 'enough' }, `asked after ${turns} turns`);
      const wanted = eventsOf(events, 'cancel.requested').length > 0;
      const [end] = [...eventsOf(events, 'run.cancelled'), ...eventsOf(events, 'run.completed')];
      assert.equal(end?.type, wanted ? 'run.cancelled' : 'run.completed', `asked after ${turns} turns`);
      ends.add(end.type);
    }
    assert.equal(ends.size, 2, 'some were asked in time, and some too late');
  });

  it('keeps its thread: what was asked meanwhile comes after all of it, also behind a crash', async () => {
    const order: string[] = [];
    const workflow = countdown((ctx, left) => ctx.step('tick', () => order.push(`tick ${left}`)));
    const other = defineWorkflow({
      name: 'other',
      version: 1,
      input: z.null(),
      run: (ctx) => ctx.step('other', () => order.push('other')),
    });
    for (let append = 3; append <= 9; append++) {
      order.length = 0;
      const clock = new SimClock();
      const store = memory({ clock });
      const link = linkTo(store, { append, when: 'after' });
      const first = await createTestEngine({ store: link, clock, workflows: [workflow, other] });
      const door = first.engine.as(alice);
      void door.start(workflow, 3, { key: 'k', thread: 't' }).catch(() => undefined);
      void door.start(other, null, { key: 'o', thread: 't' }).catch(() => undefined);
      await clock.advance(leaseOverMs);
      link.freeze();
      await clock.advance(leaseOverMs);
      const { engine } = await createTestEngine({ store, clock, workflows: [workflow, other], seed: 2 });
      const after = engine.as(alice);
      await (await after.start(workflow, 3, { key: 'k', thread: 't' })).result();
      await (await after.start(other, null, { key: 'o', thread: 't' })).result();
      assert.equal(order.indexOf('other'), order.length - 1, `crash at ${append}: ${order.join(', ')}`);
      assert.equal(order.at(-2), 'tick 0');
      await engine.close();
    }
  });

  it('refuses an input that the workflow does not take', async () => {
    const workflow = countdown((ctx) => ctx.restart('three'));
    const { engine } = await createTestEngine({ workflows: [workflow] });
    const outcome = await (await engine.as(alice).start(workflow, 1)).result();
    assert.equal(outcome.status === 'failed' && outcome.error.code, 'invalid_input');
  });

  it('is what a run of too many events is told to do', async () => {
    const endless = defineWorkflow({
      name: 'endless',
      version: 1,
      input: z.null(),
      async run(ctx) {
        for (let note = 0; note <= limits.runEventsMax; note++) ctx.note('again');
        await ctx.step('after', () => 1);
      },
    });
    const { engine } = await createTestEngine({ workflows: [endless] });
    const outcome = await (await engine.as(alice).start(endless, null)).result();
    assert.ok(outcome.status === 'failed');
    assert.equal(outcome.error.code, 'limit_exceeded');
    assert.match(outcome.error.hint ?? '', /ctx\.restart\(input\)/);
  });
});
