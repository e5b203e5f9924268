/** What a column of a file of calls can mean, and by which names each meaning is recognised. */

/** How the cells of a field are read. */
export type FieldKind = 'time' | 'tokens' | 'usd' | 'latency' | 'text';

export type Field =
  | 'time'
  | 'inputTokens'
  | 'outputTokens'
  | 'cachedTokens'
  | 'model'
  | 'provider'
  | 'user'
  | 'feature'
  | 'latency'
  | 'cost'
  | 'status'
  | 'error'
  | 'requestId';

export type NumberField = 'time' | 'inputTokens' | 'outputTokens' | 'cachedTokens' | 'latency' | 'cost';
export type TextField = Exclude<Field, NumberField>;

export type FieldFacts = {
  readonly kind: FieldKind;
  /** For people: "input tokens". */
  readonly label: string;
  /** Names in normal form (lower case, words separated by one space), without a unit. */
  readonly names: readonly string[];
  /** What an advice to collect it shows. */
  readonly example: string;
  readonly why: string;
};

const words = (text: string): readonly string[] => text.split(', ');

export const fields: { readonly [F in Field]: FieldFacts } = {
  time: {
    kind: 'time',
    label: 'time',
    names: words(
      'timestamp, time, date, datetime, date time, ts, created, created at, started at, start time, request time, timestamp utc',
    ),
    example: '2026-10-01T09:30:00Z',
    why: 'daily patterns, trends, peak hours and throughput',
  },
  inputTokens: {
    kind: 'tokens',
    label: 'input tokens',
    names: words(
      'input tokens, prompt tokens, context tokens, tokens in, tokens input, tokens prompt, input token count, prompt token count, n input tokens, usage input tokens, usage prompt tokens, num input tokens, num prompt tokens',
    ),
    example: '1200',
    why: 'cost by price list, prompt sizes',
  },
  outputTokens: {
    kind: 'tokens',
    label: 'output tokens',
    names: words(
      'output tokens, completion tokens, generated tokens, tokens out, tokens output, tokens completion, output token count, completion token count, candidates token count, n output tokens, usage output tokens, usage completion tokens, num output tokens, num completion tokens',
    ),
    example: '350',
    why: 'cost by price list, answer lengths',
  },
  cachedTokens: {
    kind: 'tokens',
    label: 'cached input tokens',
    names: words(
      'cached tokens, cached input tokens, cache read tokens, cache read input tokens, cached prompt tokens, usage cached tokens, cached content token count',
    ),
    example: '800',
    why: 'what the provider already bills at the cached price',
  },
  model: {
    kind: 'text',
    label: 'model',
    names: words('model, model name, model id, llm, llm model, engine, deployment'),
    example: 'gpt-4o',
    why: 'cost by price list, comparison of models',
  },
  provider: {
    kind: 'text',
    label: 'provider',
    names: words('provider, vendor, provider name, provider id, llm provider'),
    example: 'openai',
    why: 'the right price where several providers sell one model',
  },
  user: {
    kind: 'text',
    label: 'user',
    names: words('user, user id, userid, customer, customer id, end user, user name, username, account, account id'),
    example: 'customer-17',
    why: 'cost by user',
  },
  feature: {
    kind: 'text',
    label: 'feature',
    names: words(
      'feature, feature name, endpoint, route, app, application, tag, use case, usecase, workload, operation, task',
    ),
    example: 'summarize',
    why: 'cost by feature: where to begin',
  },
  latency: {
    kind: 'latency',
    label: 'latency',
    names: words(
      'latency, duration, response time, elapsed, elapsed time, total latency, request duration, processing time',
    ),
    example: '840 (in a column named latency_ms)',
    why: 'latency percentiles and bottlenecks',
  },
  cost: {
    kind: 'usd',
    label: 'cost',
    names: words('cost, price, total cost, cost usd, price usd, total cost usd, usd, amount usd, spend, spend usd'),
    example: '0.0123',
    why: 'the cost as it was billed, instead of by price list',
  },
  status: {
    kind: 'text',
    label: 'status',
    names: words('status, status code, http status, http status code, outcome, result, success, succeeded'),
    example: '200',
    why: 'error rate and what failed calls cost',
  },
  error: {
    kind: 'text',
    label: 'error',
    names: words('error, error message, error type, error code, is error, failed, exception'),
    example: 'rate_limit',
    why: 'error rate and what failed calls cost',
  },
  requestId: {
    kind: 'text',
    label: 'request id',
    names: words('request id, requestid, req id, id, call id, trace id, span id, generation id, completion id'),
    example: 'req_8f2c',
    why: 'finding calls again in your own logs',
  },
};

export const fieldNames = Object.keys(fields) as readonly Field[];
export const numberFields: readonly NumberField[] = [
  'time',
  'inputTokens',
  'outputTokens',
  'cachedTokens',
  'latency',
  'cost',
];
export const textFields: readonly TextField[] = [
  'model',
  'provider',
  'user',
  'feature',
  'status',
  'error',
  'requestId',
];

export function isNumberField(field: Field): field is NumberField {
  return fields[field].kind !== 'text';
}

/** The name that `--map` and advice show: `inputTokens` as `input_tokens`. */
export function optionName(field: Field): string {
  return field.replace(/[A-Z]/gu, (capital) => `_${capital.toLowerCase()}`);
}

/** Lower case, words separated by one space: `ContextTokens`, `context_tokens` and `context-tokens` are one name. */
export function normalName(name: string): string {
  return name
    .replaceAll(/(\p{Ll}|\d)(\p{Lu})/gu, '$1 $2')
    .replaceAll(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1 $2')
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
    .toLowerCase();
}
