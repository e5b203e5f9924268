/** What all of the bench prints alike. */
import { cpus, loadavg } from 'node:os';

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

/** The value below which such a share of them is. */
export function shareOf(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * part) - 1] ?? Number.NaN;
}

/** A whole number with its thousands apart. */
export function rounded(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** The median with the least and the most, as percentages. */
export function ratioText(ratios: readonly number[]): string {
  return `${percent(median(ratios))} % [${percent(Math.min(...ratios))}–${percent(Math.max(...ratios))}]`;
}

function percent(value: number): string {
  return (value * 100).toFixed(1);
}

/** In a smoke run everything is too short to say anything, and what it says isn't judged. */
export const smoke = process.argv.includes('--smoke');

/** What the goal is and whether this run met it; a goal is never a test. */
export function verdict(
  value: number,
  goal: { readonly atLeast?: number | undefined; readonly atMost?: number | undefined },
): string {
  const { atLeast, atMost } = goal;
  if (atLeast !== undefined) return `>= ${Math.round(atLeast * 100)} %${judged(value >= atLeast)}`;
  if (atMost !== undefined) return `<= ${atMost.toLocaleString('en-US')}${judged(value <= atMost)}`;
  return 'none';
}

function judged(met: boolean): string {
  if (smoke) return '';
  return met ? ': met' : ': missed';
}

/** How busy the machine is, for figures from one that others use too. */
export function loads(): string {
  return `load ${loadavg()
    .map((load) => load.toFixed(1))
    .join(' ')}`;
}

export function machine(): string {
  const processors = cpus();
  const date = new Date().toISOString().slice(0, 10);
  return `${date}, Node ${process.versions.node}, ${process.platform}, ${processors.length} x ${processors[0]?.model ?? 'unknown'}, ${loads()}`;
}

export function table(title: string, [heads = [], ...rows]: readonly (readonly (string | number)[])[]): void {
  const cells = [heads, ...rows].map((row) => row.map(String));
  const widths = heads.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const tell = beginTable(title, heads.map(String), widths);
  for (const row of rows) tell(row);
}

/** A table of which each row is told as soon as there is one; a cell that is wider than its column stays whole. */
export function beginTable(
  title: string,
  heads: readonly string[],
  widths: readonly number[],
): (row: readonly (string | number)[]) => void {
  const tell = (row: readonly (string | number)[]): void => {
    const cells = row.map((cell, column) => {
      const width = widths[column] ?? 0;
      return column === 0 ? String(cell).padEnd(width) : String(cell).padStart(width);
    });
    console.log(`| ${cells.join(' | ')} |`);
  };
  console.log(`\n${title}`);
  tell(heads);
  console.log(
    `|${widths.map((width, column) => (column === 0 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`,
  );
  return tell;
}
