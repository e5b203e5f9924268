/**
 * One socket, from its 101 to its end. What goes over it is FR1 to FR6 of protocol/frames.ts.
 *
 *   greeting  From the 101. `hello` leads to live; any other frame, or none within `helloWithinMs`, to closing.
 *   live      `welcome` was or will be sent, a reader pulls what the user is sent, calls are answered. To closing lead:
 *             a bad frame, too many frames, a stalled peer, the end of the login, a draining server, a closed engine, a
 *             bug. Silence, and whatever the peer or the network does, leads to ended.
 *   closing   The bye and the close frame are handed over; nothing else is sent, nothing is read, what is under way in
 *             the engine goes on. To ended when the peer answers, at the latest after `socketCloseMs`.
 *   ended     Its timers are stopped and its place is given back.
 *
 * WS1  Pull: the one reader takes the next text when there is room for it (OL1), so a slow peer holds up itself alone.
 * WS2  A stalled peer is told `slow` and let go; it comes back with its cursor and has lost nothing.
 * WS3  The end of a socket cancels nothing.
 * WS4  Each close has a code of `closeCodes`, which says whether to come back; 1011 is a bug, and counted as one.
 * WS5  A call takes its place until its reply is handed over, so that what one socket can have under way is bounded; it
 *      counts as a request of its user.
 */
import type { Duplex } from 'node:stream';
import { EngineError, LimitError, ValidationError } from '../core/errors.ts';
import { ownerKey } from '../core/principal.ts';
import { closeCodes, protocolVersion, type ServerFrame } from '../protocol/frames.ts';
import { routes, type OperationName } from '../protocol/operations.ts';
import { callOperation } from './call.ts';
import { comeBackInMs } from './come-back.ts';
import { deliveries, startOf, type Delivery, type Wanted } from './delivery.ts';
import { readFrame, type CallRequest } from './frame-reader.ts';
import { eventFrameTexts, frameTextOf, type TextOf } from './frame-writer.ts';
import type { Login } from './login.ts';
import { meOf } from './login-state.ts';
import { Outlet, type Wire } from './outlet.ts';
import type { ServerParts } from './parts.ts';
import { publicError, tellProblem } from './problems.ts';

/** What carries a socket, as those of `ws` do. */
export type SocketWire = Wire & {
  ping(): void;
  close(code: number, reason: string): void;
  terminate(): void;
  on(event: 'message', listener: (data: Buffer, isBinary: boolean) => void): unknown;
  on(event: 'ping' | 'pong' | 'error' | 'close', listener: () => void): unknown;
};

export type SocketFacts = {
  readonly parts: ServerParts;
  readonly login: Login;
  /** Names the connection, in the log and to the client. */
  readonly id: string;
  readonly socket: SocketWire;
  /** What the socket writes to. */
  readonly stream: Duplex;
  readonly textOf: TextOf;
  /** Called once, at its end. */
  readonly ended: () => void;
};

type Bye = (ServerFrame & { readonly type: 'bye' })['reason'];

/** Silence of so many heartbeats means that the other is gone (FR5). */
const heartbeatsMissed = 2.5;

/** The window of `framesPerTenSeconds`. */
const rateWindowMs = 10_000;

export class Socket {
  readonly #facts: SocketFacts;
  readonly #outlet: Outlet;
  readonly #stop = new AbortController();
  readonly #calls = new Set<string>();
  readonly #timers = new Map<string, () => void>();
  #state: 'greeting' | 'live' | 'closing' | 'ended' = 'greeting';
  #heardAt: number;
  #windowAt: number;
  #windowFrames = 0;

  constructor(facts: SocketFacts) {
    this.#facts = facts;
    const { parts, socket, stream, login } = facts;
    const { clock, limits } = parts;
    this.#heardAt = clock.monotonic();
    this.#windowAt = this.#heardAt;
    this.#outlet = new Outlet({
      wire: socket,
      clock,
      limits,
      writing: () => writingOf(stream),
      stalled: () => this.#close('slow', 'Nothing was taken for too long.', { reason: 'slow' }),
    });
    socket.on('message', (data: Buffer, isBinary: boolean) => this.#hear(data, isBinary));
    socket.on('ping', () => this.#countFrame());
    socket.on('pong', () => this.#hearOf());
    socket.on('error', () => this.#broken());
    socket.on('close', () => this.#end());
    this.#after('hello', limits.helloWithinMs, () => this.#close('silent', 'There was no hello.'));
    this.#after('beat', limits.heartbeatMs, () => this.#beat());
    if (login.expiresAt !== undefined)
      this.#after('login', Math.max(0, login.expiresAt - clock.now()), () => this.endLogin());
  }

  /** The login has ended. */
  endLogin(): void {
    this.#close('login', 'The login has ended.', { reason: 'login' });
  }

  /** The server stops; the client is to come back after `retryInMs`. */
  drain(retryInMs: number): void {
    this.#close('restart', 'The server stops.', { reason: 'drain', retryInMs });
  }

  /** Ends it without a word. */
  terminate(): void {
    this.#facts.socket.terminate();
  }

  #hear(data: Buffer, isBinary: boolean): void {
    if (this.#isOver() || !this.#countFrame()) return;
    this.#hearOf();
    if (isBinary) return this.#close('badFrame', 'A frame is text, not binary.');
    const frame = readFrame(data.toString('utf8'));
    if (frame.type === 'refused') return this.#refuse(frame.code, frame.reason);
    if (this.#state === 'greeting' && frame.type !== 'hello')
      return this.#close('badFrame', 'The first frame is hello.');
    if (frame.type === 'call') return this.#call(frame);
    if (frame.type === 'pong') return;
    if (this.#state === 'live') return this.#close('badFrame', 'There is one hello.');
    this.#state = 'live';
    this.#stopTimer('hello');
    void this.#follow(frame);
  }

  #refuse(code: number, reason: string): void {
    this.#close(code === closeCodes.protocol ? 'protocol' : 'badFrame', reason);
  }

  /** False when there were too many. */
  #countFrame(): boolean {
    const { clock, limits } = this.#facts.parts;
    const now = clock.monotonic();
    if (now - this.#windowAt >= rateWindowMs) {
      this.#windowAt = now;
      this.#windowFrames = 0;
    }
    if (++this.#windowFrames <= limits.framesPerTenSeconds) return true;
    this.#close('rate', 'There were too many frames.');
    return false;
  }

  #hearOf(): void {
    this.#heardAt = this.#facts.parts.clock.monotonic();
  }

  /** FR2, WS1 */
  async #follow(wanted: Wanted): Promise<void> {
    const { parts, login } = this.#facts;
    const { signal } = this.#stop;
    try {
      const door = parts.engine.as(login.principal);
      const head = await door.head();
      if (signal.aborted) return;
      this.#outlet.send(frameTextOf(this.#welcome(head)));
      for await (const delivery of deliveries(door, startOf(wanted, head), signal)) {
        for (const text of this.#texts(delivery)) {
          if (this.#outlet.isFull) await this.#outlet.room();
          if (signal.aborted) return;
          this.#outlet.send(text);
        }
      }
      this.drain(comeBackInMs(parts, parts.connections.size));
    } catch (thrown) {
      this.#fail(thrown);
    }
  }

  #texts(delivery: Delivery): Iterable<string> {
    if (delivery.kind === 'frame')
      return eventFrameTexts(delivery.frame, this.#facts.textOf, this.#facts.parts.limits.frameBytesMax);
    const { reason, cursor, open } = delivery;
    return [frameTextOf({ type: 'snapshot', reason, cursor, open })];
  }

  #welcome(head: {
    readonly generation: string;
    readonly userSeq: number;
  }): ServerFrame & { readonly type: 'welcome' } {
    const { parts, login, id } = this.#facts;
    const { heartbeatMs } = parts.limits;
    const now = parts.clock.now();
    return {
      type: 'welcome',
      protocol: protocolVersion,
      connection: id,
      me: meOf(login.principal),
      head,
      heartbeatMs,
      now,
    };
  }

  /** What ends the reader: the engine can't go on, which passes, or something that should not be. */
  #fail(thrown: unknown): void {
    const { parts, id } = this.#facts;
    tellProblem(parts.log, thrown, id);
    if (EngineError.is(thrown) && thrown.code !== 'bug') return this.drain(comeBackInMs(parts, parts.connections.size));
    parts.counts.add('socket.bug');
    this.#closeWith(1011, 'Something went wrong in the server.');
  }

  #call(request: CallRequest): void {
    const { limits } = this.#facts.parts;
    if (this.#calls.has(request.id)) return this.#close('badFrame', 'The id of a call is that of another open one.');
    if (this.#calls.size < limits.callsPerSocketMax) {
      this.#calls.add(request.id);
      void this.#answer(request);
      return;
    }
    const hint = 'Wait for replies before you send more.';
    const error = new LimitError(`There are more than ${limits.callsPerSocketMax} calls under way.`, {
      hint,
      retryable: true,
    });
    this.#outlet.send(frameTextOf({ type: 'reply', id: request.id, error: publicError(error) }));
  }

  /** FR4, WS5 */
  async #answer({ id, operation, input }: CallRequest): Promise<void> {
    const reply = await this.#perform(operation, input).then(
      (output): string => JSON.stringify({ type: 'reply', id, output: output ?? null }),
      (thrown: unknown): string => {
        tellProblem(this.#facts.parts.log, thrown, this.#facts.id);
        return frameTextOf({ type: 'reply', id, error: publicError(thrown) });
      },
    );
    await this.#outlet.room();
    this.#calls.delete(id);
    if (!this.#isOver()) this.#outlet.send(reply);
  }

  async #perform(operation: string, input: unknown): Promise<unknown> {
    const { parts, login } = this.#facts;
    const { tenant, user } = login.principal;
    await parts.rates.take('user', ownerKey(tenant, user));
    if (!Object.hasOwn(routes, operation))
      throw new ValidationError('There is no such operation.', {
        hint: `Operations: ${Object.keys(routes).join(', ')}.`,
      });
    return callOperation(parts, login, operation as OperationName, input);
  }

  /** FR5: who streams says that it is there, so a ping also asks a client that has long been silent. */
  #beat(): void {
    const { parts, socket } = this.#facts;
    const { clock, limits, counts } = parts;
    const now = clock.monotonic();
    const silentMs = now - Math.max(this.#heardAt, this.#outlet.tookAt);
    // While the peer is waited for, whether it takes anything is what tells that it lives (OL2).
    if (!this.#outlet.isWaitedFor) {
      if (silentMs >= heartbeatsMissed * limits.heartbeatMs) {
        counts.add('socket.silent');
        return this.terminate();
      }
      if (silentMs >= limits.heartbeatMs || now - this.#outlet.spokeAt >= limits.heartbeatMs) {
        this.#outlet.send(frameTextOf({ type: 'ping', now: clock.now() }));
        socket.ping();
      }
    }
    this.#after('beat', limits.heartbeatMs / 2, () => this.#beat());
  }

  #close(
    code: keyof typeof closeCodes,
    reason: string,
    bye?: { readonly reason: Bye; readonly retryInMs?: number },
  ): void {
    if (this.#isOver()) return;
    if (bye !== undefined)
      this.#outlet.send(frameTextOf({ type: 'bye', reason: bye.reason, retryInMs: bye.retryInMs ?? 0 }));
    this.#closeWith(closeCodes[code], reason);
  }

  #closeWith(code: number, reason: string): void {
    if (this.#isOver()) return;
    this.#leave();
    this.#facts.parts.counts.add(`socket.closed.${code}`);
    this.#facts.socket.close(code, reason);
  }

  /** `ws` found what is no WebSocket, or more than it may hold, and closes by itself; or the network broke. */
  #broken(): void {
    if (this.#isOver()) return;
    this.#leave();
    this.#facts.parts.counts.add('socket.broken');
  }

  #leave(): void {
    this.#state = 'closing';
    this.#stop.abort();
    this.#outlet.end();
    this.#stopTimers();
    this.#after('close', this.#facts.parts.limits.socketCloseMs, () => this.terminate());
  }

  #end(): void {
    if (this.#state === 'ended') return;
    if (!this.#isOver()) this.#facts.parts.counts.add('socket.left');
    this.#state = 'ended';
    this.#stop.abort();
    this.#outlet.end();
    this.#stopTimers();
    this.#facts.ended();
  }

  #isOver(): boolean {
    return this.#state === 'closing' || this.#state === 'ended';
  }

  #after(name: string, ms: number, fn: () => void): void {
    this.#timers.set(name, this.#facts.parts.clock.after(ms, fn, 'background'));
  }

  #stopTimer(name: string): void {
    this.#timers.get(name)?.();
    this.#timers.delete(name);
  }

  #stopTimers(): void {
    for (const name of this.#timers.keys()) this.#stopTimer(name);
  }
}

/**
 * How much of the write under way is still to be taken. Node does not say it in public, and counts a write as a whole;
 * where it can't be seen, a peer has to take a whole text within `socketStallMs`.
 */
function writingOf(stream: Duplex): number {
  const { _handle: handle } = stream as { readonly _handle?: { readonly writeQueueSize?: unknown } | null };
  return typeof handle?.writeQueueSize === 'number' ? handle.writeQueueSize : 0;
}
