import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { seededRandom } from '../core/random.ts';
import type { JournalEvent } from '../journal/event.ts';
import type { ThreadRow } from '../journal/thread-row.ts';
import { told } from '../journal/run-state.fixture.ts';
import { SimClock } from '../testing/sim-clock.ts';
import { connect } from './connect.ts';
import { FakeServer, json, problem } from './server.fixture.ts';
import type { Transport } from './transport.ts';
import { createUserStore } from './user-store.ts';

function setUp() {
  const server = new FakeServer();
  const clock = new SimClock({ passMs: 0 });
  /** What is listed, and what answers that were made wait for. */
  const held: { threads: readonly ThreadRow[]; until: Promise<void> } = { threads: [], until: Promise.resolve() };
  const transport: Transport = {
    ...server.transport,
    async fetch(url, init) {
      const response = await server.transport.fetch(url, init);
      await held.until;
      return response;
    },
  };
  const connection = connect({ url: 'http://h', transport, clock, random: seededRandom(1) });
  const events: JournalEvent[] = told(['note', { code: 'note', text: 'x' }], ['run.completed', { output: 1 }]);
  const asked: string[] = [];
  let answer = (after: number): Response => {
    const rest = events.slice(after, after + 1);
    return json({ events: rest, next: after + rest.length, ended: false });
  };
  server.respond = (_, { pathname, searchParams }) => {
    asked.push(pathname);
    if (pathname === '/v1/threads') return json({ threads: held.threads });
    return answer(Number(searchParams.get('after')));
  };
  return { server, held, clock, connection, events, asked, answerWith: (next: typeof answer) => (answer = next) };
}

function threadAt(place: number): ThreadRow {
  const thread = `t${place}`;
  return {
    thread,
    title: thread,
    named: false,
    startedAt: 0,
    activeAt: place,
    activeUserSeq: place,
    runs: 1,
    lastRun: 'r',
    status: 'completed',
  };
}

describe("a user's store", () => {
  it('loads what is before an event that the stream tells, in pages (UL1)', async () => {
    const { server, clock, connection, events } = setUp();
    server.events.push(...events.slice(0, 3));
    const { state } = createUserStore(connection);
    await clock.settle();
    server.events.push(events[3]!);
    server.tellFrom(server.socket, 3);
    await clock.settle();
    assert.equal(state.run('r')?.complete, true);
    assert.equal(state.run('r')?.state?.seq, 4);
    connection.close();
  });

  it('says why a run could not be loaded, and loads it when the connection has caught up next (UL2)', async () => {
    const { server, clock, connection, events, answerWith } = setUp();
    const store = createUserStore(connection);
    await clock.settle();
    answerWith(() => problem('bug', 500));
    server.events.push(...events);
    server.tellFrame(server.socket, 1, 1);
    server.socket.tell({ type: 'events', generation: 'g1', from: 2, to: 3, events: [], skipped: [{ from: 2, to: 3 }] });
    server.tellFrame(server.socket, 4, 4);
    await clock.settle();
    assert.equal(store.error?.code, 'bug');
    assert.equal(store.state.run('r')?.complete, false);
    answerWith((after) => json({ events: events.slice(after), next: 4, ended: true }));
    server.socket.end(1006);
    await clock.advance(1_000);
    assert.equal(store.state.run('r')?.complete, true);
    assert.equal(store.error, undefined);
    connection.close();
  });

  it('forgets a run that is no longer there', async () => {
    const { server, clock, connection, events, answerWith } = setUp();
    const store = createUserStore(connection);
    await clock.settle();
    answerWith(() => problem('not_found', 404));
    server.events.push(...events);
    server.socket.tell({ type: 'events', generation: 'g1', from: 1, to: 3, events: [], skipped: [{ from: 1, to: 3 }] });
    server.tellFrame(server.socket, 4, 4);
    await clock.settle();
    assert.deepEqual(store.state.runs, []);
    assert.equal(store.error, undefined);
    connection.close();
  });

  it('asks for the threads again when the connection has caught up next, where that had failed (UL2)', async () => {
    const { server, held, clock, connection } = setUp();
    const { respond } = server;
    server.respond = () => problem('bug', 500);
    const store = createUserStore(connection);
    await clock.settle();
    assert.equal(store.error?.code, 'bug');
    server.respond = respond;
    held.threads = [threadAt(1)];
    server.socket.end(1006);
    await clock.advance(1_000);
    assert.deepEqual(store.state.threads, held.threads);
    assert.equal(store.error, undefined);
    connection.close();
  });

  it('asks for the threads again where a snapshot came while they were asked for (UL3)', async () => {
    const { server, held, clock, connection } = setUp();
    const slow = Promise.withResolvers<void>();
    held.until = slow.promise;
    const store = createUserStore(connection);
    await clock.settle();
    held.threads = [threadAt(1)];
    server.socket.tell({ type: 'snapshot', reason: 'gap', cursor: { generation: 'g1', userSeq: 9 }, open: [] });
    await clock.settle();
    slow.resolve();
    await clock.settle();
    assert.deepEqual(store.state.threads, held.threads);
    connection.close();
  });

  it('forgets the threads, and their runs, that a gap in the stream passed over the deletion of (UL3)', async () => {
    const { server, held, clock, connection } = setUp();
    const events = told(['run.completed', { output: 1 }]).map((event) => ({ ...event, thread: 't1' }));
    const store = createUserStore(connection);
    await clock.settle();
    server.events.push(...events);
    held.threads = [threadAt(1)];
    server.tellFrom(server.socket, 0);
    await clock.settle();
    assert.deepEqual([store.state.threads.length, store.state.runs.length], [1, 1]);
    held.threads = [threadAt(2)];
    server.socket.tell({ type: 'snapshot', reason: 'gap', cursor: { generation: 'g1', userSeq: 9 }, open: [] });
    await clock.settle();
    assert.deepEqual(store.state.threads, held.threads);
    assert.deepEqual(store.state.runs, []);
    connection.close();
  });

  it('stops following when it is closed, and leaves the connection open', async () => {
    const { server, clock, connection } = setUp();
    const store = createUserStore(connection);
    await clock.settle();
    store.close();
    await clock.settle();
    assert.equal(connection.status.state, 'idle');
    assert.equal(server.socket.closedBy, 'client');
  });
});
