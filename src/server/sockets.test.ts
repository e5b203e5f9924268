/** The sockets of a server: what reaches them, in which order, and what ends them. */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, describe, it } from 'node:test';
import fc from 'fast-check';
import { WebSocket } from 'ws';
import { z } from 'zod';
import { defineWorkflow } from '../agents/workflow.ts';
import { systemClock } from '../core/clock.ts';
import { createEngine, type Engine } from '../engine/create-engine.ts';
import type { RunRow } from '../journal/run-row.ts';
import type { Cursor, Store } from '../journal/store.ts';
import { subprotocol, ticketPrefix } from '../protocol/frames.ts';
import type { Ticket } from '../protocol/operations.ts';
import { memory } from '../stores/memory.ts';
import { SimClock } from '../testing/sim-clock.ts';
import { completed, note, queued, StoreAuthor } from '../testing/store-author.ts';
import { serveDelivery, until, TestSocket, type DeliveryOptions, type DeliveryServer } from './socket.fixture.ts';

type Place = { readonly server: DeliveryServer; readonly store: Store; readonly engine: Engine };

const closers: (() => Promise<void>)[] = [];
after(async () => {
  for (const close of closers) await close();
});

/** A server of an engine that only reads: its users' streams are written by `author`. */
async function place(options: DeliveryOptions = {}): Promise<Place> {
  const store = memory();
  const engine = await createEngine({ store, readOnly: true });
  const server = await serveDelivery(engine, options);
  closers.push(async () => {
    await server.close();
    await engine.close();
  });
  return { server, store, engine };
}

const author = (store: Store, user: string): Promise<StoreAuthor> =>
  StoreAuthor.own(store, 'writer', { tenant: 'main', user });

const notes = (count: number, text = 'note'): ReturnType<typeof note>[] =>
  Array.from({ length: count }, (_, index) => note(`${text} ${index}`));

const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, at) => from + at);

function assertNoBug(server: DeliveryServer): void {
  assert.equal(server.counts()['socket.bug'], undefined);
  assert.equal(server.counts()['socket.closed.1011'], undefined);
}

describe('a socket', () => {
  it('says welcome, then what was written, then what is written, each once and in order (FR2)', async () => {
    const { server, store } = await place();
    const alice = await author(store, 'alice');
    await alice.write(notes(2));
    const socket = await new TestSocket(server.port, 'alice').hello('start');
    await socket.until(() => socket.places.length === 2);
    await alice.write(notes(1));
    await socket.until(() => socket.places.length === 3);
    assert.deepEqual(socket.places, [1, 2, 3]);
    assert.equal(socket.frames[0]?.type, 'welcome');
    assert.equal(socket.find('welcome')?.head.userSeq, 2);
    assert.deepEqual(socket.find('welcome')?.me, { tenant: 'main', user: 'alice', roles: ['member'] });
    await socket.close();
    await until(() => server.sockets.size === 0 && server.connections.size === 0);
  });

  it('begins with a snapshot of the open runs, and goes on behind it (DL1)', async () => {
    const { server, store } = await place();
    const alice = await author(store, 'alice');
    await alice.write([queued('done'), queued('open'), completed('done'), note('x')]);
    const socket = await new TestSocket(server.port, 'alice').hello();
    await socket.until(() => socket.find('snapshot') !== undefined);
    await alice.write([completed('open')]);
    await socket.until(() => socket.places.length === 1);
    const snapshot = socket.find('snapshot');
    assert.equal(snapshot?.reason, 'fresh');
    assert.equal(snapshot?.cursor.userSeq, 4);
    assert.deepEqual(
      snapshot?.open.map(({ run, status }: RunRow) => [run, status]),
      [['open', 'queued']],
    );
    assert.deepEqual(socket.places, [5]);
  });

  it('goes on exactly behind its cursor, and anew when that is of another generation or too far back', async () => {
    const { server, store } = await place();
    const alice = await author(store, 'alice');
    await alice.write(notes(9));
    const { generation } = await store.head('main', 'alice');
    const exact = await new TestSocket(server.port, 'alice').hello({ generation, userSeq: 6 });
    await exact.until(() => exact.places.length === 3);
    assert.deepEqual(exact.places, [7, 8, 9]);
    assert.equal(exact.find('snapshot'), undefined);
    const other = await new TestSocket(server.port, 'alice').hello({ generation: `${generation}x`, userSeq: 6 });
    const beyond = await new TestSocket(server.port, 'alice').hello({ generation, userSeq: 10 });
    const far = await new TestSocket(server.port, 'alice').hello({ generation, userSeq: 1 }, 3);
    for (const [socket, reason] of [
      [other, 'generation'],
      [beyond, 'generation'],
      [far, 'gap'],
    ] as const) {
      await socket.until(() => socket.find('snapshot') !== undefined);
      assert.equal(socket.find('snapshot')?.reason, reason);
    }
    await alice.write(notes(1));
    for (const socket of [other, beyond, far]) {
      await socket.until(() => socket.places.length > 0);
      assert.deepEqual(socket.places, [10]);
    }
  });

  it('is told to begin anew when its user is erased under it (DL3)', async () => {
    const { server, store } = await place();
    await (await author(store, 'alice')).write(notes(3));
    const socket = await new TestSocket(server.port, 'alice').hello('start');
    await socket.until(() => socket.places.length === 3);
    await store.erase('main', 'alice');
    const anew = await author(store, 'alice');
    await anew.write(notes(2));
    await socket.until(() => socket.find('snapshot') !== undefined);
    await anew.write(notes(1));
    await socket.until(() => socket.places.length === 4);
    const snapshot = socket.find('snapshot');
    assert.equal(snapshot?.reason, 'generation');
    assert.deepEqual(snapshot.cursor, { ...(await store.head('main', 'alice')), userSeq: 2 });
    assert.deepEqual(socket.places, [1, 2, 3, 3]);
  });

  it("never has another user's frames (P2)", async () => {
    const { server, store } = await place();
    const [alice, bob] = [await author(store, 'alice'), await author(store, 'bob')];
    const forAlice = await new TestSocket(server.port, 'alice').hello('start');
    const forBob = await new TestSocket(server.port, 'bob').hello('start');
    for (let round = 0; round < 20; round++) {
      await alice.write([queued(`a${round}`), note('secret of alice')]);
      await bob.write([queued(`b${round}`), note('secret of bob')]);
    }
    await forAlice.until(() => forAlice.places.length === 40);
    await forBob.until(() => forBob.places.length === 40);
    assert.doesNotMatch(JSON.stringify(forAlice.frames), /bob/);
    assert.doesNotMatch(JSON.stringify(forBob.frames), /alice/);
  });

  it('cancels nothing when it is closed (WS3)', async () => {
    const wait = defineWorkflow({
      name: 'wait',
      version: 1,
      input: z.null(),
      run: (ctx) => ctx.wait('w', { signal: 'go' }),
    });
    const engine = await createEngine({ store: memory(), workflows: [wait] });
    const server = await serveDelivery(engine);
    closers.push(async () => {
      await server.close();
      await engine.close();
    });
    const run = await engine.as({ user: 'alice' }).start('wait', null);
    const socket = await new TestSocket(server.port, 'alice').hello('start');
    await socket.until(() => JSON.stringify(socket.frames).includes('wait.started'));
    await socket.close();
    await until(() => server.sockets.size === 0);
    await run.signal('go');
    const { status } = await run.result();
    assert.equal(status, 'completed');
  });
});

describe('readers that come and go while runs write', () => {
  it('have each event once and in order, from whatever cursor they go on (P1)', async () => {
    const { server, store } = await place({ limits: { frameBytesMax: 900, connectionsPerUserMax: 50 } });
    let users = 0;
    const step = fc.record({
      do: fc.constantFrom('write', 'write', 'join', 'leave', 'resume', 'turn'),
      count: fc.integer({ min: 1, max: 7 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (script) => {
        const user = `reader${users++}`;
        const writer = await author(store, user);
        const { generation } = await store.head('main', user);
        type Reader = { seen: number[]; from: number; socket: TestSocket | undefined };
        const readers: Reader[] = [];
        const open = async (reader: Reader): Promise<void> => {
          const userSeq = reader.seen.at(-1) ?? reader.from;
          reader.socket = await new TestSocket(server.port, user).hello({ generation, userSeq });
        };
        const shut = async (reader: Reader): Promise<void> => {
          reader.socket?.socket.terminate();
          await reader.socket?.gone();
          reader.seen.push(...(reader.socket?.places ?? []));
          reader.socket = undefined;
        };
        for (const { do: what, count } of script) {
          const reader = readers[count % Math.max(1, readers.length)];
          if (what === 'write') void writer.write(notes(count, 'x'.repeat(count * 40)));
          else if (what === 'turn') await new Promise<void>((resolve) => systemClock.soon(resolve));
          else if (what === 'join' && readers.length < 6) {
            const { userSeq } = await store.head('main', user);
            const from = Math.min(userSeq, count - 1);
            const joined: Reader = { seen: [], from, socket: undefined };
            readers.push(joined);
            await open(joined);
          } else if (what === 'leave' && reader?.socket !== undefined) await shut(reader);
          else if (what === 'resume' && reader !== undefined && reader.socket === undefined) await open(reader);
        }
        await writer.write(notes(1));
        for (const reader of readers) {
          if (reader.socket === undefined) await open(reader);
          const { socket } = reader;
          await socket?.until(() => socket.places.at(-1) === writer.head);
          await shut(reader);
          assert.deepEqual(reader.seen, range(reader.from + 1, writer.head));
        }
      }),
      { numRuns: 40 },
    );
    assertNoBug(server);
  });
});

describe('a client that does not keep to the protocol', () => {
  const hello = '{"type":"hello","protocol":1}';
  const cases: readonly (readonly [string, readonly (string | Buffer)[], number])[] = [
    ['calls before hello', ['{"type":"call","id":"1","operation":"me.read"}'], 4500],
    ['says hello twice', [hello, hello], 4500],
    ['speaks another version', ['{"type":"hello","protocol":9}'], 4502],
    ['sends binary', [hello, Buffer.from(hello)], 4500],
    ['sends what is no JSON', [hello, '{'], 4500],
    ['sends an unknown type', [hello, '{"type":"subscribe"}'], 4500],
    ['sends too much at once', [hello, `"${'x'.repeat(300_000)}"`], 1009],
  ];
  for (const [name, frames, code] of cases)
    it(`is sent away when it ${name}, and nobody else is (WS4)`, async () => {
      const { server, store } = await place();
      const bob = await author(store, 'bob');
      const other = await new TestSocket(server.port, 'bob').hello('start');
      const socket = await new TestSocket(server.port, 'alice').open();
      for (const frame of frames) socket.send(frame);
      assert.equal(await socket.gone(), code);
      const count = code === 1009 ? 'socket.broken' : `socket.closed.${code}`;
      await until(() => server.counts()[count] === 1);
      await bob.write(notes(1));
      await other.until(() => other.places.length === 1);
      assertNoBug(server);
    });

  it('is sent away when a frame of it comes in endless pieces', async () => {
    const { server } = await place();
    const socket = await new TestSocket(server.port, 'alice').hello();
    for (let piece = 0; piece < 20_000; piece++) socket.socket.send('x', { fin: false });
    assert.equal(await socket.gone(), 1008);
    await until(() => server.sockets.size === 0);
    assertNoBug(server);
  });

  it('is sent away when it says nothing at first (FR1)', async () => {
    const clock = new SimClock();
    const { server } = await place({ clock });
    const socket = await new TestSocket(server.port, 'alice').open();
    await until(() => server.sockets.size === 1);
    await clock.advance(9_999);
    assert.equal(socket.closed, undefined);
    await clock.advance(1);
    assert.equal(await socket.gone(), 4010);
  });

  it('is sent away when it sends more frames than it may', async () => {
    const { server } = await place({ limits: { framesPerTenSeconds: 20 } });
    const socket = await new TestSocket(server.port, 'alice').hello();
    for (let sent = 0; sent < 19; sent++) socket.send({ type: 'pong' });
    socket.send({ type: 'call', id: '1', operation: 'events.head', input: {} });
    assert.equal(await socket.gone(), 4030);
  });

  it('harms nobody, whatever it sends (FD1)', async () => {
    const { server, store } = await place({ limits: { framesPerTenSeconds: 1_000_000 } });
    const bob = await author(store, 'bob');
    const other = await new TestSocket(server.port, 'bob').hello('start');
    const anything = fc.oneof(
      fc.string(),
      fc.json(),
      fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
      fc.integer({ min: 1, max: 60_000 }).map((depth) => '['.repeat(depth)),
      fc
        .record({
          type: fc.constantFrom('call', 'hello'),
          id: fc.string(),
          operation: fc.string(),
          input: fc.jsonValue(),
        })
        .map((frame) => JSON.stringify(frame)),
    );
    const raw = fc.uint8Array({ minLength: 1, maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(fc.array(anything, { maxLength: 8 }), raw, fc.boolean(), async (frames, bytes, greets) => {
        const socket = new TestSocket(server.port, 'alice');
        await (greets ? socket.hello() : socket.open());
        for (const frame of frames) socket.send(frame);
        const { _socket: line } = socket.socket as unknown as { readonly _socket: NodeJS.WritableStream };
        line.write(bytes);
        line.end();
        await socket.gone();
      }),
      { numRuns: 60 },
    );
    await bob.write(notes(1));
    await other.until(() => other.places.length === 1);
    await until(() => server.sockets.size === 1);
    assertNoBug(server);
  });
});

describe('calls over a socket', () => {
  it('get one reply each, also those that can not be done (FR4)', async () => {
    const { server, store } = await place();
    await (await author(store, 'alice')).write(notes(3));
    const socket = await new TestSocket(server.port, 'alice').hello();
    socket.send({ type: 'call', id: 'a', operation: 'events.head', input: {} });
    socket.send('{"type":"call","id":"b","operation":"engine.stop","input":{}}');
    socket.send('{"type":"call","id":"c","operation":"runs.read","input":{"run":"of nobody"}}');
    socket.send('{"type":"call","id":"d","operation":"runs.read","input":7}');
    const replies = (): unknown[] => socket.frames.filter(({ type }) => type === 'reply');
    await socket.until(() => replies().length === 4);
    const byId = new Map(replies().map((reply) => [(reply as { id: string }).id, reply as Record<string, never>]));
    assert.deepEqual(byId.get('a')?.['output'], await store.head('main', 'alice'));
    assert.deepEqual(
      ['b', 'c', 'd'].map((id) => (byId.get(id)?.['error'] as { code: string } | undefined)?.code),
      ['invalid_input', 'not_found', 'invalid_input'],
    );
    assert.equal(socket.closed, undefined);
  });

  it('are refused beyond as many as may be under way, and count as requests of the user (WS5)', async () => {
    const { server } = await place({ limits: { callsPerSocketMax: 2, requestsPerMinute: 5 } });
    const socket = await new TestSocket(server.port, 'alice').hello();
    const call = (id: number): void =>
      socket.send({ type: 'call', id: String(id), operation: 'events.head', input: {} });
    // All in one write, so that the first has no reply yet when the last is read.
    const { _socket: line } = socket.socket as unknown as { readonly _socket: { cork(): void; uncork(): void } };
    line.cork();
    for (let id = 1; id <= 4; id++) call(id);
    line.uncork();
    const codes = (): unknown[] =>
      socket.frames.flatMap((frame) => (frame.type === 'reply' ? ['error' in frame ? frame.error.code : 'done'] : []));
    await socket.until(() => codes().length === 4);
    assert.deepEqual(
      codes().filter((code) => code === 'limit_exceeded'),
      ['limit_exceeded', 'limit_exceeded'],
    );
    // The upgrade was the first of five requests, and the calls that were not refused the next two.
    for (let id = 5; id <= 7; id++) {
      call(id);
      await socket.until(() => codes().length === id);
    }
    assert.deepEqual(codes().slice(-3), ['done', 'done', 'rate_limited']);
  });
});

describe('an upgrade', () => {
  const cases: readonly (readonly [string, string, ConstructorParameters<typeof TestSocket>[2], number, string])[] = [
    ['nobody', '', {}, 401, 'login_required'],
    ['another path', 'alice', { path: '/v1/other' }, 404, 'not_found'],
    ['another subprotocol', 'alice', { protocols: ['graphql-ws'] }, 400, 'invalid_input'],
    ['an unknown ticket', '', { protocols: [subprotocol, `${ticketPrefix}x`] }, 401, 'login_required'],
  ];
  for (const [name, user, options, status, code] of cases)
    it(`of ${name} gets a problem and no socket (SO1)`, async () => {
      const { server } = await place();
      const socket = new TestSocket(server.port, user, options);
      await socket.until(() => socket.refused !== undefined);
      assert.equal(socket.refused?.status, status);
      assert.equal(socket.refused?.problem['code'], code);
      await until(() => server.connections.size === 0);
    });

  it('of one too many gets a problem, and a place when one is free again (SO1)', async () => {
    const { server } = await place({ limits: { connectionsPerUserMax: 2 } });
    const sockets = [
      await new TestSocket(server.port, 'alice').hello(),
      await new TestSocket(server.port, 'alice').hello(),
    ];
    const refused = new TestSocket(server.port, 'alice');
    await refused.until(() => refused.refused !== undefined);
    assert.equal(refused.refused?.status, 429);
    await new TestSocket(server.port, 'bob').hello();
    await sockets[0]?.close();
    await until(() => server.connections.size === 2);
    await new TestSocket(server.port, 'alice').hello();
  });

  it('that is none gets a problem and gives its place back', async () => {
    const { server } = await place();
    const line = connect(server.port, '127.0.0.1');
    let answer = '';
    line.on('data', (chunk: Buffer) => (answer += chunk.toString()));
    line.write(
      `GET /v1/socket HTTP/1.1\r\nhost: localhost\r\nauthorization: bearer alice\r\nconnection: upgrade\r\n` +
        `upgrade: websocket\r\nsec-websocket-protocol: ${subprotocol}\r\nsec-websocket-version: 13\r\n\r\n`,
    );
    await new Promise((resolve) => line.on('close', resolve));
    assert.match(answer, /^HTTP\/1\.1 400 Bad request\r\n/);
    assert.match(answer, /no upgrade to a WebSocket/);
    await until(() => server.connections.size === 0);
  });

  it('with a ticket is let in once, as who made it (TI1)', async () => {
    const { server, store } = await place();
    await (await author(store, 'alice')).write(notes(1));
    const answer = await fetch(`http://127.0.0.1:${server.port}/v1/ticket`, {
      method: 'POST',
      headers: { authorization: 'bearer alice' },
    });
    const { ticket } = (await answer.json()) as Ticket;
    const protocols = [subprotocol, `${ticketPrefix}${ticket}`];
    const socket = await new TestSocket(server.port, '', { protocols }).hello('start');
    assert.equal(socket.find('welcome')?.me.user, 'alice');
    assert.equal(socket.socket.protocol, subprotocol);
    const again = new TestSocket(server.port, '', { protocols });
    await again.until(() => again.refused !== undefined);
    assert.equal(again.refused?.status, 401);
  });
});

describe('the end of a login', () => {
  it('ends its sockets, and no others (SO2)', async () => {
    const { server } = await place();
    const [alice, bob] = [
      await new TestSocket(server.port, 'alice').hello(),
      await new TestSocket(server.port, 'bob').hello(),
    ];
    server.logins.end('alice');
    assert.equal(await alice.gone(), 4501);
    assert.equal(alice.find('bye')?.reason, 'login');
    assert.equal(bob.closed, undefined);
    bob.send({ type: 'call', id: '1', operation: 'events.head', input: {} });
    await bob.until(() => bob.find('reply') !== undefined);
  });

  it('ends a socket that is being opened meanwhile (SO2)', async () => {
    const { server } = await place();
    let go = (): void => undefined;
    server.logins.hold = new Promise((resolve) => (go = resolve));
    const socket = new TestSocket(server.port, 'alice');
    await until(() => server.streams.length === 1);
    server.logins.end('alice');
    go();
    await socket.until(() => socket.refused !== undefined || socket.socket.readyState === WebSocket.OPEN);
    assert.equal(socket.refused?.status, 401);
  });

  it('is also when it expires', async () => {
    const clock = new SimClock();
    const { server } = await place({ clock });
    server.logins.expiries.set('alice', clock.now() + 5_000);
    const socket = await new TestSocket(server.port, 'alice').hello();
    await clock.advance(4_999);
    assert.equal(socket.closed, undefined);
    await clock.advance(1);
    assert.equal(await socket.gone(), 4501);
  });
});

describe('a server that stops', () => {
  it('sends its sockets away to come back, spread out, and takes no new ones (SO3)', async () => {
    const { server } = await place({ limits: { comeBackEveryMs: 1_000, drainMs: 8_000, connectionsPerUserMax: 30 } });
    const sockets = await Promise.all(range(1, 20).map(() => new TestSocket(server.port, 'alice').hello()));
    server.drain();
    await server.sockets.drain();
    const times = new Set<number>();
    for (const socket of sockets) {
      assert.equal(await socket.gone(), 1012);
      const bye = socket.find('bye');
      assert.equal(bye?.reason, 'drain');
      assert.ok(bye.retryInMs >= 0 && bye.retryInMs <= 8_000);
      times.add(bye.retryInMs);
    }
    assert.ok(times.size > 10, 'they would all come back at once');
    const late = new TestSocket(server.port, 'alice');
    await late.until(() => late.refused !== undefined);
    assert.equal(late.refused?.status, 503);
    assert.equal(server.sockets.size, 0);
  });

  it('does so too when the engine is closed under it', async () => {
    const { server, engine } = await place();
    const socket = await new TestSocket(server.port, 'alice').hello('start');
    await engine.close();
    assert.equal(await socket.gone(), 1012);
    assertNoBug(server);
  });
});

describe('a socket on which nothing happens', () => {
  it('is asked whether it is there, and let go when it does not answer (FR5)', async () => {
    const clock = new SimClock();
    const { server } = await place({ clock });
    const [alive, dead] = [await new TestSocket(server.port, 'alice').hello(), new TestSocket(server.port, 'bob')];
    await dead.hello();
    dead.socket.pause();
    for (let beat = 0; beat < 6; beat++) {
      await clock.advance(12_500);
      const pings = alive.frames.filter(({ type }) => type === 'ping').length;
      if (beat >= 1) await alive.until(() => alive.frames.filter(({ type }) => type === 'ping').length >= pings);
      alive.send({ type: 'pong' });
      alive.send({ type: 'call', id: String(beat), operation: 'events.head', input: {} });
      await alive.until(() => alive.frames.some((frame) => frame.type === 'reply' && frame.id === String(beat)));
    }
    await until(() => server.sockets.size === 1);
    assert.equal(server.counts()['socket.silent'], 1);
    assert.equal(alive.closed, undefined);
    dead.socket.terminate();
  });

  it('is told that the server is there (FR5)', async () => {
    const clock = new SimClock();
    const { server } = await place({ clock });
    const socket = await new TestSocket(server.port, 'alice').hello();
    await clock.advance(25_000);
    await socket.until(() => socket.find('ping') !== undefined);
    assert.equal(socket.find('ping')?.now, clock.now());
  });
});

describe('a slow reader', () => {
  it('costs what is under way, is let go when it takes nothing, and has lost nothing when it is back (WS1, WS2)', async () => {
    const clock = new SimClock();
    const { server, store } = await place({ clock });
    const alice = await author(store, 'alice');
    const socket = await new TestSocket(server.port, 'alice').hello('start');
    await alice.write(notes(3));
    await socket.until(() => socket.places.length === 3);
    socket.socket.pause();
    const large = 'x'.repeat(100_000);
    for (let round = 0; round < 30; round++) await alice.write(notes(10, large));
    const stream = server.streams[0];
    assert.ok(stream !== undefined);
    await until(() => stream.writableLength > 65_536);
    for (let turn = 0; turn < 200; turn++) await clock.settle();
    assert.ok(stream.writableLength < 65_536 + 2 * 131_072, `${stream.writableLength} bytes wait for it`);
    const other = await new TestSocket(server.port, 'alice').hello({ ...(socket.cursor as Cursor) });
    await other.until(() => other.places.length === 300);
    await clock.advance(30_000);
    await until(() => server.counts()['socket.closed.4008'] === 1);
    await clock.advance(2_000);
    await until(() => server.sockets.size === 1);
    assert.equal(stream.destroyed, true);
    socket.socket.resume();
    await socket.gone();
    const back = await new TestSocket(server.port, 'alice').hello({ ...(socket.cursor as Cursor) });
    await back.until(() => back.places.at(-1) === alice.head);
    assert.deepEqual([...socket.places, ...back.places], range(1, 303));
    assertNoBug(server);
  });
});
