/**
 * A run over time: one row a step, with the stretches it worked, waited and failed in. Pure, so that it can be drawn
 * anew with each event.
 *
 * TL1  Every stretch lies within the run's span, and the stretches of a row do not overlap.
 * TL2  Each failed attempt has a stretch of its own; the time until the next try is no work and is drawn apart.
 * TL3  What is open grows to `now`, never beyond, and never before what the journal has told.
 */
import { isTerminal, type JournalEvent } from '../journal/event.ts';
import { basePath } from '../journal/path.ts';
import { isEnded } from '../journal/run-row.ts';
import type { RunState, StepState } from '../journal/run-state.ts';
import { isBookkeeping, stepLabel, stepTree, type StepNode } from '../journal/step-tree.ts';

/** `queue`: wants a slot, or its next try. `wait`: for a person, a time or a decision. */
export type StretchKind = 'work' | 'failed' | 'queue' | 'wait';

export type Stretch = {
  readonly kind: StretchKind;
  /** Ms since 1970. */
  readonly from: number;
  readonly to: number;
  readonly open: boolean;
  readonly attempt?: number;
  readonly why?: string;
};

export type TimelineRow = {
  /** The base path of the step; empty for the run itself. */
  readonly path: string;
  readonly label: string;
  readonly kind: StepState['kind'] | 'run';
  readonly status: string;
  readonly depth: number;
  /** Steps below it, drawn or not. */
  readonly hasChildren: boolean;
  readonly startedAt: number;
  readonly endedAt: number | undefined;
  readonly stretches: readonly Stretch[];
};

export type Timeline = {
  readonly from: number;
  readonly to: number;
  readonly rows: readonly TimelineRow[];
  readonly ticks: readonly { readonly at: number; readonly offsetMs: number }[];
};

/** The rows of a run from its state and as many of its events as are at hand. `folded`: paths shown without what is in them. */
export function timelineOf(
  run: RunState,
  events: readonly JournalEvent[],
  now: number,
  folded: ReadonlySet<string> = new Set(),
): Timeline {
  const from = run.queuedAt;
  const to = Math.max(isEnded(run.status) ? run.at : Math.max(now, run.at), from + 1);
  const told = stretchesByPath(events, to);
  const rows: TimelineRow[] = [runRow(run, events, to)];
  const add = (node: StepNode, depth: number, inAgent: boolean): void => {
    const { step } = node;
    if (isBookkeeping(step)) return;
    const base = basePath(step.path);
    rows.push({
      path: base,
      label: stepLabel(step, inAgent),
      kind: step.kind,
      status: node.discarded ? 'discarded' : step.status,
      depth,
      hasChildren: node.children.length > 0,
      startedAt: step.startedAt,
      endedAt: step.endedAt,
      stretches: told.get(base) ?? [wholeOf(step, to)],
    });
    if (!folded.has(base)) for (const child of node.children) add(child, depth + 1, step.kind === 'agent');
  };
  if (!folded.has('')) for (const node of stepTree(run)) add(node, 1, false);
  return { from, to, rows, ticks: ticksOf(from, to) };
}

/** Where a stretch is drawn, in percent of the span. */
export function percentOf(
  stretch: Pick<Stretch, 'from' | 'to'>,
  { from, to }: Pick<Timeline, 'from' | 'to'>,
): {
  readonly left: number;
  readonly width: number;
} {
  const span = to - from;
  const left = clamp(((stretch.from - from) / span) * 100);
  return { left, width: clamp(((stretch.to - from) / span) * 100) - left };
}

function clamp(percent: number): number {
  return Math.min(100, Math.max(0, percent));
}

/** Where the events of a step are not at hand: one stretch from its start on. */
function wholeOf(step: StepState, to: number): Stretch {
  const kind =
    step.kind === 'wait' || step.status === 'indoubt' ? 'wait' : step.status === 'failed' ? 'failed' : 'work';
  const isOpen = step.endedAt === undefined;
  return { kind, from: step.startedAt, to: step.endedAt ?? to, open: isOpen };
}

const begins = /^(step\.started|agent\.started|model\.started|tool\.executing|wait\.started)$/;

/** A step's stretches while its events are read. */
type Tape = {
  readonly done: Stretch[];
  open: { kind: StretchKind; from: number; attempt: number; why?: string } | undefined;
};

function stretchesByPath(events: readonly JournalEvent[], to: number): ReadonlyMap<string, readonly Stretch[]> {
  const tapes = new Map<string, Tape>();
  for (const event of events) {
    if (isTerminal(event.type)) for (const tape of tapes.values()) close(tape, event.at);
    if (event.path === undefined) continue;
    const base = basePath(event.path);
    let tape = tapes.get(base);
    if (tape === undefined) {
      if (!begins.test(event.type)) continue;
      tape = { done: [], open: undefined };
      tapes.set(base, tape);
    }
    tell(tape, event);
  }
  const stretches = new Map<string, readonly Stretch[]>();
  for (const [base, { done, open }] of tapes)
    stretches.set(base, open === undefined ? done : [...done, { ...open, to: Math.max(to, open.from), open: true }]);
  return stretches;
}

function close(tape: Tape, at: number, as: StretchKind | undefined = tape.open?.kind, why?: string): void {
  if (tape.open === undefined || as === undefined) return;
  tape.done.push({ ...tape.open, kind: as, to: at, open: false, ...(why === undefined ? {} : { why }) });
  tape.open = undefined;
}

function tell(tape: Tape, event: JournalEvent): void {
  const attempt = event.attempt ?? 1;
  if (begins.test(event.type)) {
    close(tape, event.at);
    tape.open = { kind: event.type === 'wait.started' ? 'wait' : 'work', from: event.at, attempt };
  } else if (event.type.endsWith('.failed')) {
    const { error, retryInMs } = event.data as {
      readonly error: { readonly message: string };
      readonly retryInMs: number | null;
    };
    close(tape, event.at, 'failed', error.message);
    if (retryInMs !== null)
      tape.open = { kind: 'queue', from: event.at, attempt: attempt + 1, why: 'until its next try' };
  } else if (event.type === 'tool.indoubt') {
    close(tape, event.at);
    tape.open = { kind: 'wait', from: event.at, attempt, why: 'in doubt: somebody has to say what became of it' };
  } else if (event.type.endsWith('.completed') || event.type === 'wait.ended') close(tape, event.at);
}

const runKinds: Readonly<Record<string, StretchKind>> = {
  'run.queued': 'queue',
  'run.started': 'work',
  'run.resumed': 'work',
  'run.suspended': 'wait',
  'run.parked': 'queue',
};

function runRow(run: RunState, events: readonly JournalEvent[], to: number): TimelineRow {
  const tape: Tape = { done: [], open: undefined };
  for (const event of events) {
    const kind = runKinds[event.type];
    if (kind === undefined) continue;
    close(tape, event.at);
    tape.open = { kind, from: event.at, attempt: 1 };
  }
  const { done, open } = tape;
  const ended = isEnded(run.status);
  const last = open ?? { kind: 'work' as const, from: run.queuedAt, attempt: 1 };
  return {
    path: '',
    label: run.workflow,
    kind: 'run',
    status: run.status,
    depth: 0,
    hasChildren: run.steps.size > 0,
    startedAt: run.queuedAt,
    endedAt: ended ? run.at : undefined,
    stretches: [...done, { ...last, to: Math.max(to, last.from), open: !ended }],
  };
}

/** About five marks at round times. */
function ticksOf(from: number, to: number): Timeline['ticks'] {
  const step = roundStep((to - from) / 5);
  const count = Math.floor((to - from) / step);
  return Array.from({ length: count + 1 }, (_, index) => ({ at: from + index * step, offsetMs: index * step }));
}

const roundSteps = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 15_000, 30_000, 60_000, 120_000];
const largeSteps = [300_000, 600_000, 1_800_000, 3_600_000, 7_200_000, 21_600_000, 86_400_000, 604_800_000];

function roundStep(atLeast: number): number {
  return (
    [...roundSteps, ...largeSteps].find((step) => step >= atLeast) ?? Math.ceil(atLeast / 604_800_000) * 604_800_000
  );
}
