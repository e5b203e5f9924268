/** What is said of one step in a tree: its mark, its words, its time. */
import { isBlobRef } from '../journal/event.ts';
import type { StepState } from '../journal/run-state.ts';
import type { Json } from '../core/json.ts';
import { oneLine, sentence } from '../core/plain-text.ts';
import type { Style } from './screen.ts';
import { modelWords } from '../agents/model.ts';
import type { StepNode } from '../journal/step-tree.ts';
import { tellBytes, tellMany, tellMs, tellTime } from '../core/units.ts';

const marks: Readonly<Record<StepState['status'], readonly [string, Style]>> = {
  open: ['▸', 'cyan'],
  retrying: ['↻', 'yellow'],
  completed: ['✓', 'green'],
  failed: ['✗', 'red'],
  cancelled: ['–', 'dim'],
  indoubt: ['?', 'yellow'],
};

/** The sign before a step, and its colour. */
export function stepMark({ status, kind }: StepState): readonly [string, Style] {
  return status === 'open' && kind === 'wait' ? ['…', 'yellow'] : marks[status];
}

/** How long it took, or has been taking; empty while it waits for its next try. */
export function stepTime(step: StepState, now: number): string {
  if (step.status === 'retrying') return '';
  return tellMs((step.status === 'open' ? now : (step.endedAt ?? now)) - step.startedAt);
}

/** How it stands, in a few words; empty where the mark says it all. */
export function stepWords({ step, children }: StepNode, now: number): string {
  const words = [attemptWords(step), standing(step, children, now)].filter((part) => part !== '');
  return oneLine(words.join(' · '));
}

function attemptWords({ attempt, failures }: StepState): string {
  if (attempt <= 1) return '';
  return failures > 0 ? `attempt ${attempt}` : `attempt ${attempt}, after an interruption`;
}

function standing(step: StepState, children: readonly StepNode[], now: number): string {
  switch (step.status) {
    case 'open':
      return openWords(step, children);
    case 'retrying':
      return `${sentence(step.error?.message ?? 'failed')} Again in ${tellMs((step.retryAt ?? now) - now)}.`;
    case 'failed':
      return step.error?.message ?? 'failed';
    case 'indoubt':
      return 'in doubt: it may have happened or not';
    case 'cancelled':
      return 'cancelled';
    default:
      return doneWords(step);
  }
}

function openWords(step: StepState, children: readonly StepNode[]): string {
  if (step.wait !== undefined) return waitWords(step.wait);
  if (step.kind === 'model') return tail(step.text);
  if (step.kind !== 'agent') return '';
  const models = children.filter((child) => child.step.kind === 'model');
  const last = models.at(-1)?.step;
  if (last === undefined || last.status !== 'open') return '';
  const said = tail(last.text);
  const turn = models.length > 1 ? ` (turn ${models.length})` : '';
  return said === '' ? `thinking${turn}` : said;
}

function waitWords({ for: what, until }: NonNullable<StepState['wait']>): string {
  if (what.kind === 'time') return `until ${tellTime(until)}`;
  const awaited = what.kind === 'signal' ? `the signal "${what.signal}"` : 'an approval';
  return `for ${awaited}, until ${tellTime(until)}`;
}

function doneWords(step: StepState): string {
  if (step.kind === 'agent' && step.model !== undefined)
    return `${tellMany(step.turns, 'turn')}, ${modelWords(step.model.id)}`;
  if (step.kind === 'wait') return waitEndWords(step.waitEnded);
  return step.decision === undefined ? '' : `decided: ${step.decision}`;
}

/** The end of a text that is still coming. */
function tail(text: string): string {
  const line = oneLine(text.slice(-200));
  return line.length > 60 ? `…${line.slice(-60)}` : line;
}

/** A value in one line, as much of it as `charsMax` holds. */
export function clipValue(value: Json | undefined, charsMax: number): string {
  if (value === undefined || value === null) return '';
  if (isBlobRef(value)) return `(a value of ${tellBytes(value.bytes)})`;
  const text = oneLine(typeof value === 'string' ? value : JSON.stringify(value));
  return text.length > charsMax ? `${text.slice(0, charsMax - 1)}…` : text;
}

function waitEndWords(end: StepState['waitEnded']): string {
  if (end?.by === 'approval') return `${end.approved ? 'approved' : 'refused'} by ${end.decidedBy}`;
  return end?.by === 'signal' ? 'signalled' : end?.by === 'expired' ? 'expired' : '';
}
