/** What each analysis says, and what it refuses to say and why. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import type { Dataset } from '../data/dataset.ts';
import { readCalls, type ReadOptions } from '../data/read-calls.ts';
import { sampleCsv, sampleDataset } from '../data/sample.ts';
import { findAnomaliesOf, severityOf } from './anomalies.ts';
import { callCosts } from './call-costs.ts';
import { correlate } from './correlations.ts';
import { analyzeCost } from './cost.ts';
import type { Finding, NotComputable } from './finding.ts';
import { adviseData } from './guidance.ts';
import {
  analyzeErrors,
  analyzePerformance,
  latencyBy,
  latencyByHour,
  outcomeOfStatus,
  slowFeatureByHour,
} from './performance.ts';
import { calculateSavings, compareModels, modelCapabilities, recommendModel } from './savings.ts';
import { simulate, type Scenario } from './scenarios.ts';
import { assessSufficiency, levelOf, topics } from './sufficiency.ts';
import { analyzeTrends, directionOf } from './trends.ts';
import { analyzeUsage } from './usage.ts';

const pricesAtMs = Date.UTC(2026, 10, 1);

function read(text: string, options: Partial<ReadOptions> = {}): Dataset {
  return readCalls(text, { name: 'calls.csv', pricesAtMs, ...options });
}

function valueOf<Value>(finding: Finding<Value> | undefined): Value {
  assert.ok(finding?.computable, JSON.stringify(finding));
  return finding.value;
}

function whyNot(finding: Finding<unknown> | undefined): NotComputable {
  assert.ok(finding !== undefined && !finding.computable, 'it was computed');
  assert.ok(finding.needs.length > 0, 'what is missing is said');
  return finding;
}

/** One call an hour from `days` whole days, with `cells` of each. */
function hourly(days: number, header: string, cells: (hour: number) => string): string {
  const rows = Array.from({ length: days * 24 }, (_, hour) => {
    const at = new Date(Date.UTC(2026, 9, 5) + hour * 3_600_000).toISOString();
    return `${at},${cells(hour)}`;
  });
  return [`timestamp,${header}`, ...rows].join('\n');
}

const near = (actual: number, expected: number): void =>
  assert.ok(Math.abs(actual - expected) <= 1e-9 * Math.max(1, Math.abs(expected)), `${actual} is not ${expected}`);

const azureText = readFileSync(
  new URL('../fixtures/azure-llm-inference-2023-code-excerpt.csv', import.meta.url),
  'utf8',
);

describe('the Azure excerpt, which names no model and spans minutes', () => {
  const azure = read(azureText, { name: 'azure.csv' });

  it('has token figures', () => {
    const summary = valueOf(analyzePerformance(azure).inputTokens);
    assert.equal(summary.count, 180);
    assert.equal(summary.max, 7436);
  });

  it('has no cost, and says that a model is missing and can be assumed', () => {
    const { why, needs } = whyNot(analyzeCost(azure).total);
    assert.equal(why, 'The file has no model. There is no cost column either.');
    assert.match(needs.join(), /--assume model=NAME/u);
    for (const finding of Object.values(analyzeCost(azure))) whyNot(finding);
    whyNot(calculateSavings(azure));
    whyNot(compareModels(azure));
  });

  it('has no daily pattern, weekdays, hours of the day or trend, and says for how long it runs', () => {
    const { daily, weekdays, hourly: hours, load } = analyzeUsage(azure);
    for (const finding of [daily, weekdays, hours]) assert.match(whyNot(finding).why, /the calls span \d/u);
    assert.equal(valueOf(load).bucketMs, 60_000);
    for (const finding of Object.values(analyzeTrends(azure))) whyNot(finding);
  });

  it('has a cost by an assumption, which stands beside every figure that rests on it and no other', () => {
    const assumed = read(azureText, { assume: { model: 'gpt-4o' } });
    const { total, byModel, byFeature } = analyzeCost(assumed);
    const expected = [...(azure.numbers.inputTokens ?? [])].reduce((sum, tokens) => sum + tokens * 2.5, 0);
    const output = [...(azure.numbers.outputTokens ?? [])].reduce((sum, tokens) => sum + tokens * 10, 0);
    near(valueOf(total).usd, (expected + output) / 1_000_000);
    for (const finding of [total, byModel, compareModels(assumed), calculateSavings(assumed)]) {
      assert.ok(finding.computable);
      assert.ok(finding.basis.assumptions.includes('model of all calls is gpt-4o'));
    }
    whyNot(byFeature);
    const tokens = analyzePerformance(assumed).inputTokens;
    assert.ok(tokens.computable);
    assert.deepEqual(tokens.basis.assumptions, []);
  });

  it('is partial for a question about cost, and sufficient once a model is assumed', () => {
    assert.equal(assessSufficiency(azure, ['cost']).level, 'partial');
    assert.equal(assessSufficiency(read(azureText, { assume: { model: 'gpt-4o' } }), ['cost']).level, 'sufficient');
  });
});

describe('performance', () => {
  it('computes percentiles by interpolation and calls a tail above a second high', () => {
    const text = (slow: number): string => `latency_ms\n${[100, 200, 300, 400, slow].join('\n')}`;
    const latency = valueOf(analyzePerformance(read(text(2_000))).latency);
    assert.equal(latency.p50, 300);
    near(latency.p95, 1_680);
    assert.equal(latency.average, 600);
    assert.equal(latency.highTail, true);
    assert.equal(valueOf(analyzePerformance(read(text(900))).latency).highTail, false);
  });

  it('gives no percentile of four values', () => {
    assert.match(whyNot(analyzePerformance(read('latency_ms\n1\n2\n3\n4')).latency).why, /Only 4 calls/u);
  });

  it('reads outcomes from statuses, and counts what is unclear apart', () => {
    assert.deepEqual(['200', '429', 'OK', 'failed', 'true', 'odd'].map(outcomeOfStatus), [
      'succeeded',
      'failed',
      'succeeded',
      'failed',
      'succeeded',
      'unclear',
    ]);
    const errors = valueOf(analyzeErrors(read('status\n200\n200\n500\nodd\n')));
    assert.deepEqual([errors.failed, errors.succeeded, errors.unclear], [1, 2, [{ status: 'odd', calls: 1 }]]);
    near(errors.errorRate, 1 / 3);
  });

  it('takes an empty error cell as a success', () => {
    assert.equal(valueOf(analyzeErrors(read('model,error\na,\na,rate limit\na,none\na,\n'))).failed, 1);
  });

  it('shows where time is spent, most first', () => {
    const groups = valueOf(latencyBy(read('feature,latency_ms\na,10\na,10\nb,80\n'), 'feature'));
    assert.deepEqual(
      groups.map(({ name, timeShare }) => [name, timeShare]),
      [
        ['b', 0.8],
        ['a', 0.2],
      ],
    );
  });
});

describe('cost', () => {
  const two = 'model,input_tokens,output_tokens,cached_tokens\ngpt-4o,1000000,100000,400000\ngpt-4o-mini,1000000,0,0\n';

  it('is tokens at the list price, the cached ones at theirs', () => {
    const costs = callCosts(read(two));
    assert.ok(costs.computable);
    assert.equal(costs.source, 'price list');
    near(valueOf(analyzeCost(read(two)).total).usd, 0.6 * 2.5 + 0.4 * 1.25 + 1 + 0.15);
  });

  it('is what was billed, where that is known, and the currency is named as assumed', () => {
    const total = analyzeCost(read('cost,model,input_tokens,output_tokens\n1.5,gpt-4o,10,10\n2,gpt-4o,10,10\n')).total;
    assert.equal(valueOf(total).usd, 3.5);
    assert.equal(valueOf(total).source, 'billed');
    assert.deepEqual(total.computable && total.basis.assumptions, ['amounts in column "cost" are US dollars']);
  });

  it('leaves out a model without a price, and names it', () => {
    const total = analyzeCost(read('model,input_tokens,output_tokens\ngpt-4o,1000000,0\nour-own,5,5\n')).total;
    assert.deepEqual(valueOf(total).unpriced, [{ model: 'our-own', calls: 1 }]);
    assert.deepEqual(total.computable && [total.basis.rows, total.basis.of], [1, 2]);
    near(valueOf(total).usd, 2.5);
    assert.match(
      whyNot(analyzeCost(read('model,input_tokens,output_tokens\nour-own,5,5\n')).total).why,
      /knows none of the models \(our-own\)/u,
    );
  });

  it('follows tiers of a price list call by call', () => {
    const text = 'model,input_tokens,output_tokens\ngemini-2.5-pro,200000,0\ngemini-2.5-pro,200001,0\n';
    near(valueOf(analyzeCost(read(text)).total).usd, 0.2 * 1.25 + 0.200001 * 2.5);
  });

  it('follows prices by the time of the day', () => {
    const at = (time: string): number =>
      valueOf(
        analyzeCost(read(`time,model,input_tokens,output_tokens\n2026-10-05T${time}Z,deepseek-chat,1000000,0\n`)).total,
      ).usd;
    near(at('12:00:00'), 0.27);
    near(at('20:00:00'), 0.135);
  });

  it('projects whole days only, from a week on', () => {
    const text = (days: number): string => hourly(days, 'model,input_tokens,output_tokens', () => 'gpt-4o,100000,0');
    const projection = analyzeCost(read(text(9))).projection;
    near(valueOf(projection).usdPer30Days, 24 * 0.25 * 30);
    assert.match(projection.computable ? projection.basis.assumptions.join() : '', /the next 30 days cost as much/u);
    assert.match(whyNot(analyzeCost(read(text(8))).projection).why, /7 whole days of calls; there are 6/u);
  });
});

describe('anomalies and correlations', () => {
  it('finds the value that stands out', () => {
    const values = [...Array.from({ length: 40 }, (_, index) => 100 + (index % 5)), 5_000];
    const found = valueOf(findAnomaliesOf(read(`latency_ms\n${values.join('\n')}`), 'latency'));
    assert.equal(found.byZScore, 1);
    assert.equal(found.top[0]?.value, 5_000);
    assert.equal(found.byIqr, 1);
    assert.equal(found.severity, 'critical');
  });

  it('finds none among equal values and looks for none among few', () => {
    const equal = `latency_ms\n${'7\n'.repeat(30)}`;
    assert.equal(valueOf(findAnomaliesOf(read(equal), 'latency')).severity, 'none');
    assert.match(whyNot(findAnomaliesOf(read(`latency_ms\n${'7\n'.repeat(29)}`), 'latency')).why, /Only 29/u);
  });

  it('grades severity by count and by how many are severe', () => {
    assert.deepEqual(
      [severityOf(0, 0), severityOf(5, 0), severityOf(6, 0), severityOf(6, 3), severityOf(6, 4)],
      ['none', 'low', 'medium', 'high', 'critical'],
    );
  });

  it('says strong, significant or not, and nothing where a measure never changes', () => {
    const rows = Array.from({ length: 12 }, (_, index) => `${index + 1},${2 * index},7`);
    const pairs = valueOf(correlate(read(`input_tokens,output_tokens,latency_ms\n${rows.join('\n')}`)));
    assert.deepEqual(
      pairs.map(({ r, strength }) => [r, strength]),
      [
        [1, 'strong'],
        [null, 'not defined'],
        [null, 'not defined'],
      ],
    );
    assert.match(whyNot(correlate(read('model\nm\n'))).why, /need two measures; the file has 0/u);
  });
});

describe('usage and trends', () => {
  it('counts hours of the day from the times, in UTC', () => {
    const rows = ['2026-10-05T09:00:00+02:00', '2026-10-06T07:30:00Z', '2026-10-07T23:00:00Z'];
    const { hours, peakHours } = valueOf(analyzeUsage(read(`time\n${rows.join('\n')}`)).hourly);
    assert.deepEqual(
      hours.filter((entry) => entry.calls > 0),
      [
        { hour: 7, calls: 2 },
        { hour: 23, calls: 1 },
      ],
    );
    assert.deepEqual(peakHours, [7, 23]);
  });

  it('has hours of the day only where each is seen twice, and never from dates alone', () => {
    const span = (end: string): Finding<unknown> => analyzeUsage(read(`time\n2026-10-05T00:00:00Z\n${end}\n`)).hourly;
    valueOf(span('2026-10-07T00:00:00Z'));
    assert.match(whyNot(span('2026-10-06T23:59:59Z')).why, /the calls span 47.9 hours/u);
    assert.match(whyNot(analyzeUsage(read('time\n2026-10-05\n2026-10-09\n')).hourly).why, /dates alone/u);
  });

  it('compares weekdays by how often each was seen', () => {
    const { weekdays } = valueOf(analyzeUsage(read(hourly(15, 'model', () => 'm'))).weekdays);
    const monday = weekdays.find((entry) => entry.weekday === 'Monday');
    assert.deepEqual([monday?.calls, monday?.days, monday?.callsPerDay], [72, 3, 24]);
  });

  it('fits the slope that is in the data', () => {
    const text = hourly(
      12,
      'model,input_tokens,output_tokens',
      (hour) => `gpt-4o,${1_000 * (1 + Math.floor(hour / 24))},0`,
    );
    const trend = valueOf(analyzeTrends(read(text)).tokens);
    near(trend.slopePerDay, 24_000);
    near(trend.r2, 1);
    assert.equal(trend.direction, 'rising');
    assert.equal(valueOf(analyzeTrends(read(text)).calls).direction, 'level');
    assert.deepEqual([directionOf(0.5, 0.4), directionOf(-0.5, 0.9)], ['no clear trend', 'falling']);
  });

  it('has no trend of six whole days', () => {
    assert.match(whyNot(analyzeTrends(read(hourly(8, 'model', () => 'm'))).calls).why, /7 whole days/u);
    valueOf(analyzeTrends(read(hourly(9, 'model', () => 'm'))).calls);
  });
});

describe('savings', () => {
  const text =
    'model,feature,input_tokens,output_tokens,status\n' +
    ['gpt-4o,a,1000000,0,200', 'gpt-4o,b,0,100000,500', 'gpt-4o-mini,a,1000000,0,200'].join('\n');

  it('prices a change of model for the calls it is for', () => {
    const result = valueOf(
      simulate(read(text), [{ kind: 'use_model', to: 'gpt-4o-mini', match: { model: 'gpt-4o' } }]),
    );
    near(result.currentUsd, 2.5 + 1 + 0.15);
    near(result.savedUsd, 2.35 + 0.94);
    assert.equal(result.callsChanged, 2);
    assert.match(result.caveats.join(), /quality is not/u);
  });

  it('lets changes act on one another instead of adding what overlaps', () => {
    const move: Scenario = { kind: 'use_model', to: 'gpt-4o-mini', match: { feature: 'b' } };
    const alone = valueOf(simulate(read(text), [{ kind: 'drop_failed' }])).savedUsd;
    const both = valueOf(simulate(read(text), [move, { kind: 'drop_failed' }]));
    near(alone, 1);
    near(both.savedUsd, 1);
    near(both.steps[1]?.savedUsd ?? 0, 0.06);
  });

  it('caps answers and caches input at the share that was assumed, and names it', () => {
    near(valueOf(simulate(read(text), [{ kind: 'cap_output', tokensMax: 25_000 }])).savedUsd, 0.75);
    const cached = simulate(read(text), [{ kind: 'cache_input', share: 0.5, match: { model: 'gpt-4o' } }]);
    near(valueOf(cached).savedUsd, 0.625);
    assert.ok(cached.computable && cached.basis.assumptions.includes('50 % of input tokens are cached'));
  });

  it('refuses what the data or the price list does not have', () => {
    assert.match(
      whyNot(simulate(read(text), [{ kind: 'use_model', to: 'nonesuch-9' }])).why,
      /doesn't know the model "nonesuch-9"/u,
    );
    assert.match(
      whyNot(simulate(read(text), [{ kind: 'drop_failed', match: { feature: 'z' } }])).why,
      /No call has the feature "z"/u,
    );
    assert.match(whyNot(simulate(read(text), [{ kind: 'off_peak' }])).why, /no times/u);
  });

  it('ranks what the data support and says what they cannot show', () => {
    const savings = valueOf(calculateSavings(read(text)));
    const saved = savings.opportunities.map((entry) => entry.savedUsd);
    assert.deepEqual(
      saved,
      saved.toSorted((a, b) => b - a),
    );
    for (const { title, savedUsd, currentUsd } of savings.opportunities)
      assert.ok(savedUsd > 0 && savedUsd <= currentUsd, title);
    assert.ok(savings.notComputable.some((entry) => /prompts/u.test(entry.why)));
    assert.ok(savings.notComputable.some((entry) => /batch/u.test(entry.what)));
  });

  it('prices the same tokens at other models and counts calls that would not fit', () => {
    const comparison = valueOf(compareModels(read(text), ['gpt-4o-mini', 'nonesuch-9', 'gpt-4.1']));
    assert.deepEqual(
      comparison.models.map(({ model, callsTooLong, inUse }) => [model, callsTooLong, inUse]),
      [
        ['gpt-4o-mini', 2, true],
        ['gpt-4.1', 0, false],
      ],
    );
    near(comparison.models[0]?.usd ?? 0, 0.15 + 0.06 + 0.15);
    assert.deepEqual(comparison.unknown, ['nonesuch-9']);
    assert.equal(valueOf(recommendModel(read(text), ['gpt-4o-mini'])).model, null);
    assert.equal(
      valueOf(recommendModel(read(text), ['gpt-4o-mini', 'gpt-5-nano', 'gpt-4.1-nano'])).model?.model,
      'gpt-4.1-nano',
    );
  });

  it('knows of a model what the price list knows, and that it knows nothing of quality', () => {
    const known = modelCapabilities('gpt-4o', pricesAtMs);
    assert.deepEqual(
      [known.known, known.contextWindow, known.inputUsdPerMillion, known.outputUsdPerMillion],
      [true, 128_000, 2.5, 10],
    );
    assert.ok(known.notKnown.includes('quality'));
    assert.equal(modelCapabilities('nonesuch-9', pricesAtMs).inputUsdPerMillion, null);
  });
});

describe('sufficiency and guidance', () => {
  it('is decided by completeness at 0.8 and 0.4', () => {
    assert.deepEqual(
      [0.8, 0.79, 0.4, 0.39, 0].map((score) => levelOf(score).level),
      ['sufficient', 'partial', 'partial', 'insufficient', 'insufficient'],
    );
  });

  it('counts what can be computed, and says why the rest cannot', () => {
    const sufficiency = assessSufficiency(read('model,input_tokens\na,5\n'), []);
    const all = sufficiency.available.length + sufficiency.missing.length;
    near(sufficiency.completeness, sufficiency.available.length / all);
    for (const { why, needs } of sufficiency.missing) assert.ok(why !== '' && needs.length > 0);
    assert.equal(assessSufficiency(sampleDataset(), topics).level, 'sufficient');
  });

  it('asks for the columns that the question needs first, and not for those that are there', () => {
    const { items } = adviseData(read(azureText), ['cost']);
    assert.deepEqual(
      items.filter((item) => item.needed).map((item) => item.column),
      ['cached_tokens', 'model', 'user', 'feature', 'cost_usd'],
    );
    assert.ok(!items.some((item) => item.column === 'input_tokens'));
    assert.equal(adviseData(undefined, ['performance']).items[0]?.needed, true);
  });
});

describe('the bundled sample', () => {
  it('is the same for the same seed, another for another, and labelled as generated', () => {
    assert.equal(sampleCsv(7), sampleCsv(7));
    assert.notEqual(sampleCsv(7), sampleCsv(8));
    const sample = sampleDataset();
    assert.equal(sample.name, 'sample (generated, seed 7)');
    assert.equal(sample.generated, true);
    assert.ok(sample.rows > 4_000 && sample.rows < 6_000);
  });

  it('has something for every analysis to find', () => {
    const sample = sampleDataset();
    const { byFeature } = analyzeCost(sample);
    assert.equal(valueOf(byFeature).groups[0]?.name, 'document-review');
    assert.ok(valueOf(byFeature).topShare > 0.5);
    assert.ok(valueOf(findAnomaliesOf(sample, 'inputTokens')).byZScore > 0);
    assert.ok(valueOf(analyzeUsage(sample).hourly).peakHours.length > 0);
    assert.ok(valueOf(calculateSavings(sample)).opportunities.length > 2);
  });
});

describe('latency by hour of the day', () => {
  // Six days; from 9:00 a search takes ten times as long. Every second hour is chat, which is fast.
  const text = hourly(6, 'feature,latency_ms', (hour) => {
    const of = hour % 24;
    return of % 2 === 0 ? 'chat,50' : `search,${of === 9 ? 4000 : 400}`;
  });

  it('finds the hour in which the slowest feature is slowest', () => {
    const { feature, slowest, hours, standsOut } = valueOf(slowFeatureByHour(read(text)));
    assert.deepEqual([feature, slowest.hour, slowest.calls, slowest.p50Ms], ['search', 9, 6, 4000]);
    assert.deepEqual([hours.length, standsOut], [12, true]);
    assert.equal(valueOf(latencyByHour(read(text))).fastest.p50Ms, 50);
  });

  it('lets no hour stand out where all are alike, and needs two days of times of day', () => {
    const alike = hourly(6, 'latency_ms', () => '400');
    assert.equal(valueOf(latencyByHour(read(alike))).standsOut, false);
    assert.match(whyNot(latencyByHour(read(hourly(1, 'latency_ms', () => '4')))).why, /need 48 hours/u);
  });
});

describe('who uses most', () => {
  it('goes by tokens where there are any, and by calls where there are none', () => {
    const text = hourly(1, 'user,input_tokens,output_tokens', (hour) => (hour < 4 ? 'ann,900,100' : 'bob,10,0'));
    const [first] = valueOf(analyzeUsage(read(text)).byUser).groups;
    assert.deepEqual(first, { name: 'ann', calls: 4, callShare: 4 / 24, tokens: 4000, tokenShare: 4000 / 4200 });
    const plain = valueOf(analyzeUsage(read(hourly(1, 'user', (hour) => (hour < 4 ? 'ann' : 'bob')))).byUser);
    assert.deepEqual(plain.groups[0], { name: 'bob', calls: 20, callShare: 20 / 24, tokens: null, tokenShare: null });
  });
});
