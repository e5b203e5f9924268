/**
 * Who asks, for every way in: HTTP, event streams and the upgrade of a socket go through one `authenticate`.
 *
 * LG1  A request without a login gets 401 before anything of it is read, and an upgrade before the 101.
 * LG2  A login that ends (logged out, revoked, expired) ends its open sockets and streams too.
 */
import type { Hono } from 'hono';
import type { Principal } from '../core/principal.ts';
import type { LoginMode } from '../protocol/login.ts';

/** A request as far as it says who asks. */
export type AuthRequest = {
  readonly method: string;
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
};

/** The one port: null means that nobody is logged in. It may throw for a credential that is broken, never for a wrong one. */
export type Authenticate = (request: AuthRequest) => Promise<Login | null> | Login | null;

/** Where logins come from: `accounts(...)`, `developer(...)`, or your own `{ authenticate }`. */
export type LoginSource = {
  readonly mode: LoginMode;
  readonly authenticate: Authenticate;
  /** Calls `listener` with the id of each login that has ended. The returned function stops that. */
  watchEnded?(listener: (login: string) => void): () => void;
  /** The routes of `protocol/login.ts`, where the source has them. */
  routes?(): Hono;
  close?(): void;
};
