/** What a scan found, for a person at a terminal: the worst first, and in the end what to do next. */
import { padTo, textWidth } from '../../core/plain-text.ts';
import { tellCount, tellMany, tellMs } from '../../core/units.ts';
import type { Concept, ScanReport, SourceTree } from '../concept.ts';
import {
  candidateHead,
  dimmed,
  guardCommand,
  nameIn,
  placeOf,
  scoreText,
  type TextScreen,
  tierStyles,
  withPlace,
  wrapped,
} from './text.ts';

/** How many concepts are told with their candidates; the others get a line each. */
const toldInFull = 8;
const nameColumnsMax = 40;

export function scanText(scan: ScanReport, concepts: readonly Concept[], screen: TextScreen): string {
  const { paint } = screen;
  const read = `${tellMany(scan.files, 'file')} · ${tellMany(scan.lines, 'line')} · ${tellMs(scan.ms)}`;
  const lines = [headOf(scan, concepts, screen), paint('dim', read)];
  let told = 0;
  for (const tier of ['certain', 'likely', 'possible'] as const) {
    const own = concepts.filter((concept) => concept.tier === tier);
    if (own.length === 0) continue;
    lines.push('', paint(tierStyles[tier], `${tier.toUpperCase()} ${own.length}`));
    const inFull = own.slice(0, Math.max(0, toldInFull - told));
    told += inFull.length;
    lines.push(...inFull.flatMap((concept) => conceptLines(concept, scan.tree, screen)));
    lines.push(...listed(own.slice(inFull.length), screen));
  }
  return `${[...lines, ...scanFoot(scan, concepts, screen)].join('\n')}\n`;
}

function headOf({ files }: ScanReport, concepts: readonly Concept[], { paint }: TextScreen): string {
  if (files === 0) return paint('yellow', nothingToRead);
  if (concepts.length === 0) return paint('green', 'no concept has more than one implementation');
  return paint('bold', `${tellMany(concepts.length, 'concept')} with more than one implementation`);
}

/** Said of a folder without a file in a language that is read. */
export const nothingToRead = 'there is no TypeScript, JavaScript or Python here';

function headLine({ id, name, units }: Concept, { paint }: TextScreen, columns = 0): string {
  const plain = `${name} ×${units.length}`;
  return `  ${paint('bold', name)} ×${units.length}${padTo(plain, columns).slice(plain.length)}  ${paint('dim', id)}`;
}

/** A line each, one id under the other. */
function listed(concepts: readonly Concept[], screen: TextScreen): readonly string[] {
  const widths = concepts.map(({ name, units }) => textWidth(`${name} ×${units.length}`));
  const columns = Math.min(nameColumnsMax, Math.max(0, ...widths));
  return concepts.map((concept) => headLine(concept, screen, columns));
}

/** The best two, and how many more. Names stand only where they say something that the heading does not. */
function conceptLines(concept: Concept, tree: SourceTree, screen: TextScreen): readonly string[] {
  const best = concept.candidates.slice(0, 2);
  const rest = concept.candidates.length - best.length;
  const names = concept.units.every((unit) => nameIn(unit) === concept.name)
    ? []
    : best.map(({ unit }) => nameIn(unit));
  const columns = Math.min(nameColumnsMax, Math.max(0, ...names.map(textWidth)));
  return [
    headLine(concept, screen),
    ...best.flatMap((candidate, index) => {
      const plain = padTo(names[index] ?? '', columns);
      const name = names.length === 0 ? undefined : { plain, painted: plain };
      const head = candidateHead(concept, { index, score: scoreText(candidate.score, 2), name }, screen);
      return withPlace(head, placeOf(tree.units.get(candidate.unit)), '    ', screen);
    }),
    ...(rest > 0 ? [screen.paint('dim', `      and ${rest} more`)] : []),
  ];
}

function scanFoot(scan: ScanReport, concepts: readonly Concept[], screen: TextScreen): readonly string[] {
  const { paint } = screen;
  const [first] = concepts;
  const told = new Set(concepts);
  const untold = scan.concepts.filter((concept) => !told.has(concept));
  const possible = untold.filter(({ tier }) => tier === 'possible').length;
  const decided = untold.length - possible;
  const more = [
    ...(possible > 0 ? [`${tellCount(possible)} possible`] : []),
    ...(decided > 0 ? [`${tellCount(decided)} decided on`] : []),
  ];
  const notCounted = Object.entries(scan.notCounted)
    .toSorted(([, a], [, b]) => b - a)
    .map(([verdict, pairs]) => `${tellCount(pairs)} ${verdict}`);
  const dim = (text: string): readonly string[] => wrapped(text, '', screen).map(dimmed(screen));
  return [
    '',
    ...(first === undefined ? [] : dim(legend)),
    ...(notCounted.length === 0 ? [] : dim(`pairs that only look alike: ${notCounted.join(' · ')}`)),
    ...(more.length === 0 ? [] : dim(`not told here: ${more.join(' · ')} (--all tells them)`)),
    ...unreadLines(scan, screen),
    ...(first === undefined ? [] : ['', `next: ${paint('bold', guardCommand(screen, 'explain', first.id))}`]),
  ];
}

const legend = '★ proposed · ? too close to call: you choose · the figure is a score, which explain adds up';

/** What is generated is left out on purpose. */
function unreadLines({ skipped }: ScanReport, screen: TextScreen): readonly string[] {
  const unread = skipped.filter(({ why }) => why !== 'generated');
  const [first] = unread;
  if (first === undefined) return [];
  const more = unread.length > 1 ? ', ...' : '';
  const text = `not read: ${tellMany(unread.length, 'file')} (${first.path}: ${first.why}${more}; --json tells each)`;
  return wrapped(text, '', screen).map((line) => screen.paint('yellow', line));
}
