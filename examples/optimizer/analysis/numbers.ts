/**
 * Sums, means and percentiles that don't depend on the order of their values, on `simple-statistics`.
 *
 * N1  Values are sorted before they are added, so that equal sets of values give equal results to the last bit.
 * N2  Percentiles interpolate linearly (Hyndman and Fan's type 7, as numpy does by default).
 */
import {
  linearRegression,
  mean,
  linearRegressionLine,
  quantileSorted,
  rSquared,
  sampleCorrelation,
  sampleStandardDeviation,
  sum,
} from 'simple-statistics';

/** The values that are there, in ascending order. */
export function sortedValues(values: Iterable<number>): number[] {
  const present: number[] = [];
  for (const value of values) if (!Number.isNaN(value)) present.push(value);
  return [...Float64Array.from(present).toSorted()];
}

/** The sum (compensated for rounding) of the values that are there. */
export function total(values: Iterable<number>): number {
  return sum(sortedValues(values));
}

export type Summary = {
  readonly count: number;
  readonly total: number;
  readonly average: number;
  readonly min: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
};

/** Undefined for no values. */
export function summarise(values: Iterable<number>): Summary | undefined {
  const sorted = sortedValues(values);
  const [min, max] = [sorted[0], sorted.at(-1)];
  if (min === undefined || max === undefined) return undefined;
  const all = sum(sorted);
  return {
    count: sorted.length,
    total: all,
    average: all / sorted.length,
    min,
    p50: quantileSorted(sorted, 0.5),
    p95: quantileSorted(sorted, 0.95),
    p99: quantileSorted(sorted, 0.99),
    max,
  };
}

export type Spread = {
  readonly average: number;
  /** Of a sample: divided by n - 1. */
  readonly standardDeviation: number;
  /** The first and the third quartile. */
  readonly low: number;
  readonly high: number;
};

/** Of at least two values in ascending order. */
export function spreadOf(sorted: readonly number[]): Spread {
  const values = [...sorted];
  return {
    average: mean(values),
    standardDeviation: sampleStandardDeviation(values),
    low: quantileSorted(values, 0.25),
    high: quantileSorted(values, 0.75),
  };
}

export type Pair = readonly [number, number];

const byBoth = (a: Pair, b: Pair): number => a[0] - b[0] || a[1] - b[1];

/** Pearson's r, or undefined if one side never changes. */
export function correlation(pairs: readonly Pair[]): number | undefined {
  const sorted = pairs.toSorted(byBoth);
  const [xs, ys] = [sorted.map((pair) => pair[0]), sorted.map((pair) => pair[1])];
  if (isConstant(xs) || isConstant(ys)) return undefined;
  // Rounding can carry a perfect correlation past 1.
  return Math.min(1, Math.max(-1, sampleCorrelation(xs, ys)));
}

function isConstant(values: readonly number[]): boolean {
  return values.every((value) => value === values[0]);
}

export type Line = { readonly slope: number; readonly intercept: number; readonly r2: number };

/** Least squares. `r2` is 1 for a level line, which the regression explains entirely. */
export function fitLine(pairs: readonly Pair[]): Line {
  const points = pairs.toSorted(byBoth).map((pair) => [...pair]);
  const { m, b } = linearRegression(points);
  const level = isConstant(points.map((point) => point[1] ?? 0));
  return { slope: m, intercept: b, r2: level ? 1 : rSquared(points, linearRegressionLine({ m, b })) };
}
