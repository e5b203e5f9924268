/** All tools of the optimizer, made for one source of datasets. */
import { cachedSource, type DatasetSource } from '../data/source.ts';
import { costTools, guidanceTools, workloadTools } from './finding-tools.ts';
import { generateReport } from './report-tool.ts';

export type OptimizerTools = ReturnType<typeof optimizerTools>;

/**
 * Datasets stay in memory between the calls of a run, for the user who stored them only.
 *
 * @example
 * const tools = optimizerTools(folderSource('.cantus/data'));
 * const cost = await ctx.tool(tools.analyzeCostTrends, { data: ref });
 */
export function optimizerTools(source: DatasetSource) {
  const cached = cachedSource(source);
  return {
    ...workloadTools(cached),
    ...costTools(cached),
    ...guidanceTools(cached),
    generateReport,
  };
}
