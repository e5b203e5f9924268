/**
 * AG-UI as a projection of one run: `(state, event) -> events`. It looks at nothing else, so the same journal is told
 * the same way to everybody, and what was told of the beginning of a run never changes as the run goes on.
 *
 * AGU1  It begins with the run's first event. A reader that comes later is told the run from there: a projection that
 *       could begin anywhere would need all that is open at that place, which is what the events before it say.
 * AGU2  A run that waits for somebody ends its AG-UI run as `interrupt`, with a wait to answer each; one that only waits
 *       for time goes on in the same one, as nobody could answer. What comes then begins the next AG-UI run.
 * AGU3  A try that failed is told as `cantus.attempt.failed` with the ids of the messages that no longer count, so that
 *       what was shown can be taken back.
 * AGU4  Every tool call gets a result before the end, if only that it has none: AG-UI takes a call without one for the
 *       reader's own to run.
 * AGU5  The run of an agent is that agent: its words are the AG-UI run's own. Other agents are subagents.
 * AGU6  A run that goes on as another one is told on with that one's events in the same AG-UI run. One that an agent took
 *       up ends at once, and names the run that answers: its reader may be reading that already.
 */
import type { agentWorkflowPrefix } from '../agents/workflow.ts';
import type { ErrorInfo } from '../core/errors.ts';
import type { Json } from '../core/json.ts';
import { limits } from '../core/limits.ts';
import type { EventOf, EventType, JournalEvent, WaitFor } from '../journal/event.ts';
import { parentPath } from '../journal/path.ts';
import type { AguiEvent, AguiInterrupt } from './agui-event.ts';
import { AguiSegments, type AguiNames } from './agui-segments.ts';

export type AguiOptions = AguiNames & {
  /**
   * For readers of before AG-UI 1.0, which know no outcome `cancelled` and would take the whole stream for broken: they
   * are told of a cancel as RUN_ERROR with code `cancelled`, never as a success.
   */
  readonly before1?: boolean;
};

/** What an event of the journal does not say itself. */
export type AguiFacts = {
  /** The answer of a workflow for people, for the event that ends the run. Absent: its output if that is text. */
  readonly answer?: string;
};

type Waiting = { readonly seq: number } & (
  | { readonly kind: 'wait'; readonly for: WaitFor; readonly until: number }
  | { readonly kind: 'doubt'; readonly tool: string; readonly error: ErrorInfo }
);

/** A model call that is under way. `id` is its message's. */
type Speaking = { readonly id: string; readonly provider: string; readonly model: string; sent: string };

/** Where a message that is no model's own is told: no step has a slash in its name. */
const answerName = '/answer';

const agentPrefix: typeof agentWorkflowPrefix = 'agent.';

/**
 * A run as AG-UI tells it. `project` takes its events in order, from the first, and returns what each comes to; behind
 * them those of the run that it goes on as, if it does.
 *
 * @example
 * const agui = new AguiProjection({ threadId: 't1' });
 * for await (const event of run.events()) for (const told of agui.project(event)) send(told);
 */
export class AguiProjection {
  readonly #before1: boolean;
  readonly #told: AguiSegments;
  #workflow = '';
  readonly #speaking = new Map<string, Speaking>();
  /** Of each agent: the message and the text of its newest model call, by the agent's path. */
  readonly #said = new Map<string, { readonly id: string; readonly text: string }>();
  /** Messages that were shown, with the paths they are of. */
  readonly #shown: { readonly path: string; readonly id: string }[] = [];
  /** Tool calls without a result, by path. */
  readonly #calls = new Map<string, string>();
  readonly #waits = new Map<string, Waiting>();
  #hasOwnAgent = false;
  #isStarted = false;

  constructor({ before1 = false, ...names }: AguiOptions = {}) {
    this.#before1 = before1;
    this.#told = new AguiSegments(names);
  }

  /** The number of the AG-UI run that the newest event belongs to, from 1: the run's segment, until it goes on as another. */
  get segment(): number {
    return this.#told.begun;
  }

  project(event: JournalEvent, facts: AguiFacts = {}): readonly AguiEvent[] {
    return this.#told.during(event, () => {
      if (!this.#told.isOpen) {
        // What is said to a run that waits does not wake it; what does follows at once.
        if (event.type === 'signal.received' || event.type === 'message.received') return;
        this.#told.begin();
      }
      const tell = this.#tellers[event.type] as (event: JournalEvent, facts: AguiFacts) => void;
      tell(event, facts);
    });
  }

  /** What each event comes to. A new type does not compile until it is here. */
  readonly #tellers: { readonly [T in EventType]: (event: EventOf<T>, facts: AguiFacts) => void } = {
    'run.queued': ({ run = '', data }) => {
      this.#told.goOnAs(run);
      this.#workflow = data.workflow;
      this.#hasOwnAgent = false;
      this.#isStarted = false;
    },
    'run.started': (event) => {
      this.#isStarted = true;
      this.#custom(event, {});
    },
    'run.resumed': (event) => this.#custom(event, { reason: event.data.reason }),
    'run.parked': (event) => this.#custom(event, { ...event.data }),
    'run.suspended': (event) => this.#suspended(event),
    'run.completed': (event, { answer }) => this.#completed(event, answer),
    'run.degraded': (event, { answer }) => {
      this.#custom(event, { reasons: event.data.reasons });
      this.#completed(event, answer);
    },
    'run.failed': ({ data: { error } }) => {
      this.#close();
      this.#told.fail(error.message, error.code, { error });
    },
    'run.cancelled': ({ data: { reason } }) => {
      this.#close();
      if (this.#before1) this.#told.fail(reason, 'cancelled', { reason });
      else this.#told.finish({ type: 'cancelled' }, {}, { reason });
    },
    'plan.made': (event) => this.#plan(event, {}),
    'plan.revised': (event) => this.#plan(event, { after: event.data.after }),
    'step.started': (event) => this.#told.openStep(pathOf(event)),
    'step.completed': (event) => this.#told.close(pathOf(event)),
    'step.failed': (event) => {
      this.#told.close(pathOf(event));
      this.#attemptFailed(event);
    },
    'agent.started': (event) => this.#agentStarted(event),
    'agent.thinking': (event) => this.#custom(event, { turn: event.data.turn }),
    'agent.steered': (event) => this.#custom(event, { ...event.data }),
    'agent.completed': (event) => this.#agentCompleted(event),
    'agent.failed': (event) => {
      const { code, message } = event.data.error;
      this.#told.close(pathOf(event), (subagentRunId) => ({ type: 'SUBAGENT_ERROR', subagentRunId, message, code }));
      this.#attemptFailed(event);
    },
    'model.started': (event) => {
      const path = pathOf(event);
      const id = this.#told.id(path, event.attempt);
      const { provider, model } = event.data;
      this.#speaking.set(path, { id, provider, model, sent: '' });
      this.#said.set(parentPath(path), { id, text: '' });
    },
    'model.delta': (event) => this.#say(pathOf(event), event.data.text),
    'model.completed': (event) => this.#modelCompleted(event),
    'model.failed': (event) => {
      this.#speaking.delete(pathOf(event));
      this.#told.close(pathOf(event));
      this.#attemptFailed(event);
    },
    'tool.executing': (event) => this.#toolExecuting(event),
    'tool.completed': ({ path = '', data: { output } }) =>
      this.#result(path, typeof output === 'string' ? output : JSON.stringify(output)),
    'tool.failed': (event) => {
      this.#result(pathOf(event), errorText(event.data.error));
      this.#attemptFailed(event);
    },
    'tool.indoubt': (event) => {
      const { tool, error } = event.data;
      this.#waits.set(pathOf(event), { kind: 'doubt', seq: event.seq ?? 0, tool, error });
      this.#custom(event, { tool, error, ...this.#callAt(pathOf(event)) });
    },
    'doubt.decided': (event) => {
      this.#waits.delete(pathOf(event));
      this.#custom(event, { decision: event.data.decision });
    },
    'wait.started': (event) => {
      this.#waits.set(pathOf(event), { kind: 'wait', seq: event.seq ?? 0, ...event.data });
      this.#custom(event, { for: event.data.for, until: event.data.until });
    },
    'wait.ended': (event) => {
      this.#waits.delete(pathOf(event));
      this.#custom(event, { by: event.data.by });
    },
    'message.received': () => undefined,
    'signal.received': (event) => this.#custom(event, { name: event.data.name }),
    'cancel.requested': (event) => this.#custom(event, { reason: event.data.reason }),
    'thread.renamed': () => undefined,
    'thread.deleted': () => undefined,
    note: (event) => this.#custom(event, { ...event.data }),
  };

  /** Told under the event's own name. */
  #custom({ type, path }: JournalEvent, value: { readonly [key: string]: Json }): void {
    const where = path === undefined ? {} : { path };
    const owner = this.#told.ownerAt(path);
    this.#told.tell({ type: 'CUSTOM', name: `cantus.${type}`, value: { ...where, ...value }, ...owner });
  }

  #plan(event: EventOf<'plan.made' | 'plan.revised'>, more: { readonly after?: string }): void {
    const { path = '', data } = event;
    this.#told.tell({
      type: 'ACTIVITY_SNAPSHOT',
      // One activity that changes: a revision replaces the plan before it.
      messageId: `${event.run}#plan:${path}`,
      activityType: 'cantus.plan',
      content: { plan: data.plan, why: data.why, ...more },
      ...this.#told.ownerAt(path),
    });
  }

  #agentStarted(event: EventOf<'agent.started'>): void {
    const path = pathOf(event);
    const { agent } = event.data;
    if (parentPath(path) === '' && this.#workflow === agentPrefix + agent) this.#hasOwnAgent = true;
    else this.#told.openAgent(path, event.attempt, agent);
  }

  #agentCompleted(event: EventOf<'agent.completed'>): void {
    const path = pathOf(event);
    const said = this.#said.get(path);
    if (said?.text !== event.data.text) this.#message(`${path}/${answerName}`, event.data.text);
    const { output } = event.data;
    const result = output === null ? {} : { result: output };
    this.#told.close(path, (subagentRunId) => {
      return { type: 'SUBAGENT_FINISHED', subagentRunId, outcome: { type: 'success' }, ...result };
    });
  }

  // --- what is said ------------------------------------------------------------------------------------------------

  #say(path: string, delta: string): void {
    const speaking = this.#speaking.get(path);
    if (speaking === undefined || delta === '') return;
    if (speaking.sent === '') this.#openMessage(path, speaking.id);
    speaking.sent += delta;
    this.#told.tell({ type: 'TEXT_MESSAGE_CONTENT', messageId: speaking.id, delta, ...this.#told.owner(path) });
  }

  #openMessage(path: string, id: string): void {
    this.#shown.push({ path, id });
    this.#told.openMessage(path, id);
  }

  /** A message that is whole. */
  #message(path: string, text: string): void {
    if (text === '') return;
    const id = this.#told.id(path);
    this.#openMessage(path, id);
    this.#told.tell({ type: 'TEXT_MESSAGE_CONTENT', messageId: id, delta: text, ...this.#told.owner(path) });
    this.#told.close(path);
  }

  #modelCompleted(event: EventOf<'model.completed'>): void {
    const path = pathOf(event);
    const { text, usage } = event.data;
    const speaking = this.#speaking.get(path);
    if (speaking === undefined) return;
    // What came as deltas is the beginning of the text.
    if (text.startsWith(speaking.sent)) this.#say(path, text.slice(speaking.sent.length));
    this.#told.close(path);
    this.#speaking.delete(path);
    this.#said.set(parentPath(path), { id: speaking.id, text });
    const { inputTokens, outputTokens, cachedInputTokens, reasoningTokens } = usage;
    this.#told.count({
      provider: speaking.provider,
      model: speaking.model,
      inputTokens,
      outputTokens,
      totalTokens: inputTokens + outputTokens,
      ...(cachedInputTokens === undefined ? {} : { cachedInputTokens }),
      ...(reasoningTokens === undefined ? {} : { reasoningTokens }),
    });
  }

  // --- tools -------------------------------------------------------------------------------------------------------

  #toolExecuting(event: EventOf<'tool.executing'>): void {
    const path = pathOf(event);
    const { tool, input, callId } = event.data;
    const toolCallId = this.#told.id(path, event.attempt);
    const owner = this.#told.owner(path);
    // A call that a model asked for is part of its message; a body's own call is of no message.
    const parent = callId === undefined ? undefined : this.#said.get(parentPath(path));
    this.#calls.set(path, toolCallId);
    this.#told.tell({
      type: 'TOOL_CALL_START',
      toolCallId,
      toolCallName: tool,
      ...(parent === undefined ? {} : { parentMessageId: parent.id }),
      ...owner,
    });
    this.#told.tell({ type: 'TOOL_CALL_ARGS', toolCallId, delta: JSON.stringify(input), ...owner });
    this.#told.tell({ type: 'TOOL_CALL_END', toolCallId, ...owner });
  }

  #callAt(path: string): { readonly toolCallId?: string } {
    const toolCallId = this.#calls.get(path);
    return toolCallId === undefined ? {} : { toolCallId };
  }

  #result(path: string, content: string): void {
    const toolCallId = this.#calls.get(path);
    if (toolCallId === undefined) return;
    this.#calls.delete(path);
    this.#told.tell({
      type: 'TOOL_CALL_RESULT',
      messageId: `${this.#told.id(path)}/result of ${toolCallId}`,
      toolCallId,
      content,
      role: 'tool',
      ...this.#told.owner(path),
    });
  }

  // --- failures, waits, ends ---------------------------------------------------------------------------------------

  #attemptFailed(event: EventOf<'step.failed' | 'agent.failed' | 'model.failed' | 'tool.failed'>): void {
    const path = pathOf(event);
    const { error, retryInMs } = event.data;
    // The text of a model that failed is no answer; what was done inside a step counts until the step is tried again.
    const isTakenBack = event.type === 'model.failed' || retryInMs !== null;
    const discarded = isTakenBack ? this.#takeBack(path) : [];
    this.#told.tell({
      type: 'CUSTOM',
      name: 'cantus.attempt.failed',
      value: { path, attempt: event.attempt ?? 1, error, retryInMs, discarded },
      ...this.#told.owner(path),
    });
  }

  #takeBack(path: string): readonly string[] {
    const gone = this.#shown.filter((shown) => shown.path === path || shown.path.startsWith(`${path}/`));
    const kept = this.#shown.filter((shown) => !gone.includes(shown));
    this.#shown.splice(0, this.#shown.length, ...kept);
    return gone.map(({ id }) => id);
  }

  #suspended(event: EventOf<'run.suspended'>): void {
    const { waits } = event.data;
    // A call in doubt whose branch lost its race is decided by nobody. A list that is full does not name them all.
    const isOpen = (path: string): boolean => waits.length >= limits.failuresKeptMax || waits.includes(path);
    const interrupts = [...this.#waits].flatMap(([path, waiting]) =>
      isOpen(path) ? this.#interruptOf(path, waiting) : [],
    );
    if (interrupts.length > 0) this.#told.interrupt(interrupts);
    else this.#custom(event, { waits });
  }

  /** What somebody can answer, if anybody can (AGU2). */
  #interruptOf(path: string, waiting: Waiting): AguiInterrupt[] {
    const facts = { id: this.#told.id(String(waiting.seq)), ...this.#told.owner(path) };
    if (waiting.kind === 'doubt') {
      const message = `Whether "${waiting.tool}" happened is not known: ${waiting.error.message}`;
      const metadata = { cantus: { path } };
      return [
        { ...facts, reason: 'cantus.doubt', message, ...this.#callAt(path), responseSchema: doubtSchema, metadata },
      ];
    }
    if (waiting.for.kind === 'time') return [];
    if (waiting.for.kind === 'approval') {
      const { prompt, role } = waiting.for;
      const metadata = { cantus: { path, ...(role === undefined ? {} : { role }) } };
      const asked = { message: prompt, ...expiry(waiting.until), responseSchema: approvalSchema, metadata };
      return [{ ...facts, reason: 'cantus.approval', ...asked }];
    }
    const { signal } = waiting.for;
    const message = `The run waits for "${signal}".`;
    return [
      { ...facts, reason: 'cantus.signal', message, ...expiry(waiting.until), metadata: { cantus: { path, signal } } },
    ];
  }

  /** Closes all that is open, and answers each call that has no result (AGU4). */
  #close(): void {
    for (const path of this.#calls.keys()) this.#result(path, 'It has no result: the run ended before.');
    this.#told.closeAll();
  }

  #completed(event: EventOf<'run.completed'> | EventOf<'run.degraded'>, answer: string | undefined): void {
    const { output, continuedAs } = event.data;
    this.#close();
    if (continuedAs !== undefined) this.#custom(event, { continuedAs });
    if (continuedAs !== undefined && this.#isStarted) return;
    // An agent's words were told as it said them.
    const text = answer ?? (typeof output === 'string' ? output : '');
    if (!this.#hasOwnAgent) this.#message(answerName, text);
    this.#told.finish({ type: 'success' }, output === null ? {} : { result: output });
  }
}

function pathOf({ path = '' }: JournalEvent): string {
  return path;
}

function errorText({ code, message, hint }: ErrorInfo): string {
  return `Error (${code}): ${message}${hint === undefined ? '' : ` ${hint}`}`;
}

/** The last time that a date can be of: a wait may be longer. */
const timeMax = 8_640_000_000_000_000;

function expiry(until: number): { readonly expiresAt?: string } {
  return Math.abs(until) > timeMax ? {} : { expiresAt: new Date(until).toISOString() };
}

/** What answers an approval. */
const approvalSchema = {
  type: 'object',
  properties: { approved: { type: 'boolean' }, note: { type: 'string' } },
  required: ['approved'],
};

/** What answers a doubt. `output` is the call's result, if it happened. */
const doubtSchema = {
  type: 'object',
  properties: { decision: { enum: ['happened', 'did-not-happen', 'give-up'] }, output: {} },
  required: ['decision'],
};
