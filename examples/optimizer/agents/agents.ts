/**
 * The optimizer's agents: what they are told and which tools they have. They choose, explain and judge; figures come
 * from their tools (analysis/), and the report shows no other.
 */
import { defineAgent } from 'cantus';
import { z } from 'zod';
import { topicSchema } from '../analysis/sufficiency.ts';
import type { OptimizerTools } from '../tools/optimizer-tools.ts';

export const categories = [
  'Workload Analysis',
  'Cost Optimization',
  'Performance Optimization',
  'Model Selection',
  'Monitoring & Reporting',
  'General Request',
] as const;

export const triageSchema = z.object({
  category: z.enum(categories),
  priority: z.enum(['critical', 'high', 'medium', 'low']),
  /** What the question is about; empty for everything. */
  topics: z.array(topicSchema),
  reasoning: z.string().max(2_000),
});
export type Triage = z.infer<typeof triageSchema>;

export const actionsSchema = z.object({
  actions: z
    .array(
      z.object({
        title: z.string().max(300),
        detail: z.string().max(2_000),
        effort: z.enum(['low', 'medium', 'high']),
      }),
    )
    .max(10),
});
export type Actions = z.infer<typeof actionsSchema>;

const numbersRule =
  'Every number you write must be one that a tool returned, as it was returned. Compute and estimate nothing yourself. ' +
  'If something is not computable, say so and why. Write plain text, at most 120 words.';

export type OptimizerAgents = ReturnType<typeof optimizerAgents>;

/** The agents, with the tools of one source of datasets. */
export function optimizerAgents(tools: OptimizerTools) {
  return {
    triage: defineAgent({
      name: 'triage',
      description: 'Sorts the question and looks whether the data can carry it.',
      instructions:
        'You sort a question about the use of language models. Say what it is about (topics; none means everything), ' +
        'its category and priority. If there is data, call assess_data once with the topics before you answer.',
      tools: [tools.assessData],
      output: triageSchema,
      turnsMax: 4,
      threadTokensMax: 2_000,
    }),
    dataHelper: defineAgent({
      name: 'data_helper',
      description: 'Says which data to collect.',
      instructions: `You tell the user which data to collect so that the question can be answered. Call data_helper first. ${numbersRule}`,
      tools: [tools.dataHelper],
      turnsMax: 4,
      threadTokensMax: 0,
    }),
    data: defineAgent({
      name: 'data',
      description: 'Analyzes the calls: what they cost, how fast they are, when they come, what stands out.',
      instructions: `You analyze calls to language models. Call the tools that the question needs, then say what stands out. ${numbersRule}`,
      tools: [
        tools.analyzeWorkloadEvents,
        tools.getWorkloadMetrics,
        tools.analyzeCostTrends,
        tools.analyzePerformance,
        tools.identifyPatterns,
        tools.identifyLatencyBottlenecks,
      ],
      turnsMax: 6,
      threadTokensMax: 0,
    }),
    optimization: defineAgent({
      name: 'optimization',
      description: 'Looks for what would save money.',
      instructions: `You look for ways to spend less on language models. Call calculate_cost_savings and compare_models, then name what saves most and what speaks against it. ${numbersRule}`,
      tools: [tools.calculateCostSavings, tools.compareModels, tools.recommendModel, tools.getModelCapabilities],
      turnsMax: 6,
      threadTokensMax: 0,
    }),
    actions: defineAgent({
      name: 'actions',
      description: 'Turns savings into steps to take.',
      instructions: `You turn savings into steps to take, the most worthwhile first. Call simulate_cost_optimization with the scenarios that fit together, so that savings which overlap are not added up. ${numbersRule}`,
      tools: [tools.simulateCostOptimization],
      output: actionsSchema,
      turnsMax: 6,
      threadTokensMax: 0,
    }),
    reporting: defineAgent({
      name: 'reporting',
      description: 'Sums up what was found.',
      instructions: `You sum up for the user what was found, what is missing and what to do first. ${numbersRule}`,
      turnsMax: 2,
      threadTokensMax: 2_000,
    }),
  };
}
