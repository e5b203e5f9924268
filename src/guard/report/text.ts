/**
 * Reports for a person at a terminal.
 *
 * VT1  Without colour the same words are there; nothing is told by colour alone.
 * VT2  Lines keep within the terminal's width; without one they are not broken, so that they can be searched.
 */
import type { CheckReport } from '../check.ts';
import type { Candidate, Concept, Explanation, ScanReport, SourceTree, Tier, Unit } from '../concept.ts';
import type { Finding } from './finding.ts';

export type TextStyle = 'bold' | 'dim' | 'green' | 'red' | 'yellow' | 'cyan';

/** How text gets on the screen. */
export type TextScreen = {
  /** Undefined where nobody looks at it on a terminal. */
  readonly columns: number | undefined;
  readonly paint: (style: TextStyle, text: string) => string;
  /** What a person types to start this program. */
  readonly program: string;
};

const tierStyles: Readonly<Record<Tier, TextStyle>> = { certain: 'red', likely: 'yellow', possible: 'dim' };

/** How many concepts are told with their candidates; the others get a line each. */
const toldInFull = 8;

export function scanText(scan: ScanReport, concepts: readonly Concept[], screen: TextScreen): string {
  const { paint } = screen;
  const read = `${number(scan.files)} files · ${number(scan.lines)} lines · ${seconds(scan.ms)}`;
  const found =
    concepts.length === 0
      ? scan.files === 0
        ? paint('yellow', 'there is no TypeScript, JavaScript or Python here')
        : paint('green', 'no concept has more than one implementation')
      : paint('bold', `${count(concepts.length, 'concept')} with more than one implementation`);
  const lines = [found, paint('dim', read)];
  let told = 0;
  for (const tier of ['certain', 'likely', 'possible'] as const) {
    const own = concepts.filter((concept) => concept.tier === tier);
    if (own.length === 0) continue;
    lines.push('', paint(tierStyles[tier], `${tier.toUpperCase()} ${own.length}`));
    for (const concept of own) {
      lines.push(...(told < toldInFull ? conceptLines(concept, scan.tree, screen) : [conceptLine(concept, screen)]));
      told += 1;
    }
  }
  return `${[...lines, ...scanFoot(scan, concepts, screen)].join('\n')}\n`;
}

function conceptLine({ id, name, units }: Concept, { paint }: TextScreen): string {
  return `  ${paint('bold', name)} ×${units.length}  ${paint('dim', id)}`;
}

/** The best two, and how many more. */
function conceptLines(concept: Concept, tree: SourceTree, screen: TextScreen): readonly string[] {
  const best = concept.candidates.slice(0, 2);
  const rest = concept.candidates.length - best.length;
  return [
    conceptLine(concept, screen),
    ...best.map((candidate, index) => {
      const unit = tree.units.get(candidate.unit);
      const star = index === 0 && !concept.undecided ? '★' : '?';
      return fit(
        `    ${star} ${candidate.score.toFixed(2)} ${candidate.unit.split('#')[1] ?? ''}  ${placeOf(unit)}`,
        screen,
      );
    }),
    ...(rest > 0 ? [screen.paint('dim', `      and ${rest} more`)] : []),
  ];
}

function scanFoot(scan: ScanReport, concepts: readonly Concept[], screen: TextScreen): readonly string[] {
  const { program, paint } = screen;
  const notCounted = Object.entries(scan.notCounted).map(([verdict, pairs]) => `${number(pairs)} ${verdict}`);
  const skipped = scan.skipped.filter(({ why }) => why !== 'generated');
  const [first] = concepts;
  return [
    ...(notCounted.length === 0
      ? []
      : ['', ...wrapped(`not counted: ${notCounted.join(' · ')}`, '', screen).map(dimmed(paint))]),
    ...(skipped.length === 0
      ? []
      : [
          paint(
            'yellow',
            `not read: ${count(skipped.length, 'file')} (${skipped[0]?.path}: ${skipped[0]?.why}${skipped.length > 1 ? ', ...' : ''})`,
          ),
        ]),
    ...(first === undefined
      ? []
      : [
          '',
          `next: ${program} guard explain ${first.id}`,
          `      ${program} guard decide ${first.id} UNIT`,
          `      ${program} guard dismiss ${first.id} --why "..."`,
        ]),
  ];
}

// --- explain ---------------------------------------------------------------------------------------------------------

export function explainText({ concept, members, whyTogether, leftOut, gap }: Explanation, screen: TextScreen): string {
  const { paint, program } = screen;
  const head = `${paint('bold', concept.name)}: ${count(concept.units.length, 'implementation')}${concept.deployable === '' ? '' : ` in ${concept.deployable}`}   ${paint(tierStyles[concept.tier], concept.tier.toUpperCase())} ${concept.score.toFixed(2)}`;
  const lines = [head, ''];
  for (const [index, { unit, candidate, methods }] of members.entries()) {
    const mark = index > 1 ? ' ' : index === 0 && !concept.undecided ? '★' : '?';
    lines.push(
      fit(`  ${mark} ${candidate.score.toFixed(2)} ${unit.name}  ${placeOf(unit)}`, screen),
      ...wrapped(factsOf(candidate, methods), '         ', screen).map(dimmed(paint)),
      ...(index > 1 ? [] : inputLines(candidate, screen)),
    );
  }
  lines.push('', 'why together', ...whyTogether.flatMap((why) => wrapped(why, '  ', screen)));
  if (leftOut.length > 0) {
    const told = leftOut.map(({ unit, verdict, reason }) => `${unit.name} (${verdict}): ${reason}  ${placeOf(unit)}`);
    lines.push('', 'left out', ...told.flatMap((one) => wrapped(one, '  ', screen)));
  }
  const [best] = members;
  const choice = concept.undecided
    ? `The best two are ${gap.toFixed(2)} apart: undecided, you choose.`
    : `The best is ${gap.toFixed(2)} ahead. It is a proposal: you choose.`;
  lines.push(
    '',
    'choose',
    `  ${choice}`,
    `  ${program} guard decide ${concept.id} ${best?.unit.id ?? 'UNIT'}`,
    `  ${program} guard dismiss ${concept.id} --why "..."`,
  );
  return `${lines.join('\n')}\n`;
}

function factsOf(candidate: Candidate, methods: readonly string[]): string {
  const { importers, testImporters, missingMethods } = candidate;
  const parts = [
    methods.length === 0 ? 'no methods' : `${count(methods.length, 'method')}: ${methods.join(', ')}`,
    `${count(importers.length, 'importer')} + ${count(testImporters.length, 'test')}`,
    ...(missingMethods.length === 0 ? [] : [`without ${missingMethods.join(', ')}, which others are asked for`]),
  ];
  return parts.join(' · ');
}

/** Every input of the score, so that the sum can be checked by hand. */
function inputLines({ inputs }: Candidate, screen: TextScreen): readonly string[] {
  return inputs.map(({ name, value, weight, from }) => {
    const adds = value * weight;
    const line = `         ${adds < 0 ? '−' : '+'}${Math.abs(adds).toFixed(2)} ${name} (${value.toFixed(2)} × ${weight}): ${from}`;
    return screen.paint('dim', fit(line, screen));
  });
}

// --- check -----------------------------------------------------------------------------------------------------------

export function checkText(report: CheckReport, findings: readonly Finding[], screen: TextScreen): string {
  const { paint } = screen;
  const lines: string[] = [];
  for (const finding of findings) {
    if (finding.isKnown || finding.rule === 'found-rivals') continue;
    const [mark, style] = finding.level === 'error' ? (['✗', 'red'] as const) : (['!', 'yellow'] as const);
    const where = finding.rule === 'stale-baseline' ? finding.path : `${finding.path}:${finding.line}`;
    lines.push(
      `${paint(style, `${mark} ${finding.rule}`)}  ${paint('bold', where)}`,
      ...wrapped(finding.message, '    ', screen),
      ...wrapped(`fix: ${finding.hint}`, '    ', screen).map(dimmed(paint)),
    );
  }
  for (const { path, why } of report.unread) lines.push(`${paint('red', '✗ not read')}  ${path} (${why})`);
  for (const { concept, known, fresh } of report.progress) {
    if (known > 0 && fresh === 0)
      lines.push(`${paint('cyan', '… ratchet')}  ${concept}: ${count(known, 'other')} to go`);
  }
  if (report.advice.length > 0) {
    const names = report.advice.slice(0, 5).map(({ name, units }) => `${name} ×${units.length}`);
    const more = report.advice.length > 5 ? ', ...' : '';
    lines.push(
      ...wrapped(
        `advice: ${count(report.advice.length, 'concept')} with rivals, not decided on: ${names.join(', ')}${more}`,
        '',
        screen,
      ).map(dimmed(paint)),
    );
  }
  lines.push(lastLine(report, screen));
  return `${lines.join('\n')}\n`;
}

function lastLine({ failures, stale, warnings, known, unread, files }: CheckReport, { paint }: TextScreen): string {
  const bad = failures.length + stale.length;
  const also = [
    ...(warnings.length > 0 ? [count(warnings.length, 'warning')] : []),
    ...(known.length > 0 ? [`${known.length} known to the baseline`] : []),
    ...(unread.length > 0 ? [`${count(unread.length, 'file')} not read`] : []),
  ];
  const rest = also.length === 0 ? '' : ` · ${also.join(' · ')}`;
  return bad + unread.length === 0
    ? `${paint('green', '✓ clean')}  ${number(files)} files${rest}`
    : `${paint('red', count(bad, 'violation'))}${rest}`;
}

// --- words -----------------------------------------------------------------------------------------------------------

function dimmed(paint: TextScreen['paint']): (line: string) => string {
  return (line) => paint('dim', line);
}

function placeOf(unit: Unit | undefined): string {
  return unit === undefined ? '' : `${unit.path}:${unit.span.line}`;
}

/** Breaks between words; what follows is indented as the first line is. */
function wrapped(text: string, indent: string, { columns }: TextScreen): readonly string[] {
  if (columns === undefined) return [indent + text];
  const width = Math.max(20, columns - 1);
  const lines: string[] = [];
  let line = indent;
  for (const word of text.split(' ')) {
    if (line.trim() !== '' && line.length + word.length + 1 > width) {
      lines.push(line);
      line = `${indent}  `;
    }
    line += line.trim() === '' ? word : ` ${word}`;
  }
  return [...lines, line];
}

/** Cuts the middle out of a line that is too long: its beginning and its end (a path's line) say most. */
function fit(line: string, { columns }: TextScreen): string {
  if (columns === undefined || line.length < columns) return line;
  const keep = columns - 2;
  const end = Math.floor(keep / 2);
  return `${line.slice(0, keep - end)}…${line.slice(line.length - end)}`;
}

function number(n: number | undefined): string {
  return String(n ?? 0).replaceAll(/\B(?=(\d{3})+$)/g, ',');
}

function seconds(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`;
}

function count(n: number, what: string): string {
  return `${number(n)} ${what}${n === 1 ? '' : 's'}`;
}
