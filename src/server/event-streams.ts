/**
 * The user's events, and one run's, as server-sent events: for programs and proxies that speak HTTP alone.
 *
 * ES1  The id of a user's event is its cursor, that of a run's event its `seq`; `Last-Event-ID`, or `?after=`, goes on
 *      exactly behind it. `snapshot` and `skipped` are events with that name, and are places too.
 * ES2  Pull: a text is made when the connection has taken the one before. Who takes nothing for `socketStallMs` is let go.
 * ES3  A stream has a place among its user's connections, which is given back however it ends. It ends with its login and
 *      with the server, and says so in a `bye`. A run's stream ends behind the run's end; to ask on is answered 204, by
 *      which a browser knows that it may stop.
 */
import { Hono, type Context } from 'hono';
import { EngineError, ValidationError } from '../core/errors.ts';
import type { Frame } from '../engine/feed.ts';
import { isEnded, type RunRow } from '../journal/run-row.ts';
import { formatCursor, parseCursorText } from '../protocol/cursor.ts';
import { otherRoutes } from '../protocol/operations.ts';
import { callOperation } from './call.ts';
import { deliveries, startOf, type Delivery, type Wanted } from './delivery.ts';
import type { ServerEnv } from './env.ts';
import type { Login } from './login.ts';
import type { ServerParts } from './parts.ts';
import { tellProblem } from './problems.ts';

/** The routes `events.stream` and `runs.stream`, for behind the gate. */
export function eventStreams(parts: ServerParts): Hono<ServerEnv> {
  return new Hono<ServerEnv>()
    .get(otherRoutes['events.stream'].path, (context) => {
      const after = readPlace(context);
      const wanted: Wanted = after === undefined ? {} : { after: after === 'start' ? 'start' : parseCursorText(after) };
      const { login, requestId } = context.var;
      return new EventStream(parts, login, requestId).respond((signal) => userTexts(parts, login, wanted, signal));
    })
    .get(otherRoutes['runs.stream'].path, async (context) => {
      const after = readSeq(readPlace(context));
      const { login, requestId } = context.var;
      const handle = await parts.engine.as(login.principal).run(context.req.param('run'));
      const row = (await callOperation(parts, login, 'runs.read', { run: handle.id })) as RunRow;
      if (after > 0 && isEnded(row.status) && after >= (await handle.state()).seq) return context.body(null, 204);
      return new EventStream(parts, login, requestId).respond(async function* texts(signal) {
        for await (const event of handle.events({ after, signal })) yield eventText(String(event.seq), event);
      });
    });
}

/** Where to go on; the header is a reconnecting browser's, and newer than the address. */
function readPlace(context: Context): string | undefined {
  return context.req.header('last-event-id') || context.req.query('after') || undefined;
}

function readSeq(text: string | undefined): number {
  if (text === undefined || text === 'start') return 0;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new ValidationError('`after` is the `seq` of an event of the run: a whole number from 0 up.');
}

async function* userTexts(
  parts: ServerParts,
  login: Login,
  wanted: Wanted,
  signal: AbortSignal,
): AsyncGenerator<string, void> {
  const door = parts.engine.as(login.principal);
  const head = await door.head();
  for await (const delivery of deliveries(door, startOf(wanted, head), signal))
    yield* joined(deliveryTexts(delivery), parts.limits.socketLowBytes);
}

function* deliveryTexts(delivery: Delivery): Generator<string, void> {
  if (delivery.kind === 'frame') yield* frameTexts(delivery.frame);
  else {
    const { reason, cursor, open } = delivery;
    yield eventText(formatCursor(cursor), { reason, cursor, open }, 'snapshot');
  }
}

function* frameTexts({ generation, events, skipped }: Frame): Generator<string, void> {
  let seen = 0;
  for (const event of events) {
    for (; (skipped[seen]?.to ?? Infinity) < event.userSeq; seen++) yield skippedText(generation, skipped[seen]);
    yield eventText(formatCursor({ generation, userSeq: event.userSeq }), event);
  }
  for (; seen < skipped.length; seen++) yield skippedText(generation, skipped[seen]);
}

function skippedText(generation: string, range: Frame['skipped'][number] | undefined): string {
  if (range === undefined) return '';
  return eventText(formatCursor({ generation, userSeq: range.to }), range, 'skipped');
}

/** JSON text has no line breaks, so that it is one `data` line. */
function eventText(id: string, data: unknown, name?: string): string {
  return `${name === undefined ? '' : `event: ${name}\n`}id: ${id}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** Several texts as one, up to about a size. */
function* joined(texts: Iterable<string>, charsMax: number): Generator<string, void> {
  let whole = '';
  for (const text of texts) {
    whole += text;
    if (whole.length < charsMax) continue;
    yield whole;
    whole = '';
  }
  if (whole !== '') yield whole;
}

/** What a reader gave: a text, its end, or why it can't go on. `quiet`: nothing yet. */
type Next = { readonly text: string } | 'end' | { readonly thrown: unknown } | 'quiet';

/** One answer of type `text/event-stream`, from its place to its end (ES2, ES3). */
class EventStream {
  readonly #parts: ServerParts;
  readonly #requestId: string;
  readonly #stop = new AbortController();
  readonly #undo: (() => void)[];
  readonly #encoder = new TextEncoder();
  #texts: AsyncGenerator<string, void> | undefined;
  #asked = false;
  #come: Next | undefined;
  #settle: ((next: Next) => void) | undefined;
  #unstall: (() => void) | undefined;
  #bye: string | undefined;
  #begun = false;
  #over = false;

  /** Throws a LimitError when the user has too many connections. */
  constructor(parts: ServerParts, login: Login, requestId: string) {
    const { clock, connections, draining, limits, random } = parts;
    this.#parts = parts;
    this.#requestId = requestId;
    const { tenant, user } = login.principal;
    this.#undo = [connections.open(tenant, user)];
    const retryInMs = Math.round(random.next() * limits.drainMs);
    const drained = (): void => this.#end('drain', retryInMs);
    draining.addEventListener('abort', drained);
    this.#undo.push(() => draining.removeEventListener('abort', drained));
    const endLogin = (): void => this.#end('login', 0);
    const unwatch = parts.login.watchEnded?.((ended) => ended === login.id && endLogin());
    if (unwatch !== undefined) this.#undo.push(unwatch);
    if (login.expiresAt !== undefined)
      this.#undo.push(clock.after(Math.max(0, login.expiresAt - clock.now()), endLogin, 'background'));
    parts.counts.add('stream.opened');
  }

  respond(texts: (signal: AbortSignal) => AsyncGenerator<string, void>): Response {
    this.#texts = texts(this.#stop.signal);
    const body = new ReadableStream<Uint8Array>(
      {
        start: (controller) => this.#watch(controller),
        pull: (controller) => this.#pull(controller),
        cancel: () => this.#leave(),
      },
      { highWaterMark: 0 },
    );
    const headers = {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      // Nobody on the way waits for more before it passes this on.
      'x-accel-buffering': 'no',
      'transfer-encoding': 'chunked',
    };
    return new Response(body, { headers });
  }

  async #pull(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    this.#unstall?.();
    try {
      const text = await this.#nextText();
      if (this.#over) return;
      if (text === undefined) {
        this.#leave();
        controller.close();
        return;
      }
      controller.enqueue(this.#encoder.encode(text));
      this.#watch(controller);
    } catch (thrown) {
      this.#fail(thrown, controller);
    }
  }

  /** Undefined at the end. */
  async #nextText(): Promise<string | undefined> {
    if (!this.#begun) {
      this.#begun = true;
      return `retry: ${this.#parts.limits.clientRetryMs}\n\n`;
    }
    if (this.#stop.signal.aborted) return this.#takeBye();
    const next = await this.#next();
    if (next === 'quiet') return ': still here\n\n';
    if (next === 'end') return this.#takeBye();
    if ('thrown' in next) throw next.thrown;
    return next.text;
  }

  #takeBye(): string | undefined {
    const bye = this.#bye;
    this.#bye = undefined;
    return bye;
  }

  /** What comes next; `quiet` after a heartbeat without it. What comes then is not lost: it is the next one's. */
  #next(): Promise<Next> {
    const { clock, limits } = this.#parts;
    const come = this.#come;
    this.#come = undefined;
    if (come !== undefined) return Promise.resolve(come);
    return new Promise((resolve) => {
      const stop = clock.after(limits.heartbeatMs, () => this.#settle?.('quiet'), 'background');
      this.#settle = (next) => {
        stop();
        this.#settle = undefined;
        resolve(next);
      };
      if (!this.#asked) this.#ask();
    });
  }

  #ask(): void {
    this.#asked = true;
    const hear = (come: Next): void => {
      this.#asked = false;
      if (this.#settle === undefined) this.#come = come;
      else this.#settle(come);
    };
    this.#texts?.next().then(
      (result) => hear(result.done === true ? 'end' : { text: result.value }),
      (thrown: unknown) => hear({ thrown }),
    );
  }

  /** ES2 */
  #watch(controller: ReadableStreamDefaultController<Uint8Array>): void {
    const stalled = (): void => {
      this.#parts.counts.add('stream.stalled');
      this.#leave();
      controller.error(new EngineError('closed', 'Nothing was taken for too long.'));
    };
    this.#unstall = this.#parts.clock.after(this.#parts.limits.socketStallMs, stalled, 'background');
  }

  #end(reason: 'drain' | 'login', retryInMs: number): void {
    this.#bye = `event: bye\nretry: ${retryInMs}\ndata: ${JSON.stringify({ reason, retryInMs })}\n\n`;
    this.#stop.abort();
  }

  #fail(thrown: unknown, controller: ReadableStreamDefaultController<Uint8Array>): void {
    tellProblem(this.#parts.log, thrown, this.#requestId);
    if (!EngineError.is(thrown) || thrown.code === 'bug') this.#parts.counts.add('stream.bug');
    if (this.#over) return;
    this.#leave();
    controller.close();
  }

  /** Gives back all it had. */
  #leave(): void {
    if (this.#over) return;
    this.#over = true;
    this.#stop.abort();
    this.#unstall?.();
    this.#settle?.('quiet');
    for (const undo of this.#undo.splice(0)) undo();
    this.#parts.counts.add('stream.closed');
  }
}
