/**
 * What goes over a socket: JSON text frames of subprotocol `cantus.v1`, on `GET /v1/socket`.
 *
 * FR1  The client's first frame is `hello`, within `helloWithinMs`; anything before it closes the socket (4500).
 *      Who it is was settled before, at the upgrade: no frame carries an identity.
 * FR2  The server answers `welcome`, then `snapshot` when the client has no place to go on from (or none that is still
 *      valid or near enough), then `events` frames whose `from` follows the last `to` without a gap.
 * FR3  `events` are committed; a frame's places that are in `skipped` are gone for good and are no gap.
 * FR4  Each `call` gets exactly one `reply` with its `id`. Replies and events are not ordered against each other.
 * FR5  Both sides hear from the other at least every `heartbeatMs`: the server sends `ping` when it has nothing else to
 *      say, and the client answers `pong`. Silence of 2.5 times that means that the other is gone.
 * FR6  A frame of an unknown type is ignored by the client (a later server) and refused by the server (4500).
 */
import type { ErrorInfo } from '../core/errors.ts';
import type { JournalEvent } from '../journal/event.ts';
import type { RunRow } from '../journal/run-row.ts';
import type { Cursor } from '../journal/store.ts';
import type { OperationName, Operations } from './operations.ts';

export const socketPath = '/v1/socket';
export const subprotocol = 'cantus.v1';
/** A subprotocol that carries a one-time ticket: the only credential a browser of another origin can send. */
export const ticketPrefix = 'cantus.ticket.';
export const protocolVersion = 1;

/** Who the socket is for, as the client may know it. */
export type Me = {
  readonly tenant: string;
  readonly user: string;
  readonly name?: string;
  readonly roles: readonly string[];
};

/** One call of an operation. `id` is the client's, unique among its open calls. */
export type CallFrame = {
  [Name in OperationName]: {
    readonly type: 'call';
    readonly id: string;
    readonly operation: Name;
    readonly input: Operations[Name]['input'];
  };
}[OperationName];

export type ClientFrame =
  | {
      readonly type: 'hello';
      readonly protocol: number;
      /** Go on behind this place; absent: from a snapshot of now. `"start"`: everything from the first event. */
      readonly after?: Cursor | 'start';
      /** More events behind `after` than this are answered by a snapshot instead; absent: they all are sent. */
      readonly gapMax?: number;
    }
  | CallFrame
  | { readonly type: 'pong' };

/** Why a reader begins anew: it had no place, its place is of another generation, or too much came since. */
export type SnapshotReason = 'fresh' | 'generation' | 'gap';

export type ServerFrame =
  | {
      readonly type: 'welcome';
      readonly protocol: number;
      /** Names the connection in the server's log. */
      readonly connection: string;
      readonly me: Me;
      /** Where the user's stream stood when the socket was opened: up to here a reader catches up. */
      readonly head: Cursor;
      readonly heartbeatMs: number;
      /** The server's clock, ms since 1970, so that elapsed times can be told right. */
      readonly now: number;
    }
  | {
      readonly type: 'snapshot';
      readonly reason: SnapshotReason;
      /** Events behind this place follow. */
      readonly cursor: Cursor;
      /** The user's open runs at this place, newest first. */
      readonly open: readonly RunRow[];
    }
  | {
      readonly type: 'events';
      readonly generation: string;
      readonly from: number;
      readonly to: number;
      readonly events: readonly JournalEvent[];
      readonly skipped?: readonly { readonly from: number; readonly to: number }[];
    }
  | { readonly type: 'reply'; readonly id: string; readonly output: unknown }
  | { readonly type: 'reply'; readonly id: string; readonly error: ErrorInfo }
  | { readonly type: 'ping'; readonly now: number }
  /** The server is about to close the socket; come back after `retryInMs`. */
  | { readonly type: 'bye'; readonly reason: 'drain' | 'slow' | 'login'; readonly retryInMs: number };

/**
 * Close codes. 4000 to 4499 and the standard ones but 1002, 1003, 1007, 1008 and 1010: come back with the same cursor.
 * 4500 to 4999: don't, until something changed. 1011 is for bugs alone.
 */
export const closeCodes = {
  /** The server stops or restarts. */
  restart: 1012,
  tooBig: 1009,
  slow: 4008,
  silent: 4010,
  tooManyConnections: 4029,
  rate: 4030,
  badFrame: 4500,
  /** The login has ended or was revoked: log in again. */
  login: 4501,
  protocol: 4502,
} as const;

const terminalStandardCodes: ReadonlySet<number> = new Set([1002, 1003, 1007, 1008, 1010]);

/** Is it of no use to come back unchanged? */
export function isTerminalClose(code: number): boolean {
  return (code >= 4500 && code <= 4999) || terminalStandardCodes.has(code);
}
