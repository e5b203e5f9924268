/**
 * One listening HTTP server: on an address, or on a socket in the file system.
 *
 * LI1  A socket in the file system is its owner's alone from its first moment on (mode 0600).
 * LI2  A connection that sends half a request, or nothing, is ended after a bounded time.
 */
import { chmod } from 'node:fs/promises';
import { createServer, STATUS_CODES, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { ConflictError, EngineError } from '../core/errors.ts';
import type { ServerLimits } from './parts.ts';

export type Listens = {
  readonly request: (incoming: IncomingMessage, outgoing: ServerResponse) => unknown;
  readonly upgrade: (incoming: IncomingMessage, stream: Duplex, head: Buffer) => void;
};

export type Place = { readonly host: string; readonly port: number } | { readonly path: string };

/** Is this an address that only this machine reaches? */
export function isLoopback(address: string): boolean {
  return address === 'localhost' || address === '::1' || /^127(?:\.\d{1,3}){3}$/.test(address);
}

/** Listens. Throws a ConflictError for a place that is taken. */
export async function listen(place: Place, listens: Listens, limits: ServerLimits): Promise<Server> {
  const server = createServer({
    requestTimeout: limits.requestTimeoutMs,
    headersTimeout: Math.min(limits.headersTimeoutMs, limits.requestTimeoutMs),
    connectionsCheckingInterval: 5_000,
  });
  server.maxConnections = limits.tcpConnectionsMax;
  server.on('request', listens.request);
  server.on('upgrade', listens.upgrade);
  server.on('clientError', refuseRaw);
  try {
    await begin(server, place);
    if ('path' in place) await chmod(place.path, 0o600);
  } catch (thrown) {
    server.close();
    throw placeError(thrown, place);
  }
  return server;
}

function begin(server: Server, place: Place): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    const done = (): void => {
      server.off('error', reject);
      resolve();
    };
    if (!('path' in place)) {
      server.listen(place.port, place.host, done);
      return;
    }
    // LI1. The file is made within this call.
    const before = process.umask(0o177);
    try {
      server.listen(place.path, done);
    } finally {
      process.umask(before);
    }
  });
}

function placeError(thrown: unknown, place: Place): unknown {
  const { code } = thrown as NodeJS.ErrnoException;
  if ('path' in place)
    return new EngineError('conflict', `The local socket can not be opened (${code ?? 'unknown'}).`, {
      hint:
        code === 'EADDRINUSE'
          ? 'Another server has it, or one that was killed left it: then remove it.'
          : 'Its path may be too long, or its folder not writable.',
      cause: thrown,
    });
  if (code === 'EADDRINUSE')
    return new ConflictError(`Port ${place.port} of ${place.host} is in use.`, {
      hint: 'Stop what uses it, or choose another: --port <number> (0 finds a free one).',
      cause: thrown,
    });
  if (code === 'EACCES' || code === 'EADDRNOTAVAIL')
    return new ConflictError(`${place.host}:${place.port} can not be listened on (${code}).`, {
      hint: 'Choose an address of this machine and a port from 1024 up: --host, --port.',
      cause: thrown,
    });
  return thrown;
}

const rawStatus: Readonly<Record<string, number>> = { HPE_HEADER_OVERFLOW: 431, ERR_HTTP_REQUEST_TIMEOUT: 408 };

/** What is no HTTP can't be answered by the application. */
function refuseRaw(error: NodeJS.ErrnoException, stream: Duplex): void {
  if (error.code === 'ECONNRESET' || !stream.writable) {
    stream.destroy();
    return;
  }
  const status = rawStatus[error.code ?? ''] ?? 400;
  stream.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
}

export function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

/** Takes no more connections, and resolves when the last has ended; the idle ones are ended at once. */
export function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
}
