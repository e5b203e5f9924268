import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EngineError } from '../core/errors.ts';
import { limits } from '../core/limits.ts';
import { seededRandom } from '../core/random.ts';
import { SimClock } from '../testing/sim-clock.ts';
import { connect, type ConnectOptions } from './connect.ts';
import type { Connection, StreamItem } from './connection.ts';
import { FakeServer, problem } from './server.fixture.ts';

type Reading = { readonly items: StreamItem[]; readonly done: Promise<unknown> };

/** Takes everything that comes, until the connection ends; `done` resolves with what it was ended by. */
function readAll(connection: Connection): Reading {
  const items: StreamItem[] = [];
  const read = async (): Promise<unknown> => {
    try {
      for await (const item of connection.events()) items.push(item);
      return undefined;
    } catch (thrown) {
      return thrown;
    }
  };
  return { items, done: read() };
}

function seqsOf(items: readonly StreamItem[]): readonly number[] {
  return items.flatMap((item) => ('userSeq' in item ? [item.userSeq] : []));
}

function upTo(count: number, from = 1): readonly number[] {
  return Array.from({ length: count - from + 1 }, (_, index) => from + index);
}

function setUp(options: Partial<ConnectOptions> = {}) {
  const server = new FakeServer();
  const clock = new SimClock({ passMs: 0 });
  const where = { url: 'http://host:1', transport: server.transport, clock, random: seededRandom(1) };
  const connection = connect({ ...where, ...options });
  const states: string[] = [];
  connection.onChange(({ state }) => states.push(state));
  return { server, clock, connection, states };
}

describe('a connection', () => {
  it('asks nothing of the server before somebody reads', async () => {
    const { server, clock, connection } = setUp();
    await clock.advance(60_000);
    assert.equal(server.sockets.length + server.requests.length, 0);
    assert.equal(connection.status.state, 'idle');
  });

  it('begins with a snapshot, catches up and goes on live', async () => {
    const { server, clock, connection, states } = setUp();
    server.happen(4);
    const { items } = readAll(connection);
    await clock.settle();
    server.happen(2);
    await clock.settle();
    assert.deepEqual(
      items.map(({ type }) => type),
      ['stream.snapshot', 'stream.caughtUp', 'note', 'note'],
    );
    assert.deepEqual(states, ['connecting', 'catching-up', 'live']);
    assert.deepEqual(connection.cursor, { generation: 'g1', userSeq: 6 });
    assert.equal(connection.me?.user, 'ada');
    assert.equal(connection.now(), 5_000);
    connection.close();
    assert.equal(clock.timers, 0);
  });

  it('goes on behind its cursor after the socket broke, and says how much was missed', async () => {
    const { server, clock, connection } = setUp({ after: 'start' });
    server.happen(2);
    const { items } = readAll(connection);
    await clock.settle();
    server.socket.end(1006);
    server.happen(3);
    await clock.advance(limits.clientRetryMs);
    assert.deepEqual(seqsOf(items), upTo(5));
    assert.deepEqual(server.socket.sent[0], { type: 'hello', protocol: 1, after: { generation: 'g1', userSeq: 2 } });
    assert.deepEqual(items.at(-1), { type: 'stream.caughtUp', missed: 3 });
    connection.close();
  });

  it('drops what it has, and cuts a frame that it has a part of', async () => {
    const { server, clock, connection } = setUp({ after: 'start' });
    const { items } = readAll(connection);
    await clock.settle();
    server.happen(6);
    server.tellFrame(server.socket, 1, 3);
    server.events.push({ ...server.events[0]!, userSeq: 7 });
    server.tellFrame(server.socket, 5, 7);
    await clock.settle();
    assert.deepEqual(seqsOf(items), upTo(7));
    assert.equal(connection.counts.connects, 1);
    connection.close();
  });

  it('never shows a gap: it reads on from its cursor on a new socket', async () => {
    const { server, clock, connection } = setUp({ after: 'start' });
    const { items } = readAll(connection);
    await clock.settle();
    server.happen(2);
    const socket = server.socket;
    socket.isOpen = false;
    server.happen(3);
    server.tellFrame(socket, 4, 5);
    await clock.settle();
    assert.deepEqual(seqsOf(items), [1, 2]);
    assert.equal(connection.counts.gaps, 1);
    assert.equal(socket.closedBy, 'client');
    await clock.advance(limits.clientRetryMs);
    assert.deepEqual(seqsOf(items), upTo(5));
    connection.close();
  });

  it('takes a frame with a hole in it as a gap, and places that are skipped as told', async () => {
    const { server, clock, connection } = setUp({ after: 'start' });
    const { items } = readAll(connection);
    await clock.settle();
    server.happen(1);
    const event = { ...server.events[0]!, userSeq: 5 };
    const frame = { type: 'events', generation: 'g1', from: 2, to: 6, events: [event] } as const;
    server.socket.tell({
      ...frame,
      skipped: [
        { from: 2, to: 4 },
        { from: 6, to: 6 },
      ],
    });
    await clock.settle();
    assert.deepEqual(seqsOf(items), [1, 5]);
    assert.deepEqual(connection.cursor, { generation: 'g1', userSeq: 6 });
    server.socket.tell({ ...frame, from: 7, to: 8, events: [{ ...event, userSeq: 8 }] });
    await clock.settle();
    assert.deepEqual(seqsOf(items), [1, 5]);
    assert.equal(connection.counts.gaps, 1);
    connection.close();
  });

  it('begins anew with a snapshot in another generation', async () => {
    const { server, clock, connection } = setUp({ after: { generation: 'old', userSeq: 90 } });
    server.happen(3);
    const { items } = readAll(connection);
    await clock.settle();
    assert.deepEqual(items[0], { type: 'stream.snapshot', reason: 'generation', cursor: server.head, open: [] });
    assert.deepEqual(connection.cursor, server.head);
    connection.close();
  });

  it('takes silence of two and a half heartbeats as the end of a socket, and answers pings', async () => {
    const { server, clock, connection } = setUp();
    readAll(connection);
    await clock.settle();
    await clock.advance(2_000);
    server.socket.tell({ type: 'ping', now: 1 });
    assert.deepEqual(server.socket.sent.at(-1), { type: 'pong' });
    await clock.advance(2_499);
    assert.equal(connection.status.state, 'live');
    await clock.advance(2);
    assert.equal(connection.status.state, 'waiting');
    connection.close();
  });

  it('gives up a socket that is never greeted', async () => {
    const { server, clock, connection } = setUp();
    server.greet = () => undefined;
    readAll(connection);
    await clock.advance(limits.helloWithinMs + 1);
    assert.equal(server.sockets[0]?.closedBy, 'client');
    connection.close();
  });

  it('waits longer after each failure, at most ten seconds, and from the beginning after it was live', async () => {
    const { server, clock, connection } = setUp({ random: { next: () => 0.999, id: () => '' } });
    const live = server.onSocket;
    server.onSocket = (socket) => queueMicrotask(() => socket.end(1006));
    readAll(connection);
    const waits: number[] = [];
    connection.onChange((status) => {
      if (status.state === 'waiting') waits.push(status.retryAt - clock.now());
    });
    await clock.advance(40_000);
    assert.deepEqual(waits.slice(0, 8), [249, 499, 999, 1_998, 3_996, 7_992, 9_990, 9_990]);
    server.onSocket = live;
    await clock.advance(10_000);
    assert.equal(connection.status.state, 'live');
    server.socket.end(1006);
    assert.equal(waits.at(-1), 249);
    connection.close();
  });

  it('comes back no sooner than a server that says goodbye asks for', async () => {
    const { server, clock, connection } = setUp();
    readAll(connection);
    await clock.settle();
    server.socket.tell({ type: 'bye', reason: 'drain', retryInMs: 4_000 });
    server.socket.end(1012);
    await clock.advance(3_999);
    assert.equal(server.sockets.length, 1);
    await clock.advance(1 + limits.clientRetryMs);
    assert.equal(server.sockets.length, 2);
    connection.close();
  });

  it('ends for good, and says why, when the server says that coming back is of no use', async () => {
    for (const [code, told] of [
      [4501, 'login_required'],
      [4502, 'invalid_input'],
      [4500, 'bug'],
      [1008, 'closed'],
    ] as const) {
      const { server, clock, connection } = setUp();
      const { done } = readAll(connection);
      await clock.settle();
      server.socket.end(code);
      assert.equal(connection.status.state, 'closed');
      const thrown = await done;
      assert.ok(EngineError.is(thrown));
      assert.equal(thrown.code, told);
      await clock.advance(60_000);
      assert.equal(server.sockets.length, 1);
      assert.equal(clock.timers, 0);
    }
  });

  it('asks for a ticket with its token before each socket, and offers it', async () => {
    const { server, clock, connection } = setUp({ token: 'secret' });
    readAll(connection);
    await clock.settle();
    const request = server.requests[0];
    assert.equal(request?.url.href, 'http://host:1/v1/ticket');
    assert.equal(new Headers(request?.init.headers).get('authorization'), 'Bearer secret');
    assert.deepEqual(server.socket.protocols, ['cantus.v1', 'cantus.ticket.t1']);
    assert.equal(server.socket.url, 'ws://host:1/v1/socket');
    server.socket.end(1006);
    await clock.advance(limits.clientRetryMs);
    assert.deepEqual(server.socket.protocols, ['cantus.v1', 'cantus.ticket.t2']);
    connection.close();
  });

  it('ends for good when its token is refused, and waits when the server is only busy', async () => {
    const refused = setUp({ token: 'wrong' });
    refused.server.respond = () => problem('login_required', 401);
    const thrown = await readAll(refused.connection).done;
    assert.ok(EngineError.is(thrown) && thrown.code === 'login_required');
    const busy = setUp({ token: 'right' });
    busy.server.respond = () => problem('rate_limited', 429, { details: { retryAfterMs: 3_000 } });
    readAll(busy.connection);
    await busy.clock.settle();
    const { status } = busy.connection;
    assert.ok(status.state === 'waiting' && status.retryAt - busy.clock.now() >= 3_000);
    busy.connection.close();
  });

  it('finds out in words why an upgrade without a token was refused', async () => {
    const { server, connection } = setUp();
    server.onSocket = (socket) => queueMicrotask(() => socket.end(1006));
    server.respond = () => problem('origin_refused', 403);
    const thrown = await readAll(connection).done;
    assert.ok(EngineError.is(thrown) && thrown.code === 'origin_refused');
  });

  it('is closed when another user has logged in meanwhile, and shows nothing of theirs', async () => {
    const { server, clock, connection } = setUp({ after: 'start' });
    server.happen(1);
    const { items, done } = readAll(connection);
    await clock.settle();
    server.me = { ...server.me, user: 'bob' };
    server.socket.end(1006);
    server.happen(1);
    await clock.advance(limits.clientRetryMs);
    assert.deepEqual(seqsOf(items), [1]);
    const thrown = await done;
    assert.ok(EngineError.is(thrown) && thrown.code === 'conflict');
  });

  it('stops reading when nobody takes what comes, and goes on without a hole', async () => {
    const { server, clock, connection } = setUp({ after: 'start' });
    server.framesOf = 500;
    server.happen(10_000);
    const events = connection.events();
    const seqs: number[] = [];
    const take = async (count: number): Promise<void> => {
      while (seqs.length < count) {
        const { value } = await events.next();
        if (value !== undefined && 'userSeq' in value) seqs.push(value.userSeq);
      }
    };
    await take(1);
    await clock.settle();
    assert.equal(connection.counts.rests, 1);
    assert.equal(connection.status.state, 'idle');
    assert.equal(server.socket.closedBy, 'client');
    assert.deepEqual(connection.cursor, { generation: 'g1', userSeq: 1 });
    await take(10_000);
    assert.deepEqual(seqs, upTo(10_000));
    connection.close();
  });

  it('moves its cursor with the slowest of several readers, and begins a new one there', async () => {
    const { server, clock, connection } = setUp({ after: 'start' });
    server.happen(3);
    const slow = connection.events();
    assert.equal((await slow.next()).value?.type, 'note');
    const { items } = readAll(connection);
    await clock.settle();
    assert.deepEqual(seqsOf(items), [2, 3]);
    assert.equal(connection.cursor?.userSeq, 1);
    await slow.return?.();
    assert.equal(connection.cursor?.userSeq, 3);
    connection.close();
  });

  it('lets go of its socket when the last reader leaves, even one that waits', async () => {
    const { server, clock, connection } = setUp();
    const events = connection.events();
    await events.next();
    await events.next();
    const waiting = events.next();
    await clock.settle();
    await events.return?.();
    assert.deepEqual(await waiting, { done: true, value: undefined });
    assert.equal(server.socket.closedBy, 'client');
    assert.equal(connection.status.state, 'idle');
    assert.equal(clock.timers, 0);
  });

  it('ends its readers without an error when it is closed here', async () => {
    const { clock, connection } = setUp();
    const { done } = readAll(connection);
    await clock.settle();
    connection.close();
    assert.equal(await done, undefined);
    assert.equal(connection.status.state, 'closed');
  });

  it('tries at once when it is asked to, or the machine is online again', async () => {
    const wakes = new Map<string, () => void>();
    const platform = globalThis as unknown as Record<string, unknown>;
    platform['addEventListener'] = (name: string, listener: () => void) => wakes.set(name, listener);
    try {
      const { server, clock, connection } = setUp();
      readAll(connection);
      await clock.settle();
      server.socket.end(1006);
      connection.retryNow();
      assert.equal(server.sockets.length, 2);
      await clock.settle();
      server.socket.end(1006);
      wakes.get('online')?.();
      assert.equal(server.sockets.length, 3);
      connection.close();
    } finally {
      delete platform['addEventListener'];
    }
  });
});
