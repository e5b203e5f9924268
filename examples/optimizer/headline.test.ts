/** What the first sentences of an answer by rules say, for the questions that people ask. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { rules } from 'cantus';
import { createTestEngine } from 'cantus/testing';
import { optimizerAgents } from './agents/agents.ts';
import { optimizerRules } from './agents/rules.ts';
import { askedBy, isUnderstood } from './asked.ts';
import { sampleCsv, sampleEndMs, sampleName } from './data/sample.ts';
import { memorySource } from './data/source.ts';
import { readCalls } from './data/read-calls.ts';
import { formatCell } from './report-format.ts';
import { reportSchema, type Report } from './report.ts';
import { computations, type ComputationName } from './tools/computations.ts';
import { bottlenecksByGroupSchema, costTrendsSchema, patternsSchema } from './tools/finding-tools.ts';
import { optimizerTools } from './tools/optimizer-tools.ts';
import { optimizeWorkflow } from './workflow.ts';

const alice = { tenant: 'main', user: 'alice', roles: [] };

const sample = { content: sampleCsv(), options: { name: sampleName(), generated: true, pricesAtMs: sampleEndMs() } };
const trace = {
  content: await readFile(new URL('fixtures/azure-llm-inference-2023-code-excerpt.csv', import.meta.url)),
  options: { name: 'trace.csv', pricesAtMs: sampleEndMs() },
};

async function reportOn(
  question: string,
  { content, options }: typeof sample | typeof trace = sample,
): Promise<Report> {
  const source = memorySource();
  const tools = optimizerTools(source);
  const workflow = optimizeWorkflow(optimizerAgents(tools), tools);
  const { engine } = await createTestEngine({ workflows: [workflow], models: { default: rules(optimizerRules) } });
  const data = await source.put(alice, content, options);
  const run = await engine.as(alice).start('optimize', { question, data });
  const outcome = await run.result();
  await engine.close();
  assert.equal(outcome.status, 'completed', question);
  return reportSchema.parse('output' in outcome ? outcome.output : null);
}

/** The summary, which is the first section. */
function summaryOf({ sections }: Report): string {
  const [first] = sections;
  assert.equal(first?.id, 'note.summary');
  const block = first?.blocks[0];
  return block?.kind === 'text' ? block.text : '';
}

/** What the tool `tool` computed of the sample, read where the engine reads it. */
async function computedBy<Output>(schema: { parse(value: unknown): Output }, tool: ComputationName): Promise<Output> {
  const dataset = readCalls(sample.content, sample.options);
  return schema.parse(JSON.parse(JSON.stringify(computations[tool](dataset, { topics: [], scenarios: [] }))));
}

/** The first sentence, its mark left out, and the tool that its mark leads to. */
function firstSentence(report: Report): { readonly said: string; readonly tool: string | undefined } {
  const [, said = '', mark] = /^(.*?) \[(\d+)\]/u.exec(summaryOf(report)) ?? [];
  return { said, tool: report.evidence.find((one) => one.mark === Number(mark))?.tool };
}

const cost = 'Analyze my AI costs and tell me how to cut them';
const slow = 'Which feature is slow, and when?';
const growth = 'Is my usage growing, and who uses most?';
const costliest = 'and which user costs most?';

describe('the first sentence (AQ1)', () => {
  it('answers a question about cost with the cost, then the largest saving', async () => {
    const report = await reportOn(cost);
    const { total } = (await computedBy(costTrendsSchema, 'analyze_cost_trends')).cost;
    assert.ok(total.computable);
    const shown = formatCell(total.value.usd, 'usd');
    assert.deepEqual(firstSentence(report), { said: `The calls cost ${shown}.`, tool: 'analyze_cost_trends' });
    assert.match(summaryOf(report), /^[^[]*\[\d+\] The largest single saving: .* \$\d+\.\d+\. \[\d+\] Prices are/u);
  });

  it('answers what is slow with the slowest feature, and says when', async () => {
    const report = await reportOn(slow);
    const tool = 'identify_latency_bottlenecks';
    const { byFeature, slowFeature } = await computedBy(bottlenecksByGroupSchema, tool);
    assert.ok(byFeature.computable && slowFeature.computable);
    const p95 = Math.max(...byFeature.value.map(({ p95Ms }) => p95Ms));
    const slowest = byFeature.value.find(({ p95Ms }) => p95Ms === p95);
    const first = firstSentence(report);
    assert.equal(first.tool, tool);
    assert.ok(first.said.startsWith(`The slowest feature is ${slowest?.name}: `), first.said);
    assert.ok(first.said.includes(formatCell(p95, 'ms')), first.said);
    const when = slowFeature.value.hours.toSorted((a, b) => b.p50Ms - a.p50Ms)[0];
    assert.ok(summaryOf(report).includes(`slowest from ${when?.hour}:00 (UTC)`));
    assert.doesNotMatch(summaryOf(report), /\$/u);
  });

  it('answers whether use grows, then who uses most', async () => {
    const report = await reportOn(growth);
    const { calls } = (await computedBy(costTrendsSchema, 'analyze_cost_trends')).trends;
    const { byUser } = (await computedBy(patternsSchema, 'identify_patterns')).usage;
    assert.ok(calls.computable && byUser.computable);
    assert.equal(calls.value.direction, 'no clear trend');
    const first = firstSentence(report);
    assert.equal(first.tool, 'analyze_cost_trends');
    assert.match(first.said, /^Use shows no clear trend over 28 whole days/u);
    assert.ok(first.said.includes(formatCell(calls.value.relativeChange, 'share')), first.said);
    assert.ok(summaryOf(report).includes(`The user that uses most is ${byUser.value.groups[0]?.name}: `));
  });

  it('answers who costs most, also in a question that follows another', async () => {
    const report = await reportOn(costliest);
    const { byUser } = (await computedBy(costTrendsSchema, 'analyze_cost_trends')).cost;
    assert.ok(byUser.computable);
    const { name = '', usd = 0 } = byUser.value.groups[0] ?? {};
    assert.ok(firstSentence(report).said.startsWith(`The user that costs most is ${name}: ${formatCell(usd, 'usd')}`));
  });

  it('says plainly when the data can not tell', async () => {
    const [first, growing, most] = await Promise.all([slow, growth, costliest].map((one) => reportOn(one, trace)));
    assert.ok(first && growing && most);
    assert.match(summaryOf(first), /^Which feature is slow can't be told: The file has no latency and no feature\./u);
    assert.match(summaryOf(growing), /^Whether use grows can't be told: .* Which user uses most can't be told: /u);
    assert.match(summaryOf(most), /^Which user costs most can't be told: The file has no model\./u);
  });

  it('has no number that no tool computed, whatever is asked', async () => {
    for (const asked of [cost, slow, growth, costliest, 'When are we busiest?', 'How slow are my models?']) {
      const report = await reportOn(asked);
      assert.deepEqual(report.degraded, [], asked);
      const numbered = summaryOf(report).split(/(?<=\]) /u);
      for (const sentence of numbered.slice(0, -1)) assert.match(sentence, /\[\d+\]$/u);
    }
  });

  it('is followed by the sections that hold what was asked', async () => {
    const ids = async (asked: string): Promise<string[]> => (await reportOn(asked)).sections.map(({ id }) => id);
    assert.deepEqual((await ids(slow)).slice(0, 2), ['note.summary', 'performance']);
    assert.deepEqual((await ids(growth)).slice(0, 3), ['note.summary', 'cost', 'patterns']);
  });
});

describe('a question that rules do not understand (AQ2)', () => {
  it('is answered with the report on the calls, and the first sentence says so', async () => {
    const told = summaryOf(await reportOn('What is 2+3?'));
    assert.match(told, /^Rules answer here, not a language model, and they do not understand this question/u);
    assert.match(told, /So they answer with the report on the calls\. /u);
    for (const asked of [cost, slow, growth, costliest, 'Give me an overview of my calls'])
      assert.doesNotMatch(summaryOf(await reportOn(asked)), /do not understand/u);
  });

  it('is one that names nothing about calls, costs, usage or performance', () => {
    for (const asked of ['What is 2+3?', 'Who wrote Faust?', 'Tell me a joke'])
      assert.equal(isUnderstood(asked), false);
    for (const asked of ['Analyze the data', 'How many requests fail?', slow]) assert.equal(isUnderstood(asked), true);
  });
});

describe('what is asked', () => {
  it('is read clause by clause, in the order of the question', () => {
    const kinds = (asked: string): string[] =>
      askedBy(asked, []).map((one) => ('by' in one ? `${one.kind} ${one.by}` : one.kind));
    assert.deepEqual(kinds('Which feature is slow, and which user costs most?'), ['slow feature', 'costs user']);
    assert.deepEqual(kinds('Which user and which feature cost most?'), ['costs user', 'costs feature']);
    assert.deepEqual(kinds('What do my calls to language models cost?'), ['cost']);
    assert.deepEqual(kinds('When are we busiest?'), ['busy']);
    assert.deepEqual(kinds('What is going on?'), []);
  });

  it('is what the topics say where no word does, as in another language', () => {
    assert.deepEqual(askedBy('Was ist langsam?', ['performance']), [{ kind: 'slow', by: 'feature' }]);
  });
});
