/** Which measures move together. */
import { z } from 'zod';
import { bounds } from '../bounds.ts';
import type { Dataset } from '../data/dataset.ts';
import { fields, type NumberField } from '../data/fields.ts';
import { computed, findingSchema, notComputable, type Finding } from './finding.ts';
import { correlation, type Pair } from './numbers.ts';

export const correlationSchema = z.object({
  a: z.string(),
  b: z.string(),
  pairs: z.number(),
  /** Null if one of the two never changes, or there are too few pairs. */
  r: z.number().nullable(),
  strength: z.enum(['strong', 'significant', 'not significant', 'not defined']),
});
export const correlationsSchema = z.array(correlationSchema);
export type Correlations = z.infer<typeof correlationsSchema>;
export const correlationsFindingSchema = findingSchema(correlationsSchema);

const measures: readonly NumberField[] = ['inputTokens', 'outputTokens', 'cachedTokens', 'latency', 'cost'];

export function correlate(dataset: Dataset): Finding<Correlations> {
  const present = measures.filter((field) => dataset.numbers[field] !== undefined);
  if (present.length < 2) {
    const names = measures.map((field) => fields[field].label).join(', ');
    return notComputable(`Correlations need two measures; the file has ${present.length}.`, `two of: ${names}`);
  }
  const value = present.flatMap((a, index) => present.slice(index + 1).map((b) => correlatePair(dataset, a, b)));
  const rows = Math.max(...value.map((entry) => entry.pairs));
  const method = `Pearson's r; significant from ${bounds.correlationSignificant}, strong beyond ${bounds.correlationStrong}`;
  return computed(dataset, value, { used: present, rows, method });
}

function correlatePair(dataset: Dataset, a: NumberField, b: NumberField): Correlations[number] {
  const [xs, ys] = [dataset.numbers[a], dataset.numbers[b]];
  const pairs: Pair[] = [];
  for (let row = 0; row < dataset.rows; row++) {
    const [x, y] = [xs?.[row] ?? Number.NaN, ys?.[row] ?? Number.NaN];
    if (!Number.isNaN(x) && !Number.isNaN(y)) pairs.push([x, y]);
  }
  const r = pairs.length < bounds.correlationPairsMin ? undefined : correlation(pairs);
  return { a: fields[a].label, b: fields[b].label, pairs: pairs.length, r: r ?? null, strength: strengthOf(r) };
}

function strengthOf(r: number | undefined): Correlations[number]['strength'] {
  if (r === undefined) return 'not defined';
  if (Math.abs(r) > bounds.correlationStrong) return 'strong';
  return Math.abs(r) >= bounds.correlationSignificant ? 'significant' : 'not significant';
}
