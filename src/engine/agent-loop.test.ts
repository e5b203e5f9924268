/** The loop of a model and its tools: what is told, in which order, and what a model's mistakes come to. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as v from 'valibot';
import { z } from 'zod';
import { defineAgent } from '../agents/agent.ts';
import { defineTool, type ToolCall } from '../agents/tool.ts';
import { defineWorkflow } from '../agents/workflow.ts';
import { limits } from '../core/limits.ts';
import type { EventType } from '../journal/event.ts';
import { foldRun } from '../journal/run-state.ts';
import { memory } from '../stores/memory.ts';
import { createTestEngine } from '../testing/test-engine.ts';
import type { Script } from '../testing/scripted.ts';
import { eventsOf, journalOf, linesOf, storeWith } from './run.fixture.ts';

const add = defineTool({
  name: 'add',
  description: 'Adds two numbers.',
  effect: 'read',
  input: z.object({ a: z.number(), b: z.number() }),
  run: ({ input }) => input.a + input.b,
});
const clerk = defineAgent({ name: 'clerk', instructions: 'Be brief.', tools: [add] });
const callAdd = { name: 'add', input: { a: 2, b: 3 } };

/** Runs the agent once and gives all there is to see. */
async function ask(agent: ReturnType<typeof defineAgent<unknown>>, script: Script, roles: readonly string[] = []) {
  const { engine, model, clock } = await createTestEngine({ agents: [agent], script });
  const run = await engine.as({ user: 'alice', roles }).start(agent, 'What is 2 + 3?');
  const outcome = await run.result();
  const events = await journalOf(run);
  return { outcome, events, model, clock, lines: linesOf(events) };
}

const missionTypes: readonly EventType[] = [
  'agent.started',
  'agent.thinking',
  'tool.executing',
  'tool.completed',
  'agent.completed',
];

describe('the five events of an agent', () => {
  it('come in their order, each once, from the engine alone', async () => {
    const { events, model } = await ask(clerk, [{ toolCalls: [callAdd] }, 'That makes 5.']);
    model.assertComplete();
    const five = events.filter(({ type }) => missionTypes.includes(type));
    assert.deepEqual(linesOf(five), [
      'agent.started clerk',
      'agent.thinking clerk',
      'tool.executing clerk/add:1-0',
      'tool.completed clerk/add:1-0',
      'agent.thinking clerk',
      'agent.completed clerk',
    ]);
    assert.deepEqual(
      eventsOf(events, 'agent.thinking').map(({ data }) => data.turn),
      [1, 2],
    );
    assert.equal(eventsOf(events, 'tool.completed')[0]?.data.output, 5);
  });

  it('come once wherever a crash falls: thinking is told in one commit with the model call it is for', async () => {
    const inner = memory();
    const ends: string[] = [];
    const store = storeWith(inner, {
      append(batches) {
        for (const { events } of batches) ends.push(events.at(-1)?.type ?? '');
        return inner.append(batches);
      },
    });
    const large = 'x'.repeat(limits.blobFromBytes);
    const full = defineWorkflow({
      name: 'full',
      version: 1,
      input: z.number(),
      run: async (ctx, less) => {
        // Nearly fills a commit, in the turn in which the agent begins.
        let left = limits.flushBytesMax - less;
        for (; left > 2 * large.length; left -= large.length + 160) ctx.note(large);
        ctx.note('x'.repeat(left - 160));
        return (await ctx.agent(clerk, 'x')).output;
      },
    });
    const { engine } = await createTestEngine({ store, agents: [clerk], workflows: [full], script: () => 'yes' });
    for (let less = 0; less < 1_000; less += 100)
      assert.equal((await (await engine.as({ user: 'alice' }).start(full, less)).result()).status, 'completed');
    assert.ok(ends.includes('agent.started') && ends.includes('model.started'), 'commits end around it');
    assert.ok(!ends.includes('agent.thinking'));
  });

  it('happen when they say: a tool is told as executing before it runs and as completed after', async () => {
    const store = memory();
    const told = async (): Promise<string[]> => {
      const { events } = await store.read('main', 'alice', { after: 0, limit: 100 });
      return linesOf(events.filter(({ type }) => type.startsWith('tool.')));
    };
    const seen: string[][] = [];
    const watch = defineTool({
      name: 'watch',
      description: '',
      effect: 'once',
      input: z.object({}),
      run: async () => void seen.push(await told()),
    });
    const agent = defineAgent({ name: 'watcher', instructions: '', tools: [watch] });
    const { engine } = await createTestEngine({
      agents: [agent],
      store,
      script: [{ toolCalls: [{ name: 'watch', input: {} }] }, 'Done.'],
    });
    await (await engine.as({ user: 'alice' }).start(agent, 'Go.')).result();
    assert.deepEqual(seen, [['tool.executing watcher/watch:1-0']]);
    assert.deepEqual(await told(), ['tool.executing watcher/watch:1-0', 'tool.completed watcher/watch:1-0']);
  });

  it('end in agent.failed and never in agent.completed when the agent fails', async () => {
    const { outcome, events } = await ask(clerk, [{ finish: 'refusal' }]);
    assert.equal(outcome.status, 'failed');
    assert.equal(eventsOf(events, 'agent.completed').length, 0);
    const failed = eventsOf(events, 'agent.failed');
    assert.deepEqual(
      failed.map(({ data }) => [data.error.code, data.retryInMs]),
      [['model_refused', null]],
    );
    assert.deepEqual(outcome.status === 'failed' && outcome.error.code, 'model_refused');
  });

  it('are paired for each agent of a run with several at once', async () => {
    const second = defineAgent({ name: 'second', instructions: '', tools: [add] });
    const both = defineWorkflow({
      name: 'both',
      version: 1,
      input: z.string(),
      run: async (ctx, text) => {
        const answers = await Promise.all([ctx.agent(clerk, text), ctx.agent(second, text)]);
        return answers.map((answer) => answer.output);
      },
    });
    const { engine } = await createTestEngine({
      workflows: [both],
      script: (request) => (request.messages.length === 1 ? { toolCalls: [callAdd] } : request.agent),
    });
    const run = await engine.as({ user: 'alice' }).start(both, 'x');
    assert.deepEqual(await run.result(), { status: 'completed', output: ['clerk', 'second'] });
    const events = await journalOf(run);
    for (const agent of ['clerk', 'second']) {
      const own = events.filter(({ type, path }) => missionTypes.includes(type) && path?.startsWith(agent));
      assert.deepEqual(
        own.map(({ type }) => type),
        [...missionTypes.slice(0, 4), 'agent.thinking', 'agent.completed'],
      );
    }
  });
});

describe('the turns of an agent', () => {
  it('are bounded: a model that calls tools for ever ends its run as failed (L1)', async () => {
    const bounded = defineAgent({ name: 'bounded', instructions: '', tools: [add], turnsMax: 3 });
    const { outcome, events, model } = await ask(bounded, () => ({ toolCalls: [callAdd] }));
    assert.equal(outcome.status === 'failed' && outcome.error.code, 'turns_exhausted');
    assert.equal(model.requests.length, 3);
    assert.equal(eventsOf(events, 'tool.completed').length, 3);
    assert.equal(events.at(-1)?.type, 'run.failed');
  });

  it('run the tool calls of one turn at once, with keys by place, and answer in the order of the calls (L3)', async () => {
    const started: number[] = [];
    const slow = defineTool({
      name: 'slow',
      description: '',
      effect: 'read',
      input: z.object({ n: z.number() }),
      run: async ({ input }) => {
        started.push(input.n);
        // Later calls end first.
        for (let turn = 0; turn < 5 - input.n; turn++) await new Promise((resolve) => setImmediate(resolve));
        assert.equal(started.length, 3, 'all have begun before one ends');
        return `r${input.n}`;
      },
    });
    const agent = defineAgent({ name: 'many', instructions: '', tools: [slow] });
    const calls = [1, 2, 3].map((n) => ({ name: 'slow', id: `id${n}`, input: { n } }));
    const { events, model } = await ask(agent, [{ toolCalls: calls }, 'ok']);
    assert.deepEqual(
      eventsOf(events, 'tool.executing').map(({ path, data }) => [path, data.callId]),
      [
        ['many/slow:1-0', 'id1'],
        ['many/slow:1-1', 'id2'],
        ['many/slow:1-2', 'id3'],
      ],
    );
    assert.deepEqual(
      model.requests[1]?.messages.flatMap((m) => (m.role === 'tool' ? [`${m.callId}=${m.content}`] : [])),
      ['id1=r1', 'id2=r2', 'id3=r3'],
    );
  });

  it('say with the answer which tools failed it, live and from the journal, but for one that answered later', async () => {
    let tries = 0;
    const shaky = defineTool({
      name: 'shaky',
      description: '',
      effect: 'read',
      input: z.object({}),
      run: () => {
        if (++tries === 1) throw new Error('not yet');
        return tries;
      },
    });
    const broken = defineTool({
      name: 'broken',
      description: '',
      effect: 'read',
      input: z.object({}),
      run: () => assert.fail('the disk is away'),
    });
    const agent = defineAgent({ name: 'many', instructions: '', tools: [shaky, broken] });
    const told = defineWorkflow({
      name: 'told',
      version: 1,
      input: z.null(),
      run: async (ctx) => {
        const { failed } = await ctx.agent(agent, 'Go.');
        if (failed[0] !== undefined) seen.push(failed.map(({ path, tool }) => ({ path, tool })));
        await ctx.wait('on', { signal: 'on' });
        return null;
      },
    });
    const seen: unknown[] = [];
    const both = [
      { name: 'shaky', input: {} },
      { name: 'broken', input: {} },
    ];
    const script = [{ toolCalls: both }, { toolCalls: [{ name: 'shaky', input: {} }] }, 'ok'];
    const first = await createTestEngine({ workflows: [told], script });
    const run = await first.engine.as({ user: 'alice' }).start(told, null);
    for await (const { type } of run.events()) if (type === 'run.suspended') break;
    await first.engine.close();
    const { store, clock } = first;
    const next = await createTestEngine({ store, clock, workflows: [told], seed: 2 });
    const again = await next.engine.as({ user: 'alice' }).run(run.id);
    await again.signal('on');
    await again.result();
    await next.engine.close();
    const failed = [{ path: 'many/broken:1-1', tool: 'broken' }];
    assert.deepEqual(seen, [failed, failed]);
  });

  it('run no more tool calls in one turn than there may be, and tell the model of the others', async () => {
    const calls = Array.from({ length: limits.toolCallsPerTurnMax + 2 }, () => callAdd);
    const { events, model } = await ask(clerk, [{ toolCalls: calls }, 'ok']);
    assert.equal(eventsOf(events, 'tool.executing').length, limits.toolCallsPerTurnMax);
    const refused = model.requests[1]?.messages.filter((message) => message.role === 'tool' && message.failed);
    assert.equal(refused?.length, 2);
  });
});

describe('what a model gets wrong is answered to it, and no tool event is told of it (L2, C1)', () => {
  const secret = defineTool({
    name: 'payroll',
    description: 'For bosses.',
    effect: 'read',
    roles: ['boss'],
    input: z.object({}),
    run: () => 'salaries',
  });
  const guarded = defineAgent({ name: 'guarded', instructions: '', tools: [add, secret] });
  const cases = [
    ['an unknown tool', { name: 'ad', input: {} }, /tool_unknown.*"ad".*Did you mean "add"\?/],
    ['broken arguments', { name: 'add', rawInput: '{"a": 1,' }, /invalid_input.*not JSON/],
    ['arguments of the wrong shape', { name: 'add', input: { a: '2' } }, /invalid_input.*a: .*b: /],
    ['a tool that the user may not use', { name: 'payroll', input: {} }, /tool_unknown.*"payroll"/],
    ['a name that every object has', { name: 'constructor', input: {} }, /tool_unknown/],
  ] as const;
  for (const [what, call, told] of cases) {
    it(what, async () => {
      const { outcome, events, model } = await ask(guarded, [{ toolCalls: [call] }, 'Sorry.']);
      assert.deepEqual(outcome, { status: 'completed', output: 'Sorry.' });
      assert.deepEqual(
        events.filter(({ type }) => type.startsWith('tool.')),
        [],
      );
      const reply = model.requests[1]?.messages.at(-1);
      assert.ok(reply?.role === 'tool' && reply.failed);
      assert.match(reply.content, told);
      assert.doesNotMatch(reply.content, /salaries|boss/);
      const notes = eventsOf(events, 'note').map(({ data }) => data.code);
      assert.deepEqual(notes, ['tool_refused']);
    });
  }

  it('a tool is offered only to users with one of its roles', async () => {
    const offered = async (roles: string[]): Promise<string[] | undefined> => {
      const { model } = await ask(guarded, ['ok'], roles);
      return model.requests[0]?.tools.map(({ name }) => name);
    };
    assert.deepEqual(await offered([]), ['add']);
    assert.deepEqual(await offered(['bosses']), ['add']);
    assert.deepEqual(await offered(['x', 'boss']), ['add', 'payroll']);
  });

  it('a name of a million characters makes a short note', async () => {
    const { events } = await ask(clerk, [{ toolCalls: [{ name: 'n'.repeat(900_000), input: {} }] }, 'ok']);
    assert.ok((eventsOf(events, 'note')[0]?.data.text.length ?? Infinity) < 200);
  });
});

describe('the answer of an agent with a shape', () => {
  const shape = z.object({ sum: z.number() });
  const shaped = defineAgent({ name: 'shaped', instructions: '', output: shape, turnsMax: 3 });

  it('is asked for with the schema, and read from JSON alone or in a fenced block', async () => {
    for (const text of ['{"sum":5}', '```json\n{"sum": 5}\n```', '  ```\n{"sum":5}\n```\n']) {
      const { outcome, model } = await ask(shaped, [text]);
      assert.deepEqual(outcome, { status: 'completed', output: { sum: 5 } });
      assert.equal(model.requests[0]?.outputSchema?.['type'], 'object');
    }
  });

  it('is asked for again when it does not fit, and the run is not worse for it', async () => {
    const { outcome, events, model } = await ask(shaped, ['five', { output: { sum: '5' } }, { output: { sum: 5 } }]);
    assert.deepEqual(outcome, { status: 'completed', output: { sum: 5 } });
    assert.equal(eventsOf(events, 'agent.completed')[0]?.data.turns, 3);
    assert.deepEqual(
      eventsOf(events, 'note').map(({ data }) => data.code),
      ['answer_refused', 'answer_refused'],
    );
    const last = model.requests[2]?.messages.at(-1);
    assert.ok(last?.role === 'user');
    assert.match(last.text, /sum: /);
  });

  it('never passes when it never fits', async () => {
    const { outcome, events } = await ask(shaped, () => 'five');
    assert.equal(outcome.status === 'failed' && outcome.error.code, 'turns_exhausted');
    assert.equal(eventsOf(events, 'agent.completed').length, 0);
  });

  it('is what the schema makes of it, with any library', async () => {
    const valibot = defineAgent({
      name: 'valibot',
      instructions: '',
      output: v.pipe(
        v.string(),
        v.transform((text) => ({ length: text.length })),
      ),
      outputJsonSchema: { type: 'string' },
    });
    const { outcome } = await ask(valibot, ['"four"']);
    assert.deepEqual(outcome, { status: 'completed', output: { length: 4 } });
  });

  it('is degraded when it was cut off at its limit, but not for one that was refused and asked for again', async () => {
    const cut = await ask(clerk, [{ text: 'That ma', finish: 'length' }]);
    assert.deepEqual(cut.outcome.status === 'degraded' && cut.outcome.reasons.map(({ code }) => code), ['degraded']);
    assert.deepEqual(cut.outcome.status === 'degraded' && cut.outcome.output, 'That ma');
    const again = await ask(shaped, [{ text: '{"su', finish: 'length' }, '{"sum":5}']);
    assert.deepEqual(again.outcome, { status: 'completed', output: { sum: 5 } });
  });
});

describe('what an agent is told', () => {
  it('is its instructions for this user, its limits, and the whole talk so far', async () => {
    const agent = defineAgent({
      name: 'personal',
      instructions: ({ user, name }) => `You serve ${name ?? user}.`,
      tools: [add],
      outputTokensMax: 77,
      temperature: 0.5,
    });
    const { engine, model } = await createTestEngine({
      agents: [agent],
      script: [{ text: 'Hm.', toolCalls: [callAdd] }, '5'],
    });
    await (await engine.as({ user: 'alice', name: 'Alice' }).start(agent, 'Sum?')).result();
    const [first, second] = model.requests;
    assert.equal(first?.instructions, 'You serve Alice.');
    assert.deepEqual([first?.outputTokensMax, first?.temperature], [77, 0.5]);
    assert.deepEqual(first?.messages, [{ role: 'user', text: 'Sum?' }]);
    assert.deepEqual(
      second?.messages.map((message) => (message.role === 'tool' ? message.content : message.text)),
      ['Sum?', 'Hm.', '5'],
    );
  });

  it('fails the agent when its instructions can not be made', async () => {
    const agent = defineAgent({
      name: 'broken',
      instructions: () => {
        throw new Error('no template');
      },
    });
    const { outcome, events } = await ask(agent, []);
    assert.equal(outcome.status === 'failed' && outcome.error.message, 'Error: no template');
    assert.equal(eventsOf(events, 'agent.failed').length, 1);
  });
});

describe('the tool of an agent', () => {
  const failing = (run: (call: ToolCall<unknown>) => unknown, timeoutMs?: number) =>
    defineAgent({
      name: 'user',
      instructions: '',
      tools: [
        defineTool({
          name: 'frail',
          description: '',
          effect: 'read',
          input: z.object({}),
          output: z.string(),
          ...(timeoutMs === undefined ? {} : { timeoutMs }),
          run: (call) => run(call) as string,
        }),
      ],
    });
  const script = [{ toolCalls: [{ name: 'frail', input: {} }] }, 'I could not.'];

  it('that throws is told to the model and degrades the run', async () => {
    const agent = failing(() => {
      throw new Error('disk on fire');
    });
    const { outcome, events, model } = await ask(agent, script);
    assert.equal(outcome.status, 'degraded');
    assert.deepEqual(
      eventsOf(events, 'tool.failed').map(({ data }) => [data.error.message, data.retryInMs]),
      [['Error: disk on fire', null]],
    );
    assert.equal(eventsOf(events, 'tool.completed').length, 0);
    const reply = model.requests[1]?.messages.at(-1);
    assert.match(reply?.role === 'tool' ? reply.content : '', /thrown.*disk on fire/);
  });

  it('that returns the wrong shape has failed, whatever it did (C3)', async () => {
    for (const wrong of [7, undefined, new Date(0)]) {
      const { outcome, events } = await ask(
        failing(() => wrong),
        script,
      );
      assert.equal(outcome.status, 'degraded');
      assert.deepEqual(
        eventsOf(events, 'tool.failed').map(({ data }) => data.error.code),
        ['tool_output_invalid'],
      );
      assert.equal(eventsOf(events, 'tool.completed').length, 0);
    }
  });

  it('that answered in the wrong shape is no reason to ask whether it happened', async () => {
    const agent = defineAgent({
      name: 'sender',
      instructions: '',
      tools: [
        defineTool({ name: 'frail', description: '', effect: 'once', input: z.object({}), run: () => new Map() }),
      ],
    });
    const { outcome, events } = await ask(agent, script);
    assert.equal(outcome.status, 'degraded');
    assert.equal(eventsOf(events, 'tool.indoubt').length, 0);
    assert.equal(eventsOf(events, 'tool.failed')[0]?.data.error.code, 'tool_output_invalid');
  });

  it('that fails and then answers leaves nothing to complain of', async () => {
    let calls = 0;
    const agent = failing(() => {
      if (calls++ === 0) throw new Error('not yet');
      return 'there';
    });
    const { outcome } = await ask(agent, [script[0] ?? '', script[0] ?? '', 'Here.']);
    assert.deepEqual(outcome, { status: 'completed', output: 'Here.' });
  });

  it('that never returns is left behind when its time is up, and its signal has told it', async () => {
    let aborted = false;
    const agent = failing(({ signal }) => {
      signal.addEventListener('abort', () => (aborted = true));
      return new Promise(() => undefined);
    }, 5_000);
    const { engine, clock } = await createTestEngine({ agents: [agent], script });
    const run = await engine.as({ user: 'alice' }).start(agent, 'x');
    await clock.settle();
    await clock.advance(4_999);
    assert.equal(aborted, false);
    await clock.advance(1);
    assert.equal(aborted, true);
    const outcome = await run.result();
    assert.equal(outcome.status, 'degraded');
    const events = await journalOf(run);
    assert.equal(eventsOf(events, 'tool.failed')[0]?.data.error.code, 'deadline_exceeded');
    assert.equal(foldRun(events)?.failures.length, 1);
  });
});
