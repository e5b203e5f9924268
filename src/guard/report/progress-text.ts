/** Progress in words: for a terminal, and as Markdown. */
import { oneLine, padTo, textWidth } from '../../core/plain-text.ts';
import type { CodeBaseProgress, ConceptCount, ConceptProgress, ProgressPoint } from '../progress.ts';
import { dimmed, guardCommand, type TextScreen, wrapped } from './text.ts';

/** As 2026-11-22. */
export function dayOf({ at }: Pick<ProgressPoint, 'at'>): string {
  return new Date(at).toISOString().slice(0, 10);
}

/** The commit in short, or that it is the tree as it is. */
export function nameOf({ commit }: Pick<ProgressPoint, 'commit'>): string {
  return commit?.slice(0, 9) ?? 'now';
}

/** For a person at a terminal. */
export function progressText({ points, declared }: CodeBaseProgress, screen: TextScreen): string {
  const { paint } = screen;
  const columns = Math.max(0, ...declared.map(({ concept }) => textWidth(concept)));
  const lines = declared.flatMap(({ concept, before, after, gone, came }) => {
    const style = after?.rivals.length === 0 ? 'green' : came.length > 0 ? 'red' : 'yellow';
    return [
      `${paint(style, padTo(concept, columns))}  others ${stepText(before, after, rivalsIn)}${swapText(gone.length, came.length)}  files that use them ${stepText(before, after, usersIn)}`,
      ...came.map((id) => `  new: ${oneLine(id)}`),
    ];
  });
  const none = `No concept is declared, so only what is found is counted. Next: ${guardCommand(screen, 'decide')} CONCEPT UNIT`;
  const [first, last] = [points[0], points.at(-1)];
  const span = first === undefined ? '' : ` since ${dayOf(first)} (${nameOf(first)}), at ${points.length} points`;
  return [
    ...lines,
    `concepts with rivals, declared or not  ${first?.found ?? 0} → ${last?.found ?? 0}${span}`,
    ...(declared.length === 0 ? wrapped(none, '', screen).map(dimmed(screen)) : []),
    '',
  ].join('\n');
}

/** A swap of one for another is seen. */
function swapText(gone: number, came: number): string {
  return gone + came === 0 ? '' : ` (−${gone}, +${came})`;
}

/** For a pull request or a page. */
export function progressMarkdown({ points, declared }: CodeBaseProgress): string {
  const summary = declared.map((one) => summaryRow(one));
  const tables = declared.map(({ concept }) =>
    [
      `#### ${concept}`,
      '',
      '| When | Commit | Others | Files that use them | In tests |',
      '| --- | --- | ---: | ---: | ---: |',
      ...points.map((point) => pointRow(point, point.concepts[concept])),
      '',
    ].join('\n'),
  );
  return [
    '### Guard: progress',
    '',
    '| Concept | Others | Files that use them | Gone | New |',
    '| --- | ---: | ---: | ---: | ---: |',
    ...summary,
    '',
    `Concepts with rivals, declared or not: ${points[0]?.found ?? 0} → ${points.at(-1)?.found ?? 0}.`,
    '',
    ...tables,
  ].join('\n');
}

function summaryRow({ concept, before, after, gone, came }: ConceptProgress): string {
  const steps = [stepText(before, after, rivalsIn), stepText(before, after, usersIn)];
  return `| \`${concept}\` | ${[...steps, gone.length, came.length].join(' | ')} |`;
}

function pointRow(point: ProgressPoint, count: ConceptCount | undefined): string {
  const cells =
    count === undefined ? ['not there yet', '', ''] : [count.rivals.length, count.consumers, count.testConsumers];
  return `| ${[dayOf(point), point.commit === undefined ? 'now' : `\`${nameOf(point)}\``, ...cells].join(' | ')} |`;
}

function rivalsIn({ rivals }: ConceptCount): number {
  return rivals.length;
}

function usersIn({ consumers, testConsumers }: ConceptCount): number {
  return consumers + testConsumers;
}

function stepText(
  before: ConceptCount | undefined,
  after: ConceptCount | undefined,
  of: (count: ConceptCount) => number,
): string {
  return [before, after].map((count) => (count === undefined ? 'not there' : String(of(count)))).join(' → ');
}
