/** Whatever becomes of the sockets, a reader sees the user's stream: each event once, in order (P1). */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { limits } from '../core/limits.ts';
import { seededRandom } from '../core/random.ts';
import { SimClock } from '../testing/sim-clock.ts';
import { connect } from './connect.ts';
import { FakeServer } from './server.fixture.ts';

type Deed =
  | { readonly do: 'happen'; readonly count: number }
  /** Committed, but this socket is not told of it. */
  | { readonly do: 'swallow'; readonly count: number }
  | { readonly do: 'repeat'; readonly from: number; readonly to: number }
  | { readonly do: 'cut'; readonly code: number }
  | { readonly do: 'pass'; readonly ms: number }
  | { readonly do: 'newClient' };

const deed: fc.Arbitrary<Deed> = fc.oneof(
  fc.record({ do: fc.constant('happen' as const), count: fc.integer({ min: 1, max: 8 }) }),
  fc.record({ do: fc.constant('swallow' as const), count: fc.integer({ min: 1, max: 3 }) }),
  fc.record({
    do: fc.constant('repeat' as const),
    from: fc.integer({ min: 1, max: 30 }),
    to: fc.integer({ min: 1, max: 30 }),
  }),
  fc.record({ do: fc.constant('cut' as const), code: fc.constantFrom(1006, 1012, 4008, 4010) }),
  fc.record({ do: fc.constant('pass' as const), ms: fc.integer({ min: 0, max: 3_000 }) }),
  fc.record({ do: fc.constant('newClient' as const) }),
);

async function play(deeds: readonly Deed[], seed: number): Promise<{ readonly seen: number[]; readonly all: number }> {
  const server = new FakeServer();
  const clock = new SimClock({ passMs: 0 });
  const seen: number[] = [];
  const begin = (after: Parameters<typeof connect>[0]['after']) => {
    const { transport } = server;
    const connection = connect({
      url: 'http://h',
      transport,
      clock,
      random: seededRandom(seed),
      after: after ?? 'start',
    });
    void (async () => {
      for await (const item of connection.events()) if ('userSeq' in item) seen.push(item.userSeq);
    })();
    return connection;
  };
  let connection = begin('start');
  for (const each of deeds) {
    await doIt(each, server, clock);
    if (each.do !== 'newClient') continue;
    // What is stored is taken up by a new process: the cursor alone goes on.
    connection.close();
    await clock.settle();
    connection = begin(connection.cursor);
  }
  await clock.advance(limits.clientRetryMsMax + limits.helloWithinMs);
  server.happen(1);
  await clock.advance(2 * limits.clientRetryMsMax);
  connection.close();
  await clock.settle();
  return { seen, all: server.events.length };
}

async function doIt(each: Deed, server: FakeServer, clock: SimClock): Promise<void> {
  const socket = server.sockets.at(-1);
  if (each.do === 'happen') server.happen(each.count);
  else if (each.do === 'swallow' && socket !== undefined) {
    const { isOpen } = socket;
    socket.isOpen = false;
    server.happen(each.count);
    socket.isOpen = isOpen;
  } else if (each.do === 'repeat' && each.from <= each.to && each.to <= server.events.length && socket?.isOpen === true)
    server.tellFrame(socket, each.from, each.to);
  else if (each.do === 'cut') socket?.end(each.code);
  await clock.advance(each.do === 'pass' ? each.ms : 0);
}

it('tells each event once and in order, however its sockets are cut, repeated and made to skip', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(deed, { maxLength: 25 }), fc.integer(), async (deeds, seed) => {
      const { seen, all } = await play(deeds, seed);
      assert.deepEqual(
        seen,
        Array.from({ length: all }, (_, index) => index + 1),
      );
    }),
    { numRuns: 150 },
  );
});
