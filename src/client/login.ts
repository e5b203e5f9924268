import { systemClock } from '../core/clock.ts';
import { systemRandom } from '../core/random.ts';
import { loginRoutes, type LoginOperationName, type LoginOperations } from '../protocol/login.ts';
import { Calls } from './calls.ts';
import { globalTransport, type Transport } from './transport.ts';

type In<Name extends LoginOperationName> = LoginOperations[Name]['input'];
type Out<Name extends LoginOperationName> = Promise<LoginOperations[Name]['output']>;

/** The login of a page over HTTP: what each does, takes and gives is in `LoginOperations` of the protocol. */
export interface RemoteLogin {
  /** How people log in here, and who is logged in. */
  read(): Out<'login.read'>;
  /** Makes the first account, with the code that the server printed, and logs it in. */
  setUp(joining: In<'login.setUp'>): Out<'login.setUp'>;
  /** Makes an account with the code of an invitation, and logs it in. */
  join(joining: In<'login.join'>): Out<'login.join'>;
  enter(credentials: In<'login.enter'>): Out<'login.enter'>;
  leave(options?: In<'login.leave'>): Out<'login.leave'>;
  changePassword(passwords: In<'login.password'>): Out<'login.password'>;
  invite(): Out<'login.invite'>;
  logins(): Promise<LoginOperations['logins.list']['output']['logins']>;
  endLogin(login: string): Promise<void>;
  tokens(): Promise<LoginOperations['tokens.list']['output']['tokens']>;
  createToken(token: In<'tokens.create'>): Out<'tokens.create'>;
  revokeToken(token: string): Promise<void>;
}

/**
 * The login routes of a server. Each throws the EngineError that the server answers: `login_failed` for wrong
 * credentials, `rate_limited` after too many tries.
 *
 * @example
 * const login = remoteLogin({ url: location.origin });
 * if ((await login.read()).me === null) await login.enter({ user, password });
 */
export function remoteLogin(options: {
  readonly url: string;
  readonly token?: string;
  readonly transport?: Transport;
}): RemoteLogin {
  const { transport = globalTransport, ...where } = options;
  const calls = new Calls({ ...where, transport, clock: systemClock, random: systemRandom });
  const call = <Name extends LoginOperationName>(name: Name, input: In<Name>): Out<Name> =>
    calls.once<Name>(loginRoutes[name], input);
  return {
    read: () => call('login.read', {}),
    setUp: (joining) => call('login.setUp', joining),
    join: (joining) => call('login.join', joining),
    enter: (credentials) => call('login.enter', credentials),
    leave: (which = {}) => call('login.leave', which),
    changePassword: (passwords) => call('login.password', passwords),
    invite: () => call('login.invite', {}),
    logins: async () => (await call('logins.list', {})).logins,
    endLogin: async (login) => void (await call('logins.end', { login })),
    tokens: async () => (await call('tokens.list', {})).tokens,
    createToken: (token) => call('tokens.create', token),
    revokeToken: async (token) => void (await call('tokens.revoke', { token })),
  };
}
