import { EngineError } from '../core/errors.ts';
import { limits } from '../core/limits.ts';
import type { Cursor } from '../journal/store.ts';
import type { Calls, ServerAddress } from './calls.ts';
import { Line } from './line.ts';
import type { RemoteFrame } from './remote-door.ts';

const readToEnd = new EngineError('closed', 'Reading was ended here.');

/**
 * All that happens to the user behind the cursor, then what comes, on a line of its own. A cursor that has no place in
 * the stream begins anew, as it does at the engine's door: from the first event, in a frame of the new generation.
 */
export async function* remoteFrames(
  address: ServerAddress,
  calls: Calls,
  { after, signal }: { readonly after?: Cursor; readonly signal?: AbortSignal },
): AsyncGenerator<RemoteFrame> {
  let place: Cursor | 'start' = after ?? 'start';
  const isOver = (): boolean => signal?.aborted === true;
  while (!isOver()) {
    const reading = new FrameReading(address, calls, place, signal);
    try {
      for (let frame = await reading.next(); frame !== undefined; frame = await reading.next()) yield frame;
    } finally {
      reading.line.close(readToEnd);
    }
    if (!reading.beginsAnew) return;
    place = 'start';
  }
}

class FrameReading {
  readonly line: Line;
  /** The server could not go on from the place: read from the start. */
  beginsAnew = false;
  #frames: RemoteFrame[] = [];
  #held = 0;
  #wake: () => void = () => undefined;

  constructor(address: ServerAddress, calls: Calls, after: Cursor | 'start', signal: AbortSignal | undefined) {
    this.line = new Line(
      address,
      calls,
      { after },
      {
        hasRoom: () => this.#held < limits.clientEventsHeldMax,
        take: (chunk) => {
          if ('events' in chunk) this.#take(chunk);
          else if (chunk.type === 'stream.snapshot') this.#stale();
        },
        changed: () => this.#wake(),
      },
    );
    signal?.addEventListener('abort', () => this.line.close(readToEnd), { once: true });
  }

  async next(): Promise<RemoteFrame | undefined> {
    for (;;) {
      const frame = this.#frames.shift();
      if (frame !== undefined) {
        this.#held -= frame.events.length;
        return frame;
      }
      const { status } = this.line;
      if (status.state === 'closed') {
        if (status.error === readToEnd) return undefined;
        throw status.error;
      }
      this.line.open();
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  #take(frame: RemoteFrame): void {
    this.#frames.push(frame);
    this.#held += frame.events.length;
    this.#wake();
  }

  #stale(): void {
    this.beginsAnew = true;
    this.line.close(readToEnd);
  }
}
