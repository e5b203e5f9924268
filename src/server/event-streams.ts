/**
 * The user's events, and one run's, as server-sent events: for programs and proxies that speak HTTP alone.
 *
 * ES1  The id of a user's event is its cursor, that of a run's event its `seq`; `Last-Event-ID`, or `?after=`, goes on
 *      exactly behind it. `snapshot` and `skipped` are events with that name, and are places too.
 * ES2  Texts are made as they are taken (SB1), each of about `socketLowBytes`, or one larger event.
 * ES3  A stream has a place among its user's connections, which is given back however it ends. It ends with its login and
 *      with the server, and says so in a `bye`. A run's stream ends behind the run's end; to ask on is answered 204, by
 *      which a browser knows that it may stop.
 */
import { Hono, type Context } from 'hono';
import { EngineError, ValidationError } from '../core/errors.ts';
import type { Frame } from '../engine/feed.ts';
import { isEnded } from '../journal/run-row.ts';
import { formatCursor, parseCursorText } from '../protocol/cursor.ts';
import { otherRoutes } from '../protocol/operations.ts';
import { comeBackInMs } from './come-back.ts';
import { deliveries, startOf, type Delivery, type Wanted } from './delivery.ts';
import type { ServerEnv } from './env.ts';
import type { Login } from './login.ts';
import type { ServerParts } from './parts.ts';
import { tellProblem } from './problems.ts';
import { openReaderPlace } from './reader-place.ts';
import { streamResponse } from './stream-response.ts';

/** The routes `events.stream` and `runs.stream`, for behind the gate. */
export function eventStreams(parts: ServerParts): Hono<ServerEnv> {
  return new Hono<ServerEnv>()
    .get(otherRoutes['events.stream'].path, (context) => {
      const after = readPlace(context);
      const wanted: Wanted = after === undefined ? {} : { after: after === 'start' ? 'start' : parseCursorText(after) };
      return respond(parts, context, (signal) => userTexts(parts, context.var.login, wanted, signal));
    })
    .get(otherRoutes['runs.stream'].path, async (context) => {
      const after = readSeq(readPlace(context));
      const handle = await parts.engine.as(context.var.login.principal).run(context.req.param('run'));
      const { status } = await handle.row();
      if (after > 0 && isEnded(status) && after >= (await handle.state()).seq) return context.body(null, 204);
      return respond(parts, context, async function* texts(signal) {
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

type Pieces = (signal: AbortSignal) => AsyncGenerator<string, void>;

/** One answer, with its place and what ends it (ES3). Throws a LimitError when the user has too many connections. */
function respond(parts: ServerParts, { req, var: asked }: Context<ServerEnv>, texts: Pieces): Response {
  // Nobody reads a body of this, and so nothing would ever give its place back.
  if (req.method === 'HEAD') return new Response(null, { headers: { 'content-type': 'text/event-stream' } });
  const { login, requestId } = asked;
  const { clock, connections, counts, limits } = parts;
  const reading = new AbortController();
  let bye = '';
  const leave = openReaderPlace(parts, login, (reason) => {
    const retryInMs = reason === 'login' ? 0 : comeBackInMs(parts, connections.size);
    bye = `event: bye\nretry: ${retryInMs}\ndata: ${JSON.stringify({ reason, retryInMs })}\n\n`;
    reading.abort();
  });
  counts.add('stream.opened');
  return streamResponse(pieces(), {
    clock,
    limits,
    reading,
    closed: () => {
      leave();
      counts.add('stream.closed');
    },
  });

  async function* pieces(): AsyncGenerator<string, void> {
    yield `retry: ${limits.clientRetryMs}\n\n`;
    try {
      yield* texts(reading.signal);
    } catch (thrown) {
      tellProblem(parts.log, thrown, requestId);
      if (!EngineError.is(thrown) || thrown.code === 'bug') counts.add('stream.bug');
    }
    if (bye !== '') yield bye;
  }
}
