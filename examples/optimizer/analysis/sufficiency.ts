/**
 * Whether the data can carry an analysis, as triage asks: decided by what can be computed from them, not by what
 * columns are called.
 */
import { z } from 'zod';
import { bounds } from '../bounds.ts';
import type { Dataset } from '../data/dataset.ts';
import { findAnomaliesOf } from './anomalies.ts';
import { analyzeCost } from './cost.ts';
import { correlate } from './correlations.ts';
import type { Finding } from './finding.ts';
import { analyzePerformance } from './performance.ts';
import { compareModels } from './savings.ts';
import { analyzeTrends } from './trends.ts';
import { analyzeUsage } from './usage.ts';

/** What a question is about. */
export const topics = ['cost', 'performance', 'usage', 'trends', 'models'] as const;
export const topicSchema = z.enum(topics);
export type Topic = z.infer<typeof topicSchema>;

export const sufficiencySchema = z.object({
  level: z.enum(['sufficient', 'partial', 'insufficient', 'unknown']),
  /** available / (available + missing); 0 if nothing was looked at. */
  completeness: z.number(),
  /** As the earlier system had it: 0.9, 0.65, 0.1; 0 if unknown. */
  confidence: z.number(),
  available: z.array(z.string()),
  missing: z.array(z.object({ what: z.string(), why: z.string(), needs: z.array(z.string()) })),
});
export type Sufficiency = z.infer<typeof sufficiencySchema>;

type Check = readonly [what: string, check: (dataset: Dataset) => Finding<unknown>];

const checks: { readonly [T in Topic]: readonly Check[] } = {
  cost: [
    ['input tokens', (dataset) => analyzePerformance(dataset).inputTokens],
    ['output tokens', (dataset) => analyzePerformance(dataset).outputTokens],
    ['total cost', (dataset) => analyzeCost(dataset).total],
    ['breakdown of cost', costByAny],
    ['cost by day', (dataset) => analyzeCost(dataset).byDay],
  ],
  performance: [
    ['latency', (dataset) => analyzePerformance(dataset).latency],
    ['throughput', (dataset) => analyzePerformance(dataset).throughput],
    ['error rate', (dataset) => analyzePerformance(dataset).errors],
    ['latency anomalies', (dataset) => findAnomaliesOf(dataset, 'latency')],
  ],
  usage: [
    ['input tokens', (dataset) => analyzePerformance(dataset).inputTokens],
    ['output tokens', (dataset) => analyzePerformance(dataset).outputTokens],
    ['load over time', (dataset) => analyzeUsage(dataset).load],
    ['hours of the day', (dataset) => analyzeUsage(dataset).hourly],
    ['days', (dataset) => analyzeUsage(dataset).daily],
    ['correlations', correlate],
  ],
  trends: [
    ['trend of calls', (dataset) => analyzeTrends(dataset).calls],
    ['trend of tokens', (dataset) => analyzeTrends(dataset).tokens],
    ['trend of cost', (dataset) => analyzeTrends(dataset).cost],
  ],
  models: [['comparison of models', (dataset) => compareModels(dataset, [])]],
};

function costByAny(dataset: Dataset): Finding<unknown> {
  const { byModel, byUser, byFeature } = analyzeCost(dataset);
  return [byModel, byUser, byFeature].find((finding) => finding.computable) ?? byModel;
}

/** Completeness over what the topics need. No topic: everything. */
export function assessSufficiency(dataset: Dataset, asked: readonly Topic[]): Sufficiency {
  const wanted = asked.length === 0 ? topics : topics.filter((topic) => asked.includes(topic));
  const available: string[] = [];
  const missing: Sufficiency['missing'] = [];
  // Two topics may need one thing; it counts once.
  const needed = new Map(wanted.flatMap((topic) => checks[topic]));
  for (const [what, check] of needed) {
    const finding = check(dataset);
    if (finding.computable) available.push(what);
    else missing.push({ what, why: finding.why, needs: finding.needs });
  }
  const completeness = available.length / (available.length + missing.length);
  return { ...levelOf(completeness), completeness, available, missing };
}

/** Sufficient from 0.8, partial from 0.4. */
export function levelOf(completeness: number): Pick<Sufficiency, 'level' | 'confidence'> {
  if (completeness >= bounds.sufficientFrom) return { level: 'sufficient', confidence: 0.9 };
  if (completeness >= bounds.partialFrom) return { level: 'partial', confidence: 0.65 };
  return { level: 'insufficient', confidence: 0.1 };
}

/** For a triage that failed: nothing is known of the data. */
export const unknownSufficiency: Sufficiency = {
  level: 'unknown',
  completeness: 0,
  confidence: 0,
  available: [],
  missing: [],
};
