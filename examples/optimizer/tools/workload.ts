/** What a dataset holds, for the first section of a report. */
import { z } from 'zod';
import { coverage, spanOf, type Dataset } from '../data/dataset.ts';
import { fieldNames, fields } from '../data/fields.ts';
import { tellSpan } from '../analysis/calendar.ts';
import { isPresent } from '../analysis/finding.ts';
import { bounds } from '../bounds.ts';

export const workloadSchema = z.object({
  name: z.string(),
  generated: z.boolean(),
  format: z.enum(['csv', 'jsonl']),
  rows: z.number(),
  span: z.object({ from: z.string(), to: z.string(), told: z.string() }).nullable(),
  columns: z.array(
    z.object({ field: z.string(), column: z.string(), how: z.enum(['given', 'by name']), rowsWithValue: z.number() }),
  ),
  unmapped: z.array(z.string()),
  /** Fields that no column was found for. */
  absent: z.array(z.string()),
  unusable: z.array(z.object({ field: z.string(), why: z.string() })),
  assumptions: z.array(z.string()),
  skipped: z.object({ rows: z.number(), examples: z.array(z.string()) }),
});
export type Workload = z.infer<typeof workloadSchema>;

const iso = (ms: number): string => new Date(ms).toISOString();

export function describeData(dataset: Dataset): Workload {
  const span = spanOf(dataset);
  return {
    name: dataset.name,
    generated: dataset.generated,
    format: dataset.format,
    rows: dataset.rows,
    span: span === undefined ? null : { from: iso(span.fromMs), to: iso(span.toMs), told: tellSpan(span) },
    columns: dataset.columns.recognised.map(({ field, column, how }) => ({
      field: fields[field].label,
      column,
      how,
      rowsWithValue: coverage(dataset, field),
    })),
    unmapped: dataset.columns.unmapped.slice(0, bounds.columnsMax),
    absent: fieldNames.filter((field) => !isPresent(dataset, field)).map((field) => fields[field].label),
    unusable: dataset.unusable.map(({ field, why }) => ({ field: fields[field].label, why })),
    assumptions: dataset.assumptions.map((assumption) => assumption.text),
    skipped: { rows: dataset.skipped.rows, examples: [...dataset.skipped.examples] },
  };
}
