import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { limits } from '../core/limits.ts';
import { SimClock } from '../testing/sim-clock.ts';
import { streamResponse } from './stream-response.ts';

function open(pieces: (signal: AbortSignal) => AsyncGenerator<string, void>) {
  const clock = new SimClock();
  const reading = new AbortController();
  const closes: boolean[] = [];
  const closed = (): void => void closes.push(reading.signal.aborted);
  const response = streamResponse(pieces(reading.signal), { clock, limits, reading, closed });
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  const read = async () => new TextDecoder().decode((await reader.read()).value);
  return { clock, closes, reader, read };
}

/** Says nothing until nobody reads any more. */
async function* never(signal: AbortSignal): AsyncGenerator<string, void> {
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
  yield 'too late';
}

describe('an event stream', () => {
  it('makes the next piece when the one before is taken, and not before (SB1)', async () => {
    const made: number[] = [];
    const { read, clock } = open(async function* pieces() {
      for (let n = 1; n <= 9; n++) {
        made.push(n);
        yield `data: ${n}\n\n`;
      }
    });
    assert.equal(await read(), 'data: 1\n\n');
    await clock.settle();
    assert.deepEqual(made, [1]);
    assert.equal(await read(), 'data: 2\n\n');
  });

  it('cuts off a reader that takes nothing (SB1, SB3)', async () => {
    const { clock, closes, read, reader } = open(async function* pieces() {
      for (;;) yield 'data: 1\n\n';
    });
    await read();
    await clock.advance(limits.socketStallMs - 1);
    assert.deepEqual(closes, []);
    await clock.advance(1);
    assert.deepEqual(closes, [true]);
    await assert.rejects(reader.read(), { code: 'closed' });
    assert.equal(clock.timers, 0);
  });

  it('says that it is there while nothing happens, as often as that is (SB2)', async () => {
    const { clock, read } = open(never);
    for (let beat = 0; beat < 2; beat++) {
      const text = read();
      await clock.advance(limits.heartbeatMs);
      assert.equal(await text, ': keep-alive\n\n');
    }
  });

  it('is over once, whether it ends, fails or is left (SB3)', async () => {
    const ended = open(async function* pieces() {
      yield* [];
    });
    assert.equal(await ended.read(), '');
    const failing = open(async function* pieces() {
      yield 'data: 1\n\n';
      throw new Error('no');
    });
    await failing.read();
    await assert.rejects(failing.read(), { message: 'no' });
    const left = open(never);
    const reading = left.read();
    await left.reader.cancel();
    assert.equal(await reading, '');
    for (const { closes, clock } of [ended, failing, left]) {
      await clock.settle();
      assert.deepEqual(closes, [true]);
      assert.equal(clock.timers, 0);
    }
  });
});
