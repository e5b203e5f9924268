/**
 * One socket, from its ticket to its end. It tells what it hears, and once why it is over; that another follows is
 * line.ts's to decide.
 *
 * SOT1  After `leave()`, and after `ended`, it says nothing more, whatever the socket still does.
 * SOT2  A browser does not say why an upgrade was refused. So a socket that ended before `welcome` asks for a ticket,
 *      which is refused for the same reasons, and in words.
 * SOT3  Silence of 2.5 heartbeats is the end (FR5); before `welcome` that is `helloWithinMs`.
 */
import { EngineError } from '../core/errors.ts';
import { limits } from '../core/limits.ts';
import {
  closeCodes,
  isTerminalClose,
  protocolVersion,
  socketPath,
  subprotocol,
  ticketPrefix,
  type ClientFrame,
  type ServerFrame,
} from '../protocol/frames.ts';
import { otherRoutes, type Ticket } from '../protocol/operations.ts';
import { retryAfterMsOf, unreachableServer, type Calls, type ServerAddress } from './calls.ts';
import type { SocketLike } from './transport.ts';

/** Why it is over. `isFinal`: coming back unchanged is of no use. `retryInMs`: what the server asked to wait. */
export type SocketEnd = { readonly error: EngineError; readonly isFinal: boolean; readonly retryInMs?: number };

export type SocketListener = {
  frame(frame: ServerFrame): void;
  ended(end: SocketEnd): void;
};

export type Hello = Omit<ClientFrame & { readonly type: 'hello' }, 'type' | 'protocol'>;

export class SocketTry {
  readonly #address: ServerAddress;
  readonly #calls: Calls;
  readonly #listener: SocketListener;
  #socket: SocketLike | undefined;
  #over = false;
  #welcomed = false;
  #retryInMs: number | undefined;
  #silenceMs: number = limits.helloWithinMs;
  #heardAt: number;
  #stopWatch: () => void = () => undefined;

  constructor(address: ServerAddress, calls: Calls, listener: SocketListener) {
    this.#address = address;
    this.#calls = calls;
    this.#listener = listener;
    this.#heardAt = address.clock.monotonic();
  }

  async open(hello: Hello): Promise<void> {
    this.#watch();
    try {
      const { token } = this.#address;
      const ticket = token === undefined ? [] : [ticketPrefix + (await this.#ticket())];
      if (this.#over) return;
      this.#listen(
        this.#address.transport.openSocket(this.#calls.urlOf(socketPath, 'ws'), [subprotocol, ...ticket]),
        hello,
      );
    } catch (thrown) {
      this.#end(refusal(thrown));
    }
  }

  /** Lets go of it without a word to the listener. */
  leave(): void {
    if (this.#over) return;
    this.#over = true;
    this.#stopWatch();
    this.#socket?.close(1000);
  }

  #listen(socket: SocketLike, hello: Hello): void {
    this.#socket = socket;
    socket.addEventListener('open', () => {
      if (!this.#over) this.#send({ type: 'hello', protocol: protocolVersion, ...hello });
    });
    socket.addEventListener('message', ({ data }) => {
      if (!this.#over) this.#hear(data);
    });
    // What is wrong is told by `close`, which follows; without a listener Node would end the process.
    socket.addEventListener('error', () => undefined);
    socket.addEventListener('close', ({ code }) => void this.#closed(code));
  }

  #send(frame: ClientFrame): void {
    this.#socket?.send(JSON.stringify(frame));
  }

  #hear(data: unknown): void {
    this.#heardAt = this.#address.clock.monotonic();
    const frame = parseFrame(data);
    if (frame === undefined) {
      this.#end({ error: unreachableServer(), isFinal: false });
      return;
    }
    if (frame.type === 'ping') this.#send({ type: 'pong' });
    else if (frame.type === 'bye') this.#retryInMs = frame.retryInMs;
    else if (frame.type === 'welcome') this.#welcome(frame);
    if (!this.#over) this.#listener.frame(frame);
  }

  #welcome(frame: ServerFrame & { readonly type: 'welcome' }): void {
    this.#welcomed = true;
    this.#silenceMs = frame.heartbeatMs * 2.5;
    this.#stopWatch();
    this.#watch();
    if (frame.protocol !== protocolVersion) this.#end({ error: closeError(closeCodes.protocol), isFinal: true });
  }

  async #closed(code: number): Promise<void> {
    if (this.#over) return;
    if (isTerminalClose(code)) {
      this.#end({ error: closeError(code), isFinal: true });
      return;
    }
    if (this.#welcomed || this.#address.token !== undefined) {
      this.#end({ error: unreachableServer(), isFinal: false });
      return;
    }
    const end = await this.#ticket().then(() => ({ error: unreachableServer(), isFinal: false }), refusal);
    this.#end(end);
  }

  async #ticket(): Promise<string> {
    const { method, path } = otherRoutes['ticket.create'];
    const response = await this.#calls.request(path, { method });
    return ((await response.json()) as Ticket).ticket;
  }

  /** One timer that looks, from time to time, when something was last heard: not one for each frame. */
  #watch(): void {
    const silentMs = this.#address.clock.monotonic() - this.#heardAt;
    if (silentMs >= this.#silenceMs) {
      this.#end({ error: unreachableServer(), isFinal: false });
      return;
    }
    this.#stopWatch = this.#address.clock.after(this.#silenceMs - silentMs, () => this.#watch());
  }

  #end(end: SocketEnd): void {
    if (this.#over) return;
    this.leave();
    const retryInMs = end.retryInMs ?? this.#retryInMs;
    this.#listener.ended({ ...end, ...(retryInMs === undefined ? {} : { retryInMs }) });
  }
}

function parseFrame(data: unknown): ServerFrame | undefined {
  if (typeof data !== 'string') return undefined;
  try {
    const frame = JSON.parse(data) as ServerFrame | null;
    return typeof frame === 'object' && frame !== null ? frame : undefined;
  } catch {
    return undefined;
  }
}

/** What a refused ticket or a socket that can't be made says. */
function refusal(thrown: unknown): SocketEnd {
  const error = EngineError.is(thrown) ? thrown : unreachableServer(thrown);
  const retryInMs = retryAfterMsOf(error);
  return { error, isFinal: finalCodes.has(error.code), ...(retryInMs === undefined ? {} : { retryInMs }) };
}

const finalCodes: ReadonlySet<string> = new Set([
  'login_required',
  'login_failed',
  'identity_required',
  'origin_refused',
  'forbidden',
  'invalid_input',
]);

function closeError(code: number): EngineError {
  switch (code) {
    case closeCodes.login:
      return new EngineError('login_required', 'The login has ended or was revoked.', { hint: 'Log in again.' });
    case closeCodes.protocol:
      return new EngineError('invalid_input', 'This client and the server speak different versions of the protocol.', {
        hint: 'Load the page anew, or install the version of Cantus that the server has.',
      });
    case closeCodes.badFrame:
      return new EngineError('bug', 'Bug in Cantus: the server did not understand a frame of this client.', {
        hint: 'Load the page anew, or install the version of Cantus that the server has.',
      });
    default:
      return new EngineError('closed', `The server closed the connection for good (code ${code}).`, {
        hint: 'Connect anew; if it happens again, look into the log of the server.',
      });
  }
}
