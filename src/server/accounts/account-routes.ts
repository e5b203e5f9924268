/**
 * The routes of local accounts (protocol/login.ts).
 *
 * AR1  What changes an account is done by a login, never by an API token: one that leaked can't make others, nor shut
 *      its user out.
 * AR2  What comes from a browser comes from an allowed origin, logging in too: no page logs somebody in as another.
 * AR3  Inputs are JSON objects with the members that are known and no others. That a body is JSON and not too large is
 *      seen to before, as for all routes.
 */
import { Hono, type Context } from 'hono';
import type { z } from 'zod';
import { clip, EngineError, ValidationError } from '../../core/errors.ts';
import { ownerKey, type Principal } from '../../core/principal.ts';
import { loginRoutes, type LoginOperationName, type LoginOperations, type LoginState } from '../../protocol/login.ts';
import { checkOrigin } from '../gate.ts';
import { readObject } from '../json-body.ts';
import { meOf } from '../login-state.ts';
import type { AuthRequest, Login, LoginParts } from '../login.ts';
import { addressKey } from '../peer.ts';
import { ratesOf } from '../rates.ts';
import type { LocalAccounts } from './accounts.ts';
import { loginInputs } from './login-inputs.ts';
import { LoginTries } from './login-tries.ts';
import { userIdOf } from './user-id.ts';

/** A request of one of the routes, with its input checked. */
type Asked<Name extends LoginOperationName> = {
  readonly request: AuthRequest;
  readonly login: Login | null;
  readonly input: z.output<(typeof loginInputs)[Name]>;
};

/** `cookie`: the credential that the browser keeps from now on, or none. Absent: as before. */
type Told<Name extends LoginOperationName> = {
  readonly output: LoginOperations[Name]['output'];
  readonly cookie?: { readonly credential: string | undefined };
};

type Routes = { readonly [Name in LoginOperationName]: (asked: Asked<Name>) => Told<Name> | Promise<Told<Name>> };

/** The routes of `accounts`; see LoginSource. */
export function accountRoutes(accounts: LocalAccounts, parts: LoginParts): Hono {
  const app = new Hono();
  const own = ownRoutes(accounts, parts);
  const routes = { ...entryRoutes(accounts, parts), ...own } satisfies Routes;
  const rates = ratesOf(parts.limits);
  for (const name of Object.keys(routes) as LoginOperationName[]) {
    const { method, path } = loginRoutes[name];
    const answer = routes[name] as (asked: Asked<LoginOperationName>) => Promise<Told<LoginOperationName>>;
    app.on(method, path, async (context) => {
      const request = parts.requestOf(context);
      const login = accounts.authenticate(request);
      checkOrigin(parts, request, login?.by === 'cookie' ? 'cookie' : 'ambient');
      await (login === null
        ? rates.take('stranger', addressKey(request.address))
        : rates.take('user', ownerKey(login.principal.tenant, login.principal.user)));
      if (name in own) checkIsLogin(accounts, login);
      const { output, cookie } = await answer({ request, login, input: await inputOf(context, name) });
      const setCookie = cookie === undefined ? login?.setCookie : accounts.cookie(request.url, cookie.credential);
      if (setCookie !== undefined) context.header('Set-Cookie', setCookie, { append: true });
      context.header('Cache-Control', 'no-store');
      return context.json(output);
    });
  }
  return app;
}

type Entered = { readonly output: LoginState; readonly cookie: { readonly credential: string } };
type EntryName = 'login.read' | 'login.setUp' | 'login.join' | 'login.enter' | 'login.leave';

/** What strangers may ask. */
function entryRoutes(accounts: LocalAccounts, { counts, limits: bounds }: LoginParts): Pick<Routes, EntryName> {
  const tries = new LoginTries(bounds.loginsPerMinute);
  const state = (principal: Principal | undefined): LoginState => ({
    mode: accounts.mode,
    me: principal === undefined ? null : meOf(principal),
    needsSetUp: accounts.needsSetUp,
  });
  const enter = (principal: Principal, { request, login }: Asked<EntryName>): Entered => {
    const replaced = login?.by === 'cookie' ? login.id : undefined;
    const credential = accounts.logIn(principal, request.headers.get('user-agent') ?? '', replaced);
    counts.add('login.entered');
    return { output: state(principal), cookie: { credential } };
  };
  return {
    'login.read': ({ login }) => ({ output: state(login?.principal) }),
    async 'login.setUp'(asked) {
      await tries.take(asked.request.address);
      return enter(await accounts.join('first', asked.input), asked);
    },
    async 'login.join'(asked) {
      await tries.take(asked.request.address);
      return enter(await accounts.join('invited', asked.input), asked);
    },
    async 'login.enter'(asked) {
      const { user, password: typed } = asked.input;
      const account = userIdOf(user) ?? '';
      await tries.take(asked.request.address, account);
      const principal = await accounts.check(user, typed);
      await tries.giveBack(account);
      return enter(principal, asked);
    },
    'login.leave'({ login, input }) {
      if (login !== null) {
        const { user } = checkIsLogin(accounts, login).principal;
        if (input.everywhere === true) accounts.endLogins(user);
        else accounts.endLogin(user, login.id);
      }
      return { output: state(undefined), cookie: { credential: undefined } };
    },
  };
}

/** What people ask of their own account. */
function ownRoutes(accounts: LocalAccounts, { limits: bounds }: LoginParts): Omit<Routes, EntryName> {
  const tries = new LoginTries(bounds.loginsPerMinute);
  const userOf = (login: Login | null): string => checkIsLogin(accounts, login).principal.user;
  return {
    async 'login.password'({ request, login, input }) {
      const own = checkIsLogin(accounts, login);
      await tries.take(request.address, own.principal.user);
      const credential = await accounts.changePassword(own, input.password, input.newPassword);
      const output: LoginState = { mode: accounts.mode, me: meOf(own.principal), needsSetUp: false };
      return credential === undefined ? { output } : { output, cookie: { credential } };
    },
    'login.invite'({ login }) {
      const { roles } = checkIsLogin(accounts, login).principal;
      if (!roles.includes('admin')) {
        throw new EngineError('forbidden', 'Only an administrator may invite people.', {
          hint: 'Ask somebody with the role "admin" for an invitation.',
        });
      }
      return { output: accounts.invite() };
    },
    'logins.list': ({ login }) => ({ output: { logins: accounts.logins(checkIsLogin(accounts, login)) } }),
    'logins.end'({ login, input }) {
      accounts.endLogin(userOf(login), input.login);
      return { output: {} };
    },
    'tokens.list': ({ login }) => ({ output: { tokens: accounts.tokens(userOf(login)) } }),
    'tokens.create'({ login, input }) {
      return { output: accounts.addToken(userOf(login), input.name, input.expiresInDays) };
    },
    'tokens.revoke'({ login, input }) {
      accounts.revokeToken(userOf(login), input.token);
      return { output: {} };
    },
  };
}

/** AR1. Throws `login_required` or `forbidden`. */
function checkIsLogin(accounts: LocalAccounts, login: Login | null): Login {
  if (login === null) throw new EngineError('login_required', 'Nobody is logged in.', { hint: 'Log in first.' });
  if (!accounts.isLogin(login)) {
    throw new EngineError('forbidden', 'An API token may not change the account it belongs to.', {
      hint: 'Log in on the page, or use the command line on the machine of the server.',
    });
  }
  return login;
}

/** AR3. Throws a ValidationError, which names members and never what is in them. */
async function inputOf<Name extends LoginOperationName>(context: Context, name: Name): Promise<Asked<Name>['input']> {
  const body = context.req.method === 'POST' ? await readObject(context) : {};
  const parsed = loginInputs[name].safeParse({ ...body, ...context.req.param() });
  if (parsed.success) return parsed.data as Asked<Name>['input'];
  const wrong = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'the body'}: ${clip(message)}`);
  throw new ValidationError(`The input of ${name} is wrong: ${wrong.join('; ')}.`, {
    hint: 'See the description of the API at /v1/openapi.json.',
  });
}
