/** What providers do wrong on the wire, through the whole engine: what the run and its journal say, and who notices. */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { z } from 'zod';
import { defineAgent } from '../agents/agent.ts';
import { defineTool } from '../agents/tool.ts';
import { startAimock } from '../models/aimock.fixture.ts';
import { openaiCompatible } from '../models/openai-compatible.ts';
import { memory } from '../stores/memory.ts';
import { createEngine } from './create-engine.ts';
import { eventsOf, journalOf } from './run.fixture.ts';

const add = defineTool({
  name: 'add',
  description: 'Adds.',
  effect: 'read',
  input: z.object({ a: z.number(), b: z.number() }),
  run: ({ input }) => input.a + input.b,
});
const clerk = defineAgent({ name: 'clerk', instructions: 'Be brief.', tools: [add], turnsMax: 4 });

/** Alice meets the fault while bob asks for the time of day; his run must be as if she were not there. */
async function meet(t: TestContext, plan: (mock: Awaited<ReturnType<typeof startAimock>>['mock']) => void) {
  const { mock, baseUrl, close } = await startAimock();
  plan(mock);
  mock.onMessage('time', { content: 'It is noon.' }, { chunkSize: 4 });
  const engine = await createEngine({
    store: memory(),
    agents: [clerk],
    models: { default: openaiCompatible({ baseUrl, model: 'gpt-5-mini' }) },
  });
  t.after(async () => {
    await engine.close();
    await close();
  });
  const [alice, bob] = await Promise.all([
    engine.as({ user: 'alice' }).start(clerk, 'fault, please'),
    engine.as({ user: 'bob' }).start(clerk, 'time, please'),
  ]);
  const [outcome, other] = await Promise.all([alice.result(), bob.result()]);
  assert.deepEqual(other, { status: 'completed', output: 'It is noon.' });
  const bobs = (await journalOf(bob)).filter(({ type }) => type !== 'model.delta').map(({ type }) => type);
  assert.deepEqual(bobs, [
    'run.queued',
    'message.received',
    'run.started',
    'agent.started',
    'agent.thinking',
    'model.started',
    'model.completed',
    'agent.completed',
    'run.completed',
  ]);
  const events = await journalOf(alice);
  return { mock, outcome, events };
}

describe('a provider', () => {
  it('that refuses ends the run as failed, and nothing of the refusal passes for an answer', async (t) => {
    const { outcome, events } = await meet(t, (mock) =>
      mock.onMessage('fault', { content: 'I can', finishReason: 'content_filter' }),
    );
    assert.equal(outcome.status === 'failed' && outcome.error.code, 'model_refused');
    assert.equal(eventsOf(events, 'agent.completed').length, 0);
  });

  it('that sends broken JSON for arguments is told so, and does better', async (t) => {
    const { outcome, events } = await meet(t, (mock) => {
      mock.on({ userMessage: 'fault', sequenceIndex: 0 }, { toolCalls: [{ name: 'add', arguments: '{"a": 1, "b":' }] });
      mock.on({ userMessage: 'fault', sequenceIndex: 1 }, { content: 'Never mind.' });
    });
    assert.deepEqual(outcome, { status: 'completed', output: 'Never mind.' });
    assert.equal(eventsOf(events, 'tool.executing').length, 0);
    assert.equal(eventsOf(events, 'note')[0]?.data.code, 'tool_refused');
  });

  it('that calls a tool which is not there is told so, and does better', async (t) => {
    const { outcome, events, mock } = await meet(t, (server) => {
      server.on({ userMessage: 'fault', sequenceIndex: 0 }, { toolCalls: [{ name: 'subtract', arguments: '{}' }] });
      server.on({ userMessage: 'fault', sequenceIndex: 1 }, { content: 'Never mind.' });
    });
    assert.deepEqual(outcome, { status: 'completed', output: 'Never mind.' });
    assert.equal(events.filter(({ type }) => type.startsWith('tool.')).length, 0);
    const told = mock.getRequests().map(({ body }) => JSON.stringify(body));
    assert.ok(told.some((body) => body.includes('There is no tool')));
  });

  it('that calls tools for ever ends the run when its turns are used', async (t) => {
    const { outcome, events } = await meet(t, (mock) =>
      mock.onMessage('fault', { toolCalls: [{ name: 'add', arguments: '{"a":1,"b":2}' }] }),
    );
    assert.equal(outcome.status === 'failed' && outcome.error.code, 'turns_exhausted');
    assert.equal(eventsOf(events, 'tool.completed').length, 4);
  });

  it('that is asked too often is asked again when it said, and the answer is whole', async (t) => {
    const { outcome, events } = await meet(t, (mock) => {
      const error = { error: { message: 'slow down', type: 'rate_limit' }, status: 429, retryAfter: 1 };
      mock.on({ userMessage: 'fault', sequenceIndex: 0 }, error);
      mock.on({ userMessage: 'fault', sequenceIndex: 1 }, { content: 'Now then.' });
    });
    assert.deepEqual(outcome, { status: 'completed', output: 'Now then.' });
    const [failed] = eventsOf(events, 'model.failed');
    assert.deepEqual([failed?.data.error.code, failed?.data.retryInMs], ['model_rate_limited', 1_000]);
  });

  it('that is cut off in the middle has what it said taken back, and is asked again', async (t) => {
    const content = 'This answer is cut off somewhere here';
    const { outcome, events } = await meet(t, (mock) => {
      const cut = { chunkSize: 4, truncateAfterChunks: 4, latency: 5 };
      mock.on({ userMessage: 'fault', sequenceIndex: 0 }, { content }, cut);
      mock.on({ userMessage: 'fault', sequenceIndex: 1 }, { content: 'Whole.' });
    });
    assert.deepEqual(outcome, { status: 'completed', output: 'Whole.' });
    const shown = eventsOf(events, 'model.delta').map(({ attempt, data }) => [attempt ?? 1, data.text]);
    assert.ok(shown.some(([attempt]) => attempt === 1));
    const failed = events.findIndex(({ type }) => type === 'model.failed');
    assert.ok(eventsOf(events.slice(failed), 'model.delta').every(({ attempt }) => attempt === 2));
    assert.equal(eventsOf(events, 'model.completed')[0]?.data.text, 'Whole.');
  });
});
