/**
 * Reads CSV or JSON Lines into rows of text cells, each with the line it begins at.
 * What the cells mean is not known here.
 */
import { CsvError, parse } from 'csv-parse/sync';
import { ValidationError } from 'cantus';
import { bounds } from '../bounds.ts';
import { listColumns } from './columns.ts';
import { faultError, type Fault } from './faults.ts';

export type Format = 'csv' | 'jsonl';

export type Row = { readonly line: number; readonly cells: readonly string[] };

export type Table = {
  readonly format: Format;
  readonly header: readonly string[];
  readonly rows: readonly Row[];
  /** Rows that have no cells to read: too few or too many columns, or a line that is no JSON object. */
  readonly broken: readonly Fault[];
};

/** CSV unless the text begins with a brace, as each line of JSON Lines does. */
export function detectFormat(text: string): Format {
  return text.trimStart().startsWith('{') ? 'jsonl' : 'csv';
}

/** Throws a ValidationError for a fault of the whole file; faults of rows are returned. */
export function readTable(text: string, format: Format, name: string): Table {
  if (text.trimStart().startsWith('[{')) {
    throw new ValidationError(`${name} is one JSON array, not JSON Lines.`, {
      hint: `Write one object a line, such as with: jq -c '.[]' FILE > calls.jsonl`,
    });
  }
  const table = format === 'csv' ? readCsv(text, name) : readJsonLines(text, name);
  if (table.rows.length === 0 && table.broken.length === 0) {
    throw new ValidationError(`${name} has a header but no rows.`, {
      hint: 'Give at least one call below the header.',
    });
  }
  return table;
}

function readCsv(text: string, name: string): Table {
  const delimiter = detectDelimiter(text);
  const records = parseCsv(text, delimiter, name);
  const header = records[0]?.cells.map((cell) => cell.trim()) ?? [];
  checkHeader(header, records[0]?.line ?? 1, name);
  const rows: Row[] = [];
  const broken: Fault[] = [];
  for (const record of records.slice(1)) {
    if (record.cells.length === header.length) rows.push(record);
    else broken.push(raggedFault(record, header));
  }
  return { format: 'csv', header, rows, broken };
}

function parseCsv(text: string, delimiter: string, name: string): Row[] {
  const records: Row[] = [];
  let lastLine = 0;
  try {
    parse(text, {
      delimiter,
      relax_column_count: true,
      skip_empty_lines: true,
      max_record_size: bounds.recordBytesMax,
      on_record: (cells: string[], { lines }) => {
        // The parser counts the line a record ends at; quoted line breaks lie between that and its beginning.
        const breaks = cells.reduce((count, cell) => count + (cell.split('\n').length - 1), 0);
        records.push({ line: lines - breaks, cells });
        lastLine = lines;
        if (records.length > bounds.rowsMax + 1) refuseRows(name);
        return null;
      },
    });
  } catch (thrown) {
    if (!(thrown instanceof CsvError)) throw thrown;
    throw csvFault(thrown, records[0]?.cells, lastLine + 1, name);
  }
  return records;
}

function csvFault(error: CsvError, header: readonly string[] | undefined, begin: number, name: string): Error {
  const place = error as { readonly lines?: unknown; readonly column?: unknown };
  const column = typeof place.column === 'number' ? place.column : 0;
  const open = error.code === 'CSV_QUOTE_NOT_CLOSED' || error.code === 'CSV_MAX_RECORD_SIZE';
  const fault = {
    // An unclosed quote is noticed at the end of the file; the record it is in began after the last good one.
    line: open || typeof place.lines !== 'number' ? begin : place.lines,
    column: header?.[column] ?? '',
    columnNumber: column + 1,
    value: '',
  };
  if (open) {
    return faultError(name, [
      { ...fault, problem: 'a quote is opened and never closed', fix: 'Close it, or write "" for a quote in a cell.' },
    ]);
  }
  const problem = 'a quote stands where none may be';
  return faultError(name, [
    { ...fault, problem, fix: 'Put the whole cell into quotes and write "" for a quote in it.' },
  ]);
}

/** The delimiter that the header has most of, outside quotes. */
function detectDelimiter(text: string): string {
  const end = text.search(/[\r\n]/u);
  const header = (end < 0 ? text : text.slice(0, end)).replaceAll(/"(?:[^"]|"")*"/gu, '');
  const counted = [',', ';', '\t', '|'].map((sign) => ({ sign, count: header.split(sign).length - 1 }));
  return counted.reduce((best, next) => (next.count > best.count ? next : best)).sign;
}

function checkHeader(header: readonly string[], line: number, name: string): void {
  if (header.length > bounds.columnsMax) {
    throw new ValidationError(`${name} has ${header.length} columns; at most ${bounds.columnsMax} are read.`, {
      hint: 'Give a table with one row a call and only the columns that matter.',
    });
  }
  if (header.some((cell) => /^[+-]?\d[\d.,:TZ +-]*$/u.test(cell))) {
    throw new ValidationError(`${name}, line ${line}: there is no header; the first line looks like data.`, {
      hint: 'Put the names of the columns into the first line, such as: timestamp,model,input_tokens,output_tokens',
      details: { line },
    });
  }
  const twin = header.findIndex((cell, index) => cell !== '' && header.indexOf(cell) < index);
  if (twin >= 0) {
    const cell = header[twin] ?? '';
    throw new ValidationError(
      `${name}, line ${line}: columns ${header.indexOf(cell) + 1} and ${twin + 1} are both named "${cell}".`,
      { hint: 'Give each column its own name.', details: { line, column: cell } },
    );
  }
}

function raggedFault(record: Row, header: readonly string[]): Fault {
  const [has, needs] = [record.cells.length, header.length];
  const at = Math.min(has, needs - 1);
  return {
    line: record.line,
    column: header[at] ?? '',
    columnNumber: at + 1,
    value: '',
    problem: `the row has ${has} ${has === 1 ? 'cell' : 'cells'}, the header ${needs}`,
    fix: has > needs ? 'Put a cell that holds the delimiter into quotes.' : 'Write every cell, empty ones too.',
  };
}

function refuseRows(name: string): never {
  throw new ValidationError(`${name} has more than ${bounds.rowsMax} rows; no more are read at once.`, {
    hint: 'Give a shorter period, or a sample of the calls.',
    details: { rowsMax: bounds.rowsMax },
  });
}

function readJsonLines(text: string, name: string): Table {
  const places = new Map<string, number>();
  const objects: { line: number; members: Map<string, string> }[] = [];
  const broken: Fault[] = [];
  text.split('\n').forEach((source, index) => {
    if (source.trim() === '') return;
    const line = index + 1;
    if (objects.length >= bounds.rowsMax) refuseRows(name);
    const read = readJsonLine(source, line);
    if ('problem' in read) broken.push(read);
    else {
      for (const key of read.keys()) if (!places.has(key)) places.set(key, places.size);
      objects.push({ line, members: read });
    }
    if (places.size > bounds.columnsMax) {
      throw new ValidationError(`${name}, line ${line}: there are more than ${bounds.columnsMax} different members.`, {
        hint: `The first are: ${listColumns([...places.keys()])}. Write one object a call with a fixed set of members.`,
      });
    }
  });
  const header = [...places.keys()];
  const rows = objects.map(({ line, members }) => ({ line, cells: header.map((key) => members.get(key) ?? '') }));
  return { format: 'jsonl', header, rows, broken };
}

function readJsonLine(source: string, line: number): Map<string, string> | Fault {
  const fault = { line, column: 'the line', columnNumber: 1, value: '' };
  if (source.length > bounds.recordBytesMax) {
    const problem = `has more than ${bounds.recordBytesMax} characters`;
    return { ...fault, problem, fix: 'Leave prompts and answers out.' };
  }
  let value: unknown;
  try {
    value = JSON.parse(source);
  } catch (thrown) {
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    const position = firstBadCharacter(source.trimEnd());
    const problem = `is not JSON: ${message.replace(/ in JSON at position.*$/su, '').replace(/\s+/gu, ' ')}`;
    return { ...fault, columnNumber: position + 1, problem, fix: 'Write one whole JSON object a line.' };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { ...fault, problem: 'is not an object', fix: 'Write one JSON object a line: {"model": "…", …}' };
  }
  const members = new Map<string, string>();
  flatten(value, '', members, 1);
  return members;
}

/** By halving, because not every message of JSON.parse says a position: is a prefix only unfinished, or wrong? */
function firstBadCharacter(source: string): number {
  let [good, bad] = [0, source.length + 1];
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (isUnfinishedJson(source.slice(0, middle))) good = middle;
    else bad = middle;
  }
  return good;
}

function isUnfinishedJson(prefix: string): boolean {
  try {
    JSON.parse(prefix);
    return true;
  } catch (thrown) {
    const message = thrown instanceof Error ? thrown.message : '';
    const position = /position (\d+)/u.exec(message)?.[1];
    return /^Unexpected end|^Unterminated/u.test(message) || Number(position ?? -1) >= prefix.length;
  }
}

/** `{ usage: { input_tokens: 5 } }` becomes the cell "5" under `usage.input_tokens`. Lists are kept as their text. */
function flatten(value: object, prefix: string, into: Map<string, string>, depth: number): void {
  for (const [key, member] of Object.entries(value) as [string, unknown][]) {
    const name = prefix === '' ? key : `${prefix}.${key}`;
    const nested = typeof member === 'object' && member !== null && !Array.isArray(member);
    if (nested && depth < bounds.nestingMax) flatten(member, name, into, depth + 1);
    else into.set(name, cellOf(member));
  }
}

function cellOf(member: unknown): string {
  if (member === null || member === undefined) return '';
  if (typeof member === 'string') return member;
  return JSON.stringify(member);
}
