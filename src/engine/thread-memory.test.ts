/** What an agent remembers: its thread, its user's alone, what was answered, newest first within its tokens. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { defineAgent } from '../agents/agent.ts';
import { defineWorkflow } from '../agents/workflow.ts';
import { ModelError } from '../core/errors.ts';
import { createTestEngine, type TestEngineOptions } from '../testing/test-engine.ts';
import { answerText } from './thread-memory.ts';

const clerk = defineAgent({ name: 'clerk', instructions: '' });
const thread = 't';

async function open(options: TestEngineOptions = {}) {
  const made = await createTestEngine({
    agents: [clerk],
    script: ({ messages }) => {
      const last = messages.at(-1);
      const text = last?.role === 'user' ? last.text : '';
      if (text.startsWith('fail')) return { error: new ModelError('model_failed', 'no') };
      return `re ${text}`;
    },
    ...options,
  });
  const say = async (text: string, more: { thread?: string; user?: string; tenant?: string } = {}) => {
    const { user = 'alice', tenant = 'main', thread: place = thread } = more;
    const run = await made.engine.as({ tenant, user }).start('clerk', text, { thread: place });
    await run.result();
    return made.model.requests.at(-1)?.messages.map((message) => (message.role === 'tool' ? '' : message.text)) ?? [];
  };
  return { ...made, say };
}

describe('an agent in a thread', () => {
  it('sees what was said and answered before, in order', async () => {
    const { say, model } = await open();
    await say('one');
    await say('two');
    assert.deepEqual(await say('three'), ['one', 're one', 'two', 're two', 'three']);
    assert.deepEqual(
      model.requests.at(-1)?.messages.map(({ role }) => role),
      ['user', 'assistant', 'user', 'assistant', 'user'],
    );
  });

  it('sees nothing of another thread, another user or another tenant', async () => {
    const { say } = await open();
    await say('mine');
    await say('elsewhere', { thread: 'u' });
    await say('of bob', { user: 'bob' });
    await say('of another alice', { tenant: 'umbrella' });
    assert.deepEqual(await say('again'), ['mine', 're mine', 'again']);
    assert.deepEqual(await say('again', { user: 'bob' }), ['of bob', 're of bob', 'again']);
  });

  it('sees nothing of what was not answered', async () => {
    const { say, engine, clock } = await open();
    await say('one');
    await say('fail, please');
    const cancelled = await engine.as({ user: 'alice' }).start(clerk, 'never mind', { thread });
    await cancelled.cancel();
    await clock.settle();
    assert.deepEqual(await say('two'), ['one', 're one', 'two']);
  });

  it('sees the newest as far as its tokens go', async () => {
    const short = defineAgent({ name: 'clerk', instructions: '', threadTokensMax: 30 });
    const { say } = await open({ agents: [short] });
    await say('a'.repeat(40));
    await say('b'.repeat(40));
    await say('c');
    assert.deepEqual(await say('last'), ['b'.repeat(40), `re ${'b'.repeat(40)}`, 'c', 're c', 'last']);
  });

  it('sees nothing when it is not to remember, nor outside of a thread', async () => {
    const forgetful = defineAgent({ name: 'clerk', instructions: '', threadTokensMax: 0 });
    const { say } = await open({ agents: [forgetful] });
    await say('one');
    assert.deepEqual(await say('two'), ['two']);
    const { engine, model } = await open();
    for (const text of ['one', 'two']) await (await engine.as({ user: 'alice' }).start(clerk, text)).result();
    assert.equal(model.requests.at(-1)?.messages.length, 1);
  });

  it('sees messages that came while it was busy one after the other, each with the answers before it', async () => {
    const { engine, model } = await open();
    const alice = engine.as({ user: 'alice' });
    const runs = [];
    for (const text of ['one', 'two', 'three']) runs.push(await alice.start(clerk, text, { thread }));
    await Promise.all(runs.map((run) => run.result()));
    assert.deepEqual(
      model.requests.map(({ messages }) => messages.length),
      [1, 3, 5],
    );
  });

  it('sees in a run that another went on as what the first saw, and remembers both as one', async () => {
    const relay = defineWorkflow({
      name: 'relay',
      version: 1,
      input: z.object({ question: z.string(), left: z.number() }),
      async run(ctx, { question, left }): Promise<{ text: string }> {
        const { text } = await ctx.agent(clerk, `${question} ${left}`);
        return left === 0 ? { text } : ctx.restart({ question, left: left - 1 });
      },
    });
    const { say, engine, model } = await open({ workflows: [relay] });
    await say('one');
    const door = engine.as({ user: 'alice' });
    // More than are looked at at once: those between must not take the room of what was said before them.
    const run = await door.start(relay, { question: 'go', left: 120 }, { thread });
    const asked = await door.start('clerk', 'meanwhile', { thread });
    assert.equal((await run.result()).status, 'completed');
    const seen = model.requests.filter(({ messages }) => messages.some((one) => 'text' in one && one.text === 'go 0'));
    assert.deepEqual(
      seen[0]?.messages.map((message) => (message.role === 'tool' ? '' : message.text)),
      ['one', 're one', 'go 0'],
    );
    await asked.result();
    const both = ['one', 're one', 'go', 're go 0', 'meanwhile', 're meanwhile'];
    assert.deepEqual(await say('again'), [...both, 'again']);
  });

  it('sees the question of a workflow, and what a person reads of its answer', async () => {
    const flow = defineWorkflow({
      name: 'flow',
      version: 1,
      input: z.object({ question: z.string() }),
      run: (ctx) => ctx.step('answer', () => ({ text: 'Forty-two.', sources: 3 })),
    });
    const { engine, say } = await open({ workflows: [flow] });
    await (await engine.as({ user: 'alice' }).start(flow, { question: 'Why?' }, { thread })).result();
    assert.deepEqual(await say('And?'), ['Why?', 'Forty-two.', 'And?']);
  });
});

describe('what a person reads of an answer', () => {
  it('is the text, the text of an object, or else its JSON', () => {
    assert.equal(answerText('a'), 'a');
    assert.equal(answerText({ text: 'b', more: 1 }), 'b');
    assert.equal(answerText({ text: 7 }), '{"text":7}');
    assert.equal(answerText(null), 'null');
    assert.equal(answerText(['a']), '["a"]');
  });
});
