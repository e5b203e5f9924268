/**
 * What an analysis returns: a value with its basis, or why there is none.
 *
 * F1  A value never comes without the rows, columns, assumptions and method it rests on.
 * F2  What can't be computed is told with what would be needed; there is no default value.
 */
import { z } from 'zod';
import { columnName, type Dataset } from '../data/dataset.ts';
import { fields, optionName, type Field } from '../data/fields.ts';

export const basisSchema = z.object({
  /** Rows that the value was computed from, of all rows of the dataset. */
  rows: z.number(),
  of: z.number(),
  columns: z.array(z.string()),
  assumptions: z.array(z.string()),
  method: z.string(),
});
export type Basis = z.infer<typeof basisSchema>;

export const notComputableSchema = z.object({
  computable: z.literal(false),
  why: z.string(),
  needs: z.array(z.string()),
});
export type NotComputable = z.infer<typeof notComputableSchema>;

export type Computed<Value> = { computable: true; value: Value; basis: Basis };
export type Finding<Value> = Computed<Value> | NotComputable;

/** The schema of a finding whose value has the schema `value`. */
export function findingSchema<Value extends z.ZodType>(
  value: Value,
): z.ZodDiscriminatedUnion<
  [z.ZodObject<{ computable: z.ZodLiteral<true>; value: Value; basis: typeof basisSchema }>, typeof notComputableSchema]
> {
  return z.discriminatedUnion('computable', [
    z.object({ computable: z.literal(true), value, basis: basisSchema }),
    notComputableSchema,
  ]);
}

export type BasisFacts = {
  readonly used: readonly Field[];
  readonly rows: number;
  readonly method: string;
  readonly assumptions?: readonly string[];
};

export function computed<Value>(dataset: Dataset, value: Value, facts: BasisFacts): Computed<Value> {
  return { computable: true, value, basis: basisOf(dataset, facts) };
}

export function basisOf(dataset: Dataset, facts: BasisFacts): Basis {
  const told = dataset.assumptions.filter((entry) => entry.fields.some((field) => facts.used.includes(field)));
  const inFile = facts.used.filter((field) => dataset.columns.recognised.some((column) => column.field === field));
  return {
    rows: facts.rows,
    of: dataset.rows,
    columns: inFile.map((field) => columnName(dataset, field)),
    assumptions: [...new Set([...told.map((entry) => entry.text), ...(facts.assumptions ?? [])])],
    method: facts.method,
  };
}

export function notComputable(why: string, ...needs: string[]): NotComputable {
  return { computable: false, why, needs };
}

/** For an analysis whose columns aren't there: names them, and says what to add. */
export function missingFields(dataset: Dataset, needed: readonly Field[]): NotComputable | undefined {
  const missing = needed.filter((field) => !isPresent(dataset, field));
  if (missing.length === 0) return undefined;
  const unusable = missing.flatMap((field) =>
    dataset.unusable.filter((entry) => entry.field === field).map((entry) => entry.why),
  );
  const labels = missing.map((field) => fields[field].label).join(' and no ');
  return notComputable(
    unusable.length > 0 ? unusable.join(' ') : `The file has no ${labels}.`,
    ...missing.map((field) => `a column such as ${optionName(field)}, e.g. ${fields[field].example}`),
  );
}

/** True if the field has a column, or an assumption in its place. */
export function isPresent(dataset: Dataset, field: Field): boolean {
  return field in dataset.numbers || field in dataset.texts;
}
