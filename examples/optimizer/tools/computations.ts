/**
 * What each tool computes of a dataset: pure functions by the tool's name, so that a thread of its own can be asked for
 * one (apart.ts).
 */
import { findAnomalies } from '../analysis/anomalies.ts';
import { correlate } from '../analysis/correlations.ts';
import { analyzeCost } from '../analysis/cost.ts';
import { adviseData } from '../analysis/guidance.ts';
import {
  analyzePerformance,
  latencyBy,
  latencyByHour,
  slowFeatureByHour,
  summariseField,
} from '../analysis/performance.ts';
import { calculateSavings, compareModels, recommendModel } from '../analysis/savings.ts';
import { simulate, type Scenario } from '../analysis/scenarios.ts';
import { assessSufficiency, type Topic } from '../analysis/sufficiency.ts';
import { analyzeTrends } from '../analysis/trends.ts';
import { analyzeUsage } from '../analysis/usage.ts';
import type { Dataset } from '../data/dataset.ts';
import { describeData } from './workload.ts';

type OfModels = { readonly models?: readonly string[] | undefined };

export const computations = {
  analyze_workload_events: (dataset: Dataset) => describeData(dataset),
  get_workload_metrics: (dataset: Dataset) => ({
    inputTokens: summariseField(dataset, 'inputTokens'),
    outputTokens: summariseField(dataset, 'outputTokens'),
    cachedTokens: summariseField(dataset, 'cachedTokens'),
    latency: summariseField(dataset, 'latency'),
    cost: summariseField(dataset, 'cost'),
  }),
  identify_patterns: (dataset: Dataset) => ({
    usage: analyzeUsage(dataset),
    correlations: correlate(dataset),
    anomalies: findAnomalies(dataset),
  }),
  analyze_performance: (dataset: Dataset) => analyzePerformance(dataset),
  identify_latency_bottlenecks: (dataset: Dataset) => ({
    byModel: latencyBy(dataset, 'model'),
    byFeature: latencyBy(dataset, 'feature'),
    byUser: latencyBy(dataset, 'user'),
    byHour: latencyByHour(dataset),
    slowFeature: slowFeatureByHour(dataset),
  }),
  analyze_cost_trends: (dataset: Dataset) => ({ cost: analyzeCost(dataset), trends: analyzeTrends(dataset) }),
  calculate_cost_savings: (dataset: Dataset) => calculateSavings(dataset),
  simulate_cost_optimization: (dataset: Dataset, { scenarios }: { readonly scenarios: readonly Scenario[] }) =>
    simulate(dataset, scenarios),
  compare_models: (dataset: Dataset, { models }: OfModels) => compareModels(dataset, models),
  recommend_model: (dataset: Dataset, { models }: OfModels) => recommendModel(dataset, models),
  assess_data: (dataset: Dataset, { topics }: { readonly topics: readonly Topic[] }) =>
    assessSufficiency(dataset, topics),
  data_helper: (dataset: Dataset, { topics }: { readonly topics: readonly Topic[] }) => adviseData(dataset, topics),
};

export type ComputationName = keyof typeof computations;
