/** Calls whose latency, tokens or cost stand out. */
import { z } from 'zod';
import { bounds } from '../bounds.ts';
import { textAt, type Dataset } from '../data/dataset.ts';
import type { Field, NumberField } from '../data/fields.ts';
import { callCosts } from './call-costs.ts';
import { computed, findingSchema, missingFields, notComputable, type Finding } from './finding.ts';
import { sortedValues, spreadOf } from './numbers.ts';

export const anomalySchema = z.object({
  value: z.number(),
  z: z.number(),
  at: z.string().nullable(),
  model: z.string().nullable(),
  feature: z.string().nullable(),
  user: z.string().nullable(),
});

export const anomaliesSchema = z.object({
  metric: z.string(),
  values: z.number(),
  average: z.number(),
  standardDeviation: z.number(),
  /** Values with |z| > 3, and those with |z| > 6 among them. */
  byZScore: z.number(),
  severe: z.number(),
  /** Values outside Tukey's fences, which extremes can't widen as they widen a standard deviation. */
  byIqr: z.number(),
  fences: z.object({ low: z.number(), high: z.number() }),
  severity: z.enum(['none', 'low', 'medium', 'high', 'critical']),
  /** The most extreme ones. */
  top: z.array(anomalySchema),
});
export type Anomalies = z.infer<typeof anomaliesSchema>;

export const anomalyReportSchema = z.record(z.string(), findingSchema(anomaliesSchema));
export type AnomalyReport = z.infer<typeof anomalyReportSchema>;

const metrics = ['latency', 'inputTokens', 'outputTokens', 'cost'] as const;

export function findAnomalies(dataset: Dataset): AnomalyReport {
  return Object.fromEntries(metrics.map((metric) => [metric, findAnomaliesOf(dataset, metric)]));
}

export function findAnomaliesOf(dataset: Dataset, metric: NumberField): Finding<Anomalies> {
  if (metric === 'cost') {
    const costs = callCosts(dataset);
    if (!costs.computable) return costs;
    return detect(dataset, { metric, values: costs.usd, used: costs.used, assumptions: costs.assumptions });
  }
  const missing = missingFields(dataset, [metric]);
  if (missing !== undefined) return missing;
  const values = dataset.numbers[metric] ?? new Float64Array();
  return detect(dataset, { metric, values, used: [metric], assumptions: [] });
}

type Metric = {
  readonly metric: string;
  readonly values: Float64Array;
  readonly used: readonly Field[];
  readonly assumptions: readonly string[];
};

function detect(dataset: Dataset, { metric, values, used, assumptions }: Metric): Finding<Anomalies> {
  const sorted = sortedValues(values);
  if (sorted.length < bounds.anomalyValuesMin) {
    return notComputable(
      `Only ${sorted.length} calls have a value; anomalies need ${bounds.anomalyValuesMin}.`,
      `at least ${bounds.anomalyValuesMin} calls with a value`,
    );
  }
  const { average, standardDeviation, low, high } = spreadOf(sorted);
  const zOf = (value: number): number => (standardDeviation === 0 ? 0 : (value - average) / standardDeviation);
  const reach = bounds.anomalyIqr * (high - low);
  const fences = { low: low - reach, high: high + reach };
  const found = [...values.keys()].filter((row) => Math.abs(zOf(values[row] ?? Number.NaN)) > bounds.anomalyZ);
  const severe = found.filter((row) => Math.abs(zOf(values[row] ?? 0)) > bounds.severeZ).length;
  const top = found
    .map((row) => describe(dataset, row, { value: values[row] ?? 0, z: zOf(values[row] ?? 0) }))
    .toSorted((a, b) => Math.abs(b.z) - Math.abs(a.z) || (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  const value = {
    metric,
    values: sorted.length,
    average,
    standardDeviation,
    byZScore: found.length,
    severe,
    byIqr: sorted.filter((entry) => entry < fences.low || entry > fences.high).length,
    fences,
    severity: severityOf(found.length, severe),
    top: top.slice(0, bounds.listedMax),
  };
  const method = `|z| > ${bounds.anomalyZ} (severe > ${bounds.severeZ}) and ${bounds.anomalyIqr} interquartile ranges`;
  return computed(dataset, value, { used, rows: sorted.length, method, assumptions });
}

/** None, low up to 5, medium above; high if any is severe, critical if more than half are. */
export function severityOf(found: number, severe: number): Anomalies['severity'] {
  if (found === 0) return 'none';
  if (severe / found > bounds.criticalSevereShare) return 'critical';
  if (severe > 0) return 'high';
  return found > bounds.mediumAnomalies ? 'medium' : 'low';
}

function describe(dataset: Dataset, row: number, facts: { value: number; z: number }): z.infer<typeof anomalySchema> {
  const at = dataset.numbers.time?.[row] ?? Number.NaN;
  return {
    ...facts,
    at: Number.isNaN(at) ? null : new Date(at).toISOString(),
    model: textAt(dataset.texts.model, row) ?? null,
    feature: textAt(dataset.texts.feature, row) ?? null,
    user: textAt(dataset.texts.user, row) ?? null,
  };
}
