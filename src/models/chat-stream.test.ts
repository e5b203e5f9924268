import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ModelPart } from '../agents/model.ts';
import type { Json } from '../core/json.ts';
import { limits } from '../core/limits.ts';
import { ChatFold } from './chat-stream.ts';

function fold(deltas: readonly Json[], reason: string | null = 'stop', more: readonly Json[] = []): ModelPart[] {
  const stream = new ChatFold({
    provider: 'acme',
    model: 'm-1',
    turn: 3,
    sentChars: 40,
    toolName: (name) => name.replace('_', '.'),
  });
  const parts = deltas.flatMap((delta) => stream.take({ choices: [{ index: 0, delta }] }));
  if (reason !== null) parts.push(...stream.take({ choices: [{ delta: {}, finish_reason: reason }] }));
  parts.push(...more.flatMap((chunk) => stream.take(chunk)));
  return [...parts, ...stream.end()];
}

function calls(...deltas: readonly Json[]): { id: string; name: string; input: string }[] {
  const parts = fold(deltas.map((call) => ({ tool_calls: Array.isArray(call) ? call : [call] })));
  return parts.flatMap((part) =>
    part.type === 'tool-call' ? [{ id: part.id, name: part.name, input: part.input }] : [],
  );
}

const made = (name: string | undefined, args: string): Json => ({
  ...(name === undefined ? {} : { name }),
  arguments: args,
});

test('arguments come in pieces, by index, also interleaved', () => {
  const got = calls(
    { index: 0, id: 'a', function: made('f', '') },
    { index: 1, id: 'b', function: made('g', '{"y"') },
    { index: 0, function: made(undefined, '{"x":') },
    { index: 1, function: made(undefined, ':2}') },
    { index: 0, function: made(undefined, '1}') },
  );
  assert.deepEqual(got, [
    { id: 'a', name: 'f', input: '{"x":1}' },
    { id: 'b', name: 'g', input: '{"y":2}' },
  ]);
});

test('calls without ids get ids from their turn and place', () => {
  const got = calls({ index: 0, function: made('f', '{}') }, { index: 1, function: made('f', '{}') });
  assert.deepEqual(
    got.map(({ id }) => id),
    ['call_3_0', 'call_3_1'],
  );
});

test('calls without an index are told apart by id, or by a new name', () => {
  const byId = calls({ id: 'a', function: made('f', '{}') }, { id: 'b', function: made('f', '{"n":1}') });
  assert.deepEqual(
    byId.map(({ input }) => input),
    ['{}', '{"n":1}'],
  );
  const byName = calls(
    { function: made('f', '{"a"') },
    { function: made(undefined, ':1}') },
    { function: made('f', '{}') },
  );
  assert.deepEqual(
    byName.map(({ input }) => input),
    ['{"a":1}', '{}'],
  );
});

test('a server that numbers each call 0 is understood by its ids', () => {
  const got = calls(
    { index: 0, id: 'a', function: made('f', '{"a":1}') },
    { index: 0, id: 'b', function: made('g', '{}') },
  );
  assert.deepEqual(
    got.map(({ name, input }) => [name, input]),
    [
      ['f', '{"a":1}'],
      ['g', '{}'],
    ],
  );
});

test('a name or id that is repeated with each piece does not start a new call', () => {
  const got = calls(
    { index: 0, id: 'a', function: made('f', '{"a"') },
    { index: 0, id: 'a', function: made('f', ':1}') },
    { index: 0, function: made('f', ' ') },
  );
  assert.deepEqual(got, [{ id: 'a', name: 'f', input: '{"a":1} ' }]);
});

test('two calls with one id get two', () => {
  const got = calls({ index: 0, id: 'a', function: made('f', '{}') }, { index: 1, id: 'a', function: made('g', '{}') });
  assert.equal(new Set(got.map(({ id }) => id)).size, 2);
});

test('broken arguments are delivered as they are, missing ones as {}, objects as their text', () => {
  const got = calls([
    { index: 0, id: 'a', function: made('f', '{"a": ') },
    { index: 1, id: 'b', function: made('g', '') },
    { index: 2, id: 'c', function: { name: 'h', arguments: { n: 1 } } },
  ]);
  assert.deepEqual(
    got.map(({ input }) => input),
    ['{"a": ', '{}', '{"n":1}'],
  );
});

test('the names of tools are translated back', () => {
  assert.equal(calls({ index: 0, id: 'a', function: made('files_read', '{}') })[0]?.name, 'files.read');
});

test('usage is what the server counted', () => {
  const usage = {
    prompt_tokens: 11,
    completion_tokens: 7,
    prompt_tokens_details: { cached_tokens: 4 },
    completion_tokens_details: { reasoning_tokens: 5 },
  };
  assert.deepEqual(fold([{ content: 'hi' }], 'stop', [{ choices: [], usage }]).at(-1), {
    type: 'finish',
    reason: 'stop',
    usage: { inputTokens: 11, outputTokens: 7, cachedInputTokens: 4, reasoningTokens: 5 },
  });
});

test('usage that the server did not count is estimated and says so', () => {
  const wanted = { inputTokens: 10, outputTokens: 2, estimated: true };
  assert.deepEqual(fold([{ content: 'hi there' }]).at(-1), { type: 'finish', reason: 'stop', usage: wanted });
  const broken = fold([{ content: 'hi there' }], 'stop', [{ usage: { prompt_tokens: -1, completion_tokens: 'many' } }]);
  assert.deepEqual(broken.at(-1), { type: 'finish', reason: 'stop', usage: wanted });
});

test('finish reasons are translated', () => {
  const reasonOf = (reason: string): unknown => (fold([{ content: 'x' }], reason).at(-1) as { reason: string }).reason;
  assert.deepEqual(['stop', 'length', 'content_filter', 'tool_calls', 'whatever'].map(reasonOf), [
    'stop',
    'length',
    'refusal',
    'tool-calls',
    'other',
  ]);
});

test('"stop" after tool calls means that they are to be run', () => {
  const parts = fold([{ tool_calls: [{ index: 0, id: 'a', function: made('f', '{}') }] }], 'stop');
  assert.equal((parts.at(-1) as { reason: string }).reason, 'tool-calls');
});

test('a refusal is not retried and says what was said', () => {
  assert.throws(() => fold([{ refusal: "I can't " }, { refusal: 'do that.' }]), {
    code: 'model_refused',
    retryable: false,
    message: "m-1 refused: I can't do that.",
  });
});

test('a stream that just stops is a failure, not a short answer', () => {
  assert.throws(() => fold([{ content: 'The answer is' }], null), { code: 'model_failed', retryable: true });
});

test('an error in mid-stream is a failure that may pass', () => {
  assert.throws(() => fold([{ content: 'The' }], null, [{ error: { message: 'overloaded', code: 502 } }]), {
    code: 'model_failed',
    retryable: true,
    message: 'acme broke off: overloaded (model m-1).',
  });
  assert.throws(() => fold([{ content: 'The' }], 'error'), /broke off/);
});

test('reasoning is not the answer', () => {
  const parts = fold([
    { reasoning_content: 'hmm', content: null },
    {
      content: [
        { type: 'thinking', text: 'hm' },
        { type: 'text', text: 'yes' },
      ],
    },
  ]);
  assert.deepEqual(parts[0], { type: 'text', text: 'yes' });
  assert.equal(parts.length, 2);
});

test('an answer or arguments over the limit are cut off as failures', () => {
  const much = 'x'.repeat(limits.modelTextCharsMax / 2);
  assert.throws(() => fold([{ content: much }, { content: much }, { content: 'x' }]), /an answer of over/);
  const piece = { tool_calls: [{ index: 0, id: 'a', function: made('f', much) }] };
  assert.throws(() => fold([piece, piece]), { code: 'model_failed', retryable: false, message: /tool calls of over/ });
});

test('chunks of any other shape are passed over or refused, never taken for an answer', () => {
  assert.throws(() => fold([], 'stop', ['text']), /no JSON object/);
  assert.equal(
    fold([null, 7, { content: 7 }, { tool_calls: [null, 'x'] }], 'stop', [{}, { choices: [] }, { choices: [null] }])
      .length,
    1,
  );
});
