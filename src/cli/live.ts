/**
 * What a terminal shows of a run while it goes on. Pure: what it shows follows from the run's events and the time.
 *
 * LV1  A step at the top is told for good when it and those begun before it have ended, with what is in it; until then
 *      it stands in the part that is drawn anew.
 * LV2  The part that is drawn anew has at most as many lines as it may: what doesn't fit is counted, not lost.
 * LV3  What people need not follow (a model call that went well, what a later try
 *      replaced, a plan's own books) is left out.
 */
import type { RunState } from '../journal/run-state.ts';
import { isEnded } from '../journal/run-row.ts';
import { fit, oneLine, padTo, textWidth } from '../core/plain-text.ts';
import type { Paint } from './screen.ts';
import { isBookkeeping, stepLabel, stepTree, type StepNode } from '../journal/step-tree.ts';
import { stepMark, stepTime, stepWords } from './step-words.ts';

export type LiveLook = {
  readonly now: number;
  readonly columns: number;
  /** Lines that the part drawn anew may have. */
  readonly rows: number;
  readonly paint: Paint;
  /** The lines are of what is in an agent. */
  readonly inAgent?: boolean;
};

export type LiveLines = {
  /** Lines to print once, above what is drawn anew. */
  readonly settled: readonly string[];
  /** Lines to draw anew each time. */
  readonly open: readonly string[];
  /** How many steps at the top have been told for good. */
  readonly told: number;
};

/** Children of one step that are shown; a step with hundreds is told by its first and last ones. */
const childrenShown = 14;

/** The lines of a run of whose steps at the top `told` have been told for good. */
export function liveLines(run: RunState, told: number, look: LiveLook): LiveLines {
  const top = stepTree(run).filter(({ step, discarded }) => !discarded && !isBookkeeping(step));
  const settled: string[] = [];
  let next = told;
  for (let node = top[next]; node !== undefined; node = top[++next]) {
    if (!isOver(node, run)) break;
    settled.push(...nodeLines(node, 0, look));
  }
  const open = top.slice(next).flatMap((node) => nodeLines(node, 0, look));
  return { settled, told: next, open: cut(open, look) };
}

function isOver({ step }: StepNode, run: RunState): boolean {
  if (isEnded(run.status)) return true;
  return step.status === 'completed' || step.status === 'failed' || step.status === 'cancelled';
}

function cut(lines: readonly string[], { rows, paint }: LiveLook): readonly string[] {
  if (lines.length <= rows) return lines;
  const kept = lines.slice(lines.length - Math.max(1, rows - 1));
  return [paint('dim', `  … ${lines.length - kept.length} more above`), ...kept];
}

function nodeLines(node: StepNode, depth: number, look: LiveLook): string[] {
  const lines = [stepLine(node, depth, look)];
  const shown = node.children.filter(isShown);
  const isAgent = node.step.kind === 'agent';
  const left = shown.length - childrenShown;
  for (const [index, child] of shown.entries()) {
    if (left > 0 && index === childrenShown / 2)
      lines.push(`${indent(depth + 1)}${look.paint('dim', `… ${left} more here`)}`);
    if (left > 0 && index >= childrenShown / 2 && index < childrenShown / 2 + left) continue;
    lines.push(...nodeLines(child, depth + 1, { ...look, inAgent: isAgent }));
  }
  return lines;
}

/** LV3 */
function isShown({ step, discarded }: StepNode): boolean {
  if (discarded) return false;
  return step.kind !== 'model' || step.status === 'failed' || step.status === 'retrying';
}

function indent(depth: number): string {
  return '  '.repeat(Math.min(depth, 8) + 1);
}

/** `  ✓ agent analyst  2 turns, gpt-5-mini            1.2 s` */
export function stepLine(node: StepNode, depth: number, look: LiveLook): string {
  const { paint, columns, now } = look;
  const [mark, style] = stepMark(node.step);
  const time = stepTime(node.step, now);
  const width = Math.min(columns, 100) - 1;
  const room = width - indent(depth).length - 2 - time.length - 1;
  const label = fit(oneLine(stepLabel(node.step, look.inAgent === true)), room);
  const words = fit(stepWords(node, now), room - textWidth(label) - 2);
  const said = words === '' ? label : `${label}  ${paint(wordsStyle(node), words)}`;
  const bare = words === '' ? label : `${label}  ${words}`;
  const gap = padTo(bare, room).slice(bare.length);
  return `${indent(depth)}${paint(style, mark)} ${said}${gap} ${paint('dim', time)}`.trimEnd();
}

function wordsStyle({ step }: StepNode): 'dim' | 'red' | 'yellow' {
  if (step.status === 'failed') return 'red';
  return step.status === 'indoubt' || step.status === 'retrying' ? 'yellow' : 'dim';
}
