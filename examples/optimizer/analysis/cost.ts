/** Cost in total, by model, user, feature and day, and how concentrated it is. */
import { z } from 'zod';
import { bounds } from '../bounds.ts';
import { spanOf, type Dataset } from '../data/dataset.ts';
import type { Field, TextField } from '../data/fields.ts';
import { callCosts, type CallCosts } from './call-costs.ts';
import { dayMs, dayName, spanAtLeast } from './calendar.ts';
import { computed, findingSchema, missingFields, notComputable, type Computed, type Finding } from './finding.ts';
import { groupRows, pick } from './groups.ts';
import { summarise, total } from './numbers.ts';
import { outcomes } from './performance.ts';

export const costTotalSchema = z.object({
  usd: z.number(),
  calls: z.number(),
  usdPerCall: z.number(),
  p95UsdPerCall: z.number(),
  source: z.enum(['billed', 'price list']),
  unpriced: z.array(z.object({ model: z.string(), calls: z.number() })),
});

export const costGroupSchema = z.object({
  name: z.string(),
  calls: z.number(),
  usd: z.number(),
  share: z.number(),
  usdPerCall: z.number(),
});
export const costGroupsSchema = z.object({
  groups: z.array(costGroupSchema),
  /** Groups that are not listed, and their cost. */
  others: z.object({ groups: z.number(), usd: z.number() }),
  /** Share of the most expensive group, and of the most expensive tenth (at least one). */
  topShare: z.number(),
  topTenthShare: z.number(),
});
export type CostGroups = z.infer<typeof costGroupsSchema>;

export const costDaysSchema = z.object({
  days: z.array(z.object({ day: z.string(), calls: z.number(), usd: z.number(), whole: z.boolean() })),
  averageUsdPerWholeDay: z.number().nullable(),
});

export const projectionSchema = z.object({ usdPer30Days: z.number(), wholeDays: z.number() });
export const failedCostSchema = z.object({ usd: z.number(), share: z.number(), calls: z.number() });

export const costSchema = z.object({
  total: findingSchema(costTotalSchema),
  byModel: findingSchema(costGroupsSchema),
  byUser: findingSchema(costGroupsSchema),
  byFeature: findingSchema(costGroupsSchema),
  byDay: findingSchema(costDaysSchema),
  projection: findingSchema(projectionSchema),
  failedCalls: findingSchema(failedCostSchema),
});
export type Cost = z.infer<typeof costSchema>;

export function analyzeCost(dataset: Dataset): Cost {
  const costs = callCosts(dataset);
  if (!costs.computable) {
    const all = { total: costs, byModel: costs, byUser: costs, byFeature: costs };
    return { ...all, byDay: costs, projection: costs, failedCalls: costs };
  }
  const summary = summarise(costs.usd);
  if (summary === undefined) throw new RangeError('Computable costs cover at least one call.');
  const value = {
    usd: summary.total,
    calls: costs.covered,
    usdPerCall: summary.average,
    p95UsdPerCall: summary.p95,
    source: costs.source,
    unpriced: costs.unpriced.slice(0, bounds.listedMax),
  };
  return {
    total: costFinding(dataset, costs, value, []),
    byModel: costBy(dataset, costs, 'model'),
    byUser: costBy(dataset, costs, 'user'),
    byFeature: costBy(dataset, costs, 'feature'),
    byDay: costByDay(dataset, costs),
    projection: projectCost(dataset, costs),
    failedCalls: failedCost(dataset, costs),
  };
}

/** A value that rests on costs and on `fields` besides. */
export function costFinding<Value>(
  dataset: Dataset,
  costs: CallCosts,
  value: Value,
  also: readonly Field[],
): Computed<Value> {
  return computed(dataset, value, {
    used: [...new Set([...costs.used, ...also])],
    rows: costs.covered,
    method: costs.method,
    assumptions: costs.assumptions,
  });
}

export function costBy(dataset: Dataset, costs: CallCosts, field: TextField): Finding<CostGroups> {
  const missing = missingFields(dataset, [field]);
  if (missing !== undefined) return missing;
  const all = total(costs.usd);
  const groups = (groupRows(dataset, field) ?? []).flatMap((group) => {
    const summary = summarise(pick(costs.usd, group.rows));
    if (summary === undefined) return [];
    const share = all === 0 ? 0 : summary.total / all;
    return [{ name: group.name, calls: summary.count, usd: summary.total, share, usdPerCall: summary.average }];
  });
  groups.sort((a, b) => b.usd - a.usd || (a.name < b.name ? -1 : 1));
  const hidden = groups.slice(bounds.listedMax);
  const tenth = groups.slice(0, Math.max(1, Math.round(groups.length / 10)));
  const value = {
    groups: groups.slice(0, bounds.listedMax),
    others: { groups: hidden.length, usd: total(hidden.map((group) => group.usd)) },
    topShare: groups[0]?.share ?? 0,
    topTenthShare: total(tenth.map((group) => group.share)),
  };
  return costFinding(dataset, costs, value, [field]);
}

function costByDay(dataset: Dataset, costs: CallCosts): Finding<z.infer<typeof costDaysSchema>> {
  const missing = missingFields(dataset, ['time']);
  if (missing !== undefined) return missing;
  const span = spanAtLeast(dataset, bounds.dailySpanDaysMin * dayMs);
  if (!span.ok) {
    return notComputable(
      `Cost by day needs ${bounds.dailySpanDaysMin} days of calls; ${span.told}.`,
      `calls over at least ${bounds.dailySpanDaysMin} days`,
    );
  }
  const byDay = rowsByDay(dataset);
  const last = Math.floor(span.span.toMs / dayMs);
  const first = Math.floor(span.span.fromMs / dayMs);
  const days = [];
  for (let day = first; day <= last; day++) {
    const summary = summarise(pick(costs.usd, byDay.get(day) ?? []));
    const whole = day > first && day < last;
    days.push({ day: dayName(day * dayMs), calls: summary?.count ?? 0, usd: summary?.total ?? 0, whole });
  }
  const whole = days.filter((day) => day.whole).map((day) => day.usd);
  const value = {
    days: days.slice(-bounds.daysListedMax),
    averageUsdPerWholeDay: whole.length === 0 ? null : total(whole) / whole.length,
  };
  return costFinding(dataset, costs, value, ['time']);
}

/** Rows by day since 1970. */
export function rowsByDay(dataset: Dataset): ReadonlyMap<number, readonly number[]> {
  const days = new Map<number, number[]>();
  dataset.numbers.time?.forEach((at, row) => {
    if (Number.isNaN(at)) return;
    const day = Math.floor(at / dayMs);
    const rows = days.get(day);
    if (rows === undefined) days.set(day, [row]);
    else rows.push(row);
  });
  return days;
}

function projectCost(dataset: Dataset, costs: CallCosts): Finding<z.infer<typeof projectionSchema>> {
  const missing = missingFields(dataset, ['time']);
  if (missing !== undefined) return missing;
  const span = spanOf(dataset);
  const whole =
    span === undefined ? 0 : Math.max(0, Math.floor(span.toMs / dayMs) - Math.floor(span.fromMs / dayMs) - 1);
  if (span === undefined || whole < bounds.projectionDaysMin) {
    return notComputable(
      `A projection needs ${bounds.projectionDaysMin} whole days of calls; there are ${whole}.`,
      `calls over at least ${bounds.projectionDaysMin + 2} days`,
    );
  }
  const firstDay = Math.floor(span.fromMs / dayMs) + 1;
  const inside: number[] = [];
  for (const [day, rows] of rowsByDay(dataset)) if (day >= firstDay && day < firstDay + whole) inside.push(...rows);
  const usd = total(pick(costs.usd, inside));
  const finding = costFinding(dataset, costs, { usdPer30Days: (usd / whole) * 30, wholeDays: whole }, ['time']);
  const assumption = `the next 30 days cost as much a day as the ${whole} whole days of the data did on average`;
  return { ...finding, basis: { ...finding.basis, assumptions: [...finding.basis.assumptions, assumption] } };
}

function failedCost(dataset: Dataset, costs: CallCosts): Finding<z.infer<typeof failedCostSchema>> {
  const all = outcomes(dataset);
  if (all === undefined) {
    return notComputable('The file has no status and no error column.', 'a column such as status, e.g. 200 or error');
  }
  const failed = [...all.keys()].filter((row) => all[row] === 'failed');
  const summary = summarise(pick(costs.usd, failed));
  const [usd, sum] = [summary?.total ?? 0, total(costs.usd)];
  const value = { usd, share: sum === 0 ? 0 : usd / sum, calls: summary?.count ?? 0 };
  return costFinding(dataset, costs, value, [dataset.texts.status === undefined ? 'error' : 'status']);
}
