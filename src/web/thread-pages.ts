import { useEffect, useState } from 'react';
import { systemClock } from '../core/clock.ts';
import { useUser } from './user.tsx';

/** Long enough that typing a word asks once. */
const searchAfterMs = 250;

/** Loads conversations as they are looked for, a page at a time. */
export function useThreadPages(search: string): { readonly hasMore: boolean; readonly more: () => void } {
  const { store } = useUser();
  const [hasMore, setMore] = useState(false);
  const wanted = search.trim();
  useEffect(() => {
    if (wanted === '') return undefined;
    return systemClock.after(searchAfterMs, () => {
      store.loadThreads({ search: wanted }).then(setMore, () => undefined);
    });
  }, [store, wanted]);
  useEffect(() => {
    store.loadThreads().then(setMore, () => undefined);
  }, [store]);
  const more = (): void => {
    store.loadThreads({ older: true, ...(wanted === '' ? {} : { search: wanted }) }).then(setMore, () => undefined);
  };
  return { hasMore, more };
}
