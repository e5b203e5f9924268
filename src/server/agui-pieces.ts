/** The events of one AG-UI run as the pieces of an event stream. */
import { isTerminal, type JournalEvent } from '../journal/event.ts';
import type { RunHandle } from '../engine/run-handle.ts';
import { agentWorkflowPrefix } from '../agents/workflow.ts';
import type { ErrorCode } from '../core/errors.ts';
import { isJsonObject, type Json } from '../core/json.ts';
import { endsAguiRun, type AguiEvent } from '../protocol/agui-event.ts';
import { parseInterruptId } from '../protocol/agui-resume.ts';
import { AguiProjection, type AguiFacts } from '../protocol/agui.ts';
import type { RunAnswer } from '../protocol/operations.ts';
import type { AguiInput } from './agui-input.ts';
import { callOperation } from './call.ts';
import type { Login } from './login.ts';
import type { ServerParts } from './parts.ts';
import { publicError, tellProblem } from './problems.ts';
import type { StreamEnd } from './reader-place.ts';

/** What a request is told: a run, from one of its segments on. */
export type AguiReading = {
  readonly parts: ServerParts;
  readonly login: Login;
  readonly requestId: string;
  readonly input: AguiInput;
  readonly run: RunHandle;
  readonly firstSegment: number;
  /** The `seq` of the waits that the request answers. */
  readonly answered: ReadonlySet<number>;
};

/**
 * Pieces up to the end of the AG-UI run. A stream that ends before says so as RUN_ERROR, for AG-UI has no other word
 * for it: `endedBy` tells whether it was ended from outside.
 */
export async function* aguiPieces(
  reading: AguiReading,
  signal: AbortSignal,
  endedBy: () => StreamEnd | undefined,
): AsyncGenerator<string, void> {
  try {
    if (yield* runPieces(reading, signal)) return;
    const [message, code] = partings[endedBy() ?? 'closed'];
    yield piece({ type: 'RUN_ERROR', message: `${message} The run goes on: ask again with the same ids.`, code });
  } catch (thrown) {
    tellProblem(reading.parts.log, thrown, reading.requestId);
    const { message, code } = publicError(thrown);
    yield piece({ type: 'RUN_ERROR', message, code });
  }
}

const partings = {
  login: ['The login has ended.', 'login_required'],
  drain: ['The server is stopping.', 'draining'],
  closed: ['The engine has stopped.', 'closed'],
} as const satisfies Readonly<Record<StreamEnd | 'closed', readonly [string, ErrorCode]>>;

/** JSON text has no line breaks, so that each event is one `data` line. */
function piece(event: object): string {
  return `data: ${JSON.stringify(event)}\n\n`;
}

/** Gives whether the AG-UI run was told to its end. */
async function* runPieces(reading: AguiReading, signal: AbortSignal): AsyncGenerator<string, boolean> {
  const { input, firstSegment } = reading;
  const projection = new AguiProjection({
    threadId: input.threadId,
    runIdOf: (number) => (number <= firstSegment ? input.runId : `${input.runId}#${number - firstSegment + 1}`),
    before1: input.protocolVersion === undefined,
  });
  let isBegun = false;
  for await (const event of eventsOf(reading, signal)) {
    const told = projection.project(event, isTerminal(event.type) ? await answerOf(reading, event) : {});
    if (projection.segment < firstSegment || told.length === 0) continue;
    const [first, ...others] = told as readonly [AguiEvent, ...AguiEvent[]];
    yield [piece(first), ...(isBegun ? [] : await restated(reading)), ...others.map(piece)].join('');
    isBegun = true;
    const last = told.at(-1);
    if (last !== undefined && endsAguiRun(last) && !goesOn(last, reading)) return true;
  }
  return false;
}

/** The events of the run, and of those that it goes on as (AGU6). */
async function* eventsOf({ parts, login, run }: AguiReading, signal: AbortSignal): AsyncGenerator<JournalEvent> {
  const door = parts.engine.as(login.principal);
  for (let handle = run; ;) {
    let next: string | undefined;
    for await (const event of handle.events({ signal })) {
      if ('continuedAs' in event.data) next = event.data.continuedAs;
      yield event;
    }
    if (next === undefined) return;
    handle = await door.run(next);
  }
}

/** A workflow's answer for people, as every other way of reading it has it. */
async function answerOf({ parts, login }: AguiReading, { type, run = '', data }: JournalEvent): Promise<AguiFacts> {
  if ((type !== 'run.completed' && type !== 'run.degraded') || 'continuedAs' in data) return {};
  const row = await (await parts.engine.as(login.principal).run(run)).row();
  // An agent's answer was told as it was said.
  if (row.workflow.startsWith(agentWorkflowPrefix)) return {};
  const { markdown } = (await callOperation(parts, login, 'runs.answer', { run })) as RunAnswer;
  return markdown === null ? {} : { answer: markdown };
}

/**
 * A reader that takes a segment again holds messages of it, and would append to them what it is told once more. The
 * snapshot leaves it what it had before the segment.
 */
async function restated(reading: AguiReading): Promise<string[]> {
  const { input, run, firstSegment } = reading;
  const later = await runsBehind(reading);
  const messages = input.messages.filter(
    (message) => segmentOf(message, run.id) < firstSegment && later.every((id) => segmentOf(message, id) === 0),
  );
  return messages.length === input.messages.length ? [] : [piece({ type: 'MESSAGES_SNAPSHOT', messages })];
}

/** The runs that it goes on as. */
async function runsBehind({ parts, login, run }: AguiReading): Promise<readonly string[]> {
  const door = parts.engine.as(login.principal);
  const later: string[] = [];
  for (let row = await run.row(); row.continuedAs !== undefined;) {
    const next = await (await door.run(row.continuedAs)).row();
    // One that took it up was there before: its messages are its own reader's.
    if (next.firstUserSeq < row.firstUserSeq) break;
    later.push(next.run);
    row = next;
  }
  return later;
}

/** The segment of the run that a message was told in; 0 for one that is not of the run. */
function segmentOf(message: Json, run: string): number {
  const id = isJsonObject(message) ? message['id'] : undefined;
  if (typeof id !== 'string' || !id.startsWith(`${run}#`)) return 0;
  return Number(/^\d+(?=:)/.exec(id.slice(run.length + 1))?.[0] ?? 0);
}

/** Is this an interrupt that the request has answered already? Then what comes of it follows. */
function goesOn(last: AguiEvent, { answered }: AguiReading): boolean {
  if (last.type !== 'RUN_FINISHED' || last.outcome.type !== 'interrupt') return false;
  return last.outcome.interrupts.every(({ id }) => answered.has(parseInterruptId(id).seq));
}
