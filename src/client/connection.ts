/** What a program holds of its connection to a server: where it stands, and the user's events as they come. */
import type { EngineError } from '../core/errors.ts';
import type { JournalEvent } from '../journal/event.ts';
import type { RunRow } from '../journal/run-row.ts';
import type { Cursor } from '../journal/store.ts';
import type { Me, SnapshotReason } from '../protocol/frames.ts';
import type { RemoteDoor } from './remote-door.ts';

/** Where a connection stands. Times in ms since 1970, by this machine's clock. */
export type ConnectionStatus =
  /** Nobody has asked for events yet, or nobody takes them any more: no socket is held for that. */
  | { readonly state: 'idle' }
  | { readonly state: 'connecting'; readonly attempt: number }
  /** The socket is open, and events from before it was are on their way. */
  | { readonly state: 'catching-up' }
  | { readonly state: 'live' }
  /** The last try failed, for this reason; the next is at `retryAt`. */
  | { readonly state: 'waiting'; readonly retryAt: number; readonly attempt: number; readonly error: EngineError }
  /** For good. `error` is of code `closed` after `close()`, else what the server said. */
  | { readonly state: 'closed'; readonly error: EngineError };

/** Begin anew: what was known of the user's open runs and threads is as old as the last event before it. */
export type SnapshotItem = {
  readonly type: 'stream.snapshot';
  readonly reason: SnapshotReason;
  readonly cursor: Cursor;
  /** The user's open runs, newest first. */
  readonly open: readonly RunRow[];
};

/** From here on events are told as they happen. `missed`: how many came late, since the connection was last live. */
export type CaughtUpItem = { readonly type: 'stream.caughtUp'; readonly missed: number };

/** What `connection.events()` yields; switch on `type`. */
export type StreamItem = JournalEvent | SnapshotItem | CaughtUpItem;

/** A connection to a server, for one user. */
export interface Connection {
  readonly status: ConnectionStatus;
  /** Behind the last event that was taken: store it and pass it as `after` to go on from there, even in a new process. */
  readonly cursor: Cursor | undefined;
  /** Who this is, once a server has said so. */
  readonly me: Me | undefined;
  /** Sockets begun; gaps in what a server sent; times that nobody took what came. For whoever watches over it. */
  readonly counts: { readonly connects: number; readonly gaps: number; readonly rests: number };
  /** The user's door: start, read, cancel, signal, decide, uploads. */
  readonly door: RemoteDoor;
  /** The server's time now, in ms since 1970, so that elapsed times can be told right on a machine whose clock is wrong. */
  now(): number;
  /**
   * The user's events from the cursor on, each once and in order, whatever happens to the socket. Ends after `close()`;
   * throws what ended the connection otherwise. Several may be read at once; the cursor is that of the slowest.
   */
  events(): AsyncIterableIterator<StreamItem, undefined>;
  /** Calls `listener` after each change of `status`, and returns what stops that. */
  onChange(listener: (status: ConnectionStatus) => void): () => void;
  /** Tries at once what it is waiting to try. */
  retryNow(): void;
  close(): void;
}
