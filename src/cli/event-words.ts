/**
 * One event in one plain line, for logs and pipes: where it is worth one.
 * Its first words are who, its next what happened, then how long it took.
 */
import type { EventOf, EventType, JournalEvent, WaitFor } from '../journal/event.ts';
import { basePath, parentPath } from '../journal/path.ts';
import type { RunState } from '../journal/run-state.ts';
import { isJsonObject, type Json } from '../core/json.ts';
import { shortId } from './find-run.ts';
import { fit, oneLine, sentence } from '../core/plain-text.ts';
import { isBookkeeping, stepLabel } from '../journal/step-tree.ts';
import { modelWords } from '../agents/model.ts';
import { tellMs, tellTime } from '../core/units.ts';

type Words<T extends EventType> = (event: EventOf<T>, run: RunState) => string | undefined;

type Failed = 'step.failed' | 'agent.failed' | 'model.failed' | 'tool.failed';

const failed = (event: EventOf<Failed>, run: RunState): string | undefined => {
  const { error, retryInMs } = event.data;
  if (error.code === 'cancelled') return `${who(event, run)} cancelled`;
  const why = retryInMs === null ? error.message : `${sentence(error.message)} Again in ${tellMs(retryInMs)}.`;
  return `${who(event, run)} failed: ${why}`;
};

const completed = (event: JournalEvent, run: RunState): string => `${who(event, run)} completed${took(event, run)}`;

/** What people watch for, not all that there is. `cantus events` gives all of it. */
const words: { readonly [T in EventType]?: Words<T> } = {
  'run.queued': ({ data }, { run }) =>
    data.continues === undefined ? undefined : `run ${shortId(data.continues)} goes on as run ${shortId(run)}`,
  'run.resumed': ({ data }) => (data.reason === 'woken' ? 'the run goes on' : 'the run goes on where it was left'),
  'run.parked': ({ data }) => `the run is parked: there is no workflow ${data.workflow} version ${data.version} here`,
  'plan.made': ({ data }) => planWords('plan', data),
  'plan.revised': ({ data }) => planWords('plan changed', data),
  'step.completed': (event, run) => {
    const step = stepOf(event, run);
    return step !== undefined && isBookkeeping(step) ? undefined : completed(event, run);
  },
  'step.failed': failed,
  'agent.started': (event, run) => `${who(event, run)} started`,
  'agent.steered': (event, run) => `${who(event, run)} was told meanwhile: ${event.data.text}`,
  'agent.completed': (event, run) =>
    `${who(event, run)} completed by ${modelWords(event.data.model.id)}${took(event, run)}`,
  'agent.failed': failed,
  'model.failed': failed,
  'tool.executing': (event, run) => `${who(event, run)} executing`,
  'tool.completed': completed,
  'tool.failed': failed,
  'tool.indoubt': (event, run) => `${who(event, run)} is in doubt: it may have happened or not`,
  'doubt.decided': (event, run) => `${who(event, run)}: decided that it ${event.data.decision}`,
  'wait.started': (event, run) => {
    const { for: what, until } = event.data;
    const end = `until ${tellTime(until)}`;
    return `${who(event, run)} waits ${purposeWords(what)}${end}`;
  },
  'wait.ended': (event, run) => {
    const { data } = event;
    if (data.by !== 'approval') return `${who(event, run)} ended (${data.by})`;
    return `${who(event, run)} ${data.approved ? 'approved' : 'refused'} by ${data.decidedBy}`;
  },
  'signal.received': ({ data }) => `signal "${data.name}" received`,
  'cancel.requested': ({ data }) => `told to end: ${data.reason}`,
  note: ({ data }) => (data.code === 'degraded' ? `degraded: ${data.text}` : data.text),
};

/** The line of an event, without its time; undefined where it is not worth one. `run` is the state after it. */
export function eventWords(event: JournalEvent, run: RunState): string | undefined {
  const told = (words[event.type] as Words<EventType> | undefined)?.(event, run);
  return told === undefined ? undefined : oneLine(told);
}

/** What a terminal's tree does not show by itself. */
export function remarkWords(event: JournalEvent, run: RunState): string | undefined {
  return /^(plan\.|note$|signal\.|run\.queued|run\.parked|cancel\.|doubt\.)/.test(event.type)
    ? eventWords(event, run)
    : undefined;
}

/** With the time since the run was asked for: `  1.24 s  tool add completed (0.02 s)`. */
export function timedLine(event: JournalEvent, run: RunState): string | undefined {
  const told = eventWords(event, run);
  if (told === undefined) return undefined;
  return `${tellMs(event.at - run.queuedAt).padStart(9)}  ${fit(told, 400)}`;
}

function stepOf(event: JournalEvent, run: RunState) {
  return run.steps.get(basePath(event.path ?? ''));
}

function who(event: JournalEvent, run: RunState): string {
  const step = stepOf(event, run);
  if (step === undefined) return event.path ?? 'the run';
  const label = stepLabel(step, run.steps.get(basePath(parentPath(step.path)))?.kind === 'agent');
  const attempt = (event.attempt ?? 1) > 1 ? ` (attempt ${event.attempt})` : '';
  return (step.kind === 'step' ? `step ${label}` : label) + attempt;
}

function took(event: JournalEvent, run: RunState): string {
  const step = stepOf(event, run);
  return step === undefined ? '' : ` (${tellMs(event.at - step.startedAt)})`;
}

function planWords(what: string, { plan, why }: { readonly plan: Json; readonly why: string }): string {
  const steps = isJsonObject(plan) && Array.isArray(plan['steps']) ? (plan['steps'] as readonly Json[]) : [];
  const names = steps.map((step) => (isJsonObject(step) && typeof step['name'] === 'string' ? step['name'] : '?'));
  return names.length === 0 ? `${what}: ${why}` : `${what}: ${names.join(', ')} (${why})`;
}

function purposeWords(what: WaitFor): string {
  if (what.kind === 'time') return '';
  return what.kind === 'signal' ? `for the signal "${what.signal}", ` : `for an approval: ${what.prompt}, `;
}
