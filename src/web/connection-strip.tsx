/** How it stands between the page and the server: said where it matters, and silent when all is well. */
import { useEffect, useState, useSyncExternalStore } from 'react';
import type { ConnectionStatus } from '../client/connection.ts';
import { systemClock } from '../core/clock.ts';
import { tellMany } from '../core/units.ts';
import { useMissed } from './missed.ts';
import { useNow, useUser } from './user.tsx';

/** A connection that is there sooner than this is not worth a word. */
const quietMs = 600;

export function ConnectionStrip() {
  const { connection } = useUser();
  const status = useSyncExternalStore(connection.onChange.bind(connection), () => connection.status);
  const missed = useMissed();
  const isLong = useLasting(status.state === 'connecting' || status.state === 'catching-up', quietMs);
  useNow(500, status.state === 'waiting');
  const words = stripWords(status, isLong, missed);
  return (
    <div className={`strip ${words === '' ? 'gone' : toneOf(status)}`} role="status">
      {words}
      {status.state === 'waiting' && (
        <button type="button" className="inline" onClick={() => connection.retryNow()}>
          Try now
        </button>
      )}
    </div>
  );
}

function toneOf({ state }: ConnectionStatus): string {
  return state === 'waiting' || state === 'closed' ? 'bad' : '';
}

function stripWords(status: ConnectionStatus, isLong: boolean, missed: number): string {
  switch (status.state) {
    case 'connecting':
      return isLong ? 'Connecting…' : '';
    case 'catching-up':
      return isLong ? 'Catching up…' : '';
    case 'waiting':
      return waitingWords(status);
    case 'closed':
      return status.error.code === 'closed' ? '' : `${status.error.message} Reload the page to try again.`;
    default:
      return missed > 0 ? `Back: caught up ${tellMany(missed, 'event')}.` : '';
  }
}

function waitingWords({ retryAt, error }: ConnectionStatus & { readonly state: 'waiting' }): string {
  const seconds = Math.max(0, Math.ceil((retryAt - systemClock.now()) / 1_000));
  const again = seconds === 0 ? 'Trying again…' : `Trying again in ${seconds} s.`;
  if (error.code === 'draining') return `The server is restarting. Runs go on where they were. ${again}`;
  if (!navigator.onLine) return `You are offline. ${again}`;
  return `No connection to the server: what is shown is from before. ${again}`;
}

/** Has it been so for a while? */
function useLasting(isSo: boolean, ms: number): boolean {
  const [isLong, setLong] = useState(false);
  useEffect(() => {
    if (isSo) return systemClock.after(ms, () => setLong(true));
    setLong(false);
    return undefined;
  }, [isSo, ms]);
  return isSo && isLong;
}
