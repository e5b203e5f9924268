/** What must hold for any data: the order of rows means nothing, and figures agree with a second, naive computation. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { readCalls } from '../data/read-calls.ts';
import type { Dataset } from '../data/dataset.ts';
import { referenceFigures, referenceModels, type ReferenceCall } from '../reference.fixture.ts';
import { findAnomalies } from './anomalies.ts';
import { correlate } from './correlations.ts';
import { analyzeCost } from './cost.ts';
import type { Finding } from './finding.ts';
import { analyzePerformance, latencyBy } from './performance.ts';
import { calculateSavings, compareModels } from './savings.ts';
import { assessSufficiency } from './sufficiency.ts';
import { analyzeTrends } from './trends.ts';
import { analyzeUsage } from './usage.ts';

const startMs = Date.UTC(2026, 9, 5, 6);
const headers = {
  timeMs: 'timestamp',
  model: 'model',
  user: 'user_id',
  feature: 'feature',
  inputTokens: 'input_tokens',
  outputTokens: 'output_tokens',
  latencyMs: 'latency_ms',
  status: 'status',
} as const;
type Column = keyof typeof headers;
const columns = Object.keys(headers) as Column[];

const anyCall: fc.Arbitrary<ReferenceCall> = fc.record({
  timeMs: fc.integer({ min: 0, max: 10 * 86_400_000 }).map((ms) => startMs + ms),
  model: fc.constantFrom(...referenceModels),
  user: fc.constantFrom('ann', 'bob', 'cho'),
  feature: fc.constantFrom('chat', 'search', 'review'),
  inputTokens: fc.integer({ min: 0, max: 20_000 }),
  outputTokens: fc.integer({ min: 0, max: 4_000 }),
  latencyMs: fc.integer({ min: 1, max: 60_000 }).map((tenths) => tenths / 10),
  status: fc.constantFrom('200', '200', '200', '500'),
});
/** The first and the last call are fixed, so that there are whole days between them. */
const anyCalls = fc.array(anyCall, { minLength: 30, maxLength: 80 }).map((calls) => {
  const [first, second, ...rest] = calls as [ReferenceCall, ReferenceCall, ...ReferenceCall[]];
  return [{ ...first, timeMs: startMs }, { ...second, timeMs: startMs + 10 * 86_400_000 }, ...rest];
});

function datasetOf(calls: readonly ReferenceCall[]): Dataset {
  const rows = calls.map((call) =>
    columns.map((column) => (column === 'timeMs' ? new Date(call.timeMs).toISOString() : call[column])).join(','),
  );
  const text = [columns.map((column) => headers[column]).join(','), ...rows].join('\n');
  return readCalls(text, { name: 'calls.csv', pricesAtMs: startMs });
}

function everything(dataset: Dataset): unknown {
  return {
    performance: analyzePerformance(dataset),
    bottlenecks: latencyBy(dataset, 'feature'),
    anomalies: findAnomalies(dataset),
    correlations: correlate(dataset),
    usage: analyzeUsage(dataset),
    trends: analyzeTrends(dataset),
    cost: analyzeCost(dataset),
    savings: calculateSavings(dataset),
    comparison: compareModels(dataset),
    sufficiency: assessSufficiency(dataset, []),
  };
}

function valueOf<Value>(finding: Finding<Value> | undefined): Value {
  assert.ok(finding?.computable, JSON.stringify(finding));
  return finding.value;
}

/** The figures of the tools under the names of the reference. */
function ourFigures(dataset: Dataset): Map<string, number> {
  const figures = new Map<string, number>();
  const cost = analyzeCost(dataset);
  figures.set('cost', valueOf(cost.total).usd);
  for (const [key, finding] of [
    ['model', cost.byModel],
    ['user', cost.byUser],
    ['feature', cost.byFeature],
  ] as const) {
    for (const group of valueOf(finding).groups) figures.set(`cost.${key}.${group.name}`, group.usd);
  }
  figures.set('cost.failed', valueOf(cost.failedCalls).usd);
  const performance = analyzePerformance(dataset);
  figures.set('errorRate', valueOf(performance.errors).errorRate);
  const anomalies = findAnomalies(dataset);
  for (const [key, field] of [
    ['latencyMs', 'latency'],
    ['inputTokens', 'inputTokens'],
    ['outputTokens', 'outputTokens'],
  ] as const) {
    const summary = valueOf(performance[field]);
    figures.set(`${key}.average`, summary.average);
    figures.set(`${key}.p50`, summary.p50);
    figures.set(`${key}.p95`, summary.p95);
    figures.set(`${key}.p99`, summary.p99);
    figures.set(`${key}.anomalies`, valueOf(anomalies[field]).byZScore);
  }
  const names = new Map([
    ['input tokens', 'inputTokens'],
    ['output tokens', 'outputTokens'],
    ['latency', 'latencyMs'],
  ]);
  for (const { a, b, r } of valueOf(correlate(dataset)))
    if (r !== null) figures.set(`r.${names.get(a)}.${names.get(b)}`, r);
  const trends = analyzeTrends(dataset);
  figures.set('slope.calls', valueOf(trends.calls).slopePerDay);
  figures.set('slope.cost', valueOf(trends.cost).slopePerDay);
  for (const { hour, calls } of valueOf(analyzeUsage(dataset).hourly).hours) figures.set(`hour.${hour}`, calls);
  return figures;
}

/** Two ways of adding the same numbers may differ in their last bits. */
function equal(a: number | undefined, b: number | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a), Math.abs(b));
}

function assertSame(ours: ReadonlyMap<string, number>, theirs: ReadonlyMap<string, number>): void {
  assert.deepEqual([...ours.keys()].toSorted(), [...theirs.keys()].toSorted());
  for (const [name, value] of ours)
    assert.ok(equal(value, theirs.get(name)), `${name}: ${value}, not ${theirs.get(name)}`);
}

function changed(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): string[] {
  const names = new Set([...before.keys(), ...after.keys()]);
  return [...names].filter((name) => !equal(before.get(name), after.get(name))).toSorted();
}

/** A permutation of the first `length` whole numbers. */
function permutation(length: number): fc.Arbitrary<number[]> {
  const all = Array.from({ length }, (_, index) => index);
  return fc.shuffledSubarray(all, { minLength: length, maxLength: length });
}

describe('the analyses, for any calls', () => {
  it('give exactly equal results whatever the order of the rows', () => {
    const shuffled = anyCalls.chain((calls) => permutation(calls.length).map((order) => ({ calls, order })));
    fc.assert(
      fc.property(shuffled, ({ calls, order }) => {
        const other = order.flatMap((index) => calls.slice(index, index + 1));
        assert.deepEqual(everything(datasetOf(other)), everything(datasetOf(calls)));
      }),
      { numRuns: 25 },
    );
  });

  it('agree with a reference that shares no code with them', () => {
    fc.assert(
      fc.property(anyCalls, (calls) => assertSame(ourFigures(datasetOf(calls)), referenceFigures(calls))),
      { numRuns: 60 },
    );
  });

  it('change exactly where the reference changes when one column is shuffled', () => {
    const shuffled = anyCalls.chain((calls) =>
      fc.record({ calls: fc.constant(calls), order: permutation(calls.length), column: fc.constantFrom(...columns) }),
    );
    fc.assert(
      fc.property(shuffled, ({ calls, order, column }) => {
        const other: ReferenceCall[] = calls.map((call, index) => {
          const from = calls[order[index] ?? 0] ?? call;
          return { ...call, [column]: from[column] };
        });
        const [before, after] = [ourFigures(datasetOf(calls)), ourFigures(datasetOf(other))];
        const [expectedBefore, expectedAfter] = [referenceFigures(calls), referenceFigures(other)];
        assertSame(after, expectedAfter);
        assert.deepEqual(changed(before, after), changed(expectedBefore, expectedAfter));
      }),
      { numRuns: 80 },
    );
  });

  it('leave every figure that has no time in it alone, to the last bit, when the times are shuffled', () => {
    const shuffled = anyCalls.chain((calls) => permutation(calls.length).map((order) => ({ calls, order })));
    const timeless = (dataset: Dataset): unknown => {
      const { total, byModel, byUser, byFeature, failedCalls } = analyzeCost(dataset);
      const { latency, inputTokens, outputTokens, errors } = analyzePerformance(dataset);
      const tokens = { latency, inputTokens, outputTokens, errors, correlations: correlate(dataset) };
      return { total, byModel, byUser, byFeature, failedCalls, ...tokens, comparison: compareModels(dataset) };
    };
    fc.assert(
      fc.property(shuffled, ({ calls, order }) => {
        const other = calls.map((call, index) => ({ ...call, timeMs: calls[order[index] ?? 0]?.timeMs ?? 0 }));
        assert.deepEqual(timeless(datasetOf(other)), timeless(datasetOf(calls)));
      }),
      { numRuns: 25 },
    );
  });

  it('scale cost by what tokens are scaled by', () => {
    fc.assert(
      fc.property(anyCalls, fc.integer({ min: 2, max: 9 }), (calls, k) => {
        const scaled = calls.map((call) => ({
          ...call,
          inputTokens: call.inputTokens * k,
          outputTokens: call.outputTokens * k,
        }));
        const [before, after] = [analyzeCost(datasetOf(calls)), analyzeCost(datasetOf(scaled))];
        assert.ok(equal(valueOf(after.total).usd, k * valueOf(before.total).usd));
        for (const group of valueOf(before.byModel).groups) {
          const same = valueOf(after.byModel).groups.find((other) => other.name === group.name);
          assert.ok(equal(same?.usd, k * group.usd), group.name);
          assert.ok(equal(same?.share, group.share), group.name);
        }
      }),
      { numRuns: 40 },
    );
  });
});
