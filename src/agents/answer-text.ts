/**
 * An answer as Markdown that also reads well unrendered, in a terminal or a file.
 *
 * AT1  Every figure, table and chart keeps its mark, and its notes stand beside it.
 * AT2  Text of an answer comes from files, models and tools: outside of a text block it can't begin a line of its own,
 *      and nowhere can it move a cursor or colour a terminal.
 */
import type { Answer, AnswerBlock, AnswerFigure, AnswerSection } from './answer.ts';

type Table = Extract<AnswerBlock, { readonly kind: 'table' }>;
type Chart = Extract<AnswerBlock, { readonly kind: 'chart' }>;
type Marked = { readonly mark?: number; readonly notes?: readonly string[] };

/**
 * The whole answer: its title, what it did without, then its sections.
 *
 * @example
 * console.log(answerMarkdown({ title: 'Costs', notices: [], sections: [] })); // "# Costs\n"
 */
export function answerMarkdown({ title, notices, sections }: Answer): string {
  const parts = [`# ${plain(title)}`];
  if (notices.length > 0)
    parts.push(`**This answer is degraded:**\n\n${notices.map((notice) => `- ${plain(notice)}`).join('\n')}`);
  parts.push(...sections.flatMap(sectionParts));
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function sectionParts({ title, blocks }: AnswerSection): string[] {
  return [`## ${plain(title)}`, ...blocks.map(blockText)];
}

function blockText(block: AnswerBlock): string {
  switch (block.kind) {
    case 'text':
      return block.markdown.trimEnd().split('\n').map(plain).join('\n');
    case 'figures':
      return block.figures.map(figureLine).join('\n');
    case 'table':
      return tableText(block);
    default:
      return chartText(block);
  }
}

function figureLine(figure: AnswerFigure): string {
  return `- ${plain(figure.label)}: ${plain(figure.value)}${told(figure)}`;
}

/** AT1 */
function told({ mark, notes = [] }: Marked): string {
  const numbered = mark === undefined ? '' : ` [${mark}]`;
  return numbered + notes.map((note) => ` (${plain(note)})`).join('');
}

/** Columns are padded, so that the table can be read unrendered too. */
function tableText(table: Table): string {
  const header = table.columns.map(({ label }) => escapeCell(label));
  const body = table.rows.map((row) => table.columns.map((_, at) => escapeCell(row[at] ?? '')));
  const widths = header.map((label, at) => Math.max(3, label.length, ...body.map((row) => row[at]?.length ?? 0)));
  const isEnd = (at: number): boolean => table.columns[at]?.align === 'end';
  const pad = (cell: string, at: number): string => {
    const width = widths[at] ?? 0;
    return isEnd(at) ? cell.padStart(width) : cell.padEnd(width);
  };
  const line = (cells: readonly string[]): string => `| ${cells.map(pad).join(' | ')} |`;
  const rule = widths.map((width, at) => (isEnd(at) ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width)));
  return [plain(table.caption) + told(table), '', line(header), `| ${rule.join(' | ')} |`, ...body.map(line)].join(
    '\n',
  );
}

function escapeCell(text: string): string {
  return plain(text).replaceAll('|', String.raw`\|`);
}

function chartText(chart: Chart): string {
  if (chart.points.length === 0) return '';
  const drawn = chart.form === 'bars' ? barLines(chart) : traceLines(chart);
  return [plain(chart.caption) + told(chart), '', '```', ...drawn, '```'].join('\n');
}

const barChars = 24;

/** `gpt-4o       ████████████  $61.20` */
function barLines({ points }: Chart): string[] {
  const largest = Math.max(...points.map(({ value }) => value));
  const labels = points.map(({ label }) => fenced(label));
  const width = Math.max(...labels.map((label) => label.length));
  return points.map(({ value, shown }, at) => {
    const share = largest > 0 ? Math.max(0, value) / largest : 0;
    // What is there is seen, however little it is.
    const bar = '█'.repeat(share > 0 ? Math.max(1, Math.round(share * barChars)) : 0);
    return `${(labels[at] ?? '').padEnd(width)}  ${bar.padEnd(barChars)}  ${fenced(shown)}`;
  });
}

const levels = '▁▂▃▄▅▆▇█';
const traceChars = 60;

/** A line of levels from nought to the largest value, then its ends and extremes in words. */
function traceLines({ points }: Chart): string[] {
  const largest = points.reduce((best, point) => (point.value > best.value ? point : best));
  const least = points.reduce((best, point) => (point.value < best.value ? point : best));
  const trace = points.map(({ value }) => {
    const share = largest.value > 0 ? Math.max(0, value) / largest.value : 0;
    return levels[Math.min(levels.length - 1, Math.floor(share * levels.length))] ?? '';
  });
  const lines: string[] = [];
  for (let at = 0; at < trace.length; at += traceChars) lines.push(trace.slice(at, at + traceChars).join(''));
  const tell = ({ label, shown }: Chart['points'][number]): string => `${fenced(shown)} (${fenced(label)})`;
  const [first, last] = [points[0]?.label ?? '', points.at(-1)?.label ?? ''];
  return [...lines, `${fenced(first)} to ${fenced(last)}: least ${tell(least)}, most ${tell(largest)}`];
}

/** Inside a fence nothing but a fence has a meaning. */
function fenced(text: string): string {
  return plain(text).replaceAll('`', "'");
}

/** AT2 */
function plain(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\u{2028}\u{2029}]+/gu, ' ');
}
