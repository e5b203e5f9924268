/** Whether calls, tokens, cost and latency rise or fall over whole days. */
import { z } from 'zod';
import { bounds } from '../bounds.ts';
import { spanOf, type Dataset } from '../data/dataset.ts';
import type { Field } from '../data/fields.ts';
import { callCosts } from './call-costs.ts';
import { tellSpan, wholeDays } from './calendar.ts';
import { rowsByDay } from './cost.ts';
import { computed, findingSchema, missingFields, notComputable, type Finding, type NotComputable } from './finding.ts';
import { pick } from './groups.ts';
import { fitLine, summarise, type Pair } from './numbers.ts';

export const trendSchema = z.object({
  days: z.number(),
  averagePerDay: z.number(),
  /** Change a day, by least squares. */
  slopePerDay: z.number(),
  r2: z.number(),
  /** Change of the fitted line from the first to the last day, relative to the average. */
  relativeChange: z.number(),
  direction: z.enum(['rising', 'falling', 'level', 'no clear trend']),
});
export type Trend = z.infer<typeof trendSchema>;

export const trendsSchema = z.object({
  calls: findingSchema(trendSchema),
  tokens: findingSchema(trendSchema),
  cost: findingSchema(trendSchema),
  latency: findingSchema(trendSchema),
});
export type Trends = z.infer<typeof trendsSchema>;

export function analyzeTrends(dataset: Dataset): Trends {
  const { inputTokens, outputTokens, latency } = dataset.numbers;
  const costs = callCosts(dataset);
  const tokens = inputTokens?.map((input, row) => input + (outputTokens?.[row] ?? Number.NaN));
  return {
    calls: trendOf(dataset, { used: ['time'], perDay: (rows) => rows.length }),
    tokens: trendOf(dataset, {
      used: ['time', 'inputTokens', 'outputTokens'],
      perDay: (rows) => summarise(pick(tokens ?? new Float64Array(), rows))?.total ?? 0,
    }),
    cost: costs.computable
      ? trendOf(dataset, {
          used: [...new Set<Field>(['time', ...costs.used])],
          perDay: (rows) => summarise(pick(costs.usd, rows))?.total ?? 0,
          assumptions: costs.assumptions,
        })
      : costs,
    latency: trendOf(dataset, {
      used: ['time', 'latency'],
      // A day without calls has no latency; it isn't 0.
      perDay: (rows) => summarise(pick(latency ?? new Float64Array(), rows))?.average,
    }),
  };
}

type Series = {
  readonly used: readonly Field[];
  /** The value of a day; undefined leaves the day out. */
  perDay(rows: readonly number[]): number | undefined;
  readonly assumptions?: readonly string[];
};

function trendOf(dataset: Dataset, series: Series): Finding<Trend> {
  const missing = missingFields(
    dataset,
    series.used.filter((field) => field !== 'cost' || 'cost' in dataset.numbers),
  );
  if (missing !== undefined) return missing;
  const days = wholeDaysOf(dataset);
  if ('computable' in days) return days;
  const byDay = rowsByDay(dataset);
  const pairs = days.flatMap((day, index): Pair[] => {
    const value = series.perDay(byDay.get(day) ?? []);
    return value === undefined ? [] : [[index, value]];
  });
  if (pairs.length < bounds.trendDaysMin) {
    return notComputable(
      `A trend needs ${bounds.trendDaysMin} whole days with values; there are ${pairs.length}.`,
      `calls on at least ${bounds.trendDaysMin} whole days`,
    );
  }
  const line = fitLine(pairs);
  const average = summarise(pairs.map((pair) => pair[1]))?.average ?? 0;
  const length = (pairs.at(-1)?.[0] ?? 0) - (pairs[0]?.[0] ?? 0);
  const relativeChange = average === 0 ? 0 : (line.slope * length) / average;
  const value = {
    days: pairs.length,
    averagePerDay: average,
    slopePerDay: line.slope,
    r2: line.r2,
    relativeChange,
    direction: directionOf(relativeChange, line.r2),
  };
  const rows = days.reduce((count, day) => count + (byDay.get(day)?.length ?? 0), 0);
  const method = `least squares over whole days (UTC); clear from R² ${bounds.trendR2Min} and ${bounds.trendChangeMin * 100} % change`;
  return computed(dataset, value, { used: series.used, rows, method, assumptions: series.assumptions ?? [] });
}

function wholeDaysOf(dataset: Dataset): readonly number[] | NotComputable {
  const span = spanOf(dataset);
  const days = span === undefined ? [] : wholeDays(span);
  if (span !== undefined && days.length >= bounds.trendDaysMin) return days;
  return notComputable(
    `A trend needs ${bounds.trendDaysMin} whole days of calls; ${
      span === undefined ? 'no call has a time' : `the calls span ${tellSpan(span)}`
    }.`,
    `calls over at least ${bounds.trendDaysMin + 2} days`,
  );
}

export function directionOf(relativeChange: number, r2: number): Trend['direction'] {
  if (Math.abs(relativeChange) < bounds.trendChangeMin) return 'level';
  if (r2 < bounds.trendR2Min) return 'no clear trend';
  return relativeChange > 0 ? 'rising' : 'falling';
}
