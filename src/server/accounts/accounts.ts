/**
 * Local accounts: people with a name and a password, their logins and their tokens, in a file of the data folder.
 *
 * LA1  The first account is made with the code that the server prints, and is an administrator's; all others by invitation.
 * LA2  An unknown name, a wrong password and a disabled account get the same answer after the same work.
 * LA3  What was checked before a password was hashed is checked again behind it: time has passed.
 * LA4  A disabled or removed account has no login and no token; whoever has a socket open by one hears that it ended.
 */
import { randomBytes } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { systemClock, type Clock } from '../../core/clock.ts';
import { ConflictError, EngineError, NotFoundError, toErrorInfo } from '../../core/errors.ts';
import { limits as standardLimits } from '../../core/limits.ts';
import { silentLog, type Log } from '../../core/log.ts';
import { parsePrincipal, type Principal } from '../../core/principal.ts';
import type { LoginInfo, TokenInfo } from '../../protocol/login.ts';
import type { AuthRequest, Login, LoginParts, LoginSource } from '../login.ts';
import type { ServerLimits } from '../parts.ts';
import { accountRoutes } from './account-routes.ts';
import { AccountRows, type AccountInfo } from './account-rows.ts';
import { inTransaction, openAccountTables } from './account-tables.ts';
import { Invitations, type Invitation, type InvitationKind } from './invitations.ts';
import { loginCookie, presentedIn } from './login-cookie.ts';
import { Logins } from './logins.ts';
import { Passwords, type PasswordHashing } from './passwords.ts';
import { Tokens, type NewToken } from './tokens.ts';
import { parseUserId, userIdOf } from './user-id.ts';

export type { AccountInfo } from './account-rows.ts';
export type { Invitation } from './invitations.ts';
export type { NewToken } from './tokens.ts';

/** What `accounts` is opened with. */
export type AccountsOptions = {
  /** Where `accounts.db` is kept; undefined: in memory, and gone with the process. */
  readonly folder: string | undefined;
  readonly clock?: Clock;
  readonly log?: Log;
  readonly limits?: Partial<ServerLimits>;
  /** For tests alone, which would wait for the true cost. */
  readonly hashing?: PasswordHashing;
};

/** A login source, and what whoever runs the server does with its accounts. */
export interface Accounts extends LoginSource {
  /** The code for the first account, while there is none: to be printed. */
  setUpCode(): string | undefined;
  /** A code with which one person makes an account with these roles. Throws a ValidationError or a LimitError. */
  invite(invitation?: { readonly roles?: readonly string[] }): Invitation;
  /** Throws a ValidationError or a ConflictError. */
  addAccount(account: {
    readonly user: string;
    readonly name?: string;
    readonly roles?: readonly string[];
    readonly password: string;
  }): Promise<AccountInfo>;
  /** For who has forgotten it: ends every login of the user. Throws a NotFoundError. */
  setPassword(user: string, password: string): Promise<void>;
  /** Throws a NotFoundError or a LimitError. */
  addToken(user: string, name: string, expiresInDays?: number): NewToken;
  tokens(user: string): readonly TokenInfo[];
  /** Throws a NotFoundError. */
  revokeToken(user: string, id: string): void;
  users(): readonly AccountInfo[];
  /** Ends every login and token of the user, who can't log in until `enable`. Throws a NotFoundError. */
  disable(user: string): void;
  enable(user: string): void;
  /** As `disable`, for good: nothing is kept but the name, which is never given again. Throws a NotFoundError. */
  remove(user: string): void;
  close(): void;
}

/**
 * Opens local accounts. Throws a StoreError when the file can't be used.
 *
 * @example
 * const login = accounts({ folder: './data' });
 * const code = login.setUpCode();
 * if (code !== undefined) console.log(`Make the first account with ${code}`);
 */
export function accounts(options: AccountsOptions): Accounts {
  return new LocalAccounts(options);
}

/** What it takes to make an account by a code. */
export type Joining = {
  readonly code: string;
  readonly user: string;
  readonly name?: string | undefined;
  readonly password: string;
};

export class LocalAccounts implements Accounts {
  readonly mode = 'accounts';
  readonly #db: DatabaseSync;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #limits: ServerLimits;
  readonly #rows: AccountRows;
  readonly #logins: Logins;
  readonly #tokens: Tokens;
  readonly #invitations: Invitations;
  readonly #passwords: Passwords;
  readonly #listeners = new Set<(login: string) => void>();
  #firstCode: Invitation | undefined;
  #stopSweep: () => void = () => undefined;

  constructor({ folder, clock = systemClock, log = silentLog, limits = {}, hashing = {} }: AccountsOptions) {
    this.#clock = clock;
    this.#log = log;
    this.#limits = { ...standardLimits, ...limits };
    this.#db = openAccountTables(folder);
    const ended = (id: string): void => this.#tellEnded(id);
    this.#rows = new AccountRows(this.#db);
    this.#logins = new Logins(this.#db, this.#limits, ended);
    this.#tokens = new Tokens(this.#db, this.#limits, ended);
    this.#invitations = new Invitations(this.#db, this.#limits);
    this.#passwords = new Passwords(this.#limits, hashing);
    this.#sweepLater();
  }

  close(): void {
    this.#stopSweep();
    this.#sweep();
    this.#listeners.clear();
    this.#db.close();
  }

  watchEnded(listener: (login: string) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  routes(parts: LoginParts): ReturnType<typeof accountRoutes> {
    return accountRoutes(this, parts);
  }

  authenticate(request: AuthRequest): Login | null {
    const presented = presentedIn(request);
    if (presented === undefined) return null;
    const { credential, by } = presented;
    const now = this.#clock.now();
    if (credential.kind === 'token') {
      const token = this.#tokens.find(credential.id, credential.secret, now);
      const principal = this.#principalOf(token?.user);
      if (token === undefined || principal === undefined) return null;
      return { principal, id: token.id, by, ...(token.expiresAt === null ? {} : { expiresAt: token.expiresAt }) };
    }
    const login = this.#logins.find(credential.id, credential.secret, now);
    const principal = this.#principalOf(login?.user);
    if (login === undefined || principal === undefined) return null;
    const { id, expiresAt, next } = login;
    const renewed = next !== undefined && by === 'cookie';
    return { principal, id, expiresAt, by, ...(renewed ? { setCookie: this.cookie(request.url, next) } : {}) };
  }

  // --- for whoever runs the server ---

  /** A code that has expired is followed by another. */
  setUpCode(): string | undefined {
    if (this.#rows.any()) return undefined;
    const now = this.#clock.now();
    if (this.#firstCode === undefined || this.#firstCode.expiresAt <= now) {
      this.#firstCode = this.#invitations.add('first', ['admin'], now);
    }
    return this.#firstCode.code;
  }

  invite({ roles = [] }: { readonly roles?: readonly string[] } = {}): Invitation {
    return this.#invitations.add('invited', parseRoles(roles), this.#clock.now());
  }

  async addAccount(account: Parameters<Accounts['addAccount']>[0]): Promise<AccountInfo> {
    const user = parseUserId(account.user);
    parseRoles(account.roles ?? []);
    this.#rows.checkFree(user);
    const password = await this.#passwords.hash(account.password);
    const now = this.#clock.now();
    const roles = account.roles ?? (this.#rows.any() ? [] : ['admin']);
    this.#rows.add({ user, name: account.name, roles, password }, now);
    return { user, name: account.name, roles, createdAt: now, disabled: false };
  }

  async setPassword(user: string, password: string): Promise<void> {
    const id = this.#known(user);
    const hash = await this.#passwords.hash(password);
    this.#rows.setPassword(id, hash);
    this.#logins.endAll(id);
  }

  addToken(user: string, name: string, expiresInDays?: number): NewToken {
    return this.#tokens.add({ id: makeId(), user: this.#known(user), name, days: expiresInDays }, this.#clock.now());
  }

  tokens(user: string): readonly TokenInfo[] {
    return this.#tokens.list(this.#known(user), this.#clock.now());
  }

  revokeToken(user: string, id: string): void {
    if (!this.#tokens.revoke(this.#known(user), id)) throw new NotFoundError('token', id);
  }

  users(): readonly AccountInfo[] {
    return this.#rows.all();
  }

  disable(user: string): void {
    if (!this.#rows.setDisabled(user, this.#clock.now())) throw unknownUser(user);
    this.#endEverything(user);
  }

  enable(user: string): void {
    if (!this.#rows.setDisabled(user, null)) throw unknownUser(user);
  }

  remove(user: string): void {
    if (!this.#rows.remove(user, this.#clock.now())) throw unknownUser(user);
    this.#endEverything(user);
  }

  // --- for people, by the routes ---

  /** There is no account yet. */
  get needsSetUp(): boolean {
    return !this.#rows.any();
  }

  cookie(url: URL, credential: string | undefined): string {
    return loginCookie(url, credential, this.#limits.loginMs);
  }

  /** Makes an account by a code (LA1). Throws `login_failed` for the code, a ValidationError or ConflictError for the rest. */
  async join(kind: InvitationKind, { code, user: typed, name, password }: Joining): Promise<Principal> {
    if (kind === 'first') this.#refuseSecondFirst();
    const roles = this.#invitations.read(kind, code, this.#clock.now());
    const user = parseUserId(typed);
    this.#rows.checkFree(user);
    const hash = await this.#passwords.hash(password);
    inTransaction(this.#db, () => {
      const now = this.#clock.now();
      if (kind === 'first') this.#refuseSecondFirst();
      this.#invitations.take(kind, code, now);
      this.#rows.add({ user, name, roles, password: hash }, now);
    });
    const account = this.#rows.find(user);
    if (account === undefined) throw wrongEntry();
    return account.principal;
  }

  /** Who has this name and password (LA2). Throws `login_failed`. */
  async check(typed: string, password: string): Promise<Principal> {
    const user = userIdOf(typed) ?? '';
    const { password: hash } = this.#rows.find(user) ?? { password: this.#passwords.nobodys };
    const fits = await this.#passwords.verify(password, hash);
    const account = this.#rows.find(user);
    if (!fits || account?.password !== hash) throw wrongEntry();
    return account.principal;
  }

  /** Gives the credential of a new login; the one that the browser had is over. */
  logIn(principal: Principal, agent: string, replaced: string | undefined): string {
    if (replaced !== undefined) this.#logins.end(replaced);
    return this.#logins.add({ id: makeId(), user: principal.user, agent }, this.#clock.now());
  }

  /**
   * Every other login of the user is over. Gives the credential with which this one goes on in a browser; a program,
   * which could not keep another, goes on with what it has.
   */
  async changePassword(login: Login, password: string, newPassword: string): Promise<string | undefined> {
    const { user } = await this.check(login.principal.user, password);
    const { password: before } = this.#rows.find(user) ?? {};
    const hash = await this.#passwords.hash(newPassword);
    if (this.#rows.find(user)?.password !== before) throw wrongEntry();
    this.#rows.setPassword(user, hash);
    this.#logins.endAll(user, login.id);
    return login.by === 'cookie' ? this.#logins.renew(login.id, this.#clock.now()) : undefined;
  }

  /** Is it a person's login, rather than an API token? */
  isLogin({ id }: Login): boolean {
    return this.#logins.has(id);
  }

  logins(login: Login): readonly LoginInfo[] {
    const found = this.#logins.list(login.principal.user, this.#clock.now());
    return found.map((info) => ({ ...info, current: info.id === login.id }));
  }

  /** Throws a NotFoundError for a login that is not the user's. */
  endLogin(user: string, id: string): void {
    if (!this.#logins.endOf(user, id)) throw new NotFoundError('login', id);
  }

  endLogins(user: string): void {
    this.#logins.endAll(user);
  }

  #principalOf(user: string | undefined): Principal | undefined {
    return user === undefined ? undefined : this.#rows.find(user)?.principal;
  }

  /** LA4 */
  #endEverything(user: string): void {
    this.#logins.endAll(user);
    this.#tokens.revokeAll(user);
  }

  #known(typed: string): string {
    const user = userIdOf(typed) ?? '';
    if (this.#rows.find(user) === undefined) throw unknownUser(typed);
    return user;
  }

  #refuseSecondFirst(): void {
    if (!this.#rows.any()) return;
    throw new ConflictError('The first account was made already.', {
      hint: 'Log in with it, or ask who has it for an invitation.',
    });
  }

  #tellEnded(id: string): void {
    for (const listener of this.#listeners) listener(id);
  }

  #sweepLater(): void {
    const stop = this.#clock.after(
      this.#limits.loginSweepMs,
      () => {
        this.#sweepLater();
        try {
          this.#sweep();
        } catch (cause) {
          this.#log.warn('ended logins could not be looked for', { code: toErrorInfo(cause).code });
        }
      },
      'background',
    );
    this.#stopSweep = stop;
  }

  #sweep(): void {
    const now = this.#clock.now();
    this.#logins.sweep(now);
    this.#tokens.sweep(now);
  }
}

/** Throws for what no principal can have as roles: an account with them could never log in. */
function parseRoles(roles: readonly string[]): readonly string[] {
  return parsePrincipal({ user: 'anyone', roles }).roles;
}

/** LA2: the one answer. */
function wrongEntry(): EngineError {
  return new EngineError('login_failed', 'The name or the password is wrong.', {
    hint: 'Check both. Who has forgotten the password asks whoever runs the server: `cantus users password NAME`.',
  });
}

function unknownUser(user: string): NotFoundError {
  return new NotFoundError('account', user);
}

/** Names a login or a token. No secret, but so many that none is used twice. */
function makeId(): string {
  return randomBytes(16).toString('hex');
}
