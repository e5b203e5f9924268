/** Runs made of events, for the tests of the fold. */
import type { ErrorInfo } from '../core/errors.ts';
import type { Json } from '../core/json.ts';
import type { EventData, EventType, JournalEvent } from './event.ts';

export type Told<T extends EventType = EventType> = readonly [type: T, data: EventData[T], path?: string];

export const error: ErrorInfo = { code: 'thrown', message: 'no', retryable: true };

export const completed = (path: string, output: Json): Told => ['step.completed', { output }, path];

const queued: EventData['run.queued'] = {
  workflow: 'flow',
  version: 1,
  input: null,
  digest: 'd',
  deadlineMs: 1_000,
  roles: [],
};

/** A run that was queued and started, and then what is told: an event each 10 ms. */
export function told(...events: readonly Told[]): JournalEvent[] {
  const all: readonly Told[] = [['run.queued', queued], ['run.started', { node: 'n' }], ...events];
  return all.map(([type, data, path], index) => {
    const place = { tenant: 't', user: 'u', userSeq: index + 1, run: 'r', seq: index + 1 };
    return { ...place, at: 10 * index, type, data, v: 1, ...(path === undefined ? {} : { path }) } as JournalEvent;
  });
}

/** The events, and a good end. */
export function finish(...events: readonly Told[]): Told[] {
  return [...events, ['run.completed', { output: null }]];
}

const usage = { inputTokens: 1, outputTokens: 1 };
const reservation = { ...usage, usd: null };
const started: Record<'step' | 'agent' | 'model' | 'tool' | 'wait', Told> = {
  step: ['step.started', {}, 'x'],
  agent: ['agent.started', { agent: 'x', input: '' }, 'x'],
  model: ['model.started', { model: 'm', provider: 'p', kind: 'scripted', reservation }, 'x'],
  tool: ['tool.executing', { tool: 'x', effect: 'read', input: null, digest: 'd' }, 'x'],
  wait: ['wait.started', { for: { kind: 'time' }, until: 1 }, 'x'],
};

/** For each type what comes before it, and itself. A new type does not compile until it is here. */
export const examples: { readonly [T in Exclude<EventType, `thread.${string}`>]: readonly Told[] } = {
  'run.queued': [],
  'run.started': [],
  'run.suspended': [['run.suspended', { activeLeftMs: 1, waits: [], wakeAt: null }]],
  'run.resumed': [['run.resumed', { node: 'n', reason: 'woken' }]],
  'run.parked': [['run.parked', { workflow: 'flow', version: 1 }]],
  'run.completed': [['run.completed', { output: 1 }]],
  'run.degraded': [['run.degraded', { output: 1, reasons: [] }]],
  'run.failed': [['run.failed', { error }]],
  'run.cancelled': [['run.cancelled', { reason: 'x' }]],
  'plan.made': [['plan.made', { plan: {}, why: '' }]],
  'plan.revised': [['plan.revised', { plan: {}, why: '', after: 'x' }, 'x']],
  'step.started': [started.step],
  'step.completed': [started.step, completed('x', 1)],
  'step.failed': [started.step, ['step.failed', { error, retryInMs: null }, 'x']],
  'agent.started': [started.agent],
  'agent.thinking': [started.agent, ['agent.thinking', { turn: 1 }, 'x']],
  'agent.steered': [started.agent, ['agent.steered', { turn: 1, text: 'also', run: 'r2' }, 'x']],
  'agent.completed': [
    started.agent,
    ['agent.completed', { output: 1, text: '', turns: 1, model: { id: 'm', kind: 'scripted' } }, 'x'],
  ],
  'agent.failed': [started.agent, ['agent.failed', { error, retryInMs: null }, 'x']],
  'model.started': [started.model],
  'model.delta': [started.model, ['model.delta', { text: '' }, 'x']],
  'model.completed': [
    started.model,
    ['model.completed', { text: '', toolCalls: [], finish: 'stop', usage, usd: null }, 'x'],
  ],
  'model.failed': [started.model, ['model.failed', { error, retryInMs: 1 }, 'x']],
  'tool.executing': [started.tool],
  'tool.completed': [started.tool, ['tool.completed', { output: 1 }, 'x']],
  'tool.failed': [started.tool, ['tool.failed', { error, retryInMs: null }, 'x']],
  'tool.indoubt': [started.tool, ['tool.indoubt', { tool: 'x', error }, 'x']],
  'doubt.decided': [
    started.tool,
    ['tool.indoubt', { tool: 'x', error }, 'x'],
    ['doubt.decided', { decision: 'give-up' }, 'x'],
  ],
  'wait.started': [started.wait],
  'wait.ended': [started.wait, ['wait.ended', { by: 'time' }, 'x']],
  'message.received': [['message.received', { text: '' }]],
  'signal.received': [['signal.received', { name: 's', value: 1 }]],
  'cancel.requested': [['cancel.requested', { reason: 'x' }]],
  note: [['note', { code: 'note', text: '' }, 'x']],
};
