/**
 * Who asks, for every way in: HTTP, event streams and the upgrade of a socket go through one `authenticate`.
 *
 * LG1  A request without a login gets 401 before anything of it is read, and an upgrade before the 101.
 * LG2  A login that ends (logged out, revoked, expired) ends its open sockets and streams too.
 */
import type { Context, Hono } from 'hono';
import type { Log } from '../core/log.ts';
import type { Principal } from '../core/principal.ts';
import type { LoginMode } from '../protocol/login.ts';
import type { Counts, Origins, ServerLimits } from './parts.ts';

/** A request as far as it says who asks. */
export type AuthRequest = {
  readonly method: string;
  /** As the client has it: `https:` also where a trusted proxy says so. */
  readonly url: URL;
  readonly headers: Headers;
  /** The peer's address, or a proxy's; undefined on the local socket of the data folder. */
  readonly address: string | undefined;
};

/** A request whose asker is known. */
export type Login = {
  readonly principal: Principal;
  /** Names the login (never its secret): what ends by this name ends its sockets. */
  readonly id: string;
  /** Ms since 1970. */
  readonly expiresAt?: number;
  /**
   * `cookie`: the browser sends it by itself, so requests that change something must come from an allowed origin.
   * `bearer`: a program sends it on purpose. `ambient`: nothing is sent, as in developer mode.
   */
  readonly by: 'cookie' | 'bearer' | 'ambient';
  /**
   * Goes into the answer as one more `Set-Cookie`, as the login has a new token. Where an answer can't carry it
   * (an upgrade, a stream that has begun) it may be dropped: the next request is offered it again.
   */
  readonly setCookie?: string;
};

/**
 * The one port: null means that nobody is logged in. It may throw for a credential that is broken, never for a wrong one.
 *
 * @example
 * // An application that already knows its users by a signed token, checked by the library it has for that:
 * const authenticate: Authenticate = async ({ headers }) => {
 *   const token = headers.get('authorization')?.replace(/^Bearer /, '');
 *   const claims = token === undefined ? null : await verified(token);
 *   if (claims === null) return null;
 *   const principal = parsePrincipal({ tenant: claims.org, user: claims.sub, roles: claims.roles });
 *   return { principal, id: claims.jti, expiresAt: claims.exp * 1000, by: 'bearer' };
 * };
 */
export type Authenticate = (request: AuthRequest) => Promise<Login | null> | Login | null;

/** What the routes of a login source need of the server they are in. */
export type LoginParts = {
  readonly origins: Origins;
  readonly counts: Counts;
  readonly limits: ServerLimits;
  readonly log: Log;
  /** The request as `authenticate` gets it. */
  requestOf(context: Context): AuthRequest;
};

/** Where logins come from: `accounts(...)`, `developer(...)`, or your own `{ authenticate }`. */
export type LoginSource = {
  readonly mode: LoginMode;
  readonly authenticate: Authenticate;
  /** Calls `listener` with the id of each login that has ended. The returned function stops that. */
  watchEnded?(listener: (login: string) => void): () => void;
  /** It lets everybody in, so the server refuses to listen anywhere but on the loopback interface. */
  readonly requiresLoopback?: true;
  /**
   * The routes of `protocol/login.ts`; a source without gets the one of login-state.ts. They are mounted before the
   * gate, as strangers use them, and check origins and rates themselves. What is wrong they throw, as EngineErrors
   * for the application's `onError`; `details.retryAfterMs` of one is its `Retry-After`.
   */
  routes?(parts: LoginParts): Hono;
  close?(): void;
};
