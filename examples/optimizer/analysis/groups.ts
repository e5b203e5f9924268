/** Rows by the text of one field. */
import type { Dataset } from '../data/dataset.ts';
import type { TextField } from '../data/fields.ts';

export type Group = { readonly name: string; readonly rows: readonly number[] };

/** The name under which rows without a text are grouped; they are shown, not hidden. */
export const unnamedGroup = '(none)';

/** Groups in order of name. Undefined without such a column. */
export function groupRows(dataset: Dataset, field: TextField): readonly Group[] | undefined {
  const column = dataset.texts[field];
  if (column === undefined) return undefined;
  const rows = new Map<number, number[]>();
  column.codes.forEach((code, row) => {
    const list = rows.get(code);
    if (list === undefined) rows.set(code, [row]);
    else list.push(row);
  });
  return [...rows]
    .toSorted(([a], [b]) => a - b)
    .map(([code, list]) => ({ name: column.values[code] ?? unnamedGroup, rows: list }));
}

/** The values of `column` in `rows`. */
export function* pick(column: Float64Array, rows: readonly number[]): Generator<number> {
  for (const row of rows) yield column[row] ?? Number.NaN;
}
