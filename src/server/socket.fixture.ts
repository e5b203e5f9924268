/** What the tests of sockets and event streams share: a server of these parts alone, and clients that count. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import { WebSocket, type RawData } from 'ws';
import { systemClock, type Clock } from '../core/clock.ts';
import { LimitError } from '../core/errors.ts';
import { limits } from '../core/limits.ts';
import { silentLog, type Log } from '../core/log.ts';
import { ownerKey } from '../core/principal.ts';
import { systemRandom } from '../core/random.ts';
import type { Engine } from '../engine/create-engine.ts';
import type { Cursor } from '../journal/store.ts';
import { protocolVersion, socketPath, subprotocol, type ClientFrame, type ServerFrame } from '../protocol/frames.ts';
import type { ServerEnv } from './env.ts';
import { eventStreams } from './event-streams.ts';
import { admit, authRequestOf } from './gate.ts';
import type { AuthRequest, Login, LoginSource } from './login.ts';
import type { Connections, Counts, ServerLimits, ServerParts } from './parts.ts';
import { problemResponse } from './problems.ts';
import { ratesOf } from './rates.ts';
import { openSockets, type Sockets } from './sockets.ts';
import { ticketRoutes } from './tickets.ts';

/** Reads `authorization: bearer <user>`; the login is named like the user. Anything else is nobody. */
export class StubLogins implements LoginSource {
  readonly mode = 'elsewhere';
  readonly watchers = new Set<(login: string) => void>();
  /** When the logins of users end, where they do. */
  readonly expiries = new Map<string, number>();
  /** Each authentication, once it knows its answer, waits for this. */
  hold: Promise<void> = Promise.resolve();

  async authenticate({ headers }: AuthRequest): Promise<Login | null> {
    const user = /^bearer (\w+)$/.exec(headers.get('authorization') ?? '')?.[1];
    const expiresAt = this.expiries.get(user ?? '');
    await this.hold;
    if (user === undefined) return null;
    const principal = { tenant: 'main', user, roles: ['member'] };
    return { principal, id: user, by: 'bearer', ...(expiresAt === undefined ? {} : { expiresAt }) };
  }

  watchEnded(listener: (login: string) => void): () => void {
    this.watchers.add(listener);
    return () => this.watchers.delete(listener);
  }

  end(login: string): void {
    for (const watcher of this.watchers) watcher(login);
  }
}

export type DeliveryServer = {
  readonly port: number;
  readonly sockets: Sockets;
  /** What the sockets write to, in the order they were asked for. */
  readonly streams: readonly Duplex[];
  readonly logins: StubLogins;
  readonly counts: () => Readonly<Record<string, number>>;
  readonly connections: Connections;
  readonly drain: () => void;
  readonly close: () => Promise<void>;
};

export type DeliveryOptions = {
  readonly clock?: Clock;
  readonly limits?: Partial<ServerLimits>;
  readonly log?: Log;
};

/** Sockets, event streams and tickets of an engine, on a port of their own. */
export async function serveDelivery(engine: Engine, options: DeliveryOptions = {}): Promise<DeliveryServer> {
  const { clock = systemClock, log = silentLog } = options;
  const bounds: ServerLimits = { ...limits, requestsPerMinute: 1_000_000, ...options.limits };
  const logins = new StubLogins();
  const counts = countsOf();
  const stop = new AbortController();
  const connections = connectionsOf(bounds);
  const parts = {
    engine,
    login: logins,
    origins: { allows: () => true, knowsHost: () => true },
    connections,
    rates: ratesOf(bounds),
    counts,
    limits: bounds,
    clock,
    random: systemRandom,
    log,
    draining: stop.signal,
  } as unknown as ServerParts;
  const sockets = openSockets(parts);
  const app = new Hono<ServerEnv>()
    .use(async (context, next) => {
      context.set('requestId', parts.random.id());
      context.set('login', await admit(parts, authRequestOf(context.env.incoming)));
      await next();
    })
    .route('/', eventStreams(parts))
    .route('/', ticketRoutes(sockets.tickets))
    .onError((thrown) => problemResponse(thrown, 'of a test'));
  const server = createServer(getRequestListener(app.fetch, { overrideGlobalObjects: false }));
  const streams: Duplex[] = [];
  server.on('upgrade', (request, stream, head) => {
    streams.push(stream);
    sockets.upgrade(request, stream, head);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    sockets,
    streams,
    logins,
    counts: () => counts.all(),
    connections,
    drain: () => stop.abort(),
    close: async () => {
      await sockets.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function countsOf(): Counts {
  const all: Record<string, number> = {};
  return {
    add: (name, by = 1) => {
      all[name] = (all[name] ?? 0) + by;
    },
    all: () => all,
  };
}

function connectionsOf(bounds: ServerLimits): Connections {
  const open = new Map<string, number>();
  let size = 0;
  return {
    open(tenant, user) {
      const key = ownerKey(tenant, user);
      const count = open.get(key) ?? 0;
      if (count >= bounds.connectionsPerUserMax) throw new LimitError('There are too many connections.');
      open.set(key, count + 1);
      size++;
      return () => {
        open.set(key, (open.get(key) ?? 0) - 1);
        size--;
      };
    },
    get size() {
      return size;
    },
  };
}

export type EventsFrame = ServerFrame & { readonly type: 'events' };

/** A client of `ws` that keeps what it hears. */
export class TestSocket {
  readonly socket: WebSocket;
  readonly frames: ServerFrame[] = [];
  /** The code it was closed with. */
  closed: { readonly code: number; readonly reason: string } | undefined;
  /** The status of a refused upgrade, and its problem. */
  refused: { readonly status: number; readonly problem: Readonly<Record<string, unknown>> } | undefined;
  readonly #watchers = new Set<() => void>();

  constructor(
    port: number,
    user: string,
    options: { readonly protocols?: readonly string[]; readonly path?: string } = {},
  ) {
    const { protocols = [subprotocol], path = socketPath } = options;
    const headers = user === '' ? {} : { authorization: `bearer ${user}` };
    this.socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, [...protocols], { headers });
    this.socket.on('message', (data: RawData) => {
      this.frames.push(JSON.parse((data as Buffer).toString()) as ServerFrame);
      this.#tell();
    });
    this.socket.on('open', () => this.#tell());
    this.socket.on('error', () => this.#tell());
    this.socket.on('close', (code, reason) => {
      this.closed = { code, reason: reason.toString() };
      this.#tell();
    });
    this.socket.on('unexpected-response', (_request, response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () => {
        this.refused = { status: response.statusCode ?? 0, problem: JSON.parse(text) as Record<string, unknown> };
        this.#tell();
      });
    });
  }

  get events(): readonly EventsFrame[] {
    return this.frames.filter((frame) => frame.type === 'events');
  }

  /** The places of the events heard, in the order they were heard in. */
  get places(): readonly number[] {
    return this.events.flatMap(({ events }) => events.map(({ userSeq }) => userSeq));
  }

  get cursor(): Cursor | undefined {
    const last = this.events.at(-1);
    return last === undefined ? undefined : { generation: last.generation, userSeq: last.to };
  }

  find<Type extends ServerFrame['type']>(type: Type): (ServerFrame & { readonly type: Type }) | undefined {
    return this.frames.find((frame): frame is ServerFrame & { readonly type: Type } => frame.type === type);
  }

  send(frame: ClientFrame | string | Buffer): void {
    this.socket.send(typeof frame === 'string' || frame instanceof Buffer ? frame : JSON.stringify(frame));
  }

  async open(): Promise<this> {
    await this.until(() => this.socket.readyState !== WebSocket.CONNECTING);
    assert.equal(this.socket.readyState, WebSocket.OPEN, 'the socket did not open');
    return this;
  }

  async hello(after?: Cursor | 'start', gapMax?: number): Promise<this> {
    await this.open();
    const place = after === undefined ? {} : { after };
    this.send({ type: 'hello', protocol: protocolVersion, ...place, ...(gapMax === undefined ? {} : { gapMax }) });
    await this.until(() => this.find('welcome') !== undefined || this.closed !== undefined);
    return this;
  }

  /** Resolves when the condition holds; looked at whenever something was heard. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          this.#watchers.delete(wake);
          resolve();
        };
        this.#watchers.add(wake);
      });
    }
  }

  async gone(): Promise<number> {
    await this.until(() => this.closed !== undefined);
    return this.closed?.code ?? 0;
  }

  async close(): Promise<void> {
    this.socket.close();
    await this.gone();
  }

  #tell(): void {
    for (const wake of this.#watchers) wake();
  }
}

/** Resolves when `condition` holds; throws after seconds. For what comes over a network, so no number of turns is enough. */
export async function until(condition: () => boolean): Promise<void> {
  const startedAt = systemClock.monotonic();
  while (!condition()) {
    if (systemClock.monotonic() - startedAt > 10_000) assert.fail('It did not happen.');
    await new Promise<void>((resolve) => systemClock.after(1, resolve));
  }
}
