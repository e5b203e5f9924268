/**
 * What becomes of accounts that were brought back from a copy: they are as they were then.
 *
 * RA1  Logins and open invitations end: a login that ended since, or an invitation that was used since, would be good
 *      again. Passwords stay. Tokens stay too unless they are to end: programs have them, and nobody logs in anew.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { inTransaction, openAccountTables } from './account-tables.ts';

export type RestoredAccounts = { readonly accounts: number; readonly tokens: number };

/** Ends what must not come back, in the accounts of `folder`; does nothing where there are none. Gives what is left. */
export function endRestoredLogins(folder: string, { tokens }: { readonly tokens: boolean }): RestoredAccounts {
  if (!existsSync(join(folder, 'accounts.db'))) return { accounts: 0, tokens: 0 };
  const db = openAccountTables(folder);
  const countOf = (table: string): number => Number(db.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.['n']);
  try {
    inTransaction(db, () =>
      db.exec(`DELETE FROM login; DELETE FROM invitation; ${tokens ? 'DELETE FROM token;' : ''}`),
    );
    return { accounts: countOf('account'), tokens: countOf('token') };
  } finally {
    db.close();
  }
}
