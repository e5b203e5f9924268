/** What a node shows its users: the server's own HTTP application and sockets, over the simulated network. */
import type { IncomingMessage } from 'node:http';
import { defineApp, type Engine, type Workflow } from 'cantus';
import type { SimClock } from 'cantus/testing';
import { limits } from '../../src/core/limits.ts';
import { silentLog } from '../../src/core/log.ts';
import type { Random } from '../../src/core/random.ts';
import { createConnections } from '../../src/server/connections.ts';
import { createCounts } from '../../src/server/counts.ts';
import { httpApp } from '../../src/server/http-app.ts';
import type { Login } from '../../src/server/login.ts';
import { originsOf } from '../../src/server/origins.ts';
import type { ServerLimits, ServerParts } from '../../src/server/parts.ts';
import { openSockets, type Sockets } from '../../src/server/sockets.ts';
import { ticketRoutes } from '../../src/server/tickets.ts';
import type { Host, Link } from './network.ts';
import { tenant } from './world.ts';

export type FrontParts = {
  readonly engine: Engine;
  readonly workflows: readonly Workflow[];
  readonly clock: SimClock;
  readonly random: Random;
  readonly stands: () => Promise<void>;
};

/** Small marks, so that slow readers meet them with the few events that a history has; and few heartbeats, as each takes time. */
const bounds: ServerLimits = {
  ...limits,
  heartbeatMs: 100_000,
  frameBytesMax: 2_048,
  socketHighBytes: 4_096,
  socketLowBytes: 1_024,
  socketStallMs: 5_000,
};

export class Front implements Host {
  readonly stands: () => Promise<void>;
  readonly #sockets: Sockets;
  readonly #parts: ServerParts;
  readonly #draining = new AbortController();
  readonly #links = new WeakMap<object, Link>();
  #app: ReturnType<typeof httpApp> | undefined;

  constructor({ engine, workflows, clock, random, stands }: FrontParts) {
    this.stands = stands;
    const origins = originsOf([]);
    const rate = { policy: 'user', quota: 1, windowSeconds: 1, left: 1, resetSeconds: 1 } as const;
    this.#parts = {
      engine,
      served: {
        app: defineApp({ workflows: [...workflows] }),
        serves: { workflows },
        model: { id: 'scripted', kind: 'given', why: 'a test' },
        folder: '/nowhere',
        version: '0',
      },
      login: { mode: 'elsewhere', authenticate: ({ headers }) => loginOf(headers) },
      origins,
      connections: createConnections(bounds),
      rates: { take: () => Promise.resolve(rate) },
      counts: createCounts(),
      limits: bounds,
      clock,
      random,
      log: silentLog,
      draining: this.#draining.signal,
    };
    this.#sockets = openSockets(this.#parts, (_request, stream, _head, { opened }) => {
      const link = this.#links.get(stream);
      if (link === undefined) return;
      link.taken();
      opened(link.wire);
    });
  }

  /** What its server counted, and how many sockets are open. */
  get counts(): Readonly<Record<string, number>> {
    return { ...this.#parts.counts.all(), open: this.#sockets.size };
  }

  upgrade(request: IncomingMessage, link: Link): void {
    this.#links.set(link.stream, link);
    this.#sockets.upgrade(request, link.stream, Buffer.of());
  }

  async fetch(request: Request, incoming: IncomingMessage): Promise<Response> {
    this.#app ??= httpApp({
      parts: this.#parts,
      foreignOrigins: new Set(),
      assets: { hasPage: false, answer: () => undefined },
      more: [ticketRoutes(this.#sockets.tickets)],
    });
    return await this.#app.fetch(request, { incoming, outgoing: undefined });
  }

  /** As a server that stops: its sockets are told when to come back. */
  drain(): void {
    this.#draining.abort();
    void this.#sockets.drain();
  }

  /** Nothing of it is left. */
  end(): void {
    this.#draining.abort();
    void this.#sockets.close();
  }
}

function loginOf(headers: Headers): Login | null {
  const user = /^user=(.+)$/.exec(headers.get('cookie') ?? '')?.[1];
  return user === undefined ? null : { principal: { tenant, user, roles: [] }, id: user, by: 'cookie' };
}
