/**
 * Reports for a person at a terminal: what they share.
 *
 * VT1  Without colour the same words are there; nothing is told by colour alone.
 * VT2  Lines keep within the terminal's width; without one they are not broken, so that they can be searched. A place
 *      (`path:line`) is never cut, so that a terminal can open it: where it does not fit it has a line of its own.
 */
import type { Concept, Tier, Unit } from '../concept.ts';
import { oneLine, shellWord, textWidth, wrap } from '../../core/plain-text.ts';

export type TextStyle = 'bold' | 'dim' | 'green' | 'red' | 'yellow' | 'cyan';

/** How text gets on the screen. */
export type TextScreen = {
  /** Undefined where nobody looks at it on a terminal. */
  readonly columns: number | undefined;
  readonly paint: (style: TextStyle, text: string) => string;
  /** What a person types to start this program. */
  readonly program: string;
};

export const tierStyles: Readonly<Record<Tier, TextStyle>> = { certain: 'red', likely: 'yellow', possible: 'cyan' };

/** Where a unit is, as a terminal opens it (TX1). */
export function placeOf(unit: Pick<Unit, 'path' | 'span'> | undefined): string {
  return unit === undefined ? '' : oneLine(`${unit.path}:${unit.span.line}`);
}

/** A score, without the sign of what is rounded to nothing. */
export function scoreText(score: number, digits: number): string {
  return score.toFixed(digits).replace(/^-(?=[0.]+$)/, '');
}

/** Its name in its file: `Outer.Inner`. */
export function nameIn(id: string): string {
  return id.slice(id.indexOf('#') + 1);
}

/** What a person types for this. */
export function guardCommand({ program }: TextScreen, ...words: readonly string[]): string {
  return [program, 'guard', ...words.map((word) => shellWord(oneLine(word)))].join(' ');
}

/** Breaks between words; what follows is indented by two more than the first line is. */
export function wrapped(text: string, indent: string, { columns }: TextScreen): readonly string[] {
  const line = indent + oneLine(text);
  return columns === undefined ? [line] : wrap(line, Math.max(20, columns - 1), `${indent}  `);
}

/** A line that ends in a place; the place has one of its own where both don't fit (VT2). */
export function withPlace(
  { plain, painted }: PaintedLine,
  place: string,
  indent: string,
  { columns }: TextScreen,
): readonly string[] {
  const width = indent.length + textWidth(plain) + 2 + textWidth(place);
  if (columns === undefined || width < columns) return [`${indent}${painted}  ${place}`];
  return [`${indent}${painted}`.trimEnd(), `${indent}  ${place}`];
}

export function dimmed({ paint }: TextScreen): (line: string) => string {
  return (line) => paint('dim', line);
}

/** A line that is coloured in part. */
export type PaintedLine = { readonly plain: string; readonly painted: string };

/** `★` is ahead of the others, `·` the next; `?` are the best two where they are too close to call. */
export function candidateHead(
  { undecided }: Concept,
  { index, score, name }: { readonly index: number; readonly score: string; readonly name?: PaintedLine | undefined },
  { paint }: TextScreen,
): PaintedLine {
  const [mark, style] = undecided
    ? (['?', 'yellow'] as const)
    : index === 0
      ? (['★', 'green'] as const)
      : (['·', 'dim'] as const);
  const shown = index > 1 ? ' ' : mark;
  const gap = name === undefined ? '' : '  ';
  return {
    plain: `${shown} ${score}${gap}${name?.plain ?? ''}`,
    painted: `${paint(style, shown)} ${paint('dim', score)}${gap}${name?.painted ?? ''}`,
  };
}
