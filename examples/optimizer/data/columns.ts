/**
 * Which column of a file means what.
 *
 * C1  A column is recognised by its name alone, never by its cells, so that the same header always means the same.
 * C2  Two columns that could be one field are an error that asks for `--map`; none is preferred silently.
 * C3  What a name doesn't say (a unit, a currency) is an assumption that is named, or the column isn't used.
 */
import { ValidationError } from 'cantus';
import { fieldNames, fields, normalName, optionName, type Field } from './fields.ts';

/** Field to column name, as the user gave it. `-` leaves the field out. */
export type Mapping = { readonly [F in Field]?: string };

export type LatencyUnit = 'ms' | 's' | 'us' | 'min';

export type RecognisedColumn = {
  readonly field: Field;
  /** The column's name in the file. */
  readonly column: string;
  readonly index: number;
  readonly how: 'given' | 'by name';
  /** Of a latency column, if its name says one. */
  readonly unit?: LatencyUnit;
};

export type ColumnMap = {
  readonly recognised: readonly RecognisedColumn[];
  /** Columns of the file that no field was found for. */
  readonly unmapped: readonly string[];
};

const latencyUnits: ReadonlyMap<string, LatencyUnit> = new Map([
  ['ms', 'ms'],
  ['msec', 'ms'],
  ['millis', 'ms'],
  ['milliseconds', 'ms'],
  ['s', 's'],
  ['sec', 's'],
  ['secs', 's'],
  ['seconds', 's'],
  ['us', 'us'],
  ['micros', 'us'],
  ['microseconds', 'us'],
  ['min', 'min'],
  ['minutes', 'min'],
]);

const fieldOfName: ReadonlyMap<string, Field> = new Map(
  fieldNames.flatMap((field) => fields[field].names.map((name) => [name, field] as const)),
);

/** Finds the field of each column. Throws a ValidationError for a wrong mapping or when two columns fit one field. */
export function mapColumns(header: readonly string[], mapping: Mapping, name: string): ColumnMap {
  const given = givenColumns(header, mapping, name);
  const taken = new Set(given.map((entry) => entry.index));
  const found: RecognisedColumn[] = [];
  header.forEach((column, index) => {
    if (taken.has(index)) return;
    const guess = recognise(column);
    if (guess !== undefined && mapping[guess.field] === undefined) {
      found.push({ ...guess, column, index, how: 'by name' });
    }
  });
  refuseAmbiguous(found, name);
  const recognised = [...given, ...found].toSorted((a, b) => a.index - b.index);
  const used = new Set(recognised.map((entry) => entry.index));
  return { recognised, unmapped: header.filter((_, index) => !used.has(index)) };
}

function recognise(column: string): { field: Field; unit?: LatencyUnit } | undefined {
  const { name, unit } = splitUnit(normalName(column));
  const field = fieldOfName.get(name);
  if (field === undefined) return undefined;
  if (unit === undefined) return { field };
  return field === 'latency' ? { field, unit } : undefined;
}

/** `duration seconds` is `duration` in `s`. A name that is known with its last word keeps it. */
function splitUnit(name: string): { name: string; unit?: LatencyUnit } {
  if (fieldOfName.has(name)) return { name };
  const space = name.lastIndexOf(' ');
  const unit = space < 0 ? undefined : latencyUnits.get(name.slice(space + 1));
  if (unit === undefined) return { name };
  return { name: name.slice(0, space).replace(/ in$/u, ''), unit };
}

function givenColumns(header: readonly string[], mapping: Mapping, name: string): RecognisedColumn[] {
  const given: RecognisedColumn[] = [];
  for (const field of fieldNames) {
    const column = mapping[field];
    if (column === undefined || column === '-') continue;
    const index = header.indexOf(column);
    if (index < 0) refuseUnknownColumn(field, column, header, name);
    const twin = given.find((entry) => entry.index === index);
    if (twin !== undefined) {
      throw new ValidationError(
        `${name}: column "${column}" is given as ${fields[field].label} and as ${fields[twin.field].label}.`,
        { hint: 'Map each column once.' },
      );
    }
    const unit = field === 'latency' ? splitUnit(normalName(column)).unit : undefined;
    given.push({ field, column, index, how: 'given', ...(unit === undefined ? {} : { unit }) });
  }
  return given;
}

function refuseUnknownColumn(field: Field, column: string, header: readonly string[], name: string): never {
  const near = header.find((known) => alike(known, column));
  throw new ValidationError(
    `${name} has no column "${column}" for ${optionName(field)}.` +
      (near === undefined ? '' : ` Did you mean "${near}"?`),
    { hint: `Its columns are: ${listColumns(header)}.` },
  );
}

function refuseAmbiguous(found: readonly RecognisedColumn[], name: string): void {
  for (const field of fieldNames) {
    const rivals = found.filter((entry) => entry.field === field);
    if (rivals.length < 2) continue;
    const names = rivals.map((entry) => `"${entry.column}"`).join(' and ');
    throw new ValidationError(`${name}: ${names} could each be the ${fields[field].label}.`, {
      hint: `Say which with the option "map" (--map ${optionName(field)}=${rivals[0]?.column ?? ''}).`,
      details: { field, columns: rivals.map((entry) => entry.column) },
    });
  }
}

/** Near enough to be meant: the same letters in another case or order of words, or all but one or two letters. */
function alike(a: string, b: string): boolean {
  const [x, y] = [normalName(a), normalName(b)].map((name) => Array.from(name.replaceAll(' ', '')).toSorted().join(''));
  if (x === undefined || y === undefined || x === '' || y === '') return false;
  let [i, j, misses] = [0, 0, 0];
  while (i < x.length && j < y.length) {
    if (x[i] === y[j]) [i, j] = [i + 1, j + 1];
    else {
      misses += 1;
      if ((x[i] ?? '') < (y[j] ?? '')) i += 1;
      else j += 1;
    }
  }
  return misses + (x.length - i) + (y.length - j) <= 2;
}

/** The columns of a file for a message: all of a usual file, the first of a very wide one. */
export function listColumns(header: readonly string[]): string {
  const shown = header.slice(0, 20).map((column) => (column.length > 40 ? `${column.slice(0, 40)}…` : column));
  return header.length > 20 ? `${shown.join(', ')} and ${header.length - 20} more` : shown.join(', ');
}

/**
 * Reads `--map field=column` pairs. Throws a ValidationError that names the known fields.
 *
 * @example
 * parseMapping(['input_tokens=prompt_len']); // { inputTokens: 'prompt_len' }
 */
export function parseMapping(pairs: readonly string[]): Mapping {
  const mapping: { [F in Field]?: string } = {};
  for (const pair of pairs) {
    const equals = pair.indexOf('=');
    const wanted = normalName(equals < 0 ? pair : pair.slice(0, equals));
    const column = equals < 0 ? '' : pair.slice(equals + 1).trim();
    const field = fieldNames.find((known) => normalName(known) === wanted) ?? fieldOfName.get(wanted);
    if (field === undefined || column === '') {
      const known = fieldNames.map(optionName).join(', ');
      throw new ValidationError(
        column === ''
          ? `The option "map" has "${pair}", which names no column.`
          : `The option "map" has "${pair}", but there is no field "${wanted}".`,
        { hint: `Write FIELD=COLUMN (--map FIELD=COLUMN), where FIELD is one of: ${known}.` },
      );
    }
    mapping[field] = column;
  }
  return mapping;
}
