/**
 * AG-UI over HTTP: `POST /v1/agui/:agent` with a RunAgentInput answers with the events of one AG-UI run.
 *
 * AGH1  What is wrong with a request is a problem of status 4xx, before any event.
 * AGH2  The same agent, thread id and run id are the same run: a request that is sent again is told it from its start.
 *       What its reader holds of it already is taken from it first, so that no text is there twice.
 * AGH3  A reader that goes away ends nothing but its stream.
 * AGH4  A stream ends with the end of its AG-UI run. It goes on over an interrupt whose waits its own request answers.
 */
import { createHash } from 'node:crypto';
import { Hono } from 'hono';
import { EngineError, NotFoundError, ValidationError } from '../core/errors.ts';
import { limits } from '../core/limits.ts';
import type { RunHandle } from '../engine/run-handle.ts';
import type { UserDoor } from '../engine/user-door.ts';
import type { JournalEvent } from '../journal/event.ts';
import { basePath } from '../journal/path.ts';
import type { RunState } from '../journal/run-state.ts';
import { answerTo, parseInterruptId, type AguiAnswer, type AguiResumeEntry } from '../protocol/agui-resume.ts';
import { otherRoutes, type Operations } from '../protocol/operations.ts';
import { parseAguiInput, type AguiInput } from './agui-input.ts';
import { aguiPieces, type AguiReading } from './agui-pieces.ts';
import { callOperation } from './call.ts';
import type { ServerEnv } from './env.ts';
import { readObject } from './json-body.ts';
import type { Login } from './login.ts';
import type { ServerParts } from './parts.ts';
import { openReaderPlace, type StreamEnd } from './reader-place.ts';
import { streamResponse } from './stream-response.ts';

/** The route `agui.run`, for behind the gate. */
export function aguiRoutes(parts: ServerParts): Hono<ServerEnv> {
  return new Hono<ServerEnv>().post(otherRoutes['agui.run'].path, async (context) => {
    const { login, requestId } = context.var;
    const input = parseAguiInput(await readObject(context));
    const reading = new AbortController();
    let ended: StreamEnd | undefined;
    // Before anything is started: who has too many connections is refused.
    const leave = openReaderPlace(parts, login, (why) => {
      ended = why;
      reading.abort();
    });
    try {
      const agent = context.req.param('agent');
      const place = await placeOf({ parts, login, door: parts.engine.as(login.principal), agent, input });
      const pieces = aguiPieces({ parts, login, requestId, input, ...place }, reading.signal, () => ended);
      const { clock, limits: bounds, counts } = parts;
      counts.add('agui.opened');
      const closed = (): void => (leave(), counts.add('agui.closed'));
      return streamResponse(pieces, { clock, limits: bounds, reading, closed });
    } catch (thrown) {
      leave();
      throw thrown;
    }
  });
}

type Request = {
  readonly parts: ServerParts;
  readonly login: Login;
  readonly door: UserDoor;
  readonly agent: string;
  readonly input: AguiInput;
};

type Place = Pick<AguiReading, 'run' | 'firstSegment' | 'answered'>;

function placeOf(request: Request): Promise<Place> {
  return request.input.resume.length === 0 ? begun(request) : resumed(request);
}

/** AGH2. A key that is found needs no second start, whose input may have come to mean something else by now. */
async function begun({ parts, login, door, agent, input }: Request): Promise<Place> {
  const { threadId, runId, question } = input;
  const key = `agui.${hashOf(agent, threadId, runId)}`;
  const rows = await door.runs({ thread: threadId, limit: limits.readPageEvents });
  let run = rows.find((row) => row.key === key)?.run;
  if (run === undefined) {
    const asked = { workflow: agent, question, thread: threadId, key };
    const started = await callOperation(parts, login, 'runs.start', asked);
    ({ run } = started as Operations['runs.start']['output']);
  }
  return { run: await door.run(run), firstSegment: 1, answered: new Set() };
}

function hashOf(...texts: string[]): string {
  return createHash('sha256').update(JSON.stringify(texts)).digest('hex');
}

/** Answers what the run waits for; what is over already needs no answer. */
async function resumed({ door, input }: Request): Promise<Place> {
  const entries = input.resume.map((entry) => ({ ...parseInterruptId(entry.interruptId), entry }));
  const { run: id, segment } = entries[0] ?? parseInterruptId('');
  if (entries.some((one) => one.run !== id || one.segment !== segment))
    throw new ValidationError('The interrupts of one resume are those of one RUN_FINISHED.');
  const run = await door.run(id);
  // A run of another thread is none of this one.
  if ((await run.row()).thread !== input.threadId) throw new NotFoundError('run', id);
  const state = await run.state();
  const answers = await Promise.all(
    entries.map(async ({ seq, entry }) => ({ answer: await answerAt(run, state, seq, entry), entry })),
  );
  // All at once, so that the run isn't asked for the second before it is given.
  await Promise.all(
    answers.map(({ answer, entry }) => give(run, state, answer, hashOf(input.runId, entry.interruptId))),
  );
  return { run, firstSegment: segment + 1, answered: new Set(entries.map(({ seq }) => seq)) };
}

async function answerAt(run: RunHandle, state: RunState, seq: number, entry: AguiResumeEntry): Promise<AguiAnswer> {
  // What is not written yet would be waited for.
  return answerTo(seq < 1 || seq > state.seq ? undefined : await eventAt(run, seq), entry);
}

async function eventAt(run: RunHandle, seq: number): Promise<JournalEvent | undefined> {
  for await (const event of run.events({ after: seq - 1 })) return event;
  return undefined;
}

/** What was over, or came to be meanwhile, needs no answer: its reader is told what became of it. */
async function give(run: RunHandle, state: RunState, answer: AguiAnswer, key: string): Promise<void> {
  const step = state.steps.get(basePath(answer.path));
  if (state.outcome !== undefined || (step?.status !== 'open' && step?.status !== 'indoubt')) return;
  try {
    await say(run, answer, key);
  } catch (thrown) {
    if (!EngineError.is(thrown) || thrown.code !== 'conflict') throw thrown;
  }
}

async function say(run: RunHandle, answer: AguiAnswer, key: string): Promise<void> {
  switch (answer.kind) {
    case 'signal':
      return run.signal(answer.name, answer.value, { key });
    case 'decision':
      return run.decide(answer.path, answer.decision, answer.output);
    case 'approval': {
      const { path, approved, note } = answer;
      return run.approve(path, { approved, ...(note === undefined ? {} : { note }) });
    }
    case 'cancel':
      return run.cancel('the user gave up what it waited for');
  }
}
