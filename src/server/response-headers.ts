/**
 * What every answer says to a browser.
 *
 * RH1  A page runs what this server sent and nothing else; no other site can frame it, read its answers or open it as
 *      a window that it holds.
 * RH2  No answer is shared with a page of another origin, unless the origin was configured; then without cookies.
 * RH3  Nothing of `/v1` is kept by a cache.
 */
import type { Context, MiddlewareHandler } from 'hono';
import type { ServerEnv } from './env.ts';
import { rateHeaders } from './rates.ts';

/** Headers that a page of a configured origin may read, and send. */
const exposed =
  'x-request-id, retry-after, ratelimit, ratelimit-policy, etag, content-type, content-length, www-authenticate';
const sendable = 'authorization, content-type, last-event-id, accept, cache-control';

/** Puts the headers on every answer, errors too; `foreign` are the configured origins. */
export function responseHeaders(foreign: ReadonlySet<string>): MiddlewareHandler<ServerEnv> {
  return async (context, next) => {
    await next();
    const headers = headersOf(context);
    headers.set('x-request-id', context.get('requestId'));
    headers.set('x-content-type-options', 'nosniff');
    headers.set('referrer-policy', 'no-referrer');
    headers.set('cross-origin-opener-policy', 'same-origin');
    headers.set('cross-origin-resource-policy', 'same-origin');
    headers.set('content-security-policy', policyFor(headers, context.req.header('host')));
    if (context.req.path.startsWith('/v1') && !headers.has('cache-control')) headers.set('cache-control', 'no-store');
    const rate = context.get('rate');
    if (rate !== undefined) for (const [name, value] of Object.entries(rateHeaders(rate))) headers.set(name, value);
    if (foreign.size > 0) shareWith(foreign, context, headers);
  };
}

/** An answer's headers may be immutable: it is then copied first. */
function headersOf(context: Context): Headers {
  try {
    context.res.headers.delete('x-powered-by');
  } catch {
    context.res = new Response(context.res.body, context.res);
  }
  return context.res.headers;
}

function policyFor(headers: Headers, host: string | undefined): string {
  if (!(headers.get('content-type') ?? '').startsWith('text/html')) return "default-src 'none'; frame-ancestors 'none'";
  // Some browsers don't take a socket to the same place for 'self'. The name was checked at the gate.
  const sockets = host === undefined ? '' : ` ws://${host} wss://${host}`;
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "manifest-src 'self'",
    `connect-src 'self'${sockets}`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'self'",
  ].join('; ');
}

/** RH2 */
function shareWith(foreign: ReadonlySet<string>, context: Context, headers: Headers): void {
  headers.append('vary', 'origin');
  const origin = context.req.header('origin');
  if (origin === undefined || !foreign.has(origin)) return;
  headers.set('access-control-allow-origin', origin);
  headers.set('access-control-expose-headers', exposed);
  if (context.req.method !== 'OPTIONS') return;
  headers.set('access-control-allow-methods', headers.get('allow') ?? 'GET');
  headers.set('access-control-allow-headers', sendable);
  headers.set('access-control-max-age', '600');
}
