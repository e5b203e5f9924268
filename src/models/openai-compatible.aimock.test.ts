/** What providers do wrong, done by aimock: the adapter tells each of them as it is. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { MockServerOptions } from '@copilotkit/aimock';
import type { ModelTool } from '../agents/model.ts';
import { startAimock } from './aimock.fixture.ts';
import { collect, finishOf, requestOf, textOf } from './model.fixture.ts';
import { openaiCompatible, type OpenAiCompatibleOptions } from './openai-compatible.ts';

const add: ModelTool = { name: 'add', description: 'Adds.', inputSchema: { type: 'object' } };

async function mocked(t: TestContext, options: Partial<OpenAiCompatibleOptions> = {}, server: MockServerOptions = {}) {
  const { mock, baseUrl, close } = await startAimock(server);
  t.after(close);
  return { mock, model: openaiCompatible({ baseUrl, model: 'gpt-5-mini', ...options }) };
}

test('a plain answer comes in pieces with the usage that was counted', async (t) => {
  const { mock, model } = await mocked(t);
  mock.onMessage(
    'hello',
    { content: 'Hello, how can I help?', usage: { prompt_tokens: 12, completion_tokens: 6 } },
    { chunkSize: 5 },
  );
  const parts = await collect(model, requestOf('hello'));
  assert.equal(textOf(parts), 'Hello, how can I help?');
  assert.ok(parts.length > 3);
  assert.deepEqual(finishOf(parts), { type: 'finish', reason: 'stop', usage: { inputTokens: 12, outputTokens: 6 } });
});

test('a content filter ends in a refusal', async (t) => {
  const { mock, model } = await mocked(t);
  mock.onMessage('forbidden', { content: 'I', finishReason: 'content_filter' });
  assert.equal(finishOf(await collect(model, requestOf('forbidden'))).reason, 'refusal');
});

test('broken JSON in the arguments of a tool is delivered as it is', async (t) => {
  const { mock, model } = await mocked(t);
  mock.onMessage('sum', { toolCalls: [{ name: 'add', arguments: '{"a": 1, "b":' }] });
  const parts = await collect(model, requestOf('sum', { tools: [add] }));
  assert.equal(parts[0]?.type === 'tool-call' && parts[0].input, '{"a": 1, "b":');
  assert.equal(finishOf(parts).reason, 'tool-calls');
});

test('a tool that does not exist is delivered as it is', async (t) => {
  const { mock, model } = await mocked(t);
  mock.onMessage('sum', { toolCalls: [{ name: 'subtract', arguments: '{}' }] });
  const parts = await collect(model, requestOf('sum', { tools: [add] }));
  assert.equal(parts[0]?.type === 'tool-call' && parts[0].name, 'subtract');
});

test('a model that calls the same tool for ever gets each of its results', async (t) => {
  const { mock, model } = await mocked(t);
  mock.onMessage(/./, { toolCalls: [{ name: 'add', arguments: '{"a":1}' }] });
  const messages = [...requestOf('sum').messages];
  for (let turn = 0; turn < 5; turn++) {
    const [call] = await collect(model, requestOf('sum', { tools: [add], messages }));
    assert.ok(call?.type === 'tool-call');
    messages.push({ role: 'assistant', text: '', toolCalls: [{ id: call.id, name: call.name, input: call.input }] });
    messages.push({ role: 'tool', callId: call.id, name: 'add', content: String(turn), failed: false });
  }
  const sent = mock.getLastRequest()?.body as { messages: { role: string }[] };
  assert.equal(sent.messages.filter(({ role }) => role === 'tool').length, 4);
});

test('429 with Retry-After says how long to wait', async (t) => {
  const { mock, model } = await mocked(t);
  mock.onMessage('hello', { error: { message: 'slow down', type: 'rate_limit' }, status: 429, retryAfter: 3 });
  await assert.rejects(collect(model, requestOf('hello')), {
    code: 'model_rate_limited',
    retryable: true,
    retryAfterMs: 3_000,
  });
});

test('an overloaded server may be tried again', async (t) => {
  const { mock, model } = await mocked(t);
  mock.nextRequestError(503, { message: 'overloaded' });
  mock.onMessage('hello', { content: 'Hi!' });
  await assert.rejects(collect(model, requestOf('hello')), {
    code: 'model_failed',
    retryable: true,
    message: /503.*overloaded/,
  });
  assert.equal(textOf(await collect(model, requestOf('hello'))), 'Hi!');
});

test('a connection cut in mid-stream is a failure, whatever text came before', async (t) => {
  const { mock, model } = await mocked(t);
  mock.onMessage(
    'hello',
    { content: 'This answer is cut off somewhere here' },
    { chunkSize: 4, truncateAfterChunks: 4, latency: 5 },
  );
  const texts: string[] = [];
  await assert.rejects(
    async () => {
      for await (const part of model.stream(requestOf('hello'), { signal: new AbortController().signal })) {
        assert.notEqual(part.type, 'finish');
        if (part.type === 'text') texts.push(part.text);
      }
    },
    { code: 'model_failed', retryable: true },
  );
  assert.notDeepEqual(texts, []);
});

test('malformed events are a failure that may pass', async (t) => {
  const { model } = await mocked(t, {}, { chaos: { malformedRate: 1 } });
  await assert.rejects(collect(model, requestOf('hello')), { code: 'model_failed', retryable: true });
});

test('a dropped connection is a failure that may pass', async (t) => {
  const { model } = await mocked(t, {}, { chaos: { disconnectRate: 1 } });
  await assert.rejects(collect(model, requestOf('hello')), { code: 'model_failed', retryable: true });
});

test('a slow stream ends when the signal says so', async (t) => {
  const { mock, model } = await mocked(t);
  mock.onMessage('hello', { content: 'slow '.repeat(30) }, { chunkSize: 5, latency: 40 });
  const controller = new AbortController();
  let pieces = 0;
  await assert.rejects(async () => {
    for await (const part of model.stream(requestOf('hello'), { signal: controller.signal })) {
      if (part.type === 'text') pieces += 1;
      if (pieces === 2) controller.abort(new Error('enough'));
    }
  }, /enough/);
  assert.ok(pieces < 30);
});

test('a wrong key is told with the name of its variable, not with the key', async (t) => {
  const server = { auth: { apiKeys: ['right'] } };
  const { mock, model } = await mocked(t, { apiKey: 'sk-wrong-4711', keyName: 'OPENAI_API_KEY' }, server);
  mock.onMessage('hello', { content: 'Hi!' });
  await assert.rejects(collect(model, requestOf('hello')), (error: Error & { hint: string; retryable: boolean }) => {
    assert.match(error.message, /refused the key \(HTTP 401\)/);
    assert.match(error.hint, /OPENAI_API_KEY/);
    assert.doesNotMatch(JSON.stringify(error) + error.message + error.hint, /sk-wrong/);
    return !error.retryable;
  });
});

test('a model that is not there says so', async (t) => {
  const { mock, model } = await mocked(t);
  mock.onMessage('hello', { error: { message: 'The model does not exist', code: 'model_not_found' }, status: 404 });
  await assert.rejects(collect(model, requestOf('hello')), { retryable: false, message: /has no model "gpt-5-mini"/ });
});
