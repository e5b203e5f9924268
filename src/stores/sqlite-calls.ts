/**
 * What the store's two sides say to each other: `sqlite.ts` asks, `sqlite-worker.ts` answers.
 *
 * Events and the parts of a commit cross as strings, not as objects: there and back took 256 events 0.7 ms as objects,
 * and 0.4 ms as texts, encoding included; arrays of strings and buffers were no faster than one string.
 */
import type { ErrorInfo } from '../core/errors.ts';
import type { RunRow } from '../journal/run-row.ts';
import type { Blob, Cursor, OwnedUser, Ownership, Page, ReadOptions, RunQuery, ThreadQuery } from '../journal/store.ts';
import type { ThreadRow } from '../journal/thread-row.ts';

export type UserName = { readonly tenant: string; readonly user: string };

/** One user's part of a commit, without its events and blobs. */
export type PackedPart = readonly [
  tenant: string,
  user: string,
  epoch: number,
  expectedUserSeq: number,
  events: number,
  runs: readonly RunRow[],
  inboxTaken: readonly string[],
  /** Left out where there are none, as in most commits. */
  threads?: { readonly rows: readonly ThreadRow[]; readonly deleted: readonly string[] },
];

/**
 * A commit crosses in pieces, so that the thread wakes and writes while the rest is still being encoded.
 * The first is the question; the others follow it with nothing in between.
 */
export type CommitPiece = {
  /** JSON of PackedPart[]. A user's part is in one piece. */
  readonly parts: string;
  /** The events of these parts, one a line, as the codec writes them. */
  readonly lines: string;
  readonly blobs: readonly { readonly part: number; readonly blob: Blob }[];
  /** `more`: another piece follows. `abandoned`: none does, as it could not be encoded; nothing is to be written. */
  readonly follows: 'more' | 'end' | 'abandoned';
};

/** An inbox entry with its command as JSON text. */
export type PackedEntry = { readonly id: string; readonly at: number; readonly command: string };

/** A page whose events are texts yet, and their places. */
export type PackedPage = Omit<Page, 'events' | 'texts'> & {
  readonly places: readonly number[];
  readonly texts: readonly string[];
};

/** Each call with what it takes and gives. */
export type Calls = {
  open: [{ readonly folder: string; readonly origin: string; readonly bytesMax: number | undefined }, void];
  close: [object, void];
  heartbeat: [{ readonly node: string }, boolean];
  own: [UserName & { readonly node: string }, Ownership];
  release: [{ readonly node: string; readonly users: readonly UserName[] | undefined }, void];
  takeover: [{ readonly node: string; readonly usersMax: number }, readonly OwnedUser[]];
  /** Gives the indexes of the fenced parts, of all pieces. */
  append: [CommitPiece, readonly number[]];
  /** Gives the node to be told, if one owns the user. */
  putInbox: [UserName & { readonly entry: PackedEntry }, string | undefined];
  inbox: [UserName, readonly PackedEntry[]];
  inboxes: [{ readonly node: string; readonly usersMax: number }, readonly UserName[]];
  head: [UserName, Cursor];
  read: [UserName & ReadOptions, PackedPage];
  run: [UserName & { readonly run: string }, RunRow | undefined];
  runByKey: [UserName & { readonly key: string }, RunRow | undefined];
  runs: [UserName & { readonly query: RunQuery }, readonly RunRow[]];
  thread: [UserName & { readonly thread: string }, ThreadRow | undefined];
  threads: [UserName & { readonly query: ThreadQuery }, readonly ThreadRow[]];
  blob: [UserName & { readonly sha256: string }, string | undefined];
  erase: [UserName, void];
};

export type CallName = keyof Calls;
export type Asked<Name extends CallName> = Calls[Name][0];
export type Given<Name extends CallName> = Calls[Name][1];

/** `now` is the asking side's clock, which is the store's (S7). */
export type Question = {
  readonly [Name in CallName]: {
    readonly id: number;
    readonly name: Name;
    readonly now: number;
    readonly asked: Asked<Name>;
  };
}[CallName];

export type Answer =
  | { readonly id: number; readonly given: unknown }
  | { readonly id: number; readonly error: ErrorInfo };
