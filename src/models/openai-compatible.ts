/**
 * Any server that speaks OpenAI's chat completions: OpenAI, Ollama, vLLM, LM Studio, OpenRouter, a gateway.
 *
 * OC1  A key goes to the base URL and nowhere else: no redirect is followed, and no error, hint or log holds it.
 * OC2  One call is one request. The only other one: a server that answers 400 or 422 to a request with
 *     `response_format` is asked once more without it, with the shape asked for in the instructions. So it is with
 *     servers that do not know `response_format`, or not this schema; what then is still wrong, the second answer says.
 * OC3  An aborted call throws the signal's reason and closes the connection.
 */
import type { Message } from '../agents/message.ts';
import type { Model, ModelPart, ModelRequest } from '../agents/model.ts';
import { systemClock, type Clock } from '../core/clock.ts';
import { EngineError, ModelError, ValidationError } from '../core/errors.ts';
import type { Json } from '../core/json.ts';
import { limits } from '../core/limits.ts';
import { chatBody, hasResponseFormat, type ChatBody, type ChatStyle } from './chat-request.ts';
import { ChatFold } from './chat-stream.ts';
import { errorWords, failureOfConnection, failureOfStatus, parseRetryAfter } from './http-failure.ts';
import { priceOf, providerOfUrl } from './prices.ts';
import { readSse } from './sse.ts';
import { wireNames } from './wire-names.ts';

/** Which server and model, and what is different about them. */
export type OpenAiCompatibleOptions = {
  /** Up to and with the version, for example `https://api.openai.com/v1` or `http://127.0.0.1:11434/v1`. */
  readonly baseUrl: string;
  readonly model: string;
  readonly apiKey?: string;
  /** Where the key is from, for the hint when it is refused; for example `OPENAI_API_KEY`. */
  readonly keyName?: string;
  /** Whose prices count. If not given it is told from the base URL; a host nobody knows has no prices. */
  readonly provider?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** `max_completion_tokens` at OpenAI and Azure, `max_tokens` elsewhere, if not given. */
  readonly outputTokensField?: ChatStyle['outputTokensField'];
  /** How structured output is asked for. `instructions` for servers that take `response_format` and ignore it. */
  readonly structuredOutput?: 'response-format' | 'instructions';
  /** Fields of this server alone, for example `{ reasoning_effort: 'low' }`. */
  readonly extraBody?: ChatBody;
  readonly fetch?: typeof globalThis.fetch;
  readonly clock?: Clock;
};

type Server = {
  readonly endpoint: URL;
  /** The base URL without query and login, for messages. */
  readonly where: string;
  readonly provider: string;
  readonly model: string;
  readonly keyName: string | undefined;
  readonly headers: Headers;
  readonly style: ChatStyle;
  readonly secrets: readonly string[];
  readonly fetch: typeof globalThis.fetch;
  readonly clock: Clock;
};

type Answer = { readonly response: Response; readonly sent: string };

/**
 * A model behind an OpenAI-compatible server. Throws a ValidationError for a base URL, key or header that can't be used.
 *
 * @example
 * const model = openaiCompatible({
 *   baseUrl: 'http://127.0.0.1:11434/v1', model: 'llama3.2',
 * });
 */
export function openaiCompatible(options: OpenAiCompatibleOptions): Model {
  const server = serverOf(options);
  return {
    id: server.model,
    provider: server.provider,
    kind: 'language-model',
    stream: (request, { signal }) => streamChat(server, request, signal),
    price: (usage) => priceOf(server.provider, server.model, usage),
  };
}

function serverOf(options: OpenAiCompatibleOptions): Server {
  const { model, headers = {}, keyName, fetch = globalThis.fetch, clock = systemClock } = options;
  const endpoint = endpointOf(options.baseUrl);
  const where = `${endpoint.origin}${endpoint.pathname.replace(/\/chat\/completions$/, '')}`;
  const provider = options.provider ?? providerAt(endpoint, where);
  const apiKey = parseKey(options.apiKey, keyName ?? '`apiKey`');
  return {
    endpoint,
    where,
    provider,
    model,
    keyName: apiKey === undefined ? undefined : (keyName ?? 'the `apiKey` given to openaiCompatible'),
    headers: headersOf(headers, apiKey),
    style: styleOf(options, provider),
    // Shorter values ("1", "v2") are no secrets and would strike out every such word.
    secrets: [apiKey ?? '', ...Object.values(headers)].filter((value) => value.length >= 8),
    fetch,
    clock,
  };
}

function styleOf(options: OpenAiCompatibleOptions, provider: string): ChatStyle {
  const { model, outputTokensField, structuredOutput, extraBody = {} } = options;
  const newer = provider === 'openai' || provider === 'azure';
  return {
    model,
    outputTokensField: outputTokensField ?? (newer ? 'max_completion_tokens' : 'max_tokens'),
    responseFormat: structuredOutput !== 'instructions',
    extraBody,
  };
}

/** The provider that the price list knows at this place; Ollama by its port; else the host. */
function providerAt({ port, hostname }: URL, where: string): string {
  return providerOfUrl(where) ?? (port === '11434' ? 'ollama' : hostname);
}

function endpointOf(baseUrl: string): URL {
  const url = URL.parse(baseUrl);
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
    throw new ValidationError('The base URL of a model must be an http or https URL without a login in it.', {
      hint: 'For example https://api.openai.com/v1. A key goes into `apiKey`, not into the URL.',
    });
  }
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/chat/completions`;
  url.hash = '';
  return url;
}

/** A key with a line break or the like in it would be quoted by the error that `fetch` throws for it. */
function parseKey(key: string | undefined, name: string): string | undefined {
  const trimmed = key?.trim() ?? '';
  if (trimmed === '') return undefined;
  if (/^[\x21-\x7e]+$/.test(trimmed)) return trimmed;
  throw new ValidationError(
    `The key from ${name} has a character that no key has (a space, a line break, an accent).`,
    {
      hint: 'Was it pasted whole, and without quotes of another kind?',
    },
  );
}

function headersOf(given: Readonly<Record<string, string>>, apiKey: string | undefined): Headers {
  const headers = new Headers({ accept: 'text/event-stream', 'content-type': 'application/json' });
  if (apiKey !== undefined) headers.set('authorization', `Bearer ${apiKey}`);
  for (const [name, value] of Object.entries(given)) {
    try {
      headers.set(name, value);
    } catch {
      // The error is not passed on as a cause: it quotes the value, which may be a key.
      throw new ValidationError(
        `The header "${name}" of a model can't be sent: HTTP does not allow its name or value.`,
      );
    }
  }
  return headers;
}

async function* streamChat(server: Server, request: ModelRequest, signal: AbortSignal): AsyncGenerator<ModelPart> {
  signal.throwIfAborted();
  const names = wireNames(request.tools.map(({ name }) => name));
  const { response, sent } = await askServer(server, request, names, signal);
  const fold = new ChatFold({
    provider: server.provider,
    model: server.model,
    turn: turnOf(request.messages),
    sentChars: sent.length,
    toolName: (name) => names.fromWire(name),
  });
  try {
    for await (const chunk of chunksOf(server, response, signal)) yield* fold.take(chunk);
    fold.done();
  } catch (thrown) {
    signal.throwIfAborted();
    if (EngineError.is(thrown)) throw thrown;
    if (!fold.finished) throw cutOff(server, thrown);
  }
  signal.throwIfAborted();
  yield* fold.end();
}

/** One request, or two where the server does not take `response_format` (OC2). Throws for any status but 200. */
async function askServer(
  server: Server,
  request: ModelRequest,
  names: ReturnType<typeof wireNames>,
  signal: AbortSignal,
): Promise<Answer> {
  const withFormat = server.style.responseFormat && hasResponseFormat(request);
  const first = await post(server, chatBody(request, { ...server.style, responseFormat: withFormat }, names), signal);
  if (first.response.ok) return first;
  const failure = await failureOf(server, first.response, signal);
  const { status } = first.response;
  if (!withFormat || (status !== 400 && status !== 422)) throw failure;
  const second = await post(server, chatBody(request, { ...server.style, responseFormat: false }, names), signal);
  if (!second.response.ok) throw await failureOf(server, second.response, signal);
  return second;
}

async function post(server: Server, body: ChatBody, signal: AbortSignal): Promise<Answer> {
  const sent = JSON.stringify(body);
  const { fetch, endpoint, headers } = server;
  try {
    const response = await fetch(endpoint, { method: 'POST', headers, body: sent, signal, redirect: 'manual' });
    return { response, sent };
  } catch (thrown) {
    signal.throwIfAborted();
    throw failureOfConnection(thrown, server.provider, server.where);
  }
}

async function failureOf(server: Server, response: Response, signal: AbortSignal): Promise<ModelError> {
  const { provider, model, where, keyName } = server;
  if (response.status >= 300 && response.status < 400) {
    await response.body?.cancel();
    return new ModelError('model_failed', `${where} sends elsewhere (HTTP ${response.status}), and is not followed.`, {
      hint: 'Give the base URL that it sends to: a key is sent to no other place than the one you name.',
    });
  }
  const { said, code } = errorWords(await readText(response, signal, limits.modelErrorBytesMax));
  const { headers, status } = response;
  const retryAfterMs = parseRetryAfter(headers.get('retry-after'), server.clock.now());
  return failureOfStatus({
    status,
    provider,
    model,
    where,
    keyName,
    code,
    retryAfterMs,
    said: strikeOut(said, server),
  });
}

/** A body as text, as far as it came and up to a bound: whoever reads it sees that the rest is missing. */
async function readText(response: Response, signal: AbortSignal, charsMax: number): Promise<string> {
  let text = '';
  const decoder = new TextDecoder();
  try {
    for await (const bytes of response.body ?? []) {
      text += decoder.decode(bytes, { stream: true });
      if (text.length > charsMax) break;
    }
  } catch {
    signal.throwIfAborted();
  }
  return text;
}

function strikeOut(text: string, { secrets }: Server): string {
  return secrets.reduce((left, secret) => left.replaceAll(secret, '[key]'), text);
}

/** The chunks up to `[DONE]`. A body that ends without it throws, so that only `[DONE]` ends it well here. */
async function* chunksOf(server: Server, response: Response, signal: AbortSignal): AsyncGenerator<Json> {
  const { body, headers } = response;
  const type = headers.get('content-type') ?? '';
  if (type.includes('text/html')) {
    await body?.cancel();
    throw new ModelError('model_failed', `${server.where} answers with a web page.`, {
      hint: 'Is this the base URL of the API? It often ends in /v1.',
    });
  }
  if (body !== null && !type.includes('application/json')) {
    for await (const { data } of readSse(body)) {
      if (data.trim() === '[DONE]') return;
      yield parseChunk(server, data);
    }
  } else {
    // Some servers ignore `stream` and answer at once.
    yield parseChunk(server, await readText(response, signal, limits.modelEventCharsMax));
  }
  throw new Error('the body ended without [DONE]');
}

function parseChunk(server: Server, data: string): Json {
  try {
    return JSON.parse(data) as Json;
  } catch {
    throw new ModelError('model_failed', `${server.provider} sent a piece of an answer that is no JSON.`, {
      hint: 'The stream was torn, or a proxy between changes it.',
      retryable: true,
      details: { provider: server.provider, model: server.model },
    });
  }
}

function cutOff(server: Server, cause: unknown): ModelError {
  return new ModelError(
    'model_failed',
    `${server.provider} cut the answer off before its end (model ${server.model}).`,
    {
      retryable: true,
      details: { provider: server.provider, model: server.model },
      cause,
    },
  );
}

function turnOf(messages: readonly Message[]): number {
  return messages.filter(({ role }) => role === 'assistant').length;
}
