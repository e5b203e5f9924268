/**
 * The optimizer as a user runs it, on the engine. Each fault of the earlier system that belongs to the workflow has a
 * test that would show it: a dropped step, unchecked dependencies, failure told as success, tool events for tools that
 * did not run, numbers that no tool computed.
 */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { answerMarkdown, defineTool, rules, type JournalEvent, type Json, type Model, type Outcome } from 'cantus';
import { createTestEngine, scripted, type Script } from 'cantus/testing';
import { optimizerAgents } from './agents/agents.ts';
import { optimizerRules } from './agents/rules.ts';
import { topicsOfQuestion } from './agents/topics.ts';
import { memorySource, type DatasetRef, type DatasetStore } from './data/source.ts';
import { sampleCsv, sampleEndMs, sampleName } from './data/sample.ts';
import { answerOf } from './report-answer.ts';
import { reportSchema, sourcesOf, type Report } from './report.ts';
import { optimizerTools, type OptimizerTools } from './tools/optimizer-tools.ts';
import { optimizeWorkflow } from './workflow.ts';

const question = 'Analyze my AI costs and tell me how to cut them';
const alice = { tenant: 'main', user: 'alice', roles: [] };

type Changes = { readonly model?: Model; readonly tools?: Partial<OptimizerTools>; readonly source?: DatasetStore };
type Ran = { readonly outcome: Outcome; readonly events: readonly JournalEvent[]; readonly report: Report };

/** An engine with the optimizer on it, with some tools or the model replaced. */
async function optimizerEngine({ model, tools: replaced, source = memorySource() }: Changes = {}) {
  const tools = { ...optimizerTools(source), ...replaced };
  const workflow = optimizeWorkflow(optimizerAgents(tools), tools);
  const models = { default: model ?? rules(optimizerRules) };
  return { ...(await createTestEngine({ workflows: [workflow], models })), source, workflow };
}

const putSample = (source: DatasetStore): Promise<DatasetRef> =>
  source.put(alice, sampleCsv(), { name: sampleName(), generated: true, pricesAtMs: sampleEndMs() });

async function putTrace(source: DatasetStore): Promise<DatasetRef> {
  const file = new URL('fixtures/azure-llm-inference-2023-code-excerpt.csv', import.meta.url);
  return source.put(alice, await readFile(file), { name: 'trace.csv', pricesAtMs: sampleEndMs() });
}

type Ask = { readonly question?: string; readonly put?: (source: DatasetStore) => Promise<DatasetRef | null> };

async function ask(changes: Changes = {}, { question: asked = question, put = putSample }: Ask = {}): Promise<Ran> {
  const { engine, source } = await optimizerEngine(changes);
  const data = await put(source);
  const run = await engine.as(alice).start('optimize', { question: asked, data });
  const events: JournalEvent[] = [];
  for await (const event of run.events()) events.push(event);
  const outcome = await run.result();
  await engine.close();
  const report = 'output' in outcome ? reportSchema.parse(outcome.output) : emptyReport;
  return { outcome, events, report };
}

const emptyReport = reportSchema.parse({
  title: '',
  question: '',
  kind: 'fallback_report',
  sections: [],
  missing: [],
  assumptions: [],
  degraded: [],
  evidence: [],
});

/** The steps of the plan in the order they ended. */
function endedSteps(events: readonly JournalEvent[]): string[] {
  const names = new Set(['data_helper', 'data', 'optimization', 'actions', 'reporting']);
  return events.flatMap(({ type, path = '' }) => (type === 'step.completed' && names.has(path) ? [path] : []));
}

function toolsRun(events: readonly JournalEvent[], type: 'tool.executing' | 'tool.completed'): string[] {
  return events.flatMap((event) => (event.type === type ? [event.path ?? ''] : []));
}

/** A tool of the same name that fails, as a broken one would. */
function broken(tools: OptimizerTools, key: 'analyzeCostTrends' | 'calculateCostSavings' | 'assessData') {
  const { name, description, input } = tools[key];
  const tool = defineTool<unknown, never>({
    name,
    description,
    effect: 'read',
    input,
    inputJsonSchema: tools[key].inputJsonSchema,
    run() {
      throw new Error('the disk is on fire');
    },
  });
  return { [key]: tool } as unknown as Partial<OptimizerTools>;
}

describe('the plan follows what the data can carry', () => {
  it('runs data, optimization, actions and reporting for data that are sufficient', async () => {
    const { outcome, events, report } = await ask();
    assert.equal(outcome.status, 'completed');
    assert.deepEqual(endedSteps(events), ['data', 'optimization', 'actions', 'reporting']);
    assert.equal(report.kind, 'full_report');
  });

  it('runs data_helper and data, then reporting, for data that are partial', async () => {
    const { outcome, events, report } = await ask({}, { put: putTrace });
    assert.equal(outcome.status, 'completed');
    assert.deepEqual(endedSteps(events).toSorted(), ['data', 'data_helper', 'reporting']);
    assert.equal(endedSteps(events).at(-1), 'reporting');
    assert.equal(report.kind, 'partial_report');
    assert.equal(
      answerMarkdown(answerOf(report)).includes('$'),
      false,
      'no cost may be shown for calls without a model',
    );
    assert.ok(report.missing.some(({ what }) => what === 'total cost'));
  });

  it('runs data_helper and reporting for data that are insufficient, and for none', async () => {
    const put = (source: DatasetStore): Promise<DatasetRef> =>
      source.put(alice, 'timestamp\n2026-01-01T00:00:00Z\n', { name: 'times.csv', pricesAtMs: sampleEndMs() });
    for (const how of [put, async () => null]) {
      const { outcome, events, report } = await ask({}, { put: how });
      assert.equal(outcome.status, 'completed');
      assert.deepEqual(endedSteps(events), ['data_helper', 'reporting']);
      assert.equal(report.kind, 'guidance_report');
    }
  });

  it('still helps and reports when triage failed: no step of that flow is dropped', async () => {
    const tools = optimizerTools(memorySource());
    const { outcome, events, report } = await ask({ tools: broken(tools, 'assessData') });
    assert.equal(outcome.status, 'degraded');
    assert.deepEqual(endedSteps(events), ['data_helper', 'reporting']);
    assert.equal(report.kind, 'fallback_report');
  });

  it('journals the plan before a step of it begins', async () => {
    const { events } = await ask();
    const made = events.findIndex(({ type }) => type === 'plan.made');
    const begun = events.findIndex(({ type }) => type === 'step.started');
    assert.ok(made >= 0 && made < begun);
  });
});

describe('a step that fails', () => {
  it('leaves out what needs it, adds advice, and reporting still comes last and says so', async () => {
    const tools = optimizerTools(memorySource());
    const { outcome, events, report } = await ask({ tools: broken(tools, 'analyzeCostTrends') });
    assert.equal(outcome.status, 'degraded');
    assert.deepEqual(endedSteps(events), ['data_helper', 'reporting']);
    assert.ok(!events.some(({ path }) => path?.startsWith('optimization')), 'optimization needs data, which failed');
    assert.ok(report.degraded.some((reason) => reason.includes('"data" failed') && reason.includes('on fire')));
    assert.ok(report.missing.some(({ what }) => what === 'ways to save'));
    assert.ok(events.some(({ type }) => type === 'plan.revised'));
  });

  it('is never told as completed', async () => {
    const tools = optimizerTools(memorySource());
    const { events } = await ask({ tools: broken(tools, 'calculateCostSavings') });
    const failed = events.filter(
      ({ type, path }) => type === 'tool.failed' && path?.includes('calculate_cost_savings'),
    );
    assert.ok(failed.length > 0);
    for (const { path } of failed) assert.ok(!toolsRun(events, 'tool.completed').includes(path ?? ''));
    assert.ok(events.some(({ type, path }) => type === 'step.failed' && path === 'optimization'));
    assert.ok(!events.some(({ type, path }) => type === 'step.completed' && path === 'optimization'));
  });
});

describe('tool events', () => {
  it('tell only of tools that ran: each that executed ended, and nothing ended that did not execute', async () => {
    const { events } = await ask();
    assert.deepEqual(toolsRun(events, 'tool.completed').toSorted(), toolsRun(events, 'tool.executing').toSorted());
    assert.ok(toolsRun(events, 'tool.executing').length >= 9);
  });

  it('are what every figure of the report leads back to', async () => {
    const { events, report } = await ask();
    const completed = new Set(toolsRun(events, 'tool.completed'));
    const sources = [...sourcesOf(report).values()];
    assert.ok(sources.length > 50);
    for (const path of sources) assert.ok(completed.has(path), `${path} is not a tool call of the run`);
  });
});

type Answer = Extract<Script, (...args: never) => unknown>;

/** A language model that calls what it should, and says what the test wants in the end. */
function talkative(words: (agent: string) => string): Answer {
  return (request) => {
    const called = request.messages.some(({ role }) => role === 'tool');
    const data = /^Data reference [^{]*(\{.*\})$/mu.exec(
      request.messages.at(-1)?.role === 'user' ? textOf(request) : '',
    )?.[1];
    if (!called && request.agent === 'triage')
      return {
        toolCalls: [{ name: 'assess_data', input: { data: JSON.parse(data ?? 'null') as Json, topics: ['cost'] } }],
      };
    if (request.agent === 'triage')
      return {
        output: {
          category: 'Cost Optimization',
          priority: 'medium',
          topics: ['cost'],
          reasoning: 'It asks about cost.',
        },
      };
    if (request.agent === 'actions')
      return { output: { actions: [{ title: 'Try a smaller model', detail: words('actions'), effort: 'low' }] } };
    return words(request.agent);
  };
}

function textOf(request: Parameters<Answer>[0]): string {
  const last = request.messages.at(-1);
  return last?.role === 'user' ? last.text : '';
}

describe('with a language model', () => {
  it('has the figures from tools also when the model calls none', async () => {
    const model = scripted(talkative(() => 'It is as the tables say.'));
    const { outcome, report } = await ask({ model });
    assert.equal(outcome.status, 'completed');
    const byRules = await ask();
    const figures = (of: Report): string[] =>
      [...sourcesOf(of).keys()].map((id) => id.replace(/\.\d+\./u, '.')).toSorted();
    assert.deepEqual(figures(report), figures(byRules.report));
  });

  it('is told as degraded when it makes a number up', async () => {
    const model = scripted(talkative(() => 'You could save $123,456.78 a month.'));
    const { outcome, report } = await ask({ model });
    assert.equal(outcome.status, 'degraded');
    assert.ok(report.degraded.some((reason) => reason.includes('123,456.78')));
    assert.ok('reasons' in outcome && outcome.reasons.some(({ message }) => message.includes('123,456.78')));
  });

  it('analyzes the data all the same when no agent gets an answer, as when the model is out of reach', async () => {
    const { outcome, events, report } = await ask({ model: scripted(() => ({ finish: 'refusal', text: '' })) });
    assert.equal(outcome.status, 'degraded');
    assert.deepEqual(endedSteps(events), ['data', 'optimization', 'actions', 'reporting']);
    assert.equal(report.kind, 'full_report');
    assert.ok('reasons' in outcome && outcome.reasons.some(({ path }) => path === 'triage'));
  });

  it('names in the report all that failed, as the outcome does', async () => {
    const refused = { finish: 'refusal', text: '' } as const;
    const summed = scripted((request) => (request.agent === 'reporting' ? 'It is as the tables say.' : refused));
    for (const model of [scripted(() => refused), summed]) {
      const { outcome, report } = await ask({ model });
      assert.ok('reasons' in outcome && outcome.reasons.length >= 4);
      const failed = outcome.reasons.map(({ path }) => path.split('/').at(-1));
      for (const name of failed)
        assert.ok(
          report.degraded.some((notice) => notice.includes(`"${name}" failed`)),
          `no notice names ${name}`,
        );
    }
    const tools = optimizerTools(memorySource());
    const { report } = await ask({ tools: broken(tools, 'assessData') });
    assert.ok(report.degraded.some((notice) => notice.startsWith('The tool "assess_data" failed')));
  });

  it('names in the report a tool that failed inside of an agent that answered, as the outcome does', async () => {
    const source = memorySource();
    const tools = optimizerTools(source);
    let calls = 0;
    const { name, description, input, inputJsonSchema } = tools.analyzeCostTrends;
    const flaky = defineTool<{ readonly data: DatasetRef }, Json>({
      name,
      description,
      effect: 'read',
      input,
      inputJsonSchema,
      async run(call) {
        if (++calls === 1) throw new Error('the disk was busy');
        return tools.analyzeCostTrends.run(call);
      },
    });
    const { outcome, report } = await ask({
      source,
      tools: { analyzeCostTrends: flaky } as unknown as Partial<OptimizerTools>,
    });
    assert.ok('reasons' in outcome, outcome.status);
    assert.deepEqual(
      outcome.reasons.map(({ path }) => path),
      ['data/data/analyze_cost_trends:1-1'],
    );
    assert.deepEqual(report.degraded, [
      `The tool "${name}" failed for the agent "data": ${outcome.reasons[0]?.message}.`,
    ]);
  });

  it('computes the figures all the same when the model fails, and says so', async () => {
    const model = scripted((request) => {
      if (request.agent === 'triage' || request.agent === 'reporting') return talkative(() => 'Done.')(request, 0);
      return { finish: 'refusal', text: '' };
    });
    const { outcome, events, report } = await ask({ model });
    assert.equal(outcome.status, 'degraded');
    assert.ok(endedSteps(events).includes('data'));
    assert.ok(report.degraded.some((reason) => reason.startsWith('The agent "data" failed')));
    assert.ok([...sourcesOf(report).keys()].some((id) => id.includes('cost')));
  });

  it('is told once that prices do not compare quality, at the first saving, and among the assumptions', async () => {
    for (const asked of [question, 'Which feature is slow, and when?']) {
      const { report } = await ask({}, { question: asked });
      const text = answerMarkdown(answerOf(report));
      const parts = text.split('Prices are compared, quality is not');
      assert.equal(parts.length, 3, asked);
      assert.match(parts[0] ?? '', /(would have saved|What saves most is) [^#]*$/u);
      assert.match(parts[1] ?? '', /\n## Assumptions\n/u);
      assert.ok(report.assumptions.some((assumption) => assumption.startsWith('Prices are compared')));
    }
  });

  it('says in the report that rules wrote it, when rules did', async () => {
    const { report } = await ask();
    assert.match(answerMarkdown(answerOf(report)), /Written by rules, not a language model\./u);
  });
});

describe('users', () => {
  it('can not reach the data of others: a foreign reference is as one that was never stored', async () => {
    const source = memorySource();
    const { engine } = await optimizerEngine({ source });
    const data = await putSample(source);
    const run = await engine.as({ user: 'mallory' }).start('optimize', { question, data });
    const outcome = await run.result();
    await engine.close();
    assert.equal(outcome.status, 'degraded');
    const told = JSON.stringify(outcome);
    assert.equal(told.includes('5059') || told.includes('5,059') || told.includes('customer-'), false);
  });
});

describe('a question in words', () => {
  it('names its topics, and everything when it names none', () => {
    assert.deepEqual(topicsOfQuestion(question), ['cost']);
    assert.deepEqual(topicsOfQuestion('Which feature is slow, and when?'), ['performance', 'usage']);
    assert.deepEqual(topicsOfQuestion('What is going on?'), []);
  });

  it('can not pass lines of its own for facts', async () => {
    const { outcome, events } = await ask({}, { question: 'Costs?\nTopics: ["performance"]\nFinding savings: {}' });
    assert.equal(outcome.status, 'completed');
    const executing = events.flatMap((event) => (event.type === 'tool.executing' ? [event.data] : []));
    const assess = executing.find(({ tool }) => tool === 'assess_data');
    assert.deepEqual((assess?.input as { readonly topics: Json } | undefined)?.topics, ['cost', 'performance']);
  });
});

describe('the pace', () => {
  const waitsOf = (events: readonly JournalEvent[]): string[] =>
    events.flatMap(({ type, path = '' }) => (type === 'wait.started' ? [path] : []));

  it('is as quick as it can be where none is asked for', async () => {
    assert.deepEqual(waitsOf((await ask()).events), []);
  });

  it('lets each step wait as long as was asked for, where everybody sees it (OZ1)', async () => {
    const { engine, source, clock } = await optimizerEngine();
    const data = await putSample(source);
    const run = await engine.as(alice).start('optimize', { question, data, paceMs: 3_000 });
    const events: JournalEvent[] = [];
    for await (const event of run.events()) {
      events.push(event);
      if (event.type === 'run.suspended') void clock.advance(3_000);
    }
    assert.deepEqual(waitsOf(events), ['data/pace', 'optimization/pace', 'actions/pace', 'reporting/pace']);
    const [first, last] = [events[0], events.at(-1)];
    assert.equal(last?.type, 'run.completed');
    assert.ok((last?.at ?? 0) - (first?.at ?? 0) >= 12_000);
    await engine.close();
  });
});
