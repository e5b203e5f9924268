/**
 * One-time tickets: how a page of another origin, which can send no header with its socket, says who it is.
 *
 * TI1  A ticket is good once, within `ticketMs`, and for the login it was made by: it ends with that login.
 * TI2  What is kept of it is its hash. It stands in no address, so that no log has it.
 */
import { createHash, randomBytes } from 'node:crypto';
import { Hono } from 'hono';
import { EngineError } from '../core/errors.ts';
import { otherRoutes, type Ticket } from '../protocol/operations.ts';
import type { ServerEnv } from './env.ts';
import type { Login } from './login.ts';
import type { ServerParts } from './parts.ts';

export interface Tickets {
  create(login: Login): Ticket;
  /** The login a ticket was made by. Throws `login_required` for one that is unknown, used, or too old. */
  redeem(ticket: string): Login;
  /** Those not yet used. */
  readonly size: number;
  close(): void;
}

/** Opens the tickets of one server. */
export function openTickets({
  clock,
  limits,
  login: source,
}: Pick<ServerParts, 'clock' | 'limits' | 'login'>): Tickets {
  const kept = new Map<string, { readonly login: Login; readonly expiresAt: number; readonly stop: () => void }>();
  const drop = (name: string): void => {
    kept.get(name)?.stop();
    kept.delete(name);
  };
  const unwatch = source.watchEnded?.((ended) => {
    for (const [name, { login }] of kept) if (login.id === ended) drop(name);
  });
  return {
    create(login) {
      const ticket = randomBytes(32).toString('base64url');
      const name = nameOf(ticket);
      const expiresAt = clock.now() + limits.ticketMs;
      const stop = clock.after(limits.ticketMs, () => drop(name), 'background');
      // The cookie of a new token is for the answer it came with.
      const { setCookie: _, ...lasting } = login;
      kept.set(name, { login: Object.freeze({ ...lasting, by: 'bearer' }), expiresAt, stop });
      return { ticket, expiresAt };
    },
    redeem(ticket) {
      const name = nameOf(ticket);
      const found = kept.get(name);
      drop(name);
      if (found !== undefined && found.expiresAt > clock.now()) return found.login;
      throw new EngineError('login_required', 'The ticket is not known: it is good once and for some seconds.', {
        hint: `Get another with ${otherRoutes['ticket.create'].method} ${otherRoutes['ticket.create'].path}.`,
      });
    },
    get size() {
      return kept.size;
    },
    close() {
      unwatch?.();
      for (const name of kept.keys()) drop(name);
    },
  };
}

function nameOf(ticket: string): string {
  return createHash('sha256').update(ticket).digest('base64url');
}

/** The route that gives tickets. */
export function ticketRoutes(tickets: Tickets): Hono<ServerEnv> {
  return new Hono<ServerEnv>().post(otherRoutes['ticket.create'].path, (context) => {
    context.header('cache-control', 'no-store');
    return context.json(tickets.create(context.var.login));
  });
}
