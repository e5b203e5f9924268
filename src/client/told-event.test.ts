/** A client and a server of different versions: V6, LIN4. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EngineError } from '../core/errors.ts';
import { seededRandom } from '../core/random.ts';
import type { JournalEvent } from '../journal/event.ts';
import { SimClock } from '../testing/sim-clock.ts';
import { connect } from './connect.ts';
import type { StreamItem } from './connection.ts';
import { FakeServer, json, noteAt } from './server.fixture.ts';

function setUp() {
  const server = new FakeServer();
  const clock = new SimClock({ passMs: 0 });
  const where = { url: 'http://host:1', transport: server.transport, clock, random: seededRandom(1) };
  return { server, clock, connection: connect({ ...where, after: 'start' }) };
}

const suspendedBefore = { ...noteAt(2), type: 'run.suspended', data: { activeLeftMs: 5, waits: ['nap'] } } as never;
const newer: readonly JournalEvent[] = [{ ...noteAt(2), v: 2 }, { ...noteAt(2), type: 'run.teleported' } as never];

describe('what a server of another version tells', () => {
  it('is read in the shape of today where the server is the older one (V6)', async () => {
    const { server, clock, connection } = setUp();
    server.events.push(noteAt(1), suspendedBefore);
    const items: StreamItem[] = [];
    const reading = (async () => {
      for await (const item of connection.events()) items.push(item);
    })();
    await clock.settle();
    const told = items.find(({ type }) => type === 'run.suspended') as JournalEvent;
    assert.deepEqual([told.v, told.data], [2, { activeLeftMs: 5, waits: ['nap'], wakeAt: 0 }]);
    connection.close();
    await reading;
  });

  it('closes the connection by its name where the server is the newer one, before any of it is shown (LIN4)', async () => {
    for (const event of newer) {
      const { server, clock, connection } = setUp();
      server.events.push(noteAt(1));
      const items: StreamItem[] = [];
      const reading = (async () => {
        for await (const item of connection.events()) items.push(item);
      })().catch((thrown: unknown) => thrown);
      await clock.settle();
      server.events.push(event);
      server.tellFrom(server.socket, 1);
      await clock.settle();
      assert.equal(connection.status.state, 'closed');
      const thrown = await reading;
      assert.ok(EngineError.is(thrown), String(thrown));
      assert.ok(thrown.message.includes(`"${event.type}" version ${event.v}`), thrown.message);
      assert.match(thrown.hint ?? '', /Load the page anew/);
      assert.deepEqual(connection.cursor, { generation: 'g1', userSeq: 1 });
      assert.ok(items.every((item) => !('userSeq' in item) || item.userSeq === 1));
    }
  });

  it('is refused by its name in the pages of a run too, not folded', async () => {
    for (const event of newer) {
      const { server, connection } = setUp();
      server.respond = (_, { pathname }) =>
        pathname.endsWith('/events') ? json({ events: [event], next: 1, ended: true }) : json({});
      const run = await connection.door.run('r');
      await assert.rejects(run.state(), { code: 'invalid_input', message: new RegExp(`"${event.type}" version`) });
      connection.close();
    }
  });
});
