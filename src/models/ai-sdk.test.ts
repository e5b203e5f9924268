import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  APICallError,
  InvalidPromptError,
  LoadAPIKeyError,
  type LanguageModelV3,
  type LanguageModelV4,
} from '@ai-sdk/provider';
import type { Model } from '../agents/model.ts';
import { EngineError } from '../core/errors.ts';
import { limits } from '../core/limits.ts';
import { fromAiSdk, type AiSdkCall, type AiSdkModel } from './ai-sdk.ts';
import { collect, finishOf, requestOf, textOf } from './model.fixture.ts';

/** That these compile is the test: real models of both specifications fit without a cast. */
export const realModelsFit = {
  v3: (model: LanguageModelV3): Model => fromAiSdk(model),
  v4: (model: LanguageModelV4): Model => fromAiSdk(model),
};

const usage = {
  inputTokens: { total: 12, noCache: 8, cacheRead: 4, cacheWrite: 0 },
  outputTokens: { total: 6, text: 4, reasoning: 2 },
};
const stop = { type: 'finish', finishReason: { unified: 'stop', raw: 'end' }, usage };

function sdkModel(parts: readonly unknown[], options: { failure?: unknown; endless?: boolean } = {}) {
  const calls: AiSdkCall[] = [];
  const stream = new ReadableStream<unknown>({
    start(controller) {
      for (const part of parts) controller.enqueue(part);
      if (options.endless !== true) controller.close();
    },
    cancel: () => {
      cancelled.yes = true;
    },
  });
  const cancelled = { yes: false };
  const model: AiSdkModel = {
    specificationVersion: 'v4',
    provider: 'openai.chat',
    modelId: 'gpt-5-mini',
    async doStream(call) {
      calls.push(call);
      if (options.failure !== undefined) throw options.failure;
      return { stream };
    },
  };
  return { model: fromAiSdk(model), calls, cancelled };
}

async function failure(promise: Promise<unknown>): Promise<EngineError> {
  const error: unknown = await promise.then(
    () => assert.fail('It did not fail.'),
    (thrown: unknown) => thrown,
  );
  assert.ok(EngineError.is(error), String(error));
  return error;
}

test('text, tool calls, usage and the end come through; the rest is passed over', async () => {
  const { model } = sdkModel([
    { type: 'stream-start', warnings: [] },
    { type: 'response-metadata', id: 'r1' },
    { type: 'reasoning-start', id: '0' },
    { type: 'reasoning-delta', id: '0', delta: 'hmm' },
    { type: 'reasoning-end', id: '0' },
    { type: 'text-start', id: '1' },
    { type: 'text-delta', id: '1', delta: 'Let me ' },
    { type: 'text-delta', id: '1', delta: 'add.' },
    { type: 'text-end', id: '1' },
    { type: 'ping' },
    { type: 'tool-input-start', id: 'c1', toolName: 'add' },
    { type: 'tool-input-delta', id: 'c1', delta: '{"a":1}' },
    { type: 'tool-input-end', id: 'c1' },
    { type: 'tool-call', toolCallId: 'c1', toolName: 'add', input: '{"a":1}' },
    { type: 'tool-call', toolCallId: 'c2', toolName: 'web_search', input: '{}', providerExecuted: true },
    { type: 'raw', rawValue: {} },
    { ...stop, finishReason: { unified: 'tool-calls', raw: 'tool_calls' } },
  ]);
  assert.deepEqual(await collect(model, requestOf('1+1')), [
    { type: 'text', text: 'Let me ' },
    { type: 'text', text: 'add.' },
    { type: 'tool-call', id: 'c1', name: 'add', input: '{"a":1}' },
    {
      type: 'finish',
      reason: 'tool-calls',
      usage: { inputTokens: 12, outputTokens: 6, cachedInputTokens: 4, reasoningTokens: 2 },
    },
  ]);
});

test('it asks in the words of the specification', async () => {
  const { model, calls } = sdkModel([stop]);
  const { signal } = new AbortController();
  await collect(
    model,
    requestOf('', {
      messages: [
        { role: 'user', text: '1+1?' },
        {
          role: 'assistant',
          text: 'Adding.',
          toolCalls: [
            { id: 'c1', name: 'math.add', input: '{"a":1}' },
            { id: 'c2', name: 'math.add', input: '{"a":' },
          ],
        },
        { role: 'tool', callId: 'c1', name: 'math.add', content: '2', failed: false },
        { role: 'tool', callId: 'c2', name: 'math.add', content: 'no JSON', failed: true },
      ],
      tools: [{ name: 'math.add', description: 'Adds.', inputSchema: { type: 'object' } }],
      outputSchema: { type: 'object' },
      temperature: 0,
    }),
    signal,
  );
  assert.deepEqual(calls[0], {
    prompt: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: [{ type: 'text', text: '1+1?' }] },
      {
        role: 'assistant',
        content: [
          { type: 'text', text: 'Adding.' },
          { type: 'tool-call', toolCallId: 'c1', toolName: 'math_add', input: { a: 1 } },
          { type: 'tool-call', toolCallId: 'c2', toolName: 'math_add', input: { not_an_object: '{"a":' } },
        ],
      },
      {
        role: 'tool',
        content: [
          { type: 'tool-result', toolCallId: 'c1', toolName: 'math_add', output: { type: 'text', value: '2' } },
          {
            type: 'tool-result',
            toolCallId: 'c2',
            toolName: 'math_add',
            output: { type: 'error-text', value: 'no JSON' },
          },
        ],
      },
    ],
    maxOutputTokens: 100,
    temperature: 0,
    tools: [{ type: 'function', name: 'math_add', description: 'Adds.', inputSchema: { type: 'object' } }],
    responseFormat: { type: 'json', schema: { type: 'object' }, name: 'answer' },
    abortSignal: signal,
  });
});

test('a stream that ends without a finish has failed, and may be tried again', async () => {
  const error = await failure(
    collect(sdkModel([{ type: 'text-delta', id: '1', delta: 'The' }]).model, requestOf('hi')),
  );
  assert.deepEqual([error.code, error.retryable], ['model_failed', true]);
  for (const unified of ['interrupted', 'error']) {
    const cut = sdkModel([{ ...stop, finishReason: { unified, raw: undefined } }]).model;
    assert.equal((await failure(collect(cut, requestOf('hi')))).retryable, true, unified);
  }
});

test('nothing is read after the finish', async () => {
  const { model, cancelled } = sdkModel([{ type: 'text-delta', delta: 'yes' }, stop, stop], { endless: true });
  const parts = await collect(model, requestOf('hi'));
  assert.equal(textOf(parts), 'yes');
  assert.equal(finishOf(parts).reason, 'stop');
  assert.equal(cancelled.yes, true);
});

test('a content filter is a refusal', async () => {
  const { model } = sdkModel([{ ...stop, finishReason: { unified: 'content-filter', raw: 'x' } }]);
  assert.equal(finishOf(await collect(model, requestOf('hi'))).reason, 'refusal');
});

test('usage that nobody counted is estimated and says so', async () => {
  const { model } = sdkModel([
    { type: 'text-delta', delta: 'four' },
    { ...stop, usage: { inputTokens: { total: undefined }, outputTokens: { total: undefined } } },
  ]);
  const counted = finishOf(await collect(model, requestOf('hi'))).usage;
  assert.equal(counted.estimated, true);
  assert.equal(counted.outputTokens, 1);
  assert.ok(counted.inputTokens > 0);
});

function apiError(statusCode: number, message: string, responseHeaders: Record<string, string> = {}): APICallError {
  return new APICallError({
    message,
    statusCode,
    responseHeaders,
    url: 'https://api.openai.com/v1',
    requestBodyValues: { prompt: 'the whole prompt' },
  });
}

test("the provider's errors become ours, without the request they hold", async () => {
  const limited = await failure(
    collect(sdkModel([], { failure: apiError(429, 'slow', { 'Retry-After': '2' }) }).model, requestOf('hi')),
  );
  assert.equal(limited.code, 'model_rate_limited');
  assert.equal((limited as { retryAfterMs?: number }).retryAfterMs, 2_000);
  assert.equal(limited.cause, undefined);
  assert.doesNotMatch(JSON.stringify(limited) + limited.message, /whole prompt/);
  const denied = await failure(
    collect(sdkModel([], { failure: apiError(401, 'bad key sk-4711') }).model, requestOf('hi')),
  );
  assert.doesNotMatch(denied.message + denied.hint, /4711/);
  assert.equal(denied.retryable, false);
  const keyless = sdkModel([], { failure: new LoadAPIKeyError({ message: 'Set OPENAI_API_KEY.' }) }).model;
  assert.match((await failure(collect(keyless, requestOf('hi')))).hint ?? '', /OPENAI_API_KEY/);
});

test('an error in mid-stream is a failure', async () => {
  const { model } = sdkModel([
    { type: 'text-delta', delta: 'a' },
    { type: 'error', error: apiError(529, 'overloaded') },
  ]);
  const error = await failure(collect(model, requestOf('hi')));
  assert.deepEqual([error.code, error.retryable], ['model_failed', true]);
  const plain = sdkModel([{ type: 'error', error: 'oops' }]).model;
  const unknown = await failure(collect(plain, requestOf('hi')));
  assert.deepEqual([unknown.code, unknown.retryable], ['model_failed', true]);
  const prompt = sdkModel([{ type: 'error', error: new InvalidPromptError({ prompt: 'p', message: 'odd' }) }]).model;
  assert.equal((await failure(collect(prompt, requestOf('hi')))).retryable, false);
});

test('an answer over the limit is cut off', async () => {
  const delta = 'x'.repeat(limits.modelTextCharsMax);
  const { model, cancelled } = sdkModel(
    [
      { type: 'text-delta', delta },
      { type: 'text-delta', delta: 'x' },
    ],
    { endless: true },
  );
  assert.match((await failure(collect(model, requestOf('hi')))).message, /of over/);
  assert.equal(cancelled.yes, true);
});

test('aborting throws the reason', async () => {
  const controller = new AbortController();
  const model = fromAiSdk({
    specificationVersion: 'v3',
    provider: 'acme',
    modelId: 'm',
    async doStream({ abortSignal }) {
      const stream = new ReadableStream<unknown>({
        start(source) {
          source.enqueue({ type: 'text-delta', delta: 'one' });
          abortSignal.addEventListener('abort', () => source.error(new DOMException('aborted', 'AbortError')));
        },
      });
      return { stream };
    },
  });
  await assert.rejects(async () => {
    for await (const part of model.stream(requestOf('hi'), { signal: controller.signal })) {
      if (part.type === 'text') controller.abort(new Error('enough'));
    }
  }, /enough/);
});

test('a model of an older specification is refused at once', () => {
  const old = { specificationVersion: 'v2', provider: 'acme', modelId: 'm' } as unknown as AiSdkModel;
  assert.throws(() => fromAiSdk(old), /specification "v2"/);
});

test("it is priced by the provider's name, and not at all if that is unknown", () => {
  const { model } = sdkModel([]);
  assert.equal(model.price?.({ inputTokens: 1_000_000, outputTokens: 0 })?.usd, 0.25);
});
