/** What is wrong with a file, by line and column, and the error that tells it. */
import { ValidationError } from 'cantus';
import { bounds } from '../bounds.ts';

/** One fault. `column` is the name of the column, `columnNumber` its place, both from the file; lines begin at 1. */
export type Fault = {
  readonly line: number;
  readonly column: string;
  readonly columnNumber: number;
  readonly value: string;
  readonly problem: string;
  readonly fix: string;
};

const shown = (text: string, charsMax = 60): string => (text.length > charsMax ? `${text.slice(0, charsMax)}…` : text);

/** A fault in one sentence: `line 7, column 2 "latency_ms": "12 ms" has a unit in the cell`. */
export function tellFault(fault: Fault): string {
  const value = fault.value === '' ? '' : `"${shown(fault.value)}" `;
  return `line ${fault.line}, column ${fault.columnNumber} "${shown(fault.column)}": ${value}${fault.problem}`;
}

/** Names the first fault in full and counts the others. */
export function faultError(name: string, faults: readonly Fault[], hint?: string): ValidationError {
  const [first, ...others] = faults;
  if (first === undefined) throw new RangeError('A fault error needs a fault.');
  const lines = others.slice(0, bounds.faultsNamed - 1).map((fault) => fault.line);
  const rest =
    others.length === 0
      ? ''
      : ` ${others.length} more ${others.length === 1 ? 'fault' : 'faults'} (line ${lines.join(', ')}${
          others.length > lines.length ? ', …' : ''
        }).`;
  return new ValidationError(`${name}, ${tellFault(first)}.${rest}`, {
    hint: hint === undefined ? first.fix : `${first.fix} ${hint}`,
    details: {
      line: first.line,
      column: first.column,
      columnNumber: first.columnNumber,
      value: shown(first.value),
      faults: faults.length,
    },
  });
}
