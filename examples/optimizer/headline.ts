/** The first sentences of a report, made of what the tools returned: the agent that sums up may start from them. */
import { savingsFindingSchema } from './analysis/savings.ts';
import { formatCell } from './report-format.ts';
import { costTrendsSchema } from './tools/finding-tools.ts';
import type { Evidence } from './tools/report-tool.ts';
import { workloadSchema } from './tools/workload.ts';

/** One sentence for each thing that was found, with the mark of the tool call it rests on. */
export function headlineOf(evidence: readonly Evidence[]): string[] {
  const tellers = {
    analyze_workload_events: tellWorkload,
    analyze_cost_trends: tellCost,
    calculate_cost_savings: tellSavings,
  };
  return Object.entries(tellers).flatMap(([tool, tell]) => {
    const index = evidence.findIndex((one) => one.tool === tool);
    // The mark is the one that the report gives the call.
    return tell(evidence[index]?.output).map((sentence) => `${sentence} [${index + 1}]`);
  });
}

function tellWorkload(output: unknown): string[] {
  const workload = workloadSchema.safeParse(output);
  if (!workload.success) return [];
  const { name, rows, span } = workload.data;
  const over = span === null ? '' : ` over ${span.told}`;
  return [`${name} holds ${formatCell(rows, 'calls')} calls${over}.`];
}

function tellCost(output: unknown): string[] {
  const cost = costTrendsSchema.safeParse(output);
  if (!cost.success) return [];
  const { total } = cost.data.cost;
  if (!total.computable) return [`Their cost is not computable: ${total.why}`];
  const assumed = total.basis.assumptions.length === 0 ? '' : ` (assuming ${total.basis.assumptions.join('; ')})`;
  return [`They cost ${formatCell(total.value.usd, 'usd')}${assumed}.`];
}

function tellSavings(output: unknown): string[] {
  const savings = savingsFindingSchema.safeParse(output);
  if (!savings.success || !savings.data.computable) return [];
  const [first] = savings.data.value.opportunities;
  if (first === undefined) return ['No change that was tried would have cost less.'];
  return [
    `The largest single saving: ${first.title} would have saved ${formatCell(first.savedUsd, 'usd')}. ${first.caveat}`,
  ];
}
