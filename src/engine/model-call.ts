/** One model call of an agent: streamed, priced, journaled. */
import { ModelError, toErrorInfo } from '../core/errors.ts';
import { toJson } from '../core/json.ts';
import { limits } from '../core/limits.ts';
import { estimateTokens, type ToolCallRequest, type Usage } from '../agents/message.ts';
import type { FinishReason, Model, ModelPart, ModelRequest } from '../agents/model.ts';
import type { EventData } from '../journal/event.ts';
import { attemptCall, recall, rethrowFailed, type CallSpec } from './attempts.ts';
import { Deltas } from './deltas.ts';
import type { Scope } from './scope.ts';

export type ModelAnswer = EventData['model.completed'];

const modelRetry = { attempts: limits.modelAttemptsMax, delayMs: 500, factor: 2 };

/** Asks `model` and returns what it answered. `key` tells the calls of one agent apart. */
export async function callModel(parent: Scope, model: Model, request: ModelRequest, key: string): Promise<ModelAnswer> {
  const { run } = parent;
  const path = parent.claim('model', key, 'a model call');
  const recorded = recall(parent, path, 'model');
  if (recorded?.status === 'completed') return recorded.output as unknown as ModelAnswer;
  rethrowFailed(recorded);
  const spec: CallSpec<ModelAnswer> = {
    kind: 'model',
    label: `Model "${model.id}"`,
    path,
    retry: modelRetry,
    timeoutMs: limits.modelTimeoutMs,
    begin(livePath, attempt) {
      const reservation = reserve(model, request);
      run.emit(
        'model.started',
        { model: model.id, provider: model.provider, kind: model.kind, reservation },
        livePath,
        { attempt },
      );
      return undefined;
    },
    work: (scope, attempt) => stream(scope, model, request, attempt),
    complete(answer, livePath, attempt) {
      const bytes = answer.text.length + charsOf(answer.toolCalls) + 200;
      run.emit('model.completed', answer, livePath, { attempt, bytes });
    },
  };
  return attemptCall(parent, spec, recorded);
}

/** The worst that the call can cost: its input as counted, and all the output it may give. */
function reserve(model: Model, request: ModelRequest): EventData['model.started']['reservation'] {
  const { instructions, messages, tools, outputSchema } = request;
  let chars = instructions.length + JSON.stringify([tools, outputSchema ?? null]).length;
  for (const message of messages) {
    chars += message.role === 'tool' ? message.content.length : message.text.length;
    if (message.role === 'assistant') chars += charsOf(message.toolCalls ?? []);
  }
  const usage = { inputTokens: estimateTokens(chars), outputTokens: request.outputTokensMax };
  return { ...usage, usd: model.price?.(usage)?.usd ?? null };
}

function charsOf(calls: readonly ToolCallRequest[]): number {
  return calls.reduce((chars, { id, name, input }) => chars + id.length + name.length + input.length, 0);
}

type Heard = {
  /** Characters of everything said: text, and tool calls with their arguments. */
  chars: number;
  text: string;
  readonly toolCalls: ToolCallRequest[];
  finish: { readonly reason: FinishReason; readonly usage: Usage } | undefined;
};

async function stream(scope: Scope, model: Model, request: ModelRequest, attempt: number): Promise<ModelAnswer> {
  const { run } = scope;
  const heard: Heard = { chars: 0, text: '', toolCalls: [], finish: undefined };
  const deltas = new Deltas(run.clock, (text) => {
    run.emit('model.delta', { text }, scope.path, { attempt, bytes: text.length });
    return run.durable();
  });
  // A model that ignores its signal must not go on telling after its call has failed.
  scope.onCancel(() => deltas.end());
  try {
    for await (const part of model.stream(request, { signal: scope.signal })) {
      if (scope.cancelled !== undefined) throw scope.cancelled;
      hear(heard, part, deltas, model);
    }
  } catch (thrown) {
    if (scope.cancelled !== undefined || thrown instanceof ModelError) throw thrown;
    throw new ModelError('model_failed', `Model "${model.id}" failed: ${toErrorInfo(thrown).message}`, {
      retryable: true,
      cause: thrown,
    });
  } finally {
    deltas.end();
  }
  const { text, toolCalls, finish } = heard;
  if (finish === undefined)
    throw new ModelError('model_failed', `Model "${model.id}" stopped in the middle of its answer.`, {
      retryable: true,
    });
  if (finish.reason === 'refusal') throw new ModelError('model_refused', `Model "${model.id}" refused to answer.`);
  const price = model.price?.(finish.usage);
  const answer: ModelAnswer = {
    text,
    toolCalls,
    finish: finish.reason,
    usage: finish.usage,
    usd: price?.usd ?? null,
    ...(price === undefined ? {} : { priceSource: price.source }),
  };
  // A model is foreign code: what it says of itself may be anything.
  return toJson(answer, `the answer of model "${model.id}"`) as unknown as ModelAnswer;
}

function hear(heard: Heard, part: ModelPart, deltas: Deltas, model: Model): void {
  if (heard.finish !== undefined) throw new ModelError('model_failed', `Model "${model.id}" went on after its end.`);
  switch (part.type) {
    case 'text':
      count(heard, part.text.length, model);
      heard.text += part.text;
      deltas.add(part.text);
      break;
    case 'tool-call': {
      const call = { id: part.id, name: part.name, input: part.input };
      count(heard, charsOf([call]), model);
      heard.toolCalls.push(call);
      break;
    }
    case 'finish':
      heard.finish = { reason: part.reason, usage: part.usage };
  }
}

function count(heard: Heard, chars: number, model: Model): void {
  heard.chars += chars;
  if (heard.chars <= limits.modelTextCharsMax) return;
  throw new ModelError(
    'model_failed',
    `Model "${model.id}" answered more than ${limits.modelTextCharsMax} characters.`,
  );
}
