/**
 * The store: one narrow contract, held by every adapter to one suite (testing/store.contract.ts).
 *
 * S1  Every method that touches a user's things takes tenant and user first; nothing is found by id alone.
 * S2  `append` is one commit for all users in the batch. For each user it checks the epoch and the expected
 *     user seq; a user who does not match is fenced: nothing of that user's part is written, and the others' is.
 * S3  When `append` resolves, what it wrote survives what the store promises (for SQLite: a power cut).
 *     When it rejects, nothing of the batch was written.
 * S4  Claiming a user raises the user's epoch, so that whoever wrote before is fenced.
 * S5  Numbers are dense as written. Where retention removed a range, a reader is told `skipped`; it never just misses it.
 * S6  A subscriber is told of a commit only after it (P1), in order, and never of another user's. That a user was
 *     erased is told as the empty commit from 1 to 0: whoever reads asks for the head, and begins anew.
 * S7  Leases run on the store's clock alone; a node's own clock plays no part.
 * S8  Deleting a thread removes what was there of it before the commit: its row, its runs' rows and keys, every event
 *     whose envelope names it but for `thread.deleted`, and the blobs that no other event of the user names. Readers
 *     are told `skipped` for the places; generation, head and numbers stay. What the same commit adds stays too, and the
 *     `thread.deleted` is among it.
 * S9  A thread's row is what the commit that changed it last says it is (journal/thread-row.ts makes it).
 * S10  Events are read in today's shape, whichever version wrote them (journal/codec.ts V5). One that only a newer
 *     Cantus knows is refused by its name (`store_corrupt`): it is never left out, and what stands before it is read.
 */
import type { Json } from '../core/json.ts';
import type { JournalEvent } from './event.ts';
import type { RunRow, RunStatus } from './run-row.ts';
import type { ThreadRow } from './thread-row.ts';

/** A place in a user's stream. Erase and restore change the generation; a reader then begins anew. */
export type Cursor = { readonly generation: string; readonly userSeq: number };

export type Ownership =
  | { readonly owned: true; readonly epoch: number; readonly head: Cursor }
  | { readonly owned: false; readonly node: string };

export type OwnedUser = {
  readonly tenant: string;
  readonly user: string;
  readonly epoch: number;
  readonly head: Cursor;
};

/** Something that another node, or no node yet, wants of a user. The owner journals it and takes it in one commit. */
export type InboxEntry = { readonly id: string; readonly at: number; readonly command: Json };

/** The JSON text of a large value, under the sha256 of it (hex). */
export type Blob = { readonly sha256: string; readonly text: string };

/** One user's part of a commit. `events` follow `expectedUserSeq` without a gap. */
export type UserBatch = {
  readonly tenant: string;
  readonly user: string;
  readonly epoch: number;
  readonly expectedUserSeq: number;
  readonly events: readonly JournalEvent[];
  /** Rows to insert or replace. */
  readonly runs: readonly RunRow[];
  /** Rows of threads to insert or replace. */
  readonly threads: readonly ThreadRow[];
  /** Threads to delete with all that is in them by now (S8), before the rest is written. */
  readonly threadsDeleted: readonly string[];
  readonly blobs: readonly Blob[];
  /** Ids of inbox entries that this commit answers. */
  readonly inboxTaken: readonly string[];
};

export type AppendResult = { readonly fenced: readonly { readonly tenant: string; readonly user: string }[] };

export type ReadOptions = {
  /** Only events behind this place. */
  readonly after: number;
  /** Only events of this run. */
  readonly run?: string;
  readonly limit: number;
};

export type Page = {
  readonly events: readonly JournalEvent[];
  /**
   * The same events as texts, from a store that has them as such: for whoever passes them on unread. `events` may be
   * made of them only when it is asked for.
   */
  readonly texts?: readonly EventText[];
  /** Places between `after` and `next` that are no longer there, in order. */
  readonly skipped: readonly { readonly from: number; readonly to: number }[];
  /** Read on from here. Equal to `head.userSeq` when there is no more. */
  readonly next: number;
  readonly head: Cursor;
};

/** An event as JSON text, as the codec would encode all of it, and its place. */
export type EventText = { readonly userSeq: number; readonly text: string };

export type RunQuery = {
  readonly thread?: string;
  readonly status?: readonly RunStatus[];
  /** Only runs whose first event is before this place: for paging. */
  readonly before?: number;
  readonly limit: number;
};

export type ThreadQuery = {
  /** Only threads whose title has this in it, in whatever case (`titleHas`). */
  readonly search?: string;
  /** Only threads whose `activeUserSeq` is below this: for paging. */
  readonly before?: number;
  readonly limit: number;
};

/** What was committed for a user: places `from` to `to`, and the events where the store has them at hand. */
export type Commit = { readonly from: number; readonly to: number; readonly events?: readonly JournalEvent[] };

/** What an adapter implements; S1 to S9 are its contract. */
export interface Store {
  /** For banners: "memory", "SQLite in ./data". */
  readonly name: string;
  /** Does what was appended survive the end of the process? */
  readonly durable: boolean;
  /** Opens it, or joins those who have. Throws a StoreError that says what is in the way. */
  open(): Promise<void>;
  /** The last of those who opened it closes it. */
  close(): Promise<void>;

  /** Says that `node` is alive; false when its lease had run out (its users may be gone). The first call joins. */
  heartbeat(node: string): Promise<boolean>;
  /** Makes `node` the owner of the user, unless a living node is. Owning again keeps the epoch. */
  own(node: string, tenant: string, user: string): Promise<Ownership>;
  /** Gives up the users named, or all users and the lease of the node. */
  release(node: string, users?: readonly { readonly tenant: string; readonly user: string }[]): Promise<void>;
  /** Claims users that have open runs or inbox entries and no living owner. */
  takeover(node: string, usersMax: number): Promise<readonly OwnedUser[]>;
  append(batches: readonly UserBatch[]): Promise<AppendResult>;

  putInbox(tenant: string, user: string, entry: InboxEntry): Promise<void>;
  inbox(tenant: string, user: string): Promise<readonly InboxEntry[]>;
  /** Users of `node` with something in their inbox. */
  inboxes(node: string, usersMax: number): Promise<readonly { readonly tenant: string; readonly user: string }[]>;
  /** Calls `listener` when something was put into the inbox of a user whom `node` owns. A hint: it may be lost. */
  watchInbox(node: string, listener: (tenant: string, user: string) => void): () => void;

  head(tenant: string, user: string): Promise<Cursor>;
  read(tenant: string, user: string, options: ReadOptions): Promise<Page>;
  /** Calls `listener` after each commit of the user. A hint: a reader that sees a gap reads. */
  subscribe(tenant: string, user: string, listener: (commit: Commit) => void): () => void;
  run(tenant: string, user: string, run: string): Promise<RunRow | undefined>;
  runByKey(tenant: string, user: string, key: string): Promise<RunRow | undefined>;
  /** Newest first. */
  runs(tenant: string, user: string, query: RunQuery): Promise<readonly RunRow[]>;
  thread(tenant: string, user: string, thread: string): Promise<ThreadRow | undefined>;
  /** The one that was active last comes first. */
  threads(tenant: string, user: string, query: ThreadQuery): Promise<readonly ThreadRow[]>;
  blob(tenant: string, user: string, sha256: string): Promise<string | undefined>;
  /** Removes everything of the user, fences its owner and begins a new generation. */
  erase(tenant: string, user: string): Promise<void>;
}
