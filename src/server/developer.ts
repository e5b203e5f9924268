/**
 * No login, for work on one's own machine: everybody who reaches the server is the same user.
 *
 * DV1  It says `requiresLoopback`, so that a server with it never listens where others can reach it.
 */
import { parsePrincipal, type PrincipalInput } from '../core/principal.ts';
import { loginState } from './login-state.ts';
import type { Login, LoginSource } from './login.ts';

/**
 * Everybody is `principal`. For the loopback interface only; whoever has an account on the machine can use it.
 * Throws `identity_required` for what names no user.
 *
 * @example
 * createServer({ login: developer({ user: 'ada', roles: ['admin'] }), host: '127.0.0.1', ...rest });
 */
export function developer(principal: PrincipalInput): LoginSource {
  const login: Login = { principal: parsePrincipal(principal), id: 'developer', by: 'ambient' };
  const source: LoginSource = {
    mode: 'developer',
    requiresLoopback: true,
    authenticate: () => login,
    routes: (parts) => loginState(source, parts),
  };
  return source;
}
