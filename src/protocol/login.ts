/** Login over HTTP, for pages: the routes of local accounts, and what they take and give. */
import type { Me } from './frames.ts';

/** How people log in here. `open`: nobody does, as in developer mode; `elsewhere`: the host application does it. */
export type LoginMode = 'accounts' | 'developer' | 'elsewhere';

export type LoginState = {
  readonly mode: LoginMode;
  readonly me: Me | null;
  /** There is no account yet: the first is made with the code that the server printed. */
  readonly needsSetUp: boolean;
};

export type TokenInfo = {
  readonly id: string;
  readonly name: string;
  readonly createdAt: number;
  readonly usedAt: number | null;
  readonly expiresAt: number | null;
};

/** A place where the user is logged in. */
export type LoginInfo = {
  readonly id: string;
  readonly createdAt: number;
  readonly usedAt: number;
  readonly expiresAt: number;
  /** The browser as it named itself. */
  readonly agent: string;
  readonly current: boolean;
};

type None = Readonly<Record<string, never>>;

/** A new account: the first, or an invited one. */
type Joining = { readonly code: string; readonly user: string; readonly name?: string; readonly password: string };

export type LoginOperations = {
  'login.read': { readonly input: None; readonly output: LoginState };
  'login.setUp': { readonly input: Joining; readonly output: LoginState };
  'login.join': { readonly input: Joining; readonly output: LoginState };
  'login.enter': { readonly input: { readonly user: string; readonly password: string }; readonly output: LoginState };
  'login.leave': { readonly input: { readonly everywhere?: boolean }; readonly output: LoginState };
  /** Ends every other login of the user. */
  'login.password': {
    readonly input: { readonly password: string; readonly newPassword: string };
    readonly output: LoginState;
  };
  /** For role `admin`: a code with which one person can make an account. */
  'login.invite': { readonly input: None; readonly output: { readonly code: string; readonly expiresAt: number } };
  'logins.list': { readonly input: None; readonly output: { readonly logins: readonly LoginInfo[] } };
  'logins.end': { readonly input: { readonly login: string }; readonly output: None };
  'tokens.list': { readonly input: None; readonly output: { readonly tokens: readonly TokenInfo[] } };
  /** `token` is shown this once. */
  'tokens.create': {
    readonly input: { readonly name: string; readonly expiresInDays?: number };
    readonly output: TokenInfo & { readonly token: string };
  };
  'tokens.revoke': { readonly input: { readonly token: string }; readonly output: None };
};

export type LoginOperationName = keyof LoginOperations;

export const loginRoutes = {
  'login.read': { method: 'GET', path: '/v1/login' },
  'login.setUp': { method: 'POST', path: '/v1/login/setup' },
  'login.join': { method: 'POST', path: '/v1/login/join' },
  'login.enter': { method: 'POST', path: '/v1/login' },
  'login.leave': { method: 'POST', path: '/v1/logout' },
  'login.password': { method: 'POST', path: '/v1/login/password' },
  'login.invite': { method: 'POST', path: '/v1/login/invites' },
  'logins.list': { method: 'GET', path: '/v1/logins' },
  'logins.end': { method: 'DELETE', path: '/v1/logins/:login' },
  'tokens.list': { method: 'GET', path: '/v1/tokens' },
  'tokens.create': { method: 'POST', path: '/v1/tokens' },
  'tokens.revoke': { method: 'DELETE', path: '/v1/tokens/:token' },
} as const satisfies Readonly<Record<LoginOperationName, { readonly method: string; readonly path: string }>>;
