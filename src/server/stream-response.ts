/**
 * A `text/event-stream` whose pieces are made when they are taken.
 *
 * SB1  The next piece is asked for when the one before it has left: a reader that takes nothing costs one piece, and
 *      one that takes nothing for `socketStallMs` is cut off.
 * SB2  A quiet stream says `: keep-alive` every `heartbeatMs`, so that nobody between takes it for dead.
 * SB3  However it ends, `closed` is called once, and before that the signal of the pieces is aborted.
 */
import type { Clock } from '../core/clock.ts';
import { EngineError } from '../core/errors.ts';
import type { ServerLimits } from './parts.ts';

export type StreamFacts = {
  readonly clock: Clock;
  readonly limits: Pick<ServerLimits, 'heartbeatMs' | 'socketStallMs'>;
  /** Aborted when nobody reads any more, so that what makes the pieces stops waiting for more. */
  readonly reading: AbortController;
  readonly closed: () => void;
};

/** The response that carries `pieces`, each of them whole lines of an event stream. */
export function streamResponse(pieces: AsyncGenerator<string, void>, facts: StreamFacts): Response {
  const source = new PieceSource(pieces, facts);
  return new Response(new ReadableStream(source, { highWaterMark: 0 }), {
    headers: {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      // Nobody on the way waits for more before it passes this on.
      'x-accel-buffering': 'no',
      'transfer-encoding': 'chunked',
    },
  });
}

type Controller = ReadableStreamDefaultController<Uint8Array>;

class PieceSource {
  readonly #pieces: AsyncGenerator<string, void>;
  readonly #facts: StreamFacts;
  readonly #encoder = new TextEncoder();
  #next: Promise<IteratorResult<string, void>> | undefined;
  #stopStall: (() => void) | undefined;
  #isClosed = false;

  constructor(pieces: AsyncGenerator<string, void>, facts: StreamFacts) {
    this.#pieces = pieces;
    this.#facts = facts;
  }

  start(controller: Controller): void {
    this.#watch(controller);
  }

  async pull(controller: Controller): Promise<void> {
    this.#stopStall?.();
    try {
      this.#next ??= this.#pieces.next();
      const piece = await this.#orQuiet(this.#next);
      if (this.#isClosed) return;
      if (piece === 'quiet') return this.#send(controller, ': keep-alive\n\n');
      this.#next = undefined;
      if (piece.done !== true) return this.#send(controller, piece.value);
      this.#close();
      controller.close();
    } catch (thrown) {
      if (this.#isClosed) return;
      this.#close();
      controller.error(thrown);
    }
  }

  cancel(): void {
    this.#close();
  }

  #send(controller: Controller, text: string): void {
    controller.enqueue(this.#encoder.encode(text));
    this.#watch(controller);
  }

  /** SB1 */
  #watch(controller: Controller): void {
    const { clock, limits } = this.#facts;
    const stalled = (): void => {
      this.#close();
      controller.error(new EngineError('closed', 'Nothing was taken for too long.'));
    };
    this.#stopStall = clock.after(limits.socketStallMs, stalled, 'background');
  }

  /** The next piece; `quiet` after a heartbeat without it. What comes then is not lost: it is the next one's. */
  #orQuiet(next: Promise<IteratorResult<string, void>>): Promise<IteratorResult<string, void> | 'quiet'> {
    const { clock, limits } = this.#facts;
    return new Promise((resolve, reject) => {
      const stop = clock.after(limits.heartbeatMs, () => resolve('quiet'), 'background');
      next.then(resolve, reject).finally(stop);
    });
  }

  #close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#stopStall?.();
    this.#facts.reading.abort();
    this.#facts.closed();
  }
}
