/** What becomes of a run whose node went: it goes on, is parked, or is ended and says why. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { defineTool } from '../agents/tool.ts';
import type { Context, Workflow } from '../agents/workflow.ts';
import { limits } from '../core/limits.ts';
import type { Store } from '../journal/store.ts';
import { memory } from '../stores/memory.ts';
import { linkTo, type StoreLink } from '../testing/crash-store.ts';
import { SimClock } from '../testing/sim-clock.ts';
import { createTestEngine, type TestEngine } from '../testing/test-engine.ts';
import { assertEnded, codeOf, flow, leaseOverMs, stateOf } from './crash.fixture.ts';
import { eventsOf, journalOf } from './run.fixture.ts';

const never = (): Promise<never> => new Promise(() => undefined);

type Life = TestEngine & { readonly link: StoreLink };

class Node {
  readonly clock = new SimClock();
  readonly store: Store = memory({ clock: this.clock });
  #lives = 0;

  async live(...workflows: Workflow[]): Promise<Life> {
    const link = linkTo(this.store);
    return { ...(await createTestEngine({ store: link, clock: this.clock, workflows, seed: ++this.#lives })), link };
  }

  async crash({ link }: Life, downMs = 0): Promise<void> {
    await this.clock.settle();
    link.freeze();
    await this.clock.advance(leaseOverMs + downMs);
  }
}

/** Runs `first` up to its crash, then `second` in its place. */
async function reRun(first: (ctx: Context) => Promise<unknown>, second = first) {
  const node = new Node();
  const before = flow('flow', first);
  const life = await node.live(before);
  const { id } = await life.engine.as({ user: 'alice' }).start(before, null);
  await node.crash(life);
  const next = await node.live(flow('flow', second));
  const run = await next.engine.as({ user: 'alice' }).run(id);
  return { ...next, node, run };
}

async function errorOf(first: (ctx: Context) => Promise<unknown>, second: (ctx: Context) => Promise<unknown>) {
  const { run } = await reRun(first, second);
  // What only waited sleeps until somebody tells it something.
  await run.signal('wake up');
  const outcome = await run.result();
  assertEnded(await journalOf(run));
  assert.ok(outcome.status === 'failed');
  return outcome.error;
}

describe('a re-run', () => {
  it('answers completed calls from the journal, and failed ones with the same error (A6)', async () => {
    const calls: string[] = [];
    const seen: unknown[] = [];
    const { run } = await reRun(async (ctx) => {
      const a = await ctx.step('a', () => (calls.push('a'), { n: 1 }));
      seen.push(
        await ctx.step('b', () => (calls.push('b'), Promise.reject(new TypeError('no')))).catch((e: unknown) => e),
      );
      const [now, chance, id] = [await ctx.now(), await ctx.random(), await ctx.id()];
      seen.push([a, now, chance, id]);
      await ctx.wait('w', { signal: 'go' });
      return 'done';
    });
    await run.signal('go');
    assert.equal((await run.result()).status, 'degraded');
    assert.deepEqual(calls, ['a', 'b']);
    const [errorLive, valuesLive, errorAgain, valuesAgain] = seen;
    assert.deepEqual(valuesAgain, valuesLive);
    const shape = (error: unknown) => ({
      ...(error as object),
      message: (error as Error).message,
      name: (error as Error).name,
    });
    assert.deepEqual(shape(errorAgain), shape(errorLive));
  });

  it('gives large values and signals back whole', async () => {
    const large = 'x'.repeat(limits.blobFromBytes);
    const { run, clock } = await reRun(async (ctx) => {
      const a = await ctx.step('a', () => large);
      await ctx.wait('first', { forMs: 60_000 });
      const got = await ctx.wait('w', { signal: 'go', schema: z.string() });
      return [a.length, got.expired ? 0 : got.value.length];
    });
    await run.signal('go', large);
    await clock.advance(60_000);
    assert.deepEqual(await run.result(), { status: 'completed', output: [large.length, large.length] });
  });

  it('takes a large signal that came before the crash', async () => {
    const node = new Node();
    const large = 'x'.repeat(limits.blobFromBytes);
    const workflow = flow('flow', async (ctx) => {
      await ctx.wait('first', { forMs: 60_000 });
      const got = await ctx.wait('w', { signal: 'go', schema: z.string() });
      return got.expired ? 0 : got.value.length;
    });
    const life = await node.live(workflow);
    const { id } = await life.engine.as({ user: 'alice' }).start(workflow, null);
    await (await life.engine.as({ user: 'alice' }).run(id)).signal('go', large);
    await node.crash(life, 60_000);
    const run = await (await node.live(workflow)).engine.as({ user: 'alice' }).run(id);
    assert.deepEqual(await run.result(), { status: 'completed', output: large.length });
  });

  it('sees a path used twice, as the first life would have', async () => {
    const error = await errorOf(
      async (ctx) => (await ctx.step('a', () => 1), ctx.wait('w', { signal: 'go' })),
      async (ctx) => (await ctx.step('a', () => 1), ctx.step('a', () => 1)),
    );
    assert.equal(error.code, 'path_reused');
  });

  it('tells no note again', async () => {
    const { run } = await reRun(async (ctx) => {
      ctx.note('one');
      ctx.degrade('two');
      await ctx.wait('w', { signal: 'go' });
      ctx.note('three');
    });
    await run.signal('go');
    const outcome = await run.result();
    assert.equal(outcome.status === 'degraded' && outcome.reasons.length, 1);
    assert.deepEqual(
      eventsOf(await journalOf(run), 'note').map(({ data }) => data.text),
      ['one', 'two', 'three'],
    );
  });

  it('tells a try that was cut off as interrupted, which its policy does not count (A5)', async () => {
    let lives = 0;
    const { run } = await reRun((ctx) =>
      ctx.step('a', () => (++lives === 1 ? never() : lives < 4 ? Promise.reject(new Error('no')) : 'done'), {
        retry: { attempts: 3, delayMs: 1 },
      }),
    );
    assert.deepEqual(await run.result(), { status: 'completed', output: 'done' });
    assert.deepEqual(
      eventsOf(await journalOf(run), 'step.failed').map(({ data }) => data.error.code),
      ['interrupted', 'thrown', 'thrown'],
    );
  });

  it('puts a `once` tool that was cut off in doubt, and does not run it (A4)', async () => {
    let calls = 0;
    const pay = defineTool({
      name: 'pay',
      description: 'Pays.',
      effect: 'once',
      input: z.null(),
      run: () => (calls++, never()),
    });
    const { run, clock } = await reRun((ctx) => ctx.tool(pay, null));
    await clock.settle();
    assert.equal((await run.state()).steps.get('pay')?.status, 'indoubt');
    assert.equal(calls, 1);
    await run.decide('pay', 'happened', 'ok');
    assert.deepEqual(await run.result(), { status: 'completed', output: 'ok' });
  });

  it('reaches completed calls also by code that nobody awaits', async () => {
    const chain = async (ctx: Context): Promise<void> => {
      for (const key of ['1', '2', '3', '4', '5']) await ctx.step('s', () => key, { key });
    };
    const { run } = await reRun(
      async (ctx) => {
        void chain(ctx);
        await ctx.step('a', () => 1);
        await ctx.wait('w', { signal: 'never' });
      },
      async (ctx) => {
        void chain(ctx);
        await ctx.step('a', () => 1);
      },
    );
    await run.signal('wake up');
    assert.equal((await run.result()).status, 'completed');
  });
});

describe('a divergence', () => {
  const first = async (ctx: Context): Promise<unknown> => {
    await ctx.step('a', () => 1, { input: 'x' });
    return ctx.wait('w', { signal: 'go' });
  };

  it('is told when a call is of another kind', async () => {
    assert.match(
      (await errorOf(first, (ctx) => ctx.wait('a', { forMs: 1 }))).message,
      /"a" is a step in the journal and a wait now/,
    );
  });

  it('is told when the input of a call differs', async () => {
    const error = await errorOf(first, (ctx) => ctx.step('a', () => 1, { input: 'y' }));
    assert.deepEqual([error.code, /input of "a"/.test(error.message)], ['divergence', true]);
  });

  it('is told when a wait is for something else', async () => {
    const error = await errorOf(first, async (ctx) => {
      await ctx.step('a', () => 1);
      await ctx.wait('w', { forMs: 1 });
    });
    assert.deepEqual([error.code, /"w" waits for something else/.test(error.message)], ['divergence', true]);
  });

  it('is told when a completed call is never reached', async () => {
    const error = await errorOf(first, async () => 'short');
    assert.deepEqual([error.code, /"a" is completed/.test(error.message)], ['divergence', true]);
  });

  it('is told when another plan is made, and can not be swallowed (N3)', async () => {
    const plan = (n: number) => async (ctx: Context) => {
      await ctx.plan({ n }, 'why').catch(() => undefined);
      await ctx.wait('w', { forMs: n === 1 ? 9_999_999 : 1 });
    };
    assert.equal((await errorOf(plan(1), plan(2))).code, 'divergence');
  });
});

describe('recovery', () => {
  it('at the start goes on with the unfinished runs of all users', async () => {
    const node = new Node();
    const workflow = flow('flow', async (ctx, input) => {
      await ctx.wait('w', { forMs: 60_000 });
      return input;
    });
    const life = await node.live(workflow);
    const users = ['alice', 'bob', 'carol'];
    for (const user of users) await life.engine.as({ user }).start(workflow, user);
    await node.crash(life, 60_000);
    const next = await node.live(workflow);
    await node.clock.advance(1);
    for (const user of users) {
      const state = await stateOf(node.store, user);
      assert.deepEqual(state?.outcome, { status: 'completed', output: user });
    }
    assert.equal((await next.engine.as({ user: 'alice' }).runs()).length, 1);
  });

  it('takes up all runs of a user that wait, however many', async () => {
    const node = new Node();
    const workflow = flow('flow', (ctx) => ctx.wait('w', { signal: 'go' }));
    const life = await node.live(workflow);
    const alice = life.engine.as({ user: 'alice' });
    // More than two pages of a store, and two queues, have.
    const count = 2 * limits.queuedPerUserMax + 10;
    const first = await alice.start(workflow, null);
    for (let run = 1; run < count; run += 500) {
      await Promise.all(Array.from({ length: 500 }, () => alice.start(workflow, null)));
      await node.clock.settle();
    }
    await node.crash(life);
    const { engine } = await node.live(workflow);
    const run = await engine.as({ user: 'alice' }).run(first.id);
    assert.equal(await codeOf(run.signal('go', 1)), 'none');
    assert.equal((await run.result()).status, 'completed');
  });

  it('of one user that fails does not keep the others from theirs', async () => {
    const node = new Node();
    const workflow = flow('flow', (ctx) => ctx.step('a', () => (lives++ < 3 ? never() : 'done')));
    let lives = 0;
    const life = await node.live(workflow);
    for (const user of ['alice', 'bob', 'carol']) await life.engine.as({ user }).start(workflow, null);
    await node.crash(life);
    const link = linkTo(node.store);
    const read = link.read.bind(link);
    let broken = true;
    link.read = (tenant, user, options) =>
      broken && user === 'alice' ? Promise.reject(new Error('disk')) : read(tenant, user, options);
    await createTestEngine({ store: link, clock: node.clock, workflows: [workflow], seed: 99 });
    await node.clock.settle();
    assert.equal((await stateOf(node.store, 'bob'))?.status, 'completed');
    assert.equal((await stateOf(node.store, 'carol'))?.status, 'completed');
    broken = false;
    await node.clock.advance(limits.leaseRenewMs);
    assert.equal((await stateOf(node.store, 'alice'))?.status, 'completed', 'it is tried again');
  });

  it('counts no downtime towards the deadline, however often the node goes', async () => {
    const node = new Node();
    const workflow = flow('flow', (ctx) => ctx.step('a', () => (++lives < 4 ? never() : 'done')), {
      deadlineMs: 60_000,
    });
    let lives = 0;
    let life = await node.live(workflow);
    const { id } = await life.engine.as({ user: 'alice' }).start(workflow, null);
    for (let crash = 0; crash < 3; crash++) {
      await node.crash(life, 3_600_000);
      life = await node.live(workflow);
    }
    const run = await life.engine.as({ user: 'alice' }).run(id);
    assert.deepEqual(await run.result(), { status: 'completed', output: 'done' });
    assert.ok((await run.state()).activeMs < 60_000);
  });

  it('without progress ends the run as failed, and says so', async () => {
    const node = new Node();
    const workflow = flow('flow', async (ctx) => {
      await ctx.step('a', () => 1);
      await ctx.step('b', never);
    });
    let life = await node.live(workflow);
    const { id } = await life.engine.as({ user: 'alice' }).start(workflow, null);
    for (let crash = 0; crash <= limits.recoveriesWithoutProgressMax; crash++) {
      await node.crash(life);
      life = await node.live(workflow);
    }
    const run = await life.engine.as({ user: 'alice' }).run(id);
    await node.clock.settle();
    assert.equal((await run.state()).status, 'failed');
    const outcome = await run.result();
    assert.equal(outcome.status === 'failed' && outcome.error.code, 'no_progress');
    assertEnded(await journalOf(run));
    assert.equal(eventsOf(await journalOf(run), 'run.resumed').length, limits.recoveriesWithoutProgressMax);
  });

  it('without progress fails the run that ends its process, and not those that are cut off with it (H6)', async () => {
    const node = new Node();
    const seen = { isKilling: false };
    const killer = flow('killer', (ctx) => ctx.step('kill', () => ((seen.isKilling = true), never())));
    const slow = flow('slow', (ctx) =>
      ctx.step('slow', () => new Promise((resolve) => void node.clock.after(60_000, () => resolve('done')))),
    );
    let life = await node.live(killer, slow);
    const innocent = await Promise.all(
      ['bob', 'carol', 'dora'].map(
        async (user) => [user, (await life.engine.as({ user }).start(slow, null)).id] as const,
      ),
    );
    const guilty = await life.engine.as({ user: 'alice' }).start(killer, null);
    for (let crashes = 0; crashes < 60; crashes++) {
      // Whoever runs the killer ends within a second.
      for (let second = 0; second < 300 && !seen.isKilling; second++) await node.clock.advance(1_000);
      if (!seen.isKilling) break;
      seen.isKilling = false;
      await node.crash(life);
      life = await node.live(killer, slow);
    }
    const { outcome } = await (await life.engine.as({ user: 'alice' }).run(guilty.id)).state();
    assert.equal(outcome?.status === 'failed' && outcome.error.code, 'no_progress');
    for (const [user, id] of innocent) {
      const state = await (await life.engine.as({ user }).run(id)).state();
      assert.deepEqual([user, state.status], [user, 'completed']);
    }
  });

  it('parks a run whose version is not here, and goes on when it is', async () => {
    const node = new Node();
    const workflow = flow('flow', async (ctx) => {
      await ctx.step('a', () => 1);
      return ctx.wait('w', { signal: 'go' });
    });
    const newer = flow('flow', async () => 'newer', { version: 2 });
    const life = await node.live(workflow);
    const { id } = await life.engine.as({ user: 'alice' }).start(workflow, null);
    await node.crash(life);
    const without = await node.live(newer);
    const parked = await without.engine.as({ user: 'alice' }).run(id);
    await node.clock.settle();
    assert.equal((await parked.state()).status, 'parked');
    await parked.signal('go', 'while parked');
    await node.crash(without);
    await node.crash(await node.live(newer));
    const both = await node.live(workflow, newer);
    const run = await both.engine.as({ user: 'alice' }).run(id);
    assert.deepEqual(await run.result(), { status: 'completed', output: { expired: false, value: 'while parked' } });
    const events = await journalOf(run);
    assert.equal(eventsOf(events, 'run.parked').length, 1, 'it is told once');
    assert.deepEqual(eventsOf(events, 'run.resumed').map(({ data }) => data.reason)[0], 'unparked');
  });

  it('ends a run as cancelled whose cancel was asked for before the crash', async () => {
    const node = new Node();
    const workflow = flow('flow', (ctx) =>
      Promise.all([ctx.step('a', (inner) => inner.step('b', never)), ctx.wait('w', { signal: 'go' })]),
    );
    const life = await node.live(workflow);
    const run = await life.engine.as({ user: 'alice' }).start(workflow, null);
    await node.clock.settle();
    await run.cancel('enough');
    life.link.freeze();
    await node.crash(life);
    const again = await (await node.live(workflow)).engine.as({ user: 'alice' }).run(run.id);
    assert.deepEqual(await again.result(), { status: 'cancelled', reason: 'enough' });
    assertEnded(await journalOf(again));
  });

  it('knows the key of a start: the same answers with the same run, another conflicts (K1)', async () => {
    const node = new Node();
    const workflow = flow('flow', (ctx) => ctx.wait('w', { forMs: 1 }));
    const life = await node.live(workflow);
    const first = await life.engine.as({ user: 'alice' }).start(workflow, 'x', { key: 'k' });
    await node.crash(life);
    const { engine } = await node.live(workflow);
    assert.equal((await engine.as({ user: 'alice' }).start(workflow, 'x', { key: 'k' })).id, first.id);
    assert.equal(await codeOf(engine.as({ user: 'alice' }).start(workflow, 'y', { key: 'k' })), 'conflict');
    assert.notEqual((await engine.as({ user: 'bob' }).start(workflow, 'y', { key: 'k' })).id, first.id);
  });

  it('knows it across a deploy: sent again to the next version, the start is still the run that began (K1)', async () => {
    const node = new Node();
    const [before, after] = [1, 2].map((version) => flow('flow', (ctx) => ctx.wait('w', { forMs: 1 }), { version }));
    const life = await node.live(before!);
    const first = await life.engine.as({ user: 'alice' }).start('flow', 'x', { key: 'k' });
    await node.crash(life);
    const alice = (await node.live(before!, after!)).engine.as({ user: 'alice' });
    assert.equal((await alice.start('flow', 'x', { key: 'k' })).id, first.id);
    assert.equal(await codeOf(alice.start('flow', 'y', { key: 'k' })), 'conflict');
  });

  it('need not reach again what was completed in a try that failed before the crash (G3)', async () => {
    const node = new Node();
    const workflow = flow('flow', (ctx) =>
      ctx.step(
        'again',
        async (inner) => {
          await inner.step('before', () => 1);
          if (!inner.path.includes('@')) throw new Error('the first try fails');
          return inner.path;
        },
        { retry: { attempts: 2, delayMs: 60_000 } },
      ),
    );
    const life = await node.live(workflow);
    const { id } = await life.engine.as({ user: 'alice' }).start(workflow, null);
    await node.clock.settle();
    await node.crash(life);
    const run = await (await node.live(workflow)).engine.as({ user: 'alice' }).run(id);
    await node.clock.advance(60_000);
    assert.deepEqual((await run.state()).outcome, { status: 'completed', output: 'again@2' });
  });
});
