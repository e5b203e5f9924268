/**
 * What a call costs by the price list of `@pydantic/genai-prices`, which comes with the package and needs no network.
 *
 * P1  The library alone says what a price is. Where it is flat, its rates are asked for once and multiplied;
 *     tiers and times of day are asked for call by call.
 * P2  A model that the list doesn't know has no price. None is guessed.
 */
import { createRequire } from 'node:module';
import { calcPrice, findProvider, type ModelInfo, type ModelPrice, type Provider } from '@pydantic/genai-prices';
import { minuteMs } from './calendar.ts';

export type CallTokens = { readonly input: number; readonly output: number; readonly cached: number };

/** One model's prices. */
export type ListPrice = {
  readonly provider: string;
  readonly model: string;
  readonly contextWindow: number | undefined;
  /** True if the provider of the data isn't in the list and another's price of the model was taken. */
  readonly otherProvider: boolean;
  /** True if the price depends on the time of the day. */
  readonly byTimeOfDay: boolean;
  /** True if the price depends on the time at all. */
  readonly byTime: boolean;
  /** US dollars for one call at a time in ms since 1970. */
  usd(tokens: CallTokens, atMs: number): number;
};

/** Which list of prices figures rest on. */
export const priceListName = `@pydantic/genai-prices ${priceListVersion()}`;

function priceListVersion(): string {
  const require = createRequire(import.meta.url);
  // The package exports no package.json, so its version is read beside its entry.
  const found: unknown = require(`${require.resolve('@pydantic/genai-prices').replace(/dist.*$/u, '')}package.json`);
  return typeof found === 'object' && found !== null && 'version' in found
    ? String(found.version)
    : 'of unknown version';
}

/** The price of a model, or undefined if the list doesn't know it. */
export function findPrice(model: string, provider?: string): ListPrice | undefined {
  const own = provider === undefined ? undefined : findProvider({ providerId: provider });
  const found = own === undefined ? lookUp(model) : lookUp(model, own);
  if (found === undefined) return undefined;
  return { ...toPrice(found), otherProvider: provider !== undefined && own === undefined };
}

type Found = { readonly provider: Provider; readonly model: ModelInfo };

function lookUp(model: string, provider?: Provider): Found | undefined {
  // The time plays no part in finding the model; it is given so that nothing here reads the clock.
  const options = { timestamp: new Date(0), ...(provider === undefined ? {} : { providerId: provider.id }) };
  const result = calcPrice({ input_tokens: 0 }, model, options);
  return result === null ? undefined : { provider: result.provider, model: result.model };
}

function toPrice({ provider, model }: Found): Omit<ListPrice, 'otherProvider'> {
  // Alone in its list and matching every name, the model is found at once; some entries don't match their own id.
  const alone: ModelInfo = { ...model, match: { starts_with: '' } };
  const only: Provider = { id: provider.id, name: provider.name, api_pattern: provider.api_pattern, models: [alone] };
  const ask = (tokens: CallTokens, atMs: number): number => {
    const usage = { input_tokens: tokens.input, output_tokens: tokens.output, cache_read_tokens: tokens.cached };
    const result = calcPrice(usage, model.id, { provider: only, timestamp: new Date(atMs) });
    if (result === null) throw new RangeError(`The price list knows ${model.id}, and then it doesn't.`);
    return result.total_price;
  };
  const flatBelow = Array.isArray(model.prices) ? undefined : lowestTier(model.prices);
  const rates = flatBelow === undefined ? undefined : flatRates(ask);
  return {
    provider: provider.id,
    model: model.id,
    contextWindow: model.context_window,
    byTime: Array.isArray(model.prices),
    byTimeOfDay: Array.isArray(model.prices) && model.prices.some((entry) => entry.constraint?.type === 'time_of_date'),
    usd(tokens, atMs) {
      if (rates === undefined || tokens.input > (flatBelow ?? 0)) return ask(tokens, atMs);
      const uncached = tokens.input - tokens.cached;
      return uncached * rates.input + tokens.cached * rates.cached + tokens.output * rates.output;
    },
  };
}

/** Input tokens up to which the prices are flat. */
function lowestTier(prices: ModelPrice): number {
  let lowest = Number.POSITIVE_INFINITY;
  for (const price of Object.values(prices)) {
    if (typeof price === 'object') for (const tier of price.tiers) lowest = Math.min(lowest, tier.start);
  }
  return lowest;
}

function flatRates(ask: (tokens: CallTokens, atMs: number) => number): CallTokens {
  const probe = 1_000;
  return {
    input: ask({ input: probe, output: 0, cached: 0 }, 0) / probe,
    output: ask({ input: 0, output: probe, cached: 0 }, 0) / probe,
    cached: ask({ input: probe, output: 0, cached: probe }, 0) / probe,
  };
}

export type Rates = {
  readonly inputUsdPerMillion: number;
  readonly outputUsdPerMillion: number;
  readonly cachedUsdPerMillion: number;
};

/** The rates at a time, for calls below the first tier. */
export function ratesAt(price: ListPrice, atMs: number): Rates {
  const [probe, million] = [1_000, 1_000_000];
  const rate = (tokens: CallTokens): number => (price.usd(tokens, atMs) / probe) * million;
  return {
    inputUsdPerMillion: rate({ input: probe, output: 0, cached: 0 }),
    outputUsdPerMillion: rate({ input: 0, output: probe, cached: 0 }),
    cachedUsdPerMillion: rate({ input: probe, output: 0, cached: probe }),
  };
}

/** The cheapest minute of the day of `atMs` for one call, in ms since 1970. */
export function cheapestTimeOfDay(price: ListPrice, atMs: number): number {
  const midnight = Math.floor(atMs / 86_400_000) * 86_400_000;
  const probe = { input: 1_000, output: 1_000, cached: 0 };
  let [best, bestUsd] = [atMs, price.usd(probe, atMs)];
  for (let minute = 0; minute < 1_440; minute += 30) {
    const at = midnight + minute * minuteMs;
    const usd = price.usd(probe, at);
    if (usd < bestUsd) [best, bestUsd] = [at, usd];
  }
  return best;
}

/**
 * Models that a comparison takes in when the user names none: general text models of several vendors and sizes.
 * A choice, not a ranking; what they can do isn't known here.
 */
export const usualCandidates: readonly string[] = [
  'gpt-5',
  'gpt-5-mini',
  'gpt-5-nano',
  'gpt-4.1',
  'gpt-4.1-mini',
  'gpt-4o',
  'gpt-4o-mini',
  'claude-opus-4-5',
  'claude-sonnet-4-5',
  'claude-haiku-4-5',
  'gemini-2.5-pro',
  'gemini-2.5-flash',
  'gemini-2.5-flash-lite',
];
