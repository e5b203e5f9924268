/**
 * Ends what disabled accounts have open in this process. A command that disables one works on the file of accounts in a
 * process of its own: new requests are refused from then on, and sockets that were open before are ended by this.
 */
import { limits } from '../core/limits.ts';
import type { Clock } from '../core/clock.ts';
import type { Accounts } from '../server/accounts/accounts.ts';
import type { AuthRequest, Login } from '../server/login.ts';

type Seen = Pick<Login, 'expiresAt'> & { readonly user: string };

/** The accounts, looked after. */
export function endingDisabled(source: Accounts, clock: Clock): Accounts {
  const seen = new Map<string, Seen>();
  const listeners = new Set<(login: string) => void>();
  const look = (): void => {
    if (seen.size > 0)
      for (const login of endedOf(seen, source, clock.now())) for (const tell of listeners) tell(login);
    stop = clock.after(limits.accountsWatchMs, look, 'background');
  };
  let stop = clock.after(limits.accountsWatchMs, look, 'background');
  return withMembers(source, {
    async authenticate(request: AuthRequest) {
      const login = await source.authenticate(request);
      if (login !== null) seen.set(login.id, { user: login.principal.user, ...only(login) });
      return login;
    },
    watchEnded(listener) {
      listeners.add(listener);
      const unwatch = source.watchEnded?.(listener);
      return () => {
        listeners.delete(listener);
        unwatch?.();
      };
    },
    close() {
      stop();
      source.close();
    },
  });
}

function only({ expiresAt }: Login): Pick<Login, 'expiresAt'> {
  return expiresAt === undefined ? {} : { expiresAt };
}

/** Forgets and gives the logins of disabled and removed accounts; forgets those that have expired. */
function endedOf(seen: Map<string, Seen>, source: Accounts, now: number): readonly string[] {
  const live = new Set(source.users().flatMap(({ user, disabled }) => (disabled ? [] : [user])));
  const ended: string[] = [];
  for (const [login, { user, expiresAt }] of seen) {
    if (!live.has(user)) ended.push(login);
    if (!live.has(user) || (expiresAt !== undefined && expiresAt <= now)) seen.delete(login);
  }
  return ended;
}

/** The source keeps its own state, so its methods are called on it and not on a copy. */
function withMembers(source: Accounts, members: Partial<Accounts>): Accounts {
  return new Proxy(source, {
    get(target, name) {
      if (Object.hasOwn(members, name)) return members[name as keyof Accounts];
      const member: unknown = Reflect.get(target, name, target);
      return typeof member === 'function' ? (member.bind(target) as unknown) : member;
    },
  });
}
