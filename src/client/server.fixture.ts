/** A server as the client sees it, held by a test: it answers as the protocol says unless the test makes it fail. */
import type { JournalEvent } from '../journal/event.ts';
import type { RunRow } from '../journal/run-row.ts';
import type { Cursor } from '../journal/store.ts';
import type { ClientFrame, Me, ServerFrame } from '../protocol/frames.ts';
import type { Problem } from '../protocol/problem.ts';
import type { SocketEvents, SocketLike, Transport } from './transport.ts';

export const ada: Me = { tenant: 'main', user: 'ada', roles: [] };

export class FakeSocket implements SocketLike {
  readonly url: string;
  readonly protocols: readonly string[];
  readonly sent: ClientFrame[] = [];
  isOpen = false;
  closedBy: 'client' | 'server' | undefined;
  readonly #server: FakeServer;
  readonly #listeners: { [Name in keyof SocketEvents]: ((event: SocketEvents[Name]) => void)[] } = {
    open: [],
    message: [],
    close: [],
    error: [],
  };

  constructor(server: FakeServer, url: string, protocols: readonly string[]) {
    this.#server = server;
    this.url = url;
    this.protocols = protocols;
  }

  addEventListener<Name extends keyof SocketEvents>(name: Name, listener: (event: SocketEvents[Name]) => void): void {
    this.#listeners[name].push(listener);
  }

  send(text: string): void {
    const frame = JSON.parse(text) as ClientFrame;
    this.sent.push(frame);
    if (frame.type === 'hello') queueMicrotask(() => this.#server.greet(this, frame));
  }

  close(): void {
    this.closedBy ??= 'client';
  }

  open(): void {
    this.isOpen = true;
    for (const listener of this.#listeners.open) listener({});
  }

  tell(frame: ServerFrame): void {
    if (this.closedBy === undefined) this.tellText(JSON.stringify(frame));
  }

  tellText(data: string): void {
    for (const listener of this.#listeners.message) listener({ data });
  }

  /** As the network or the server ends it. */
  end(code: number): void {
    if (this.closedBy !== undefined) return;
    this.closedBy = 'server';
    for (const listener of this.#listeners.error) listener({});
    for (const listener of this.#listeners.close) listener({ code, reason: '' });
  }
}

export class FakeServer {
  readonly events: JournalEvent[] = [];
  readonly sockets: FakeSocket[] = [];
  readonly requests: { readonly method: string; readonly url: URL; readonly init: RequestInit }[] = [];
  generation = 'g1';
  me = ada;
  open: RunRow[] = [];
  heartbeatMs = 1_000;
  framesOf = 3;
  /** Whether a socket that is asked for opens, and what it is greeted with; a test may take both into its own hands. */
  onSocket: (socket: FakeSocket) => void = (socket) => queueMicrotask(() => socket.open());
  greet: (socket: FakeSocket, hello: ClientFrame & { readonly type: 'hello' }) => void = (socket, hello) =>
    this.welcome(socket, hello);
  /** The answer to a request; undefined: as if there were no network. */
  respond: (method: string, url: URL, body: unknown) => Response | undefined = (_, { pathname }) =>
    pathname === '/v1/ticket' ? json({ ticket: `t${this.requests.length}`, expiresAt: 0 }) : undefined;

  get transport(): Transport {
    return {
      openSocket: (url, protocols) => {
        const socket = new FakeSocket(this, url, protocols);
        this.sockets.push(socket);
        this.onSocket(socket);
        return socket;
      },
      fetch: async (text, init) => {
        const url = new URL(text);
        this.requests.push({ method: init.method ?? 'GET', url, init });
        const body: unknown = typeof init.body === 'string' ? JSON.parse(init.body) : init.body;
        const response = this.respond(init.method ?? 'GET', url, body);
        if (response === undefined) throw new TypeError('fetch failed');
        return Promise.resolve(response);
      },
    };
  }

  get socket(): FakeSocket {
    const socket = this.sockets.at(-1);
    if (socket === undefined) throw new Error('no socket was asked for');
    return socket;
  }

  get head(): Cursor {
    return { generation: this.generation, userSeq: this.events.length };
  }

  welcome(socket: FakeSocket, { after }: ClientFrame & { readonly type: 'hello' }): void {
    const { head, me, heartbeatMs, open } = this;
    socket.tell({ type: 'welcome', protocol: 1, connection: 'c', me, head, heartbeatMs, now: 5_000 });
    const known = after === 'start' || (after?.generation === head.generation && after.userSeq <= head.userSeq);
    if (known) {
      this.tellFrom(socket, after === 'start' ? 0 : after.userSeq);
      return;
    }
    socket.tell({ type: 'snapshot', reason: after === undefined ? 'fresh' : 'generation', cursor: head, open });
  }

  /** What is behind the place, in frames of `framesOf` events. */
  tellFrom(socket: FakeSocket, after: number): void {
    for (let from = after + 1; from <= this.events.length; from += this.framesOf) this.tellFrame(socket, from);
  }

  tellFrame(socket: FakeSocket, from: number, to = Math.min(this.events.length, from + this.framesOf - 1)): void {
    const events = this.events.slice(from - 1, to);
    socket.tell({ type: 'events', generation: this.generation, from, to, events });
  }

  /** Commits notes, and tells them on the newest socket. */
  happen(count: number): void {
    const from = this.events.length + 1;
    for (let userSeq = from; userSeq < from + count; userSeq++) this.events.push(noteAt(userSeq));
    const socket = this.sockets.at(-1);
    if (socket?.isOpen === true) this.tellFrom(socket, from - 1);
  }
}

export function noteAt(userSeq: number): JournalEvent {
  const data = { code: 'note', text: `number ${userSeq}` };
  return { tenant: 'main', user: 'ada', userSeq, run: 'r', seq: userSeq, at: userSeq, type: 'note', data, v: 1 };
}

export function json(value: unknown, status = 200): Response {
  return new Response(JSON.stringify(value), { status, headers: { 'content-type': 'application/json' } });
}

export function problem(code: Problem['code'], status: number, more: Partial<Problem> = {}): Response {
  const about = {
    type: 'about:blank',
    title: '',
    detail: `It was ${code}.`,
    retryable: false,
    requestId: 'q',
  } as const;
  return json({ ...about, code, status, ...more }, status);
}
