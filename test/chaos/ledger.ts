/**
 * The world outside of Cantus: a file that tools and steps write a line to, whatever process they are in.
 *
 * CW1  A line is one write to a file that is open for appending, so a killed process leaves a whole line or none, and
 *      what was written counts though its process be gone.
 */
import { closeSync, openSync, readFileSync, readSync, statSync, writeSync } from 'node:fs';

/** What was reached for: when (ms since 1970), how, by which run, and what. */
export type LedgerLine = readonly [at: number, how: string, run: string, id: string];

/** Bytes at the end of the file in which a run that is open now has written. */
const recentBytes = 2_000_000;

export class Ledger {
  readonly #file: number;
  readonly #tries = new Map<string, number>();

  /** Opens it for one process, which takes over from those before it. */
  constructor(path: string) {
    this.#file = openSync(path, 'a');
    for (const [, , run, id] of linesOf(tailOf(path))) this.#count(run, id);
  }

  /** Writes a line. Returns how often this was reached for, this time included. */
  write(line: LedgerLine): number {
    writeSync(this.#file, `${JSON.stringify(line)}\n`);
    return this.#count(line[2], line[3]);
  }

  #count(run: string, id: string): number {
    const tries = (this.#tries.get(`${run} ${id}`) ?? 0) + 1;
    this.#tries.set(`${run} ${id}`, tries);
    return tries;
  }
}

function tailOf(path: string): string {
  const { size } = statSync(path);
  const from = Math.max(0, size - recentBytes);
  const bytes = Buffer.alloc(size - from);
  const file = openSync(path, 'r');
  try {
    const length = readSync(file, bytes, 0, bytes.length, from);
    const text = bytes.toString('utf8', 0, length);
    return from === 0 ? text : text.slice(text.indexOf('\n') + 1);
  } finally {
    closeSync(file);
  }
}

function linesOf(text: string): readonly LedgerLine[] {
  return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as LedgerLine]));
}

/** All of it, after the end. */
export function readLedger(path: string): readonly LedgerLine[] {
  return linesOf(readFileSync(path, 'utf8'));
}

/** What happened once, as somebody sees it who looks into the ledger while others write to it. */
export class LedgerLook {
  readonly #path: string;
  readonly #once = new Set<string>();
  #at = 0;

  constructor(path: string) {
    this.#path = path;
  }

  happened(run: string, id: string): boolean {
    this.#readOn();
    return this.#once.has(`${run} ${id}`);
  }

  #readOn(): void {
    const { size } = statSync(this.#path);
    const bytes = Buffer.alloc(size - this.#at);
    const file = openSync(this.#path, 'r');
    readSync(file, bytes, 0, bytes.length, this.#at);
    closeSync(file);
    const whole = bytes.lastIndexOf(10) + 1;
    this.#at += whole;
    for (const [, how, run, id] of linesOf(bytes.toString('utf8', 0, whole)))
      if (how === 'once') this.#once.add(`${run} ${id}`);
  }
}
