/**
 * What the figures should be, worked out a second time in plain code: naive loops, no library, nothing of ours.
 * Slow and simple on purpose; the property tests compare the tools with it.
 */

export type ReferenceCall = {
  readonly timeMs: number;
  readonly model: string;
  readonly user: string;
  readonly feature: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly latencyMs: number;
  readonly status: string;
};

/** US dollars for a million tokens, as the providers publish them (looked up by hand, November 2026). */
const published: { readonly [model: string]: readonly [input: number, output: number] } = {
  'gpt-4o': [2.5, 10],
  'gpt-4o-mini': [0.15, 0.6],
  'claude-haiku-4-5': [1, 5],
};

export const referenceModels: readonly string[] = Object.keys(published);

/** Every figure by name. A figure that can't be computed is left out. */
export function referenceFigures(calls: readonly ReferenceCall[]): Map<string, number> {
  const figures = new Map<string, number>();
  const costs = calls.map(referenceCost);
  figures.set('cost', add(costs));
  for (const key of ['model', 'user', 'feature'] as const) {
    for (const name of new Set(calls.map((call) => call[key]))) {
      figures.set(`cost.${key}.${name}`, add(costs.filter((_, index) => calls[index]?.[key] === name)));
    }
  }
  figures.set('cost.failed', add(costs.filter((_, index) => calls[index]?.status === '500')));
  figures.set('errorRate', calls.filter((call) => call.status === '500').length / calls.length);
  for (const key of ['latencyMs', 'inputTokens', 'outputTokens'] as const) {
    const values = calls.map((call) => call[key]);
    figures.set(`${key}.average`, add(values) / values.length);
    for (const p of [0.5, 0.95, 0.99]) figures.set(`${key}.p${p * 100}`, percentile(values, p));
    figures.set(`${key}.anomalies`, beyondThree(values));
  }
  setCorrelations(figures, calls);
  setDays(figures, calls, costs);
  for (let hour = 0; hour < 24; hour++) {
    figures.set(`hour.${hour}`, calls.filter((call) => new Date(call.timeMs).getUTCHours() === hour).length);
  }
  return figures;
}

function setCorrelations(figures: Map<string, number>, calls: readonly ReferenceCall[]): void {
  const measures = ['inputTokens', 'outputTokens', 'latencyMs'] as const;
  for (const a of measures) {
    for (const b of measures) {
      if (measures.indexOf(a) >= measures.indexOf(b)) continue;
      const r = pearson(
        calls.map((call) => call[a]),
        calls.map((call) => call[b]),
      );
      if (r !== undefined) figures.set(`r.${a}.${b}`, r);
    }
  }
}

/** Slopes over the days between the first and the last, which are cut off. */
function setDays(figures: Map<string, number>, calls: readonly ReferenceCall[], costs: readonly number[]): void {
  const days = calls.map((call) => Math.floor(call.timeMs / (24 * 60 * 60 * 1000)));
  const [first, last] = [Math.min(...days), Math.max(...days)];
  const perDayCalls: number[] = [];
  const perDayCost: number[] = [];
  for (let day = first + 1; day < last; day++) {
    perDayCalls.push(days.filter((other) => other === day).length);
    perDayCost.push(add(costs.filter((_, index) => days[index] === day)));
  }
  if (perDayCalls.length < 7) return;
  figures.set('slope.calls', slope(perDayCalls));
  figures.set('slope.cost', slope(perDayCost));
}

export function referenceCost(call: ReferenceCall): number {
  const [input, output] = published[call.model] ?? [0, 0];
  return (call.inputTokens * input + call.outputTokens * output) / 1_000_000;
}

function add(values: readonly number[]): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}

function percentile(values: readonly number[], p: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const place = p * (sorted.length - 1);
  const [below, above] = [sorted[Math.floor(place)] ?? 0, sorted[Math.ceil(place)] ?? 0];
  return below + (above - below) * (place - Math.floor(place));
}

function beyondThree(values: readonly number[]): number {
  const average = add(values) / values.length;
  const variance = add(values.map((value) => (value - average) ** 2)) / (values.length - 1);
  const deviation = Math.sqrt(variance);
  return deviation === 0 ? 0 : values.filter((value) => Math.abs(value - average) / deviation > 3).length;
}

function pearson(xs: readonly number[], ys: readonly number[]): number | undefined {
  const [meanX, meanY] = [add(xs) / xs.length, add(ys) / ys.length];
  let [xy, xx, yy] = [0, 0, 0];
  for (const [index, x] of xs.entries()) {
    const [dx, dy] = [x - meanX, (ys[index] ?? 0) - meanY];
    xy += dx * dy;
    xx += dx * dx;
    yy += dy * dy;
  }
  return xx === 0 || yy === 0 ? undefined : xy / Math.sqrt(xx * yy);
}

function slope(values: readonly number[]): number {
  const n = values.length;
  let [sumX, sumY, sumXY, sumXX] = [0, 0, 0, 0];
  for (const [x, y] of values.entries()) {
    sumX += x;
    sumY += y;
    sumXY += x * y;
    sumXX += x * x;
  }
  return (n * sumXY - sumX * sumY) / (n * sumXX - sumX * sumX);
}
