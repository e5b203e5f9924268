/**
 * The optimizer's tools: each reads one dataset of the user who calls and computes from it.
 *
 * T1  A tool takes a reference, never calls themselves, and loads it as the user of the call: identity isn't input.
 * T2  Every figure of an output was computed by `analysis/`; what can't be computed is said instead.
 */
import { defineTool, type Tool } from 'cantus';
import { z } from 'zod';
import { anomalyReportSchema } from '../analysis/anomalies.ts';
import { correlationsFindingSchema } from '../analysis/correlations.ts';
import { costSchema } from '../analysis/cost.ts';
import { findingSchema } from '../analysis/finding.ts';
import { adviseData, guidanceSchema } from '../analysis/guidance.ts';
import {
  bottlenecksSchema,
  performanceSchema,
  slowFeatureSchema,
  slowHoursSchema,
  summarySchema,
} from '../analysis/performance.ts';
import {
  capabilitiesSchema,
  comparisonFindingSchema,
  modelCapabilities,
  recommendationFindingSchema,
  savingsFindingSchema,
} from '../analysis/savings.ts';
import { scenarioSchema, simulationFindingSchema } from '../analysis/scenarios.ts';
import { sufficiencySchema, topicSchema } from '../analysis/sufficiency.ts';
import { trendsSchema } from '../analysis/trends.ts';
import { usageSchema } from '../analysis/usage.ts';
import { computeApart } from '../apart.ts';
import type { ComputationName } from './computations.ts';
import { datasetRefSchema, type DatasetSource } from '../data/source.ts';
import { workloadSchema } from './workload.ts';

const dataInput = z.object({ data: datasetRefSchema });
const modelsInput = dataInput.extend({
  models: z.array(z.string().min(1)).min(1).max(50).optional().describe('Names of models; usual ones if left out.'),
});

export const costTrendsSchema = z.object({ cost: costSchema, trends: trendsSchema });
export const patternsSchema = z.object({
  usage: usageSchema,
  correlations: correlationsFindingSchema,
  anomalies: anomalyReportSchema,
});
export const bottlenecksByGroupSchema = z.object({
  byModel: findingSchema(bottlenecksSchema),
  byFeature: findingSchema(bottlenecksSchema),
  byUser: findingSchema(bottlenecksSchema),
  byHour: findingSchema(slowHoursSchema),
  slowFeature: findingSchema(slowFeatureSchema),
});
export const metricsSchema = z.object({
  inputTokens: findingSchema(summarySchema),
  outputTokens: findingSchema(summarySchema),
  cachedTokens: findingSchema(summarySchema),
  latency: findingSchema(summarySchema),
  cost: findingSchema(summarySchema),
});
export const capabilitiesListSchema = z.object({ models: z.array(capabilitiesSchema) });

type DataDefinition<Shape extends z.ZodObject<{ data: typeof datasetRefSchema }>, Output> = {
  readonly name: ComputationName;
  readonly description: string;
  readonly input: Shape;
  readonly output: z.ZodType<Output>;
};

/** A tool that loads the dataset of its caller and computes from it. */
function dataTool<Shape extends z.ZodObject<{ data: typeof datasetRefSchema }>, Output>(
  source: DatasetSource,
  { name, description, input, output }: DataDefinition<Shape, Output>,
): Tool<z.infer<Shape>, Output> {
  return defineTool<z.infer<Shape>, Output>({
    name,
    description,
    effect: 'read',
    input,
    output,
    async run(call) {
      const dataset = await source.load(call.user, call.input.data);
      return (await computeApart(name, dataset, call.input)) as Output;
    },
  });
}

/** What there is in the data and how it runs. */
export function workloadTools(source: DatasetSource) {
  return {
    analyzeWorkloadEvents: dataTool(source, {
      name: 'analyze_workload_events',
      description:
        'Says what the data holds: rows, time span, how columns were recognised, what is missing, rows left out.',
      input: dataInput,
      output: workloadSchema,
    }),
    getWorkloadMetrics: dataTool(source, {
      name: 'get_workload_metrics',
      description: 'Mean, percentiles and totals of tokens, latency and billed cost.',
      input: dataInput,
      output: metricsSchema,
    }),
    identifyPatterns: dataTool(source, {
      name: 'identify_patterns',
      description:
        'Hours, weekdays and days of use, peaks, who uses most, correlations between measures, and anomalies.',
      input: dataInput,
      output: patternsSchema,
    }),
    analyzePerformance: dataTool(source, {
      name: 'analyze_performance',
      description: 'Latency percentiles, throughput, token sizes and error rate.',
      input: dataInput,
      output: performanceSchema,
    }),
    identifyLatencyBottlenecks: dataTool(source, {
      name: 'identify_latency_bottlenecks',
      description: 'Where and when time is spent: latency by model, feature, user and hour of the day.',
      input: dataInput,
      output: bottlenecksByGroupSchema,
    }),
  };
}

/** What the calls cost and how that could be less. */
export function costTools(source: DatasetSource) {
  return {
    analyzeCostTrends: dataTool(source, {
      name: 'analyze_cost_trends',
      description: 'Cost in total, by model, user, feature and day, and whether calls, tokens and cost rise or fall.',
      input: dataInput,
      output: costTrendsSchema,
    }),
    calculateCostSavings: dataTool(source, {
      name: 'calculate_cost_savings',
      description:
        'Tries changes one by one (another model, shorter answers, fewer failures) and says what each saves.',
      input: dataInput,
      output: savingsFindingSchema,
    }),
    simulateCostOptimization: dataTool(source, {
      name: 'simulate_cost_optimization',
      description: 'What the same calls would have cost after a list of changes, applied together in order.',
      input: dataInput.extend({ scenarios: z.array(scenarioSchema).min(1).max(10) }),
      output: simulationFindingSchema,
    }),
    compareModels: dataTool(source, {
      name: 'compare_models',
      description: 'Prices the same tokens at other models. Compares prices only, not quality.',
      input: modelsInput,
      output: comparisonFindingSchema,
    }),
    recommendModel: dataTool(source, {
      name: 'recommend_model',
      description:
        'The cheapest model for these tokens whose context window holds every call. Quality is not measured.',
      input: modelsInput,
      output: recommendationFindingSchema,
    }),
  };
}

/** What the data can carry, what is missing, and what the price list knows. */
export function guidanceTools(source: DatasetSource) {
  return {
    assessData: dataTool(source, {
      name: 'assess_data',
      description:
        'Whether the data can carry an analysis of the given topics: completeness, what is available and missing.',
      input: dataInput.extend({
        topics: z.array(topicSchema).describe('What the question is about; empty for everything.'),
      }),
      output: sufficiencySchema,
    }),
    dataHelper: defineTool({
      name: 'data_helper',
      description: 'Which columns to collect for the topics, why, and an example of each.',
      effect: 'read',
      input: z.object({ data: datasetRefSchema.nullable(), topics: z.array(topicSchema) }),
      output: guidanceSchema,
      async run(call) {
        const { data, topics } = call.input;
        if (data === null) return adviseData(undefined, topics);
        return computeApart('data_helper', await source.load(call.user, data), { topics });
      },
    }),
    getModelCapabilities: defineTool({
      name: 'get_model_capabilities',
      description: 'What the price list knows of models: prices and context window. It knows nothing of quality.',
      effect: 'read',
      input: z.object({
        models: z.array(z.string().min(1)).min(1).max(20),
        atMs: z.number().describe('The time (ms since 1970) whose prices count.'),
      }),
      output: capabilitiesListSchema,
      run: (call) => ({ models: call.input.models.map((model) => modelCapabilities(model, call.input.atMs)) }),
    }),
  };
}
