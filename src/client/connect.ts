/**
 * A connection: the user's door, and the user's events for whoever iterates.
 *
 * CN1  Between the line and the readers at most `clientEventsHeldMax` items and one frame are held: then the line rests
 *      until they are taken, and goes on from its place.
 * CN2  No socket is held while nobody reads.
 */
import { systemClock, type Clock } from '../core/clock.ts';
import { EngineError } from '../core/errors.ts';
import { limits } from '../core/limits.ts';
import { systemRandom, type Random } from '../core/random.ts';
import type { Cursor } from '../journal/store.ts';
import type { Me } from '../protocol/frames.ts';
import { Calls, type ServerAddress } from './calls.ts';
import type { Connection, ConnectionStatus, StreamItem } from './connection.ts';
import { HeldItems, type HeldReader } from './held-items.ts';
import { Line, type LineStart } from './line.ts';
import { remoteDoor, type RemoteDoor } from './remote-door.ts';
import { globalTransport, type Transport } from './transport.ts';

/** Where to connect, as whom, and from which place on. */
export type ConnectOptions = {
  /** Where the server is: `http://127.0.0.1:4310`, or in a page `location.origin`. */
  readonly url: string;
  /** An access token. Absent: the browser's cookie, or a server that asks for none. */
  readonly token?: string;
  /** Go on behind this place; absent: from a snapshot of now; `"start"`: everything from the first event. */
  readonly after?: Cursor | 'start';
  /** More events missed than this are answered by a snapshot instead; absent: all are sent. */
  readonly gapMax?: number;
  readonly transport?: Transport;
  readonly clock?: Clock;
  readonly random?: Random;
};

/**
 * Makes a connection. Nothing is asked of the server before the first call or the first event.
 *
 * @example
 * const connection = connect({ url: 'http://127.0.0.1:4310' });
 * const run = await connection.door.start('clerk', 'What is 2 + 3?');
 * for await (const event of run.events()) console.log(event.type);
 * connection.close();
 */
export function connect(options: ConnectOptions): Connection {
  const { url, token, after, gapMax } = options;
  const address: ServerAddress = {
    url,
    ...(token === undefined ? {} : { token }),
    transport: options.transport ?? globalTransport,
    clock: options.clock ?? systemClock,
    random: options.random ?? systemRandom,
  };
  const start = { ...(after === undefined ? {} : { after }), ...(gapMax === undefined ? {} : { gapMax }) };
  return new OpenConnection(address, start);
}

class OpenConnection implements Connection {
  readonly door: RemoteDoor;
  readonly #address: ServerAddress;
  readonly #line: Line;
  readonly #listeners = new Set<(status: ConnectionStatus) => void>();
  readonly #held = new HeldItems();

  constructor(address: ServerAddress, start: LineStart) {
    const calls = new Calls(address);
    this.#address = address;
    this.door = remoteDoor(address, calls);
    if (typeof start.after === 'object') this.#held.cursor = start.after;
    this.#line = new Line(address, calls, start, {
      hasRoom: () => this.#held.size < limits.clientEventsHeldMax,
      take: (chunk) => this.#held.add(chunk),
      changed: (status) => this.#changed(status),
    });
  }

  get status(): ConnectionStatus {
    return this.#line.status;
  }

  get cursor(): Cursor | undefined {
    return this.#held.cursor;
  }

  get me(): Me | undefined {
    return this.#line.me;
  }

  get counts(): Connection['counts'] {
    return { ...this.#line.counts };
  }

  now(): number {
    return this.#address.clock.now() + this.#line.aheadMs;
  }

  /** No generator: the `return` of one would wait for an event that may never come. */
  events(): AsyncIterableIterator<StreamItem, undefined> {
    const reader: HeldReader = { at: undefined, wakes: [], left: false };
    const over: IteratorReturnResult<undefined> = { done: true, value: undefined };
    const items: AsyncIterableIterator<StreamItem, undefined> = {
      [Symbol.asyncIterator]: () => items,
      next: async () => {
        const item = await this.#next(reader);
        return item === undefined ? over : { done: false, value: item };
      },
      return: () => {
        this.#leave(reader);
        return Promise.resolve(over);
      },
    };
    return items;
  }

  onChange(listener: (status: ConnectionStatus) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  retryNow(): void {
    this.#line.retryNow();
  }

  close(): void {
    this.#line.close(closedHere);
  }

  async #next(reader: HeldReader): Promise<StreamItem | undefined> {
    while (!reader.left) {
      const item = this.#held.next(reader);
      if (item !== undefined) return item;
      const { status } = this.#line;
      if (status.state === 'closed') {
        this.#leave(reader);
        if (status.error !== closedHere) throw status.error;
        return undefined;
      }
      this.#line.open();
      await new Promise<void>((resolve) => reader.wakes.push(resolve));
    }
    return undefined;
  }

  #leave(reader: HeldReader): void {
    this.#held.leave(reader);
    if (!this.#held.isRead) this.#line.rest();
  }

  #changed(status: ConnectionStatus): void {
    for (const listener of this.#listeners) listener(status);
    if (status.state === 'closed' || status.state === 'idle') this.#held.wakeReaders();
  }
}

const closedHere = new EngineError('closed', 'The connection was closed here.', {
  hint: 'Make a new one with connect().',
});
