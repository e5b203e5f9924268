/** What only waits is dropped from memory, and goes on as if it had not been (SL1 to SL5). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { defineAgent } from '../agents/agent.ts';
import { defineTool } from '../agents/tool.ts';
import type { Context, Workflow } from '../agents/workflow.ts';
import { limits } from '../core/limits.ts';
import type { Store } from '../journal/store.ts';
import { memory } from '../stores/memory.ts';
import { linkTo } from '../testing/crash-store.ts';
import { SimClock } from '../testing/sim-clock.ts';
import { createTestEngine } from '../testing/test-engine.ts';
import { assertEnded, codeOf, flow, leaseOverMs, streamOf } from './crash.fixture.ts';
import { eventsOf, journalOf, linesOf, storeWith } from './run.fixture.ts';

type Reads = { events: number };

/** A store that counts the events that are read of it. */
function counted(store: Store, reads: Reads): Store {
  return storeWith(store, {
    async read(tenant, user, options) {
      const page = await store.read(tenant, user, options);
      reads.events += page.events.length;
      return page;
    },
  });
}

/** A run of `body`, up to where it waits and was quiet for long. `bodies` counts how often the body was begun. */
async function evicted(body: (ctx: Context) => Promise<unknown>, more: readonly Workflow[] = []) {
  const seen = { bodies: 0 };
  const workflow = flow('flow', (ctx) => (seen.bodies++, body(ctx)));
  const clock = new SimClock();
  const store = memory({ clock });
  const made = await createTestEngine({ store, clock, workflows: [workflow, ...more] });
  const alice = made.engine.as({ user: 'alice' });
  const run = await alice.start(workflow, null);
  await clock.advance(limits.evictAfterMs + 1_000);
  return { ...made, clock, workflow, alice, run, seen };
}

describe('an evicted run', () => {
  it('is told nothing of, and no `finally` of it runs', async () => {
    let cleaned = 0;
    const { store, seen, clock } = await evicted(async (ctx) => {
      try {
        await ctx.wait('w', { signal: 'go' });
      } finally {
        cleaned++;
      }
    });
    await clock.advance(limits.evictAfterMs);
    const events = await streamOf(store, 'alice');
    assert.equal(events.at(-1)?.type, 'run.suspended');
    assert.deepEqual([cleaned, seen.bodies], [0, 1]);
  });

  it('is woken by its signal, and goes on over its journal as woken, once (SL3)', async () => {
    let worked = 0;
    const { run, seen } = await evicted(async (ctx) => {
      await ctx.step('a', () => ++worked);
      const answer = await ctx.wait<number>('w', { signal: 'go' });
      return answer.expired ? 'expired' : answer.value;
    });
    assert.equal(seen.bodies, 1);
    await run.signal('go', 7);
    assert.deepEqual(await run.result(), { status: 'completed', output: 7 });
    assert.deepEqual([worked, seen.bodies], [1, 2]);
    const events = await journalOf(run);
    assertEnded(events);
    assert.deepEqual(
      eventsOf(events, 'run.resumed').map(({ data }) => data.reason),
      ['woken'],
    );
    assert.equal((await run.state()).recoveriesWithoutProgress, 0);
  });

  it('is woken by its time, and is not suspended again before it goes on', async () => {
    const { run, clock, seen } = await evicted((ctx) => ctx.wait('w', { forMs: 3_600_000 }));
    await clock.advance(3_500_000);
    assert.equal(seen.bodies, 1);
    await clock.advance(100_000);
    assert.deepEqual(await run.result(), { status: 'completed', output: null });
    assert.deepEqual(linesOf(await journalOf(run)), [
      'run.queued',
      'run.started',
      'wait.started w',
      'run.suspended',
      'run.resumed',
      'wait.ended w',
      'run.completed',
    ]);
  });

  it('is woken by the expiry of its wait', async () => {
    const { run, clock } = await evicted((ctx) => ctx.wait('w', { signal: 'go', expiresInMs: 90_000 }));
    await clock.advance(90_000);
    assert.deepEqual(await run.result(), { status: 'completed', output: { expired: true } });
  });

  it('ends by a cancel, without its body', async () => {
    const { run, seen } = await evicted((ctx) => ctx.wait('w', { signal: 'go' }));
    await run.cancel('enough');
    assert.deepEqual(await run.result(), { status: 'cancelled', reason: 'enough' });
    assertEnded(await journalOf(run));
    assert.ok(seen.bodies <= 2);
  });

  it('is woken by a decision', async () => {
    const pay = defineTool({
      name: 'pay',
      description: 'Pays.',
      effect: 'once',
      input: z.null(),
      run: () => Promise.reject(new Error('the line went dead')),
    });
    const { run, store, seen } = await evicted((ctx) => ctx.tool(pay, null));
    assert.equal((await streamOf(store, 'alice')).at(-1)?.type, 'run.suspended');
    await run.decide('pay', 'happened', 'paid');
    assert.deepEqual(await run.result(), { status: 'completed', output: 'paid' });
    assert.equal(seen.bodies, 2);
  });

  it('refuses a signal that its wait refuses, and waits on (Z3)', async () => {
    const { run, clock } = await evicted(async (ctx) => {
      const answer = await ctx.wait('w', { signal: 'go', schema: z.number() });
      return answer.expired ? 'expired' : answer.value;
    });
    assert.equal(await codeOf(run.signal('go', 'seven')), 'invalid_input');
    await clock.advance(limits.evictAfterMs + 1_000);
    await run.signal('go', 7);
    assert.deepEqual(await run.result(), { status: 'completed', output: 7 });
    assert.equal(eventsOf(await journalOf(run), 'signal.received').length, 1);
  });

  it('keeps what nobody waits for yet', async () => {
    const { run, clock } = await evicted(async (ctx) => {
      await ctx.wait('first', { signal: 'one' });
      return ctx.wait('second', { signal: 'two' });
    });
    await run.signal('two', 2, { key: 'k' });
    await clock.advance(limits.evictAfterMs + 1_000);
    await run.signal('two', 2, { key: 'k' });
    await run.signal('one');
    assert.deepEqual(await run.result(), { status: 'completed', output: { expired: false, value: 2 } });
    assert.equal(eventsOf(await journalOf(run), 'signal.received').length, 2);
  });

  it('is waited for by whoever did before, and after', async () => {
    const workflow = flow('flow', (ctx) => ctx.wait('w', { forMs: 3_600_000 }));
    const { engine, clock } = await createTestEngine({ workflows: [workflow] });
    const run = await engine.as({ user: 'alice' }).start(workflow, null);
    const told: string[] = [];
    const tell = async (who: string): Promise<void> => void told.push(`${who} ${(await run.result()).status}`);
    void tell('before');
    await clock.advance(limits.evictAfterMs * 4);
    void tell('after');
    await clock.advance(3_600_000);
    assert.deepEqual(told.toSorted(), ['after completed', 'before completed']);
  });

  it('keeps its thread: the next one of it waits, and an agent that takes one message at a time refuses', async () => {
    const clerk = defineAgent({ name: 'clerk', instructions: 'Say.', onBusy: 'refuse' });
    const workflow = flow('flow', (ctx) => ctx.wait('w', { signal: 'go' }));
    const { engine, clock } = await createTestEngine({ workflows: [workflow], agents: [clerk], script: ['Hello.'] });
    const alice = engine.as({ user: 'alice' });
    const first = await alice.start(workflow, null, { thread: 't' });
    await clock.advance(limits.evictAfterMs + 1_000);
    assert.equal(await codeOf(alice.start(clerk, 'Hi', { thread: 't' })), 'conflict');
    const second = await alice.start(workflow, null, { thread: 't' });
    await clock.advance(1_000);
    assert.equal((await second.row()).status, 'queued');
    await first.signal('go');
    await clock.advance(1_000);
    assert.deepEqual([(await first.row()).status, (await second.row()).status], ['completed', 'suspended']);
    await alice.deleteThread('t');
    assert.deepEqual(await alice.runs(), []);
  });

  it('goes when its thread is deleted', async () => {
    const workflow = flow('flow', (ctx) => ctx.wait('w', { signal: 'go' }));
    const { engine, clock } = await createTestEngine({ workflows: [workflow] });
    const alice = engine.as({ user: 'alice' });
    await alice.start(workflow, null, { thread: 't' });
    await clock.advance(limits.evictAfterMs + 1_000);
    await alice.deleteThread('t');
    assert.deepEqual(await alice.runs(), []);
  });

  it('stays as long as the timeout of a step in it runs (SL1)', async () => {
    const { run, clock, seen } = await evicted((ctx) =>
      ctx.step('a', (inner) => inner.wait('w', { signal: 'go' }), { timeoutMs: 120_000 }),
    );
    await clock.advance(120_000);
    const outcome = await run.result();
    assert.equal(outcome.status === 'failed' && outcome.error.code, 'deadline_exceeded');
    assert.equal(seen.bodies, 1);
  });

  it('is let go with its engine, and whoever waits for it is told', async () => {
    const { engine, run, clock } = await evicted((ctx) => ctx.wait('w', { signal: 'go' }));
    const result = codeOf(run.result());
    await clock.settle();
    await engine.close();
    assert.equal(await result, 'closed');
    assert.equal(clock.timers, 0);
  });
});

describe('opening a folder', () => {
  /** Runs that wait, an hour or for a signal, on a store whose engine then crashed. */
  async function waiting(runs: number, forMs = 3_600_000) {
    const clock = new SimClock();
    const store = memory({ clock });
    const reads = { events: 0 };
    const workflow = flow('flow', async (ctx) => {
      await ctx.step('a', () => 1);
      await ctx.wait('w', { forMs });
    });
    const link = linkTo(store);
    const { engine } = await createTestEngine({ store: link, clock, workflows: [workflow] });
    const alice = engine.as({ user: 'alice' });
    const ids: string[] = [];
    for (let index = 0; index < runs; index++) ids.push((await alice.start(workflow, null)).id);
    await clock.settle();
    link.freeze();
    await clock.advance(leaseOverMs);
    const live = (): ReturnType<typeof createTestEngine> =>
      createTestEngine({ store: counted(store, reads), clock, workflows: [workflow], seed: 2 });
    return { clock, store, reads, ids, live };
  }

  it('reads no event of what only waits (SL4), which then goes on at its time', async () => {
    const { clock, reads, ids, live } = await waiting(100);
    const { engine } = await live();
    await clock.advance(60_000);
    assert.equal(reads.events, 0);
    await clock.advance(3_600_000);
    const alice = engine.as({ user: 'alice' });
    for (const id of ids) assert.equal((await (await alice.run(id)).row()).status, 'completed');
  });

  it('wakes what came due meanwhile in parts, each of which is read in one go (SL5)', async () => {
    const { clock, reads, ids, live } = await waiting(100, 60_000);
    await clock.advance(120_000);
    const { engine } = await live();
    await clock.advance(10_000);
    const alice = engine.as({ user: 'alice' });
    for (const id of ids) assert.equal((await (await alice.run(id)).row()).status, 'completed');
    const parts = Math.ceil(ids.length / limits.wokenAtOnceMax);
    assert.ok(reads.events <= parts * 100 * 12, `${reads.events} events were read`);
  });

  it('wakes at once what a node was told and did nothing about before its end', async () => {
    const clock = new SimClock();
    const store = memory({ clock });
    const workflow = flow('flow', (ctx) => ctx.wait('w', { signal: 'go', schema: z.number() }));
    let frozen = false;
    const link = linkTo(store);
    const last = storeWith(link, {
      async append(batches) {
        const result = await link.append(batches);
        // The commit of the signal is the last of its node.
        if (batches.some(({ events }) => events.some(({ type }) => type === 'signal.received')) && !frozen) {
          frozen = true;
          link.freeze();
        }
        return result;
      },
    });
    const { engine } = await createTestEngine({ store: last, clock, workflows: [workflow] });
    const run = await engine.as({ user: 'alice' }).start(workflow, null);
    await clock.settle();
    void run.signal('go', 7).catch(() => undefined);
    await clock.advance(leaseOverMs);
    const next = await createTestEngine({ store, clock, workflows: [workflow], seed: 2 });
    const again = await next.engine.as({ user: 'alice' }).run(run.id);
    assert.deepEqual(await again.result(), { status: 'completed', output: { expired: false, value: 7 } });
  });

  it('says of what waits that it is parked when its version is gone, and goes on when it is back', async () => {
    const { clock, store, ids, live } = await waiting(3);
    const without = await createTestEngine({ store, clock, workflows: [], seed: 3 });
    await clock.settle();
    const alice = without.engine.as({ user: 'alice' });
    for (const id of ids) assert.equal((await (await alice.run(id)).row()).status, 'parked');
    await without.engine.close();
    const { engine } = await live();
    await clock.advance(3_600_000);
    for (const id of ids) assert.equal((await (await engine.as({ user: 'alice' }).run(id)).row()).status, 'completed');
  });
});
