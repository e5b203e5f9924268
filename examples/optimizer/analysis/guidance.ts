/** What to collect next: for each thing that could not be computed, the columns that would make it possible. */
import { z } from 'zod';
import type { Dataset } from '../data/dataset.ts';
import { fieldNames, fields, optionName, type Field } from '../data/fields.ts';
import { isPresent } from './finding.ts';
import { assessSufficiency, topics, type Topic } from './sufficiency.ts';

export const guidanceItemSchema = z.object({
  column: z.string(),
  label: z.string(),
  why: z.string(),
  example: z.string(),
  /** How much it matters for the question: the columns of the topics asked for come first. */
  needed: z.boolean(),
});
export const guidanceSchema = z.object({
  items: z.array(guidanceItemSchema),
  /** What the calls themselves lack, such as days. */
  more: z.array(z.object({ what: z.string(), why: z.string(), needs: z.array(z.string()) })),
  /** A header and a row to begin with. */
  exampleFile: z.string(),
});
export type Guidance = z.infer<typeof guidanceSchema>;

const fieldsOf: { readonly [T in Topic]: readonly Field[] } = {
  cost: ['time', 'model', 'inputTokens', 'outputTokens', 'cachedTokens', 'user', 'feature', 'cost'],
  performance: ['time', 'latency', 'status', 'feature'],
  usage: ['time', 'inputTokens', 'outputTokens', 'user', 'feature'],
  trends: ['time', 'model', 'inputTokens', 'outputTokens'],
  models: ['model', 'inputTokens', 'outputTokens'],
};

/** For no dataset at all, everything is to be collected. */
export function adviseData(dataset: Dataset | undefined, asked: readonly Topic[]): Guidance {
  const wanted = asked.length === 0 ? topics : asked;
  const needed = new Set(wanted.flatMap((topic) => fieldsOf[topic]));
  const absent = fieldNames.filter((field) => dataset === undefined || !isPresent(dataset, field));
  // A price list takes the place of a cost column and the other way round; either is enough.
  const priced = dataset !== undefined && (isPresent(dataset, 'cost') || isPresent(dataset, 'model'));
  const open = absent.filter((field) => !(priced && field === 'cost'));
  const items = open
    .filter((field) => field !== 'requestId' && field !== 'provider' && field !== 'error')
    .map((field) => ({
      column: field === 'latency' ? 'latency_ms' : field === 'cost' ? 'cost_usd' : optionName(field),
      label: fields[field].label,
      why: fields[field].why,
      example: fields[field].example,
      needed: needed.has(field),
    }));
  items.sort((a, b) => Number(b.needed) - Number(a.needed));
  const missing = dataset === undefined ? [] : assessSufficiency(dataset, asked).missing;
  const more = missing.filter((entry) => entry.needs.some((need) => !need.startsWith('a column')));
  return { items, more, exampleFile };
}

const exampleFile =
  'timestamp,model,input_tokens,output_tokens,user_id,feature,latency_ms,status\n' +
  '2026-10-01T09:30:00Z,gpt-4o,1200,350,customer-17,summarize,840,200\n';
