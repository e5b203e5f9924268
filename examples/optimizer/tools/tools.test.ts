/** The tools as an engine calls them: input and output checked, the dataset loaded as the user of the call. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { answerMarkdown, type Principal, type Tool } from 'cantus';
import { sampleCsv, sampleName } from '../data/sample.ts';
import { memorySource, type DatasetRef } from '../data/source.ts';
import { answerOf } from '../report-answer.ts';
import { sourcesOf, type Report } from '../report.ts';
import { optimizerTools } from './optimizer-tools.ts';
import { unsupportedNumbers } from './report-numbers.ts';
import { assembleReport, type Evidence, type ReportInput } from './report-tool.ts';

const alice: Principal = { tenant: 'main', user: 'alice', roles: [] };
const bob: Principal = { tenant: 'main', user: 'bob', roles: [] };
const pricesAtMs = Date.UTC(2026, 10, 1);

async function check<Output>(
  schema: Tool<never, Output>['input'] | NonNullable<Tool['output']>,
  value: unknown,
): Promise<Output> {
  const result = await schema['~standard'].validate(value);
  assert.equal(result.issues, undefined, JSON.stringify(result.issues));
  return ('value' in result ? result.value : undefined) as Output;
}

/** Calls a tool as the engine does: parses, runs, parses, and sends the output through JSON. */
async function use<Input, Output>(
  tool: Tool<Input, Output>,
  input: NoInfer<Input>,
  user: Principal = alice,
): Promise<Output> {
  const parsed = await check<Input>(tool.input, JSON.parse(JSON.stringify(input)));
  const output = await tool.run({ input: parsed, user, run: 'r1', signal: new AbortController().signal, key: 'k1' });
  assert.ok(tool.output, `${tool.name} says what it returns`);
  const json: unknown = JSON.parse(JSON.stringify(output));
  assert.deepEqual(json, output, 'the output is plain JSON');
  return check<Output>(tool.output, json);
}

const store = memorySource();
const tools = optimizerTools(store);
const azureText = readFileSync(new URL('../fixtures/azure-llm-inference-2023-code-excerpt.csv', import.meta.url));
const sampleRef = store.put(alice, sampleCsv(), { name: sampleName(), generated: true, pricesAtMs });
const azureRef = store.put(alice, azureText, { name: 'azure.csv', pricesAtMs });
const assumedRef = store.put(alice, azureText, { name: 'azure.csv', pricesAtMs, assume: { model: 'gpt-4o' } });

/** Every tool that reads a dataset, with an input for it. */
const dataTools = (data: DatasetRef): [Tool<never>, object][] =>
  [
    [tools.analyzeWorkloadEvents, { data }],
    [tools.getWorkloadMetrics, { data }],
    [tools.identifyPatterns, { data }],
    [tools.analyzePerformance, { data }],
    [tools.identifyLatencyBottlenecks, { data }],
    [tools.analyzeCostTrends, { data }],
    [tools.calculateCostSavings, { data }],
    [tools.simulateCostOptimization, { data, scenarios: [{ kind: 'cap_output', tokensMax: 100 }] }],
    [tools.compareModels, { data }],
    [tools.recommendModel, { data }],
    [tools.assessData, { data, topics: ['cost'] }],
    [tools.dataHelper, { data, topics: ['cost'] }],
  ] as [Tool<never>, object][];

async function gather(data: DatasetRef): Promise<Evidence[]> {
  const evidence: Evidence[] = [];
  for (const [tool, input] of dataTools(data)) {
    const output = await use(tool as Tool<object>, input);
    evidence.push({ path: `data/tool:${evidence.length}-0`, tool: tool.name, output });
  }
  return evidence;
}

const plainInput: Omit<ReportInput, 'evidence'> = {
  question: 'Analyze my AI costs and tell me how to cut them',
  kind: 'full_report',
  notes: [],
  degraded: [],
  missing: [],
};

describe('the tools', () => {
  it('are all covered here', async () => {
    const covered = new Set(dataTools(await sampleRef).map(([tool]) => tool.name));
    covered.add(tools.generateReport.name).add(tools.getModelCapabilities.name);
    assert.deepEqual(
      [...covered].toSorted(),
      Object.values(tools)
        .map((tool) => tool.name)
        .toSorted(),
    );
    for (const tool of Object.values(tools)) assert.equal(tool.effect, 'read');
  });

  it('return what they promise, as plain JSON, for rich data and for poor', async () => {
    for (const ref of [await sampleRef, await azureRef, await assumedRef]) assert.equal((await gather(ref)).length, 12);
    const { models } = await use(tools.getModelCapabilities, { models: ['gpt-4o', 'nonesuch-9'], atMs: pricesAtMs });
    assert.deepEqual(
      models.map((model) => model.known),
      [true, false],
    );
  });

  it("load the data of the user who calls: another user's reference is not found by any of them", async () => {
    const ref = await sampleRef;
    for (const [tool, input] of dataTools(ref)) {
      await use(tool as Tool<object>, input);
      await assert.rejects(() => use(tool as Tool<object>, input, bob), { code: 'not_found' }, tool.name);
    }
  });

  it('stay small enough to be journaled', async () => {
    for (const { tool, output } of await gather(await sampleRef))
      assert.ok(JSON.stringify(output).length < 32_768, `${tool}: ${JSON.stringify(output).length}`);
  });

  it('advise what to collect when there is no data at all', async () => {
    const { items, exampleFile } = await use(tools.dataHelper, { data: null, topics: [] });
    assert.ok(items.length > 5);
    assert.match(exampleFile, /^timestamp,model,input_tokens/u);
  });
});

describe('the report', () => {
  it('gives each figure and table the path of the tool call that computed it', async () => {
    const evidence = await gather(await sampleRef);
    const report = await use(tools.generateReport, { ...plainInput, evidence });
    const sources = sourcesOf(report);
    const marked = report.sections.flatMap(({ blocks }) =>
      blocks.flatMap((block): readonly { readonly id: string }[] =>
        block.kind === 'figures' ? block.figures : block.kind === 'text' ? [] : [block],
      ),
    );
    assert.ok(marked.length > 40);
    assert.equal(sources.size, marked.length, 'ids are unique');
    for (const path of sources.values())
      assert.ok(
        evidence.some((entry) => entry.path === path),
        path,
      );
    const text = answerMarkdown(answerOf(report));
    const cost = evidence.findIndex((entry) => entry.tool === 'analyze_cost_trends') + 1;
    assert.match(text, new RegExp(`Total cost at list prices: \\$[\\d.]+ \\[${cost}\\]`, 'u'));
    assert.ok(text.includes(`[${cost}] tool analyze_cost_trends at ${evidence[cost - 1]?.path}`));
  });

  it('shows only figures that the evidence holds', async () => {
    const evidence = await gather(await sampleRef);
    const report = assembleReport({ ...plainInput, evidence });
    for (const block of report.sections.flatMap((section) => section.blocks)) {
      if (block.kind !== 'figures') continue;
      for (const figure of block.figures) {
        const output = JSON.stringify(evidence[figure.mark - 1]?.output);
        if (typeof figure.value === 'number') assert.ok(output.includes(JSON.stringify(figure.value)), figure.id);
      }
    }
  });

  it('draws cost by day and by model from what the tool returned, with the source of each', async () => {
    const evidence = await gather(await sampleRef);
    const answer = answerOf(assembleReport({ ...plainInput, evidence }));
    const charts = answer.sections.flatMap(({ blocks }) => blocks).filter((block) => block.kind === 'chart');
    assert.deepEqual(
      charts.map(({ caption, form }) => [caption, form]),
      [
        ['Cost by model', 'bars'],
        ['Cost by day (UTC)', 'line'],
      ],
    );
    for (const { points, mark, source } of charts) {
      const of = evidence[(mark ?? 0) - 1];
      assert.equal(source, of?.path);
      const output = JSON.stringify(of?.output);
      for (const { label, value } of points)
        assert.ok(output.includes(JSON.stringify(label)) && output.includes(JSON.stringify(value)), label);
    }
  });

  it('gives every figure, table and chart the path of the call that computed it', async () => {
    const evidence = await gather(await sampleRef);
    const answer = answerOf(assembleReport({ ...plainInput, evidence }));
    const blocks = answer.sections.flatMap((section) => section.blocks);
    const marked = blocks.flatMap<{ readonly mark?: number; readonly source?: string }>((block) =>
      block.kind === 'figures' ? block.figures : block.kind === 'text' ? [] : [block],
    );
    assert.ok(marked.length > 20);
    for (const { mark = 0, source } of marked) assert.equal(source, evidence[mark - 1]?.path);
  });

  it('says that the sample is generated', async () => {
    const report = assembleReport({ ...plainInput, evidence: await gather(await sampleRef) });
    assert.match(
      answerMarkdown(answerOf(report)),
      /sample \(generated, seed 7\): these calls are generated\. None was measured\./u,
    );
  });

  it('tells what the Azure trace cannot show, and why, and invents no cost', async () => {
    const report = assembleReport({ ...plainInput, kind: 'partial_report', evidence: await gather(await azureRef) });
    const text = answerMarkdown(answerOf(report));
    assert.match(
      text,
      /- .*total cost, .*cost by model.*: The file has no model\. There is no cost column either\. Needed: .*--assume model=NAME/u,
    );
    assert.match(text, /- days: Daily patterns need 2 days of calls; the calls span \d/u);
    assert.doesNotMatch(text, /\$\d/u);
  });

  it('names an assumption beside every figure that rests on it', async () => {
    const report = assembleReport({ ...plainInput, evidence: await gather(await assumedRef) });
    const lines = answerMarkdown(answerOf(report))
      .split('\n')
      .filter((line) => /\$\d/u.test(line) && line.startsWith('- '));
    assert.ok(lines.length > 3);
    for (const line of lines) assert.match(line, /\(assuming .*model of all calls is gpt-4o/u);
    for (const block of report.sections.flatMap((section) => section.blocks)) {
      if (block.kind === 'table' && block.columns.some((column) => column.unit === 'usd'))
        assert.ok(block.assumptions.includes('model of all calls is gpt-4o'), block.id);
    }
    assert.ok(report.assumptions.includes('model of all calls is gpt-4o'));
  });

  it('copes with no evidence at all and still says what went wrong', () => {
    const report = assembleReport({
      ...plainInput,
      kind: 'fallback_report',
      evidence: [],
      degraded: ['Triage failed: the model did not answer.'],
      missing: [{ what: 'everything', why: 'No analysis ran.', needs: [] }],
    });
    const text = answerMarkdown(answerOf(report));
    assert.match(text, /degraded:\*\*\n\n- Triage failed/u);
    assert.match(text, /- everything: No analysis ran\./u);
  });

  it('refuses evidence that is not an output of its tool', async () => {
    const evidence = [{ path: 'data/tool:1-0', tool: 'analyze_performance', output: { latency: 12 } }];
    await assert.rejects(
      () => use(tools.generateReport, { ...plainInput, evidence }),
      /data\/tool:1-0 is not an output of the tool analyze_performance/u,
    );
  });

  it('is degraded by a note with a number that no tool computed, and names it', async () => {
    const evidence = await gather(await sampleRef);
    const notes = [{ id: 'a', title: 'Actions', text: 'Switching saves 83.7 % or $99,999 a year.' }];
    const report = assembleReport({ ...plainInput, evidence, notes });
    assert.deepEqual(report.degraded, ['"Actions" has numbers that no tool computed: 83.7, 99,999.']);
    const blocks = report.sections.find(({ id }) => id === 'note.a')?.blocks;
    assert.deepEqual(blocks?.at(-1), { kind: 'text', text: 'No tool computed: 83.7, 99,999.' });
  });
});

describe('unsupportedNumbers', () => {
  const evidence = [{ usd: 78.2537, share: 0.8175, model: 'gpt-4o', calls: 5059 }];
  it('accepts figures of the evidence as they are rounded for people, also as percent', () => {
    assert.deepEqual(
      unsupportedNumbers('It cost $78.25 (78.3) for 5,059 calls, 81.8 % or 82 % of it on gpt-4o.', evidence),
      [],
    );
  });
  it('refuses other numbers', () => {
    assert.deepEqual(unsupportedNumbers('It cost $79 in 12-13 days, 3.5x, -6 %.', evidence), [
      '79',
      '12',
      '13',
      '3.5',
      '6',
    ]);
  });
  it('does not take names, dates, marks and list numbers for figures', () => {
    assert.deepEqual(unsupportedNumbers('1. use gpt-5-mini since 2026-10-01 [3]\n2. or o3', evidence), []);
  });
});

describe('rendering', () => {
  const report: Report = {
    title: 'T',
    question: '',
    kind: 'full_report',
    sections: [
      {
        id: 's',
        title: 'S',
        blocks: [
          {
            kind: 'figures',
            figures: [
              {
                id: 'f',
                label: 'evil\u001b[31m\nlabel',
                value: 1234.5678,
                unit: 'number',
                mark: 1,
                assumptions: [],
                rows: { used: 5, of: 9 },
              },
            ],
          },
          {
            kind: 'table',
            id: 't',
            caption: 'C',
            columns: [
              { label: 'name', unit: 'text' },
              { label: 'usd', unit: 'usd' },
            ],
            rows: [
              ['a|b', 0.5],
              ['c', null],
            ],
            mark: 1,
            assumptions: ['x'],
          },
        ],
      },
    ],
    missing: [],
    assumptions: [],
    degraded: [],
    evidence: [{ mark: 1, tool: 'analyze_performance', path: 'data/tool:1-0' }],
  };

  it('writes figures with marks, and tables in columns', () => {
    assert.equal(
      answerMarkdown(answerOf(report)),
      [
        '# T',
        '',
        '## S',
        '',
        '- evil [31m label: 1,235 [1] (from 5 of 9 calls)',
        '',
        'C [1] (assuming x)',
        '',
        '| name |     usd |',
        '| ---- | ------: |',
        String.raw`| a\|b | $0.5000 |`,
        '| c    |       – |',
        '',
        '## Where the figures come from',
        '',
        '- [1] tool analyze_performance at data/tool:1-0',
        '',
      ].join('\n'),
    );
  });
});
