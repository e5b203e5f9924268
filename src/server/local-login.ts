/**
 * Login on the local socket of the data folder.
 *
 * LL1  The file of the socket is the credential: only the owner of the folder can open it (mode 0600), and may act as
 *      anybody in it, as with the folder itself. So this is given to connections of that socket alone, never by looking
 *      at a request.
 */
import { ValidationError } from '../core/errors.ts';
import { parsePrincipal } from '../core/principal.ts';
import type { LoginSource } from './login.ts';

/** Headers that say who asks, each percent-encoded; roles are divided by commas. */
export const localHeaders = {
  tenant: 'cantus-tenant',
  user: 'cantus-user',
  roles: 'cantus-roles',
  name: 'cantus-name',
} as const;

/** For the listener of the local socket. A request that names no user has no login (P8). */
export function localLogin(): LoginSource {
  return {
    mode: 'elsewhere',
    authenticate({ headers }) {
      const user = textOf(headers, localHeaders.user);
      if (user === undefined) return null;
      const tenant = textOf(headers, localHeaders.tenant);
      const name = textOf(headers, localHeaders.name);
      const roles = (headers.get(localHeaders.roles) ?? '').split(',').map(decoded);
      const principal = parsePrincipal({
        user,
        roles: roles.filter((role) => role !== ''),
        ...(tenant === undefined ? {} : { tenant }),
        ...(name === undefined ? {} : { name }),
      });
      return { principal, id: 'local', by: 'bearer' };
    },
  };
}

function textOf(headers: Headers, name: string): string | undefined {
  const value = headers.get(name);
  return value === null ? undefined : decoded(value);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.trim());
  } catch {
    throw new ValidationError('An identity on the local socket is percent-encoded.');
  }
}
