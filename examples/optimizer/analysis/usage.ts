/** When calls come: hours of the day, weekdays, days, and the load over the span itself. All in UTC. */
import { z } from 'zod';
import { bounds } from '../bounds.ts';
import { spanOf, type Dataset, type Span } from '../data/dataset.ts';
import type { TextField } from '../data/fields.ts';
import { dayMs, dayName, hourMs, minuteMs, hoursUnknown, spanAtLeast, tellSpan } from './calendar.ts';
import { computed, findingSchema, missingFields, notComputable, type Finding } from './finding.ts';
import { groupRows, pick } from './groups.ts';
import { summarise, total } from './numbers.ts';

export const hourlySchema = z.object({
  hours: z.array(z.object({ hour: z.number(), calls: z.number() })),
  peakHours: z.array(z.number()),
  /** Calls in the busiest hour of the day by those in the average one. */
  peakToAverage: z.number(),
});
export const weekdaysSchema = z.object({
  weekdays: z.array(z.object({ weekday: z.string(), calls: z.number(), days: z.number(), callsPerDay: z.number() })),
});
export const dailySchema = z.object({
  days: z.array(z.object({ day: z.string(), calls: z.number() })),
  busiestDay: z.string(),
  quietestDay: z.string(),
});
export const loadSchema = z.object({
  bucketMs: z.number(),
  buckets: z.number(),
  averageCalls: z.number(),
  p95Calls: z.number(),
  maxCalls: z.number(),
  busiest: z.string(),
});

export const usageGroupsSchema = z.object({
  /** By tokens where the file has them, else by calls; most first. Tokens and their share are null without them. */
  groups: z.array(
    z.object({
      name: z.string(),
      calls: z.number(),
      callShare: z.number(),
      tokens: z.number().nullable(),
      tokenShare: z.number().nullable(),
    }),
  ),
  groupCount: z.number(),
});
export type UsageGroups = z.infer<typeof usageGroupsSchema>;

export const usageSchema = z.object({
  load: findingSchema(loadSchema),
  hourly: findingSchema(hourlySchema),
  weekdays: findingSchema(weekdaysSchema),
  daily: findingSchema(dailySchema),
  byUser: findingSchema(usageGroupsSchema),
  byFeature: findingSchema(usageGroupsSchema),
  byModel: findingSchema(usageGroupsSchema),
});
export type Usage = z.infer<typeof usageSchema>;

export function analyzeUsage(dataset: Dataset): Usage {
  return {
    load: analyzeLoad(dataset),
    hourly: analyzeHours(dataset),
    weekdays: analyzeWeekdays(dataset),
    daily: analyzeDays(dataset),
    byUser: usageBy(dataset, 'user'),
    byFeature: usageBy(dataset, 'feature'),
    byModel: usageBy(dataset, 'model'),
  };
}

/** Who or what uses most: calls and tokens by group. */
export function usageBy(dataset: Dataset, field: TextField): Finding<UsageGroups> {
  const missing = missingFields(dataset, [field]);
  if (missing !== undefined) return missing;
  const { inputTokens, outputTokens } = dataset.numbers;
  const tokens =
    inputTokens === undefined || outputTokens === undefined
      ? undefined
      : inputTokens.map((input, row) => (input || 0) + (outputTokens[row] || 0));
  const all = tokens === undefined ? 0 : total(tokens);
  const groups = (groupRows(dataset, field) ?? []).map(({ name, rows }) => {
    const used = tokens === undefined ? null : total(pick(tokens, rows));
    const tokenShare = used === null ? null : all === 0 ? 0 : used / all;
    return { name, calls: rows.length, callShare: rows.length / dataset.rows, tokens: used, tokenShare };
  });
  groups.sort((a, b) => (b.tokens ?? b.calls) - (a.tokens ?? a.calls) || (a.name < b.name ? -1 : 1));
  const used = tokens === undefined ? [field] : ([field, 'inputTokens', 'outputTokens'] as const);
  const value = { groups: groups.slice(0, bounds.listedMax), groupCount: groups.length };
  return computed(dataset, value, { used, rows: dataset.rows, method: `calls and tokens by ${field}` });
}

/** The times of the calls that have one. */
function times(dataset: Dataset): number[] {
  return [...(dataset.numbers.time ?? [])].filter((at) => !Number.isNaN(at));
}

function countBy(dataset: Dataset, bucketOf: (at: number) => number): Map<number, number> {
  const counts = new Map<number, number>();
  for (const at of times(dataset)) {
    const bucket = bucketOf(at);
    counts.set(bucket, (counts.get(bucket) ?? 0) + 1);
  }
  return counts;
}

export function analyzeLoad(dataset: Dataset): Finding<z.infer<typeof loadSchema>> {
  const missing = missingFields(dataset, ['time']);
  if (missing !== undefined) return missing;
  const span = spanOf(dataset);
  if (!dataset.timeOfDay || span === undefined || span.toMs - span.fromMs < 2 * minuteMs) {
    return notComputable(
      'Load over time needs times of day over at least two minutes.',
      'times such as 2026-10-01T09:30:00Z',
    );
  }
  const bucketMs = bucketFor(span);
  const counts = countBy(dataset, (at) => Math.floor(at / bucketMs));
  const [first, last] = [Math.floor(span.fromMs / bucketMs), Math.floor(span.toMs / bucketMs)];
  const calls = Array.from({ length: last - first + 1 }, (_, index) => counts.get(first + index) ?? 0);
  const summary = summarise(calls);
  if (summary === undefined) return notComputable('No call has a time.', 'calls with times');
  const busiest = first + calls.indexOf(summary.max);
  const value = {
    bucketMs,
    buckets: calls.length,
    averageCalls: summary.average,
    p95Calls: summary.p95,
    maxCalls: summary.max,
    busiest: new Date(busiest * bucketMs).toISOString(),
  };
  const unit = bucketMs === minuteMs ? 'minute' : bucketMs === hourMs ? 'hour' : 'day';
  return computed(dataset, value, { used: ['time'], rows: times(dataset).length, method: `calls by ${unit}` });
}

/** Minutes for up to six hours, hours for up to 60 days, days beyond. */
function bucketFor(span: Span): number {
  const ms = span.toMs - span.fromMs;
  if (ms <= 6 * hourMs) return minuteMs;
  return ms <= 60 * dayMs ? hourMs : dayMs;
}

export function analyzeHours(dataset: Dataset): Finding<z.infer<typeof hourlySchema>> {
  const unknown = hoursUnknown(dataset, ['time']);
  if (unknown !== undefined) return unknown;
  const counts = countBy(dataset, (at) => Math.floor(at / hourMs) % 24);
  const hours = Array.from({ length: 24 }, (_, hour) => ({ hour, calls: counts.get(hour) ?? 0 }));
  const calls = times(dataset).length;
  const average = calls / 24;
  const value = {
    hours,
    peakHours: hours.filter((entry) => entry.calls >= bounds.peakFactor * average).map((entry) => entry.hour),
    peakToAverage: Math.max(...hours.map((entry) => entry.calls)) / average,
  };
  const method = `calls by hour of the day (UTC); a peak has ${bounds.peakFactor} times the average`;
  return computed(dataset, value, { used: ['time'], rows: calls, method });
}

const weekdayNames = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

export function analyzeWeekdays(dataset: Dataset): Finding<z.infer<typeof weekdaysSchema>> {
  const missing = missingFields(dataset, ['time']);
  if (missing !== undefined) return missing;
  const span = spanAtLeast(dataset, bounds.weekdaySpanDaysMin * dayMs);
  if (!span.ok) {
    return notComputable(
      `Weekdays need ${bounds.weekdaySpanDaysMin} days of calls, so that each is seen twice; ${span.told}.`,
      `calls over at least ${bounds.weekdaySpanDaysMin} days`,
    );
  }
  const calls = countBy(dataset, (at) => weekdayOf(Math.floor(at / dayMs)));
  const days = new Map<number, number>();
  for (let day = Math.floor(span.span.fromMs / dayMs); day <= Math.floor(span.span.toMs / dayMs); day++) {
    days.set(weekdayOf(day), (days.get(weekdayOf(day)) ?? 0) + 1);
  }
  const weekdays = weekdayNames.map((weekday, index) => {
    const [count, seen] = [calls.get(index) ?? 0, days.get(index) ?? 0];
    return { weekday, calls: count, days: seen, callsPerDay: seen === 0 ? 0 : count / seen };
  });
  return computed(
    dataset,
    { weekdays },
    { used: ['time'], rows: times(dataset).length, method: 'calls by weekday (UTC)' },
  );
}

/** 1 January 1970 was a Thursday. */
function weekdayOf(day: number): number {
  return (day + 4) % 7;
}

export function analyzeDays(dataset: Dataset): Finding<z.infer<typeof dailySchema>> {
  const missing = missingFields(dataset, ['time']);
  if (missing !== undefined) return missing;
  const span = spanAtLeast(dataset, bounds.dailySpanDaysMin * dayMs);
  if (!span.ok) {
    return notComputable(
      `Daily patterns need ${bounds.dailySpanDaysMin} days of calls; ${span.told}.`,
      `calls over at least ${bounds.dailySpanDaysMin} days`,
    );
  }
  const counts = countBy(dataset, (at) => Math.floor(at / dayMs));
  const days = [];
  for (let day = Math.floor(span.span.fromMs / dayMs); day <= Math.floor(span.span.toMs / dayMs); day++) {
    days.push({ day: dayName(day * dayMs), calls: counts.get(day) ?? 0 });
  }
  const byCalls = [...days].toSorted((a, b) => b.calls - a.calls || (a.day < b.day ? -1 : 1));
  const value = {
    days: days.slice(-bounds.daysListedMax),
    busiestDay: byCalls[0]?.day ?? '',
    quietestDay: byCalls.at(-1)?.day ?? '',
  };
  const method = `calls by day (UTC) over ${tellSpan(span.span)}`;
  return computed(dataset, value, { used: ['time'], rows: times(dataset).length, method });
}
