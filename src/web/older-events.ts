import { useMemo, useState } from 'react';
import type { JournalEvent } from '../journal/event.ts';
import { wordsOf } from './server.ts';
import { useUser } from './user.tsx';

export type OlderEvents = {
  readonly events: readonly JournalEvent[];
  /** What is going on, or went wrong; empty when nothing is. */
  readonly told: string;
  readonly load: () => void;
};

/** The events of a run before the first that is kept at hand, read when they are asked for. */
export function useOlderEvents(run: string, firstKept: number): OlderEvents {
  const { connection } = useUser();
  const [events, setEvents] = useState<readonly JournalEvent[]>([]);
  const [told, setTold] = useState('');
  const load = async (): Promise<void> => {
    setTold('Loading…');
    try {
      const all: JournalEvent[] = [];
      let after = 0;
      while (after < firstKept - 1) {
        const page = await connection.door.call('runs.events', { run, after });
        all.push(...page.events);
        if (page.next <= after) break;
        after = page.next;
      }
      setEvents(all);
      setTold('');
    } catch (thrown) {
      setTold(wordsOf(thrown));
    }
  };
  const before = useMemo(() => events.filter(({ seq = 0 }) => seq < firstKept), [events, firstKept]);
  return { events: before, told, load: () => void load() };
}
