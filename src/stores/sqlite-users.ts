/** The rows of users in the SQLite journal: who owns them, and the numbers that fence (S2, S4). */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { limits } from '../core/limits.ts';
import { ownerKey } from '../core/principal.ts';
import type { Cursor, OwnedUser } from '../journal/store.ts';
import type { EventLog } from './event-log.ts';
import { fromExactText, toExactText } from './exact-text.ts';
import { SqliteTakeover } from './sqlite-takeover.ts';

/** A user's row and head, at hand. As this process alone writes the journal, it is never stale. */
export type StoredUser = {
  readonly id: number;
  readonly tenant: string;
  readonly user: string;
  node: string | undefined;
  epoch: number;
  erasures: number;
  head: number;
};

type UserRow = { id: number; tenant: string; user: string; epoch: number; node: string | null; erasures: number };

export class SqliteUsers {
  readonly #db: DatabaseSync;
  readonly #log: EventLog;
  readonly #origin: string;
  readonly #select: StatementSync;
  readonly #insert: StatementSync;
  readonly #claim: StatementSync;
  readonly #disown: StatementSync;
  readonly #takeover: SqliteTakeover<UserRow>;
  readonly #atHand = new Map<string, StoredUser>();

  constructor(db: DatabaseSync, log: EventLog) {
    this.#db = db;
    this.#log = log;
    this.#origin = String(db.prepare("SELECT value FROM meta WHERE name = 'origin'").get()?.['value']);
    this.#select = db.prepare('SELECT * FROM user WHERE tenant = ? AND user = ?');
    this.#insert = db.prepare('INSERT INTO user (tenant, user, epoch, erasures) VALUES (?, ?, 0, 0)');
    this.#claim = db.prepare('UPDATE user SET node = ?, epoch = ? WHERE id = ?');
    this.#disown = db.prepare('UPDATE user SET node = NULL WHERE id = ?');
    this.#takeover = new SqliteTakeover(db);
  }

  find(tenant: string, user: string): StoredUser | undefined {
    const known = this.#atHand.get(ownerKey(tenant, user));
    if (known !== undefined) return known;
    const row = this.#select.get(toExactText(tenant), toExactText(user)) as UserRow | undefined;
    return row === undefined ? undefined : this.#keep(row);
  }

  create(tenant: string, user: string): StoredUser {
    const known = this.find(tenant, user);
    if (known !== undefined) return known;
    const texts = { tenant: toExactText(tenant), user: toExactText(user) };
    const id = Number(this.#insert.run(texts.tenant, texts.user).lastInsertRowid);
    return this.#keep({ id, ...texts, epoch: 0, node: null, erasures: 0 });
  }

  headOf(user: StoredUser | undefined): Cursor {
    return { generation: `${this.#origin}.${user?.erasures ?? 0}`, userSeq: user?.head ?? 0 };
  }

  /** S4. */
  claim(user: StoredUser, node: string): void {
    user.epoch++;
    user.node = node;
    this.#claim.run(toExactText(node), user.epoch, user.id);
  }

  disown(user: StoredUser): void {
    this.#takeover.givenUp(user.id);
    user.node = undefined;
    this.#disown.run(user.id);
  }

  disownAll(node: string): void {
    this.#takeover.unsettle();
    this.#db.prepare('UPDATE user SET node = NULL WHERE node = ?').run(toExactText(node));
    for (const user of this.#atHand.values()) if (user.node === node) user.node = undefined;
  }

  /** On opening: the lock of the folder proves that every earlier node is gone. */
  disownEveryone(): void {
    this.#db.exec('UPDATE user SET node = NULL WHERE node IS NOT NULL');
    this.forget();
  }

  /** Users with work and without one of the `living` nodes, claimed for `node`. */
  takeover(node: string, usersMax: number, living: readonly string[]): readonly OwnedUser[] {
    return this.#takeover.find(usersMax, living).map((row) => {
      const user = this.#keep(row);
      this.claim(user, node);
      return { tenant: user.tenant, user: user.user, epoch: user.epoch, head: this.headOf(user) };
    });
  }

  /** The users of `node` with something in their inbox. */
  withInbox(node: string, usersMax: number): readonly { readonly tenant: string; readonly user: string }[] {
    const rows = this.#db.prepare(selectAsked).all(toExactText(node), usersMax) as UserRow[];
    return rows.map(({ tenant, user }) => ({ tenant: fromExactText(tenant), user: fromExactText(user) }));
  }

  /** The user has something to be done: an open run, or an inbox entry. */
  hasWork(user: StoredUser): void {
    this.#takeover.workFor(user.node);
  }

  erase(user: StoredUser): void {
    user.epoch++;
    user.erasures++;
    user.node = undefined;
    user.head = 0;
    this.#db
      .prepare('UPDATE user SET epoch = ?, erasures = ?, node = NULL WHERE id = ?')
      .run(user.epoch, user.erasures, user.id);
  }

  /** After a rollback: what is at hand may say what was never written. */
  forget(): void {
    this.#atHand.clear();
    this.#takeover.unsettle();
  }

  #keep(row: UserRow): StoredUser {
    if (this.#atHand.size >= limits.sqliteUsersCached) this.#atHand.clear();
    const tenant = fromExactText(row.tenant);
    const user = fromExactText(row.user);
    const node = row.node === null ? undefined : fromExactText(row.node);
    const kept = { ...row, tenant, user, node, head: this.#log.headOf(row.id) };
    this.#atHand.set(ownerKey(tenant, user), kept);
    return kept;
  }
}

const selectAsked = `
  SELECT u.* FROM (SELECT DISTINCT owner FROM inbox) asked
  JOIN user u ON u.id = asked.owner
  WHERE u.node = ?
  LIMIT ?`;
