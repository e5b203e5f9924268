/**
 * What each call cost: as its file says, or by the price list from its tokens and model.
 *
 * K1  One source for one figure: billed amounts and list prices are never mixed in a sum.
 * K2  A call without what its cost needs has none (NaN), and is counted as not covered.
 */
import { textAt, type Dataset } from '../data/dataset.ts';
import type { Field } from '../data/fields.ts';
import { dayName } from './calendar.ts';
import { isPresent, missingFields, notComputable, type NotComputable } from './finding.ts';
import { unnamedGroup } from './groups.ts';
import { findPrice, priceListName, type CallTokens, type ListPrice } from './prices.ts';

export type CallCosts = {
  readonly computable: true;
  /** US dollars by row. */
  readonly usd: Float64Array;
  readonly source: 'billed' | 'price list';
  readonly covered: number;
  readonly used: readonly Field[];
  readonly assumptions: readonly string[];
  readonly method: string;
  /** Models that have no price, with their calls. */
  readonly unpriced: readonly { readonly model: string; readonly calls: number }[];
};

/** Prefers the billed amounts of a cost column; `list` asks for list prices, to compare with other list prices. */
export function callCosts(dataset: Dataset, prefer: 'billed' | 'list' = 'billed'): CallCosts | NotComputable {
  const billed = dataset.numbers.cost;
  if (prefer === 'billed' && billed !== undefined) {
    const covered = billed.reduce((count, usd) => count + (Number.isNaN(usd) ? 0 : 1), 0);
    if (covered === 0) return notComputable('No cell of the cost column has a value.', 'amounts in the cost column');
    const method = 'amounts of the cost column';
    const facts = { assumptions: [], method, unpriced: [], used: ['cost'] as const };
    return { computable: true, usd: billed, source: 'billed', covered, ...facts };
  }
  const kept = listCostsOf.get(dataset);
  if (kept !== undefined) return kept;
  const costs = listCosts(dataset);
  listCostsOf.set(dataset, costs);
  return costs;
}

/** Pricing is the most expensive step and several analyses of one dataset ask for it; it goes with its dataset. */
const listCostsOf = new WeakMap<Dataset, CallCosts | NotComputable>();

function listCosts(dataset: Dataset): CallCosts | NotComputable {
  const missing = missingFields(dataset, ['inputTokens', 'outputTokens', 'model']);
  if (missing !== undefined) return withAssumptionAsWay(dataset, missing);
  const book = createPriceBook(dataset);
  const usd = new Float64Array(dataset.rows).fill(Number.NaN);
  const counts = { covered: 0, byTime: 0, untimed: 0, unpriced: new Map<string, number>() };
  for (let row = 0; row < dataset.rows; row++) usd[row] = priceRow(dataset, book, { row, counts });
  const unpriced = [...counts.unpriced].map(([model, calls]) => ({ model, calls }));
  unpriced.sort((a, b) => b.calls - a.calls || (a.model < b.model ? -1 : 1));
  if (counts.covered === 0) return nothingPriced(unpriced.map((entry) => entry.model));
  const assumptions = [...book.assumptions()];
  if (counts.untimed > 0) assumptions.push(`calls without a time were made on ${dayName(dataset.pricesAtMs)}`);
  const used: Field[] = ['inputTokens', 'outputTokens', 'model'];
  for (const field of ['cachedTokens', 'provider'] as const) if (isPresent(dataset, field)) used.push(field);
  if (counts.byTime > 0 && isPresent(dataset, 'time')) used.push('time');
  const method = `tokens at the list prices of ${priceListName}`;
  const { covered } = counts;
  return { computable: true, usd, source: 'price list', covered, used, assumptions, method, unpriced };
}

type Pricing = {
  readonly row: number;
  readonly counts: { covered: number; byTime: number; untimed: number; readonly unpriced: Map<string, number> };
};

/** The list price of one call, or NaN; counts why. */
function priceRow(dataset: Dataset, book: PriceBook, { row, counts }: Pricing): number {
  const price = book.priceOf(row);
  const tokens = book.tokensOf(row);
  if (price === undefined) {
    const model = textAt(dataset.texts.model, row) ?? unnamedGroup;
    counts.unpriced.set(model, (counts.unpriced.get(model) ?? 0) + 1);
  }
  if (price === undefined || tokens === undefined) return Number.NaN;
  const at = book.timeOf(row);
  counts.covered += 1;
  if (price.byTime) counts.byTime += 1;
  if (price.byTime && at === undefined) counts.untimed += 1;
  return price.usd(tokens, at ?? dataset.pricesAtMs);
}

function nothingPriced(models: readonly string[]): NotComputable {
  if (models.length === 0) return notComputable('No call has both its input and its output tokens.', 'token counts');
  return notComputable(
    `The price list knows none of the models (${models.slice(0, 5).join(', ')}).`,
    'names of models as their providers write them, or a cost column',
  );
}

function withAssumptionAsWay(dataset: Dataset, missing: NotComputable): NotComputable {
  const ways = [...missing.needs];
  if (!isPresent(dataset, 'model') && isPresent(dataset, 'inputTokens')) {
    ways.push(
      'or an assumed model, as the option "assume" (--assume model=NAME), which is then named beside every figure',
    );
  }
  return { ...missing, why: `${missing.why} There is no cost column either.`, needs: [...ways, 'or a cost column'] };
}

export type PriceBook = {
  priceOf(row: number): ListPrice | undefined;
  /** The tokens of a call, or undefined if its input or output isn't known. */
  tokensOf(row: number): CallTokens | undefined;
  timeOf(row: number): number | undefined;
  /** What was taken as true when prices were looked up. */
  assumptions(): readonly string[];
};

/** Looks each (model, provider) up once. */
export function createPriceBook(dataset: Dataset): PriceBook {
  const { model, provider } = dataset.texts;
  const { time, inputTokens, outputTokens, cachedTokens } = dataset.numbers;
  const prices = new Map<string, ListPrice | undefined>();
  const told = new Set<string>();
  const look = (name: string, by: string | undefined): ListPrice | undefined => {
    const price = findPrice(name, by);
    if (price?.otherProvider === true) {
      told.add(`${name} costs at ${by}, which the price list doesn't have, what it costs at ${price.provider}`);
    }
    return price;
  };
  return {
    priceOf(row) {
      const [name, by] = [textAt(model, row), textAt(provider, row)];
      if (name === undefined) return undefined;
      const key = `${model?.codes[row]} ${provider?.codes[row] ?? -1}`;
      if (!prices.has(key)) prices.set(key, look(name, by));
      return prices.get(key);
    },
    tokensOf(row) {
      const [input, output] = [inputTokens?.[row] ?? Number.NaN, outputTokens?.[row] ?? Number.NaN];
      if (Number.isNaN(input) || Number.isNaN(output)) return undefined;
      return { input, output, cached: cachedTokens?.[row] || 0 };
    },
    timeOf(row) {
      const at = time?.[row] ?? Number.NaN;
      return Number.isNaN(at) ? undefined : at;
    },
    assumptions: () => [...told].toSorted(),
  };
}
