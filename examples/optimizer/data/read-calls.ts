/**
 * Reads a file of language-model calls into a dataset.
 *
 * R1  Every cell of a recognised column is empty or right; anything else is a fault with its line and column.
 * R2  Faults end the reading, unless the user allowed bad rows to be skipped and they are few; then they are counted.
 * R3  Reading the same bytes with the same options gives the same dataset: no clock, no chance, no environment.
 */
import { ValidationError } from 'cantus';
import { bounds } from '../bounds.ts';
import { readNumber, readTime, type CellFault } from './cells.ts';
import { listColumns, mapColumns, type ColumnMap, type Mapping, type RecognisedColumn } from './columns.ts';
import { createDataset, type Assumption, type Assumptions, type Dataset } from './dataset.ts';
import {
  fieldNames,
  fields,
  isNumberField,
  optionName,
  type Field,
  type NumberField,
  type TextField,
} from './fields.ts';
import { faultError, type Fault } from './faults.ts';
import { detectFormat, readTable, type Format, type Row, type Table } from './table.ts';
import { decodeText } from './text.ts';

export type ReadOptions = {
  /** How the file is called in reports and errors. */
  readonly name: string;
  readonly mapping?: Mapping;
  readonly format?: Format;
  readonly assume?: Assumptions;
  /** Allows up to `bounds.badRowShareMax` of the rows to be left out. */
  readonly skipBadRows?: boolean;
  readonly generated?: boolean;
  /** The day (ms since 1970) whose prices count for calls without a time. */
  readonly pricesAtMs: number;
};

/**
 * Throws a ValidationError that names the line and column of the first fault and counts the others.
 *
 * @example
 * const dataset = readCalls(bytes, { name: 'calls.csv', pricesAtMs: Date.parse('2026-11-01') });
 */
export function readCalls(content: string | Uint8Array, options: ReadOptions): Dataset {
  const text = decodeText(content, options.name);
  const table = readTable(text, options.format ?? detectFormat(text), options.name);
  const columns = mapColumns(table.header, options.mapping ?? {}, options.name);
  if (columns.recognised.length === 0) {
    throw new ValidationError(`${options.name}: no column is recognised as a property of a language-model call.`, {
      hint:
        `Its columns are: ${listColumns(table.header)}. Map them with the option "map" (--map FIELD=COLUMN), ` +
        `where FIELD is one of: ${fieldNames.map(optionName).join(', ')}.`,
    });
  }
  const reading = new Reading(table, columns, options);
  return reading.read();
}

/** One pass over the rows of one table. */
class Reading {
  readonly #table: Table;
  readonly #columns: ColumnMap;
  readonly #options: ReadOptions;
  readonly #faults: Fault[];
  readonly #numbers: { [F in NumberField]?: number[] } = {};
  readonly #textCells: { [F in TextField]?: (string | undefined)[] } = {};
  readonly #told: Assumption[] = [];
  #zoned = true;
  #timeOfDay = false;

  constructor(table: Table, columns: ColumnMap, options: ReadOptions) {
    this.#table = table;
    this.#columns = columns;
    this.#options = options;
    this.#faults = [...table.broken];
  }

  read(): Dataset {
    let rows = 0;
    for (const row of this.#table.rows) {
      const before = this.#faults.length;
      const cells = this.#readRow(row);
      if (this.#faults.length > before) continue;
      rows += 1;
      for (const [field, value] of cells) this.#keep(field, value);
    }
    const skipped = this.#decideFaults(rows);
    this.#applyAssumedTexts(rows);
    const unusable = this.#unusable();
    const numbers: { [F in NumberField]?: Float64Array } = {};
    for (const [field, values] of Object.entries(this.#numbers) as [NumberField, number[]][]) {
      if (!unusable.some((entry) => entry.field === field)) numbers[field] = Float64Array.from(values);
    }
    return createDataset({
      name: this.#options.name,
      format: this.#table.format,
      generated: this.#options.generated ?? false,
      rows,
      numbers,
      textCells: this.#textCells,
      columns: this.#columns,
      assumptions: this.#assumptions(),
      unusable,
      timeOfDay: this.#timeOfDay,
      skipped,
      pricesAtMs: this.#options.pricesAtMs,
    });
  }

  #readRow(row: Row): (readonly [Field, number | string | undefined])[] {
    const read: (readonly [Field, number | string | undefined])[] = [];
    for (const column of this.#columns.recognised) {
      const cell = row.cells[column.index] ?? '';
      const value = this.#readCell(cell, column);
      if (typeof value === 'object') this.#fault(row, column, value);
      else read.push([column.field, value]);
    }
    const [input, cached] = ['inputTokens', 'cachedTokens'].map((name) => read.find(([field]) => field === name)?.[1]);
    if (typeof input === 'number' && typeof cached === 'number' && cached > input) {
      const column = this.#column('cachedTokens');
      if (column !== undefined) {
        this.#fault(row, column, {
          problem: `is more than the ${input} input tokens it is a part of`,
          fix: 'Count cached tokens as input tokens too.',
        });
      }
    }
    return read;
  }

  #readCell(cell: string, column: RecognisedColumn): number | string | undefined | CellFault {
    const kind = fields[column.field].kind;
    if (kind === 'text') return cell.trim() === '' ? undefined : cell.trim();
    if (kind !== 'time') {
      const read = readNumber(cell, kind, column.unit ?? this.#options.assume?.latencyUnit);
      return 'problem' in read ? read : read.value;
    }
    const time = readTime(cell);
    if ('problem' in time) return time;
    if (!Number.isNaN(time.value)) {
      this.#zoned &&= time.zoned;
      this.#timeOfDay ||= time.timeOfDay;
    }
    return time.value;
  }

  #fault(row: Row, column: RecognisedColumn, fault: CellFault): void {
    const value = row.cells[column.index] ?? '';
    this.#faults.push({ line: row.line, column: column.column, columnNumber: column.index + 1, value, ...fault });
  }

  #keep(field: Field, value: number | string | undefined): void {
    if (isNumberField(field)) (this.#numbers[field] ??= []).push(typeof value === 'number' ? value : Number.NaN);
    else (this.#textCells[field as TextField] ??= []).push(typeof value === 'string' ? value : undefined);
  }

  /** Throws, or returns the faults of the rows that are left out. */
  #decideFaults(rows: number): readonly Fault[] {
    const faults = firstOfEachLine(this.#faults);
    if (faults.length === 0) return faults;
    const share = faults.length / (rows + faults.length);
    const percent = bounds.badRowShareMax * 100;
    if (this.#options.skipBadRows !== true) {
      const few = share <= bounds.badRowShareMax;
      throw faultError(
        this.#options.name,
        this.#faults.toSorted((a, b) => a.line - b.line),
        few
          ? 'Or have bad rows left out with the option "skip-bad-rows" (--skip-bad-rows); they are then counted in the report.'
          : undefined,
      );
    }
    if (share > bounds.badRowShareMax) {
      const hint = `Only up to ${percent} % of the rows may be skipped, and ${faults.length} of ${rows + faults.length} are bad.`;
      throw faultError(this.#options.name, faults, hint);
    }
    return faults;
  }

  #applyAssumedTexts(rows: number): void {
    for (const field of ['model', 'provider'] as const) {
      const assumed = this.#options.assume?.[field];
      if (assumed === undefined) continue;
      const cells = this.#textCells[field] ?? Array.from({ length: rows }, () => undefined);
      if (!cells.includes(undefined)) continue;
      this.#textCells[field] = cells.map((cell) => cell ?? assumed);
      const which = this.#column(field) === undefined ? 'all calls' : `calls without a ${field}`;
      this.#told.push({ fields: [field], text: `${field} of ${which} is ${assumed}` });
    }
  }

  #unusable(): { field: Field; why: string }[] {
    const latency = this.#column('latency');
    if (latency === undefined || latency.unit !== undefined || this.#options.assume?.latencyUnit !== undefined)
      return [];
    return [
      {
        field: 'latency',
        why: `The name of column "${latency.column}" doesn't say its unit: name it ${latency.column}_ms or ${latency.column}_s, or give one as the option "assume" (--assume latency_unit=ms).`,
      },
    ];
  }

  #column(field: Field): RecognisedColumn | undefined {
    return this.#columns.recognised.find((entry) => entry.field === field);
  }

  #assumptions(): readonly Assumption[] {
    const told = this.#told;
    const [time, cost, latency] = [this.#column('time'), this.#column('cost'), this.#column('latency')];
    if (time !== undefined && !this.#zoned) {
      told.push({ fields: ['time'], text: `times in column "${time.column}" are UTC, as they carry no zone` });
    }
    if (cost !== undefined && !/usd/iu.test(cost.column)) {
      told.push({ fields: ['cost'], text: `amounts in column "${cost.column}" are US dollars` });
    }
    const unit = this.#options.assume?.latencyUnit;
    if (latency !== undefined && latency.unit === undefined && unit !== undefined) {
      told.push({ fields: ['latency'], text: `values in column "${latency.column}" are in ${unit}` });
    }
    return told;
  }
}

/** A row with two bad cells is one bad row. */
function firstOfEachLine(faults: readonly Fault[]): Fault[] {
  const byLine = new Map<number, Fault>();
  for (const fault of faults) if (!byLine.has(fault.line)) byLine.set(fault.line, fault);
  return [...byLine.values()].toSorted((a, b) => a.line - b.line);
}
