import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Model, ModelPart, ModelRequest } from '../agents/model.ts';
import { ModelError } from '../core/errors.ts';
import { scripted } from './scripted.ts';

function requestOf(text: string, agent = 'clerk'): ModelRequest {
  return { agent, instructions: '', messages: [{ role: 'user', text }], tools: [], outputTokensMax: 100 };
}

async function collect(
  model: Model,
  request: ModelRequest,
  signal = new AbortController().signal,
): Promise<ModelPart[]> {
  const parts: ModelPart[] = [];
  for await (const part of model.stream(request, { signal })) parts.push(part);
  return parts;
}

function textOf(parts: readonly ModelPart[]): string {
  return parts.map((part) => (part.type === 'text' ? part.text : '')).join('');
}

test('a list is said turn by turn: text whole or in pieces, output, tool calls', async () => {
  const model = scripted([
    'Hello',
    {
      text: ['a', 'b'],
      toolCalls: [
        { name: 'add', input: { a: 1 } },
        { name: 'add', id: 'x', rawInput: '{"a":' },
      ],
    },
    { output: { sum: 3 }, finish: 'length', usage: { inputTokens: 5, outputTokens: 2 } },
  ]);
  assert.equal(textOf(await collect(model, requestOf('1'))), 'Hello');
  const second = await collect(model, requestOf('2'));
  assert.deepEqual(second.slice(0, 4), [
    { type: 'text', text: 'a' },
    { type: 'text', text: 'b' },
    { type: 'tool-call', id: 'call_0_0', name: 'add', input: '{"a":1}' },
    { type: 'tool-call', id: 'x', name: 'add', input: '{"a":' },
  ]);
  assert.equal(second.at(-1)?.type === 'finish' && second[4]?.type === 'finish' && second[4].reason, 'tool-calls');
  assert.deepEqual(await collect(model, requestOf('3')), [
    { type: 'text', text: '{"sum":3}' },
    { type: 'finish', reason: 'length', usage: { inputTokens: 5, outputTokens: 2 } },
  ]);
  model.assertComplete();
  assert.deepEqual(
    model.requests.map(({ messages }) => messages[0]),
    ['1', '2', '3'].map((text) => ({ role: 'user', text })),
  );
});

test('a call too many fails with what was asked, and assertComplete tells it again', async () => {
  const model = scripted(['one']);
  await collect(model, requestOf('first'));
  await assert.rejects(collect(model, requestOf('second')), {
    code: 'model_failed',
    retryable: false,
    message: /call 2 is one too many: agent "clerk" after user "second"/,
  });
  assert.throws(() => model.assertComplete(), /asked too often: agent "clerk" after user "second"/);
});

test('a turn that was not used is told by assertComplete', async () => {
  const model = scripted(['one', 'two']);
  await collect(model, requestOf('first'));
  assert.throws(() => model.assertComplete(), /2 turns, and 1 were asked for/);
});

test('errors and cuts come after what was said', async () => {
  const error = new ModelError('model_rate_limited', 'slow down', { retryable: true, retryAfterMs: 5 });
  const model = scripted([
    { text: 'Hel', error },
    { text: 'Hel', cut: true },
  ]);
  for (const code of ['model_rate_limited', 'model_failed']) {
    const parts: ModelPart[] = [];
    const run = async (): Promise<void> => {
      const signal = new AbortController().signal;
      for await (const part of model.stream(requestOf('hi'), { signal })) parts.push(part);
    };
    await assert.rejects(run(), { code, retryable: true });
    assert.deepEqual(parts, [{ type: 'text', text: 'Hel' }]);
  }
});

test('a function answers by what is asked, so many runs can share it and do interleave', async () => {
  const order: string[] = [];
  const model = scripted(({ agent }) => ({ text: ['1', '2', '3'].map((piece) => agent + piece) }));
  const run = async (agent: string): Promise<void> => {
    const signal = new AbortController().signal;
    for await (const part of model.stream(requestOf('hi', agent), { signal })) {
      if (part.type === 'text') order.push(part.text);
    }
  };
  await Promise.all(['a', 'b', 'c'].map(run));
  assert.deepEqual(
    order.filter((text) => text.startsWith('b')),
    ['b1', 'b2', 'b3'],
  );
  assert.notDeepEqual(order, order.toSorted());
});

test('it waits on the clock that it is given', async () => {
  const waits: number[] = [];
  const clock = {
    now: () => 0,
    monotonic: () => 0,
    after: (ms: number, fn: () => void) => {
      waits.push(ms);
      setImmediate(fn);
      return () => undefined;
    },
    soon: (fn: () => void) => setImmediate(fn) as unknown as void,
  };
  await collect(scripted([{ text: ['a', 'b'], delayMs: 70 }], { clock }), requestOf('hi'));
  assert.deepEqual(waits, [70, 70, 70]);
});

test('it stops soon after the signal', async () => {
  const controller = new AbortController();
  const model = scripted([{ text: ['a', 'b'], delayMs: 60_000 }]);
  setTimeout(() => controller.abort(new Error('enough')), 5);
  await assert.rejects(collect(model, requestOf('hi'), controller.signal), /enough/);
});

test('it has the price that a test gives it, and none otherwise', () => {
  const price = { usd: 1, source: 'test' };
  const usage = { inputTokens: 1, outputTokens: 1 };
  assert.deepEqual(scripted([], { price: () => price }).price?.(usage), price);
  assert.equal('price' in scripted([]), false);
  assert.equal(scripted([]).kind, 'scripted');
});
