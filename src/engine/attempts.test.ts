import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { defineTool } from '../agents/tool.ts';
import type { Context } from '../agents/workflow.ts';
import { NotApplied } from '../core/errors.ts';
import { limits } from '../core/limits.ts';
import { createTestEngine, type TestEngine } from '../testing/test-engine.ts';
import { codeOf, flow, streamOf } from './crash.fixture.ts';
import type { RunHandle } from './run-handle.ts';
import { eventsOf, journalOf, linesOf } from './run.fixture.ts';

type Started = TestEngine & { readonly run: RunHandle<unknown> };

async function start(body: (ctx: Context) => Promise<unknown>, deadlineMs?: number): Promise<Started> {
  const workflow = flow('flow', body, deadlineMs === undefined ? {} : { deadlineMs });
  const made = await createTestEngine({ workflows: [workflow] });
  return { ...made, run: await made.engine.as({ user: 'alice' }).start(workflow, null) };
}

type Work = (call: { readonly key: string; readonly signal: AbortSignal }) => unknown;

function tool(effect: 'read' | 'idempotent', run: Work, attempts: number) {
  const retry = { attempts, delayMs: 10 };
  return defineTool({ name: 'act', description: 'Acts.', effect, input: z.null(), retry, run });
}

function onceTool(run: Work, timeoutMs = 5_000) {
  return defineTool({ name: 'pay', description: 'Pays.', effect: 'once', input: z.null(), timeoutMs, run });
}

const never = (): Promise<never> => new Promise(() => undefined);

describe('a retry', () => {
  it('tries a leaf in place, waits as its policy says, and tells each failure with what follows', async () => {
    let tries = 0;
    const { run, clock } = await start((ctx) =>
      ctx.step('a', () => (++tries < 3 ? Promise.reject(new Error('no')) : tries), {
        retry: { attempts: 3, delayMs: 100, factor: 3 },
      }),
    );
    const from = clock.now();
    assert.deepEqual(await run.result(), { status: 'completed', output: 3 });
    assert.equal(clock.now() - from, 400);
    const events = await journalOf(run);
    assert.deepEqual(
      eventsOf(events, 'step.failed').map(({ path, data }) => [path, data.retryInMs]),
      [
        ['a', 100],
        ['a', 300],
      ],
    );
    assert.deepEqual(
      eventsOf(events, 'step.started').map(({ attempt }) => attempt),
      [undefined, 2, 3],
    );
  });

  it('ends with the last failure, once the policy is used up', async () => {
    const { run } = await start((ctx) =>
      ctx.step('a', () => Promise.reject(new Error('no')), { retry: { attempts: 2, delayMs: 1 } }),
    );
    assert.equal((await run.result()).status, 'failed');
    assert.deepEqual(
      eventsOf(await journalOf(run), 'step.failed').map(({ data }) => data.retryInMs),
      [1, null],
    );
  });

  it('gives a step that had calls inside a new path, so that they begin anew (A2)', async () => {
    const { run } = await start((ctx) =>
      ctx.step(
        'a',
        async (inner) => {
          await inner.step('b', () => 1);
          if (inner.path === 'a') throw new Error('no');
          return inner.path;
        },
        { retry: { attempts: 2, delayMs: 1 } },
      ),
    );
    assert.deepEqual(await run.result(), { status: 'completed', output: 'a@2' });
    assert.ok(linesOf(await journalOf(run)).includes('step.completed a@2/b'));
  });

  it('is not made of an error that says it is no use', async () => {
    let tries = 0;
    const { run } = await start((ctx) =>
      ctx.step('a', () => (++tries, { at: Number.NaN }), { retry: { attempts: 5, delayMs: 1 } }),
    );
    assert.equal((await run.result()).status, 'failed');
    assert.equal(tries, 1);
  });

  it('keeps its slot in its pause, also beside a wait (T4)', async () => {
    let tries = 0;
    const { run, clock, store } = await start(async (ctx) => {
      const waiting = ctx.wait('w', { forMs: 100_000 });
      await ctx.step('a', () => (++tries < 2 ? Promise.reject(new Error('no')) : 1), {
        retry: { attempts: 2, delayMs: 5_000 },
      });
      await waiting;
    });
    await clock.advance(4_000);
    assert.equal(eventsOf(await streamOf(store, 'alice'), 'run.suspended').length, 0);
    await clock.advance(200_000);
    assert.equal((await run.result()).status, 'completed');
  });

  it('gives an idempotent tool one key in every try, also when the step around it is tried again', async () => {
    const keys: string[] = [];
    const act = tool(
      'idempotent',
      ({ key }) => (keys.push(key), keys.length < 4 ? Promise.reject(new Error('no')) : 1),
      2,
    );
    const { run } = await start((ctx) =>
      ctx.step('around', (inner) => inner.tool(act, null), { retry: { attempts: 2, delayMs: 1 } }),
    );
    assert.equal((await run.result()).status, 'completed');
    assert.deepEqual(keys, Array(4).fill(`${run.id}/around/act`));
  });
});

describe('a timeout', () => {
  it('cancels the step and fails it', async () => {
    let aborted = false;
    const { run, clock } = await start((ctx) =>
      ctx.step(
        'a',
        (inner) =>
          new Promise((_, reject) => {
            inner.signal.addEventListener('abort', () => reject(((aborted = true), inner.signal.reason)));
          }),
        { timeoutMs: 5_000 },
      ),
    );
    await clock.advance(5_000);
    const outcome = await run.result();
    assert.equal(outcome.status === 'failed' && outcome.error.code, 'deadline_exceeded');
    assert.ok(aborted);
  });

  it('leaves a tool behind that ignores its signal, after a second, and tells the user what comes late', async () => {
    const answer = Promise.withResolvers<string>();
    const act = defineTool({
      name: 'act',
      description: 'Acts.',
      effect: 'read',
      input: z.null(),
      timeoutMs: 5_000,
      run: () => answer.promise,
    });
    const { run, clock, store } = await start(async (ctx) => {
      await ctx.tool(act, null).catch(() => undefined);
      await ctx.wait('w', { forMs: 60_000 });
      return 'on';
    });
    await clock.advance(5_000 + limits.endGraceMs);
    const failed = eventsOf(await streamOf(store, 'alice'), 'tool.failed')[0];
    assert.equal(failed?.data.error.code, 'deadline_exceeded');
    answer.resolve('late');
    await clock.advance(60_000);
    assert.equal((await run.result()).status, 'degraded');
    const late = eventsOf(await streamOf(store, 'alice'), 'note').filter(({ data }) => data.code === 'late');
    assert.deepEqual(
      late.map(({ run: of, data }) => [of, data.data]),
      [[undefined, { run: run.id, path: 'act' }]],
    );
  });
});

describe('a `once` tool', () => {
  const cases: Record<string, { readonly run: Work; readonly cause: string; readonly act?: 'cancel' }> = {
    throws: { run: () => Promise.reject(new Error('reset')), cause: 'thrown' },
    'is out of time': { run: never, cause: 'deadline_exceeded' },
    'stops at its signal': {
      run: ({ signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
      cause: 'deadline_exceeded',
    },
  };
  for (const [name, { run: work, cause }] of Object.entries(cases)) {
    it(`that ${name} is in doubt, and waits for a decision (A4)`, async () => {
      let calls = 0;
      const pay = onceTool((call) => (calls++, work(call)));
      const { run, clock } = await start((ctx) => ctx.tool(pay, null));
      await clock.advance(10_000);
      const state = await run.state();
      assert.equal(state.status, 'suspended');
      assert.equal(state.steps.get('pay')?.status, 'indoubt');
      assert.equal(state.steps.get('pay')?.error?.code, cause);
      await run.decide('pay', 'happened', 'paid');
      assert.deepEqual(await run.result(), { status: 'completed', output: 'paid' });
      assert.equal(calls, 1);
    });
  }

  it('that is cancelled is in doubt in the journal, and the run still ends as cancelled', async () => {
    const { run, clock } = await start((ctx) => ctx.tool(onceTool(never), null));
    await clock.settle();
    await run.cancel('enough');
    await clock.advance(limits.endGraceMs);
    assert.deepEqual(await run.result(), { status: 'cancelled', reason: 'enough' });
    assert.equal((await run.state()).steps.get('pay')?.status, 'indoubt');
  });

  it('runs again when it is decided that it did not happen', async () => {
    let calls = 0;
    const pay = onceTool(() => (++calls === 1 ? Promise.reject(new Error('reset')) : 'paid'));
    const { run, clock } = await start((ctx) => ctx.tool(pay, null));
    await clock.settle();
    await run.decide('pay', 'did-not-happen');
    assert.deepEqual(await run.result(), { status: 'completed', output: 'paid' });
    assert.equal(calls, 2);
  });

  it('fails with `in_doubt` when it is given up', async () => {
    const { run, clock } = await start((ctx) =>
      ctx.tool(
        onceTool(() => Promise.reject(new Error('x'))),
        null,
      ),
    );
    await clock.settle();
    await run.decide('pay', 'give-up');
    const outcome = await run.result();
    assert.equal(outcome.status === 'failed' && outcome.error.code, 'in_doubt');
  });

  it('that says that nothing was applied has failed and is not in doubt, also when it was stopped', async () => {
    const refuse = onceTool(() => Promise.reject(new NotApplied('refused')));
    const { run } = await start((ctx) => ctx.tool(refuse, null));
    const outcome = await run.result();
    assert.equal(outcome.status === 'failed' && outcome.error.code, 'not_applied');
    const stopped = onceTool(
      ({ signal }) =>
        new Promise((_, reject) => signal.addEventListener('abort', () => reject(new NotApplied('in time')))),
    );
    const second = await start((ctx) => ctx.tool(stopped, null));
    await second.clock.advance(5_000);
    const end = await second.run.result();
    assert.equal(end.status === 'failed' && end.error.code, 'not_applied');
  });

  it('puts the step around it in doubt, which is not tried again unasked', async () => {
    let paid = 0;
    const pay = onceTool(() => ++paid);
    const { run, clock } = await start((ctx) =>
      ctx.step(
        'around',
        async (inner) => {
          const number = await inner.tool(pay, null);
          if (inner.path === 'around') throw new Error('after it');
          return number;
        },
        { retry: { attempts: 5, delayMs: 1 } },
      ),
    );
    await clock.settle();
    assert.equal((await run.state()).steps.get('around')?.status, 'indoubt');
    assert.equal(paid, 1);
    await run.decide('around', 'did-not-happen');
    assert.deepEqual(await run.result(), { status: 'completed', output: 2 });
  });

  it('takes one decision, for what is in doubt', async () => {
    const { run, clock } = await start((ctx) =>
      ctx.tool(
        onceTool(() => Promise.reject(new Error('x'))),
        null,
      ),
    );
    await clock.settle();
    assert.equal(await codeOf(run.decide('elsewhere', 'give-up')), 'conflict');
    const both = await Promise.all([codeOf(run.decide('pay', 'happened', 1)), codeOf(run.decide('pay', 'give-up'))]);
    assert.deepEqual(both, ['none', 'conflict']);
    assert.deepEqual(await run.result(), { status: 'completed', output: 1 });
  });
});

describe('a tool', () => {
  it('that answers within its grace has answered', async () => {
    const act = defineTool({
      name: 'act',
      description: 'Acts.',
      effect: 'once',
      input: z.null(),
      timeoutMs: 5_000,
      run: ({ signal }) => new Promise<string>((resolve) => signal.addEventListener('abort', () => resolve('just so'))),
    });
    const { run, clock } = await start((ctx) => ctx.tool(act, null));
    await clock.advance(5_000);
    assert.deepEqual(await run.result(), { status: 'completed', output: 'just so' });
  });
});
