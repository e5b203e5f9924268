/**
 * What tokens cost, from the list of `@pydantic/genai-prices` that is installed. It is data in the package: nothing is
 * fetched.
 *
 * PR1  What the list does not say has no price. A provider is looked up by its name and no other, a model in that
 *      provider's own list: the same weights served elsewhere cost something else.
 * PR2  A price says which list said so, with its version.
 */
import { readFileSync } from 'node:fs';
import { calcPrice, findProvider } from '@pydantic/genai-prices';
import type { Usage } from '../agents/message.ts';
import type { Price } from '../agents/model.ts';
import { systemClock } from '../core/clock.ts';

/** US dollars for a million tokens of one model, as the list has them now. */
export type ModelPrices = {
  /** The provider's and the model's name in the list. */
  readonly provider: string;
  readonly model: string;
  readonly inputUsdPerMTok: number;
  readonly outputUsdPerMTok: number;
  readonly cachedInputUsdPerMTok?: number;
  /** True if long prompts cost more than these. */
  readonly tiered: boolean;
  readonly contextTokens?: number;
  readonly deprecated: boolean;
  readonly source: string;
};

/** Our names and the AI SDK's for providers that the list calls otherwise. */
const listNames: Readonly<Record<string, string>> = {
  gemini: 'google',
  vertex: 'google',
  'amazon-bedrock': 'aws',
  bedrock: 'aws',
  togetherai: 'together',
  xai: 'x-ai',
};

/** What this usage costs, or undefined when the list does not know the provider's model. */
export function priceOf(provider: string, model: string, usage: Usage, at = systemClock.now()): Price | undefined {
  const listed = lookUp(provider, model, usage, at);
  if (listed === undefined) return undefined;
  const source = usage.estimated === true ? `${priceList()}, for estimated tokens` : priceList();
  return { usd: listed.total_price, source };
}

/**
 * The prices of a model, or undefined when the list does not know it.
 *
 * @example
 * pricesOf('openai', 'gpt-5-mini')?.outputUsdPerMTok; // 2
 */
export function pricesOf(provider: string, model: string, at = systemClock.now()): ModelPrices | undefined {
  const listed = lookUp(provider, model, { inputTokens: 0, outputTokens: 0 }, at);
  if (listed === undefined) return undefined;
  const { input_mtok: input, output_mtok: output, cache_read_mtok: cached } = listed.model_price;
  return {
    provider: listed.provider.id,
    model: listed.model.id,
    inputUsdPerMTok: baseOf(input) ?? 0,
    outputUsdPerMTok: baseOf(output) ?? 0,
    ...(cached === undefined ? {} : { cachedInputUsdPerMTok: baseOf(cached) ?? 0 }),
    tiered: typeof input === 'object' || typeof output === 'object',
    ...(listed.model.context_window === undefined ? {} : { contextTokens: listed.model.context_window }),
    deprecated: listed.model.deprecated ?? false,
    source: priceList(),
  };
}

/** Names of a provider's models that have prices for tokens in and out; empty for a provider that is not listed. */
export function pricedModels(provider: string, at = systemClock.now()): readonly string[] {
  const listed = providerNamed(provider);
  return (listed?.models ?? []).map(({ id }) => id).filter((id) => pricesOf(provider, id, at) !== undefined);
}

/** The list's name of the provider that a base URL belongs to. */
export function providerOfUrl(url: string): string | undefined {
  return findProvider({ providerApiUrl: url })?.id;
}

type ListedPrice = NonNullable<ReturnType<typeof calcPrice>>;

function lookUp(provider: string, model: string, usage: Usage, at: number): ListedPrice | undefined {
  const listed = providerNamed(provider);
  if (listed === undefined) return undefined;
  const price = calculate(listed.id, model, usage, at);
  // Models that are not priced by tokens in and out (images, speech) would come out as free.
  const known = price !== undefined && price.model_price['input_mtok'] !== undefined;
  return known && price.model_price['output_mtok'] !== undefined ? price : undefined;
}

function calculate(
  provider: string,
  model: string,
  { inputTokens, outputTokens, cachedInputTokens = 0 }: Usage,
  at: number,
): ListedPrice | undefined {
  const counted = { input_tokens: inputTokens, output_tokens: outputTokens, cache_read_tokens: cachedInputTokens };
  try {
    return calcPrice(counted, model, { providerId: provider, timestamp: new Date(at) }) ?? undefined;
  } catch {
    // It throws for counts that contradict each other (more cached than all), which have no price either.
    return undefined;
  }
}

/** By exact name: the list's own search takes any name that holds "openai" for OpenAI. */
function providerNamed(provider: string): ReturnType<typeof findProvider> {
  const plain = provider.toLowerCase().split('.')[0] ?? '';
  const name = listNames[plain] ?? plain;
  const found = findProvider({ providerId: name });
  return found?.id === name ? found : undefined;
}

function baseOf(price: number | { readonly base: number } | undefined): number | undefined {
  return typeof price === 'object' ? price.base : price;
}

let listName: string | undefined;

/** The list and its version. A bundled copy that has no package beside it goes without the version. */
function priceList(): string {
  listName ??= `@pydantic/genai-prices${versionSuffix()}`;
  return listName;
}

function versionSuffix(): string {
  try {
    const manifest = new URL('../package.json', import.meta.resolve('@pydantic/genai-prices'));
    const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version?: string };
    return version === undefined ? '' : ` ${version}`;
  } catch {
    return '';
  }
}
