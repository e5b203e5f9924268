/** The accounts themselves: who there is, with which roles and password. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { ConflictError } from '../../core/errors.ts';
import { parsePrincipal, soleTenant, type Principal } from '../../core/principal.ts';

/** An account as its operator may see it. */
export type AccountInfo = {
  readonly user: string;
  readonly name: string | undefined;
  readonly roles: readonly string[];
  readonly createdAt: number;
  readonly disabled: boolean;
};

export type NewAccount = {
  readonly user: string;
  readonly name: string | undefined;
  readonly roles: readonly string[];
  /** PHC string. */
  readonly password: string;
};

/** An account that may log in. */
export type LiveAccount = { readonly principal: Principal; readonly password: string };

export class AccountRows {
  readonly #find: StatementSync;
  readonly #any: StatementSync;
  readonly #taken: StatementSync;
  readonly #add: StatementSync;
  readonly #all: StatementSync;
  readonly #password: StatementSync;
  readonly #disable: StatementSync;
  readonly #remove: StatementSync;

  constructor(db: DatabaseSync) {
    this.#find = db.prepare('SELECT * FROM account WHERE user = ? AND disabled_at IS NULL AND removed_at IS NULL');
    this.#any = db.prepare('SELECT 1 FROM account WHERE removed_at IS NULL LIMIT 1');
    this.#taken = db.prepare('SELECT 1 FROM account WHERE user = ?');
    this.#add = db.prepare(
      'INSERT INTO account (user, tenant, name, roles, password, made_at) VALUES (?, ?, ?, ?, ?, ?)',
    );
    this.#all = db.prepare('SELECT * FROM account WHERE removed_at IS NULL ORDER BY made_at, user');
    this.#password = db.prepare('UPDATE account SET password = ? WHERE user = ? AND removed_at IS NULL');
    this.#disable = db.prepare('UPDATE account SET disabled_at = ? WHERE user = ? AND removed_at IS NULL');
    this.#remove = db.prepare(
      `UPDATE account SET removed_at = ?, name = NULL, roles = '[]', password = '' WHERE user = ? AND removed_at IS NULL`,
    );
  }

  /** Undefined for one that is unknown, disabled or removed: none of them may log in. */
  find(user: string): LiveAccount | undefined {
    const row = this.#find.get(user);
    if (row === undefined) return undefined;
    const name = row['name'];
    const principal = parsePrincipal({
      tenant: row['tenant'],
      user: row['user'],
      roles: rolesOf(row['roles']),
      ...(name === null ? {} : { name }),
    });
    return { principal, password: String(row['password']) };
  }

  any(): boolean {
    return this.#any.get() !== undefined;
  }

  /** Throws a ConflictError when somebody has, or had, the name (AB2). */
  checkFree(user: string): void {
    if (this.#taken.get(user) === undefined) return;
    throw new ConflictError(`The name "${user}" is taken.`, { hint: 'Choose another; names are never given twice.' });
  }

  /** Throws as `checkFree` does. */
  add({ user, name, roles, password }: NewAccount, now: number): void {
    this.checkFree(user);
    this.#add.run(user, soleTenant, name ?? null, JSON.stringify(roles), password, now);
  }

  all(): readonly AccountInfo[] {
    return this.#all.all().map((row) => ({
      user: String(row['user']),
      name: row['name'] === null ? undefined : String(row['name']),
      roles: rolesOf(row['roles']),
      createdAt: Number(row['made_at']),
      disabled: row['disabled_at'] !== null,
    }));
  }

  /** Gives false where there is no such account. */
  setPassword(user: string, password: string): boolean {
    return this.#password.run(password, user).changes === 1;
  }

  /** `at` null: may log in again. Gives false where there is no such account. */
  setDisabled(user: string, at: number | null): boolean {
    return this.#disable.run(at, user).changes === 1;
  }

  /** The row stays, so that the name is never given again, with nothing of the person but it. */
  remove(user: string, now: number): boolean {
    return this.#remove.run(now, user).changes === 1;
  }
}

function rolesOf(text: unknown): readonly string[] {
  return JSON.parse(String(text)) as readonly string[];
}
