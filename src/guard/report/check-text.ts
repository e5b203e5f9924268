/** What a check found, for a person at a terminal: the worst first, and the verdict last. */
import { asTyped, oneLine } from '../../core/plain-text.ts';
import { tellMany } from '../../core/units.ts';
import type { CheckReport } from '../check.ts';
import type { Finding } from './finding.ts';
import { nothingToRead } from './scan-text.ts';
import { dimmed, guardCommand, type TextScreen, withPlace, wrapped } from './text.ts';

const adviceMax = 5;

export function checkText(report: CheckReport, findings: readonly Finding[], screen: TextScreen): string {
  const lines = [
    ...findings
      .filter(({ isKnown, rule }) => !isKnown && rule !== 'found-rivals')
      .flatMap((one) => findingLines(one, screen)),
    ...restLines(report, screen),
    ...adviceLines(report, screen),
    ...verdictLines(report, screen),
  ];
  return `${lines.join('\n')}\n`;
}

function findingLines({ level, rule, path, line, message, hint }: Finding, screen: TextScreen): readonly string[] {
  const { paint, program } = screen;
  const [mark, style] = level === 'error' ? (['✗', 'red'] as const) : (['!', 'yellow'] as const);
  const plain = `${mark} ${rule}`;
  const place = paint('bold', oneLine(rule === 'stale-baseline' ? path : `${path}:${line}`));
  return [
    ...withPlace({ plain, painted: paint(style, plain) }, place, '', screen),
    ...wrapped(message, '    ', screen),
    ...wrapped(`fix: ${asTyped(hint, program)}`, '    ', screen).map(dimmed(screen)),
  ];
}

function restLines({ unread, progress }: CheckReport, { paint }: TextScreen): readonly string[] {
  return [
    ...unread.map(({ path, why }) => `${paint('red', '✗ not read')}  ${oneLine(path)} (${why})`),
    ...progress
      .filter(({ known, fresh }) => known > 0 && fresh === 0)
      .map(({ concept, known }) => `${paint('cyan', '… ratchet')}  ${concept}: ${tellMany(known, 'other')} to go`),
  ];
}

function adviceLines({ advice }: CheckReport, screen: TextScreen): readonly string[] {
  if (advice.length === 0) return [];
  const names = advice.slice(0, adviceMax).map(({ name, units }) => `${name} ×${units.length}`);
  const more = advice.length > adviceMax ? ', ...' : '';
  const text = `advice: ${tellMany(advice.length, 'concept')} with rivals, not decided on: ${names.join(', ')}${more}`;
  return wrapped(text, '', screen).map(dimmed(screen));
}

/** A check that looked at nothing, or held it to nothing, is not called clean without saying so. */
function verdictLines(report: CheckReport, screen: TextScreen): readonly string[] {
  const { failures, stale, warnings, known, unread, files, hasRules } = report;
  const { paint } = screen;
  const bad = failures.length + stale.length;
  const also = [
    ...(warnings.length > 0 ? [tellMany(warnings.length, 'warning')] : []),
    ...(known.length > 0 ? [`${known.length} known to the baseline`] : []),
    ...(unread.length > 0 ? [`${tellMany(unread.length, 'file')} not read`] : []),
  ];
  const rest = also.length === 0 ? '' : ` · ${also.join(' · ')}`;
  if (bad + unread.length > 0) return [`${paint('red', tellMany(bad, 'violation'))}${rest}`];
  if (files === 0) return [paint('yellow', `! ${nothingToRead}: nothing was checked`)];
  if (hasRules) return [`${paint('green', '✓ clean')}  ${tellMany(files, 'file')}${rest}`];
  const next = report.advice[0] === undefined ? ['init'] : ['explain', report.advice[0].id];
  return [
    `${paint('yellow', '! no rule is declared')}  ${tellMany(files, 'file')}, and nothing in guard.json that they could break`,
    `    next: ${guardCommand(screen, ...next)}`,
  ];
}
