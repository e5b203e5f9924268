import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Message } from '../agents/message.ts';
import type { ModelTool } from '../agents/model.ts';
import { collect, finishOf, requestOf, textOf } from './model.fixture.ts';
import type { Rule } from '../agents/rule.ts';
import { lastUserText, rules, toolResults } from './rules.ts';

const clock: ModelTool = {
  name: 'current_time',
  description: 'Tells the time of day.',
  inputSchema: { type: 'object' },
};
const stock: ModelTool = {
  name: 'stock_levels',
  description: 'Lists how many parts are in the store.',
  inputSchema: {},
};
const weather: ModelTool = {
  name: 'weather',
  description: 'The weather of a city.',
  inputSchema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
};

function after(
  question: string,
  ...results: readonly (Partial<Message & { role: 'tool' }> & { input?: string })[]
): Message[] {
  return [
    { role: 'user', text: question },
    {
      role: 'assistant',
      text: '',
      toolCalls: results.map(({ name = 'add', input = '{}' }, index) => ({ id: `c${index}`, name, input })),
    },
    ...results.map(({ name = 'add', content = '3', failed = false }, index): Message => {
      return { role: 'tool', callId: `c${index}`, name, content, failed };
    }),
  ];
}

test('it says what it is', () => {
  const { id, provider, kind } = rules();
  assert.deepEqual({ id, provider, kind }, { id: 'builtin/rules', provider: 'builtin', kind: 'rules' });
});

test('the first rule that fits answers, for its agent only', async () => {
  const model = rules([
    { agent: 'other', reply: () => ({ text: 'other' }) },
    { when: (request) => lastUserText(request).includes('hours'), reply: () => ({ text: '9 to 5' }) },
    { reply: (request) => ({ text: `You said: ${lastUserText(request)}` }) },
  ]);
  assert.equal(textOf(await collect(model, requestOf('opening hours?'))), '9 to 5');
  assert.equal(textOf(await collect(model, requestOf('hello'))), 'You said: hello');
});

test('it costs nothing and counts no tokens', async () => {
  const model = rules([{ reply: () => ({ text: 'hi' }) }]);
  const { usage } = finishOf(await collect(model, requestOf('hi')));
  assert.deepEqual(usage, { inputTokens: 0, outputTokens: 0 });
  assert.deepEqual(model.price?.(usage), { usd: 0, source: 'rules' });
});

test('tool calls have the same ids each time, other ones in another turn', async () => {
  const rule: Rule = {
    reply: () => ({
      toolCalls: [
        { name: 'add', input: { a: 1 } },
        { name: 'add', input: { a: 2 } },
      ],
    }),
  };
  const ids = async (messages: readonly Message[]): Promise<string[]> => {
    const parts = await collect(rules([rule]), requestOf('', { messages }));
    assert.equal(finishOf(parts).reason, 'tool-calls');
    return parts.flatMap((part) => (part.type === 'tool-call' ? [part.id] : []));
  };
  const first: Message[] = [{ role: 'user', text: 'add' }];
  assert.deepEqual(await ids(first), ['rule_0_0', 'rule_0_1']);
  assert.deepEqual(await ids(first), ['rule_0_0', 'rule_0_1']);
  assert.deepEqual(await ids([...first, { role: 'assistant', text: 'no' }, ...first]), ['rule_1_0', 'rule_1_1']);
});

test('a rule reads what its tool answered', async () => {
  const model = rules([
    {
      when: (request) => toolResults(request, 'add').length > 0,
      reply: (request) => ({ text: `= ${JSON.stringify(toolResults(request)[0]?.value)}` }),
    },
    { reply: () => ({ toolCalls: [{ name: 'add', input: { a: 1, b: 2 } }] }) },
  ]);
  assert.equal((await collect(model, requestOf('1+2')))[0]?.type, 'tool-call');
  const messages = after('1+2', { input: '{"a":1,"b":2}', content: '3' });
  assert.equal(textOf(await collect(model, requestOf('', { messages }))), '= 3');
});

test('results are those since the last user message, as JSON where they are JSON', () => {
  const messages = [
    ...after('old', { content: '1' }),
    ...after('new', { content: '{"n":2}' }, { content: 'no', failed: true }),
  ];
  assert.deepEqual(toolResults(requestOf('', { messages })), [
    { name: 'add', input: {}, content: '{"n":2}', value: { n: 2 }, failed: false },
    { name: 'add', input: {}, content: 'no', value: 'no', failed: true },
  ]);
});

test('a rule whose calls are answered does not make them again: what they returned is the answer', async () => {
  const model = rules([{ reply: () => ({ toolCalls: [{ name: 'add', input: { b: 2, a: 1 } }] }) }]);
  const messages = after('1+2', { input: '{"a":1,"b":2}', content: '{"sum":3}' });
  assert.match(
    textOf(await collect(model, requestOf('', { messages }))),
    /The tool add returned:\n\{\n {2}"sum": 3\n\}/,
  );
});

test('structured output is the value that a rule gives', async () => {
  const model = rules([{ reply: () => ({ output: { sum: 3 } }) }]);
  assert.equal(textOf(await collect(model, requestOf('1+2', { outputSchema: { type: 'object' } }))), '{"sum":3}');
});

test('where no rule fits it says so and how to get a language model', async () => {
  const said = textOf(await collect(rules(), requestOf('What is the meaning of life?')));
  assert.match(said, /^I answer by rules, not with a language model, and none of them fits this question\./);
  for (const way of ['OPENAI_API_KEY', 'Ollama', 'cantus.config.ts']) assert.ok(said.includes(way), way);
});

test('where no rule fits, structured output is refused for good, in the same words', async () => {
  await assert.rejects(collect(rules(), requestOf('1+2', { outputSchema: { type: 'object' } })), {
    code: 'model_failed',
    retryable: false,
    message: /I answer by rules, not with a language model.*OPENAI_API_KEY/,
  });
});

test('without a rule, the tool that needs nothing and fits best is called', async () => {
  const call = async (question: string, tools: readonly ModelTool[]): Promise<string | undefined> => {
    const [part] = await collect(rules(), requestOf(question, { tools }));
    return part?.type === 'tool-call' ? `${part.name} ${part.input}` : undefined;
  };
  const tools = [weather, clock, stock];
  assert.equal(await call('What time is it?', tools), 'current_time {}');
  assert.equal(await call('How many parts are in store?', tools), 'stock_levels {}');
  assert.equal(await call('stockLevels please', tools), 'stock_levels {}');
  assert.equal(await call('What is the weather in Oslo?', tools), undefined, 'It needs a city.');
  assert.equal(
    await call('Tell me a story about a store', tools),
    undefined,
    'One word of a description is too little.',
  );
  assert.equal(
    await call('time', [clock, { ...clock, name: 'other_time' }]),
    'current_time {}',
    'The first of equals.',
  );
});

test('what a tool answered is reported verbatim, also that it failed', async () => {
  const tools = [clock];
  const good = after('time?', { name: 'current_time', content: '"12:00"' });
  const bad = after('time?', { name: 'current_time', content: 'the clock is broken', failed: true });
  const say = async (messages: readonly Message[]): Promise<string> =>
    textOf(await collect(rules(), requestOf('', { messages, tools })));
  assert.match(await say(good), /not with a language model\.\n\nThe tool current_time returned:\n"12:00"$/);
  assert.match(await say(bad), /The tool current_time failed: the clock is broken$/);
});

test('a rule that throws fails the call, for good', async () => {
  const model = rules([
    {
      reply: () => {
        throw new Error('oh');
      },
    },
  ]);
  await assert.rejects(collect(model, requestOf('hi')), {
    code: 'model_failed',
    retryable: false,
    message: /A rule .* threw: oh/,
  });
});

test('a call that is aborted before it begins answers nothing', async () => {
  await assert.rejects(collect(rules(), requestOf('hi'), AbortSignal.abort(new Error('too late'))), /too late/);
});
