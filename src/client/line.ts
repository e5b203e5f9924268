/**
 * The line to a user's stream: one socket at a time, made again whenever it breaks, from the place that was reached.
 *
 *   idle         nobody reads. `open` -> connecting.
 *   connecting   a socket is on its way. `welcome` -> catching up (or live, where nothing was missed).
 *                It fails, or a frame is missing -> waiting. Refused for good -> closed.
 *   catching up  events from before `welcome` come. The place reaches `welcome.head` -> live. It breaks -> waiting.
 *   live         events come as they happen. It breaks -> waiting.
 *   waiting      until `retryAt` -> connecting; sooner where the platform says that it is worth it, but for a wait that
 *                the server asked for.
 *   closed       `close`, or what can't be mended. Nothing leaves it.
 *   From each but closed: `rest`, as nobody reads -> idle.
 *
 * LIN1  What goes on to the reader is the stream from the place on, each event once, in order: a frame that is known is
 *      dropped, a part of one that is known is cut off, and one behind a gap ends the socket instead (P1).
 * LIN2  The place moves only with what the reader took. A reader that is full ends the socket, and nothing is lost.
 * LIN3  A line is for one user: when a server says another one, as after a login in another tab, the line is closed (P2).
 * LIN4  An event that only a newer Cantus knows closes the line, by its name; the place stays before it.
 */
import { ConflictError, EngineError } from '../core/errors.ts';
import type { JournalEvent } from '../journal/event.ts';
import type { Cursor } from '../journal/store.ts';
import type { Me, ServerFrame } from '../protocol/frames.ts';
import { backoffMs } from './backoff.ts';
import { unreachableServer, type Calls, type ServerAddress } from './calls.ts';
import type { CaughtUpItem, ConnectionStatus, SnapshotItem } from './connection.ts';
import type { RemoteFrame } from './remote-door.ts';
import { SocketTry, type Hello, type SocketEnd } from './socket-try.ts';
import { toldEvent } from './told-event.ts';
import { watchWake } from './wake.ts';

export type LineReader = {
  /** Is there room for more? Else the line rests until it is opened again. */
  hasRoom(): boolean;
  /** Takes a stretch, a beginning or the word that all is told. */
  take(chunk: RemoteFrame | SnapshotItem | CaughtUpItem): void;
  changed(status: ConnectionStatus): void;
};

export type LineStart = {
  readonly after?: Cursor | 'start';
  readonly gapMax?: number;
};

type EventsFrame = ServerFrame & { readonly type: 'events' };
type Welcome = ServerFrame & { readonly type: 'welcome' };

export class Line {
  status: ConnectionStatus = { state: 'idle' };
  me: Me | undefined;
  /** Behind the last thing the reader took. */
  place: Cursor | undefined;
  readonly counts = { connects: 0, gaps: 0, rests: 0 };
  /** The server's clock less this machine's, in ms. */
  aheadMs = 0;
  readonly #address: ServerAddress;
  readonly #calls: Calls;
  readonly #start: LineStart;
  readonly #reader: LineReader;
  readonly #stopWake: () => void;
  #socket: SocketTry | undefined;
  #failures = 0;
  #head: Cursor | undefined;
  #missed = 0;
  #stopWaiting: () => void = () => undefined;
  #serverAsked = false;

  constructor(address: ServerAddress, calls: Calls, start: LineStart, reader: LineReader) {
    this.#address = address;
    this.#calls = calls;
    this.#start = start;
    this.#reader = reader;
    if (typeof start.after === 'object') this.place = start.after;
    this.#stopWake = watchWake(() => {
      if (!this.#serverAsked) this.retryNow();
    });
  }

  /** Reads, if it rests. */
  open(): void {
    if (this.status.state === 'idle') this.#connect();
  }

  /** Lets go of the socket until it is opened again. */
  rest(): void {
    if (this.status.state === 'closed' || this.status.state === 'idle') return;
    this.counts.rests++;
    this.#letGo();
    this.#become({ state: 'idle' });
  }

  retryNow(): void {
    if (this.status.state === 'waiting') this.#connect();
  }

  close(error: EngineError): void {
    if (this.status.state === 'closed') return;
    this.#letGo();
    this.#stopWake();
    this.#become({ state: 'closed', error });
  }

  #letGo(): void {
    this.#stopWaiting();
    this.#socket?.leave();
    this.#socket = undefined;
  }

  #become(status: ConnectionStatus): void {
    this.status = status;
    this.#reader.changed(status);
  }

  #connect(): void {
    this.#letGo();
    this.counts.connects++;
    this.#head = undefined;
    this.#missed = 0;
    this.#serverAsked = false;
    const socket = new SocketTry(this.#address, this.#calls, {
      frame: (frame) => this.#hear(frame),
      ended: (end) => this.#ended(end),
    });
    this.#socket = socket;
    this.#become({ state: 'connecting', attempt: this.#failures + 1 });
    // A listener may have closed the line just now.
    if (this.#socket === socket) void socket.open(this.#hello());
  }

  #hello(): Hello {
    const after = this.place ?? this.#start.after;
    const { gapMax } = this.#start;
    return { ...(after === undefined ? {} : { after }), ...(gapMax === undefined ? {} : { gapMax }) };
  }

  #ended({ error, isFinal, retryInMs }: SocketEnd): void {
    this.#socket = undefined;
    if (isFinal) {
      this.close(error);
      return;
    }
    this.#failures++;
    this.#serverAsked = retryInMs !== undefined;
    const waitMs = (retryInMs ?? 0) + backoffMs(this.#failures, this.#address.random);
    const { clock } = this.#address;
    this.#stopWaiting = clock.after(waitMs, () => this.retryNow());
    this.#become({ state: 'waiting', retryAt: clock.now() + waitMs, attempt: this.#failures, error });
  }

  #hear(frame: ServerFrame): void {
    switch (frame.type) {
      case 'welcome':
        this.#welcome(frame);
        break;
      case 'snapshot':
        if (!this.#isFull()) this.#snapshot(frame);
        break;
      case 'events':
        if (!this.#isFull()) this.#events(frame);
        break;
      default:
      // Pings and goodbyes are the socket's; a frame of a later server is nothing to this client (FR6).
    }
  }

  #welcome({ me, head, now }: Welcome): void {
    if (this.me !== undefined && (this.me.user !== me.user || this.me.tenant !== me.tenant)) {
      this.close(
        new ConflictError('Another user has logged in here, and this connection was for the one before.', {
          hint: 'Connect anew, without what was known of the user before.',
        }),
      );
      return;
    }
    this.me = me;
    this.aheadMs = now - this.#address.clock.now();
    this.#head = head;
    this.#become({ state: 'catching-up' });
    this.#checkCaughtUp();
  }

  /** LIN2: what a full reader does not take is read again later. */
  #isFull(): boolean {
    if (this.#reader.hasRoom()) return false;
    this.rest();
    return true;
  }

  #snapshot({ reason, cursor, open }: ServerFrame & { readonly type: 'snapshot' }): void {
    this.place = cursor;
    this.#reader.take({ type: 'stream.snapshot', reason, cursor, open });
    this.#checkCaughtUp();
  }

  #events(frame: EventsFrame): void {
    const { generation, to } = frame;
    const place = this.place ?? this.#beginning(frame);
    if (place?.generation !== generation || frame.from > place.userSeq + 1 || !isWhole(frame)) {
      this.#gap();
      return;
    }
    if (to <= place.userSeq) return;
    const from = place.userSeq + 1;
    const events = this.#readable(frame.events, from);
    if (events === undefined) return;
    const skipped = (frame.skipped ?? []).filter((range) => range.to >= from);
    this.#missed += this.status.state === 'live' ? 0 : events.length;
    this.place = { generation, userSeq: to };
    this.#reader.take({ generation, from, to, events, skipped });
    this.#checkCaughtUp();
  }

  /** The events from this place on; undefined where the server is newer, and the line was closed for that (LIN4). */
  #readable(told: readonly JournalEvent[], from: number): readonly JournalEvent[] | undefined {
    try {
      return told.filter(({ userSeq }) => userSeq >= from).map(toldEvent);
    } catch (thrown) {
      if (!EngineError.is(thrown)) throw thrown;
      this.close(thrown);
      return undefined;
    }
  }

  /** Before anything was heard, everything from the start on follows place 0; elsewhere a snapshot has to come first. */
  #beginning({ generation }: EventsFrame): Cursor | undefined {
    return this.#start.after === 'start' ? { generation, userSeq: 0 } : undefined;
  }

  /** LIN1: a hole is never shown; reading on from the place is the only way to fill it. */
  #gap(): void {
    this.counts.gaps++;
    this.#socket?.leave();
    this.#ended({ error: unreachableServer(), isFinal: false });
  }

  #checkCaughtUp(): void {
    const head = this.#head;
    if (this.status.state !== 'catching-up' || head === undefined) return;
    const place = this.place ?? (this.#start.after === 'start' ? { ...head, userSeq: 0 } : undefined);
    if (place?.generation !== head.generation || place.userSeq < head.userSeq) return;
    this.#failures = 0;
    this.#become({ state: 'live' });
    this.#reader.take({ type: 'stream.caughtUp', missed: this.#missed });
  }
}

/** Does the frame tell of every place it is of? */
function isWhole({ from, to, events, skipped = [] }: EventsFrame): boolean {
  const gone = skipped.reduce((sum, range) => sum + Math.min(range.to, to) - Math.max(range.from, from) + 1, 0);
  return events.length + gone >= to - from + 1 && isRising(events, from, to);
}

function isRising(events: readonly JournalEvent[], from: number, to: number): boolean {
  let before = from - 1;
  for (const { userSeq } of events) {
    if (userSeq <= before || userSeq > to) return false;
    before = userSeq;
  }
  return true;
}
