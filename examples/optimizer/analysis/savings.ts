/** Which changes would save most, and how the same calls are priced at other models. */
import { z } from 'zod';
import { bounds } from '../bounds.ts';
import { textAt, type Dataset } from '../data/dataset.ts';
import { callCosts, createPriceBook, type CallCosts } from './call-costs.ts';
import { costBy, costFinding } from './cost.ts';
import { findingSchema, type Computed, type Finding } from './finding.ts';
import { total } from './numbers.ts';
import { findPrice, priceListName, ratesAt, usualCandidates, type CallTokens, type ListPrice } from './prices.ts';
import { scenarioSchema, simulate, tellScenario, usualCap, type Scenario } from './scenarios.ts';

export const comparedModelSchema = z.object({
  model: z.string(),
  provider: z.string(),
  usd: z.number(),
  savedUsd: z.number(),
  savedShare: z.number(),
  /** Calls that are longer than the model's context window; null if the window isn't known. */
  callsTooLong: z.number().nullable(),
  inUse: z.boolean(),
});
export const comparisonSchema = z.object({
  currentUsd: z.number(),
  calls: z.number(),
  /** Cheapest first. */
  models: z.array(comparedModelSchema),
  unknown: z.array(z.string()),
  caveat: z.string(),
});
export type Comparison = z.infer<typeof comparisonSchema>;
export const comparisonFindingSchema = findingSchema(comparisonSchema);

const qualityCaveat =
  'The same tokens at other list prices. Quality, speed and the number of tokens another model would use are not compared.';

/** What every price at another model rests on. */
const sameTokens = 'another model uses as many tokens';

function assuming<Value>(finding: Computed<Value>, assumption: string): Computed<Value> {
  return { ...finding, basis: { ...finding.basis, assumptions: [...finding.basis.assumptions, assumption] } };
}

/** Re-prices the calls at each candidate; the usual ones and those in use if none are given. */
export function compareModels(dataset: Dataset, candidates?: readonly string[]): Finding<Comparison> {
  const costs = callCosts(dataset, 'list');
  if (!costs.computable) return costs;
  const inUse = dataset.texts.model?.values ?? [];
  const names = [...new Set(candidates ?? [...inUse, ...usualCandidates])].toSorted();
  const priced = coveredCalls(dataset, costs);
  const current = total(costs.usd);
  const used = new Set(inUse.map((name) => idOf(findPrice(name))));
  const models = new Map<string, Comparison['models'][number]>();
  const unknown: string[] = [];
  for (const name of names) {
    const price = findPrice(name);
    if (price === undefined) unknown.push(name);
    else if (!models.has(idOf(price))) models.set(idOf(price), compareOne(price, priced, { current, inUse: used }));
  }
  const value = {
    currentUsd: current,
    calls: priced.length,
    models: [...models.values()].toSorted((a, b) => a.usd - b.usd || (a.model < b.model ? -1 : 1)),
    unknown,
    caveat: qualityCaveat,
  };
  return assuming(costFinding(dataset, costs, value, []), sameTokens);
}

type PricedCall = { readonly tokens: CallTokens; readonly atMs: number };

/** The calls that have a price; of one model if it is given. */
function coveredCalls(dataset: Dataset, costs: CallCosts, model?: string): PricedCall[] {
  const book = createPriceBook(dataset);
  const calls: PricedCall[] = [];
  for (let row = 0; row < dataset.rows; row++) {
    const tokens = book.tokensOf(row);
    if (tokens === undefined || Number.isNaN(costs.usd[row] ?? Number.NaN)) continue;
    if (model !== undefined && textAt(dataset.texts.model, row) !== model) continue;
    calls.push({ tokens, atMs: book.timeOf(row) ?? dataset.pricesAtMs });
  }
  return calls;
}

function idOf(price: ListPrice | undefined): string {
  return price === undefined ? '' : `${price.provider} ${price.model}`;
}

function compareOne(
  price: ListPrice,
  calls: readonly PricedCall[],
  facts: { current: number; inUse: ReadonlySet<string> },
): Comparison['models'][number] {
  const usd = total(calls.map(({ tokens, atMs }) => price.usd(tokens, atMs)));
  const window = price.contextWindow;
  const saved = facts.current - usd;
  return {
    model: price.model,
    provider: price.provider,
    usd,
    savedUsd: saved,
    savedShare: facts.current === 0 ? 0 : saved / facts.current,
    callsTooLong:
      window === undefined ? null : calls.filter(({ tokens }) => tokens.input + tokens.output > window).length,
    inUse: facts.inUse.has(idOf(price)),
  };
}

export const capabilitiesSchema = z.object({
  asked: z.string(),
  known: z.boolean(),
  provider: z.string().nullable(),
  model: z.string().nullable(),
  contextWindow: z.number().nullable(),
  inputUsdPerMillion: z.number().nullable(),
  outputUsdPerMillion: z.number().nullable(),
  cachedUsdPerMillion: z.number().nullable(),
  pricesDependOnTimeOfDay: z.boolean().nullable(),
  source: z.string(),
  notKnown: z.array(z.string()),
});
export type Capabilities = z.infer<typeof capabilitiesSchema>;

const unknownToList = {
  known: false,
  provider: null,
  model: null,
  contextWindow: null,
  inputUsdPerMillion: null,
  outputUsdPerMillion: null,
  cachedUsdPerMillion: null,
  pricesDependOnTimeOfDay: null,
};

/** What the price list knows of a model at a time: prices and perhaps the context window; nothing of quality. */
export function modelCapabilities(model: string, atMs: number): Capabilities {
  const notKnown = ['quality', 'speed', 'batch discounts', 'discounts of your contract'];
  const always = { asked: model, source: priceListName, notKnown };
  const price = findPrice(model);
  if (price === undefined) return { ...always, ...unknownToList };
  return {
    ...always,
    known: true,
    provider: price.provider,
    model: price.model,
    contextWindow: price.contextWindow ?? null,
    pricesDependOnTimeOfDay: price.byTimeOfDay,
    ...ratesAt(price, atMs),
  };
}

export const recommendationSchema = z.object({
  /** Null if no candidate is cheaper and long enough. */
  model: comparedModelSchema.nullable(),
  alternatives: z.array(comparedModelSchema),
  caveat: z.string(),
});
export type Recommendation = z.infer<typeof recommendationSchema>;
export const recommendationFindingSchema = findingSchema(recommendationSchema);

/** The cheapest candidate whose context window is known to hold every call. */
export function recommendModel(dataset: Dataset, candidates?: readonly string[]): Finding<Recommendation> {
  const comparison = compareModels(dataset, candidates);
  if (!comparison.computable) return comparison;
  const fitting = comparison.value.models.filter((model) => model.callsTooLong === 0 && model.savedUsd > 0);
  const value = {
    model: fitting[0] ?? null,
    alternatives: fitting.slice(1, 4),
    caveat: `By price on your own tokens alone. ${qualityCaveat}`,
  };
  return { ...comparison, value };
}

export const opportunitySchema = z.object({
  title: z.string(),
  scenario: scenarioSchema,
  currentUsd: z.number(),
  savedUsd: z.number(),
  savedShare: z.number(),
  callsChanged: z.number(),
  caveat: z.string(),
});
export const savingsSchema = z.object({
  currentUsd: z.number(),
  /** Most saved first. They overlap, so they can't be added; simulate a list of them instead. */
  opportunities: z.array(opportunitySchema),
  notComputable: z.array(z.object({ what: z.string(), why: z.string(), needs: z.array(z.string()) })),
});
export type Savings = z.infer<typeof savingsSchema>;
export const savingsFindingSchema = findingSchema(savingsSchema);

/** Tries what the data can say something about, each change alone. */
export function calculateSavings(dataset: Dataset): Finding<Savings> {
  const costs = callCosts(dataset, 'list');
  if (!costs.computable) return costs;
  const open: Savings['notComputable'] = [...neverComputable];
  const opportunities: Savings['opportunities'] = [];
  for (const scenario of candidatesFor(dataset, costs)) {
    const finding = simulate(dataset, [scenario]);
    if (!finding.computable) {
      open.push({ what: tellScenario(scenario), why: finding.why, needs: finding.needs });
      continue;
    }
    const { currentUsd, savedUsd, savedShare, callsChanged, caveats } = finding.value;
    if (callsChanged === 0 || savedUsd <= 0) continue;
    const caveat = caveats.join(' ');
    opportunities.push({
      title: tellScenario(scenario),
      scenario,
      currentUsd,
      savedUsd,
      savedShare,
      callsChanged,
      caveat,
    });
  }
  opportunities.sort((a, b) => b.savedUsd - a.savedUsd || (a.title < b.title ? -1 : 1));
  const currentUsd = total(costs.usd);
  const value = { currentUsd, opportunities: opportunities.slice(0, bounds.listedMax), notComputable: open };
  const also = (['feature', 'status', 'error'] as const).filter((field) => field in dataset.texts);
  return assuming(costFinding(dataset, costs, value, also), sameTokens);
}

/** What no file of calls without their texts can show. */
const neverComputable: Savings['notComputable'] = [
  {
    what: 'answering repeated requests from a cache',
    why: 'Repeats are seen only in the prompts, and the data has none.',
    needs: ['a hash of each prompt'],
  },
  {
    what: 'batch prices',
    why: "The price list has no batch prices, and the data doesn't say which calls could wait.",
    needs: ['batch prices of your provider', 'which features can wait'],
  },
];

function candidatesFor(dataset: Dataset, costs: CallCosts): Scenario[] {
  const scenarios: Scenario[] = [];
  const byModel = costBy(dataset, costs, 'model');
  const models = byModel.computable ? byModel.value.groups : [];
  for (const { name } of models.slice(0, 5)) scenarios.push(...movesFor(dataset, costs, name));
  const byFeature = costBy(dataset, costs, 'feature');
  const top = byFeature.computable ? byFeature.value.groups[0]?.name : undefined;
  const cap = usualCap(dataset);
  if (cap !== undefined) scenarios.push({ kind: 'cap_output', tokensMax: cap });
  if (cap !== undefined && dataset.texts.feature?.values.includes(top ?? '') === true && top !== undefined) {
    scenarios.push({ kind: 'cap_output', tokensMax: cap, match: { feature: top } });
  }
  scenarios.push({ kind: 'drop_failed' }, { kind: 'off_peak' });
  return scenarios;
}

/** To the cheapest other model in use, and to the cheapest usual one of the same provider. */
function movesFor(dataset: Dataset, costs: CallCosts, model: string): Scenario[] {
  const own = findPrice(model);
  const used = dataset.texts.model?.values ?? [];
  if (own === undefined || !used.includes(model)) return [];
  const calls = coveredCalls(dataset, costs, model);
  const sameProvider = usualCandidates.filter((name) => findPrice(name)?.provider === own.provider);
  const targets = [cheapest(used, own, calls), cheapest(sameProvider, own, calls)];
  const match = { model };
  return [...new Set(targets.filter((to) => to !== undefined))].map((to) => ({ kind: 'use_model', to, match }));
}

/** The candidate that is cheapest for these calls, if any is cheaper than `own`. */
function cheapest(candidates: readonly string[], own: ListPrice, calls: readonly PricedCall[]): string | undefined {
  const usdAt = (price: ListPrice): number => calls.reduce((usd, { tokens, atMs }) => usd + price.usd(tokens, atMs), 0);
  let [best, bestUsd] = [undefined as string | undefined, usdAt(own)];
  for (const name of candidates) {
    const price = findPrice(name);
    const usd = price === undefined ? bestUsd : usdAt(price);
    if (usd < bestUsd) [best, bestUsd] = [name, usd];
  }
  return best;
}
