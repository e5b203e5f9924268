/** All tools of the optimizer, made for one source of datasets. */
import type { DatasetSource } from '../data/source.ts';
import { costTools, guidanceTools, workloadTools } from './finding-tools.ts';
import { generateReport } from './report-tool.ts';

export type OptimizerTools = ReturnType<typeof optimizerTools>;

/**
 * @example
 * const tools = optimizerTools(folderSource('.cantus/data'));
 * const cost = await ctx.tool(tools.analyzeCostTrends, { data: ref });
 */
export function optimizerTools(source: DatasetSource) {
  return {
    ...workloadTools(source),
    ...costTools(source),
    ...guidanceTools(source),
    generateReport,
  };
}
