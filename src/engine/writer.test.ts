import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Context } from '../agents/workflow.ts';
import { BugError } from '../core/assert.ts';
import { StoreError } from '../core/errors.ts';
import { limits } from '../core/limits.ts';
import type { AppendResult, Store, UserBatch } from '../journal/store.ts';
import { memory } from '../stores/memory.ts';
import { linkTo, type StoreLink } from '../testing/crash-store.ts';
import { SimClock } from '../testing/sim-clock.ts';
import { createTestEngine, type TestEngine } from '../testing/test-engine.ts';
import { assertEnded, codeOf, flow, runsOf, streamOf } from './crash.fixture.ts';
import { until } from './run.fixture.ts';

type Made = TestEngine & { readonly link: StoreLink; readonly inner: Store; readonly batches: UserBatch[][] };

/** An engine whose appends are seen, and go through `append` where it is given. */
async function make(
  body: (ctx: Context, input: unknown) => Promise<unknown>,
  append?: (batches: readonly UserBatch[], write: () => Promise<AppendResult>, count: number) => Promise<AppendResult>,
): Promise<Made & { readonly workflow: ReturnType<typeof flow> }> {
  const clock = new SimClock();
  const inner = memory({ clock });
  const link = linkTo(inner);
  const batches: UserBatch[][] = [];
  link.intercept((some) => {
    batches.push([...some]);
    const write = (): Promise<AppendResult> => inner.append(some);
    return append === undefined ? write() : append(some, write, batches.length);
  });
  const workflow = flow('flow', body);
  return { ...(await createTestEngine({ store: link, clock, workflows: [workflow] })), link, inner, batches, workflow };
}

describe('a flush', () => {
  it('takes what one turn produced of all users, in one commit (W1)', async () => {
    const { engine, batches, workflow, clock } = await make((ctx) => ctx.wait('w', { forMs: 60_000 }));
    const users = ['alice', 'bob', 'carol'];
    await Promise.all(users.map((user) => engine.as({ user }).start(workflow, null)));
    await clock.settle();
    assert.deepEqual(batches[0]?.map(({ user }) => user).toSorted(), users);
    assert.deepEqual(
      batches[0]?.[0]?.events.map(({ type }) => type),
      ['run.queued', 'run.started'],
    );
  });

  it('is one at a time, and the next takes what came meanwhile', async () => {
    const gate = Promise.withResolvers<void>();
    const { engine, batches, workflow, clock } = await make(
      (ctx) => ctx.wait('w', { forMs: 60_000 }),
      async (_, write, count) => {
        if (count === 1) await gate.promise;
        return write();
      },
    );
    const first = engine.as({ user: 'alice' }).start(workflow, null);
    await until(() => batches.length === 1);
    const others = ['bob', 'carol'].map((user) => engine.as({ user }).start(workflow, null));
    await clock.settle();
    assert.equal(batches.length, 1);
    gate.resolve();
    await Promise.all([first, ...others]);
    assert.ok(batches[1]?.some(({ user }) => user === 'bob') && batches[1].some(({ user }) => user === 'carol'));
  });

  it('has a share for each user, so that a burst of one holds up nobody (W2)', async () => {
    const text = 'x'.repeat(60_000);
    const { engine, batches, workflow, clock, inner } = await make(async (ctx, input) => {
      if (input === 'burst') for (let line = 0; line < 60; line++) ctx.note(text);
      await ctx.step('a', () => 1);
    });
    await Promise.all([
      engine.as({ user: 'alice' }).start(workflow, 'burst'),
      engine.as({ user: 'bob' }).start(workflow, null),
    ]);
    await clock.settle();
    for (const batch of batches) {
      const bytes = batch.flatMap(({ events }) => events).reduce((sum, event) => sum + JSON.stringify(event).length, 0);
      assert.ok(bytes < limits.flushBytesMax + 70_000, `${bytes} bytes`);
    }
    const users = (append: number): string[] => (batches[append] ?? []).map(({ user }) => user);
    const last = batches.findLastIndex((batch) => batch.some(({ user }) => user === 'bob'));
    assert.ok(last < batches.length - 1, 'bob is done before the burst is');
    assert.ok(users(last).includes('bob'));
    for (const user of ['alice', 'bob']) for (const events of (await runsOf(inner, user)).values()) assertEnded(events);
  });
});

describe('what is not written', () => {
  it('is not told to be durable, nor delivered (W3)', async () => {
    const gate = Promise.withResolvers<void>();
    let bodies = 0;
    const { engine, batches, workflow, clock } = await make(
      async (ctx) => {
        bodies++;
        await ctx.step('a', () => 1);
      },
      async (_, write) => {
        await gate.promise;
        return write();
      },
    );
    const seen: string[] = [];
    let started = false;
    void (async () => {
      for await (const { events } of engine.as({ user: 'alice' }).frames())
        seen.push(...events.map(({ type }) => type));
    })();
    const run = engine
      .as({ user: 'alice' })
      .start(workflow, null)
      .then((handle) => ((started = true), handle));
    await until(() => batches.length === 1);
    await clock.settle();
    assert.deepEqual([started, bodies, seen], [false, 0, []]);
    gate.resolve();
    await (await run).result();
    await clock.settle();
    assert.equal(seen.at(-1), 'run.completed');
  });
});

describe('a user who is fenced in a batch of several (W4)', () => {
  it('is let go, and the others go on', async () => {
    const { engine, workflow, clock, inner } = await make((ctx) => ctx.wait('w', { signal: 'go' }));
    const [alice, bob] = await Promise.all(['alice', 'bob'].map((user) => engine.as({ user }).start(workflow, null)));
    assert.ok(alice !== undefined && bob !== undefined);
    await clock.settle();
    const lost = codeOf(alice.result());
    // Another node takes alice alone.
    await inner.heartbeat('thief');
    const { node } = (await inner.own('thief', 'main', 'alice')) as { node: string };
    await inner.release(node, [{ tenant: 'main', user: 'alice' }]);
    await inner.own('thief', 'main', 'alice');
    const told = await Promise.all([codeOf(alice.signal('go', 1)), codeOf(bob.signal('go', 2))]);
    assert.deepEqual(told, ['fenced', 'none']);
    assert.equal(await lost, 'fenced');
    assert.equal((await bob.result()).status, 'completed');
    assert.ok(!(await streamOf(inner, 'alice')).some(({ type }) => type === 'signal.received'));
  });

  it('is told so also when only the end of the run was fenced', async () => {
    const { engine, workflow, clock, inner } = await make(async (ctx) => {
      await ctx.wait('w', { signal: 'go' });
      const { node } = (await inner.own('thief', 'main', 'alice')) as { node: string };
      await inner.release(node, [{ tenant: 'main', user: 'alice' }]);
      await inner.heartbeat('thief');
      await inner.own('thief', 'main', 'alice');
      return 'done';
    });
    const run = await engine.as({ user: 'alice' }).start(workflow, null);
    await clock.settle();
    const ended = codeOf(run.result());
    await run.signal('go');
    await clock.settle();
    assert.equal(await Promise.race([ended, clock.settle()]), 'fenced');
  });
});

describe('an append that fails', () => {
  const once = (written: boolean) => async (_: unknown, write: () => Promise<AppendResult>, count: number) => {
    if (count !== 2) return write();
    if (written) await write();
    throw new Error('the connection was cut');
  };

  for (const written of [false, true]) {
    it(`${written ? 'though it was written' : 'and was not written'} is mended, and nothing is told twice (W5)`, async () => {
      const { engine, workflow, inner } = await make(async (ctx) => {
        await ctx.step('a', () => 1);
        return ctx.step('b', () => 2);
      }, once(written));
      const run = await engine.as({ user: 'alice' }).start(workflow, null);
      assert.deepEqual(await run.result(), { status: 'completed', output: 2 });
      for (const events of (await runsOf(inner, 'alice')).values()) assertEnded(events);
    });
  }

  it('because one user has what can not be written loses that user alone (W4)', async () => {
    const { engine, workflow, clock, inner } = await make(
      async (ctx, input) => {
        await ctx.wait('w', { signal: 'go' });
        if (input === 'bad') ctx.note('bad');
        return ctx.step('a', () => 1);
      },
      (batches, write) => {
        const bad = batches.some(({ events }) => JSON.stringify(events).includes('"text":"bad"'));
        return bad ? Promise.reject(new BugError('no JSON')) : write();
      },
    );
    const alice = await engine.as({ user: 'alice' }).start(workflow, 'bad');
    const others = await Promise.all(['bob', 'carol'].map((user) => engine.as({ user }).start(workflow, null)));
    await clock.settle();
    const lost = codeOf(alice.result());
    await Promise.all([alice, ...others].map((run) => run.signal('go')));
    assert.equal(await lost, 'bug');
    for (const run of others) assert.equal((await run.result()).status, 'completed');
    for (const events of (await runsOf(inner, 'bob')).values()) assertEnded(events);
    await engine.close();
  });

  it('for good lets go of everything, tells nobody that it is durable, and takes no more work', async () => {
    const broken = new StoreError('store_failed', 'The disk is full.');
    let failing = false;
    const { engine, workflow, clock, inner, batches } = await make(
      async (ctx) => {
        await ctx.wait('w', { signal: 'go' });
        return ctx.step('a', () => 1);
      },
      (_, write) => (failing ? Promise.reject(broken) : write()),
    );
    const run = await engine.as({ user: 'alice' }).start(workflow, null);
    const other = await engine.as({ user: 'bob' }).start(workflow, null);
    await clock.settle();
    const before = batches.length;
    failing = true;
    const told = [codeOf(run.signal('go')), codeOf(run.result()), codeOf(other.result())];
    await clock.advance(60_000);
    assert.deepEqual(await Promise.all(told), ['store_failed', 'store_failed', 'store_failed']);
    assert.equal(batches.length - before, limits.appendAttemptsMax);
    failing = false;
    await assert.rejects(engine.as({ user: 'carol' }).start(workflow, null), broken);
    await clock.advance(60_000);
    assert.equal(batches.length - before, limits.appendAttemptsMax, 'nothing more is written here');
    assert.ok(!(await streamOf(inner, 'alice')).some(({ type }) => type === 'signal.received'));
    // Another node takes over when the lease has run out.
    const next = await createTestEngine({ store: inner, clock, workflows: [workflow], seed: 2 });
    const again = await next.engine.as({ user: 'alice' }).run(run.id);
    await again.signal('go');
    assert.equal((await again.result()).status, 'completed');
    await engine.close();
  });
});
