/** What the parts of one server share: made once in create-server.ts and handed down, so that nothing is ambient. */
import type { App, AppServes } from '../agents/app.ts';
import type { Clock } from '../core/clock.ts';
import type { limits } from '../core/limits.ts';
import type { Log } from '../core/log.ts';
import type { Random } from '../core/random.ts';
import type { Engine } from '../engine/create-engine.ts';
import type { AppInfo } from '../protocol/operations.ts';
import type { LoginSource } from './login.ts';

/** The app, and what it serves in this place. */
export type Served = {
  readonly app: App;
  readonly serves: AppServes;
  /** Which model answers when an agent names none, for pages. */
  readonly model: AppInfo['model'];
  /** The data folder: uploads are kept below it, and apps keep theirs. */
  readonly folder: string;
  /** Of Cantus. */
  readonly version: string;
};

/** The bounds of core/limits.ts; a server may be given others, mostly in tests. */
export type ServerLimits = { readonly [Name in keyof typeof limits]: number };

/**
 * What happened how often since the start. Names are the code's own, never user content (P2).
 *
 * @example counts.add('socket.closed.4500');
 */
export interface Counts {
  add(name: string, by?: number): void;
  all(): Readonly<Record<string, number>>;
}

/** Who may speak to the server from a page: its own origins, and those it was configured with. */
export interface Origins {
  /** May a page of this origin send what changes something? `undefined`: the header was not sent. */
  allows(origin: string | undefined, host: string | undefined): boolean;
  /** Is this a name by which the server is meant to be reached? Else a foreign name was bent to its address. */
  knowsHost(host: string | undefined): boolean;
}

/** Bounds how many connections are open, for each user and in all. Throws a LimitError when there are too many. */
export interface Connections {
  /** Returns what gives the place back. */
  open(tenant: string, user: string): () => void;
  readonly size: number;
}

/** How much of a bound is used, for the `RateLimit` headers. */
export type RateState = {
  readonly policy: 'user' | 'stranger';
  readonly quota: number;
  readonly windowSeconds: number;
  readonly left: number;
  readonly resetSeconds: number;
};

/** Bounds how often one user, or one address that is not logged in, asks. */
export interface Rates {
  /** Counts one request. Throws `rate_limited` with `retryAfterMs` in its details when there were too many. */
  take(policy: RateState['policy'], key: string): Promise<RateState>;
}

export type ServerParts = {
  readonly engine: Engine;
  readonly served: Served;
  readonly login: LoginSource;
  readonly origins: Origins;
  readonly connections: Connections;
  readonly rates: Rates;
  readonly counts: Counts;
  readonly limits: ServerLimits;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Aborts when the server begins to stop: nothing new is taken from then on. */
  readonly draining: AbortSignal;
};
