/**
 * The calls of one file, by column.
 *
 * D1  Rows are in canonical order (by time, then by every other column), so nothing computed can depend on the
 *     order of the file.
 * D2  What is missing is missing: NaN in a number column, code -1 in a text column, no column at all. Nothing is
 *     filled in but what the user assumed, and each assumption is told with the fields it touches.
 */
import type { ColumnMap, LatencyUnit } from './columns.ts';
import { fields, numberFields, textFields, type Field, type NumberField, type TextField } from './fields.ts';
import { tellFault, type Fault } from './faults.ts';
import type { Format } from './table.ts';

/** What the user says about calls whose file doesn't. */
export type Assumptions = {
  readonly model?: string;
  readonly provider?: string;
  readonly latencyUnit?: LatencyUnit;
};

/** Texts by code: `values[codes[row]]`, sorted, so that codes don't depend on the order of rows. */
export type TextColumn = { readonly codes: Int32Array; readonly values: readonly string[] };

/** Something taken as true that the file doesn't say; named beside every figure that uses one of the fields. */
export type Assumption = { readonly fields: readonly Field[]; readonly text: string };

export type Dataset = {
  readonly name: string;
  readonly format: Format;
  /** Made up by a generator, and labelled so wherever it is shown. */
  readonly generated: boolean;
  readonly rows: number;
  readonly numbers: { readonly [F in NumberField]?: Float64Array };
  readonly texts: { readonly [F in TextField]?: TextColumn };
  /** Column name in the file by field; an assumed column has none. */
  readonly columns: ColumnMap;
  readonly assumptions: readonly Assumption[];
  /** Columns that are there but can't be used, and why. */
  readonly unusable: readonly { readonly field: Field; readonly why: string }[];
  /** False if times are dates alone. */
  readonly timeOfDay: boolean;
  readonly skipped: { readonly rows: number; readonly examples: readonly string[] };
  /** The day (ms since 1970) whose prices count for calls without a time. */
  readonly pricesAtMs: number;
};

/** First and last time of the calls, in ms since 1970; undefined without times. */
export type Span = { readonly fromMs: number; readonly toMs: number };

/** The span of time that the calls cover. */
export function spanOf(dataset: Dataset): Span | undefined {
  let [fromMs, toMs] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const at of dataset.numbers.time ?? []) {
    if (at < fromMs) fromMs = at;
    if (at > toMs) toMs = at;
  }
  return fromMs <= toMs ? { fromMs, toMs } : undefined;
}

/** How many rows have a value of `field`. */
export function coverage(dataset: Dataset, field: Field): number {
  const texts = (dataset.texts as { readonly [F in Field]?: TextColumn })[field];
  if (texts !== undefined) return texts.codes.reduce((count, code) => count + (code >= 0 ? 1 : 0), 0);
  const numbers = (dataset.numbers as { readonly [F in Field]?: Float64Array })[field];
  return numbers?.reduce((count, value) => count + (Number.isNaN(value) ? 0 : 1), 0) ?? 0;
}

/** The name of the field's column in the file, or its label if it has none there. */
export function columnName(dataset: Dataset, field: Field): string {
  return dataset.columns.recognised.find((column) => column.field === field)?.column ?? fields[field].label;
}

/** The text of one cell, or undefined. */
export function textAt(column: TextColumn | undefined, row: number): string | undefined {
  const code = column?.codes[row] ?? -1;
  return code < 0 ? undefined : column?.values[code];
}

export type DatasetParts = Omit<Dataset, 'texts' | 'numbers' | 'skipped'> & {
  readonly numbers: { readonly [F in NumberField]?: Float64Array };
  /** Undefined for an empty cell. */
  readonly textCells: { readonly [F in TextField]?: readonly (string | undefined)[] };
  readonly skipped: readonly Fault[];
};

/** Puts read columns into canonical order. */
export function createDataset(parts: DatasetParts): Dataset {
  const { textCells, skipped, ...rest } = parts;
  const texts: { [F in TextField]?: TextColumn } = {};
  for (const field of textFields) {
    const cells = textCells[field];
    if (cells !== undefined) texts[field] = encode(cells);
  }
  const order = canonicalOrder(parts.rows, parts.numbers, texts);
  const numbers: { [F in NumberField]?: Float64Array } = {};
  for (const field of numberFields) {
    const column = parts.numbers[field];
    if (column !== undefined) numbers[field] = Float64Array.from(order, (row) => column[row] ?? Number.NaN);
  }
  for (const field of textFields) {
    const column = texts[field];
    if (column === undefined) continue;
    texts[field] = { values: column.values, codes: Int32Array.from(order, (row) => column.codes[row] ?? -1) };
  }
  const lines = [...skipped].toSorted((a, b) => a.line - b.line);
  return { ...rest, numbers, texts, skipped: { rows: lines.length, examples: lines.slice(0, 5).map(tellFault) } };
}

function encode(cells: readonly (string | undefined)[]): TextColumn {
  const distinct = new Set<string>();
  for (const cell of cells) if (cell !== undefined) distinct.add(cell);
  const values = [...distinct].toSorted();
  const codeOf = new Map(values.map((value, code) => [value, code] as const));
  return { values, codes: Int32Array.from(cells, (cell) => (cell === undefined ? -1 : (codeOf.get(cell) ?? -1))) };
}

/** Missing numbers come first; a comparison with NaN would make the order depend on where it began. */
function rank(value: number | undefined): number {
  return value === undefined || Number.isNaN(value) ? -1 : value;
}

function canonicalOrder(
  rows: number,
  numbers: { readonly [F in NumberField]?: Float64Array },
  texts: { readonly [F in TextField]?: TextColumn },
): Uint32Array {
  const keys = [
    ...numberFields.map((field) => numbers[field]),
    ...textFields.map((field) => texts[field]?.codes),
  ].filter((column) => column !== undefined);
  return Uint32Array.from({ length: rows }, (_, row) => row).toSorted((a, b) => {
    for (const key of keys) {
      const difference = rank(key[a]) - rank(key[b]);
      if (difference !== 0) return difference;
    }
    return 0;
  });
}
