/**
 * How the client's requests go over the socket of the data folder: HTTP and WebSocket as everywhere, with the name of
 * who asks in headers. The mode of the socket is the credential, so whoever may open it is believed.
 */
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { connect as connectTo } from 'node:net';
import { Readable } from 'node:stream';
import { WebSocket } from 'ws';
import type { Transport } from '../client/transport.ts';
import type { Principal } from '../core/principal.ts';

/** The address that requests over the socket are written with. It is resolved by nobody. */
export const localUrl = 'http://localhost';

/** The transport of one user over the socket at `path`. */
export function localTransport(path: string, principal: Principal): Transport {
  const identity = identityHeaders(principal);
  return {
    fetch: (url, init) =>
      fetchOver(path, new URL(url), { ...init, headers: [...new Headers(init.headers), ...identity] }),
    openSocket: (url, protocols) =>
      new WebSocket(url, [...protocols], {
        headers: Object.fromEntries(identity),
        createConnection: () => connectTo(path),
      }),
  };
}

function identityHeaders({ tenant, user, roles, name }: Principal): [string, string][] {
  const headers: [string, string][] = [
    ['cantus-tenant', encodeURIComponent(tenant)],
    ['cantus-user', encodeURIComponent(user)],
    ['cantus-roles', roles.map(encodeURIComponent).join(',')],
  ];
  if (name !== undefined) headers.push(['cantus-name', encodeURIComponent(name)]);
  return headers;
}

type Sent = Omit<RequestInit, 'headers'> & { readonly headers: readonly [string, string][] };

async function fetchOver(path: string, { pathname, search, host }: URL, init: Sent): Promise<Response> {
  const body = init.body == null ? undefined : new Uint8Array(await new Response(init.body).arrayBuffer());
  return new Promise<Response>((resolve, reject) => {
    const request = httpRequest(
      {
        socketPath: path,
        path: pathname + search,
        method: init.method ?? 'GET',
        headers: { host, ...Object.fromEntries(init.headers), ...(body && { 'content-length': body.byteLength }) },
        ...(init.signal == null ? {} : { signal: init.signal }),
      },
      (incoming) => resolve(responseOf(incoming)),
    );
    request.once('error', reject);
    request.end(body);
  });
}

/** Statuses that have no body, which `Response` insists on. */
const bodiless: ReadonlySet<number> = new Set([204, 205, 304]);

function responseOf(incoming: IncomingMessage): Response {
  const { statusCode = 500, headersDistinct } = incoming;
  const headers = new Headers();
  for (const [name, values = []] of Object.entries(headersDistinct))
    for (const value of values) headers.append(name, value);
  if (bodiless.has(statusCode)) {
    incoming.resume();
    return new Response(null, { status: statusCode, headers });
  }
  return new Response(Readable.toWeb(incoming) as ConstructorParameters<typeof Response>[0], {
    status: statusCode,
    headers,
  });
}
