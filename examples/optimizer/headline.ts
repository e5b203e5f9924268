/**
 * The first sentences of a report, made of what the tools returned: the agent that sums up may start from them.
 * What was asked is told first (asked.ts AQ1), each figure with the mark of the tool call it comes from.
 */
import type { Finding } from './analysis/finding.ts';
import { slowestOf, type SlowHours } from './analysis/performance.ts';
import { savingsFindingSchema } from './analysis/savings.ts';
import type { Trend } from './analysis/trends.ts';
import type { Asked, Grouping } from './asked.ts';
import { formatCell, oneLine } from './report-format.ts';
import { bottlenecksByGroupSchema, costTrendsSchema, patternsSchema } from './tools/finding-tools.ts';
import type { Evidence } from './tools/report-tool.ts';
import { workloadSchema } from './tools/workload.ts';

/** The sentences for what is asked, then what the data are; nothing without a look at data. */
export function headlineOf(evidence: readonly Evidence[], asked: readonly Asked[]): string[] {
  const workload = told(evidence, 'analyze_workload_events', tellWorkload);
  if (workload.length === 0) return [];
  if (asked.length === 0)
    return [...workload, ...tell(evidence, { kind: 'cost' }), ...tell(evidence, { kind: 'saving' })];
  return [...asked.flatMap((one) => tell(evidence, one)), ...workload];
}

function tell(evidence: readonly Evidence[], asked: Asked): string[] {
  const { tool, sentences } = tellerOf(asked);
  const found = told(evidence, tool, sentences);
  if (found.length === 0) return [`${openings[asked.kind]} was not computed.`];
  return asked.kind === 'saving' ? [...found, ...caveatsOf(evidence)] : found;
}

type Teller = { readonly tool: string; readonly sentences: (output: unknown) => readonly string[] };

function tellerOf(asked: Asked): Teller {
  switch (asked.kind) {
    case 'cost':
      return { tool: 'analyze_cost_trends', sentences: tellCost };
    case 'saving':
      return { tool: 'calculate_cost_savings', sentences: tellSavings };
    case 'growth':
      return { tool: 'analyze_cost_trends', sentences: tellGrowth };
    case 'busy':
      return { tool: 'identify_patterns', sentences: tellBusy };
    case 'slow':
      return { tool: 'identify_latency_bottlenecks', sentences: (output) => tellSlow(output, asked.by) };
    case 'uses':
      return { tool: 'identify_patterns', sentences: (output) => tellUses(output, asked.by) };
    default:
      return { tool: 'analyze_cost_trends', sentences: (output) => tellCosts(output, asked.by) };
  }
}

const openings: { readonly [K in Asked['kind']]: string } = {
  cost: 'What the calls cost',
  saving: 'What would have cost less',
  growth: 'Whether use grows',
  busy: 'When most calls come',
  slow: 'What is slow',
  uses: 'Who or what uses most',
  costs: 'Who or what costs most',
};

/** The sentences that an output gives, with the mark that the report gives its call. */
function told(evidence: readonly Evidence[], tool: string, sentences: Teller['sentences']): string[] {
  const index = evidence.findIndex((one) => one.tool === tool);
  if (index < 0) return [];
  return sentences(evidence[index]?.output).map((sentence) => `${sentence} [${index + 1}]`);
}

function tellWorkload(output: unknown): string[] {
  const workload = workloadSchema.safeParse(output);
  if (!workload.success) return [];
  const { name, rows, span } = workload.data;
  const over = span === null ? '' : ` over ${span.told}`;
  return [`${oneLine(name)} holds ${formatCell(rows, 'calls')} calls${over}.`];
}

function tellCost(output: unknown): string[] {
  const { total } = costTrendsSchema.parse(output).cost;
  if (!total.computable) return [`What the calls cost is not computable: ${total.why}`];
  return [`The calls cost ${formatCell(total.value.usd, 'usd')}${assuming(total)}.`];
}

function tellSavings(output: unknown): string[] {
  const savings = savingsFindingSchema.parse(output);
  if (!savings.computable) return [`What would have cost less is not computable: ${savings.why}`];
  const [first] = savings.value.opportunities;
  if (first === undefined) return ['No change that was tried would have cost less.'];
  return [`The largest single saving: ${oneLine(first.title)} would have saved ${formatCell(first.savedUsd, 'usd')}.`];
}

/** What speaks against the largest saving. */
function caveatsOf(evidence: readonly Evidence[]): string[] {
  const savings = savingsFindingSchema.safeParse(
    evidence.find(({ tool }) => tool === 'calculate_cost_savings')?.output,
  );
  const found = savings.success && savings.data.computable ? savings.data.value.opportunities[0] : undefined;
  return found === undefined ? [] : [found.caveat];
}

function tellGrowth(output: unknown): string[] {
  const { calls, tokens, cost } = costTrendsSchema.parse(output).trends;
  if (!calls.computable) return [`Whether use grows can't be told: ${calls.why}`];
  const { days, direction } = calls.value;
  const opening: { readonly [D in Trend['direction']]: string } = {
    rising: 'Use is growing',
    falling: 'Use is falling',
    level: 'Use is level',
    'no clear trend': 'Use shows no clear trend',
  };
  const lines = Object.entries({ calls, tokens, cost }).flatMap(([what, trend]) =>
    trend.computable ? [`${tellChange(trend.value)} for ${what}`] : [],
  );
  // A line that fits badly has a slope too; what it is worth stands beside it.
  const share = formatCell(calls.value.r2, 'share');
  const but = direction === 'no clear trend' ? `, but explains only ${share} of how calls differ by day` : '';
  return [`${opening[direction]} over ${days} whole days: a fitted line goes ${lines.join(', ')}${but}.`];
}

function tellChange({ relativeChange }: Trend): string {
  return `${relativeChange < 0 ? 'down' : 'up'} ${formatCell(Math.abs(relativeChange), 'share')}`;
}

function tellBusy(output: unknown): string[] {
  const { hourly } = patternsSchema.parse(output).usage;
  if (!hourly.computable) return [`When most calls come can't be told: ${hourly.why}`];
  const hours = hourly.value.peakHours.map((hour) => `${hour}:00`);
  if (hours.length === 0) return ['No hour of the day has many more calls than the others.'];
  return [`Most calls come in the hours from ${hours.join(', ')} (UTC).`];
}

function tellSlow(output: unknown, by: Grouping): string[] {
  const found = bottlenecksByGroupSchema.parse(output);
  const groups = { user: found.byUser, feature: found.byFeature, model: found.byModel }[by];
  if (!groups.computable)
    return [`Which ${by} is slow can't be told: ${groups.why}`, ...tellWhen('it is', found.byHour)];
  const slowest = slowestOf(groups.value);
  if (slowest === undefined) return [`Which ${by} is slow can't be told: there are too few calls of each.`];
  const [half, most] = [formatCell(slowest.p50Ms, 'ms'), formatCell(slowest.p95Ms, 'ms')];
  const what = `The slowest ${by} is ${oneLine(slowest.name)}: half of its calls take ${half} or more, one in twenty ${most} or more.`;
  const only =
    groups.value.length === 1 ? [`All calls are of this ${by}, so there is nothing to compare it with.`] : [];
  const when = by === 'feature' ? tellWhen('it is', found.slowFeature) : tellWhen('all calls are', found.byHour);
  return [what, ...only, ...when];
}

function tellWhen(what: string, finding: Finding<SlowHours>): string[] {
  if (!finding.computable) return [`When ${what} slow can't be told: ${finding.why}`];
  const { slowest, fastest, p50Ms, standsOut } = finding.value;
  const at = `${slowest.hour}:00 (UTC), with a median of ${formatCell(slowest.p50Ms, 'ms')} in ${slowest.calls} calls`;
  return standsOut
    ? [
        `By the hour of the day, ${what} slowest from ${at}, and fastest from ${fastest.hour}:00, with ${formatCell(fastest.p50Ms, 'ms')}.`,
      ]
    : [
        `No hour of the day stands out: ${what} slowest from ${at}, against ${formatCell(p50Ms, 'ms')} over the whole day.`,
      ];
}

function tellUses(output: unknown, by: Grouping): string[] {
  const { byUser, byFeature, byModel } = patternsSchema.parse(output).usage;
  const finding = { user: byUser, feature: byFeature, model: byModel }[by];
  if (!finding.computable) return [`Which ${by} uses most can't be told: ${finding.why}`];
  const [first, second] = finding.value.groups;
  if (first === undefined) return [`Which ${by} uses most can't be told: there are no calls.`];
  const amount = ({ calls, tokens }: typeof first): string =>
    tokens === null ? `${formatCell(calls, 'calls')} calls` : `${formatCell(tokens, 'tokens')} tokens`;
  const share = formatCell(first.tokenShare ?? first.callShare, 'share');
  const next = second === undefined ? '' : `; next is ${oneLine(second.name)} with ${amount(second)}`;
  return [`The ${by} that uses most is ${oneLine(first.name)}: ${amount(first)}, ${share} of all${next}.`];
}

function tellCosts(output: unknown, by: Grouping): string[] {
  const { byUser, byFeature, byModel } = costTrendsSchema.parse(output).cost;
  const finding = { user: byUser, feature: byFeature, model: byModel }[by];
  if (!finding.computable) return [`Which ${by} costs most can't be told: ${finding.why}`];
  const [first, second] = finding.value.groups;
  if (first === undefined) return [`Which ${by} costs most can't be told: no call has a cost.`];
  const next = second === undefined ? '' : `; next is ${oneLine(second.name)} with ${formatCell(second.usd, 'usd')}`;
  const cost = `${formatCell(first.usd, 'usd')}, ${formatCell(first.share, 'share')} of all`;
  return [`The ${by} that costs most is ${oneLine(first.name)}: ${cost}${next}${assuming(finding)}.`];
}

function assuming(finding: Finding<unknown>): string {
  const assumptions = finding.computable ? finding.basis.assumptions : [];
  return assumptions.length === 0 ? '' : ` (assuming ${assumptions.join('; ')})`;
}
