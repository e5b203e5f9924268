/** What is read aloud: finished messages and sentences in a log, what is going on in a status. */
import { createContext, useContext, useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { announce } from './announcements.ts';

type Say = (text: string) => void;

const SayContext = createContext<Say>(() => undefined);

/** Older ones are gone from the region; a reader has them in its own history. */
const linesKept = 20;

export function Announcer({ children }: { readonly children: ReactNode }) {
  const [lines, setLines] = useState<readonly { readonly id: number; readonly text: string }[]>([]);
  const count = useRef(0);
  const say = useMemo<Say>(
    () => (text) => {
      if (text === '') return;
      count.current++;
      const line = { id: count.current, text };
      setLines((before) => [...before.slice(1 - linesKept), line]);
    },
    [],
  );
  return (
    <SayContext.Provider value={say}>
      {children}
      <div className="unseen" role="log" aria-live="polite" aria-label="Announcements">
        {lines.map(({ id, text }) => (
          <p key={id}>{text}</p>
        ))}
      </div>
    </SayContext.Provider>
  );
}

/** Says a text when it first is there, and never again. */
export function useAnnounceOnce(text: string): void {
  const say = useContext(SayContext);
  const isSaid = useRef(false);
  useEffect(() => {
    if (text === '' || isSaid.current) return;
    isSaid.current = true;
    say(announce(text, 0, true).text);
  }, [say, text]);
}

/** Says a text that is still coming, a sentence at a time. */
export function useAnnounceStream(text: string, isEnded: boolean): void {
  const say = useContext(SayContext);
  const said = useRef(0);
  useEffect(() => {
    const next = announce(text, said.current, isEnded);
    said.current = next.said;
    say(next.text);
  }, [say, text, isEnded]);
}
