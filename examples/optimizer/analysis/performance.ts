/** Latency, throughput, token and error figures. */
import { z } from 'zod';
import { bounds } from '../bounds.ts';
import { coverage, textAt, type Dataset } from '../data/dataset.ts';
import type { NumberField, TextField } from '../data/fields.ts';
import { hourMs, hoursUnknown, minuteMs, spanAtLeast } from './calendar.ts';
import { computed, findingSchema, missingFields, notComputable, type Finding } from './finding.ts';
import { groupRows, pick, unnamedGroup } from './groups.ts';
import { summarise } from './numbers.ts';

export const summarySchema = z.object({
  count: z.number(),
  total: z.number(),
  average: z.number(),
  min: z.number(),
  p50: z.number(),
  p95: z.number(),
  p99: z.number(),
  max: z.number(),
});

export const latencySchema = summarySchema.extend({
  /** True if the 99th percentile is above `bounds.highTailMs`. */
  highTail: z.boolean(),
});
export type Latency = z.infer<typeof latencySchema>;

export const throughputSchema = z.object({
  spanMs: z.number(),
  calls: z.number(),
  callsPerMinute: z.number(),
  busiestMinuteCalls: z.number(),
  busiestMinute: z.string(),
  /** Null without token columns. */
  tokensPerMinute: z.number().nullable(),
});
export type Throughput = z.infer<typeof throughputSchema>;

export const errorsSchema = z.object({
  failed: z.number(),
  succeeded: z.number(),
  errorRate: z.number(),
  /** Texts that say neither success nor failure; those calls are not counted. */
  unclear: z.array(z.object({ status: z.string(), calls: z.number() })),
});
export type Errors = z.infer<typeof errorsSchema>;

export const performanceSchema = z.object({
  latency: findingSchema(latencySchema),
  throughput: findingSchema(throughputSchema),
  inputTokens: findingSchema(summarySchema),
  outputTokens: findingSchema(summarySchema),
  errors: findingSchema(errorsSchema),
});
export type Performance = z.infer<typeof performanceSchema>;

export function analyzePerformance(dataset: Dataset): Performance {
  return {
    latency: analyzeLatency(dataset),
    throughput: analyzeThroughput(dataset),
    inputTokens: summariseField(dataset, 'inputTokens'),
    outputTokens: summariseField(dataset, 'outputTokens'),
    errors: analyzeErrors(dataset),
  };
}

export function analyzeLatency(dataset: Dataset): Finding<Latency> {
  const finding = summariseField(dataset, 'latency');
  if (!finding.computable) return finding;
  return { ...finding, value: { ...finding.value, highTail: finding.value.p99 > bounds.highTailMs } };
}

export function summariseField(dataset: Dataset, field: NumberField): Finding<z.infer<typeof summarySchema>> {
  const missing = missingFields(dataset, [field]);
  if (missing !== undefined) return missing;
  const summary = summarise(dataset.numbers[field] ?? []);
  if (summary === undefined || summary.count < bounds.percentileValuesMin) {
    return notComputable(
      `Only ${summary?.count ?? 0} calls have a value; percentiles need ${bounds.percentileValuesMin}.`,
      'more calls',
    );
  }
  const method = 'mean and percentiles with linear interpolation';
  return computed(dataset, summary, { used: [field], rows: summary.count, method });
}

export function analyzeThroughput(dataset: Dataset): Finding<Throughput> {
  const missing = missingFields(dataset, ['time']);
  if (missing !== undefined) return missing;
  if (!dataset.timeOfDay) return notComputable('Times are dates alone.', 'times such as 2026-10-01T09:30:00Z');
  const { ok, span, told } = spanAtLeast(dataset, minuteMs);
  if (!ok) return notComputable(`Throughput needs calls over a minute; ${told}.`, 'calls over a longer time');
  const { calls, tokens, minutes } = countTimed(dataset);
  const [busiest, busiestCalls] = minutes.toSorted((a, b) => b[1] - a[1] || a[0] - b[0])[0] ?? [0, 0];
  const spanMs = span.toMs - span.fromMs;
  const hasTokens = 'inputTokens' in dataset.numbers && 'outputTokens' in dataset.numbers;
  const value = {
    spanMs,
    calls,
    callsPerMinute: calls / (spanMs / minuteMs),
    busiestMinuteCalls: busiestCalls,
    busiestMinute: new Date(busiest * minuteMs).toISOString(),
    tokensPerMinute: hasTokens ? tokens / (spanMs / minuteMs) : null,
  };
  const used = hasTokens ? (['time', 'inputTokens', 'outputTokens'] as const) : (['time'] as const);
  return computed(dataset, value, { used, rows: calls, method: 'calls divided by the time from first to last call' });
}

/** Calls with a time, their tokens, and calls by minute since 1970. */
function countTimed(dataset: Dataset): { calls: number; tokens: number; minutes: [number, number][] } {
  const { time, inputTokens, outputTokens } = dataset.numbers;
  const minutes = new Map<number, number>();
  let [calls, tokens] = [0, 0];
  for (const [row, at] of (time ?? new Float64Array()).entries()) {
    if (Number.isNaN(at)) continue;
    calls += 1;
    const minute = Math.floor(at / minuteMs);
    minutes.set(minute, (minutes.get(minute) ?? 0) + 1);
    // Token counts are whole numbers, so their sum is exact in any order.
    tokens += (inputTokens?.[row] || 0) + (outputTokens?.[row] || 0);
  }
  return { calls, tokens, minutes: [...minutes] };
}

const succeededWords = new Set(
  'ok,success,successful,succeeded,completed,complete,done,stop,true,yes,pass,passed'.split(','),
);
const failedWords = new Set(
  'error,errored,fail,failed,failure,timeout,timed_out,timed out,cancelled,canceled,aborted,rate_limited,rate_limit,false,no,exception'.split(
    ',',
  ),
);
const noError = new Set('0,false,no,none,null,nil,ok,-'.split(','));

export type Outcome = 'succeeded' | 'failed' | 'unclear';

/** What a status text says. HTTP statuses from 400 up are failures. */
export function outcomeOfStatus(status: string): Outcome {
  const word = status.toLowerCase();
  if (/^\d{3}$/u.test(word)) return Number(word) >= 400 ? 'failed' : 'succeeded';
  if (succeededWords.has(word)) return 'succeeded';
  return failedWords.has(word) ? 'failed' : 'unclear';
}

/** The outcome of each row, or undefined where the file says none. An empty error cell says that there was none. */
export function outcomes(dataset: Dataset): readonly (Outcome | undefined)[] | undefined {
  const { status, error } = dataset.texts;
  if (status !== undefined) {
    const byCode = status.values.map(outcomeOfStatus);
    return Array.from(status.codes, (code) => byCode[code]);
  }
  if (error === undefined) return undefined;
  const byCode = error.values.map((text): Outcome => (noError.has(text.toLowerCase()) ? 'succeeded' : 'failed'));
  return Array.from(error.codes, (code) => (code < 0 ? 'succeeded' : byCode[code]));
}

export function analyzeErrors(dataset: Dataset): Finding<Errors> {
  const all = outcomes(dataset);
  if (all === undefined) {
    return notComputable('The file has no status and no error column.', 'a column such as status, e.g. 200 or error');
  }
  const unclear = new Map<string, number>();
  let [failed, succeeded] = [0, 0];
  all.forEach((outcome, row) => {
    if (outcome === 'failed') failed += 1;
    if (outcome === 'succeeded') succeeded += 1;
    if (outcome !== 'unclear') return;
    const text = textAt(dataset.texts.status, row) ?? '';
    unclear.set(text, (unclear.get(text) ?? 0) + 1);
  });
  if (failed + succeeded === 0)
    return notComputable('No status says success or failure.', 'statuses such as 200 or error');
  const list = [...unclear].toSorted((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  const value = {
    failed,
    succeeded,
    errorRate: failed / (failed + succeeded),
    unclear: list.slice(0, bounds.listedMax).map(([status, calls]) => ({ status, calls })),
  };
  const used = dataset.texts.status === undefined ? (['error'] as const) : (['status'] as const);
  return computed(dataset, value, {
    used,
    rows: failed + succeeded,
    method: 'failed calls by calls with a clear outcome',
  });
}

export const bottleneckSchema = z.object({
  name: z.string(),
  calls: z.number(),
  averageMs: z.number(),
  p50Ms: z.number(),
  p95Ms: z.number(),
  p99Ms: z.number(),
  highTail: z.boolean(),
  /** Share of all time spent waiting. */
  timeShare: z.number(),
});
export const bottlenecksSchema = z.array(bottleneckSchema);
export type Bottlenecks = z.infer<typeof bottlenecksSchema>;

/** Latency by group, the group with most time spent first. */
export function latencyBy(dataset: Dataset, field: TextField): Finding<Bottlenecks> {
  const missing = missingFields(dataset, ['latency', field]);
  if (missing !== undefined) return missing;
  const column = dataset.numbers.latency ?? new Float64Array();
  const all = summarise(column);
  if (all === undefined) return notComputable('No call has a latency.', 'calls with a latency');
  const groups = (groupRows(dataset, field) ?? []).flatMap((group) => {
    const summary = summarise(pick(column, group.rows));
    return summary === undefined ? [] : [{ name: group.name, summary }];
  });
  const value = groups.map(({ name, summary }) => ({
    name,
    calls: summary.count,
    averageMs: summary.average,
    p50Ms: summary.p50,
    p95Ms: summary.p95,
    p99Ms: summary.p99,
    highTail: summary.p99 > bounds.highTailMs,
    timeShare: all.total === 0 ? 0 : summary.total / all.total,
  }));
  value.sort((a, b) => b.timeShare - a.timeShare || (a.name < b.name ? -1 : 1));
  return computed(dataset, value.slice(0, bounds.listedMax), {
    used: ['latency', field],
    rows: coverage(dataset, 'latency'),
    method: `latency by ${field}, by share of all time spent`,
  });
}

const hourLatencySchema = z.object({ hour: z.number(), calls: z.number(), p50Ms: z.number(), p95Ms: z.number() });
export const slowHoursSchema = z.object({
  p50Ms: z.number(),
  /** By hour of the day (UTC); hours with too few calls for a percentile are left out. */
  hours: z.array(hourLatencySchema),
  slowest: hourLatencySchema,
  fastest: hourLatencySchema,
  /** False if the slowest hour's median is about that of all hours. */
  standsOut: z.boolean(),
});
export type SlowHours = z.infer<typeof slowHoursSchema>;

/** Latency by hour of the day, of the calls of one feature if it is given. */
export function latencyByHour(dataset: Dataset, feature?: string): Finding<SlowHours> {
  const unknown = hoursUnknown(dataset, ['latency', 'time']);
  if (unknown !== undefined) return unknown;
  const byHour: number[][] = Array.from({ length: 24 }, () => []);
  dataset.numbers.time?.forEach((at, row) => {
    const latency = dataset.numbers.latency?.[row] ?? Number.NaN;
    if (Number.isNaN(at) || Number.isNaN(latency)) return;
    if (feature !== undefined && (textAt(dataset.texts.feature, row) ?? unnamedGroup) !== feature) return;
    byHour[Math.floor(at / hourMs) % 24]?.push(latency);
  });
  const hours = byHour.flatMap((values, hour) => {
    const summary = summarise(values);
    if (summary === undefined || summary.count < bounds.percentileValuesMin) return [];
    return [{ hour, calls: summary.count, p50Ms: summary.p50, p95Ms: summary.p95 }];
  });
  const sorted = hours.toSorted((a, b) => b.p50Ms - a.p50Ms || a.hour - b.hour);
  const [slowest, fastest, all] = [sorted[0], sorted.at(-1), summarise(byHour.flat())];
  if (slowest === undefined || fastest === undefined || all === undefined || sorted.length < 2)
    return notComputable(`Too few hours of the day have ${bounds.percentileValuesMin} calls.`, 'more calls');
  const standsOut = slowest.p50Ms >= bounds.slowHourFactor * all.p50;
  return computed(
    dataset,
    { p50Ms: all.p50, hours, slowest, fastest, standsOut },
    {
      used: feature === undefined ? ['latency', 'time'] : ['latency', 'time', 'feature'],
      rows: all.count,
      method: `median latency by hour of the day (UTC); an hour stands out from ${bounds.slowHourFactor} times the median`,
    },
  );
}

/** The group whose 95th percentile is highest, of those with calls enough for one. Undefined if none has. */
export function slowestOf(groups: Bottlenecks): Bottlenecks[number] | undefined {
  const enough = groups.filter(({ calls }) => calls >= bounds.percentileValuesMin);
  return enough.toSorted((a, b) => b.p95Ms - a.p95Ms || (a.name < b.name ? -1 : 1))[0];
}

export const slowFeatureSchema = slowHoursSchema.extend({ feature: z.string() });

/** When the slowest of the features listed is slow. */
export function slowFeatureByHour(dataset: Dataset): Finding<z.infer<typeof slowFeatureSchema>> {
  const features = latencyBy(dataset, 'feature');
  if (!features.computable) return features;
  const feature = slowestOf(features.value)?.name;
  if (feature === undefined)
    return notComputable(`No feature has ${bounds.percentileValuesMin} calls with a latency.`, 'more calls');
  const hours = latencyByHour(dataset, feature);
  return hours.computable ? { ...hours, value: { ...hours.value, feature } } : hours;
}
