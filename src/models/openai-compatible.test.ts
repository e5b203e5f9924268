/** The adapter against a plain server on loopback that answers exactly what a test gives it. */
import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import { EngineError } from '../core/errors.ts';
import { collect, finishOf, requestOf, textOf } from './model.fixture.ts';
import { openaiCompatible, type OpenAiCompatibleOptions } from './openai-compatible.ts';

type Asked = {
  readonly body: Record<string, unknown>;
  readonly headers: IncomingMessage['headers'];
  readonly url: string;
};
type Answer = (response: ServerResponse, asked: Asked) => void;

type Options = Partial<OpenAiCompatibleOptions>;

/** A model at a server that answers the calls in turn; the last answer stands for all further calls. */
async function modelAt(t: TestContext, answers: readonly Answer[], options: Options = {}) {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (piece: string) => (text += piece));
    request.on('end', () => {
      const body = JSON.parse(text) as Record<string, unknown>;
      const call = { body, headers: request.headers, url: request.url ?? '' };
      asked.push(call);
      answers[Math.min(asked.length, answers.length) - 1]!(response, call);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  return { model: openaiCompatible({ baseUrl, model: 'm-1', ...options }), asked, baseUrl, server };
}

function chunk(delta: object, finish: string | null = null): string {
  return `data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
}

function streams(...pieces: readonly string[]): Answer {
  return (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const piece of pieces) response.write(piece);
    response.end();
  };
}

function fails(status: number, body: unknown, headers: Record<string, string> = {}): Answer {
  return (response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };
}

const hello = streams(chunk({ content: 'Hel' }), chunk({ content: 'lo' }), chunk({}, 'stop'), 'data: [DONE]\n\n');

/** Everything of an error that may reach a journal or a log. */
function told(error: unknown): string {
  assert.ok(EngineError.is(error));
  return `${error.message} ${error.hint} ${JSON.stringify(error.details)} ${String(error.cause)} ${error.stack}`;
}

async function failure(promise: Promise<unknown>): Promise<EngineError> {
  const error: unknown = await promise.then(
    () => assert.fail('It did not fail.'),
    (thrown: unknown) => thrown,
  );
  assert.ok(EngineError.is(error), String(error));
  return error;
}

const answerSchema = {
  type: 'object',
  properties: { sum: { type: 'number' } },
  required: ['sum'],
  additionalProperties: false,
};

test('it asks in the words of the chat completions API', async (t) => {
  const { model, asked } = await modelAt(t, [hello], { apiKey: 'sk-secret-1', headers: { 'x-team': 'blue' } });
  const add = { name: 'math.add', description: 'Adds.', inputSchema: { $schema: 'x', type: 'object' } };
  await collect(
    model,
    requestOf('1+1?', {
      tools: [add],
      temperature: 0.5,
      messages: [
        { role: 'user', text: '1+1?' },
        { role: 'assistant', text: '', toolCalls: [{ id: 'c1', name: 'math.add', input: '{"a":1' }] },
        { role: 'tool', callId: 'c1', name: 'math.add', content: 'That is no JSON.', failed: true },
      ],
    }),
  );
  assert.equal(asked[0]?.url, '/v1/chat/completions');
  assert.equal(asked[0]?.headers['authorization'], 'Bearer sk-secret-1');
  assert.equal(asked[0]?.headers['x-team'], 'blue');
  assert.deepEqual(asked[0]?.body, {
    model: 'm-1',
    messages: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: '1+1?' },
      {
        role: 'assistant',
        content: null,
        // A broken input of an earlier turn is wrapped: servers parse it and would refuse the whole request.
        tool_calls: [
          { id: 'c1', type: 'function', function: { name: 'math_add', arguments: '{"not_an_object":"{\\"a\\":1"}' } },
        ],
      },
      { role: 'tool', tool_call_id: 'c1', content: 'That is no JSON.' },
    ],
    stream: true,
    stream_options: { include_usage: true },
    max_tokens: 100,
    temperature: 0.5,
    tools: [{ type: 'function', function: { name: 'math_add', description: 'Adds.', parameters: { type: 'object' } } }],
  });
});

test('text arrives in pieces, then one finish', async (t) => {
  const { model } = await modelAt(t, [hello]);
  const parts = await collect(model, requestOf('hi'));
  assert.deepEqual(parts.slice(0, 2), [
    { type: 'text', text: 'Hel' },
    { type: 'text', text: 'lo' },
  ]);
  assert.equal(finishOf(parts).reason, 'stop');
});

test('a tool is called by its own name, whatever it is called on the wire', async (t) => {
  const call = { index: 0, id: 'c1', function: { name: 'math_add', arguments: '{}' } };
  const { model } = await modelAt(t, [streams(chunk({ tool_calls: [call] }, 'tool_calls'), 'data: [DONE]\n\n')]);
  const tools = [{ name: 'math.add', description: '', inputSchema: { type: 'object' } }];
  const parts = await collect(model, requestOf('1+1?', { tools }));
  assert.deepEqual(parts[0], { type: 'tool-call', id: 'c1', name: 'math.add', input: '{}' });
});

test('OpenAI is capped with max_completion_tokens, others with max_tokens', async (t) => {
  for (const [provider, field] of [
    ['openai', 'max_completion_tokens'],
    ['groq', 'max_tokens'],
  ] as const) {
    const { model, asked } = await modelAt(t, [hello], { provider });
    await collect(model, requestOf('hi'));
    assert.equal(asked[0]?.body[field], 100);
  }
});

test('a stream that ends without a finish or [DONE] has failed, and may be tried again', async (t) => {
  const { model } = await modelAt(t, [streams(chunk({ content: 'The answer is' }))]);
  const error = await failure(collect(model, requestOf('hi')));
  assert.equal(error.code, 'model_failed');
  assert.equal(error.retryable, true);
  assert.match(error.message, /cut the answer off/);
});

test('a finish without [DONE] is an end, and so is [DONE] without a finish', async (t) => {
  const { model } = await modelAt(t, [
    streams(chunk({ content: 'yes' }, 'stop')),
    streams(chunk({ content: 'yes' }), 'data: [DONE]'),
  ]);
  assert.equal(textOf(await collect(model, requestOf('hi'))), 'yes');
  assert.equal(textOf(await collect(model, requestOf('hi'))), 'yes');
});

test('a server that ignores `stream` is understood', async (t) => {
  const body = {
    choices: [{ message: { content: 'whole' }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 3, completion_tokens: 1 },
  };
  const { model } = await modelAt(t, [fails(200, body)]);
  const parts = await collect(model, requestOf('hi'));
  assert.equal(textOf(parts), 'whole');
  assert.deepEqual(finishOf(parts).usage, { inputTokens: 3, outputTokens: 1 });
});

test('a web page where the API should be says so', async (t) => {
  const { model } = await modelAt(t, [
    (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'),
  ]);
  const error = await failure(collect(model, requestOf('hi')));
  assert.match(`${error.message} ${error.hint}`, /web page.*base URL/);
  assert.equal(error.retryable, false);
});

test('structured output is asked for by schema, strict where that is allowed', async (t) => {
  const { model, asked } = await modelAt(t, [streams(chunk({ content: '{"sum":2}' }, 'stop'))]);
  await collect(model, requestOf('1+1?', { outputSchema: answerSchema }));
  assert.deepEqual(asked[0]?.body['response_format'], {
    type: 'json_schema',
    json_schema: { name: 'answer', strict: true, schema: answerSchema },
  });
});

test('a server that does not take response_format is asked once more, in the instructions', async (t) => {
  const { model, asked } = await modelAt(t, [
    fails(400, { error: { message: 'response_format is not supported' } }),
    streams(chunk({ content: '{"sum":2}' }, 'stop')),
  ]);
  const parts = await collect(model, requestOf('1+1?', { outputSchema: answerSchema }));
  assert.equal(textOf(parts), '{"sum":2}');
  assert.equal(asked.length, 2);
  assert.equal('response_format' in asked[1]!.body, false);
  assert.match(JSON.stringify(asked[1]?.body['messages']), /JSON Schema.*sum/);
});

test('it is asked once more only: what is still wrong then is the error', async (t) => {
  const { model, asked } = await modelAt(t, [
    fails(400, { error: { message: 'first' } }),
    fails(400, { error: { message: 'context too long' } }),
  ]);
  const error = await failure(collect(model, requestOf('1+1?', { outputSchema: answerSchema })));
  assert.match(error.message, /context too long/);
  assert.equal(asked.length, 2);
});

test('without structured output a 400 is not asked again', async (t) => {
  const { model, asked } = await modelAt(t, [fails(400, { detail: 'no such field' })]);
  const error = await failure(collect(model, requestOf('hi')));
  assert.equal(error.message, '127.0.0.1 did not accept the request (HTTP 400). It says: no such field');
  assert.equal(error.retryable, false);
  assert.equal(asked.length, 1);
});

test('no error holds the key, whatever the server says', async (t) => {
  const apiKey = 'sk-do-not-tell-4711';
  const header = 'gateway-key-0815';
  const said = { error: { message: `bad key ${apiKey} via ${header}` } };
  const { model, server } = await modelAt(
    t,
    [400, 401, 403, 404, 429, 500].map((status) => fails(status, said)),
    {
      apiKey,
      keyName: 'ACME_API_KEY',
      headers: { 'x-gateway': header },
    },
  );
  for (const status of [400, 401, 403, 404, 429, 500]) {
    const error = await failure(collect(model, requestOf('hi')));
    assert.doesNotMatch(told(error), /sk-do-not-tell|gateway-key/, String(status));
    if (status === 401) assert.match(error.hint ?? '', /ACME_API_KEY/);
  }
  server.closeAllConnections();
  server.close();
  assert.doesNotMatch(told(await failure(collect(model, requestOf('hi')))), /sk-do-not-tell|gateway-key/);
});

test('a key or base URL that can not be used is refused at once, unquoted', () => {
  const at = { baseUrl: 'https://acme.test/v1', model: 'm' };
  for (const options of [
    { ...at, apiKey: 'sk-do\nnot' },
    { ...at, headers: { 'x-key': 'sk-do\nnot' } },
    { ...at, baseUrl: 'https://me:sk-do-not@acme.test' },
    { ...at, baseUrl: 'sk-do-not' },
    { ...at, baseUrl: 'file:///sk-do-not' },
  ]) {
    try {
      openaiCompatible(options);
      assert.fail('It was taken.');
    } catch (error) {
      assert.doesNotMatch(told(error), /sk-do/);
      assert.equal((error as EngineError).code, 'invalid_input');
    }
  }
});

test('a redirect is not followed, so the key goes nowhere else', async (t) => {
  const other = await modelAt(t, [hello]);
  const { model } = await modelAt(
    t,
    [(response) => response.writeHead(307, { location: `${other.baseUrl}/chat/completions` }).end()],
    { apiKey: 'sk-secret-1' },
  );
  assert.match((await failure(collect(model, requestOf('hi')))).message, /sends elsewhere \(HTTP 307\)/);
  assert.equal(other.asked.length, 0);
});

test('Retry-After is handed on in seconds and as a date', async (t) => {
  const date = new Date(Date.UTC(2026, 0, 1, 0, 0, 30)).toUTCString();
  const clock = {
    now: () => Date.UTC(2026, 0, 1),
    monotonic: () => 0,
    after: () => () => undefined,
    soon: () => undefined,
  };
  const { model } = await modelAt(
    t,
    [fails(429, {}, { 'retry-after': '7' }), fails(503, {}, { 'retry-after': date })],
    { clock },
  );
  const limited = await failure(collect(model, requestOf('hi')));
  assert.equal(limited.code, 'model_rate_limited');
  assert.equal((limited as { retryAfterMs?: number }).retryAfterMs, 7_000);
  const busy = await failure(collect(model, requestOf('hi')));
  assert.equal((busy as { retryAfterMs?: number }).retryAfterMs, 30_000);
  assert.equal(busy.retryable, true);
});

test('where nothing listens it asks whether the server is running', async (t) => {
  const { model, server, baseUrl } = await modelAt(t, [hello]);
  server.close();
  const error = await failure(collect(model, requestOf('hi')));
  assert.match(`${error.message} ${error.hint}`, new RegExp(`Nothing listens at ${baseUrl}.*Is the server running`));
  assert.equal(error.retryable, true);
});

test('aborting throws the reason and closes the connection', async (t) => {
  const closed = Promise.withResolvers<void>();
  const { model } = await modelAt(t, [
    (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(chunk({ content: 'one' }));
      response.on('close', () => closed.resolve());
    },
  ]);
  const controller = new AbortController();
  const reason = new Error('enough');
  await assert.rejects(async () => {
    for await (const part of model.stream(requestOf('hi'), { signal: controller.signal })) {
      if (part.type === 'text') controller.abort(reason);
    }
  }, reason);
  await closed.promise;
});

test('whoever stops listening closes the connection', async (t) => {
  const closed = Promise.withResolvers<void>();
  const { model } = await modelAt(t, [
    (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(chunk({ content: 'one' }));
      response.on('close', () => closed.resolve());
    },
  ]);
  for await (const part of model.stream(requestOf('hi'), { signal: new AbortController().signal })) {
    if (part.type === 'text') break;
  }
  await closed.promise;
});

test('a call that is aborted before it begins sends nothing', async (t) => {
  const { model, asked } = await modelAt(t, [hello]);
  await assert.rejects(collect(model, requestOf('hi'), AbortSignal.abort(new Error('too late'))), /too late/);
  assert.equal(asked.length, 0);
});

test('it has a price where the provider is known by its URL, and none where it is not', () => {
  const usage = { inputTokens: 1_000_000, outputTokens: 0 };
  const priced = openaiCompatible({ baseUrl: 'https://api.openai.com/v1/', model: 'gpt-5-mini' });
  assert.equal(priced.provider, 'openai');
  assert.equal(priced.price?.(usage)?.usd, 0.25);
  const own = openaiCompatible({ baseUrl: 'http://127.0.0.1:8000/v1', model: 'gpt-5-mini' });
  assert.equal(own.price?.(usage), undefined);
  assert.equal(openaiCompatible({ baseUrl: 'http://localhost:11434/v1', model: 'x' }).provider, 'ollama');
});
