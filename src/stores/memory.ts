/**
 * The store of tests, simulation and scripts: objects, no codec, nothing on a disk.
 *
 * MS1  A commit is decided and written in one turn, at the call; calls take effect in their order.
 * MS2  It keeps the last `runsKept` finished runs of all users together, so a process that lives long stays small;
 *     a reader of what was dropped is told `skipped` (S5).
 */
import { systemClock, type Clock } from '../core/clock.ts';
import { limits } from '../core/limits.ts';
import { ownerKey } from '../core/principal.ts';
import { systemRandom, type Random } from '../core/random.ts';
import type {
  AppendResult,
  Commit,
  Cursor,
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
import type { RunRow } from '../journal/run-row.ts';
import type { ThreadRow } from '../journal/thread-row.ts';
import { assertBatch, assertOneEach, keyTaken } from './batch-check.ts';
import { Leases } from './leases.ts';
import { Listeners } from './listeners.ts';
import { MemoryUser } from './memory-user.ts';

export type MemoryOptions = {
  readonly clock?: Clock;
  readonly random?: Random;
  /** Finished runs to keep, of all users together. */
  readonly runsKept?: number;
};

/** A store in this process's memory. Closing it forgets nothing; the end of the process does. */
export function memory(options: MemoryOptions = {}): Store {
  return new MemoryStore(options);
}

type FinishedRun = { readonly owner: MemoryUser; readonly run: string };

class MemoryStore implements Store {
  readonly name = 'memory';
  readonly durable = false;
  readonly #clock: Clock;
  readonly #runsKept: number;
  /** What this store's generations begin with: another store's cursors never fit. */
  readonly #origin: string;
  readonly #users = new Map<string, MemoryUser>();
  /** Users with open runs or inbox entries, so that a takeover need not look at all. */
  readonly #busy = new Set<MemoryUser>();
  readonly #leases = new Leases();
  readonly #commits = new Listeners<[Commit]>();
  readonly #inboxes = new Listeners<[string, string]>();
  /** Oldest first, from `#finishedFrom` on. */
  #finished: (FinishedRun | undefined)[] = [];
  #finishedFrom = 0;

  constructor({ clock = systemClock, random = systemRandom, runsKept = limits.memoryRunsKept }: MemoryOptions) {
    this.#clock = clock;
    this.#runsKept = runsKept;
    this.#origin = random.id();
  }

  async open(): Promise<void> {}

  async close(): Promise<void> {}

  async heartbeat(node: string): Promise<boolean> {
    return this.#leases.renew(node, this.#clock.now());
  }

  async own(node: string, tenant: string, user: string): Promise<Ownership> {
    const owner = this.#create(tenant, user);
    const held = owner.node;
    if (held !== undefined && held !== node && this.#leases.lives(held, this.#clock.now())) {
      return { owned: false, node: held };
    }
    if (held !== node) claim(owner, node);
    return { owned: true, epoch: owner.epoch, head: this.#headOf(owner) };
  }

  async release(node: string, users?: readonly { readonly tenant: string; readonly user: string }[]): Promise<void> {
    if (users === undefined) this.#leases.end(node);
    const named = users?.map(({ tenant, user }) => this.#find(tenant, user)) ?? this.#users.values();
    for (const owner of named) {
      if (owner?.node === node) owner.node = undefined;
    }
  }

  async takeover(node: string, usersMax: number): Promise<readonly OwnedUser[]> {
    const now = this.#clock.now();
    const taken: OwnedUser[] = [];
    for (const owner of this.#busy) {
      if (taken.length >= usersMax) break;
      if (owner.node !== undefined && this.#leases.lives(owner.node, now)) continue;
      claim(owner, node);
      taken.push({ tenant: owner.tenant, user: owner.user, epoch: owner.epoch, head: this.#headOf(owner) });
    }
    return taken;
  }

  async append(batches: readonly UserBatch[]): Promise<AppendResult> {
    for (const batch of batches) assertBatch(batch);
    const owners = batches.map(({ tenant, user }) => this.#find(tenant, user));
    assertOneEach(owners);
    const fenced: UserBatch[] = [];
    const accepted: { readonly owner: MemoryUser; readonly batch: UserBatch }[] = [];
    for (const [index, batch] of batches.entries()) {
      const owner = owners[index];
      if (owner?.accepts(batch) !== true) fenced.push(batch);
      else if (batch.runs.some((row) => owner.hasKeyOfAnother(row, batch))) throw keyTaken();
      else accepted.push({ owner, batch });
    }
    // All parts are checked before the first is written, so a commit is whole or nothing (S3).
    for (const { owner, batch } of accepted) this.#write(owner, batch);
    // One turn of the microtasks later, as with every other store no listener runs inside the call that appends.
    await Promise.resolve();
    if (!this.#commits.empty) for (const { batch } of accepted) this.#tell(batch);
    return { fenced: fenced.map(({ tenant, user }) => ({ tenant, user })) };
  }

  async putInbox(tenant: string, user: string, entry: InboxEntry): Promise<void> {
    const owner = this.#create(tenant, user);
    if (!owner.inbox.some(({ id }) => id === entry.id)) owner.inbox.push(entry);
    this.#busy.add(owner);
    if (owner.node !== undefined) this.#inboxes.tell(owner.node, tenant, user);
  }

  async inbox(tenant: string, user: string): Promise<readonly InboxEntry[]> {
    return [...(this.#find(tenant, user)?.inbox ?? [])];
  }

  async inboxes(
    node: string,
    usersMax: number,
  ): Promise<readonly { readonly tenant: string; readonly user: string }[]> {
    const owners = [...this.#busy].filter((owner) => owner.node === node && owner.inbox.length > 0);
    return owners.slice(0, usersMax).map(({ tenant, user }) => ({ tenant, user }));
  }

  watchInbox(node: string, listener: (tenant: string, user: string) => void): () => void {
    return this.#inboxes.add(node, listener);
  }

  async head(tenant: string, user: string): Promise<Cursor> {
    return this.#headOf(this.#find(tenant, user));
  }

  async read(tenant: string, user: string, options: ReadOptions): Promise<Page> {
    const owner = this.#find(tenant, user);
    const page = owner?.read(options) ?? { events: [], skipped: [], next: 0 };
    return { ...page, head: this.#headOf(owner) };
  }

  subscribe(tenant: string, user: string, listener: (commit: Commit) => void): () => void {
    return this.#commits.add(ownerKey(tenant, user), listener);
  }

  async run(tenant: string, user: string, run: string): Promise<RunRow | undefined> {
    return this.#find(tenant, user)?.row(run);
  }

  async runByKey(tenant: string, user: string, key: string): Promise<RunRow | undefined> {
    return this.#find(tenant, user)?.rowByKey(key);
  }

  async runs(tenant: string, user: string, query: RunQuery): Promise<readonly RunRow[]> {
    return this.#find(tenant, user)?.rows(query) ?? [];
  }

  async thread(tenant: string, user: string, thread: string): Promise<ThreadRow | undefined> {
    return this.#find(tenant, user)?.thread(thread);
  }

  async threads(tenant: string, user: string, query: ThreadQuery): Promise<readonly ThreadRow[]> {
    return this.#find(tenant, user)?.threads(query) ?? [];
  }

  async blob(tenant: string, user: string, sha256: string): Promise<string | undefined> {
    return this.#find(tenant, user)?.blob(sha256);
  }

  async erase(tenant: string, user: string): Promise<void> {
    const owner = this.#find(tenant, user);
    if (owner === undefined) return;
    owner.erase();
    this.#busy.delete(owner);
    this.#forgetFinished((entry) => entry.owner === owner);
    this.#commits.tell(ownerKey(tenant, user), { from: 1, to: 0 });
  }

  #find(tenant: string, user: string): MemoryUser | undefined {
    return this.#users.get(ownerKey(tenant, user));
  }

  #create(tenant: string, user: string): MemoryUser {
    const key = ownerKey(tenant, user);
    let owner = this.#users.get(key);
    if (owner === undefined) this.#users.set(key, (owner = new MemoryUser(tenant, user)));
    return owner;
  }

  #headOf(owner: MemoryUser | undefined): Cursor {
    return { generation: `${this.#origin}.${owner?.erasures ?? 0}`, userSeq: owner?.head ?? 0 };
  }

  #write(owner: MemoryUser, batch: UserBatch): void {
    owner.apply(batch, (run) => this.#finished.push({ owner, run }));
    if (owner.busy) this.#busy.add(owner);
    else this.#busy.delete(owner);
    if (batch.threadsDeleted.length > 0)
      this.#forgetFinished((entry) => entry.owner === owner && owner.row(entry.run) === undefined);
    while (this.#finished.length - this.#finishedFrom > this.#runsKept) this.#dropOldest();
  }

  /** MS2. */
  #dropOldest(): void {
    const oldest = this.#finished[this.#finishedFrom];
    this.#finished[this.#finishedFrom++] = undefined;
    oldest?.owner.drop(oldest.run);
    if (this.#finishedFrom <= this.#runsKept) return;
    this.#finished = this.#finished.slice(this.#finishedFrom);
    this.#finishedFrom = 0;
  }

  /** What is gone already must not count among the finished runs that are kept. */
  #forgetFinished(isGone: (entry: FinishedRun) => boolean): void {
    this.#finished = this.#finished.slice(this.#finishedFrom).filter((entry) => entry !== undefined && !isGone(entry));
    this.#finishedFrom = 0;
  }

  #tell({ tenant, user, events, expectedUserSeq }: UserBatch): void {
    if (events.length === 0) return;
    const commit = { from: expectedUserSeq + 1, to: expectedUserSeq + events.length, events };
    this.#commits.tell(ownerKey(tenant, user), commit);
  }
}

/** S4. */
function claim(owner: MemoryUser, node: string): void {
  owner.node = node;
  owner.epoch++;
}
