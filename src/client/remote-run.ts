/** What a program holds of a run, over a wire: watch it, wait for its end, speak to it. */
import { EngineError, NotFoundError } from '../core/errors.ts';
import { toJson } from '../core/json.ts';
import { limits } from '../core/limits.ts';
import { isBlobRef, isTerminal, type Doubt, type JournalEvent } from '../journal/event.ts';
import type { RunRow } from '../journal/run-row.ts';
import { evolve, outcomeOf, type Outcome, type RunState } from '../journal/run-state.ts';
import { otherRoutes, type RunAnswer } from '../protocol/operations.ts';
import type { Problem } from '../protocol/problem.ts';
import { backoffMs } from './backoff.ts';
import { pause, problemError, unreachableServer, type Calls, type ServerAddress } from './calls.ts';
import { sourceMessages } from './event-source.ts';
import { toldEvent } from './told-event.ts';

/** A run of the user, wherever it is: the handle that the engine gives, over a wire. */
export interface RemoteRun {
  readonly id: string;
  /** The run's events behind `after` (a seq of the run), then what comes, until its end. */
  events(options?: { readonly after?: number; readonly signal?: AbortSignal }): AsyncIterable<JournalEvent>;
  /** How it ended. Waits for the end. */
  result(): Promise<Outcome>;
  cancel(reason?: string): Promise<void>;
  signal(name: string, value?: unknown, options?: { readonly key?: string }): Promise<void>;
  decide(path: string, decision: Doubt, output?: unknown): Promise<void>;
  approve(path: string, verdict: { readonly approved: boolean; readonly note?: string }): Promise<void>;
  state(): Promise<RunState>;
  /** What a list shows of it now. */
  row(): Promise<RunRow>;
  /** Its answer for people, as the app renders it. */
  answer(): Promise<RunAnswer>;
}

/** A run that was just started, and what the user should know of it. */
export interface StartedRun extends RemoteRun {
  readonly workflow: string;
  readonly notes: readonly string[];
}

type Place = { readonly address: ServerAddress; readonly calls: Calls; readonly signal?: AbortSignal };

type Following = { readonly after?: number; readonly signal?: AbortSignal };

/** The handle of a run; whether there is such a run is seen at the first use. */
export function remoteRun(id: string, address: ServerAddress, calls: Calls): RemoteRun {
  const answer = (): Promise<RunAnswer> => calls.call('runs.answer', { run: id });
  const events = (options: Following = {}): AsyncIterable<JournalEvent> =>
    follow(
      id,
      { address, calls, ...(options.signal === undefined ? {} : { signal: options.signal }) },
      options.after ?? 0,
    );
  return {
    id,
    events,
    answer,
    async result() {
      const { outcome } = await answer();
      if (outcome !== null) return withOutput(outcome, calls);
      for await (const event of events()) {
        const ended = outcomeOf(event);
        if (ended === undefined) continue;
        // One that goes on as another has its answer.
        if ('continuedAs' in ended && ended.continuedAs !== undefined)
          return remoteRun(ended.continuedAs, address, calls).result();
        return withOutput(ended, calls);
      }
      throw new NotFoundError('run', id);
    },
    cancel: async (reason) => {
      await calls.call('runs.cancel', { run: id, ...(reason === undefined ? {} : { reason }) });
    },
    signal: async (name, value = null, { key = address.random.id() } = {}) => {
      await calls.call('runs.signal', { run: id, name, value: toJson(value, `the signal "${name}"`), key });
    },
    decide: async (path, decision, output = null) => {
      await calls.call('runs.decide', { run: id, path, decision, output: toJson(output, 'the output') });
    },
    approve: async (path, verdict) => {
      await calls.call('runs.approve', { run: id, path, ...verdict });
    },
    state: () => readState(id, calls),
    row: () => calls.call('runs.read', { run: id }),
  };
}

async function withOutput(outcome: Outcome | undefined, calls: Calls): Promise<Outcome> {
  if (outcome === undefined) throw new EngineError('closed', 'The run ended without an outcome.');
  if (!('output' in outcome) || !isBlobRef(outcome.output)) return outcome;
  return { ...outcome, output: await calls.call('values.read', { blob: outcome.output.$blob }) };
}

/** The run's events in pages, as far as they are there now. */
export async function* pagesOfRun(
  run: string,
  calls: Pick<Calls, 'call'>,
  after = 0,
): AsyncGenerator<readonly JournalEvent[]> {
  for (let at = after; ;) {
    const { events, next, ended } = await calls.call('runs.events', { run, after: at });
    if (events.length > 0) yield events.map(toldEvent);
    if (ended || events.length === 0) return;
    at = next;
  }
}

async function readState(run: string, calls: Calls): Promise<RunState> {
  let state: RunState | undefined;
  for await (const events of pagesOfRun(run, calls)) for (const event of events) state = evolve(state, event);
  if (state === undefined) throw new NotFoundError('run', run);
  return state;
}

/** The run's events to its end, each once and in order, over as many streams as it takes. */
async function* follow(run: string, place: Place, after: number): AsyncGenerator<JournalEvent> {
  const { address, calls, signal } = place;
  const isOver = (): boolean => signal?.aborted === true;
  let at = after;
  for (let failures = 1; !isOver(); failures++) {
    try {
      for await (const event of oneStream(run, place, at)) {
        if (event.seq === undefined || event.seq > at + 1) break;
        if (event.seq <= at) continue;
        at = event.seq;
        failures = 0;
        yield event;
        if (isTerminal(event.type)) return;
      }
      if ((await calls.call('runs.events', { run, after: at, limit: 1 })).ended) return;
    } catch (thrown) {
      if (isOver()) return;
      if (!EngineError.is(thrown) || !thrown.retryable) throw thrown;
    }
    await pause(address.clock, backoffMs(Math.max(1, failures), address.random), signal);
  }
}

/** One stream, as long as it holds. Silence of 2.5 heartbeats is its end: a line can break without a word (FR5). */
async function* oneStream(run: string, { address, calls, signal }: Place, after: number): AsyncGenerator<JournalEvent> {
  const silence = new AbortController();
  const watched = signal === undefined ? silence.signal : AbortSignal.any([signal, silence.signal]);
  let stopWatch: (() => void) | undefined;
  const heard = (): void => {
    stopWatch?.();
    stopWatch = address.clock.after(limits.heartbeatMs * 2.5, () => silence.abort());
  };
  const { method, path } = otherRoutes['runs.stream'];
  try {
    heard();
    const response = await calls.request(path.replace(':run', encodeURIComponent(run)), {
      method,
      headers: { accept: 'text/event-stream', 'last-event-id': String(after) },
      signal: watched,
    });
    // No body: everything up to the end was told before.
    if (response.body !== null) yield* eventsIn(response.body, run, heard);
  } catch (thrown) {
    throw EngineError.is(thrown) ? thrown : unreachableServer(thrown);
  } finally {
    stopWatch?.();
  }
}

async function* eventsIn(
  body: ReadableStream<Uint8Array>,
  run: string,
  heard: () => void,
): AsyncGenerator<JournalEvent> {
  for await (const { data } of sourceMessages(body, heard)) {
    const told = JSON.parse(data) as Partial<JournalEvent> & Partial<Problem>;
    const error = problemError(told);
    if (error !== undefined) throw error;
    if (typeof told.seq === 'number' && told.run === run) yield toldEvent(told as JournalEvent);
  }
}
