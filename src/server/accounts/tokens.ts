/**
 * API tokens: what a program sends instead of logging in. Each is shown once, and only its hash is kept.
 *
 * TK1  A token is its user's, with the user's roles as they are now; it ends when it is revoked, expires, or the user
 *      may no longer log in.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { LimitError } from '../../core/errors.ts';
import type { TokenInfo } from '../../protocol/login.ts';
import type { ServerLimits } from '../parts.ts';
import { credentialText, hashOf, isSecretOf, makeSecret } from './secret.ts';
import { Uses } from './uses.ts';

export type NewToken = TokenInfo & { readonly token: string };
export type FoundToken = { readonly id: string; readonly user: string; readonly expiresAt: number | null };

const dayMs = 86_400_000;

export class Tokens {
  readonly #bounds: Pick<ServerLimits, 'tokensPerUserMax'>;
  readonly #ended: (id: string) => void;
  readonly #uses: Uses;
  readonly #statements: Readonly<Record<'get' | 'ofUser' | 'old' | 'add' | 'remove', StatementSync>>;

  /** `ended` is called with the id of each token that has ended. */
  constructor(db: DatabaseSync, bounds: Pick<ServerLimits, 'tokensPerUserMax'>, ended: (id: string) => void) {
    this.#bounds = bounds;
    this.#ended = ended;
    this.#uses = new Uses(db, 'token');
    this.#statements = {
      get: db.prepare('SELECT * FROM token WHERE id = ?'),
      ofUser: db.prepare('SELECT * FROM token WHERE user = ? ORDER BY made_at DESC, id'),
      old: db.prepare('SELECT id FROM token WHERE expires_at <= ?'),
      add: db.prepare('INSERT INTO token (id, user, name, hash, made_at, expires_at) VALUES (?, ?, ?, ?, ?, ?)'),
      remove: db.prepare('DELETE FROM token WHERE id = ?'),
    };
  }

  /** Throws a LimitError when the user has too many. */
  add(
    token: { readonly id: string; readonly user: string; readonly name: string; readonly days: number | undefined },
    now: number,
  ): NewToken {
    const { id, user, name, days } = token;
    this.sweep(now);
    if (this.#statements.ofUser.all(user).length >= this.#bounds.tokensPerUserMax) {
      throw new LimitError(`A user has at most ${this.#bounds.tokensPerUserMax} tokens.`, {
        hint: 'Revoke one that is no longer used.',
      });
    }
    const secret = makeSecret();
    const expiresAt = days === undefined ? null : now + days * dayMs;
    this.#statements.add.run(id, user, name, hashOf(secret), now, expiresAt);
    return { id, name, createdAt: now, usedAt: null, expiresAt, token: credentialText({ kind: 'token', id, secret }) };
  }

  /** TK1. The token of which this is the secret, or `undefined`. */
  find(id: string, secret: string, now: number): FoundToken | undefined {
    const row = this.#statements.get.get(id);
    if (row === undefined) return undefined;
    const expiresAt = row['expires_at'] as number | null;
    if (expiresAt !== null && now >= expiresAt) {
      this.#end(id);
      return undefined;
    }
    if (!isSecretOf(String(row['hash']), secret)) return undefined;
    this.#uses.add(id, now);
    return { id, user: String(row['user']), expiresAt };
  }

  list(user: string, now: number): readonly TokenInfo[] {
    this.sweep(now);
    return this.#statements.ofUser.all(user).map((row) => ({
      id: String(row['id']),
      name: String(row['name']),
      createdAt: Number(row['made_at']),
      usedAt: row['used_at'] as number | null,
      expiresAt: row['expires_at'] as number | null,
    }));
  }

  /** Gives false where the user has no such token. */
  revoke(user: string, id: string): boolean {
    return this.#statements.get.get(id)?.['user'] === user && this.#end(id);
  }

  revokeAll(user: string): void {
    for (const { id } of this.#statements.ofUser.all(user)) this.#end(String(id));
  }

  /** Ends what has expired, and writes down when the others were used. */
  sweep(now: number): void {
    this.#uses.write();
    for (const { id } of this.#statements.old.all(now)) this.#end(String(id));
  }

  #end(id: string): boolean {
    const ended = this.#statements.remove.run(id).changes === 1;
    if (ended) this.#ended(id);
    return ended;
  }
}
