/**
 * `createServer`: HTTP, event streams and sockets for the users of one engine. The composition root of this folder.
 *
 * CV1  What it was given it doesn't close: the engine and the source of logins are their maker's.
 * CV2  It stops in this order: nothing new is taken, sockets are told to come back, what is under way gets its grace,
 *      what is left is ended.
 * CV3  The local socket has a gate of its own: what holds for it can't be reached over an address.
 */
import { readFileSync } from 'node:fs';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { resolve } from 'node:path';
import { getRequestListener } from '@hono/node-server';
import type { App, AppServes } from '../agents/app.ts';
import { systemClock, type Clock } from '../core/clock.ts';
import { ValidationError } from '../core/errors.ts';
import { limits as defaultLimits } from '../core/limits.ts';
import { silentLog, type Log } from '../core/log.ts';
import { nearestName } from '../core/names.ts';
import { systemRandom, type Random } from '../core/random.ts';
import type { Engine } from '../engine/create-engine.ts';
import type { AppInfo } from '../protocol/operations.ts';
import { aguiRoutes } from './agui.ts';
import { createConnections } from './connections.ts';
import { createCounts } from './counts.ts';
import { eventStreams } from './event-streams.ts';
import { authRequestOf } from './gate.ts';
import { httpApp } from './http-app.ts';
import { closed, isLoopback, listen, portOf } from './listener.ts';
import { localLogin } from './local-login.ts';
import type { LoginSource } from './login.ts';
import { localOrigins, originsOf } from './origins.ts';
import { loadAssets, type PageAssets } from './page-assets.ts';
import type { ServerLimits, ServerParts } from './parts.ts';
import { notePeer } from './peer.ts';
import { problemResponse } from './problems.ts';
import { ratesOf } from './rates.ts';
import { openSockets, type Sockets } from './sockets.ts';
import { ticketRoutes } from './tickets.ts';
import { sweepUploads } from './uploads.ts';

/** What a server is made of. */
export type ServerOptions = {
  readonly engine: Engine;
  readonly app: App;
  /** What the app serves here, as the engine was given it. */
  readonly serves: AppServes;
  /** Which model answers when an agent names none, for pages. */
  readonly model: AppInfo['model'];
  /** The data folder: uploads are kept below it. */
  readonly folder: string;
  readonly login: LoginSource;
  /** Default: 127.0.0.1, which nobody else can reach. */
  readonly host?: string;
  /** Default: 0, any free one. */
  readonly port?: number;
  /** Path of a socket to listen on too, for commands of the folder's owner. */
  readonly localSocket?: string;
  /** Origins by which it is reached, or whose pages may use it: `https://chat.example.com`. */
  readonly origins?: readonly string[];
  /** How many proxies of yours are in front of it and write `X-Forwarded-For` and `-Proto`. Default: 0. */
  readonly proxies?: number;
  /** The folder of the built page. */
  readonly assets?: string;
  readonly log?: Log;
  readonly clock?: Clock;
  readonly random?: Random;
  readonly limits?: Partial<ServerLimits>;
};

/** A server that listens. */
export type CantusServer = {
  /** Where a browser on this machine finds it. */
  readonly url: string;
  readonly address: { readonly host: string; readonly port: number };
  /** What happened how often since the start, and how many connections are open. */
  counts(): Readonly<Record<string, number>>;
  /** Takes nothing new, and tells sockets to come back. `/readyz` says so; what is under way goes on. */
  drain(): Promise<void>;
  /** Drains, gives what is under way up to `graceMs` (default: `drainMs`), ends what is left. */
  close(options?: { readonly graceMs?: number }): Promise<void>;
};

/**
 * Listens. Throws a ValidationError for options that don't fit together, and a ConflictError for a port in use.
 *
 * @example
 * const server = await createServer({ engine, app, serves, model, folder, login: developer({ user: 'ada' }) });
 * console.log(server.url);
 * await server.close();
 */
export async function createServer(options: ServerOptions): Promise<CantusServer> {
  const { host = '127.0.0.1', port = 0, login } = options;
  checkOptions(options, host);
  const draining = new AbortController();
  const origins = originsOf(options.origins ?? []);
  const parts = partsOf(options, { login, origins, draining: draining.signal });
  await sweepUploads(options.folder);
  const assets = await loadAssets(options.assets === undefined ? undefined : resolve(options.assets));
  const opened: Opened[] = [];
  try {
    opened.push(
      await open(parts, { foreignOrigins: origins.foreign, assets, proxies: options.proxies ?? 0 }, { host, port }),
    );
    if (options.localSocket !== undefined) {
      const local = { ...parts, login: localLogin(), origins: localOrigins };
      const given = { foreignOrigins: new Set<string>(), assets, proxies: 0 };
      opened.push(await open(local, given, { path: options.localSocket }));
    }
  } catch (thrown) {
    for (const { server, sockets } of opened) await Promise.all([sockets.close(), closed(server)]);
    throw thrown;
  }
  return running(parts, draining, opened, host);
}

type Opened = { readonly server: Server; readonly sockets: Sockets };

type Given = {
  readonly foreignOrigins: ReadonlySet<string>;
  readonly assets: PageAssets;
  readonly proxies: number;
};

/** One listener with its gate, its application and its sockets (CV3). */
async function open(parts: ServerParts, given: Given, place: Parameters<typeof listen>[0]): Promise<Opened> {
  const sockets = openSockets(parts);
  const more = [ticketRoutes(sockets.tickets), eventStreams(parts), aguiRoutes(parts)];
  const app = httpApp({ parts, foreignOrigins: given.foreignOrigins, assets: given.assets, more });
  const answer = getRequestListener((request, env) => app.fetch(request, env), {
    overrideGlobalObjects: false,
    errorHandler: (thrown) => problemResponse(thrown, parts.random.id()),
  });
  const request = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    notePeer(incoming, given.proxies);
    if (refuseTarget(parts, incoming, outgoing)) return;
    // A connection that goes on would hold up a server that stops.
    if (parts.draining.aborted) outgoing.setHeader('connection', 'close');
    void answer(incoming, outgoing);
  };
  const upgrade = (incoming: IncomingMessage, stream: Duplex, head: Buffer): void => {
    notePeer(incoming, given.proxies);
    sockets.upgrade(incoming, stream, head);
  };
  try {
    return { server: await listen(place, { request, upgrade }, parts.limits), sockets };
  } catch (thrown) {
    await sockets.close();
    throw thrown;
  }
}

/** Answers what has no address that can be read, before anything is made of it. */
function refuseTarget(parts: ServerParts, incoming: IncomingMessage, outgoing: ServerResponse): boolean {
  try {
    authRequestOf(incoming);
    return false;
  } catch (thrown) {
    const refused = problemResponse(thrown, parts.random.id());
    outgoing.writeHead(refused.status, { ...Object.fromEntries(refused.headers), connection: 'close' });
    void refused.text().then((body) => outgoing.end(body));
    return true;
  }
}

function running(parts: ServerParts, draining: AbortController, opened: readonly Opened[], host: string): CantusServer {
  const [first] = opened as [Opened];
  const port = portOf(first.server);
  const drain = async (): Promise<void> => {
    draining.abort();
    await Promise.all(opened.map(({ sockets }) => sockets.drain()));
  };
  const end = async (graceMs: number): Promise<void> => {
    draining.abort();
    const gone = Promise.all(opened.map(({ server }) => closed(server)));
    const stopGrace = parts.clock.after(graceMs, () => endAll(opened));
    void drain();
    await gone;
    stopGrace();
    await Promise.all(opened.map(({ sockets }) => sockets.close()));
  };
  let ending: Promise<void> | undefined;
  return Object.freeze({
    url: `http://${urlHost(host)}:${port}`,
    address: Object.freeze({ host, port }),
    counts: () => ({ ...parts.counts.all(), 'connections.open': parts.connections.size }),
    drain,
    close: ({ graceMs = parts.limits.drainMs } = {}) => (ending ??= end(graceMs)),
  });
}

function endAll(opened: readonly Opened[]): void {
  for (const { server, sockets } of opened) {
    void sockets.close();
    server.closeAllConnections();
  }
}

/** An address that means "all" is none that a browser can open. */
function urlHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost';
  return isIP(host) === 6 ? `[${host}]` : host;
}

type Gate = Pick<ServerParts, 'login' | 'origins' | 'draining'>;

function partsOf(options: ServerOptions, gate: Gate): ServerParts {
  const { engine, app, serves, model, folder } = options;
  const limits: ServerLimits = Object.freeze({ ...defaultLimits, ...options.limits });
  return Object.freeze({
    engine,
    served: Object.freeze({ app, serves, model, folder, version: versionOfPackage() }),
    ...gate,
    connections: createConnections(limits),
    rates: ratesOf(limits),
    counts: createCounts(),
    limits,
    clock: options.clock ?? systemClock,
    random: options.random ?? systemRandom,
    log: options.log ?? silentLog,
  });
}

/** Source and build have the same folders, but not the same distance to package.json. */
function versionOfPackage(): string {
  const up = import.meta.url.endsWith('.ts') ? '../../package.json' : '../../../package.json';
  return (JSON.parse(readFileSync(new URL(up, import.meta.url), 'utf8')) as { readonly version: string }).version;
}

function checkOptions({ login, limits = {}, proxies = 0 }: ServerOptions, host: string): void {
  if (typeof (login as Partial<LoginSource> | undefined)?.authenticate !== 'function')
    throw new ValidationError('A server needs to know who asks.', {
      hint: 'Give `login`: accounts(...), developer(...), or your own { mode: "elsewhere", authenticate }.',
    });
  if (login.requiresLoopback === true && !isLoopback(host))
    throw new ValidationError(`Everybody is let in here, so it can't listen on ${host}.`, {
      hint: 'Use accounts, or listen on 127.0.0.1.',
    });
  if (!Number.isSafeInteger(proxies) || proxies < 0)
    throw new ValidationError('`proxies` is a whole number from 0 up.');
  for (const [name, value] of Object.entries(limits)) checkLimit(name, value);
}

function checkLimit(name: string, value: unknown): void {
  if (!Object.hasOwn(defaultLimits, name)) {
    const near = nearestName(name, Object.keys(defaultLimits));
    const facts = near === undefined ? {} : { hint: `Did you mean "${near}"?` };
    throw new ValidationError(`There is no limit "${name}".`, facts);
  }
  if (typeof value !== 'number' || !(value >= 0))
    throw new ValidationError(`The limit "${name}" is a number from 0 up.`);
}
