import assert from 'node:assert/strict';
import { test } from 'node:test';
import { detectModel, keyProviders, type DetectOptions } from './detect.ts';
import { rules } from './rules.ts';

type Fetch = typeof globalThis.fetch;

/** A `fetch` that answers for Ollama with these models and remembers where it was sent. */
function ollamaWith(...names: readonly string[]): {
  fetch: Fetch;
  asked: { url: string; init: RequestInit | undefined }[];
} {
  const asked: { url: string; init: RequestInit | undefined }[] = [];
  const fetch: Fetch = async (url, init) => {
    asked.push({ url: url instanceof Request ? url.url : String(url), init });
    return Response.json({ models: names.map((name) => ({ name })) });
  };
  return { fetch, asked };
}

const noOllama: Fetch = async () => {
  throw new TypeError('fetch failed');
};

async function found(env: DetectOptions['env'], fetch: Fetch = noOllama): Promise<readonly string[]> {
  const { model, why } = await detectModel({ env, fetch });
  return [model.provider, model.id, why];
}

test('a configured model comes before everything else', async () => {
  const { asked, fetch } = ollamaWith('llama3.2:latest');
  const { model, why } = await detectModel({ env: { OPENAI_API_KEY: 'sk-1' }, configured: rules(), fetch });
  assert.equal(model.id, 'builtin/rules');
  assert.equal(why, 'builtin/rules is configured');
  assert.deepEqual(asked, []);
});

test('a key in the environment names its provider, in the order of the list', async () => {
  assert.deepEqual(await found({ OPENAI_API_KEY: 'sk-1', GROQ_API_KEY: 'gsk-1' }), [
    'openai',
    'gpt-5-mini',
    'OPENAI_API_KEY is set',
  ]);
  for (const { keyName, provider, model } of keyProviders) {
    assert.deepEqual(await found({ [keyName]: 'key-1' }), [provider, model, `${keyName} is set`]);
  }
});

test('CANTUS_MODEL names the model', async () => {
  assert.deepEqual(await found({ OPENAI_API_KEY: 'sk-1', CANTUS_MODEL: 'gpt-5' }), [
    'openai',
    'gpt-5',
    'OPENAI_API_KEY is set',
  ]);
});

test('OPENAI_BASE_URL sends the key elsewhere, where other prices hold', async () => {
  const env = { OPENAI_API_KEY: 'sk-1', OPENAI_BASE_URL: 'http://gateway.test/v1' };
  const { model, why } = await detectModel({ env, fetch: noOllama });
  assert.equal(model.provider, 'gateway.test');
  assert.equal(model.price?.({ inputTokens: 1, outputTokens: 1 }), undefined);
  assert.equal(why, 'OPENAI_API_KEY is set, and OPENAI_BASE_URL');
});

test('a server without a key is taken when the environment names it and its model', async () => {
  const env = { OPENAI_BASE_URL: 'http://127.0.0.1:8000/v1', CANTUS_MODEL: 'qwen3' };
  assert.deepEqual(await found(env), ['127.0.0.1', 'qwen3', 'OPENAI_BASE_URL and CANTUS_MODEL are set']);
  const [, , why] = await found({ OPENAI_BASE_URL: 'http://127.0.0.1:8000/v1' });
  assert.match(why ?? '', /; OPENAI_BASE_URL needs OPENAI_API_KEY or CANTUS_MODEL beside it$/);
});

test('a key of blanks is no key', async () => {
  assert.equal((await found({ OPENAI_API_KEY: '  ' }))[1], 'builtin/rules');
});

test('Ollama answers with its first model that chats', async () => {
  const { fetch } = ollamaWith('nomic-embed-text:latest', 'llama3.2:latest', 'qwen3:8b');
  assert.deepEqual(await found({}, fetch), [
    'ollama',
    'llama3.2:latest',
    'Ollama answers on 127.0.0.1:11434 with llama3.2',
  ]);
});

test('Ollama answers with the model that is wanted, if it has it', async () => {
  const { fetch } = ollamaWith('llama3.2:latest', 'qwen3:8b');
  assert.equal((await found({ CANTUS_MODEL: 'qwen3:8b' }, fetch))[1], 'qwen3:8b');
  assert.deepEqual(await found({ CANTUS_MODEL: 'gpt-5' }, fetch), [
    'builtin',
    'builtin/rules',
    'no key in the environment, and Ollama on 127.0.0.1:11434 has no model "gpt-5"',
  ]);
});

test('where there is nothing, rules answer, and it says why', async () => {
  const why = 'no key in the environment and no Ollama on 127.0.0.1:11434';
  assert.deepEqual(await found({}), ['builtin', 'builtin/rules', why]);
  const odd: Fetch[] = [
    async () => new Response('<html>', { status: 200 }),
    async () => new Response('{}', { status: 200 }),
    async () => new Response('null', { status: 200 }),
    async () => new Response('', { status: 500 }),
  ];
  for (const fetch of odd) assert.deepEqual(await found({}, fetch), ['builtin', 'builtin/rules', why]);
});

test('an Ollama without a model that chats is none', async () => {
  const { fetch } = ollamaWith('nomic-embed-text:latest');
  assert.deepEqual((await found({}, fetch)).slice(1), [
    'builtin/rules',
    'no key in the environment, and Ollama on 127.0.0.1:11434 has no model that chats',
  ]);
});

test('something on the port that never answers costs only the time allowed', async () => {
  const never: Fetch = (_url, init) =>
    new Promise((_resolve, reject) => init?.signal?.addEventListener('abort', () => reject(new Error('aborted'))));
  const begun = performance.now();
  assert.equal((await detectModel({ env: {}, fetch: never, timeoutMs: 20 })).model.id, 'builtin/rules');
  assert.ok(performance.now() - begun < 2_000);
});

test('looking reaches only this machine, sends no key and follows no redirect', async () => {
  const { asked, fetch } = ollamaWith('llama3.2:latest');
  for (const { keyName } of keyProviders) await found({ [keyName]: 'key-1' }, fetch);
  await found({ OPENAI_BASE_URL: 'https://far.test/v1', OLLAMA_HOST: 'https://far.test' }, fetch);
  assert.equal(asked.length, 1);
  assert.equal(asked[0]?.url, 'http://127.0.0.1:11434/api/tags');
  assert.equal(asked[0]?.init?.headers, undefined);
  assert.equal(asked[0]?.init?.redirect, 'error');
});

test('why never holds a key', async () => {
  for (const { keyName } of keyProviders) assert.doesNotMatch((await found({ [keyName]: 'sk-4711' }))[2]!, /4711/);
});

test('rules of an app answer where there is nothing else', async () => {
  const own = [{ reply: () => ({ text: 'by the app' }) }];
  const { model } = await detectModel({ env: {}, fetch: noOllama, rules: own });
  const request = { agent: 'a', instructions: '', messages: [], tools: [], outputTokensMax: 1 };
  const parts = [];
  for await (const part of model.stream(request, { signal: new AbortController().signal })) parts.push(part);
  assert.deepEqual(parts[0], { type: 'text', text: 'by the app' });
});
