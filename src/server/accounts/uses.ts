/** When logins or tokens were last used: kept in memory and written down now and then, as each request is a use. */
import type { DatabaseSync } from 'node:sqlite';
import { inTransaction } from './account-tables.ts';

export class Uses {
  readonly #db: DatabaseSync;
  readonly #sql: string;
  readonly #unwritten = new Map<string, number>();

  constructor(db: DatabaseSync, table: 'login' | 'token') {
    this.#db = db;
    this.#sql = `UPDATE ${table} SET used_at = ? WHERE id = ?`;
  }

  add(id: string, at: number): void {
    this.#unwritten.set(id, at);
  }

  /** A crash loses what was not written: a login may then end a minute too early. */
  write(): void {
    if (this.#unwritten.size === 0) return;
    const update = this.#db.prepare(this.#sql);
    inTransaction(this.#db, () => {
      for (const [id, at] of this.#unwritten) update.run(at, id);
    });
    this.#unwritten.clear();
  }

  last(id: string): number | undefined {
    return this.#unwritten.get(id);
  }
}
