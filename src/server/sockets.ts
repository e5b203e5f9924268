/**
 * The sockets of one server: who may have one, and what ends them all.
 *
 * SO1  An upgrade passes the gate, or brings a ticket, and finds a place before the 101; whatever is refused gets an HTTP
 *      problem and no socket.
 * SO2  The end of a login ends its sockets, also one that was being opened meanwhile (LG2).
 * SO3  A server that drains sends its sockets away with times to come back that are spread out.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { EngineError, NotFoundError, ValidationError } from '../core/errors.ts';
import { ownerKey } from '../core/principal.ts';
import { socketPath, subprotocol, ticketPrefix } from '../protocol/frames.ts';
import { comeBackInMs } from './come-back.ts';
import { EventTexts } from './frame-writer.ts';
import { admit, authRequestOf } from './gate.ts';
import type { Login } from './login.ts';
import type { ServerParts } from './parts.ts';
import { problemResponse, tellProblem } from './problems.ts';
import { Socket, type SocketWire } from './socket.ts';
import { openTickets, type Tickets } from './tickets.ts';

export interface Sockets {
  /** Opens a socket, or answers with a problem. For the `upgrade` event of an HTTP server. */
  upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void;
  /** Sends all away, to come back later. Resolves when they are gone. */
  drain(): Promise<void>;
  /** Ends all at once. */
  close(): Promise<void>;
  readonly size: number;
  /** For the route that gives them (`ticketRoutes`). */
  readonly tickets: Tickets;
}

/** Makes a socket of a request that was let in; `refused` where that is no upgrade to a WebSocket. */
export type Handshake = (request: IncomingMessage, stream: Duplex, head: Buffer, done: Handshaken) => void;
export type Handshaken = { readonly opened: (socket: SocketWire) => void; readonly refused: () => void };

/** Opens the sockets of a server; `handshake` is that of `ws`, but for who brings sockets of another kind. */
export function openSockets(parts: ServerParts, handshake: Handshake = wsHandshake(parts)): Sockets {
  return new OpenSockets(parts, handshake);
}

function wsHandshake({ limits }: ServerParts): Handshake {
  const refusals = new WeakMap<Duplex, () => void>();
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: limits.requestBytesMax,
    perMessageDeflate: false,
    handleProtocols: () => subprotocol,
  });
  server.on('wsClientError', (_error: Error, stream: Duplex) => refusals.get(stream)?.());
  return (request, stream, head, { opened, refused }) => {
    refusals.set(stream, refused);
    server.handleUpgrade(request, stream, head, opened);
  };
}

class OpenSockets implements Sockets {
  readonly tickets: Tickets;
  readonly #parts: ServerParts;
  readonly #handshake: Handshake;
  readonly #texts = new EventTexts();
  readonly #open = new Map<Socket, string>();
  readonly #unwatch: (() => void) | undefined;
  /** Logins that ended while upgrades are under way (SO2). */
  readonly #endedMeanwhile = new Set<string>();
  #upgrading = 0;
  #closed = false;
  #empty: (() => void)[] = [];

  constructor(parts: ServerParts, handshake: Handshake) {
    this.#parts = parts;
    this.#handshake = handshake;
    this.tickets = openTickets(parts);
    this.#unwatch = parts.login.watchEnded?.((login) => this.#endLogin(login));
  }

  get size(): number {
    return this.#open.size;
  }

  upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    // A peer that goes away in the middle is no reason to end the process.
    stream.on('error', () => undefined);
    void this.#upgrade(request, stream, head);
  }

  async drain(): Promise<void> {
    const { size } = this.#open;
    for (const socket of this.#open.keys()) socket.drain(comeBackInMs(this.#parts, size));
    await this.#gone();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#unwatch?.();
    this.tickets.close();
    for (const socket of this.#open.keys()) socket.terminate();
    await this.#gone();
  }

  #gone(): Promise<void> {
    if (this.#open.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#empty.push(resolve));
  }

  async #upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): Promise<void> {
    const id = this.#parts.random.id();
    this.#upgrading++;
    try {
      const login = await this.#admit(request);
      if (stream.destroyed) return;
      if (this.#closed || this.#parts.draining.aborted) throw new EngineError('draining', 'The server is stopping.');
      const { tenant, user } = login.principal;
      stream.once('close', this.#parts.connections.open(tenant, user));
      this.#handshake(request, stream, head, {
        opened: (socket) => this.#begin(socket, stream, login, id),
        refused: () => this.#refuse(stream, new ValidationError('The request is no upgrade to a WebSocket.'), id),
      });
    } catch (thrown) {
      tellProblem(this.#parts.log, thrown, id);
      this.#refuse(stream, thrown, id);
    } finally {
      if (--this.#upgrading === 0) this.#endedMeanwhile.clear();
    }
  }

  /** SO1 */
  async #admit(request: IncomingMessage): Promise<Login> {
    const asked = authRequestOf(request);
    if (asked.url.pathname !== socketPath) throw new NotFoundError('page', asked.url.pathname);
    const protocols = (asked.headers.get('sec-websocket-protocol') ?? '').split(',').map((name) => name.trim());
    const ticket = protocols.find((name) => name.startsWith(ticketPrefix))?.slice(ticketPrefix.length);
    const login = await admit(ticket === undefined ? this.#parts : this.#withTicket(ticket), asked);
    if (!protocols.includes(subprotocol))
      throw new ValidationError(`A socket here speaks the subprotocol ${subprotocol}.`, {
        hint: `Send \`Sec-WebSocket-Protocol: ${subprotocol}\`.`,
      });
    if (this.#endedMeanwhile.has(login.id)) throw new EngineError('login_required', 'The login has ended.');
    return login;
  }

  /** The same gate, at which the ticket says who asks. */
  #withTicket(ticket: string): ServerParts {
    const authenticate = (): Login => this.tickets.redeem(ticket);
    return { ...this.#parts, login: { mode: this.#parts.login.mode, authenticate } };
  }

  #begin(socket: SocketWire, stream: Duplex, login: Login, id: string): void {
    const { tenant, user } = login.principal;
    const { textOf, leave } = this.#texts.join(ownerKey(tenant, user));
    this.#parts.counts.add('socket.opened');
    const begun = new Socket({
      parts: this.#parts,
      login,
      id,
      socket,
      stream,
      textOf,
      ended: () => {
        leave();
        this.#open.delete(begun);
        if (this.#open.size > 0) return;
        for (const resolve of this.#empty.splice(0)) resolve();
      },
    });
    this.#open.set(begun, login.id);
  }

  /** SO2 */
  #endLogin(ended: string): void {
    if (this.#upgrading > 0) this.#endedMeanwhile.add(ended);
    for (const [socket, login] of this.#open) if (login === ended) socket.endLogin();
  }

  #refuse(stream: Duplex, thrown: unknown, id: string): void {
    this.#parts.counts.add('socket.refused');
    if (stream.destroyed) return;
    void writeResponse(stream, problemResponse(thrown, id));
  }
}

/** An answer over a connection that Node's HTTP server has handed over. */
async function writeResponse(stream: Duplex, response: Response): Promise<void> {
  const body = await response.text();
  const lines = [`HTTP/1.1 ${response.status} ${statusWords(body)}`, 'connection: close'];
  for (const [name, value] of response.headers) lines.push(`${name}: ${value}`);
  lines.push(`content-length: ${Buffer.byteLength(body)}`, '', body);
  stream.once('finish', () => stream.destroy());
  stream.end(lines.join('\r\n'));
}

function statusWords(problem: string): string {
  const { title } = JSON.parse(problem) as { readonly title: string };
  return title;
}
