import { useEffect, useState } from 'react';
import { systemClock } from '../core/clock.ts';
import { useUser } from './user.tsx';

/** How long it is told that the page has caught up. */
const toldMs = 5_000;

/** How many events came late because the connection was gone, for a moment after it is back; else 0. */
export function useMissed(): number {
  const { connection } = useUser();
  const [missed, setMissed] = useState(0);
  useEffect(() => {
    const items = connection.events();
    // The first time is no coming back: the page had nothing before.
    let isBack = false;
    const follow = async (): Promise<void> => {
      for await (const item of items) {
        if (item.type !== 'stream.caughtUp') continue;
        if (isBack) setMissed(item.missed);
        isBack = true;
      }
    };
    // Why the stream ended is told by the status of the connection.
    follow().catch(() => undefined);
    return () => void items.return?.();
  }, [connection]);
  useEffect(() => (missed === 0 ? undefined : systemClock.after(toldMs, () => setMissed(0))), [missed]);
  return missed;
}
