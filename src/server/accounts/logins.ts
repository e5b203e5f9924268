/**
 * Where people are logged in: a row for each login, with the hash of its token.
 *
 * LX1  A login ends `loginMs` after its last use. Ended is deleted, and told to who watches.
 * LX2  A token that is `loginRotateMs` old is followed by another: each use offers the next one, until a request
 *      comes with it. Only then does the old one stop, `loginRotateGraceMs` later, for requests that were on their way:
 *      an answer that never arrived logs nobody out.
 * LX3  Logging in always makes a new login, never goes on with what the browser had.
 */
import { randomBytes } from 'node:crypto';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { clip } from '../../core/errors.ts';
import type { LoginInfo } from '../../protocol/login.ts';
import type { ServerLimits } from '../parts.ts';
import { credentialText, hashOf, isSecretOf, makeSecret, nextSecret } from './secret.ts';
import { Uses } from './uses.ts';

type Bounds = Pick<
  ServerLimits,
  'loginMs' | 'loginRotateMs' | 'loginRotateGraceMs' | 'loginsPerUserMax' | 'agentCharsMax'
>;

/** A login that a request has shown to be its own. */
export type FoundLogin = {
  readonly id: string;
  readonly user: string;
  readonly expiresAt: number;
  /** The credential that follows, where it is time for one (LX2). */
  readonly next?: string;
};

type Row = {
  readonly id: string;
  readonly user: string;
  readonly hash: string;
  readonly nextHash: string | null;
  readonly beforeHash: string | null;
  readonly beforeUntil: number;
  readonly madeAt: number;
  readonly renewedAt: number;
  readonly usedAt: number;
  readonly agent: string;
};

export class Logins {
  readonly #bounds: Bounds;
  readonly #ended: (id: string) => void;
  readonly #uses: Uses;
  /** LX2: the next token is made from it, so it is the same in each answer and is kept nowhere. */
  readonly #key = randomBytes(32);
  readonly #statements: Readonly<
    Record<'get' | 'ofUser' | 'idle' | 'add' | 'offer' | 'promote' | 'renew' | 'remove', StatementSync>
  >;

  /** `ended` is called with the id of each login that has ended. */
  constructor(db: DatabaseSync, bounds: Bounds, ended: (id: string) => void) {
    this.#bounds = bounds;
    this.#ended = ended;
    this.#uses = new Uses(db, 'login');
    this.#statements = {
      get: db.prepare('SELECT * FROM login WHERE id = ?'),
      ofUser: db.prepare('SELECT * FROM login WHERE user = ?'),
      idle: db.prepare('SELECT id FROM login WHERE used_at <= ?'),
      add: db.prepare(
        'INSERT INTO login (id, user, hash, made_at, renewed_at, used_at, agent) VALUES (?, ?, ?, ?, ?, ?, ?)',
      ),
      offer: db.prepare('UPDATE login SET next_hash = ? WHERE id = ?'),
      promote: db.prepare(
        `UPDATE login SET before_hash = hash, before_until = ?, hash = next_hash, next_hash = NULL, renewed_at = ?
         WHERE id = ?`,
      ),
      renew: db.prepare('UPDATE login SET hash = ?, next_hash = NULL, before_hash = NULL, renewed_at = ? WHERE id = ?'),
      remove: db.prepare('DELETE FROM login WHERE id = ?'),
    };
  }

  /** LX3. Gives the credential that the browser keeps. */
  add(login: { readonly id: string; readonly user: string; readonly agent: string }, now: number): string {
    const { id, user } = login;
    this.#makeRoom(user);
    const secret = makeSecret();
    const agent = clip(login.agent, this.#bounds.agentCharsMax);
    this.#statements.add.run(id, user, hashOf(secret), now, now, now, agent);
    return credentialText({ kind: 'login', id, secret });
  }

  /** The login of which this is the token, and which it keeps alive; `undefined` for any other. */
  find(id: string, secret: string, now: number): FoundLogin | undefined {
    const row = this.#get(id);
    if (row === undefined) return undefined;
    if (this.#isOver(row, now)) {
      this.end(id);
      return undefined;
    }
    const matched = matchOf(row, secret, now);
    if (matched === undefined) return undefined;
    if (matched === 'next') this.#statements.promote.run(now + this.#bounds.loginRotateGraceMs, now, id);
    this.#uses.add(id, now);
    const found = { id, user: row.user, expiresAt: now + this.#bounds.loginMs };
    const due = matched === 'current' && now - row.renewedAt >= this.#bounds.loginRotateMs;
    return due ? { ...found, next: this.#offer(row) } : found;
  }

  has(id: string): boolean {
    return this.#get(id) !== undefined;
  }

  /** Another token at once, and none of those before it. */
  renew(id: string, now: number): string {
    const secret = makeSecret();
    this.#statements.renew.run(hashOf(secret), now, id);
    return credentialText({ kind: 'login', id, secret });
  }

  list(user: string, now: number): readonly Omit<LoginInfo, 'current'>[] {
    return this.#ofUser(user)
      .filter((row) => !this.#isOver(row, now))
      .map(({ id, madeAt: createdAt, usedAt, agent }) => ({
        id,
        createdAt,
        usedAt,
        expiresAt: usedAt + this.#bounds.loginMs,
        agent,
      }));
  }

  /** Gives false where the user has no such login. */
  endOf(user: string, id: string): boolean {
    return this.#get(id)?.user === user && this.end(id);
  }

  end(id: string): boolean {
    const ended = this.#statements.remove.run(id).changes === 1;
    if (ended) this.#ended(id);
    return ended;
  }

  /** Ends all logins of the user but `but`. */
  endAll(user: string, but?: string): void {
    for (const { id } of this.#ofUser(user)) if (id !== but) this.end(id);
  }

  /** LX1, for logins that nobody comes with any more, and writes down when the others were used. */
  sweep(now: number): void {
    this.#uses.write();
    for (const { id } of this.#statements.idle.all(now - this.#bounds.loginMs)) this.end(String(id));
  }

  #isOver(row: Row, now: number): boolean {
    return now - row.usedAt >= this.#bounds.loginMs;
  }

  #makeRoom(user: string): void {
    const rows = this.#ofUser(user);
    const tooMany = rows.slice(Math.max(0, this.#bounds.loginsPerUserMax - 1));
    for (const { id } of tooMany) this.end(id);
  }

  /** LX2 */
  #offer(row: Row): string {
    const secret = nextSecret(this.#key, row.id, row.hash);
    const hash = hashOf(secret);
    if (row.nextHash !== hash) this.#statements.offer.run(hash, row.id);
    return credentialText({ kind: 'login', id: row.id, secret });
  }

  #get(id: string): Row | undefined {
    const row = this.#statements.get.get(id);
    return row === undefined ? undefined : this.#row(row);
  }

  /** Used last first. */
  #ofUser(user: string): readonly Row[] {
    const rows = this.#statements.ofUser.all(user).map((row) => this.#row(row));
    return rows.toSorted((one, other) => other.usedAt - one.usedAt || other.madeAt - one.madeAt);
  }

  #row(row: Readonly<Record<string, unknown>>): Row {
    const id = String(row['id']);
    return {
      id,
      user: String(row['user']),
      hash: String(row['hash']),
      nextHash: row['next_hash'] as string | null,
      beforeHash: row['before_hash'] as string | null,
      beforeUntil: Number(row['before_until'] ?? 0),
      madeAt: Number(row['made_at']),
      renewedAt: Number(row['renewed_at']),
      usedAt: Math.max(Number(row['used_at']), this.#uses.last(id) ?? 0),
      agent: String(row['agent']),
    };
  }
}

function matchOf(row: Row, secret: string, now: number): 'current' | 'next' | 'before' | undefined {
  if (isSecretOf(row.hash, secret)) return 'current';
  if (isSecretOf(row.nextHash, secret)) return 'next';
  return isSecretOf(row.beforeHash, secret) && now < row.beforeUntil ? 'before' : undefined;
}
