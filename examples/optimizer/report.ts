/**
 * The final report, as data.
 *
 * W1  Every figure, table and chart has the mark of the tool call it comes from, and every mark is resolved at the end.
 * W2  What a figure assumes stands beside it.
 * W3  What is missing, what was assumed and why a report is degraded are parts of it, also when all else is empty.
 */
import { z } from 'zod';

const unitSchema = z.enum(['usd', 'ms', 'tokens', 'calls', 'share', 'number', 'text']);
const cellSchema = z.union([z.string(), z.number(), z.null()]);

export const figureSchema = z.object({
  /** Unique in its report: `cost.total.usd`. */
  id: z.string(),
  label: z.string(),
  value: cellSchema,
  unit: unitSchema,
  /** Number of the evidence it comes from. */
  mark: z.number(),
  assumptions: z.array(z.string()),
  /** Rows used, when they are not all of them. */
  rows: z.object({ used: z.number(), of: z.number() }).nullable(),
});
export type Figure = z.infer<typeof figureSchema>;

export const blockSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('text'), text: z.string() }),
  z.object({ kind: z.literal('figures'), figures: z.array(figureSchema) }),
  z.object({
    kind: z.literal('table'),
    id: z.string(),
    caption: z.string(),
    columns: z.array(z.object({ label: z.string(), unit: unitSchema })),
    rows: z.array(z.array(cellSchema)),
    mark: z.number(),
    assumptions: z.array(z.string()),
  }),
  z.object({
    kind: z.literal('chart'),
    id: z.string(),
    caption: z.string(),
    form: z.enum(['bars', 'line']),
    unit: unitSchema,
    points: z.array(z.object({ label: z.string(), value: z.number() })),
    mark: z.number(),
    assumptions: z.array(z.string()),
  }),
]);
export type Block = z.infer<typeof blockSchema>;
export type TableBlock = Extract<Block, { kind: 'table' }>;
export type ChartBlock = Extract<Block, { kind: 'chart' }>;

export const sectionSchema = z.object({ id: z.string(), title: z.string(), blocks: z.array(blockSchema) });
export type Section = z.infer<typeof sectionSchema>;

export const missingSchema = z.object({ what: z.string(), why: z.string(), needs: z.array(z.string()) });
export type Missing = z.infer<typeof missingSchema>;

export const reportSchema = z.object({
  title: z.string(),
  question: z.string(),
  kind: z.enum(['full_report', 'partial_report', 'guidance_report', 'fallback_report']),
  sections: z.array(sectionSchema),
  missing: z.array(missingSchema),
  assumptions: z.array(z.string()),
  /** Why the report rests on less than was asked for. */
  degraded: z.array(z.string()),
  evidence: z.array(z.object({ mark: z.number(), tool: z.string(), path: z.string() })),
});
export type Report = z.infer<typeof reportSchema>;

/** Id of each figure, table and chart to the path of the tool call that computed it. */
export function sourcesOf(report: Report): ReadonlyMap<string, string> {
  const pathOf = new Map(report.evidence.map((entry) => [entry.mark, entry.path] as const));
  const sources = new Map<string, string>();
  for (const block of report.sections.flatMap((section) => section.blocks)) {
    const marked = block.kind === 'figures' ? block.figures : block.kind === 'text' ? [] : [block];
    for (const { id, mark } of marked) sources.set(id, pathOf.get(mark) ?? '');
  }
  return sources;
}
