import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Context } from '../agents/workflow.ts';
import { systemClock } from '../core/clock.ts';
import { limits } from '../core/limits.ts';
import { isBlobRef } from '../journal/event.ts';
import { createTestEngine } from '../testing/test-engine.ts';
import { flow } from './crash.fixture.ts';
import { eventsOf, journalOf, linesOf } from './run.fixture.ts';

async function runOf(body: (ctx: Context) => Promise<unknown>) {
  const workflow = flow('flow', body);
  const made = await createTestEngine({ workflows: [workflow] });
  const run = await made.engine.as({ user: 'alice' }).start(workflow, null);
  return { ...made, run, workflow, outcome: await run.result(), events: await journalOf(run) };
}

describe('a step', () => {
  it('is told with its path, nested and in parallel, and its value is returned', async () => {
    const { outcome, events } = await runOf(async (ctx) => {
      const [a, b] = await Promise.all([
        ctx.step('a', async (inner) => inner.step('b', () => 1)),
        ctx.step('b', () => 2, { key: 'x' }),
      ]);
      return [a, b];
    });
    assert.deepEqual(outcome, { status: 'completed', output: [1, 2] });
    assert.deepEqual(
      linesOf(events)
        .filter((line) => line.startsWith('step.'))
        .toSorted(),
      [
        'step.completed a',
        'step.completed a/b',
        'step.completed b:x',
        'step.started a',
        'step.started a/b',
        'step.started b:x',
      ],
    );
  });

  it('escapes its key, so that two places never share a path', async () => {
    const { outcome } = await runOf(async (ctx) => {
      await ctx.step('a', () => 1, { key: 'x/b' });
      await ctx.step('a', async (inner) => inner.step('b', () => 2), { key: 'x' });
      await ctx.step('a', () => 3, { key: 'x@2' });
      return 'done';
    });
    assert.equal(outcome.status, 'completed');
  });

  it('returns a frozen copy, the same as the journal has', async () => {
    const mine = { list: [1], gone: undefined };
    const { outcome, events } = await runOf(async (ctx) => {
      const got = await ctx.step('a', () => mine);
      assert.throws(() => got.list.push(2), TypeError);
      mine.list.push(3);
      return got;
    });
    assert.deepEqual(outcome, { status: 'completed', output: { list: [1] } });
    assert.deepEqual(eventsOf(events, 'step.completed')[0]?.data.output, { list: [1] });
  });

  it('fails by a result that JSON can not say, and names its place', async () => {
    const { outcome } = await runOf((ctx) => ctx.step('a', () => ({ at: new Date(0) })));
    assert.equal(outcome.status, 'failed');
    assert.match(outcome.status === 'failed' ? outcome.error.message : '', /step "a" holds a Date at \.at/);
  });

  it('keeps a large value beside the journal and gives it back whole', async () => {
    const large = 'y'.repeat(limits.blobFromBytes);
    const { outcome, events } = await runOf((ctx) => ctx.step('a', () => large));
    assert.deepEqual(outcome, { status: 'completed', output: large });
    assert.ok(isBlobRef(eventsOf(events, 'step.completed')[0]?.data.output ?? null));
  });

  it('is durable before its value is returned', async () => {
    let seen = -1;
    const workflow = flow('flow', async (ctx) => {
      await ctx.step('a', () => 1);
      const page = await store.read('main', 'alice', { after: 0, limit: 100 });
      seen = page.events.filter(({ type }) => type === 'step.completed').length;
    });
    const { engine, store } = await createTestEngine({ workflows: [workflow] });
    await (await engine.as({ user: 'alice' }).start(workflow, null)).result();
    assert.equal(seen, 1);
  });

  it('has a failure durable before it is thrown (A6)', async () => {
    let seen = -1;
    const workflow = flow('flow', async (ctx) => {
      await ctx.step('a', () => Promise.reject(new Error('no'))).catch(() => undefined);
      const page = await store.read('main', 'alice', { after: 0, limit: 100 });
      seen = page.events.filter(({ type }) => type === 'step.failed').length;
    });
    const { engine, store } = await createTestEngine({ workflows: [workflow] });
    await (await engine.as({ user: 'alice' }).start(workflow, null)).result();
    assert.equal(seen, 1);
  });

  it('that fails and is caught makes the answer degraded, and says which', async () => {
    const { outcome } = await runOf(async (ctx) => {
      await ctx.step('a', () => Promise.reject(new Error('no'))).catch(() => undefined);
      return 'without it';
    });
    assert.deepEqual(outcome, {
      status: 'degraded',
      output: 'without it',
      reasons: [{ path: 'a', code: 'thrown', message: 'Error: no' }],
    });
  });
});

describe('a path used twice (T1)', () => {
  it('ends the run even if the body swallows the error (N3)', async () => {
    const { outcome } = await runOf(async (ctx) => {
      await ctx.step('a', () => 1);
      await ctx.step('a', () => 2).catch(() => undefined);
      return 'pretended';
    });
    assert.equal(outcome.status === 'failed' && outcome.error.code, 'path_reused');
  });

  it('that can not be a name ends the run too, and the name that it could have is told', async () => {
    const { outcome } = await runOf((ctx) => ctx.step('look up', () => 120).catch(() => 0));
    assert.equal(outcome.status === 'failed' && outcome.error.code, 'invalid_input');
    assert.match((outcome.status === 'failed' && outcome.error.hint) || '', /Write "look-up"/u);
  });

  it('is seen among parallel calls, and says to give a key', async () => {
    const { outcome } = await runOf((ctx) => Promise.all([1, 2].map((n) => ctx.step('a', () => n))));
    assert.equal(outcome.status === 'failed' && outcome.error.code, 'path_reused');
    assert.match((outcome.status === 'failed' && outcome.error.hint) || '', /key/);
  });
});

describe('a body that is not what TypeScript would have', () => {
  const ends = async (body: () => unknown): Promise<string> => {
    const { outcome } = await runOf(body as (ctx: Context) => Promise<unknown>);
    return 'output' in outcome ? JSON.stringify(outcome.output) : 'error' in outcome ? outcome.error.message : '';
  };

  it('may return a plain value, and what only looks like a promise', async () => {
    assert.equal(await ends(() => 5), '5');
    assert.equal(await ends(() => undefined), 'null');
    // oxlint-disable-next-line unicorn/no-thenable -- what is tested
    assert.equal(await ends(() => ({ then: (take: (value: number) => void) => take(1) })), '1');
    // oxlint-disable-next-line unicorn/no-thenable -- what is tested
    assert.equal(await ends(() => ({ then: () => assert.fail('odd') })), 'AssertionError: odd');
  });

  it('may throw what can not be looked at, and the run ends all the same', async () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    const throws = (): never => {
      throw proxy;
    };
    const said = 'Error: a value that can not be looked at was thrown';
    assert.equal(await ends(throws), said);
    const { outcome } = await runOf((ctx) => ctx.step('s', throws, { retry: { attempts: 2, delayMs: 0 } }));
    assert.equal(outcome.status === 'failed' && outcome.error.message, said);
  });
});

describe('calls inside calls', () => {
  it('have a deepest level, so that a body that calls itself ends', async () => {
    const itself = (ctx: Context): Promise<unknown> => ctx.step('s', itself);
    const { outcome, events } = await runOf(itself);
    assert.equal(outcome.status === 'failed' && outcome.error.code, 'limit_exceeded');
    assert.equal(eventsOf(events, 'step.started').length, limits.callDepthMax);
  });
});

describe('what a body leaves open', () => {
  it('may fail with nobody there, which ends no process', async () => {
    const unhandled: unknown[] = [];
    const keep = (reason: unknown): void => void unhandled.push(reason);
    process.on('unhandledRejection', keep);
    try {
      const { outcome } = await runOf(async (ctx) => {
        const calls = ['a', 'b'].map((key) => ctx.step('s', () => Promise.reject(new Error(key)), { key }));
        void ctx.wait('w', { signal: 'never' });
        await ctx.step('after', () => 1);
        for (const call of calls) await call;
      });
      assert.equal(outcome.status === 'failed' && outcome.error.message, 'Error: a');
      await new Promise<void>((resolve) => systemClock.soon(resolve));
      assert.deepEqual(unhandled, []);
    } finally {
      process.off('unhandledRejection', keep);
    }
  });

  it('is cancelled and closed before the run ends (T3), and opens nothing more', async () => {
    const { outcome, events } = await runOf(async (ctx) => {
      void ctx
        .step('float', () => new Promise(() => undefined))
        .catch(() => ctx.step('after', () => 1))
        .catch(() => undefined);
      await ctx.step('a', () => 1);
      return 'done';
    });
    assert.equal(outcome.status, 'completed');
    const lines = linesOf(events);
    assert.ok(lines.includes('step.failed float'));
    assert.ok(!lines.includes('step.started after'));
    assert.equal(lines.at(-1), 'run.completed');
  });

  it('is closed with its pause before a retry', async () => {
    const { outcome, events, clock } = await runOf(async (ctx) => {
      void ctx
        .step('float', () => Promise.reject(new Error('no')), { retry: { attempts: 9, delayMs: 50_000 } })
        .catch(() => undefined);
      await ctx.step('a', () => 1);
      return 'done';
    });
    assert.equal(outcome.status, 'completed');
    await clock.advance(60_000);
    assert.equal(eventsOf(events, 'step.started').filter(({ path }) => path === 'float').length, 1);
  });
});
