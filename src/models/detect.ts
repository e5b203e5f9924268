/**
 * Which model answers if nobody says so.
 *
 * DE1  In this order: the configured one; a key in the environment, in the order of `keyProviders`; a server without a
 *     key that the environment names; Ollama on this machine; rules.
 * DE2  Looking sends no key and reaches only 127.0.0.1. A key is first used by the first call of a run.
 * DE3  `why` is one sentence for people, and never holds a key.
 */
import type { Model } from '../agents/model.ts';
import type { Rule } from '../agents/rule.ts';
import { systemClock, type Clock } from '../core/clock.ts';
import { openaiCompatible } from './openai-compatible.ts';
import { rules } from './rules.ts';

export type DetectOptions = {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The model of the configuration, if there is one. */
  readonly configured?: Model | undefined;
  /** What answers if there is no language model. */
  readonly rules?: readonly Rule[];
  readonly fetch?: typeof globalThis.fetch;
  /** How long Ollama has to answer, in ms. It is on this machine, so 300 is long. */
  readonly timeoutMs?: number;
  readonly clock?: Clock;
};

/** The model that was found, and why it was taken, in one sentence. */
export type Detected = { readonly model: Model; readonly why: string };

/** Providers that speak OpenAI's protocol: the variable their key is in, their base URL and a small model of theirs. */
export const keyProviders = Object.freeze([
  { keyName: 'OPENAI_API_KEY', provider: 'openai', baseUrl: 'https://api.openai.com/v1', model: 'gpt-5-mini' },
  {
    keyName: 'ANTHROPIC_API_KEY',
    provider: 'anthropic',
    baseUrl: 'https://api.anthropic.com/v1',
    model: 'claude-haiku-4-5',
  },
  {
    keyName: 'OPENROUTER_API_KEY',
    provider: 'openrouter',
    baseUrl: 'https://openrouter.ai/api/v1',
    model: 'openai/gpt-5-mini',
  },
  {
    keyName: 'GEMINI_API_KEY',
    provider: 'google',
    baseUrl: 'https://generativelanguage.googleapis.com/v1beta/openai',
    model: 'gemini-2.5-flash',
  },
  {
    keyName: 'GROQ_API_KEY',
    provider: 'groq',
    baseUrl: 'https://api.groq.com/openai/v1',
    model: 'openai/gpt-oss-120b',
  },
  {
    keyName: 'MISTRAL_API_KEY',
    provider: 'mistral',
    baseUrl: 'https://api.mistral.ai/v1',
    model: 'mistral-small-latest',
  },
  { keyName: 'DEEPSEEK_API_KEY', provider: 'deepseek', baseUrl: 'https://api.deepseek.com/v1', model: 'deepseek-chat' },
  { keyName: 'XAI_API_KEY', provider: 'x-ai', baseUrl: 'https://api.x.ai/v1', model: 'grok-4-fast' },
] as const);

const ollama = '127.0.0.1:11434';

/**
 * Finds the model to answer with, and says why this one.
 *
 * @example
 * const { model, why } = await detectModel({ env: process.env });
 * console.log(`${model.id}: ${why}`);
 */
export async function detectModel(options: DetectOptions): Promise<Detected> {
  const { env, configured } = options;
  if (configured !== undefined) return { model: configured, why: `${configured.id} is configured` };
  const wanted = set(env['CANTUS_MODEL']);
  const keyed = keyedModel(env, wanted, options.fetch);
  if (keyed !== undefined) return keyed;
  const baseUrl = set(env['OPENAI_BASE_URL']);
  if (baseUrl !== undefined && wanted !== undefined) {
    const model = openaiCompatible({ baseUrl, model: wanted, ...given(options.fetch) });
    return { model, why: 'OPENAI_BASE_URL and CANTUS_MODEL are set' };
  }
  const { model, why } = await ollamaModel(options, wanted);
  return {
    model,
    why: baseUrl === undefined ? why : `${why}; OPENAI_BASE_URL needs OPENAI_API_KEY or CANTUS_MODEL beside it`,
  };
}

function keyedModel(
  env: DetectOptions['env'],
  wanted: string | undefined,
  fetch: DetectOptions['fetch'],
): Detected | undefined {
  for (const { keyName, provider, baseUrl, model } of keyProviders) {
    const apiKey = set(env[keyName]);
    if (apiKey === undefined) continue;
    const elsewhere = provider === 'openai' ? set(env['OPENAI_BASE_URL']) : undefined;
    const detected = openaiCompatible({
      // Whoever answers at another base URL has other prices, so its provider is told from the URL.
      ...(elsewhere === undefined ? { baseUrl, provider } : { baseUrl: elsewhere }),
      apiKey,
      keyName,
      model: wanted ?? model,
      ...given(fetch),
    });
    const where = elsewhere === undefined ? '' : ', and OPENAI_BASE_URL';
    return { model: detected, why: `${keyName} is set${where}` };
  }
  return undefined;
}

async function ollamaModel(options: DetectOptions, wanted: string | undefined): Promise<Detected> {
  const names = await ollamaModels(options);
  if (names === undefined)
    return { model: rules(options.rules), why: `no key in the environment and no Ollama on ${ollama}` };
  const name =
    wanted === undefined
      ? names.find((candidate) => !/embed|bge-|minilm|rerank/i.test(candidate))
      : names.find((candidate) => candidate === wanted || candidate === `${wanted}:latest`);
  if (name === undefined) {
    const lack = wanted === undefined ? 'no model that chats' : `no model "${wanted}"`;
    return { model: rules(options.rules), why: `no key in the environment, and Ollama on ${ollama} has ${lack}` };
  }
  const model = openaiCompatible({
    baseUrl: `http://${ollama}/v1`,
    provider: 'ollama',
    model: name,
    ...given(options.fetch),
  });
  return { model, why: `Ollama answers on ${ollama} with ${name.replace(/:latest$/, '')}` };
}

/** The names of Ollama's models, newest first as it lists them; undefined if it does not answer like Ollama. */
async function ollamaModels(options: DetectOptions): Promise<string[] | undefined> {
  const { fetch = globalThis.fetch, timeoutMs = 300, clock = systemClock } = options;
  const stopper = new AbortController();
  const stop = clock.after(timeoutMs, () => stopper.abort());
  try {
    // Whatever listens there must not be able to send us elsewhere (DE2).
    const response = await fetch(`http://${ollama}/api/tags`, { signal: stopper.signal, redirect: 'error' });
    if (!response.ok) return undefined;
    const { models } = (await response.json()) as { models?: unknown };
    if (!Array.isArray(models)) return undefined;
    return models.map((model: { name?: unknown } | null) => model?.name).filter((name) => typeof name === 'string');
  } catch {
    // Nothing there, too slow, or no JSON: then it is not there for us.
    return undefined;
  } finally {
    stop();
  }
}

function set(value: string | undefined): string | undefined {
  const trimmed = value?.trim() ?? '';
  return trimmed === '' ? undefined : trimmed;
}

function given(fetch: DetectOptions['fetch']): { fetch?: typeof globalThis.fetch } {
  return fetch === undefined ? {} : { fetch };
}
