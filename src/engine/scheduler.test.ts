/** Who gets a slot, and that each is given back: H1 to H5, and P6 measured in the ms of the clock that tests hold. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { defineAgent } from '../agents/agent.ts';
import { defineWorkflow } from '../agents/workflow.ts';
import type { Clock } from '../core/clock.ts';
import { SimClock } from '../testing/sim-clock.ts';
import { createTestEngine } from '../testing/test-engine.ts';
import type { EngineLimits } from './create-engine.ts';
import { eventsOf, journalOf } from './run.fixture.ts';
import type { RunHandle } from './run-handle.ts';

const pause = (clock: Clock, ms: number) => new Promise<void>((resolve) => void clock.after(ms, resolve));

/** An engine whose workflow `work` takes `ms` of its slot, and `idle` waits for a word without one. */
async function open(limits: EngineLimits) {
  const clock = new SimClock();
  const now = { total: 0, totalMax: 0, perUser: new Map<string, number>(), perUserMax: 0 };
  const work = defineWorkflow({
    name: 'work',
    version: 1,
    input: z.object({ ms: z.number(), end: z.enum(['well', 'badly', 'never']).optional() }),
    run: (ctx, { ms, end = 'well' }) =>
      ctx.step('work', async () => {
        const own = (now.perUser.get(ctx.user.user) ?? 0) + 1;
        now.perUser.set(ctx.user.user, own);
        now.totalMax = Math.max(now.totalMax, ++now.total);
        now.perUserMax = Math.max(now.perUserMax, own);
        try {
          if (end === 'never') await new Promise((_, reject) => ctx.signal.addEventListener('abort', reject));
          await pause(clock, ms);
          if (end === 'badly') throw new Error('broken');
        } finally {
          now.total--;
          now.perUser.set(ctx.user.user, (now.perUser.get(ctx.user.user) ?? 0) - 1);
        }
      }),
  });
  const idle = defineWorkflow({
    name: 'idle',
    version: 1,
    input: z.null(),
    run: async (ctx) => {
      await ctx.wait('word', { signal: 'word' });
      return ctx.step('after', () => 'woken');
    },
  });
  const made = await createTestEngine({ workflows: [work, idle], limits, clock });
  return { ...made, work, idle, now, alice: made.engine.as({ user: 'alice' }), bob: made.engine.as({ user: 'bob' }) };
}

async function waitedMs(run: RunHandle<unknown>): Promise<number> {
  const events = await journalOf(run);
  const [queued, started] = [eventsOf(events, 'run.queued')[0], eventsOf(events, 'run.started')[0]];
  return (started?.at ?? Infinity) - (queued?.at ?? 0);
}

describe('slots', () => {
  it('are never more than there may be, in all and of one user, and never fewer than can be used (H1)', async () => {
    const { engine, work, now } = await open({ runningMax: 7, runningPerUserMax: 2, freshUserSlotShare: 0 });
    const runs: RunHandle<unknown>[] = [];
    for (let user = 0; user < 5; user++)
      for (let n = 0; n < 10; n++) runs.push(await engine.as({ user: `user${user}` }).start(work, { ms: 10 + n }));
    for (const run of runs) assert.equal((await run.result()).status, 'completed');
    assert.deepEqual([now.totalMax, now.perUserMax, now.total], [7, 2, 0]);
  });

  it('are given back however a run ends (H5)', async () => {
    const { alice, work, idle, clock } = await open({ runningMax: 1, runningPerUserMax: 1 });
    const works = async (after: string): Promise<void> => {
      const run = await alice.start(work, { ms: 1 });
      await clock.settle();
      assert.deepEqual((await alice.run(run.id).then((one) => one.state())).status, 'completed', `after ${after}`);
    };
    await (await alice.start(work, { ms: 1, end: 'badly' })).result();
    await works('a failure');
    const running = await alice.start(work, { ms: 1, end: 'never' });
    const queued = await alice.start(work, { ms: 1 });
    await clock.settle();
    await queued.cancel();
    assert.equal((await queued.result()).status, 'cancelled');
    await running.cancel();
    assert.equal((await running.result()).status, 'cancelled');
    await works('cancels');
    const timed = await alice.start(work, { ms: 1, end: 'never' }, { deadlineMs: 5_000 });
    await clock.settle();
    await clock.advance(5_000);
    assert.equal((await timed.result()).status, 'failed');
    await works('a deadline');
    const suspended = await alice.start(idle, null);
    await clock.settle();
    await works('a suspension');
    await suspended.cancel();
    assert.equal((await suspended.result()).status, 'cancelled');
    await works('the cancel of what was suspended');
  });

  it('of a run that ends while it waits for one again are not needed for its end', async () => {
    const { alice, work, idle, clock } = await open({ runningMax: 1, runningPerUserMax: 1 });
    const waiting = await alice.start(idle, null);
    await clock.settle();
    const holding = await alice.start(work, { ms: 1, end: 'never' });
    await clock.settle();
    await waiting.signal('word');
    await clock.settle();
    assert.equal((await waiting.state()).status, 'suspended', 'it has been woken, and there is no slot');
    await waiting.cancel('enough');
    await clock.advance(2_000);
    assert.equal((await waiting.state()).status, 'cancelled');
    await holding.cancel();
    await clock.settle();
    assert.equal((await (await alice.start(work, { ms: 1 })).result()).status, 'completed');
  });
});

describe('a flooder (P6)', () => {
  const floodMs = 100;

  it('delays a light user by at most one turnover of a slot', async () => {
    const { alice, bob, work } = await open({ runningMax: 4, runningPerUserMax: 4, freshUserSlotShare: 0 });
    for (let n = 0; n < 1_000; n++) await alice.start(work, { ms: floodMs });
    for (let n = 0; n < 5; n++) {
      const run = await bob.start(work, { ms: 1 });
      await run.result();
      const waited = await waitedMs(run);
      assert.ok(waited <= floodMs + 10, `run ${n} waited ${waited} ms`);
    }
  });

  it('leaves the last share of the slots to those with nothing running (H3)', async () => {
    const { alice, bob, work, now, clock } = await open({
      runningMax: 4,
      runningPerUserMax: 4,
      freshUserSlotShare: 0.25,
    });
    for (let n = 0; n < 50; n++) await alice.start(work, { ms: 900 });
    assert.equal(now.totalMax, 3);
    const run = await bob.start(work, { ms: 1 });
    await run.result();
    assert.ok((await waitedMs(run)) < 10);
    await clock.settle();
  });

  it('gets no credit for a time in which a thread of its own only waited (H2)', async () => {
    const { alice, bob, work, idle, clock } = await open({
      runningMax: 1,
      runningPerUserMax: 1,
      freshUserSlotShare: 0,
    });
    await alice.start(idle, null, { thread: 'long' });
    const bobs: RunHandle<unknown>[] = [];
    for (let n = 0; n < 60; n++) bobs.push(await bob.start(work, { ms: 500 }));
    // Half of what bob wants is done when alice, who has used nothing for 15 s, comes with a flood.
    await bobs[29]?.result();
    for (let n = 0; n < 60; n++) await alice.start(work, { ms: 500 });
    const before = clock.now();
    await bobs[39]?.result();
    const waited = clock.now() - before;
    assert.ok(waited <= 11_000, `ten runs of bob took ${waited} ms, and 10 s is half of the slot`);
    await clock.settle();
  });

  it('shares by time used and not by count: short runs of one stand beside long ones of another', async () => {
    const { alice, bob, work } = await open({ runningMax: 1, runningPerUserMax: 1, freshUserSlotShare: 0 });
    const long: RunHandle<unknown>[] = [];
    const short: RunHandle<unknown>[] = [];
    for (let n = 0; n < 10; n++) long.push(await alice.start(work, { ms: 400 }));
    for (let n = 0; n < 40; n++) short.push(await bob.start(work, { ms: 100 }));
    await Promise.all([...long, ...short].map((run) => run.result()));
    const startedAt = async (run: RunHandle<unknown>) => eventsOf(await journalOf(run), 'run.started')[0]?.at ?? 0;
    const middle = await startedAt(long[5] as RunHandle<unknown>);
    let before = 0;
    for (const run of short) if ((await startedAt(run)) < middle) before++;
    // Five long runs are 2 s: so much of bob's work is done by then, give or take a turnover.
    assert.ok(before >= 16 && before <= 24, `${before} short ones before the sixth long one`);
  });
});

describe('a thread (H4)', () => {
  it('has one run at a time, in the order they were asked for, also while that one only waits', async () => {
    const { alice, work, idle, clock } = await open({});
    const waiting = await alice.start(idle, null, { thread: 't' });
    const second = await alice.start(work, { ms: 1 }, { thread: 't' });
    const third = await alice.start(work, { ms: 1 }, { thread: 't' });
    const other = await alice.start(work, { ms: 1 }, { thread: 'u' });
    await clock.settle();
    const statuses = async () =>
      Promise.all([waiting, second, third, other].map(async (run) => (await run.state()).status));
    assert.deepEqual(await statuses(), ['suspended', 'queued', 'queued', 'completed']);
    await waiting.signal('word');
    await clock.settle();
    assert.deepEqual(await statuses(), ['completed', 'completed', 'completed', 'completed']);
    const at = async (run: RunHandle<unknown>) => eventsOf(await journalOf(run), 'run.started')[0]?.userSeq ?? 0;
    assert.ok((await at(second)) < (await at(third)));
  });

  it('of another user with the same name is another thread', async () => {
    const { alice, bob, work, idle } = await open({});
    const waiting = await alice.start(idle, null, { thread: 't' });
    assert.equal((await (await bob.start(work, { ms: 1 }, { thread: 't' })).result()).status, 'completed');
    await waiting.cancel();
  });

  it('may refuse a message while it is busy, and takes the next as soon as the end is told', async () => {
    const clerk = defineAgent({ name: 'clerk', instructions: '', onBusy: 'refuse' });
    const { engine } = await createTestEngine({ agents: [clerk], script: () => 'Hi.' });
    const alice = engine.as({ user: 'alice' });
    const first = await alice.start(clerk, 'One', { thread: 't' });
    await assert.rejects(alice.start(clerk, 'Two', { thread: 't' }), { code: 'conflict', retryable: true });
    await (await alice.start(clerk, 'Elsewhere', { thread: 'u' })).result();
    for await (const { type } of first.events()) {
      if (type !== 'run.completed') continue;
      assert.equal((await (await alice.start(clerk, 'Two', { thread: 't' })).result()).status, 'completed');
    }
  });
});

describe('a queue', () => {
  it('has a bound for each user, which says so and lets the others in', async () => {
    const { alice, bob, work } = await open({ runningMax: 1, runningPerUserMax: 1, queuedPerUserMax: 3 });
    for (let n = 0; n < 4; n++) await alice.start(work, { ms: 10 });
    await assert.rejects(alice.start(work, { ms: 10 }), {
      code: 'limit_exceeded',
      retryable: true,
      message: 'You have 3 runs waiting already.',
    });
    assert.equal((await alice.runs()).length, 4, 'what was refused is not in the journal');
    await bob.start(work, { ms: 10 });
  });

  it('has a bound for all, which names nobody', async () => {
    const { alice, bob, work } = await open({ runningMax: 1, runningPerUserMax: 1, queuedMax: 2 });
    for (let n = 0; n < 3; n++) await alice.start(work, { ms: 10 });
    await assert.rejects(bob.start(work, { ms: 10 }), {
      code: 'limit_exceeded',
      message: 'This node has as many runs waiting as it takes.',
    });
  });
});
