/** Who works on what, and what a step is called, in the words of the page. */
import type { Working } from '../client/user-state.ts';
import { agentWorkflowPrefix } from '../agents/workflow.ts';
import { tellMany } from '../core/units.ts';
import type { JournalEvent } from '../journal/event.ts';
import { isBlobRef } from '../journal/event.ts';
import type { RunStatus } from '../journal/run-row.ts';
import { nextRunOf, type RunState, type WaitEnd } from '../journal/run-state.ts';
import type { Json } from '../core/json.ts';

/** `cost_by_model:3` and `costByModel` as people read them: `cost by model 3`. */
export function plainName(name: string): string {
  return name
    .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
    .replaceAll(/[_:-]+/g, ' ')
    .trim();
}

/** Without what marks an agent's run. */
export function runnableName(workflow: string): string {
  return workflow.startsWith(agentWorkflowPrefix) ? workflow.slice(agentWorkflowPrefix.length) : workflow;
}

export function isAgentRun(workflow: string): boolean {
  return workflow.startsWith(agentWorkflowPrefix);
}

/** What somebody is doing: `runs analyze performance`, `asks gpt-5-mini`. */
export function doingWords({ kind, name, status, attempt, path }: Working): string {
  const called = plainName(name ?? path.slice(path.lastIndexOf('/') + 1));
  const again = attempt > 1 ? `, attempt ${attempt}` : '';
  if (status === 'indoubt') return `${called}: in doubt, needs your decision`;
  if (status === 'retrying') return `${called} failed, will try again`;
  switch (kind) {
    case 'model':
      return name === 'builtin/rules' ? `applies rules${again}` : `thinks with ${name ?? 'a model'}${again}`;
    case 'tool':
      return `runs ${called}${again}`;
    case 'wait':
      return `waits: ${called}`;
    case 'agent':
      return `is at work${again}`;
    default:
      return `${called}${again}`;
  }
}

/** What the user said at the start of a run, or what can be read of its input. */
export function messageOf(events: readonly JournalEvent[], state: RunState | undefined): string {
  for (const event of events) if (event.type === 'message.received') return event.data.text;
  return inputText(state?.input);
}

function inputText(input: Json | undefined): string {
  if (typeof input === 'string') return input;
  if (input === undefined || input === null || isBlobRef(input)) return '';
  const question =
    typeof input === 'object' && !Array.isArray(input)
      ? (input as Readonly<Record<string, Json>>)['question']
      : undefined;
  return typeof question === 'string' ? question : JSON.stringify(input);
}

const statusNames: Readonly<Record<RunStatus, string>> = {
  queued: 'Queued',
  running: 'Running',
  suspended: 'Waiting',
  parked: 'Parked',
  completed: 'Completed',
  degraded: 'Degraded',
  failed: 'Failed',
  cancelled: 'Cancelled',
};

export function statusName(status: RunStatus): string {
  return statusNames[status];
}

/** `3 agents, 9 tool calls`. */
export function workSummary(run: RunState): string {
  const counts = { agent: 0, tool: 0, step: 0, model: 0, wait: 0 };
  for (const { kind } of run.steps.values()) counts[kind]++;
  const parts = [
    counts.agent > 0 ? tellMany(counts.agent, 'agent') : '',
    counts.tool > 0 ? tellMany(counts.tool, 'tool call') : '',
    counts.agent + counts.tool === 0 && counts.step > 0 ? tellMany(counts.step, 'step') : '',
    counts.wait > 0 ? tellMany(counts.wait, 'wait') : '',
  ];
  return parts.filter((part) => part !== '').join(', ');
}

/** The text that is coming in now, of an agent that answers the user directly. */
export function liveText(run: RunState): string {
  if (!isAgentRun(run.workflow)) return '';
  let text = '';
  for (const { kind, status, text: said } of run.steps.values())
    if (kind === 'model' && (status === 'open' || said !== '')) text = said;
  return text;
}

/** What a wait came to: who decided what, or that nobody came; empty where there is nothing to tell. */
export function waitEndWords(end: WaitEnd | undefined): string {
  if (end?.by === 'expired') return 'nobody answered in time';
  if (end?.by !== 'approval') return '';
  const decided = `${end.approved ? 'approved' : 'refused'} by ${end.decidedBy}`;
  return end.note === undefined || end.note === '' ? decided : `${decided}: “${end.note}”`;
}

/** Has it an answer to show? One that goes on as another has none of its own: that comes with the last of them. */
export function isAnswered(run: RunState): boolean {
  return (run.status === 'completed' || run.status === 'degraded') && nextRunOf(run) === undefined;
}
