import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { computeApart, readApart } from './apart.ts';
import { bounds } from './bounds.ts';
import { readCalls } from './data/read-calls.ts';
import { sampleCsv } from './data/sample.ts';
import { computations } from './tools/computations.ts';

const options = { name: 'calls.csv', pricesAtMs: Date.UTC(2026, 10, 1) };

/** The sample's calls again and again. */
function largeCsv(rows: number): string {
  const [head = '', ...calls] = sampleCsv().trim().split('\n');
  return [head, ...Array.from({ length: rows }, (_, at) => calls[at % calls.length] ?? '')].join('\n');
}

const csv = largeCsv(bounds.apartFromRows + 5_000);

/** Turns of the event loop that others had meanwhile. */
async function turnsDuring<T>(work: Promise<T>): Promise<{ readonly output: T; readonly turns: number }> {
  const meanwhile = { turns: 0, isOver: false };
  const over = work.finally(() => (meanwhile.isOver = true));
  while (!meanwhile.isOver) {
    await nextTurn();
    meanwhile.turns += 1;
  }
  return { output: await over, turns: meanwhile.turns };
}

describe('large data', () => {
  it('are read while others go on, to the same dataset', async () => {
    assert.ok(csv.length > bounds.apartFromBytes);
    const { output, turns } = await turnsDuring(readApart(csv, options));
    assert.ok(turns > 10, `${turns} turns`);
    assert.deepEqual(output, readCalls(csv, options));
  });

  it('are computed while others go on, to the same figures (AP2)', async () => {
    const dataset = readCalls(csv, options);
    for (const name of ['calculate_cost_savings', 'assess_data'] as const) {
      const input = { topics: ['cost'] } as const;
      const { output, turns } = await turnsDuring(computeApart(name, dataset, input));
      assert.ok(turns > 10, `${name}: ${turns} turns`);
      const here = name === 'assess_data' ? computations[name](dataset, input) : computations[name](dataset);
      assert.deepEqual(output, here);
    }
  });

  it('are refused with what is told of small ones (AP2)', async () => {
    const broken = `${csv}\nno time,chat,1`;
    const told = (thrown: unknown) => {
      const { code, message, hint, details } = thrown as Record<string, unknown>;
      return { code, message, hint, details };
    };
    const here = await Promise.resolve()
      .then(() => readCalls(broken, options))
      .catch(told);
    const apart = await readApart(broken, options).catch(told);
    assert.deepEqual(apart, here);
    assert.match(JSON.stringify(apart), /line 15002/u);
  });
});

describe('small data', () => {
  it('are read and computed on the spot (AP1)', async () => {
    const { output, turns } = await turnsDuring(
      readApart(
        sampleCsv()
          .slice(0, 10_000)
          .replace(/\n[^\n]*$/u, ''),
        options,
      ),
    );
    assert.ok(turns < 5, `${turns} turns`);
    assert.ok((await turnsDuring(computeApart('analyze_performance', output, {}))).turns < 5);
  });
});
