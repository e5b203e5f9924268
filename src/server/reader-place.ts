/** The place of one stream among its user's connections, and what ends it from outside: its login, or the server. */
import type { Login } from './login.ts';
import type { ServerParts } from './parts.ts';

/** Why a stream is ended from here. */
export type StreamEnd = 'drain' | 'login';

/**
 * Takes a place and watches for the end. Throws a LimitError when the user has too many connections. What it returns
 * gives the place back.
 */
export function openReaderPlace(parts: ServerParts, login: Login, ended: (why: StreamEnd) => void): () => void {
  const { clock, connections, draining } = parts;
  const { tenant, user } = login.principal;
  const drain = (): void => ended('drain');
  const endLogin = (): void => ended('login');
  const undo = [
    connections.open(tenant, user),
    () => draining.removeEventListener('abort', drain),
    parts.login.watchEnded?.((id) => id === login.id && endLogin()),
    login.expiresAt === undefined
      ? undefined
      : clock.after(Math.max(0, login.expiresAt - clock.now()), endLogin, 'background'),
  ];
  draining.addEventListener('abort', drain);
  if (draining.aborted) drain();
  return () => {
    for (const stop of undo.splice(0)) stop?.();
  };
}
