/**
 * Reads one cell. A cell that is empty has no value (NaN); one that can't be read says why, and how to write it.
 *
 * V1  Nothing is guessed: "1,234", "12 ms", "$0.10" and 03/04/2026 each mean two things somewhere, and are refused.
 * V2  A time without a zone is taken as UTC, and the dataset says so.
 */
import { bounds } from '../bounds.ts';
import type { FieldKind } from './fields.ts';
import type { LatencyUnit } from './columns.ts';

/** Why a cell can't be read, and how it would be right. */
export type CellFault = { readonly problem: string; readonly fix: string };

export type ReadNumber = { readonly value: number } | CellFault;

const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/u;

/** Reads a count of tokens, an amount of US dollars or a latency in ms. Empty is NaN. */
export function readNumber(text: string, kind: Exclude<FieldKind, 'time' | 'text'>, unit?: LatencyUnit): ReadNumber {
  const cell = text.trim();
  if (cell === '') return { value: Number.NaN };
  if (!decimal.test(cell)) return numberFault(cell);
  const value = Number(cell);
  if (!Number.isFinite(value)) return { problem: 'is too large for a number', fix: 'Check the value.' };
  if (value < 0) return { problem: 'is negative', fix: `Write 0 or more, or leave the cell empty if it isn't known.` };
  if (kind === 'tokens') return checkTokens(value);
  return { value: kind === 'latency' ? value * msPerUnit[unit ?? 'ms'] : value };
}

function checkTokens(value: number): ReadNumber {
  if (!Number.isInteger(value)) {
    return { problem: 'is not a whole number of tokens', fix: 'Write the count of tokens of one call.' };
  }
  if (value > bounds.tokensPerCallMax) {
    return {
      problem: `is more than ${bounds.tokensPerCallMax} tokens in one call`,
      fix: 'Check the column: one row must be one call.',
    };
  }
  return { value };
}

function numberFault(cell: string): CellFault {
  if (/^[+-]?\d{1,3}([,.' ]\d{3})+([.,]\d+)?$/u.test(cell) || /^[+-]?\d+,\d+$/u.test(cell)) {
    return {
      problem: 'has a comma or another separator, which may mean thousands or decimals',
      fix: 'Write plain digits with a point for decimals, such as 1234.5.',
    };
  }
  if (/^[+-]?[\d.]+\s*[a-zµ%]+$/iu.test(cell)) {
    return {
      problem: 'has a unit in the cell',
      fix: `Write the number alone and put the unit into the column's name, such as latency_ms.`,
    };
  }
  if (/^[$€£]|[$€£]$/u.test(cell)) {
    return { problem: 'has a currency sign', fix: 'Write the number alone, in US dollars.' };
  }
  return { problem: 'is not a number', fix: `Write a number, or leave the cell empty if it isn't known.` };
}

const msPerUnit: { readonly [U in LatencyUnit]: number } = { ms: 1, s: 1_000, us: 0.001, min: 60_000 };

/** A time in ms since 1970 (with fractions), whether its text named a zone, and whether it named a time of day. */
export type ReadTime = { readonly value: number; readonly zoned: boolean; readonly timeOfDay: boolean } | CellFault;

const isoTime =
  /^(\d{4})[-/](\d{2})[-/](\d{2})(?:[T ]+(\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2})?)?$/iu;

/** Reads ISO 8601 and its usual variants (a space for the T, up to nine decimals), and seconds, ms or µs since 1970. */
export function readTime(text: string): ReadTime {
  const cell = text.trim();
  if (cell === '') return { value: Number.NaN, zoned: true, timeOfDay: true };
  if (/^\d+(\.\d+)?$/u.test(cell)) return readEpoch(cell);
  const parts = isoTime.exec(cell);
  if (parts !== null) return readIso(parts);
  if (/^\d{1,2}[./-]\d{1,2}[./-]\d{2,4}/u.test(cell)) {
    return {
      problem: 'may mean two dates (day first or month first)',
      fix: 'Write times with the year first: 2026-10-31T09:30:00Z.',
    };
  }
  return { problem: 'is not a time', fix: 'Write times as 2026-10-31T09:30:00Z, or as seconds or ms since 1970.' };
}

function readEpoch(cell: string): ReadTime {
  const digits = cell.split('.')[0]?.length ?? 0;
  const scale = new Map([
    [10, 1_000],
    [13, 1],
    [16, 0.001],
  ]).get(digits);
  if (scale === undefined) {
    return {
      problem: 'is a number that is no time since 1970 in seconds (10 digits), ms (13) or µs (16)',
      fix: 'Write times as 2026-10-31T09:30:00Z.',
    };
  }
  return inYears({ value: Number(cell) * scale, zoned: true, timeOfDay: true });
}

function readIso(parts: readonly (string | undefined)[]): ReadTime {
  type Six = [year: number, month: number, day: number, hour: number, minute: number, second: number];
  // The pattern has these six groups; one that took no part counts as 0.
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map((part) => Number(part ?? 0)) as Six;
  const midnight = Date.UTC(year, month - 1, day);
  // Date.UTC takes 31 February for 3 March; a day that doesn't come back isn't real.
  const real = new Date(midnight).toISOString().startsWith(`${parts[1]}-${parts[2]}-${parts[3]}`);
  if (!real || hour > 23 || minute > 59 || second > 59) {
    return { problem: 'is a time that does not exist', fix: 'Check the month, the day and the time of day.' };
  }
  const fraction = Number(`0.${parts[7] ?? 0}`) * 1_000;
  const local = midnight + ((hour * 60 + minute) * 60 + second) * 1_000 + fraction;
  const zone = parts[8];
  const timeOfDay = parts[4] !== undefined;
  return inYears({ value: local - offsetMs(zone), zoned: zone !== undefined || !timeOfDay, timeOfDay });
}

function offsetMs(zone: string | undefined): number {
  const parts = /^([+-])(\d{2}):?(\d{2})$/u.exec(zone ?? '');
  if (parts === null) return 0;
  const minutes = Number(parts[2]) * 60 + Number(parts[3]);
  return (parts[1] === '-' ? -1 : 1) * minutes * 60_000;
}

function inYears(time: { value: number; zoned: boolean; timeOfDay: boolean }): ReadTime {
  const year = new Date(time.value).getUTCFullYear();
  if (year >= bounds.yearMin && year <= bounds.yearMax) return time;
  return {
    problem: `is in the year ${year}`,
    fix: `Times must lie between ${bounds.yearMin} and ${bounds.yearMax}; check the unit (seconds or ms).`,
  };
}
