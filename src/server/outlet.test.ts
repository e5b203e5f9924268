/** Back-pressure: who waits for room, until when, and when a peer counts as stalled. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SimClock } from '../testing/sim-clock.ts';
import { Outlet, type Wire } from './outlet.ts';

const limits = { socketHighBytes: 100, socketLowBytes: 20, socketStallMs: 5_000 };

class FakeWire implements Wire {
  bufferedAmount = 0;
  readonly #taken: { readonly bytes: number; readonly told: () => void }[] = [];

  send(text: string, told: () => void): void {
    this.bufferedAmount += text.length;
    this.#taken.push({ bytes: text.length, told });
  }

  /** The peer takes what was sent first. */
  take(): void {
    const first = this.#taken.shift();
    this.bufferedAmount -= first?.bytes ?? 0;
    first?.told();
  }
}

type Scene = {
  readonly wire: FakeWire;
  readonly clock: SimClock;
  readonly outlet: Outlet;
  stalls: number;
  writing: number;
};

function scene(): Scene {
  const wire = new FakeWire();
  const clock = new SimClock();
  const made: Scene = {
    wire,
    clock,
    stalls: 0,
    writing: 0,
    outlet: new Outlet({ wire, clock, limits, writing: () => made.writing, stalled: () => made.stalls++ }),
  };
  return made;
}

/** Whether the promise is settled once everything that can happen has. */
async function isDone(clock: SimClock, promise: Promise<void>): Promise<boolean> {
  let done = false;
  void promise.then(() => (done = true));
  await clock.settle();
  return done;
}

describe('the way out of a socket', () => {
  it('has no room above the high mark, and has it again at the low one (OL1)', async () => {
    const { wire, clock, outlet } = scene();
    for (let sent = 0; sent < 10; sent++) outlet.send('x'.repeat(10));
    assert.equal(await isDone(clock, outlet.room()), true, 'at the high mark there is room');
    outlet.send('x'.repeat(10));
    const room = outlet.room();
    for (let taken = 0; taken < 8; taken++) wire.take();
    assert.equal(await isDone(clock, room), false, 'between the marks nobody is woken');
    wire.take();
    assert.equal(await isDone(clock, room), true);
  });

  it('is stalled when nothing is taken for as long as that may last (OL2)', async () => {
    const made = scene();
    made.outlet.send('x'.repeat(200));
    const room = made.outlet.room();
    await made.clock.advance(4_999);
    assert.equal(made.stalls, 0);
    await made.clock.advance(1);
    assert.equal(made.stalls, 1);
    made.outlet.end();
    assert.equal(await isDone(made.clock, room), true, 'whoever waits goes on at the end');
  });

  it('is not stalled while a large text is taken piece by piece, nor when nobody waits (OL2)', async () => {
    const made = scene();
    made.outlet.send('x'.repeat(50));
    await made.clock.advance(60_000);
    made.outlet.send('x'.repeat(200));
    const room = made.outlet.room();
    for (made.writing = 200; made.writing > 150; made.writing -= 10) await made.clock.advance(4_000);
    assert.equal(made.stalls, 0);
    made.wire.take();
    made.wire.take();
    assert.equal(await isDone(made.clock, room), true);
    await made.clock.advance(60_000);
    assert.equal(made.stalls, 0);
  });
});
