import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Context } from '../agents/workflow.ts';
import { limits } from '../core/limits.ts';
import { memory } from '../stores/memory.ts';
import { linkTo } from '../testing/crash-store.ts';
import { SimClock } from '../testing/sim-clock.ts';
import { createTestEngine } from '../testing/test-engine.ts';
import { assertEnded, flow, leaseOverMs, runsOf, streamOf } from './crash.fixture.ts';
import { eventsOf, journalOf, linesOf } from './run.fixture.ts';

const clock = new SimClock();

function work(ms: number): Promise<number> {
  return new Promise((resolve) => void clock.after(ms, () => resolve(ms)));
}

async function start(body: (ctx: Context) => Promise<unknown>) {
  const workflow = flow('flow', body);
  const made = await createTestEngine({ workflows: [workflow], clock });
  return { ...made, workflow, run: await made.engine.as({ user: 'alice' }).start(workflow, null) };
}

describe('a race', () => {
  it('is won by the first to end, and the others are cancelled before it ends', async () => {
    const { run } = await start((ctx) =>
      ctx.race('r', {
        slow: (inner) => inner.step('s', (c) => Promise.race([work(900), aborted(c)])),
        quick: (inner) => inner.step('q', () => work(100)),
      }),
    );
    assert.deepEqual(await run.result(), { status: 'completed', output: { winner: 'quick', value: 100 } });
    const lines = linesOf(await journalOf(run));
    assert.ok(lines.indexOf('step.failed r/slow/s') < lines.indexOf('step.completed r'));
    assert.ok(lines.indexOf('step.failed r/slow/s') > 0);
  });

  it('leaves a loser behind that ignores its signal', async () => {
    const { run } = await start((ctx) =>
      ctx.race('r', {
        deaf: (inner) => inner.step('s', () => new Promise(() => undefined)),
        quick: () => Promise.resolve(1),
      }),
    );
    const from = clock.now();
    assert.equal((await run.result()).status, 'completed');
    assert.equal(clock.now() - from, limits.endGraceMs);
  });

  it('fails by the first that fails', async () => {
    const { run } = await start((ctx) =>
      ctx.race('r', {
        bad: () => Promise.reject(new Error('no')),
        wait: (inner) => inner.wait('w', { signal: 'never' }),
      }),
    );
    const outcome = await run.result();
    assert.equal(outcome.status === 'failed' && outcome.error.message, 'Error: no');
    assert.deepEqual(eventsOf(await journalOf(run), 'wait.ended')[0]?.data, { by: 'cancelled' });
  });

  it('needs a branch', async () => {
    const { run } = await start((ctx) => ctx.race('r', {}));
    const outcome = await run.result();
    assert.equal(outcome.status === 'failed' && outcome.error.code, 'invalid_input');
  });

  it('between a wait and nothing else leaves the run suspended', async () => {
    const { run } = await start((ctx) =>
      ctx.race('r', {
        approved: (inner) => inner.wait('w', { signal: 'go' }),
        late: (inner) => inner.wait('l', { forMs: 60_000 }),
      }),
    );
    await clock.settle();
    assert.equal((await run.state()).status, 'suspended');
    await run.signal('go', 1);
    const outcome = await run.result();
    assert.ok(outcome.status === 'completed');
    assert.equal((outcome.output as { winner: string }).winner, 'approved');
  });
});

describe('a race on a re-run', () => {
  /** The loser is ahead in the order of the branches and has come far when the winner ends. */
  const body = async (ctx: Context): Promise<unknown> => {
    const { winner } = await ctx.race('r', {
      far: async (inner) => {
        for (const key of ['1', '2', '3', '4']) await inner.step('s', () => key, { key });
        return inner.wait('w', { signal: 'never' });
      },
      near: (inner) => inner.step('n', () => work(500)),
    });
    await ctx.wait('then', { signal: 'go' });
    return winner;
  };

  it('takes the same way, wherever the node died, and is no divergence', async () => {
    for (let append = 1; append <= 12; append++) {
      const store = memory({ clock });
      const workflow = flow('flow', body);
      const link = linkTo(store, { append, when: 'after' });
      const first = await createTestEngine({ workflows: [workflow], clock, store: link });
      first.engine
        .as({ user: 'alice' })
        .start(workflow, null, { key: 'k' })
        .catch(() => undefined);
      await clock.settle();
      await clock.advance(leaseOverMs);
      link.freeze();
      await clock.advance(leaseOverMs);
      const second = await createTestEngine({ workflows: [workflow], clock, store, seed: 2 });
      const run = await second.engine.as({ user: 'alice' }).start(workflow, null, { key: 'k' });
      await clock.settle();
      const before = eventsOf(await streamOf(store, 'alice'), 'step.completed').find(({ path }) => path === 'r');
      await run.signal('go');
      assert.deepEqual(await run.result(), { status: 'completed', output: 'near' }, `after append ${append}`);
      assert.deepEqual(before?.data.output, { winner: 'near', value: 500 });
      for (const events of (await runsOf(store, 'alice')).values()) assertEnded(events);
      await second.engine.close();
    }
  });
});

function aborted(ctx: Context): Promise<never> {
  return new Promise((_, reject) => ctx.signal.addEventListener('abort', () => reject(ctx.signal.reason)));
}
