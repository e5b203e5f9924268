/** Markdown, for a comment on a pull request or the summary of a job. */
import { tellMany } from '../../core/units.ts';
import type { CheckReport } from '../check.ts';
import type { Concept } from '../concept.ts';
import type { Finding } from './finding.ts';
import { nothingToRead } from './scan-text.ts';

export function checkMarkdown(report: CheckReport, findings: readonly Finding[]): string {
  const { failures, stale, warnings, known, unread, progress } = report;
  const bad = failures.length + stale.length;
  const head =
    bad === 0
      ? `${cleanHead(report)}\n\n${tellMany(report.files, 'file')}, ${tellMany(known.length, 'known violation')} to go.\n`
      : `### Guard: ${tellMany(bad, 'violation')}\n`;
  const told = findings.filter(({ isKnown, level }) => !isKnown && level !== 'note');
  return [
    head,
    ...(told.length === 0 ? [] : [table(['', 'Rule', 'Where', 'What', 'How to mend it'], told.map(rowOf))]),
    ...(unread.length === 0
      ? []
      : [`**Not read:** ${unread.map(({ path, why }) => `${code(path)} (${why})`).join(', ')}\n`]),
    ...(progress.length === 0 || bad + warnings.length + known.length === 0 ? [] : [progressTable(report)]),
    ...(report.advice.length === 0 ? [] : [conceptList('Found, and not decided on', report.advice)]),
  ].join('\n');
}

/** What was held to nothing is not called clean. */
function cleanHead({ hasRules, files }: CheckReport): string {
  if (files === 0) return `### Guard: ${nothingToRead}`;
  return hasRules ? '### Guard: clean' : '### Guard: guard.json declares no rule';
}

export function scanMarkdown(concepts: readonly Concept[]): string {
  if (concepts.length === 0) return '### Guard: no concept has more than one implementation\n';
  return conceptList(`${tellMany(concepts.length, 'concept')} with more than one implementation`, concepts);
}

function rowOf({ level, rule, path, line, message, hint }: Finding): readonly string[] {
  return [level === 'error' ? '❌' : '⚠️', rule, code(`${path}:${line}`), cell(message), cell(hint)];
}

function progressTable({ progress }: CheckReport): string {
  return table(
    ['Concept', 'Others known', 'New', 'Gone'],
    progress.map(({ concept, known, fresh, stale }) => [code(concept), ...[known, fresh, stale].map(String)]),
  );
}

function conceptList(title: string, concepts: readonly Concept[]): string {
  const rows = concepts.map(({ id, name, tier, units }) => [
    code(id),
    `${cell(name)} ×${units.length}`,
    tier,
    units.map(code).join('<br>'),
  ]);
  return `### ${title}\n\n${table(['Concept', 'Name', 'How sure', 'Where, best candidate first'], rows)}`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |\n`).join('');
}

function code(text: string): string {
  return `\`${text.replaceAll('`', "'").replaceAll('|', String.raw`\|`)}\``;
}

/** What would be markup in a cell is written as text: names and paths come from whoever wrote the code. */
function cell(text: string): string {
  return text
    .replaceAll(/[\\`*[\]|~]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/g, (sign) => `\\${sign}`)
    .replaceAll('<', '&lt;')
    .replaceAll('\n', ' ');
}
