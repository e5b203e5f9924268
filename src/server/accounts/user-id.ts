/**
 * The name by which a person logs in, which is the user id of all they own.
 *
 * UI1  Two names that look alike in capitals or width are one: what is typed is normalised (NFKC, small letters), and
 *      only ASCII letters, digits, ".", "_" and "-" remain, so no name can be drawn like another.
 */
import { clip, ValidationError } from '../../core/errors.ts';
import { parsePrincipal } from '../../core/principal.ts';

const userPattern = /^[a-z0-9][a-z0-9._-]{0,63}$/;

/** The user id of a name as it was typed; undefined where nobody can have that name. */
export function userIdOf(typed: string): string | undefined {
  const user = typed.normalize('NFKC').trim().toLowerCase();
  return userPattern.test(user) ? user : undefined;
}

/** The user id for a new account. Throws a ValidationError that says what a name may be. */
export function parseUserId(typed: string): string {
  const user = userIdOf(typed);
  if (user === undefined) {
    throw new ValidationError(`"${clip(typed)}" can't be the name of an account.`, {
      hint: 'Use a letter from a to z or a digit, then these, ".", "_" or "-"; at most 64 characters, no "@" and no spaces.',
    });
  }
  return parsePrincipal({ user }).user;
}
