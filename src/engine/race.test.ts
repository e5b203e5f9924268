import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { defineTool } from '../agents/tool.ts';
import type { Context } from '../agents/workflow.ts';
import { limits } from '../core/limits.ts';
import { askedOf } from '../journal/asked.ts';
import type { RunState } from '../journal/run-state.ts';
import { memory } from '../stores/memory.ts';
import { linkTo } from '../testing/crash-store.ts';
import { SimClock } from '../testing/sim-clock.ts';
import { createTestEngine } from '../testing/test-engine.ts';
import { assertEnded, codeOf, flow, leaseOverMs, runsOf, stateOf, streamOf } from './crash.fixture.ts';
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

describe('what a race leaves of its losers', () => {
  const never = (): Promise<never> => new Promise(() => undefined);
  const pay = defineTool({ name: 'pay', description: 'Pays.', effect: 'once', input: z.null(), run: never });
  const paid = defineTool({ name: 'paid', description: 'Pays.', effect: 'once', input: z.null(), run: () => 1 });
  const retry = { attempts: 3, delayMs: 50_000 };
  const workflow = flow('flow', async (ctx) => {
    await ctx.race('r', {
      pausing: (inner) => inner.step('again', () => Promise.reject(new Error('no')), { retry }),
      doubtful: (inner) =>
        inner.step('after', async (c) => (await c.tool(paid, null), Promise.reject(new Error('no'))), { retry }),
      paying: (inner) => inner.tool(pay, null),
      working: (inner) => inner.step('outer', (c) => c.step('long', never)),
      near: (inner) => inner.step('n', () => work(500)),
      far: async (inner) => {
        for (const key of ['1', '2', '3', '4']) await inner.step('s', () => key, { key });
        // A re-run knows who won before it comes here.
        return inner.step('last', never);
      },
    });
    return ctx.wait('then', { signal: 'go' });
  });

  const statuses = (state: RunState): Record<string, string> =>
    Object.fromEntries([...state.steps.values()].map(({ path, status }) => [path, status]));

  const expected = {
    r: 'completed',
    'r/pausing/again': 'cancelled',
    'r/doubtful/after': 'cancelled',
    'r/doubtful/after/paid': 'completed',
    'r/paying/pay': 'indoubt',
    'r/working/outer': 'cancelled',
    'r/working/outer/long': 'cancelled',
    'r/near/n': 'completed',
    ...Object.fromEntries(['1', '2', '3', '4'].map((key) => [`r/far/s:${key}`, 'completed'])),
    'r/far/last': 'cancelled',
    // eslint-disable-next-line unicorn/no-thenable -- the name of a wait
    then: 'open',
  };

  it('is closed before it ends, and only a `once` tool stays in doubt, which asks nobody any more (A7)', async () => {
    const store = memory({ clock });
    const first = await createTestEngine({ workflows: [workflow], clock, store });
    const begun = await first.engine.as({ user: 'alice' }).start(workflow, null);
    await clock.advance(5_000);
    const state = await begun.state();
    assert.deepEqual(statuses(state), expected);
    assert.deepEqual(
      askedOf(state).map(({ path }) => path),
      ['then'],
    );
    await first.engine.close();
    const { engine } = await createTestEngine({ workflows: [workflow], clock, store, seed: 2 });
    const run = await engine.as({ user: 'alice' }).run(begun.id);
    // Nobody waits for the re-run to come to what it never comes to.
    for (const path of ['r/paying/pay', 'r/doubtful/after']) {
      let code: string | undefined;
      void codeOf(run.decide(path, 'give-up')).then((told) => (code = told));
      await clock.settle();
      assert.equal(code, 'conflict', path);
    }
    await run.signal('go', 1);
    assert.equal((await run.result()).status, 'completed');
    assertEnded(await journalOf(run));
  });

  it('is closed by the life that ends the race, wherever the one before it stopped', async () => {
    for (let append = 2; append <= 9; append++) {
      const store = memory({ clock });
      const link = linkTo(store, { append, when: 'after' });
      const first = await createTestEngine({ workflows: [workflow], clock, store: link });
      void codeOf(first.engine.as({ user: 'alice' }).start(workflow, null, { key: 'k' }));
      await clock.advance(5_000);
      link.freeze();
      await clock.advance(leaseOverMs);
      const { engine } = await createTestEngine({ workflows: [workflow], clock, store, seed: 2 });
      const run = await engine.as({ user: 'alice' }).start(workflow, null, { key: 'k' });
      await clock.advance(5_000);
      const left = statuses(await run.state());
      // Where its end was not written before the crash it is in doubt itself.
      assert.match(left['r/doubtful/after/paid'] ?? '', /completed|indoubt/);
      assert.deepEqual({ ...left, 'r/doubtful/after/paid': 'completed' }, expected, `after append ${append}`);
      await run.signal('go', 1);
      await run.result();
      assertEnded(await journalOf(run));
      await engine.close();
    }
  });

  it('begins anew where it was stopped in a pause, when the race is not over after all', async () => {
    let stopped = 0;
    for (let append = 2; append <= 10; append++) {
      let life = 1;
      const tries: string[] = [];
      const body = flow('flow', (ctx) =>
        ctx.race('r', {
          again: (inner) =>
            inner.step(
              's',
              async (c) => {
                await c.step('in', () => tries.push(c.path));
                if (!c.path.endsWith('@2')) throw new Error('no');
                return 'at last';
              },
              { retry: { attempts: 2, delayMs: 5_000 } },
            ),
          // Keeps the race from ending for a second after it is decided.
          deaf: (inner) => inner.step('d', never),
          quick: () => (life === 1 ? work(500) : never()),
        }),
      );
      const store = memory({ clock });
      const link = linkTo(store, { append, when: 'after' });
      const first = await createTestEngine({ workflows: [body], clock, store: link });
      void codeOf(first.engine.as({ user: 'alice' }).start(body, null, { key: 'k' }));
      await clock.advance(1_600);
      link.freeze();
      const steps = (await stateOf(store, 'alice'))?.steps;
      const isStopped = steps?.get('r/again/s')?.status === 'cancelled' && steps.get('r')?.status === 'open';
      stopped += isStopped ? 1 : 0;
      life = 2;
      await clock.advance(leaseOverMs);
      const { engine } = await createTestEngine({ workflows: [body], clock, store, seed: 2 });
      const run = await engine.as({ user: 'alice' }).start(body, null, { key: 'k' });
      await clock.advance(20_000);
      const outcome = await run.result();
      if (isStopped) {
        assert.deepEqual(outcome, { status: 'completed', output: { winner: 'again', value: 'at last' } });
        assert.deepEqual(tries, ['r/again/s', 'r/again/s@2']);
      }
      assertEnded(await journalOf(run));
      await engine.close();
    }
    assert.equal(stopped, 1);
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
