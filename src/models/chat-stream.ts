/**
 * Chunks of a streamed chat completion in, model parts out. Pure: no I/O, no time.
 *
 * CS1  Tool calls are delivered at the end, in the order in which they began, each with an id of its own; their input is
 *     the text that came, whole or broken. Only an input that never came is made `{}`: so models call a tool that needs
 *     nothing.
 * CS2  The end is a finish reason or `[DONE]`. Without either the answer was cut: a failure, never a short answer (M2).
 * CS3  Usage is what the server counted. Where it counted nothing, it is estimated and says so.
 * CS4  What is held is bounded by `limits.modelTextCharsMax` for the text and for all tool calls together.
 */
import { estimateTokens, type Usage } from '../agents/message.ts';
import type { FinishReason, ModelPart } from '../agents/model.ts';
import { clip, ModelError } from '../core/errors.ts';
import { isJsonObject, type Json } from '../core/json.ts';
import { limits } from '../core/limits.ts';

type JsonObject = { readonly [key: string]: Json };
type OpenCall = { readonly index: number | undefined; id: string | undefined; name: string; input: string };

const finishReasons: Readonly<Record<string, FinishReason>> = {
  stop: 'stop',
  length: 'length',
  tool_calls: 'tool-calls',
  function_call: 'tool-calls',
  content_filter: 'refusal',
};

export type ChatFoldSetup = {
  readonly provider: string;
  readonly model: string;
  /** Whose turn it is: the number in the ids of calls that come without one, so that no two in a thread are equal. */
  readonly turn: number;
  /** How much was sent, for usage the server does not count. */
  readonly sentChars: number;
  readonly toolName: (wireName: string) => string;
};

export class ChatFold {
  readonly #setup: ChatFoldSetup;
  readonly #calls: OpenCall[] = [];
  #textChars = 0;
  #callChars = 0;
  #refusal = '';
  #reason: string | undefined;
  #done = false;
  #usage: JsonObject | undefined;

  constructor(setup: ChatFoldSetup) {
    this.#setup = setup;
  }

  /** True once the model has said that it is done; what fails after that takes nothing from the answer. */
  get finished(): boolean {
    return this.#reason !== undefined || this.#done;
  }

  /** The server wrote `[DONE]`. */
  done(): void {
    this.#done = true;
  }

  take(chunk: Json): ModelPart[] {
    if (!isJsonObject(chunk)) throw this.#failure('sent a chunk that is no JSON object');
    const error = chunk['error'];
    if (error !== undefined && error !== null) throw this.#failure(`broke off: ${clip(wordsOf(error), 300)}`);
    this.#takeUsage(chunk);
    const choice = Array.isArray(chunk['choices']) ? (chunk['choices'][0] as Json | undefined) : undefined;
    if (!isJsonObject(choice)) return [];
    if (typeof choice['finish_reason'] === 'string') this.#reason = choice['finish_reason'];
    // A server that does not stream says the same under `message`.
    const delta = choice['delta'] ?? choice['message'];
    return isJsonObject(delta) ? this.#takeDelta(delta) : [];
  }

  /** The tool calls and the finish. Throws if the model refused, or if the stream ended before the model did. */
  end(): ModelPart[] {
    if (!this.finished) throw this.#failure('cut the answer off before its end');
    if (this.#reason === 'error') throw this.#failure('broke off');
    if (this.#refusal !== '') {
      throw new ModelError('model_refused', `${this.#setup.model} refused: ${clip(this.#refusal, 300)}`, {
        hint: 'Ask differently: the same request will be refused again.',
      });
    }
    return [...this.#toolCalls(), { type: 'finish', reason: this.#finishReason(), usage: this.#countedUsage() }];
  }

  #toolCalls(): ModelPart[] {
    const ids = new Set<string>();
    return this.#calls.map((call, index) => {
      const given = call.id ?? `call_${this.#setup.turn}_${index}`;
      const id = ids.has(given) ? `${given}_${index}` : given;
      ids.add(id);
      const input = call.input === '' ? '{}' : call.input;
      return { type: 'tool-call', id, name: this.#setup.toolName(call.name), input };
    });
  }

  #takeDelta(delta: JsonObject): ModelPart[] {
    if (typeof delta['refusal'] === 'string') this.#refusal = clip(this.#refusal + delta['refusal'], 1_000);
    if (Array.isArray(delta['tool_calls'])) {
      for (const call of delta['tool_calls'] as readonly Json[]) if (isJsonObject(call)) this.#takeCall(call);
    }
    const text = textOf(delta['content']);
    if (text === '') return [];
    this.#textChars += text.length;
    if (this.#textChars > limits.modelTextCharsMax) throw this.#tooLong('an answer');
    return [{ type: 'text', text }];
  }

  #takeCall(delta: JsonObject): void {
    const made = delta['function'];
    const id = stringOf(delta['id']) || undefined;
    const name = stringOf(member(made, 'name'));
    const args = member(made, 'arguments');
    const input = isJsonObject(args) ? JSON.stringify(args) : stringOf(args);
    const index = typeof delta['index'] === 'number' ? delta['index'] : undefined;
    this.#callChars += input.length + name.length + (id?.length ?? 0) + 1;
    if (this.#callChars > limits.modelTextCharsMax) throw this.#tooLong('tool calls');
    const call = this.#openCall(index, id, name);
    call.id ??= id;
    if (call.name === '') call.name = name;
    call.input += input;
  }

  /** The call a piece belongs to. By index and id, but some servers number all calls 0, or none, or give no ids. */
  #openCall(index: number | undefined, id: string | undefined, name: string): OpenCall {
    const mine = this.#calls.filter((call) => index === undefined || call.index === index);
    const last = mine.at(-1);
    const same = id === undefined ? undefined : mine.findLast((call) => call.id === id);
    const goesOn = name === '' || (id === undefined && index !== undefined && ['', name].includes(last?.name ?? ''));
    const open = same ?? (goesOn ? last : undefined);
    if (open !== undefined) return open;
    const call: OpenCall = { index, id, name, input: '' };
    this.#calls.push(call);
    return call;
  }

  #takeUsage(chunk: JsonObject): void {
    const groq = isJsonObject(chunk['x_groq']) ? chunk['x_groq']['usage'] : undefined;
    const usage = chunk['usage'] ?? groq;
    if (isJsonObject(usage)) this.#usage = usage;
  }

  #finishReason(): FinishReason {
    const reason = this.#reason === undefined ? 'stop' : (finishReasons[this.#reason] ?? 'other');
    // Several servers say "stop" after tool calls, too.
    return this.#calls.length > 0 && reason === 'stop' ? 'tool-calls' : reason;
  }

  #countedUsage(): Usage {
    const usage = this.#usage ?? {};
    const inputTokens = count(usage['prompt_tokens']);
    const outputTokens = count(usage['completion_tokens']);
    const cached = count(member(usage['prompt_tokens_details'], 'cached_tokens') ?? usage['prompt_cache_hit_tokens']);
    const reasoning = count(member(usage['completion_tokens_details'], 'reasoning_tokens'));
    return {
      inputTokens: inputTokens ?? estimateTokens(this.#setup.sentChars),
      outputTokens: outputTokens ?? estimateTokens(this.#textChars + this.#callChars),
      ...(cached === undefined ? {} : { cachedInputTokens: cached }),
      ...(reasoning === undefined ? {} : { reasoningTokens: reasoning }),
      ...(inputTokens === undefined || outputTokens === undefined ? { estimated: true } : {}),
    };
  }

  #failure(what: string): ModelError {
    const { provider, model } = this.#setup;
    return new ModelError('model_failed', `${provider} ${what} (model ${model}).`, {
      retryable: true,
      details: { provider, model },
    });
  }

  #tooLong(what: string): ModelError {
    const { provider, model } = this.#setup;
    return new ModelError('model_failed', `${model} wrote ${what} of over ${limits.modelTextCharsMax} characters.`, {
      hint: 'The model runs on without an end; give `outputTokensMax`, or use another model.',
      details: { provider, model },
    });
  }
}

/** A text, or the texts of a list of parts; reasoning and other parts are not the answer. */
function textOf(content: Json | undefined): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  const parts = (content as readonly Json[]).filter(isJsonObject);
  return parts
    .map((part) => (part['type'] === 'text' && typeof part['text'] === 'string' ? part['text'] : ''))
    .join('');
}

function wordsOf(error: Json): string {
  const message = member(error, 'message');
  return typeof error === 'string' ? error : typeof message === 'string' ? message : 'without a reason';
}

function stringOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}

function member(value: Json | undefined, key: string): Json | undefined {
  return isJsonObject(value) ? value[key] : undefined;
}

function count(value: Json | undefined): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}
