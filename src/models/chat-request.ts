/** What we ask in the words of OpenAI's chat completions API, which most servers speak. */
import type { Message } from '../agents/message.ts';
import type { ModelRequest } from '../agents/model.ts';
import { isJsonObject, type Json } from '../core/json.ts';
import { strictSchema } from './strict-schema.ts';
import type { WireNames } from './wire-names.ts';

export type ChatBody = { readonly [key: string]: Json };

export type ChatStyle = {
  readonly model: string;
  /** The field that caps the output: OpenAI's newer models refuse `max_tokens`, most other servers know nothing else. */
  readonly outputTokensField: 'max_tokens' | 'max_completion_tokens';
  /** Ask for structured output through `response_format`; otherwise the instructions ask for it. */
  readonly responseFormat: boolean;
  /** Fields of this server alone, added as they are. */
  readonly extraBody: ChatBody;
};

/** True if the answer's shape can be asked for through `response_format`, which takes objects only. */
export function hasResponseFormat(request: ModelRequest): boolean {
  return request.outputSchema?.['type'] === 'object';
}

export function chatBody(request: ModelRequest, style: ChatStyle, names: WireNames): ChatBody {
  const schema = request.outputSchema;
  const asked = schema === undefined || style.responseFormat ? '' : askForJson(schema);
  const instructions = [request.instructions, asked].filter((part) => part !== '').join('\n\n');
  return {
    model: style.model,
    messages: [
      ...(instructions === '' ? [] : [{ role: 'system', content: instructions }]),
      ...request.messages.map((message) => chatMessage(message, names)),
    ],
    stream: true,
    stream_options: { include_usage: true },
    [style.outputTokensField]: request.outputTokensMax,
    ...(request.temperature === undefined ? {} : { temperature: request.temperature }),
    ...(request.tools.length === 0 ? {} : { tools: chatTools(request, names) }),
    ...(schema === undefined || !style.responseFormat
      ? {}
      : { response_format: { type: 'json_schema', json_schema: { name: 'answer', ...strictSchema(schema) } } }),
    ...style.extraBody,
  };
}

/** How structured output is asked for where `response_format` is not to be had. */
function askForJson(schema: Json): string {
  return `Answer with one JSON value and nothing else (no Markdown fence). It must fit this JSON Schema:\n${JSON.stringify(schema)}`;
}

function chatTools(request: ModelRequest, names: WireNames): Json {
  return request.tools.map(({ name, description, inputSchema }) => {
    const { $schema: _dialect, ...parameters } = inputSchema;
    return { type: 'function', function: { name: names.toWire(name), description, parameters } };
  });
}

function chatMessage(message: Message, names: WireNames): Json {
  if (message.role === 'user') return { role: 'user', content: message.text };
  if (message.role === 'tool') return { role: 'tool', tool_call_id: message.callId, content: message.content };
  const calls = message.toolCalls ?? [];
  if (calls.length === 0) return { role: 'assistant', content: message.text };
  return {
    role: 'assistant',
    content: message.text === '' ? null : message.text,
    tool_calls: calls.map(({ id, name, input }) => ({
      id,
      type: 'function',
      function: { name: names.toWire(name), arguments: sendableInput(input) },
    })),
  };
}

/** Servers parse the arguments of earlier calls and refuse the whole request for one that is broken, so it is wrapped. */
function sendableInput(input: string): string {
  try {
    if (isJsonObject(JSON.parse(input) as Json)) return input;
  } catch {
    // Wrapped below like JSON that is no object.
  }
  return JSON.stringify({ not_an_object: input });
}
