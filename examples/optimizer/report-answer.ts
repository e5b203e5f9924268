/** The report as an answer for people: formats and names what it holds, and computes nothing (W1 to W3). */
import type { Answer, AnswerBlock, AnswerFigure, AnswerSection } from 'cantus';
import { formatCell } from './report-format.ts';
import type { Block, ChartBlock, Figure, Missing, Report, TableBlock } from './report.ts';

/** What a page draws and `cantus run` prints of a report. */
export function answerOf(report: Report): Answer {
  const pathOf = new Map(report.evidence.map(({ mark, path }) => [mark, path] as const));
  const sections: AnswerSection[] = report.sections.map(({ title, blocks }) => ({
    title,
    blocks: blocks.map((block) => blockOf(block, pathOf)),
  }));
  const lists: readonly (readonly [title: string, lines: readonly string[]])[] = [
    ['What could not be computed', tellMissing(report.missing)],
    ['Assumptions', report.assumptions],
    ['Where the figures come from', report.evidence.map(({ mark, tool, path }) => `[${mark}] tool ${tool} at ${path}`)],
  ];
  for (const [title, lines] of lists)
    if (lines.length > 0) sections.push({ title, blocks: [{ kind: 'text', markdown: list(lines) }] });
  return { title: report.title, notices: report.degraded, sections };
}

type Paths = ReadonlyMap<number, string>;

function blockOf(block: Block, pathOf: Paths): AnswerBlock {
  switch (block.kind) {
    case 'text':
      return { kind: 'text', markdown: block.text };
    case 'figures':
      return { kind: 'figures', figures: block.figures.map((figure) => figureOf(figure, pathOf)) };
    case 'table':
      return tableOf(block, pathOf);
    default:
      return chartOf(block, pathOf);
  }
}

function figureOf({ label, value, unit, mark, rows, assumptions }: Figure, pathOf: Paths): AnswerFigure {
  const part = rows === null ? [] : [`from ${rows.used} of ${rows.of} calls`];
  return {
    label,
    value: formatCell(value, unit),
    ...sourceOf(mark, pathOf),
    ...notesOf([...part, ...tellAssumptions(assumptions)]),
  };
}

function tableOf({ caption, columns, rows, mark, assumptions }: TableBlock, pathOf: Paths): AnswerBlock {
  return {
    kind: 'table',
    caption,
    columns: columns.map(({ label, unit }) => ({ label, align: unit === 'text' ? 'start' : 'end' })),
    rows: rows.map((row) => columns.map(({ unit }, at) => formatCell(row[at] ?? null, unit))),
    ...sourceOf(mark, pathOf),
    ...notesOf(tellAssumptions(assumptions)),
  };
}

function chartOf({ caption, form, unit, points, mark, assumptions }: ChartBlock, pathOf: Paths): AnswerBlock {
  return {
    kind: 'chart',
    caption,
    form,
    points: points.map(({ label, value }) => ({ label, value, shown: formatCell(value, unit) })),
    ...sourceOf(mark, pathOf),
    ...notesOf(tellAssumptions(assumptions)),
  };
}

function sourceOf(mark: number, pathOf: Paths): { readonly source?: string; readonly mark: number } {
  const source = pathOf.get(mark);
  return source === undefined ? { mark } : { source, mark };
}

function notesOf(notes: readonly string[]): { readonly notes?: readonly string[] } {
  return notes.length === 0 ? {} : { notes };
}

function tellAssumptions(assumptions: readonly string[]): string[] {
  return assumptions.length === 0 ? [] : [`assuming ${assumptions.join('; ')}`];
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

/** Names of files and columns are in these lines: none may begin one of its own. */
function list(lines: readonly string[]): string {
  return lines.map((line) => `- ${line.replaceAll(/\s+/gu, ' ')}`).join('\n');
}
