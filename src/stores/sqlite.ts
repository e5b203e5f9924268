/**
 * The embedded store: SQLite on a local disk, in a thread of its own. Durable when `append` resolves.
 * This side packs what is asked and tells listeners; what is done with it is in sqlite-journal.ts.
 */
import { systemClock, type Clock } from '../core/clock.ts';
import { EngineError } from '../core/errors.ts';
import { ownerKey } from '../core/principal.ts';
import { systemRandom, type Random } from '../core/random.ts';
import type { Json } from '../core/json.ts';
import { decodeEvent, encodeEvent, isOfToday, passedText } from '../journal/codec.ts';
import type { JournalEvent } from '../journal/event.ts';
import type { RunRow } from '../journal/run-row.ts';
import type {
  AppendResult,
  Commit,
  Cursor,
  EventText,
  InboxEntry,
  OwnedUser,
  Ownership,
  Page,
  ReadOptions,
  RunQuery,
  Store,
  ThreadQuery,
  UserBatch,
} from '../journal/store.ts';
import type { ThreadRow } from '../journal/thread-row.ts';
import { assertBatch } from './batch-check.ts';
import { Listeners } from './listeners.ts';
import type { Asked, CallName, Given, CommitPiece, PackedPage, PackedPart, UserName } from './sqlite-calls.ts';
import { SqliteLink } from './sqlite-link.ts';

export type SqliteOptions = {
  readonly clock?: Clock;
  readonly random?: Random;
  /** Bytes the journal may have. Beyond it appends fail as on a full disk. Default: what the disk holds. */
  readonly bytesMax?: number;
};

/**
 * A store in `folder`, which is created (mode 0700) if it isn't there. One store object at a time may have a folder
 * open: `open` of a second one throws `store_locked`.
 */
export function sqlite(folder: string, options: SqliteOptions = {}): Store {
  return new SqliteStore(folder, options);
}

class SqliteStore implements Store {
  readonly name: string;
  readonly durable = true;
  readonly #folder: string;
  readonly #options: SqliteOptions;
  readonly #clock: Clock;
  readonly #commits = new Listeners<[Commit]>();
  readonly #inboxes = new Listeners<[string, string]>();
  #link: SqliteLink | undefined;
  #users = 0;
  /** The last opening or closing; the next one waits for it. */
  #turn: Promise<void> = Promise.resolve();

  constructor(folder: string, options: SqliteOptions) {
    this.name = `SQLite in ${folder}`;
    this.#folder = folder;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  open(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#users === 0) this.#link = await this.#start();
      this.#users++;
    });
  }

  close(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#users === 0 || --this.#users > 0) return;
      const link = this.#link;
      this.#link = undefined;
      try {
        await link?.ask('close', this.#clock.now(), {});
      } finally {
        await link?.end();
      }
    });
  }

  heartbeat(node: string): Promise<boolean> {
    return this.#ask('heartbeat', { node });
  }

  own(node: string, tenant: string, user: string): Promise<Ownership> {
    return this.#ask('own', { node, tenant, user });
  }

  release(node: string, users?: readonly UserName[]): Promise<void> {
    return this.#ask('release', { node, users: users?.map(({ tenant, user }) => ({ tenant, user })) });
  }

  takeover(node: string, usersMax: number): Promise<readonly OwnedUser[]> {
    return this.#ask('takeover', { node, usersMax });
  }

  async append(batches: readonly UserBatch[]): Promise<AppendResult> {
    for (const batch of batches) assertBatch(batch);
    const fenced = new Set(await this.#opened().append(this.#clock.now(), piecesOf(batches)));
    if (!this.#commits.empty) {
      for (const [index, batch] of batches.entries()) if (!fenced.has(index)) this.#tell(batch);
    }
    const left = fenced.size === 0 ? [] : batches.filter((_, index) => fenced.has(index));
    return { fenced: left.map(({ tenant, user }) => ({ tenant, user })) };
  }

  async putInbox(tenant: string, user: string, entry: InboxEntry): Promise<void> {
    const command = JSON.stringify(entry.command);
    const node = await this.#ask('putInbox', { tenant, user, entry: { id: entry.id, at: entry.at, command } });
    if (node !== undefined) this.#inboxes.tell(node, tenant, user);
  }

  async inbox(tenant: string, user: string): Promise<readonly InboxEntry[]> {
    const entries = await this.#ask('inbox', { tenant, user });
    return entries.map(({ id, at, command }) => ({ id, at, command: JSON.parse(command) as Json }));
  }

  inboxes(node: string, usersMax: number): Promise<readonly { readonly tenant: string; readonly user: string }[]> {
    return this.#ask('inboxes', { node, usersMax });
  }

  watchInbox(node: string, listener: (tenant: string, user: string) => void): () => void {
    return this.#inboxes.add(node, listener);
  }

  head(tenant: string, user: string): Promise<Cursor> {
    return this.#ask('head', { tenant, user });
  }

  async read(tenant: string, user: string, options: ReadOptions): Promise<Page> {
    return pageOf({ tenant, user }, await this.#ask('read', { tenant, user, ...options }));
  }

  subscribe(tenant: string, user: string, listener: (commit: Commit) => void): () => void {
    return this.#commits.add(ownerKey(tenant, user), listener);
  }

  run(tenant: string, user: string, run: string): Promise<RunRow | undefined> {
    return this.#ask('run', { tenant, user, run });
  }

  runByKey(tenant: string, user: string, key: string): Promise<RunRow | undefined> {
    return this.#ask('runByKey', { tenant, user, key });
  }

  runs(tenant: string, user: string, query: RunQuery): Promise<readonly RunRow[]> {
    return this.#ask('runs', { tenant, user, query });
  }

  thread(tenant: string, user: string, thread: string): Promise<ThreadRow | undefined> {
    return this.#ask('thread', { tenant, user, thread });
  }

  threads(tenant: string, user: string, query: ThreadQuery): Promise<readonly ThreadRow[]> {
    return this.#ask('threads', { tenant, user, query });
  }

  blob(tenant: string, user: string, sha256: string): Promise<string | undefined> {
    return this.#ask('blob', { tenant, user, sha256 });
  }

  async erase(tenant: string, user: string): Promise<void> {
    await this.#ask('erase', { tenant, user });
    this.#commits.tell(ownerKey(tenant, user), { from: 1, to: 0 });
  }

  /** Opening and closing never overlap, and one that failed doesn't stop the next. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const mine = this.#turn.then(work);
    this.#turn = mine.catch(() => undefined);
    return mine;
  }

  async #start(): Promise<SqliteLink> {
    const link = new SqliteLink();
    const origin = (this.#options.random ?? systemRandom).id();
    try {
      await link.ask('open', this.#clock.now(), { folder: this.#folder, origin, bytesMax: this.#options.bytesMax });
    } catch (cause) {
      await link.end();
      throw cause;
    }
    return link;
  }

  async #ask<Name extends CallName>(name: Name, asked: Asked<Name>): Promise<Given<Name>> {
    return this.#opened().ask(name, this.#clock.now(), asked);
  }

  #opened(): SqliteLink {
    if (this.#link !== undefined) return this.#link;
    throw new EngineError('closed', `The store ${this.name} is not open.`, {
      hint: 'Call open() before, and close() last.',
    });
  }

  #tell({ tenant, user, events, expectedUserSeq }: UserBatch): void {
    if (events.length === 0) return;
    const commit = { from: expectedUserSeq + 1, to: expectedUserSeq + events.length, events };
    this.#commits.tell(ownerKey(tenant, user), commit);
  }
}

/**
 * What is of another shape is read at once, so that it is refused here if it must be (S10). All else is read when its
 * events are asked for: most pages are only passed on.
 */
function pageOf({ tenant, user }: UserName, { places, texts, ...page }: PackedPage): Page {
  const decoded = (): JournalEvent[] =>
    texts.map((text, index) => decodeEvent(text, { tenant, user, userSeq: places[index] as number }));
  if (!texts.every(isOfToday)) return { ...page, events: decoded() };
  let events: readonly JournalEvent[] | undefined;
  let passed: readonly EventText[] | undefined;
  return {
    ...page,
    get events() {
      return (events ??= decoded());
    },
    get texts() {
      const textOf = passedText({ tenant, user });
      return (passed ??= texts.map((text, index) => {
        const userSeq = places[index] as number;
        return { userSeq, text: textOf(text, userSeq) };
      }));
    },
  };
}

/** Events in the first piece, which wakes the thread, and in the others. Measured: bench/store.ts. */
const firstPieceEvents = 16;
const pieceEvents = 32;

function packedPart(batch: UserBatch): PackedPart {
  const { tenant, user, epoch, expectedUserSeq, events, runs, inboxTaken, threads, threadsDeleted } = batch;
  if (threads.length === 0 && threadsDeleted.length === 0)
    return [tenant, user, epoch, expectedUserSeq, events.length, runs, inboxTaken];
  const ofThreads = { rows: threads, deleted: threadsDeleted };
  return [tenant, user, epoch, expectedUserSeq, events.length, runs, inboxTaken, ofThreads];
}

/** The pieces of a commit. JSON text has no line breaks, so a line is an event. */
function* piecesOf(batches: readonly UserBatch[]): Generator<CommitPiece> {
  let parts: PackedPart[] = [];
  let lines: string[] = [];
  let blobs: CommitPiece['blobs'][number][] = [];
  let enough = firstPieceEvents;
  for (const [part, batch] of batches.entries()) {
    for (const event of batch.events) lines.push(encodeEvent(event));
    for (const blob of batch.blobs) blobs.push({ part, blob });
    parts.push(packedPart(batch));
    if (lines.length < enough || part === batches.length - 1) continue;
    yield { parts: JSON.stringify(parts), lines: lines.join('\n'), blobs, follows: 'more' };
    [parts, lines, blobs, enough] = [[], [], [], pieceEvents];
  }
  yield { parts: JSON.stringify(parts), lines: lines.join('\n'), blobs, follows: 'end' };
}
