/**
 * The final report, and how it is written out.
 *
 * W1  Every figure and table has the mark of the tool call it comes from, and every mark is resolved at the end.
 * W2  What a figure assumes stands beside it.
 * W3  What is missing, what was assumed and why a report is degraded are parts of it, also when all else is empty.
 */
import { z } from 'zod';
import { formatCell } from './report-format.ts';

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
]);
export type Block = z.infer<typeof blockSchema>;
export type TableBlock = Extract<Block, { kind: 'table' }>;

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

/** Figure and table id to the path of the tool call that computed it. */
export function sourcesOf(report: Report): ReadonlyMap<string, string> {
  const pathOf = new Map(report.evidence.map((entry) => [entry.mark, entry.path] as const));
  const sources = new Map<string, string>();
  for (const block of report.sections.flatMap((section) => section.blocks)) {
    const marked = block.kind === 'figures' ? block.figures : block.kind === 'table' ? [block] : [];
    for (const { id, mark } of marked) sources.set(id, pathOf.get(mark) ?? '');
  }
  return sources;
}

/** The report as Markdown, which also reads well in a terminal. It holds no control characters. */
export function renderReport(report: Report): string {
  const parts = [`# ${plain(report.title)}`];
  if (report.question !== '') parts.push(`> ${plain(report.question)}`);
  if (report.degraded.length > 0) {
    parts.push(`**This answer is degraded:**\n\n${list(report.degraded)}`);
  }
  for (const section of report.sections) parts.push(`## ${plain(section.title)}`, ...section.blocks.map(renderBlock));
  if (report.missing.length > 0) parts.push('## What could not be computed', list(tellMissing(report.missing)));
  if (report.assumptions.length > 0) parts.push('## Assumptions', list(report.assumptions));
  if (report.evidence.length > 0) {
    const lines = report.evidence.map(({ mark, tool, path }) => `[${mark}] tool ${plain(tool)} at ${plain(path)}`);
    parts.push('## Where the figures come from', list(lines));
  }
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function list(lines: readonly string[]): string {
  return lines.map((line) => `- ${plain(line)}`).join('\n');
}

/** What is missing for one reason is told in one line. */
function tellMissing(missing: readonly Missing[]): string[] {
  const byReason = new Map<string, string[]>();
  for (const { what, why, needs } of missing) {
    const end = /[.!?]$/u.test(why) ? '' : '.';
    const reason = `${why}${end}${needs.length === 0 ? '' : ` Needed: ${needs.join('; ')}.`}`;
    byReason.set(reason, [...(byReason.get(reason) ?? []), what]);
  }
  return [...byReason].map(([reason, whats]) => `${whats.join(', ')}: ${reason}`);
}

function renderBlock(block: Block): string {
  switch (block.kind) {
    case 'text':
      return block.text.split('\n').map(plain).join('\n');
    case 'figures':
      return block.figures.map(renderFigure).join('\n');
    default:
      return renderTable(block);
  }
}

function renderFigure(figure: Figure): string {
  const rows = figure.rows === null ? '' : ` (from ${figure.rows.used} of ${figure.rows.of} calls)`;
  const value = plain(formatCell(figure.value, figure.unit));
  return `- ${plain(figure.label)}: ${value} [${figure.mark}]${rows}${plain(tellAssumptions(figure.assumptions))}`;
}

function tellAssumptions(assumptions: readonly string[]): string {
  return assumptions.length === 0 ? '' : ` (assuming ${assumptions.join('; ')})`;
}

/** Columns are padded, so that the table can be read unrendered too. */
function renderTable(table: TableBlock): string {
  const header = table.columns.map((column) => escapeCell(column.label));
  const body = table.rows.map((row) =>
    table.columns.map((column, index) => escapeCell(formatCell(row[index] ?? null, column.unit))),
  );
  const widths = header.map((label, index) => Math.max(3, label.length, ...body.map((row) => row[index]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    `| ${cells
      .map((cell, index) => {
        const text = table.columns[index]?.unit === 'text';
        return text ? cell.padEnd(widths[index] ?? 0) : cell.padStart(widths[index] ?? 0);
      })
      .join(' | ')} |`;
  const rule = widths.map((width, index) =>
    table.columns[index]?.unit === 'text' ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`,
  );
  const caption = `${plain(table.caption)} [${table.mark}]${plain(tellAssumptions(table.assumptions))}`;
  return [caption, '', line(header), `| ${rule.join(' | ')} |`, ...body.map(line)].join('\n');
}

function escapeCell(text: string): string {
  return plain(text).replaceAll('|', String.raw`\|`);
}

/** Text from a file or a model can't move the cursor, colour the terminal or begin a line of its own. */
function plain(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\u{2028}\u{2029}]+/gu, ' ');
}
