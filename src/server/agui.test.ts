/** AG-UI's own clients against a real server: `HttpAgent` of 1.0 and of before. */
import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { HttpAgent } from '@ag-ui/client';
import { HttpAgent as HttpAgentBefore1 } from 'ag-ui-client-0';
import { z } from 'zod';
import { defineAgent, type Agent } from '../agents/agent.ts';
import { defineApp, type App } from '../agents/app.ts';
import { defineTool } from '../agents/tool.ts';
import { defineWorkflow, type Context, type Workflow } from '../agents/workflow.ts';
import { systemClock } from '../core/clock.ts';
import type { Json } from '../core/json.ts';
import type { AguiInterrupt } from '../protocol/agui-event.ts';
import type { Script } from '../testing/scripted.ts';
import { SimClock } from '../testing/sim-clock.ts';
import { createTestEngine } from '../testing/test-engine.ts';
import { openAgui } from './agui.fixture.ts';
import type { ServerLimits } from './parts.ts';

const clerk = defineAgent({ name: 'clerk', instructions: 'Answer.' });

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

type Facts = {
  readonly agents?: readonly Agent[];
  readonly workflows?: readonly Workflow[];
  readonly app?: App;
  readonly script?: Script;
  readonly limits?: Partial<ServerLimits>;
};

async function open({ agents = [clerk], workflows = [], script = ['Hello.'], ...rest }: Facts = {}) {
  // Real clients compare an interrupt's expiry with the real time.
  const clock = new SimClock({ startAt: systemClock.now() });
  const made = await createTestEngine({ agents, workflows, script, clock });
  const server = await openAgui({ engine: made.engine, serves: { agents, workflows }, ...rest });
  closing.push(() => made.engine.close(), server.close);
  return { ...made, ...server };
}

const flow = (run: (ctx: Context, input: { question?: string | undefined }) => Promise<unknown>): Workflow =>
  defineWorkflow({
    name: 'flow',
    version: 1,
    input: z.object({ question: z.string().optional() }),
    run: async (ctx, input) => run(ctx, input),
  });

const generations = { '1.0': HttpAgent, 'before 1.0': HttpAgentBefore1 as unknown as typeof HttpAgent };

/** A client with a question, and what it was told. */
function client(url: string, { user = 'alice', text = 'Hi', of = HttpAgent, threadId = 'talk' } = {}) {
  const agent = new of({
    url,
    threadId,
    headers: { authorization: `Bearer ${user}` },
    initialMessages: [{ id: 'm1', role: 'user', content: text }],
  });
  const types: string[] = [];
  const outcomes: unknown[] = [];
  const errors: (string | undefined)[] = [];
  agent.subscribe({
    onEvent: ({ event }) => void types.push(event.type),
    onRunFinishedEvent: ({ event }) => void outcomes.push(event.outcome),
    onRunErrorEvent: ({ event }) => void errors.push(event.code),
  });
  return { agent, types, outcomes, errors };
}

const words = (agent: HttpAgent): (string | undefined)[] =>
  agent.messages.filter(({ role }) => role === 'assistant').map(({ content }) => content as string | undefined);

for (const [generation, of] of Object.entries(generations)) {
  describe(`HttpAgent of AG-UI ${generation}`, () => {
    it('gets the answer of an agent', async () => {
      const { url } = await open({ script: [{ text: ['Hel', 'lo.'] }] });
      const { agent, types } = client(url('clerk'), { of });
      const { newMessages } = await agent.runAgent({ runId: 'r1' });
      assert.deepEqual(
        newMessages.map(({ role, content }) => [role, content]),
        [['assistant', 'Hello.']],
      );
      assert.deepEqual([types[0], types.at(-1)], ['RUN_STARTED', 'RUN_FINISHED']);
    });

    it('talks on in the same thread', async () => {
      const { url, model } = await open({ script: ['Hello.', 'Still here.'] });
      const { agent } = client(url('clerk'), { of });
      await agent.runAgent();
      agent.messages = [...agent.messages, { id: 'm2', role: 'user', content: 'And now?' }];
      await agent.runAgent();
      assert.deepEqual(words(agent), ['Hello.', 'Still here.']);
      assert.equal(model.requests[1]?.messages.length, 3);
    });

    it('gets the answer of a workflow as the app has it for people', async () => {
      const workflow = flow(async (_ctx, { question }) => ({ asked: question ?? '' }));
      const app = defineApp({
        workflows: [workflow],
        render: (output) => `**${(output as { asked: string }).asked}**`,
      });
      const { url } = await open({ workflows: [workflow], app });
      const { agent } = client(url('flow'), { of, text: 'What?' });
      const { result } = await agent.runAgent();
      assert.deepEqual(words(agent), ['**What?**']);
      assert.deepEqual(result, { asked: 'What?' });
    });

    it('hears of a cancel, and not of a success', async () => {
      const { url, engine } = await open({ script: [{ text: ['Once', 'upon'], delayMs: 60_000 }] });
      const { agent, outcomes, errors, types } = client(url('clerk'), { of });
      const done = agent.runAgent();
      const run = await firstRun(engine);
      await run.cancel();
      await done.catch(() => undefined);
      if (generation === '1.0') assert.deepEqual(outcomes, [{ type: 'cancelled' }]);
      else assert.deepEqual([outcomes, errors], [[], ['cancelled']]);
      assert.ok(types.includes('RUN_STARTED'));
    });

    it('hears of a failure', async () => {
      const { url } = await open({ workflows: [flow(() => Promise.reject(new Error('no')))] });
      const { agent, errors } = client(url('flow'), { of });
      await agent.runAgent().catch(() => undefined);
      assert.deepEqual(errors, ['thrown']);
    });

    it('is asked for what a run waits for, and goes on with its answer', async () => {
      const { url } = await open({ workflows: [approval] });
      const { agent, outcomes, types } = client(url('flow'), { of });
      await agent.runAgent();
      const [interrupt] = interruptsOf(outcomes);
      assert.equal(interrupt?.metadata?.cantus.signal, 'approve');
      await agent.runAgent({
        resume: [{ interruptId: interrupt?.id ?? '', status: 'resolved', payload: { ok: true } }],
      });
      assert.deepEqual(outcomes.slice(1), [{ type: 'success' }]);
      assert.deepEqual(words(agent), ['Approved.']);
      assert.equal(types.filter((type) => type === 'RUN_STARTED').length, 2);
    });
  });
}

const approval = flow(async (ctx) => {
  const got = await ctx.wait('w', { signal: 'approve', schema: z.object({ ok: z.boolean() }) });
  return !got.expired && got.value.ok ? 'Approved.' : 'Refused.';
});

function interruptsOf(outcomes: readonly unknown[]): readonly AguiInterrupt[] {
  return (outcomes.at(-1) as { readonly interrupts: readonly AguiInterrupt[] }).interrupts;
}

async function firstRun(engine: Awaited<ReturnType<typeof open>>['engine'], user = 'alice') {
  const door = engine.as({ user });
  for await (const { events } of door.frames()) {
    const started = events.find(({ type }) => type === 'run.started');
    if (started?.run !== undefined) return door.run(started.run);
  }
  throw new Error('there is no run');
}

type Body = { readonly [member: string]: Json };
const input: Body = { threadId: 'talk', runId: 'r1', messages: [{ id: 'm1', role: 'user', content: 'Hi' }] };

/** What the server answers, as text. */
async function post(url: string, body: Body = input, user = 'alice') {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${user}` },
    body: JSON.stringify(body),
  });
  return { response, text: await response.text() };
}

function eventsIn(text: string): { type: string; runId?: string; [member: string]: unknown }[] {
  return [...text.matchAll(/^data: (.*)$/gm)].map(([, json]) => JSON.parse(json ?? '') as { type: string });
}

describe('a request', () => {
  it('is answered with LF lines of one event each, and no event twice', async () => {
    const { url } = await open();
    const { response, text } = await post(url('clerk'));
    assert.equal(response.status, 200);
    assert.match(response.headers.get('content-type') ?? '', /^text\/event-stream/);
    assert.ok(!text.includes('\r'));
    assert.match(text, /^(data: \{.*\}\n\n)+$/);
    assert.equal(eventsIn(text).at(-1)?.type, 'RUN_FINISHED');
  });

  it('that is wrong is refused before any event, and starts nothing (AGH1)', async () => {
    const { url, engine } = await open();
    const wrong: [Body, number][] = [
      [{}, 400],
      [{ ...input, threadId: '' }, 400],
      [{ ...input, runId: 7 }, 400],
      [{ ...input, messages: 'Hi' }, 400],
      [{ ...input, messages: [] }, 400],
      [{ ...input, messages: [{ role: 'user', content: [{ type: 'image', source: {} }] }] }, 415],
      [{ ...input, resume: [{ interruptId: 'x', status: 'resolved' }] }, 400],
      [{ ...input, resume: [{ interruptId: 'x#1:1', status: 'perhaps' }] }, 400],
      [{ ...input, resume: [{ interruptId: 'x#1:1', status: 'resolved' }] }, 404],
    ];
    for (const [body, status] of wrong) {
      const { response, text } = await post(url('clerk'), body);
      assert.equal(response.status, status, JSON.stringify(body));
      assert.equal((JSON.parse(text) as { status: number }).status, status);
    }
    assert.equal((await post(url('clark'))).response.status, 400);
    assert.deepEqual(await engine.as({ user: 'alice' }).runs(), []);
  });

  it('of somebody who has too many streams open is refused, and starts nothing (AGH1)', async () => {
    const { url, engine } = await open({ limits: { connectionsPerUserMax: 0 } });
    assert.equal((await post(url('clerk'))).response.status, 429);
    assert.deepEqual(await engine.as({ user: 'alice' }).runs(), []);
  });

  it('may have nulls, unknown members and text in parts', async () => {
    const { url, model } = await open();
    const parts = [
      { type: 'text', text: 'One' },
      { type: 'text', text: 'Two' },
    ];
    const messages = [{ id: 'm', role: 'user', content: parts, more: 1 }];
    const { response } = await post(url('clerk'), {
      ...input,
      messages,
      resume: null,
      tools: [],
      protocolVersion: null,
    });
    assert.equal(response.status, 200);
    assert.deepEqual(model.requests[0]?.messages.at(-1), { role: 'user', text: 'One\nTwo' });
  });

  it('that is sent again is told the same run from its start, also of a workflow that looks back (AGH2)', async () => {
    let runs = 0;
    const workflow = flow(() => Promise.resolve(`Run ${++runs}.`));
    const app = defineApp({
      workflows: [workflow],
      prepare: ({ question, previous }) => ({ input: { question: `${question} ${previous === undefined}` } }),
    });
    const { url } = await open({ workflows: [workflow], app });
    const first = await post(url('flow'));
    const again = await post(url('flow'));
    assert.equal(again.text, first.text);
    assert.equal(runs, 1);
    await post(url('flow'), { ...input, runId: 'r2' });
    assert.equal(runs, 2);
  });

  it('takes from its reader what it holds of the run, so that nothing is there twice (AGH2)', async () => {
    const { url } = await open();
    for (const of of Object.values(generations)) {
      const { agent } = client(url('clerk'), { of, threadId: 'again' });
      await agent.runAgent({ runId: 'r1' });
      await agent.runAgent({ runId: 'r1' });
      assert.deepEqual(
        agent.messages.map(({ content }) => content),
        ['Hi', 'Hello.'],
      );
    }
  });

  it('of another user with the same ids is another run (P2)', async () => {
    const { url, engine } = await open({ script: () => 'Hello.' });
    const [alice, bob] = [await post(url('clerk')), await post(url('clerk'), input, 'bob')];
    const [of] = await engine.as({ user: 'alice' }).runs();
    assert.ok(alice.text.includes(of?.run ?? '?') && !bob.text.includes(of?.run ?? '?'));
  });

  it('is told of a run that goes on as others to the end of the last, and once when it is sent again (AGU6)', async () => {
    const relay = defineWorkflow({
      name: 'relay',
      version: 1,
      input: z.object({ question: z.string().optional(), left: z.number().optional() }),
      async run(ctx, { left = 2 }): Promise<string> {
        await ctx.agent(clerk, `part ${left}`);
        if (left === 1) await ctx.wait('w', { signal: 'go' });
        return left === 0 ? 'all done' : ctx.restart({ left: left - 1 });
      },
    });
    const script: Script = ({ messages }) => `said ${JSON.stringify(messages.at(-1))}`.slice(0, 60);
    const { url } = await open({ agents: [clerk], workflows: [relay], script });
    const { agent, types, outcomes } = client(url('relay'));
    await agent.runAgent({ runId: 'r1' });
    assert.deepEqual(
      [types.filter((type) => type === 'RUN_STARTED').length, types.filter((type) => type === 'RUN_FINISHED').length],
      [1, 1],
    );
    const [{ interrupts }] = outcomes as [{ interrupts: AguiInterrupt[] }];
    assert.equal(words(agent).length, 2, 'of the first run and of the second');
    const again = client(url('relay')).agent;
    again.setMessages(agent.messages);
    await again.runAgent({ runId: 'r1' });
    assert.deepEqual(words(again), words(agent), 'nothing is there twice');
    const resume = [{ interruptId: interrupts[0]?.id ?? '', status: 'resolved' as const, payload: null }];
    await agent.runAgent({ runId: 'r2', resume });
    assert.equal(words(agent).at(-1), 'all done');
    assert.equal(words(agent).length, 4);
    assert.equal(types.at(-1), 'RUN_FINISHED');
  });

  it('that its agent took up while it worked ends at once, and names the run that answers (AGU6)', async () => {
    const slow = defineTool({
      name: 'slow',
      description: 'Is slow.',
      effect: 'read',
      input: z.null(),
      run: () => new Promise((resolve) => (release = () => resolve(1))),
    });
    let release = (): void => undefined;
    const steered = defineAgent({ name: 'steered', instructions: '', tools: [slow], onBusy: 'steer' });
    const script: Script = ({ messages }) =>
      messages.length === 1 ? { toolCalls: [{ name: 'slow', input: null }] } : `heard ${messages.length}`;
    const { url, engine, clock } = await open({ agents: [steered], script });
    const first = client(url('steered'));
    const running = first.agent.runAgent({ runId: 'r1' });
    const door = engine.as({ user: 'alice' });
    while ((await door.runs()).length < 1) await clock.settle();
    const second = client(url('steered'), { text: 'and this' });
    const taken = second.agent.runAgent({ runId: 'r2' });
    while ((await door.runs()).length < 2) await clock.settle();
    release();
    await Promise.all([running, taken]);
    assert.deepEqual(words(first.agent).at(-1), 'heard 4');
    assert.deepEqual(words(second.agent), []);
    assert.deepEqual([second.types.at(-2), second.types.at(-1)], ['CUSTOM', 'RUN_FINISHED']);
  });

  it('that goes away leaves the run to its end, and gives its place back (AGH3)', async () => {
    const { url, engine, parts, clock } = await open({ script: [{ text: ['Once', 'upon'], delayMs: 10_000 }] });
    const abort = new AbortController();
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify(input);
    const response = await fetch(url('clerk'), { method: 'POST', headers, body, signal: abort.signal });
    await response.body?.getReader().read();
    assert.equal(parts.connections.size, 1);
    abort.abort();
    while (parts.connections.size > 0) await new Promise<void>((resolve) => systemClock.soon(resolve));
    const run = await firstRun(engine);
    await clock.advance(40_000);
    assert.deepEqual(await run.result(), { status: 'completed', output: 'Onceupon' });
    assert.equal(parts.counts.all()['agui.closed'], 1);
  });

  it('is told when its login ends, or the server stops, that the run goes on', async () => {
    for (const [code, end] of [
      ['login_required', 'login'],
      ['draining', 'drain'],
    ] as const) {
      const { url, engine, endLogin, drain, parts } = await open({
        workflows: [flow((ctx) => ctx.wait('w', { forMs: 1e9 }))],
      });
      const answer = post(url('flow'));
      const run = await firstRun(engine);
      endLogin('bob');
      if (end === 'login') endLogin('alice');
      else drain();
      const last = eventsIn((await answer).text).at(-1);
      assert.deepEqual([last?.type, last?.['code']], ['RUN_ERROR', code]);
      assert.equal((await run.state()).outcome, undefined);
      assert.equal(parts.connections.size, 0);
    }
  });

  it('hears that the server is there while nothing happens', async () => {
    const { url, engine } = await open({
      workflows: [flow((ctx) => ctx.wait('w', { forMs: 1e9 }))],
      limits: { heartbeatMs: 5 },
    });
    const response = await fetch(url('flow'), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(input),
    });
    let text = '';
    const decoder = new TextDecoder();
    for await (const bytes of response.body ?? []) {
      text += decoder.decode(bytes as Uint8Array, { stream: true });
      if (text.includes(': keep-alive')) await (await firstRun(engine)).cancel();
    }
    assert.match(text, /(^|\n\n): keep-alive\n\n/);
    assert.equal(eventsIn(text).at(-1)?.type, 'RUN_ERROR');
  });
});

describe('an answer to an interrupt', () => {
  const answer = (interruptId: string, payload: Json = { ok: true }): Body => {
    return { ...input, runId: 'r2', resume: [{ interruptId, status: 'resolved', payload }] };
  };

  async function interrupted(workflow: Workflow) {
    const made = await open({ workflows: [workflow] });
    const { text } = await post(made.url('flow'), { ...input, protocolVersion: '1.0' });
    const last = eventsIn(text).at(-1) as { outcome?: { interrupts?: AguiInterrupt[] } };
    const interrupts = last.outcome?.interrupts ?? [];
    return { ...made, interrupts, id: interrupts[0]?.id ?? '' };
  }

  it('is given once, and told the same again when it is sent again (AGH2)', async () => {
    const { url, id } = await interrupted(approval);
    const first = await post(url('flow'), answer(id));
    const again = await post(url('flow'), answer(id));
    assert.equal(again.text, first.text);
    const [started] = eventsIn(first.text);
    assert.deepEqual([started?.type, started?.runId], ['RUN_STARTED', 'r2']);
    assert.ok(first.text.includes('Approved.'));
  });

  it('that the wait refuses is a problem, and the run waits on (AGH1)', async () => {
    const { url, id } = await interrupted(approval);
    assert.equal((await post(url('flow'), answer(id, { ok: 'yes' }))).response.status, 400);
    assert.ok((await post(url('flow'), answer(id))).text.includes('Approved.'));
  });

  it('of another user, in another thread, or of nothing is refused alike (P2)', async () => {
    const { url, id } = await interrupted(approval);
    assert.equal((await post(url('flow'), answer(id), 'bob')).response.status, 404);
    assert.equal((await post(url('flow'), { ...answer(id), threadId: 'other' })).response.status, 404);
    for (const wrong of [id.replace(/\d+$/, '1'), id.replace(/\d+$/, '9999'), id.replace(/\d+$/, '0')])
      assert.equal((await post(url('flow'), answer(wrong))).response.status, 400);
  });

  it('that gives up a wait cancels its run', async () => {
    const { url, id } = await interrupted(approval);
    const resume = [{ interruptId: id, status: 'cancelled' }];
    const { text } = await post(url('flow'), { ...input, runId: 'r2', protocolVersion: '1.0', resume });
    assert.deepEqual(eventsIn(text).at(-1)?.['outcome'], { type: 'cancelled' });
  });

  it('decides of a call in doubt', async () => {
    const pay = defineTool({
      name: 'pay',
      description: 'Pays.',
      effect: 'once',
      input: z.object({}),
      run: () => Promise.reject(new Error('the line went dead')),
    });
    const { url, id } = await interrupted(flow(async (ctx) => `Paid: ${JSON.stringify(await ctx.tool(pay, {}))}`));
    const { text } = await post(url('flow'), answer(id, { decision: 'happened', output: 7 }));
    assert.ok(text.includes('Paid: 7'));
  });

  it('of two waits at once is followed to the end, however they were taken (AGH4)', async () => {
    const { url, interrupts } = await interrupted(
      flow(async (ctx) => {
        const [a, b] = await Promise.all([ctx.wait('a', { signal: 'a' }), ctx.wait('b', { signal: 'b' })]);
        return `Both: ${JSON.stringify([a, b])}`;
      }),
    );
    assert.equal(interrupts.length, 2);
    const resume = interrupts.map(({ id }) => ({ interruptId: id, status: 'resolved' }));
    const { text } = await post(url('flow'), { ...input, runId: 'r2', resume });
    assert.ok(text.includes('Both: '));
    assert.deepEqual(eventsIn(text).at(-1)?.['outcome'], { type: 'success' });
  });
});
