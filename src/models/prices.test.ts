import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { keyProviders } from './detect.ts';
import { pricedModels, priceOf, pricesOf, providerOfUrl } from './prices.ts';

const million = { inputTokens: 1_000_000, outputTokens: 1_000_000 };
const at = Date.UTC(2026, 0, 1);

test('a price is what the list says, with its name and version', () => {
  const manifest = new URL('../../node_modules/@pydantic/genai-prices/package.json', import.meta.url);
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
  assert.deepEqual(priceOf('openai', 'gpt-5-mini', million, at), {
    usd: 2.25,
    source: `@pydantic/genai-prices ${version}`,
  });
});

test('cached input costs what cached input costs', () => {
  const usage = { inputTokens: 1_000_000, outputTokens: 0, cachedInputTokens: 1_000_000 };
  assert.equal(priceOf('openai', 'gpt-5-mini', usage, at)?.usd, 0.025);
});

test('the price of estimated tokens says that they are estimated', () => {
  const price = priceOf('openai', 'gpt-5-mini', { ...million, estimated: true }, at);
  assert.match(price?.source ?? '', /for estimated tokens/);
});

test('what the list does not know has no price', () => {
  const unknown = [
    ['openai', 'gpt-99-enormous'],
    ['ollama', 'llama3.2'],
    ['127.0.0.1', 'gpt-5-mini'],
    ['my-openai-gateway', 'gpt-5-mini'],
    ['openai-compatible', 'gpt-5-mini'],
    ['groq', 'gpt-5-mini'],
    ['', 'gpt-5-mini'],
    ['openai', ''],
  ] as const;
  for (const [provider, model] of unknown) {
    assert.equal(priceOf(provider, model, million, at), undefined, `${provider}/${model}`);
    assert.equal(pricesOf(provider, model, at), undefined, `${provider}/${model}`);
  }
});

test('a model that is not priced by tokens in and out is not free', () => {
  assert.equal(priceOf('openai', 'text-embedding-3-small', million, at), undefined);
});

test('counts that contradict each other have no price', () => {
  assert.equal(
    priceOf('openai', 'gpt-5-mini', { inputTokens: 1, outputTokens: 0, cachedInputTokens: 2 }, at),
    undefined,
  );
});

test("the AI SDK's names of providers are understood", () => {
  for (const [provider, model] of [
    ['openai.responses', 'gpt-5-mini'],
    ['anthropic.messages', 'claude-haiku-4-5'],
    ['google.generative-ai', 'gemini-2.5-flash'],
    ['mistral.chat', 'mistral-small-latest'],
  ] as const) {
    assert.ok((priceOf(provider, model, million, at)?.usd ?? 0) > 0, provider);
  }
});

test('the prices of a named model are there for a million tokens', () => {
  const prices = pricesOf('openai', 'gpt-5-mini', at);
  assert.equal(prices?.inputUsdPerMTok, 0.25);
  assert.equal(prices.outputUsdPerMTok, 2);
  assert.equal(prices.cachedInputUsdPerMTok, 0.025);
  assert.equal(prices.tiered, false);
  assert.equal(prices.contextTokens, 400_000);
});

test('the models of a provider that have prices can be listed, and each then has them', () => {
  const models = pricedModels('openai', at);
  assert.ok(models.includes('gpt-5-mini') && models.length > 20);
  for (const model of models) assert.ok(pricesOf('openai', model, at) !== undefined, model);
  assert.deepEqual(pricedModels('nobody', at), []);
});

test('a base URL tells its provider, and a stranger none', () => {
  assert.equal(providerOfUrl('https://api.openai.com/v1'), 'openai');
  assert.equal(providerOfUrl('https://evil.test/?https://api.openai.com'), undefined);
});

test('each default model of a provider with a key has a price', () => {
  for (const { provider, model } of keyProviders) {
    assert.ok((priceOf(provider, model, million, at)?.usd ?? 0) > 0, `${provider}/${model}`);
  }
});

test('nothing is fetched', async (t) => {
  const fetch = t.mock.method(globalThis, 'fetch', () => assert.fail('It fetched.'));
  priceOf('openai', 'gpt-5-mini', million);
  pricedModels('anthropic');
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(fetch.mock.callCount(), 0);
});
