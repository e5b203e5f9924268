/**
 * What the same calls would have cost otherwise. Tokens stay as they were, but where a scenario says so.
 *
 * S1  Both sides of a comparison are list prices, so that a discount on the bill doesn't pass for a saving.
 * S2  Scenarios of one simulation act on one another, in order: savings are not added that overlap.
 * S3  Quality isn't measured by any figure here, and every result says so.
 */
import { z } from 'zod';
import { bounds } from '../bounds.ts';
import { textAt, type Dataset } from '../data/dataset.ts';
import type { Field } from '../data/fields.ts';
import { callCosts, createPriceBook, type CallCosts, type PriceBook } from './call-costs.ts';
import { costFinding } from './cost.ts';
import { findingSchema, isPresent, notComputable, type Finding, type NotComputable } from './finding.ts';
import { summarise, total } from './numbers.ts';
import { outcomes } from './performance.ts';
import { cheapestTimeOfDay, findPrice, type CallTokens, type ListPrice } from './prices.ts';

/** Which calls a scenario changes: all that match every member given. */
const matchSchema = z.object({
  model: z.string().optional(),
  feature: z.string().optional(),
  user: z.string().optional(),
});

export const scenarioSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('use_model').describe('Answer the matching calls with another model.'),
    to: z.string().min(1),
    provider: z.string().optional(),
    match: matchSchema.optional(),
  }),
  z.object({
    kind: z.literal('cap_output').describe('Stop the matching answers at a number of tokens.'),
    tokensMax: z.number().int().positive(),
    match: matchSchema.optional(),
  }),
  z.object({
    kind: z.literal('cache_input').describe('Bill a share of the matching input tokens at the cached price.'),
    share: z.number().min(0).max(1).describe('An assumption of whoever asks: it is named beside the result.'),
    match: matchSchema.optional(),
  }),
  z.object({
    kind: z.literal('drop_failed').describe('Avoid the calls that failed.'),
    match: matchSchema.optional(),
  }),
  z.object({
    kind: z.literal('off_peak').describe('Make the matching calls at the cheapest time of their day.'),
    match: matchSchema.optional(),
  }),
]);
export type Scenario = z.infer<typeof scenarioSchema>;

export const simulationSchema = z.object({
  currentUsd: z.number(),
  simulatedUsd: z.number(),
  savedUsd: z.number(),
  savedShare: z.number(),
  callsChanged: z.number(),
  steps: z.array(z.object({ scenario: z.string(), savedUsd: z.number(), callsChanged: z.number() })),
  caveats: z.array(z.string()),
});
export type Simulation = z.infer<typeof simulationSchema>;
export const simulationFindingSchema = findingSchema(simulationSchema);

/** One call under simulation. */
type Call = { readonly row: number; price: ListPrice | undefined; tokens: CallTokens; atMs: number; dropped: boolean };

/** What a prepared scenario does to one call: true if it changed it. */
type Change = (call: Call) => boolean;

export function simulate(dataset: Dataset, scenarios: readonly Scenario[]): Finding<Simulation> {
  const costs = callCosts(dataset, 'list');
  if (!costs.computable) return costs;
  const used = new Set<Field>();
  const changes: Change[] = [];
  for (const scenario of scenarios) {
    const change = prepare(dataset, scenario, used);
    if (typeof change !== 'function') return change;
    changes.push(change);
  }
  const calls = startingCalls(dataset, costs);
  const current = total(costs.usd);
  const steps: { scenario: string; savedUsd: number; callsChanged: number }[] = [];
  const touched = new Set<number>();
  changes.forEach((change, index) => {
    const saved: number[] = [];
    for (const call of calls) {
      const usd = usdOf(call);
      if (call.dropped || !change(call)) continue;
      touched.add(call.row);
      saved.push(usd - usdOf(call));
    }
    const scenario = scenarios[index];
    const told = scenario === undefined ? '' : tellScenario(scenario);
    steps.push({ scenario: told, savedUsd: total(saved), callsChanged: saved.length });
  });
  const saved = total(steps.map((step) => step.savedUsd));
  const value = {
    currentUsd: current,
    simulatedUsd: current - saved,
    savedUsd: saved,
    savedShare: current === 0 ? 0 : saved / current,
    callsChanged: touched.size,
    steps,
    caveats: [...new Set(scenarios.map((scenario) => caveats[scenario.kind]))],
  };
  const finding = costFinding(dataset, costs, value, [...used]);
  const assumptions = [...finding.basis.assumptions, ...scenarios.flatMap(assumptionsOf)];
  return { ...finding, basis: { ...finding.basis, assumptions } };
}

function usdOf(call: Call): number {
  return call.dropped || call.price === undefined ? 0 : call.price.usd(call.tokens, call.atMs);
}

function startingCalls(dataset: Dataset, costs: CallCosts): Call[] {
  const book: PriceBook = createPriceBook(dataset);
  const calls: Call[] = [];
  for (let row = 0; row < dataset.rows; row++) {
    const tokens = book.tokensOf(row);
    if (Number.isNaN(costs.usd[row] ?? Number.NaN) || tokens === undefined) continue;
    const atMs = book.timeOf(row) ?? dataset.pricesAtMs;
    calls.push({ row, price: book.priceOf(row), tokens, atMs, dropped: false });
  }
  return calls;
}

/** Checks a scenario against the data and returns what it does, or why it can't be computed. */
function prepare(dataset: Dataset, scenario: Scenario, used: Set<Field>): Change | NotComputable {
  const matches = matcher(dataset, scenario, used);
  if (typeof matches !== 'function') return matches;
  let change: Change | NotComputable;
  switch (scenario.kind) {
    case 'use_model':
      change = prepareUseModel(scenario.to, scenario.provider, matches);
      break;
    case 'cap_output':
      change = (call) =>
        matches(call.row) && setTokens(call, { output: Math.min(call.tokens.output, scenario.tokensMax) });
      break;
    case 'cache_input':
      change = (call) =>
        matches(call.row) &&
        setTokens(call, { cached: Math.max(call.tokens.cached, call.tokens.input * scenario.share) });
      break;
    case 'drop_failed':
      change = prepareDropFailed(dataset, matches, used);
      break;
    case 'off_peak':
      change = prepareOffPeak(dataset, matches, used);
      break;
  }
  return change;
}

function setTokens(call: Call, change: Partial<CallTokens>): boolean {
  const tokens = { ...call.tokens, ...change };
  if (tokens.output === call.tokens.output && tokens.cached === call.tokens.cached) return false;
  call.tokens = tokens;
  return true;
}

function prepareUseModel(
  to: string,
  provider: string | undefined,
  matches: (row: number) => boolean,
): Change | NotComputable {
  const price = findPrice(to, provider);
  if (price === undefined) {
    return notComputable(`The price list doesn't know the model "${to}".`, 'a model that the list knows');
  }
  return (call) => {
    const same = call.price?.model === price.model && call.price.provider === price.provider;
    if (same || !matches(call.row)) return false;
    call.price = price;
    return true;
  };
}

function prepareDropFailed(
  dataset: Dataset,
  matches: (row: number) => boolean,
  used: Set<Field>,
): Change | NotComputable {
  const outcome = outcomes(dataset);
  if (outcome === undefined) return notComputable('The file has no status and no error column.', 'a status column');
  used.add(dataset.texts.status === undefined ? 'error' : 'status');
  return (call) => {
    if (!matches(call.row) || outcome[call.row] !== 'failed') return false;
    call.dropped = true;
    return true;
  };
}

function prepareOffPeak(dataset: Dataset, matches: (row: number) => boolean, used: Set<Field>): Change | NotComputable {
  if (!isPresent(dataset, 'time')) return notComputable('The file has no times.', 'a column such as timestamp');
  const models = (dataset.texts.model?.values ?? []).filter((model) => findPrice(model)?.byTimeOfDay === true);
  if (models.length === 0) {
    return notComputable(
      'The price list knows no cheaper times of day for any of the models.',
      'a model with such prices',
    );
  }
  used.add('time');
  return (call) => {
    if (!matches(call.row) || call.price?.byTimeOfDay !== true) return false;
    const at = cheapestTimeOfDay(call.price, call.atMs);
    if (at === call.atMs) return false;
    call.atMs = at;
    return true;
  };
}

function matcher(dataset: Dataset, scenario: Scenario, used: Set<Field>): ((row: number) => boolean) | NotComputable {
  const wanted: { field: 'model' | 'feature' | 'user'; value: string }[] = [];
  for (const field of ['model', 'feature', 'user'] as const) {
    const value = scenario.match?.[field];
    if (value === undefined) continue;
    const known = dataset.texts[field]?.values;
    if (known?.includes(value) !== true) {
      return notComputable(
        `No call has the ${field} "${value}".`,
        known === undefined ? `a ${field} column` : `one of: ${known.slice(0, bounds.listedMax).join(', ')}`,
      );
    }
    used.add(field);
    wanted.push({ field, value });
  }
  return (row) => wanted.every(({ field, value }) => textAt(dataset.texts[field], row) === value);
}

/** A scenario in words. */
export function tellScenario(scenario: Scenario): string {
  const match = Object.entries(scenario.match ?? {}).map(([field, value]) => `${field} ${value}`);
  const where = match.length === 0 ? 'all calls' : `calls with ${match.join(' and ')}`;
  let told: string;
  switch (scenario.kind) {
    case 'use_model':
      told = `use ${scenario.to} for ${where}`;
      break;
    case 'cap_output':
      told = `cap answers at ${scenario.tokensMax} tokens for ${where}`;
      break;
    case 'cache_input':
      told = `bill ${scenario.share * 100} % of input as cached for ${where}`;
      break;
    case 'drop_failed':
      told = `avoid failed calls among ${where}`;
      break;
    case 'off_peak':
      told = `move ${where} to the cheapest time of their day`;
      break;
  }
  return told;
}

const caveats: { readonly [K in Scenario['kind']]: string } = {
  use_model:
    'Prices are compared, quality is not: try the other model on your own tasks first. ' +
    'Another model may also use more or fewer tokens for the same text.',
  cap_output: 'Answers that were longer than the cap would be cut or must be made shorter by the prompt.',
  cache_input:
    'What share of the input repeats is not in the data; whether a provider caches it depends on its prefix.',
  drop_failed: 'Assumes that each failed call can be avoided altogether.',
  off_peak: 'Only calls that can wait can be moved.',
};

function assumptionsOf(scenario: Scenario): string[] {
  if (scenario.kind === 'cache_input') return [`${scenario.share * 100} % of input tokens are cached`];
  if (scenario.kind === 'use_model') return [`${scenario.to} uses as many tokens`];
  return [];
}

/** The cap that a twentieth of the answers exceed. */
export function usualCap(dataset: Dataset): number | undefined {
  const summary = summarise(dataset.numbers.outputTokens ?? []);
  if (summary === undefined || summary.count < bounds.percentileValuesMin) return undefined;
  return Math.max(1, Math.ceil(summary.p95));
}
