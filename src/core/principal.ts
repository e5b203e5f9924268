/**
 * Who asks. P8: no identity, no run. There is no default user and no fallback id anywhere.
 */
import { clip, ValidationError } from './errors.ts';
import { limits } from './limits.ts';

/** Who asks, as authentication found it. `tenant` and `user` name the owner of everything that is done. */
export type Principal = {
  readonly tenant: string;
  readonly user: string;
  /** What the user may do; tools name the roles they need. */
  readonly roles: readonly string[];
  /** How to address the user. */
  readonly name?: string;
};

/** What a caller gives: tenant and roles may be left out where there is one tenant and no roles. */
export type PrincipalInput = {
  readonly tenant?: string;
  readonly user: string;
  readonly roles?: readonly string[];
  readonly name?: string;
};

/** The tenant of an engine that serves one. It names an organisation, never a user, so it is no fallback identity. */
export const soleTenant = 'main';

/** Texts that a lost value turns into on its way through other code. As a user id they'd merge strangers into one. */
const lostValues = new Set(
  'undefined,null,none,nan,false,true,[object object],unknown,unknown_user,anonymous,default,default_user,placeholder,registry'.split(
    ',',
  ),
);

/** Checks and freezes an identity. Throws `identity_required` for anything that does not name one. */
export function parsePrincipal(input: unknown): Principal {
  if (typeof input !== 'object' || input === null) refuse('No identity was given.');
  const { tenant = soleTenant, user, roles = [], name } = input as Record<string, unknown>;
  const principal: Principal = {
    tenant: parseOwnerId(tenant, 'tenant'),
    user: parseOwnerId(user, 'user'),
    roles: parseRoles(roles),
    ...(typeof name === 'string' ? { name: clip(name, limits.idCharsMax) } : {}),
  };
  return Object.freeze(principal);
}

function parseRoles(roles: unknown): readonly string[] {
  const wrong = !Array.isArray(roles) || roles.some((role) => typeof role !== 'string' || role === '');
  if (wrong) refuse('The roles of a principal must be a list of non-empty strings.');
  return Object.freeze([...(roles as string[])]);
}

function parseOwnerId(value: unknown, what: 'tenant' | 'user'): string {
  if (typeof value !== 'string' || value.trim() === '')
    refuse(`The ${what} of a principal must be a non-empty string.`);
  if (value.length > limits.idCharsMax)
    refuse(`The ${what} of a principal has more than ${limits.idCharsMax} characters.`);
  if (value.trim() !== value || /\p{Cc}/u.test(value))
    refuse(`The ${what} of a principal has spaces around it or control characters in it.`);
  if (lostValues.has(value.toLowerCase()))
    refuse(`The ${what} "${clip(value)}" is what a lost value looks like, not an identity.`);
  return value;
}

function refuse(message: string): never {
  throw new ValidationError(message, {
    code: 'identity_required',
    hint: 'Pass what authentication found: { tenant, user, roles }. Cantus has no default user.',
  });
}

/** One string for a user that no other user can have (lengths first: plain joins let "a-b"+"c" equal "a"+"b-c"). */
export function ownerKey(tenant: string, user: string): string {
  return `${tenant.length}:${tenant}:${user}`;
}
