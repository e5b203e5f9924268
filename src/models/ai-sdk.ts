/**
 * Any model of the AI SDK (`@ai-sdk/openai`, `@ai-sdk/anthropic`, ...), by its language model specification v3 or v4.
 *
 * A1  Nothing of the AI SDK is needed here: the types below say what is used of it, and `ai-sdk.test.ts` holds
 *     the real ones against them.
 * A2  Its errors are not passed on as a cause: they hold the request, and with it the prompt.
 * A3  What the provider ran itself (`providerExecuted`) is not ours to run again, and is left out.
 */
import { estimateTokens, type Message, type Usage } from '../agents/message.ts';
import type { FinishReason, Model, ModelPart, ModelRequest } from '../agents/model.ts';
import type { JsonSchema } from '../agents/schema.ts';
import { systemClock } from '../core/clock.ts';
import { clip, EngineError, ModelError } from '../core/errors.ts';
import { limits } from '../core/limits.ts';
import { failureOfConnection, failureOfStatus, parseRetryAfter } from './http-failure.ts';
import { priceOf } from './prices.ts';
import { wireNames, type WireNames } from './wire-names.ts';

type TextPart = { type: 'text'; text: string };
type CallPart = { type: 'tool-call'; toolCallId: string; toolName: string; input: unknown };
type ResultPart = {
  type: 'tool-result';
  toolCallId: string;
  toolName: string;
  output: { type: 'text'; value: string } | { type: 'error-text'; value: string };
};

/** A message as the specification has it. */
export type AiSdkMessage =
  | { role: 'system'; content: string }
  | { role: 'user'; content: TextPart[] }
  | { role: 'assistant'; content: (TextPart | CallPart)[] }
  | { role: 'tool'; content: ResultPart[] };

/** What is asked of a model of the AI SDK. */
export type AiSdkCall = {
  prompt: AiSdkMessage[];
  maxOutputTokens: number;
  temperature?: number;
  tools?: { type: 'function'; name: string; description: string; inputSchema: JsonSchema }[];
  responseFormat?: { type: 'json'; schema: JsonSchema; name: string };
  abortSignal: AbortSignal;
};

/** What is needed of a model of the AI SDK: `LanguageModelV3` and `LanguageModelV4` have it. */
export interface AiSdkModel {
  readonly specificationVersion: 'v3' | 'v4';
  readonly provider: string;
  readonly modelId: string;
  doStream(call: AiSdkCall): PromiseLike<{ stream: AiSdkStream }>;
}

/** What is needed of a ReadableStream. */
export interface AiSdkStream {
  getReader(): {
    read(): Promise<{ readonly done: boolean; readonly value?: unknown }>;
    cancel(reason?: unknown): Promise<void>;
  };
}

/**
 * A model of the AI SDK as a model of the engine.
 *
 * @example
 * import { openai } from '@ai-sdk/openai';
 * const model = fromAiSdk(openai('gpt-5-mini'));
 */
export function fromAiSdk(model: AiSdkModel): Model {
  if (model.specificationVersion !== 'v3' && model.specificationVersion !== 'v4') {
    throw new ModelError(
      'model_failed',
      `fromAiSdk can't use a model of specification "${clip(String(model['specificationVersion']))}".`,
      {
        hint: 'Models of ai 6 (v3) and ai 7 (v4) work; update the provider package.',
      },
    );
  }
  return {
    id: model.modelId,
    provider: model.provider,
    kind: 'language-model',
    stream: (request, { signal }) => streamAiSdk(model, request, signal),
    price: (usage) => priceOf(model.provider, model.modelId, usage),
  };
}

async function* streamAiSdk(model: AiSdkModel, request: ModelRequest, signal: AbortSignal): AsyncGenerator<ModelPart> {
  signal.throwIfAborted();
  const names = wireNames(request.tools.map(({ name }) => name));
  const call = callOf(request, names, signal);
  const fold = new AiSdkFold(model, names, JSON.stringify([call.prompt, call.tools]).length);
  try {
    const { stream } = await model.doStream(call);
    for await (const part of partsOf(stream)) {
      yield* fold.take(part);
      if (fold.finished) return;
    }
  } catch (thrown) {
    signal.throwIfAborted();
    throw failureOfThrown(thrown, model);
  }
  signal.throwIfAborted();
  throw fold.failure('cut the answer off before its end');
}

async function* partsOf(stream: AiSdkStream): AsyncGenerator<Readonly<Record<string, unknown>>> {
  const reader = stream.getReader();
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) yield membersOf(read.value);
  } finally {
    // A stream that has failed refuses to be cancelled with the failure that was thrown already.
    await reader.cancel().catch(() => undefined);
  }
}

/** Parts of the specification in, model parts out. */
class AiSdkFold {
  readonly #model: AiSdkModel;
  readonly #names: WireNames;
  readonly #sentChars: number;
  #textChars = 0;
  #callChars = 0;
  #calls = 0;
  finished = false;

  constructor(model: AiSdkModel, names: WireNames, sentChars: number) {
    this.#model = model;
    this.#names = names;
    this.#sentChars = sentChars;
  }

  take(part: Readonly<Record<string, unknown>>): ModelPart[] {
    switch (part['type']) {
      case 'text-delta':
        return this.#takeText(stringOf(part['delta']));
      case 'tool-call':
        return part['providerExecuted'] === true ? [] : this.#takeCall(part);
      case 'finish':
        this.finished = true;
        return [{ type: 'finish', reason: this.#reasonOf(part['finishReason']), usage: this.#usageOf(part['usage']) }];
      case 'error':
        throw failureOfThrown(part['error'], this.#model);
      default:
        // stream-start, response-metadata, text-start/-end, reasoning-*, tool-input-* (the whole call follows),
        // tool-result (the provider's own), file, source, ping, raw: nothing of the answer is in them.
        return [];
    }
  }

  failure(what: string): ModelError {
    const { provider, modelId: model } = this.#model;
    return new ModelError('model_failed', `${provider} ${what} (model ${model}).`, {
      retryable: true,
      details: { provider, model },
    });
  }

  #takeText(text: string): ModelPart[] {
    if (text === '') return [];
    this.#textChars += text.length;
    this.#bound(this.#textChars, 'an answer');
    return [{ type: 'text', text }];
  }

  #takeCall(part: Readonly<Record<string, unknown>>): ModelPart[] {
    const given = part['input'];
    const text = typeof given === 'string' ? given : (JSON.stringify(given) ?? '');
    const input = text === '' ? '{}' : text;
    const name = this.#names.fromWire(stringOf(part['toolName']));
    this.#callChars += input.length + name.length;
    this.#bound(this.#callChars, 'tool calls');
    this.#calls += 1;
    return [{ type: 'tool-call', id: stringOf(part['toolCallId']), name, input }];
  }

  #bound(chars: number, what: string): void {
    if (chars <= limits.modelTextCharsMax) return;
    const { modelId } = this.#model;
    throw new ModelError('model_failed', `${modelId} wrote ${what} of over ${limits.modelTextCharsMax} characters.`, {
      hint: 'The model runs on without an end; give `outputTokensMax`, or use another model.',
    });
  }

  #reasonOf(given: unknown): FinishReason {
    const reason = membersOf(given)['unified'];
    switch (reason) {
      case 'stop':
        return this.#calls > 0 ? 'tool-calls' : 'stop';
      case 'tool-calls':
      case 'length':
        return reason;
      case 'content-filter':
        return 'refusal';
      case 'error':
        throw this.failure('broke off');
      case 'interrupted':
        throw this.failure('cut the answer off before its end');
      default:
        return 'other';
    }
  }

  #usageOf(given: unknown): Usage {
    const { inputTokens: input, outputTokens: output } = membersOf(given);
    const inputTokens = countOf(input, 'total');
    const outputTokens = countOf(output, 'total');
    const cached = countOf(input, 'cacheRead');
    const reasoning = countOf(output, 'reasoning');
    return {
      inputTokens: inputTokens ?? estimateTokens(this.#sentChars),
      outputTokens: outputTokens ?? estimateTokens(this.#textChars + this.#callChars),
      ...(cached === undefined ? {} : { cachedInputTokens: cached }),
      ...(reasoning === undefined ? {} : { reasoningTokens: reasoning }),
      ...(inputTokens === undefined || outputTokens === undefined ? { estimated: true } : {}),
    };
  }
}

function callOf(request: ModelRequest, names: WireNames, signal: AbortSignal): AiSdkCall {
  const system: AiSdkMessage[] = request.instructions === '' ? [] : [{ role: 'system', content: request.instructions }];
  const tools = request.tools.map(({ name, description, inputSchema }) => {
    return { type: 'function' as const, name: names.toWire(name), description, inputSchema };
  });
  return {
    prompt: [...system, ...promptOf(request.messages, names)],
    maxOutputTokens: request.outputTokensMax,
    abortSignal: signal,
    ...(request.temperature === undefined ? {} : { temperature: request.temperature }),
    ...(tools.length === 0 ? {} : { tools }),
    ...(request.outputSchema === undefined
      ? {}
      : { responseFormat: { type: 'json' as const, schema: request.outputSchema, name: 'answer' } }),
  };
}

/** Results of one turn go into one message, as the specification wants them. */
function promptOf(messages: readonly Message[], names: WireNames): AiSdkMessage[] {
  const prompt: AiSdkMessage[] = [];
  for (const message of messages) {
    const last = prompt.at(-1);
    if (message.role === 'tool') {
      const part = resultPart(message, names);
      if (last?.role === 'tool') last.content.push(part);
      else prompt.push({ role: 'tool', content: [part] });
    } else if (message.role === 'user') {
      prompt.push({ role: 'user', content: [{ type: 'text', text: message.text }] });
    } else {
      const text: TextPart[] = message.text === '' ? [] : [{ type: 'text', text: message.text }];
      const calls = (message.toolCalls ?? []).map((call): CallPart => {
        return { type: 'tool-call', toolCallId: call.id, toolName: names.toWire(call.name), input: parsed(call.input) };
      });
      prompt.push({ role: 'assistant', content: [...text, ...calls] });
    }
  }
  return prompt;
}

function resultPart(message: Message & { readonly role: 'tool' }, names: WireNames): ResultPart {
  const { callId, name, content, failed } = message;
  const output = { type: failed ? ('error-text' as const) : ('text' as const), value: content };
  return { type: 'tool-result', toolCallId: callId, toolName: names.toWire(name), output };
}

/** Providers want the input of an earlier call as an object; one that was broken is sent as what it was. */
function parsed(input: string): unknown {
  try {
    const value: unknown = JSON.parse(input);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch {
    // Wrapped below like JSON that is no object.
  }
  return { not_an_object: input };
}

/** `AI_APICallError` and its kin, by their members: two copies of the AI SDK have two classes of one name. */
function failureOfThrown(thrown: unknown, { provider, modelId: model }: AiSdkModel): EngineError {
  if (EngineError.is(thrown)) return thrown;
  const { name, message, statusCode, isRetryable, responseHeaders } = membersOf(thrown);
  const said = stringOf(message);
  if (typeof statusCode === 'number' && statusCode >= 400) {
    const retryAfter = Object.entries(membersOf(responseHeaders)).find(([key]) => key.toLowerCase() === 'retry-after');
    const retryAfterMs = parseRetryAfter(stringOf(retryAfter?.[1]), systemClock.now());
    return failureOfStatus({
      status: statusCode,
      provider,
      model,
      said,
      retryAfterMs,
      keyName: `the key of ${provider}`,
    });
  }
  if (name === 'AI_LoadAPIKeyError') {
    return new ModelError('model_failed', `${provider} wants a key, and none was given.`, { hint: clip(said, 300) });
  }
  if (name === 'TypeError' && membersOf(thrown)['cause'] !== undefined) {
    return failureOfConnection(thrown, provider, provider);
  }
  const ours = stringOf(name).startsWith('AI_');
  return new ModelError('model_failed', `${provider} failed: ${clip(said === '' ? 'without a reason' : said, 300)}`, {
    retryable: typeof isRetryable === 'boolean' ? isRetryable : !ours,
    details: { provider, model },
  });
}

function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function stringOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function countOf(value: unknown, key: string): number | undefined {
  const count = membersOf(value)[key];
  return typeof count === 'number' && Number.isSafeInteger(count) && count >= 0 ? count : undefined;
}
