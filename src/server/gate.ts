/**
 * The gate: what every request and every upgrade passes before anything of it is read.
 *
 * GA1  One order for all ways in: is the server meant, is it still taking, who asks, from where, how often.
 * GA2  What a browser sends without its user's doing (a cookie, or nothing at all in developer mode) counts for what
 *      changes something, and for an upgrade, only from an allowed origin. A bearer token is sent on purpose.
 * GA3  Only who is not logged in is counted by address, so that nobody can use up what those behind the same address
 *      have.
 */
import type { IncomingMessage } from 'node:http';
import { EngineError, ValidationError } from '../core/errors.ts';
import { ownerKey, parsePrincipal } from '../core/principal.ts';
import { addressKey, peerOf } from './peer.ts';
import type { AuthRequest, Login } from './login.ts';
import type { RateState, ServerParts } from './parts.ts';

/**
 * Who asks, if it may be asked. Throws `origin_refused`, `draining`, `login_required`, or `rate_limited` with
 * `retryAfterMs` in its details.
 */
export async function admit(parts: ServerParts, request: AuthRequest): Promise<Login> {
  return (await admitCounted(parts, request)).login;
}

/** As `admit`, with how much of the user's bound is used. */
export async function admitCounted(
  parts: ServerParts,
  request: AuthRequest,
): Promise<{ readonly login: Login; readonly rate: RateState }> {
  checkReachable(parts, request);
  const found = await parts.login.authenticate(request);
  if (found === null) {
    await takeStranger(parts, request);
    throw new EngineError('login_required', 'Nobody is logged in.', {
      hint: 'Log in on the page, or send `Authorization: Bearer <token>`.',
    });
  }
  // It comes from anyone's code: what names no user is nobody's identity (P8).
  const login = { ...found, principal: parsePrincipal(found.principal) };
  if (isExpired(parts, login))
    throw new EngineError('login_required', 'The login has expired.', { hint: 'Log in again.' });
  if (login.by !== 'bearer') checkOrigin(parts, request, login.by);
  return { login, rate: await parts.rates.take('user', ownerKey(login.principal.tenant, login.principal.user)) };
}

/** For routes that strangers may use, such as login itself: everything but who asks. */
export async function admitAnyone(parts: ServerParts, request: AuthRequest): Promise<RateState> {
  checkReachable(parts, request);
  // A stranger's page must not log the user in as somebody else either.
  checkOrigin(parts, request, 'ambient');
  return takeStranger(parts, request);
}

/** Is the server meant by this name, and still taking? */
export function checkReachable(parts: ServerParts, request: AuthRequest): void {
  checkHost(parts, request);
  if (!parts.draining.aborted) return;
  throw new EngineError('draining', 'The server is stopping.', {
    hint: 'Come back in a moment: what is under way goes on at the next start.',
    retryable: true,
    details: { retryAfterMs: 1_000 },
  });
}

export function checkHost(parts: ServerParts, request: AuthRequest): void {
  if (parts.origins.knowsHost(hostOf(request))) return;
  parts.counts.add('gate.host.refused');
  throw new EngineError('origin_refused', 'This server is not meant to be reached by this name.', {
    hint: 'Use its address or localhost, or configure the name as an origin: https://name',
  });
}

function takeStranger(parts: ServerParts, request: AuthRequest): Promise<RateState> {
  return parts.rates.take('stranger', addressKey(request.address));
}

function isExpired(parts: ServerParts, { expiresAt }: Login): boolean {
  return expiresAt !== undefined && expiresAt <= parts.clock.now();
}

/** GA2. Throws `origin_refused`. `ambient` is also for who is not logged in yet. */
export function checkOrigin(
  parts: Pick<ServerParts, 'origins' | 'counts'>,
  request: AuthRequest,
  by: 'cookie' | 'ambient',
): void {
  if (!isUnsafe(request)) return;
  const origin = request.headers.get('origin') ?? undefined;
  if (parts.origins.allows(origin, hostOf(request))) return;
  // Every browser says the one or the other; what says neither is a program, and it was somebody's purpose to run it.
  if (by === 'ambient' && origin === undefined && request.headers.get('sec-fetch-site') === null) return;
  parts.counts.add('gate.origin.refused');
  throw new EngineError('origin_refused', 'The page that sent this is not of an allowed origin.', {
    hint: 'Open the page from this server, or configure the origin of yours. Programs send a bearer token.',
  });
}

function isUnsafe({ method, headers }: AuthRequest): boolean {
  return !['GET', 'HEAD', 'OPTIONS'].includes(method) || headers.get('upgrade') !== null;
}

function hostOf({ headers }: AuthRequest): string | undefined {
  return headers.get('host') ?? undefined;
}

/** Throws a ValidationError for a request whose address or headers can't be read. */
export function authRequestOf(incoming: IncomingMessage): AuthRequest {
  const { method = 'GET', url = '/', headersDistinct } = incoming;
  const headers = new Headers();
  for (const [name, values = []] of Object.entries(headersDistinct))
    for (const value of values) headers.append(name, value);
  const { address, isEncrypted } = peerOf(incoming);
  const host = incoming.headers.host ?? '';
  // Nothing but a path may say where a request goes: `GET http://other/` and `//other` name another server.
  const whole = URL.parse(`${isEncrypted ? 'https' : 'http'}://${host}${url.replace(/^\/+/, '/')}`);
  if (whole === null || !isPlain(host, whole) || !/^\/[^\\?]*(\?|$)/.test(url))
    throw new ValidationError('The address of the request can not be read.');
  return { method, url: whole, headers, address };
}

/** Is the host all that `Host` says, and as everybody reads it? `user@host`, `host/path` and `127.1` are not. */
function isPlain(host: string, { hostname }: URL): boolean {
  return hostname === host.toLowerCase().replace(/:\d*$/, '');
}
