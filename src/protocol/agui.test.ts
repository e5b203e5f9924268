/** Runs of every kind, as AG-UI tells them: accepted by the verifiers of its real clients. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { defineAgent } from '../agents/agent.ts';
import { defineTool } from '../agents/tool.ts';
import type { Context, Workflow } from '../agents/workflow.ts';
import { ModelError } from '../core/errors.ts';
import { flow, leaseOverMs } from '../engine/crash.fixture.ts';
import { journalOf } from '../engine/run.fixture.ts';
import { examples, told as journalTold } from '../journal/run-state.fixture.ts';
import { memory } from '../stores/memory.ts';
import { linkTo } from '../testing/crash-store.ts';
import type { Script } from '../testing/scripted.ts';
import { SimClock } from '../testing/sim-clock.ts';
import { createTestEngine } from '../testing/test-engine.ts';
import type { AguiEvent } from './agui-event.ts';
import { custom, projected, texts, told, typesOf, verified } from './agui.fixture.ts';

const add = defineTool({
  name: 'add',
  description: 'Adds.',
  effect: 'read',
  input: z.object({ a: z.number(), b: z.number() }),
  run: ({ input }) => input.a + input.b,
});
const clerk = defineAgent({ name: 'clerk', instructions: 'Answer.', tools: [add] });

async function runOf(what: Workflow | typeof clerk, script: Script = [], input: unknown = 'Hi') {
  const workflows = what.kind === 'workflow' ? [what] : [];
  const made = await createTestEngine({ agents: [clerk], workflows, script });
  const run = await made.engine.as({ user: 'alice' }).start(what as Workflow, input, { thread: 'talk' });
  return { ...made, run };
}

function discardedTexts(events: readonly AguiEvent[], failed: Readonly<Record<string, unknown>> | undefined) {
  return (failed?.['discarded'] as string[] | undefined)?.map((id) => texts(events).get(id));
}

async function journal(body: (ctx: Context) => Promise<unknown>, script: Script = []) {
  const { run } = await runOf(flow('flow', body), script);
  return journalOf(run);
}

describe('an agent that answers', () => {
  it('is a message of the run itself, with its usage (AGU5)', async () => {
    const { run } = await runOf(clerk, [{ text: ['Hel', 'lo.'] }]);
    const events = await verified(await journalOf(run));
    assert.deepEqual(typesOf(events), [
      'RUN_STARTED',
      'TEXT_MESSAGE_START',
      'TEXT_MESSAGE_CONTENT',
      'TEXT_MESSAGE_CONTENT',
      'TEXT_MESSAGE_END',
      'RUN_FINISHED',
    ]);
    const [started] = told(events, 'RUN_STARTED');
    const [finished] = told(events, 'RUN_FINISHED');
    assert.equal(started?.threadId, 'talk');
    assert.equal(started?.runId, run.id);
    assert.deepEqual([...texts(events).values()], ['Hello.']);
    assert.ok(events.every((event) => !('subagentRunId' in event)));
    assert.deepEqual(finished?.outcome, { type: 'success' });
    assert.equal(finished?.result, 'Hello.');
    const usage = finished?.usage?.[0];
    assert.equal(usage?.model, 'scripted');
    assert.equal(usage?.totalTokens, (usage?.inputTokens ?? 0) + (usage?.outputTokens ?? 0));
    assert.deepEqual(started?.metadata.cantus, { run: run.id, seq: 1, userSeq: 1 });
  });

  it('has its tool calls in the message that asked for them, and a result for each', async () => {
    const call = { name: 'add', input: { a: 1, b: 2 } };
    const { run } = await runOf(clerk, [{ text: 'Let me see.', toolCalls: [call, call] }, 'That makes 3.']);
    const events = await verified(await journalOf(run));
    const [asked] = texts(events).keys();
    const calls = told(events, 'TOOL_CALL_START');
    assert.equal(calls.length, 2);
    assert.deepEqual([...new Set(calls.map(({ parentMessageId }) => parentMessageId))], [asked]);
    assert.equal(new Set(calls.map(({ toolCallId }) => toolCallId)).size, 2);
    assert.deepEqual(
      told(events, 'TOOL_CALL_RESULT').map(({ toolCallId, content }) => [toolCallId, content]),
      calls.map(({ toolCallId }) => [toolCallId, '3']),
    );
    assert.deepEqual(
      told(events, 'TOOL_CALL_ARGS').map(({ delta }) => JSON.parse(delta) as unknown),
      [call.input, call.input],
    );
  });

  it('takes back what a try said that failed in the middle (AGU3)', async () => {
    const { run } = await runOf(clerk, [{ text: 'Wrong', cut: true }, 'Right.']);
    const events = await verified(await journalOf(run));
    const messages = texts(events);
    assert.deepEqual([...messages.values()], ['Wrong', 'Right.']);
    const [failed] = custom(events, 'attempt.failed');
    assert.deepEqual(failed?.['discarded'], [[...messages.keys()][0]]);
    assert.equal(told(events, 'RUN_FINISHED')[0]?.outcome.type, 'success');
  });

  it('fails as RUN_ERROR when its model does, with all that was open closed', async () => {
    const error = new ModelError('model_failed', 'The model is gone.', { hint: 'Look after it.' });
    const { run } = await runOf(clerk, [{ text: 'Half', error }]);
    const events = await verified(await journalOf(run));
    const last = events.at(-1);
    assert.ok(last?.type === 'RUN_ERROR');
    assert.equal(last.code, 'model_failed');
    assert.equal(last.metadata.cantus.error?.hint, 'Look after it.');
    assert.equal(told(events, 'TEXT_MESSAGE_END').length, 1);
  });
});

describe('a workflow', () => {
  it('is steps, subagents and an answer', async () => {
    const events = await verified(
      await journal(
        async (ctx) => {
          const { text } = await ctx.step('ask', async (inner) => inner.agent(clerk, 'What?'));
          return `The clerk says: ${text}`;
        },
        ['Hello.'],
      ),
    );
    assert.deepEqual(typesOf(events), [
      'RUN_STARTED',
      'STEP_STARTED',
      'SUBAGENT_STARTED',
      'TEXT_MESSAGE_START',
      'TEXT_MESSAGE_CONTENT',
      'TEXT_MESSAGE_END',
      'SUBAGENT_FINISHED',
      'STEP_FINISHED',
      'TEXT_MESSAGE_START',
      'TEXT_MESSAGE_CONTENT',
      'TEXT_MESSAGE_END',
      'RUN_FINISHED',
    ]);
    const [said, answer] = told(events, 'TEXT_MESSAGE_START');
    assert.equal(said?.subagentRunId, told(events, 'SUBAGENT_STARTED')[0]?.subagentRunId);
    assert.ok(said?.subagentRunId !== undefined && answer?.subagentRunId === undefined);
    assert.equal([...texts(events).values()].at(-1), 'The clerk says: Hello.');
  });

  it('tells agents and tools side by side apart', async () => {
    const script: Script = ({ messages }) =>
      messages.length === 1 ? { text: ['a', 'b', 'c'], toolCalls: [{ name: 'add', input: { a: 1, b: 1 } }] } : 'Done.';
    const events = await verified(
      await journal(async (ctx) => {
        const asked = ['x', 'y', 'z'].map((key) => ctx.agent(clerk, key, { key }));
        await Promise.all([...asked, ctx.tool(add, { a: 2, b: 2 }), ctx.step('idle', () => 1)]);
      }, script),
    );
    const started = told(events, 'SUBAGENT_STARTED');
    assert.equal(new Set(started.map(({ subagentRunId }) => subagentRunId)).size, 3);
    for (const { subagentRunId } of started) {
      const own = told(events, 'TEXT_MESSAGE_CONTENT').filter((event) => event.subagentRunId === subagentRunId);
      assert.equal(own.map(({ delta }) => delta).join(''), 'abcDone.');
    }
    const [body] = told(events, 'TOOL_CALL_START').filter((event) => event.subagentRunId === undefined);
    assert.equal(body?.parentMessageId, undefined);
  });

  it('gives a step that is tried again a new beginning, and takes back what was said in it', async () => {
    let tries = 0;
    const events = await verified(
      await journal(
        (ctx) =>
          ctx.step(
            'work',
            async (inner) => {
              const { text } = await inner.agent(clerk, 'Go');
              if (++tries === 1) throw new Error('once more');
              return text;
            },
            { retry: { attempts: 2, delayMs: 5 } },
          ),
        ['One.', 'Two.'],
      ),
    );
    const [failed] = custom(events, 'attempt.failed');
    assert.equal(failed?.['path'], 'work');
    assert.deepEqual(discardedTexts(events, failed), ['One.']);
    assert.deepEqual(
      told(events, 'STEP_STARTED').map(({ stepName }) => stepName),
      ['work', 'work@2'],
    );
  });

  it('says why it is degraded before it finishes', async () => {
    const events = await verified(
      await journal(async (ctx) => {
        await ctx.step('hard', () => Promise.reject(new Error('no'))).catch(() => undefined);
        return 'Something.';
      }),
    );
    const [degraded] = custom(events, 'run.degraded');
    assert.deepEqual(degraded?.['reasons'], [{ path: 'hard', code: 'thrown', message: 'Error: no' }]);
    assert.equal(told(events, 'RUN_FINISHED')[0]?.outcome.type, 'success');
  });

  it('tells a plan and its revision as one activity', async () => {
    const events = await verified(
      await journal(async (ctx) => {
        await ctx.plan({ steps: ['a'] }, 'first');
        await ctx.plan({ steps: ['a', 'b'] }, 'better', 'a');
      }),
    );
    const plans = told(events, 'ACTIVITY_SNAPSHOT');
    assert.deepEqual(
      plans.map(({ content }) => content['plan']),
      [{ steps: ['a'] }, { steps: ['a', 'b'] }],
    );
    assert.equal(new Set(plans.map(({ messageId }) => messageId)).size, 1);
  });

  it('that was cancelled in the middle is cancelled, and never a success', async () => {
    const { run, clock } = await runOf(
      flow('flow', (ctx) => ctx.step('ask', async (inner) => inner.agent(clerk, 'Go'))),
      [{ text: ['Once', 'upon', 'a', 'time'], delayMs: 5_000 }],
    );
    await clock.advance(11_000);
    await run.cancel('enough');
    const events = await verified(await journalOf(run));
    const last = events.at(-1);
    assert.ok(last?.type === 'RUN_FINISHED');
    assert.deepEqual(last.outcome, { type: 'cancelled' });
    assert.equal(last.metadata.cantus.reason, 'enough');
    assert.ok([...texts(events).values()][0]?.startsWith('Once'));
    const before = projected(await journalOf(run), { before1: true }).at(-1);
    assert.ok(before?.type === 'RUN_ERROR');
    assert.equal(before.code, 'cancelled');
  });
});

describe('a run that waits', () => {
  it('ends its AG-UI run as interrupt, and goes on in the next one (AGU2)', async () => {
    const { run, clock } = await runOf(
      flow('flow', (ctx) =>
        ctx.step('outer', async (inner) => {
          const got = await inner.wait('approval', { signal: 'approve', expiresInMs: 60_000 });
          return got.expired ? 'Too late.' : 'Approved.';
        }),
      ),
    );
    await clock.settle();
    await run.signal('other', 1);
    await run.signal('approve', true);
    const events = await verified(await journalOf(run));
    assert.deepEqual(
      told(events, 'RUN_STARTED').map(({ runId }) => runId),
      [run.id, `${run.id}#2`],
    );
    const [first, second] = told(events, 'RUN_FINISHED');
    assert.ok(first?.outcome.type === 'interrupt' && second?.outcome.type === 'success');
    const [interrupt] = first.outcome.interrupts;
    assert.equal(interrupt?.reason, 'cantus.signal');
    assert.deepEqual(interrupt?.metadata.cantus, { path: 'outer/approval', signal: 'approve' });
    assert.equal(interrupt?.expiresAt, new Date(clock.now() + 60_000).toISOString());
    assert.deepEqual(
      told(events, 'STEP_STARTED').map((event) => event.metadata.cantus.reopened),
      [undefined, true],
    );
    assert.equal(told(events, 'STEP_FINISHED').length, 2);
  });

  it('stays in one AG-UI run while only time has to pass (AGU2)', async () => {
    const { run, clock } = await runOf(flow('flow', (ctx) => ctx.wait('nap', { forMs: 60_000 })));
    await clock.advance(60_000);
    const events = await verified(await journalOf(run));
    assert.equal(told(events, 'RUN_STARTED').length, 1);
    assert.equal(custom(events, 'run.suspended').length, 1);
  });

  it('asks nothing of a doubt that nobody waits for any more', async () => {
    const waits = ['wait.started', { for: { kind: 'signal', signal: 's' }, until: 9 }, 'w'] as const;
    const events = projected(
      journalTold(...examples['tool.indoubt'], waits, [
        'run.suspended',
        { activeLeftMs: 1, waits: ['w'], wakeAt: null },
      ]),
    );
    const [finished] = told(events, 'RUN_FINISHED');
    assert.ok(finished?.outcome.type === 'interrupt');
    assert.deepEqual(
      finished.outcome.interrupts.map(({ reason }) => reason),
      ['cantus.signal'],
    );
  });

  it('has no date for an expiry beyond all dates', async () => {
    const { run, clock } = await runOf(flow('flow', (ctx) => ctx.wait('w', { signal: 's', expiresInMs: 1e18 })));
    await clock.settle();
    await run.signal('s');
    const [first] = told(await verified(await journalOf(run)), 'RUN_FINISHED');
    assert.ok(first?.outcome.type === 'interrupt');
    assert.equal(first.outcome.interrupts[0]?.expiresAt, undefined);
  });

  it('asks what became of a call in doubt, and gives its result in the next AG-UI run', async () => {
    const pay = defineTool({
      name: 'pay',
      description: 'Pays.',
      effect: 'once',
      input: z.object({}),
      run: () => Promise.reject(new Error('the line went dead')),
    });
    const payer = defineAgent({ name: 'payer', instructions: 'Pay.', tools: [pay] });
    const workflow = flow('flow', async (ctx) => (await ctx.agent(payer, 'Go')).text);
    const { run, clock } = await runOf(workflow, [{ toolCalls: [{ name: 'pay', input: {} }] }, 'Paid.']);
    await clock.settle();
    const [doubt] = [...(await run.state()).steps.values()].filter(({ status }) => status === 'indoubt');
    await run.decide(doubt?.path ?? '', 'happened', { receipt: 7 });
    const events = await verified(await journalOf(run));
    const [first] = told(events, 'RUN_FINISHED');
    assert.ok(first?.outcome.type === 'interrupt');
    const [interrupt] = first.outcome.interrupts;
    assert.equal(interrupt?.toolCallId, told(events, 'TOOL_CALL_START')[0]?.toolCallId);
    assert.equal(interrupt?.subagentRunId, told(events, 'SUBAGENT_STARTED')[0]?.subagentRunId);
    const [paused, done] = told(events, 'SUBAGENT_FINISHED');
    assert.deepEqual(paused?.outcome, { type: 'suspended', interruptIds: [interrupt?.id] });
    assert.deepEqual(done?.outcome, { type: 'success' });
    const [result] = told(events, 'TOOL_CALL_RESULT');
    assert.equal(result?.content, '{"receipt":7}');
    assert.ok(events.indexOf(result) > events.indexOf(first));
  });

  it('answers the calls that have no result when it is cancelled (AGU4)', async () => {
    const pay = defineTool({
      name: 'pay',
      description: 'Pays.',
      effect: 'once',
      input: z.object({}),
      run: () => Promise.reject(new Error('dead')),
    });
    const { run, clock } = await runOf(flow('flow', (ctx) => ctx.tool(pay, {})));
    await clock.settle();
    await run.cancel();
    const events = await verified(await journalOf(run));
    assert.deepEqual(
      told(events, 'TOOL_CALL_RESULT').map(({ toolCallId }) => toolCallId),
      told(events, 'TOOL_CALL_START').map(({ toolCallId }) => toolCallId),
    );
    assert.equal(told(events, 'RUN_FINISHED').at(-1)?.outcome.type, 'cancelled');
  });
});

describe('a run whose node died', () => {
  it('goes on in the same AG-UI run, with what was cut off taken back', async () => {
    const clock = new SimClock();
    const store = memory({ clock });
    const workflow = flow('flow', async (ctx) => {
      await ctx.step('first', () => 1);
      return (await ctx.agent(clerk, 'Go')).text;
    });
    const link = linkTo(store);
    const slow: Script = [{ text: ['Once', 'upon'], delayMs: 5_000 }];
    const before = await createTestEngine({ store: link, clock, workflows: [workflow], script: slow });
    const { id } = await before.engine.as({ user: 'alice' }).start(workflow, null);
    await clock.advance(5_000);
    link.freeze();
    await clock.advance(leaseOverMs);
    const after = await createTestEngine({
      store: linkTo(store),
      clock,
      workflows: [workflow],
      script: ['All.'],
      seed: 2,
    });
    const events = await verified(await journalOf(await after.engine.as({ user: 'alice' }).run(id)));
    assert.equal(told(events, 'RUN_STARTED').length, 1);
    assert.equal(custom(events, 'run.resumed')[0]?.['reason'], 'recovered');
    const [failed] = custom(events, 'attempt.failed');
    assert.deepEqual(discardedTexts(events, failed), ['Once']);
    assert.deepEqual([...texts(events).values()], ['Once', 'All.', 'All.']);
  });
});

describe('the projection', () => {
  it('has an answer for every event there is', async () => {
    for (const [type, before] of Object.entries(examples)) {
      const events = journalTold(...before);
      const ends = /^run\.(completed|degraded|failed|cancelled)$/.test(type);
      const whole = ends
        ? events
        : [
            ...events,
            ...journalTold(...before, [
              'run.failed',
              { error: { code: 'thrown', message: 'no', retryable: true } },
            ]).slice(-1),
          ];
      const all = await verified(whole);
      assert.ok(['RUN_FINISHED', 'RUN_ERROR'].includes(all.at(-1)?.type ?? ''), type);
    }
  });

  it('takes the names that a reader gave its AG-UI runs', () => {
    const events = journalTold(['run.completed', { output: null }]);
    const [started] = projected(events, { threadId: 't9', runIdOf: (segment) => `mine-${segment}` });
    assert.ok(started?.type === 'RUN_STARTED');
    assert.deepEqual([started.threadId, started.runId], ['t9', 'mine-1']);
  });
});
