/**
 * Which users of the SQLite journal have work (an open run, an inbox entry) and no living owner.
 *
 * FU1  A look goes on where the last one ended, and begins anew when it has come through all users with work: so each
 *      takeover of a part costs that part, whoever was taken before (measured: 100,000 users, 14 s of the thread, now 0.2).
 * FU2  What came through all and left nobody is believed until there can be somebody again: a user is given up, work comes
 *      for one whom none of the nodes that lived then owns, one of these no longer lives, or a transaction is rolled back.
 *      Each node asks every few seconds, and a look costs 0.7 µs for each open run while commits wait.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { toExactText } from './exact-text.ts';

export class SqliteTakeover<Row> {
  readonly #select: StatementSync;
  readonly #work: StatementSync;
  /** The id of the user whom the last look ended at. */
  #after = 0;
  /** The nodes that lived when nobody was left without one (FU2). */
  #settledFor: ReadonlySet<string> | undefined;

  constructor(db: DatabaseSync) {
    this.#select = db.prepare(selectFree);
    this.#work = db.prepare(selectWork);
  }

  /** Up to `usersMax` rows of such users; fewer only when there are no more. */
  find(usersMax: number, living: readonly string[]): readonly Row[] {
    if (this.#isSettled(living)) return [];
    const rows = this.#look(usersMax, living, { after: this.#after, to: Number.MAX_SAFE_INTEGER });
    if (rows.length < usersMax && this.#after > 0)
      rows.push(...this.#look(usersMax - rows.length, living, { after: 0, to: this.#after }));
    const isAll = rows.length < usersMax;
    this.#after = isAll ? 0 : (rows.at(-1)?.id ?? 0);
    this.#settledFor = isAll ? new Set(living) : undefined;
    return rows as Row[];
  }

  /** There may be somebody again. */
  unsettle(): void {
    this.#settledFor = undefined;
  }

  /** The user with this id is nobody's from here on. Most who are given up have nothing to be done. */
  givenUp(id: number): void {
    if (this.#settledFor !== undefined && this.#work.get({ id }) !== undefined) this.unsettle();
  }

  /** There is work for a user of this node, or of none. */
  workFor(node: string | undefined): void {
    if (node === undefined || this.#settledFor?.has(node) === false) this.unsettle();
  }

  #isSettled(living: readonly string[]): boolean {
    if (this.#settledFor === undefined) return false;
    const now = new Set(living);
    return [...this.#settledFor].every((node) => now.has(node));
  }

  #look(limit: number, living: readonly string[], range: { readonly after: number; readonly to: number }): FreeRow[] {
    const nodes = JSON.stringify(living.map(toExactText));
    return this.#select.all({ living: nodes, limit, ...range }) as FreeRow[];
  }
}

type FreeRow = { readonly id: number };

/** Both halves come in the order of an index, so they are merged as they are read, and the look ends with its part. */
const selectFree = `
  SELECT u.* FROM (
    SELECT owner FROM run WHERE ended_at IS NULL AND owner > $after AND owner <= $to
    UNION SELECT owner FROM inbox WHERE owner > $after AND owner <= $to
    ORDER BY owner
  ) busy CROSS JOIN user u ON u.id = busy.owner
  WHERE u.node IS NULL OR u.node NOT IN (SELECT value FROM json_each($living))
  LIMIT $limit`;

const selectWork = `
  SELECT 1 WHERE EXISTS (SELECT 1 FROM run WHERE owner = $id AND ended_at IS NULL)
    OR EXISTS (SELECT 1 FROM inbox WHERE owner = $id)`;
