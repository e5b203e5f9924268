/**
 * What answers when there is no language model: rules, in order. It never passes for a model.
 *
 * RU1  The first rule that fits answers, in the order given. Nothing here depends on time or chance.
 * RU2  A rule whose tool calls were all answered since the user's last message is not run again: it would call for ever.
 *     What its tools returned is the answer then, unless a later rule fits it.
 * RU3  Where nothing fits it says so and how to get a language model. It does not guess, and it never makes structured
 *     output up: that it refuses.
 */
import type { Message } from '../agents/message.ts';
import type { Model, ModelPart, ModelRequest, ModelTool } from '../agents/model.ts';
import type { Rule, RuleCall, RuleReply } from '../agents/rule.ts';
import { EngineError, ModelError } from '../core/errors.ts';
import { canonicalJson, type Json } from '../core/json.ts';

/** What a tool answered. `value` is the content as JSON, or the text itself where it is none. */
export type RuleToolResult = {
  readonly name: string;
  readonly input: Json;
  readonly content: string;
  readonly value: Json;
  readonly failed: boolean;
};

const noModel =
  'I answer by rules, not with a language model, and none of them fits this question. ' +
  'To get one: set OPENAI_API_KEY, start Ollama, or configure a model in cantus.config.ts.';

/**
 * A model that answers by rules and costs nothing. Without rules it can call tools that need no input, by their names.
 *
 * @example
 * const model = rules([{
 *   agent: 'clerk',
 *   when: (request) => lastUserText(request).includes('opening hours'),
 *   reply: () => ({ text: 'We are open from 9 to 5.' }),
 * }]);
 */
export function rules(list: readonly Rule[] = []): Model {
  const kept = Object.freeze([...list]);
  return {
    id: 'builtin/rules',
    provider: 'builtin',
    kind: 'rules',
    stream: (request, { signal }) => streamRules(kept, request, signal),
    price: () => ({ usd: 0, source: 'rules' }),
  };
}

/** What the user said last; empty if nothing. */
export function lastUserText(request: ModelRequest): string {
  return request.messages.findLast((message) => message.role === 'user')?.text ?? '';
}

/** What tools answered since the user's last message, in order; of one tool only, if a name is given. */
export function toolResults(request: ModelRequest, name?: string): readonly RuleToolResult[] {
  const turn = sinceLastUser(request.messages);
  const inputs = new Map<string, Json>();
  for (const message of turn) {
    if (message.role !== 'assistant') continue;
    for (const call of message.toolCalls ?? []) inputs.set(call.id, jsonOrText(call.input));
  }
  return turn
    .filter((message) => message.role === 'tool')
    .filter((message) => name === undefined || message.name === name)
    .map(({ callId, name: tool, content, failed }) => {
      return { name: tool, input: inputs.get(callId) ?? null, content, value: jsonOrText(content), failed };
    });
}

async function* streamRules(
  list: readonly Rule[],
  request: ModelRequest,
  signal: AbortSignal,
): AsyncGenerator<ModelPart> {
  signal.throwIfAborted();
  const reply = replyOf(list, request);
  const usage = { inputTokens: 0, outputTokens: 0 };
  if ('toolCalls' in reply) {
    const turn = request.messages.filter(({ role }) => role === 'assistant').length;
    for (const [index, { name, input }] of reply.toolCalls.entries()) {
      yield { type: 'tool-call', id: `rule_${turn}_${index}`, name, input: JSON.stringify(input) };
    }
    yield { type: 'finish', reason: 'tool-calls', usage };
    return;
  }
  yield { type: 'text', text: 'text' in reply ? reply.text : JSON.stringify(reply.output) };
  yield { type: 'finish', reason: 'stop', usage };
}

function replyOf(list: readonly Rule[], request: ModelRequest): RuleReply {
  for (const rule of list) {
    const reply = runRule(rule, request);
    if (reply !== undefined && !(isCalls(reply) && allAnswered(reply.toolCalls, request))) return reply;
  }
  return fallback(request);
}

function runRule(rule: Rule, request: ModelRequest): RuleReply | undefined {
  try {
    if (rule.agent !== undefined && rule.agent !== request.agent) return undefined;
    return rule.when === undefined || rule.when(request) ? rule.reply(request) : undefined;
  } catch (thrown) {
    if (EngineError.is(thrown)) throw thrown;
    const said = thrown instanceof Error ? thrown.message : String(thrown);
    throw new ModelError('model_failed', `A rule for agent "${request.agent}" threw: ${said}`, { cause: thrown });
  }
}

function isCalls(reply: RuleReply): reply is { readonly toolCalls: readonly RuleCall[] } {
  return 'toolCalls' in reply;
}

function allAnswered(calls: readonly RuleCall[], request: ModelRequest): boolean {
  const answered = new Set(toolResults(request).map(({ name, input }) => `${name} ${canonicalJson(input)}`));
  return calls.every(({ name, input }) => answered.has(`${name} ${canonicalJson(input)}`));
}

function fallback(request: ModelRequest): RuleReply {
  if (request.outputSchema !== undefined) {
    throw new ModelError('model_failed', noModel, { details: { agent: request.agent } });
  }
  const results = toolResults(request);
  if (results.length > 0) return { text: report(results) };
  const tool = fittingTool(request);
  return tool === undefined ? { text: noModel } : { toolCalls: [{ name: tool.name, input: {} }] };
}

/** Results verbatim. Anything more would be words that nobody said. */
function report(results: readonly RuleToolResult[]): string {
  const parts = results.map(({ name, content, value, failed }) => {
    if (failed) return `The tool ${name} failed: ${content}`;
    return `The tool ${name} returned:\n${JSON.stringify(value, null, 2)}`;
  });
  return ['I answer by rules, not with a language model.', ...parts].join('\n\n');
}

/**
 * The tool that can be called with nothing and shares most words with the question, its name counting double; the first
 * of equals. One shared word of a description is too little to act on.
 */
function fittingTool(request: ModelRequest): ModelTool | undefined {
  const asked = wordsOf(lastUserText(request));
  let best: ModelTool | undefined;
  let bestScore = 1;
  for (const tool of request.tools) {
    if (!needsNothing(tool)) continue;
    const name = wordsOf(tool.name);
    const described = wordsOf(tool.description);
    const points = [...asked].map((word) => (name.has(word) ? 2 : described.has(word) ? 1 : 0) as number);
    const score = points.reduce((sum, point) => sum + point, 0);
    if (score > bestScore) [best, bestScore] = [tool, score];
  }
  return best;
}

function needsNothing({ inputSchema }: ModelTool): boolean {
  const { type, required } = inputSchema;
  if (type !== undefined && type !== 'object') return false;
  return required === undefined || (Array.isArray(required) && required.length === 0);
}

const stopWords = new Set(
  (
    'a an and any are as at be by can could do does for from get give has have how i in is it its list me my of on or ' +
    'please show tell that the their there these this to use used what when where which who will with would you your'
  ).split(' '),
);

/** Lower-case words, `camelCase` and `snake_case` taken apart, an English plural's "s" taken off. */
function wordsOf(text: string): Set<string> {
  const apart = text.replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase();
  const words = apart.match(/[\p{L}\p{N}]+/gu) ?? [];
  const telling = words.filter((word) => word.length > 1 && !stopWords.has(word));
  return new Set(telling.map((word) => (word.length > 3 && !word.endsWith('ss') ? word.replace(/s$/, '') : word)));
}

function sinceLastUser(messages: readonly Message[]): readonly Message[] {
  return messages.slice(messages.findLastIndex(({ role }) => role === 'user') + 1);
}

function jsonOrText(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}
