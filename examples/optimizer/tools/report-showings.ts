/** How the report shows the output of each tool. A tool that isn't here has nothing to show. */
import { anomalyReportSchema } from '../analysis/anomalies.ts';
import { guidanceSchema } from '../analysis/guidance.ts';
import type { CostGroups } from '../analysis/cost.ts';
import type { Finding } from '../analysis/finding.ts';
import { performanceSchema, type Bottlenecks, type SlowHours } from '../analysis/performance.ts';
import {
  comparisonFindingSchema,
  recommendationFindingSchema,
  savingsFindingSchema,
  type Comparison,
} from '../analysis/savings.ts';
import { simulationFindingSchema } from '../analysis/scenarios.ts';
import type { Trend } from '../analysis/trends.ts';
import type { UsageGroups } from '../analysis/usage.ts';
import {
  bottlenecksByGroupSchema,
  capabilitiesListSchema,
  costTrendsSchema,
  metricsSchema,
  patternsSchema,
} from './finding-tools.ts';
import { showing, type SectionDraft, type Showing, type TableFacts } from './report-sections.ts';
import { workloadSchema } from './workload.ts';
import { sufficiencySchema } from '../analysis/sufficiency.ts';
import type { z } from 'zod';

const data = { id: 'data', title: 'The data' };
const cost = { id: 'cost', title: 'Cost' };
const savings = { id: 'savings', title: 'Savings' };
const models = { id: 'models', title: 'Models' };
const performance = { id: 'performance', title: 'Performance' };
const patterns = { id: 'patterns', title: 'Usage patterns' };
const guidance = { id: 'guidance', title: 'What to collect' };

const metricNames: ReadonlyMap<string, string> = new Map([
  ['inputTokens', 'input tokens'],
  ['outputTokens', 'output tokens'],
  ['cachedTokens', 'cached input tokens'],
]);

export const showings: ReadonlyMap<string, Showing> = new Map([
  ['analyze_workload_events', showing(data, workloadSchema, showWorkload)],
  ['assess_data', showing(data, sufficiencySchema, showSufficiency)],
  ['get_workload_metrics', showing(data, metricsSchema, showMetrics)],
  ['analyze_cost_trends', showing(cost, costTrendsSchema, showCostTrends)],
  ['calculate_cost_savings', showing(savings, savingsFindingSchema, showSavings)],
  ['simulate_cost_optimization', showing(savings, simulationFindingSchema, showSimulation)],
  ['compare_models', showing(models, comparisonFindingSchema, showComparison)],
  ['recommend_model', showing(models, recommendationFindingSchema, showRecommendation)],
  ['get_model_capabilities', showing(models, capabilitiesListSchema, showCapabilities)],
  ['analyze_performance', showing(performance, performanceSchema, showPerformance)],
  ['identify_latency_bottlenecks', showing(performance, bottlenecksByGroupSchema, showBottlenecks)],
  ['identify_patterns', showing(patterns, patternsSchema, showPatterns)],
  ['data_helper', showing(guidance, guidanceSchema, showGuidance)],
]);

function showWorkload(output: z.infer<typeof workloadSchema>, draft: SectionDraft): void {
  if (output.generated) draft.text(`**${output.name}: these calls are generated. None was measured.**`);
  draft.facts([
    ['name', 'File', output.name, 'text'],
    ['rows', 'Calls', output.rows, 'calls'],
    ...(output.span === null
      ? []
      : [
          ['from', 'First call', output.span.from, 'text'] as const,
          ['to', 'Last call', output.span.to, 'text'] as const,
          ['span', 'Span', output.span.told, 'text'] as const,
        ]),
    ...(output.skipped.rows === 0 ? [] : [['skipped', 'Bad rows left out', output.skipped.rows, 'calls'] as const]),
  ]);
  const how = output.columns.map(({ field, column, how: found }) => `"${column}" as ${field} (${found})`);
  draft.text(`Columns: ${how.join(', ')}.`);
  if (output.unmapped.length > 0) draft.text(`Not used: ${output.unmapped.join(', ')}.`);
  for (const example of output.skipped.examples) draft.text(`Left out: ${example}.`);
  for (const { field, why } of output.unusable) draft.gap(field, { why, needs: [] });
  draft.assumptions.push(...output.assumptions);
}

function showSufficiency(output: z.infer<typeof sufficiencySchema>, draft: SectionDraft): void {
  draft.facts([
    ['level', 'For this question the data are', output.level, 'text'],
    ['completeness', 'Completeness', output.completeness, 'share'],
  ]);
  for (const { what, ...rest } of output.missing) draft.gap(what, rest);
}

function showMetrics(output: z.infer<typeof metricsSchema>, draft: SectionDraft): void {
  for (const [metric, finding] of Object.entries(output)) {
    const name = metricNames.get(metric) ?? metric;
    draft.figures(metric === 'cost' ? 'billed cost' : name, finding, ({ average, p95, total }) => [
      [`${metric}.average`, `${name} a call, average`, average, 'number'],
      [`${metric}.p95`, `${name} a call, 95th percentile`, p95, 'number'],
      [`${metric}.total`, `${name}, total`, total, 'number'],
    ]);
  }
}

function showCostTrends(output: z.infer<typeof costTrendsSchema>, draft: SectionDraft): void {
  const { cost: costs, trends } = output;
  draft.figures('total cost', costs.total, (value) => [
    ['total', value.source === 'billed' ? 'Total cost, as billed' : 'Total cost at list prices', value.usd, 'usd'],
    ['perCall', 'Cost per call, average', value.usdPerCall, 'usd'],
    ['perCallP95', 'Cost per call, 95th percentile', value.p95UsdPerCall, 'usd'],
  ]);
  if (costs.total.computable) {
    for (const { model, calls } of costs.total.value.unpriced) {
      draft.gap(`cost of model ${model}`, { why: `The price list doesn't know it (${calls} calls).`, needs: [] });
    }
  }
  draft.figures('projection of cost', costs.projection, (value) => [
    ['projection', 'Projected cost of 30 days', value.usdPer30Days, 'usd'],
  ]);
  draft.figures('cost of failed calls', costs.failedCalls, (value) => [
    ['failed', 'Spent on failed calls', value.usd, 'usd'],
  ]);
  showCostGroups(draft, 'model', costs.byModel);
  showCostGroups(draft, 'feature', costs.byFeature);
  showCostGroups(draft, 'user', costs.byUser);
  // Where all calls are of one model, there is nothing to compare but what they were for.
  if (costs.byModel.computable && costs.byModel.value.groups.length > 1) chartCostGroups(draft, 'model', costs.byModel);
  else chartCostGroups(draft, 'feature', costs.byFeature);
  draft.figures('cost by day', costs.byDay, (value) => [
    ['perDay', 'Cost of a whole day, average', value.averageUsdPerWholeDay, 'usd'],
  ]);
  draft.chart(costs.byDay, (value) => ({
    id: 'days',
    caption: 'Cost by day (UTC)',
    form: 'line',
    unit: 'usd',
    points: value.days.map(({ day, usd }) => [day, usd]),
  }));
  showTrend(draft, 'calls', trends.calls);
  showTrend(draft, 'tokens', trends.tokens);
  showTrend(draft, 'cost', trends.cost);
  showTrend(draft, 'latency', trends.latency);
}

function showCostGroups(draft: SectionDraft, by: string, finding: Finding<CostGroups>): void {
  draft.table(`cost by ${by}`, finding, (value) => ({
    id: `by.${by}`,
    caption: `Cost by ${by}`,
    columns: [
      [by, 'text'],
      ['calls', 'calls'],
      ['cost', 'usd'],
      ['share', 'share'],
      ['per call', 'usd'],
    ],
    rows: value.groups.map(({ name, calls, usd, share, usdPerCall }) => [name, calls, usd, share, usdPerCall]),
  }));
}

function chartCostGroups(draft: SectionDraft, by: string, finding: Finding<CostGroups>): void {
  draft.chart(finding, (value) => ({
    id: `chart.by.${by}`,
    caption: `Cost by ${by}`,
    form: 'bars',
    unit: 'usd',
    points: value.groups.map(({ name, usd }) => [name, usd]),
  }));
}

function showTrend(draft: SectionDraft, what: string, finding: Finding<Trend>): void {
  draft.figures(`trend of ${what}`, finding, (value) => [
    [`trend.${what}`, `Trend of ${what} over ${value.days} whole days`, value.direction, 'text'],
    [`trend.${what}.change`, `Change of the fitted line of ${what}`, value.relativeChange, 'share'],
    [`trend.${what}.r2`, `Share of variance it explains (${what})`, value.r2, 'share'],
  ]);
}

function showSavings(output: z.infer<typeof savingsFindingSchema>, draft: SectionDraft): void {
  draft.table('savings', output, (value) => ({
    id: 'opportunities',
    caption: 'What each change alone would have saved; they overlap, so they do not add up',
    columns: [
      ['change', 'text'],
      ['calls', 'calls'],
      ['saved', 'usd'],
      ['share', 'share'],
    ],
    rows: value.opportunities.map((entry) => [entry.title, entry.callsChanged, entry.savedUsd, entry.savedShare]),
  }));
  if (!output.computable) return;
  const caveats = new Set(output.value.opportunities.map((entry) => entry.caveat));
  for (const caveat of caveats) draft.caveat(caveat);
  for (const { what, ...rest } of output.value.notComputable) draft.gap(what, rest);
}

function showSimulation(output: z.infer<typeof simulationFindingSchema>, draft: SectionDraft): void {
  draft.figures('simulation', output, (value) => [
    ['simulation.current', 'Cost of these calls now, at list prices', value.currentUsd, 'usd'],
    ['simulation.after', 'Cost after all the changes below', value.simulatedUsd, 'usd'],
    ['simulation.saved', 'Saved', value.savedUsd, 'usd'],
    ['simulation.share', 'Saved share', value.savedShare, 'share'],
  ]);
  draft.table('simulation', output, (value) => ({
    id: 'simulation.steps',
    caption: 'Changes, applied one after another',
    columns: [
      ['change', 'text'],
      ['calls', 'calls'],
      ['saved', 'usd'],
    ],
    rows: value.steps.map((step) => [step.scenario, step.callsChanged, step.savedUsd]),
  }));
  if (output.computable) for (const caveat of output.value.caveats) draft.caveat(caveat);
}

const comparedColumns: TableFacts['columns'] = [
  ['model', 'text'],
  ['provider', 'text'],
  ['cost', 'usd'],
  ['saved', 'usd'],
  ['share', 'share'],
  ['calls too long', 'calls'],
  ['in use', 'text'],
];

function comparedRow(model: Comparison['models'][number]): (string | number | null)[] {
  const { usd, savedUsd, savedShare, callsTooLong, inUse } = model;
  return [model.model, model.provider, usd, savedUsd, savedShare, callsTooLong, inUse ? 'yes' : 'no'];
}

function showComparison(output: z.infer<typeof comparisonFindingSchema>, draft: SectionDraft): void {
  draft.table('comparison of models', output, (value) => ({
    id: 'comparison',
    caption: 'The same tokens at other models',
    columns: comparedColumns,
    rows: value.models.map(comparedRow),
  }));
  if (!output.computable) return;
  draft.text(output.value.caveat);
  for (const name of output.value.unknown) {
    draft.gap(`price of ${name}`, {
      why: `The price list doesn't know it.`,
      needs: ['a name as its provider writes it'],
    });
  }
}

function showRecommendation(output: z.infer<typeof recommendationFindingSchema>, draft: SectionDraft): void {
  draft.table('recommendation of a model', output, (value) => ({
    id: 'recommendation',
    caption: 'Cheapest for these tokens, with room for every call',
    columns: comparedColumns,
    rows: [...(value.model === null ? [] : [value.model]), ...value.alternatives].map(comparedRow),
  }));
  if (output.computable) draft.text(output.value.caveat);
}

function showCapabilities(output: z.infer<typeof capabilitiesListSchema>, draft: SectionDraft): void {
  for (const model of output.models) {
    if (!model.known) {
      draft.gap(`facts about ${model.asked}`, { why: `The price list doesn't know it.`, needs: [] });
      continue;
    }
    draft.facts([
      [`${model.asked}.input`, `${model.asked}, input of a million tokens`, model.inputUsdPerMillion, 'usd'],
      [`${model.asked}.output`, `${model.asked}, output of a million tokens`, model.outputUsdPerMillion, 'usd'],
      [`${model.asked}.window`, `${model.asked}, context window`, model.contextWindow, 'tokens'],
    ]);
  }
}

function showPerformance(output: z.infer<typeof performanceSchema>, draft: SectionDraft): void {
  draft.figures('latency', output.latency, (value) => [
    ['latency.average', 'Latency, average', value.average, 'ms'],
    ['latency.p50', 'Latency, median', value.p50, 'ms'],
    ['latency.p95', 'Latency, 95th percentile', value.p95, 'ms'],
    ['latency.p99', `Latency, 99th percentile${value.highTail ? ' (high tail latency)' : ''}`, value.p99, 'ms'],
  ]);
  draft.figures('throughput', output.throughput, (value) => [
    ['throughput', 'Calls a minute, average', value.callsPerMinute, 'number'],
    ['busiest', `Calls in the busiest minute (${value.busiestMinute})`, value.busiestMinuteCalls, 'calls'],
    ...(value.tokensPerMinute === null
      ? []
      : [['tokens', 'Tokens a minute, average', value.tokensPerMinute, 'tokens'] as const]),
  ]);
  for (const [field, label] of [
    ['inputTokens', 'Input tokens'],
    ['outputTokens', 'Output tokens'],
  ] as const) {
    draft.figures(label.toLowerCase(), output[field], (value) => [
      [`${field}.total`, `${label}, total`, value.total, 'tokens'],
      [`${field}.average`, `${label} a call, average`, value.average, 'tokens'],
      [`${field}.p50`, `${label} a call, median`, value.p50, 'tokens'],
      [`${field}.p95`, `${label} a call, 95th percentile`, value.p95, 'tokens'],
      [`${field}.p99`, `${label} a call, 99th percentile`, value.p99, 'tokens'],
    ]);
  }
  draft.figures('error rate', output.errors, (value) => [
    ['errors', 'Failed calls', value.failed, 'calls'],
    ['errorRate', 'Error rate', value.errorRate, 'share'],
  ]);
}

function showBottlenecks(output: z.infer<typeof bottlenecksByGroupSchema>, draft: SectionDraft): void {
  const show = (by: string, finding: Finding<Bottlenecks>): void =>
    draft.table(`latency by ${by}`, finding, (value) => ({
      id: `latency.by.${by}`,
      caption: `Latency by ${by}, most time spent first`,
      columns: [
        [by, 'text'],
        ['calls', 'calls'],
        ['median', 'ms'],
        ['95th percentile', 'ms'],
        ['99th percentile', 'ms'],
        ['share of time', 'share'],
      ],
      rows: value.map((entry) => [entry.name, entry.calls, entry.p50Ms, entry.p95Ms, entry.p99Ms, entry.timeShare]),
    }));
  show('model', output.byModel);
  show('feature', output.byFeature);
  show('user', output.byUser);
  showHours(draft, 'all calls', output.byHour);
  const { slowFeature } = output;
  showHours(
    draft,
    slowFeature.computable ? `feature ${slowFeature.value.feature}` : 'the slowest feature',
    slowFeature,
  );
}

function showHours(draft: SectionDraft, of: string, finding: Finding<SlowHours>): void {
  draft.table(`latency by hour of ${of}`, finding, (value) => ({
    id: `latency.by.hour.${of}`,
    caption: `Latency by hour of the day (UTC), ${of}`,
    columns: [
      ['hour', 'text'],
      ['calls', 'calls'],
      ['median', 'ms'],
      ['95th percentile', 'ms'],
    ],
    rows: value.hours.map(({ hour, calls, p50Ms, p95Ms }) => [`${hour}:00`, calls, p50Ms, p95Ms]),
  }));
}

function showPatterns(output: z.infer<typeof patternsSchema>, draft: SectionDraft): void {
  const { usage, correlations, anomalies } = output;
  showUsageGroups(draft, 'user', usage.byUser);
  showUsageGroups(draft, 'feature', usage.byFeature);
  draft.figures('load over time', usage.load, (value) => [
    ['load.max', `Most calls in ${value.bucketMs / 60_000} min (from ${value.busiest})`, value.maxCalls, 'calls'],
    ['load.average', `Calls in ${value.bucketMs / 60_000} min, average`, value.averageCalls, 'number'],
  ]);
  draft.figures('hours of the day', usage.hourly, (value) => [
    ['peakHours', 'Peak hours (UTC)', value.peakHours.map((hour) => `${hour}:00`).join(', ') || 'none', 'text'],
    ['peakToAverage', 'Busiest hour of the day by the average one', value.peakToAverage, 'number'],
  ]);
  draft.table('weekdays', usage.weekdays, (value) => ({
    id: 'weekdays',
    caption: 'Calls by weekday (UTC)',
    columns: [
      ['weekday', 'text'],
      ['calls', 'calls'],
      ['days', 'number'],
      ['calls a day', 'number'],
    ],
    rows: value.weekdays.map((entry) => [entry.weekday, entry.calls, entry.days, entry.callsPerDay]),
  }));
  draft.figures('days', usage.daily, (value) => [['busiestDay', 'Busiest day', value.busiestDay, 'text']]);
  draft.table('correlations', correlations, (value) => ({
    id: 'correlations',
    caption: 'Correlations (Pearson)',
    columns: [
      ['measure', 'text'],
      ['with', 'text'],
      ['r', 'number'],
      ['', 'text'],
    ],
    rows: value.map((entry) => [entry.a, entry.b, entry.r, entry.strength]),
  }));
  showAnomalies(anomalies, draft);
}

function showUsageGroups(draft: SectionDraft, by: string, finding: Finding<UsageGroups>): void {
  draft.table(`usage by ${by}`, finding, (value) => ({
    id: `usage.by.${by}`,
    caption: `Usage by ${by}, most first`,
    columns: [
      [by, 'text'],
      ['calls', 'calls'],
      ['share of calls', 'share'],
      ['tokens', 'tokens'],
      ['share of tokens', 'share'],
    ],
    rows: value.groups.map((one) => [one.name, one.calls, one.callShare, one.tokens, one.tokenShare]),
  }));
}

function showAnomalies(anomalies: z.infer<typeof anomalyReportSchema>, draft: SectionDraft): void {
  for (const [metric, finding] of Object.entries(anomalies)) {
    const name = metricNames.get(metric) ?? metric;
    draft.figures(`anomalies of ${name}`, finding, (value) => [
      [`anomalies.${metric}`, `Calls with unusual ${name} (severity ${value.severity})`, value.byZScore, 'calls'],
    ]);
  }
}

function showGuidance(output: z.infer<typeof guidanceSchema>, draft: SectionDraft): void {
  const lines = output.items.map(
    ({ column, why, example, needed }) =>
      `- ${column}${needed ? ' (needed for your question)' : ''}: for ${why}; e.g. ${example}`,
  );
  if (lines.length > 0) draft.text(lines.join('\n'));
  for (const { what, ...rest } of output.more) draft.gap(what, rest);
  draft.text(`A file could look like this:\n\n${output.exampleFile.trimEnd().replaceAll(/^/gmu, '    ')}`);
}
