/**
 * Codes with which a person makes an account: the one for the first account, and those for invited people.
 *
 * IN1  A code makes one account: it is taken in the commit that adds the account, so of two who use it at once one wins.
 * IN2  The first code is good only while there is no account; the server prints it, so it is the operator who has it.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { EngineError, LimitError } from '../../core/errors.ts';
import type { ServerLimits } from '../parts.ts';
import { hashOf, makeCode, parseCode } from './secret.ts';

export type InvitationKind = 'first' | 'invited';
export type Invitation = { readonly code: string; readonly expiresAt: number };

export class Invitations {
  readonly #bounds: Pick<ServerLimits, 'inviteMs' | 'invitesOpenMax'>;
  readonly #statements: Readonly<Record<'get' | 'count' | 'add' | 'take' | 'old' | 'ofKind', StatementSync>>;

  constructor(db: DatabaseSync, bounds: Pick<ServerLimits, 'inviteMs' | 'invitesOpenMax'>) {
    this.#bounds = bounds;
    this.#statements = {
      get: db.prepare('SELECT roles FROM invitation WHERE hash = ? AND kind = ? AND expires_at > ?'),
      count: db.prepare('SELECT count(*) AS open FROM invitation WHERE kind = ?'),
      add: db.prepare('INSERT INTO invitation (hash, kind, roles, expires_at) VALUES (?, ?, ?, ?)'),
      take: db.prepare('DELETE FROM invitation WHERE hash = ? AND kind = ? AND expires_at > ?'),
      old: db.prepare('DELETE FROM invitation WHERE expires_at <= ?'),
      ofKind: db.prepare('DELETE FROM invitation WHERE kind = ?'),
    };
  }

  /** Throws a LimitError when too many are open. A new first code replaces the one before. */
  add(kind: InvitationKind, roles: readonly string[], now: number): Invitation {
    this.#statements.old.run(now);
    if (kind === 'first') this.#statements.ofKind.run(kind);
    if (Number(this.#statements.count.get(kind)?.['open']) >= this.#bounds.invitesOpenMax) {
      throw new LimitError(`At most ${this.#bounds.invitesOpenMax} invitations are open at once.`, {
        hint: 'Wait until some were used or have expired.',
      });
    }
    const code = makeCode();
    const expiresAt = now + this.#bounds.inviteMs;
    this.#statements.add.run(hashOf(code), kind, JSON.stringify(roles), expiresAt);
    return { code, expiresAt };
  }

  /** The roles it gives. Throws `login_failed`, the same for one that is unknown, used or expired. */
  read(kind: InvitationKind, typed: string, now: number): readonly string[] {
    const row = this.#statements.get.get(hashOf(parseCode(typed)), kind, now);
    if (row === undefined) throw wrongCode();
    return JSON.parse(String(row['roles'])) as readonly string[];
  }

  /** IN1. Throws `login_failed` as `read` does. */
  take(kind: InvitationKind, typed: string, now: number): void {
    if (this.#statements.take.run(hashOf(parseCode(typed)), kind, now).changes !== 1) throw wrongCode();
  }
}

function wrongCode(): EngineError {
  return new EngineError('login_failed', 'This code is wrong, was used already or has expired.', {
    hint: 'Take the code that the server printed, or ask an administrator for a new invitation.',
  });
}
