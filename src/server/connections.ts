/** How many sockets and event streams are open: a bound for each user, so that one can't take all places. */
import { LimitError } from '../core/errors.ts';
import { ownerKey } from '../core/principal.ts';
import type { Connections, ServerLimits } from './parts.ts';

type Bounds = Pick<ServerLimits, 'connectionsMax' | 'connectionsPerUserMax'>;

export function createConnections({ connectionsMax, connectionsPerUserMax }: Bounds): Connections {
  const byUser = new Map<string, number>();
  let size = 0;
  return {
    get size() {
      return size;
    },
    open(tenant, user) {
      const key = ownerKey(tenant, user);
      const own = byUser.get(key) ?? 0;
      if (own >= connectionsPerUserMax) throw tooMany(`You have ${own} connections open`, 'Close some of your pages.');
      if (size >= connectionsMax) throw tooMany('The server has no free connections', 'Come back in a while.');
      byUser.set(key, own + 1);
      size++;
      let isOpen = true;
      return () => {
        if (!isOpen) return;
        isOpen = false;
        size--;
        const left = (byUser.get(key) ?? 1) - 1;
        if (left === 0) byUser.delete(key);
        else byUser.set(key, left);
      };
    },
  };
}

function tooMany(what: string, hint: string): LimitError {
  return new LimitError(`${what}, and no more are allowed.`, { hint, retryable: true });
}
