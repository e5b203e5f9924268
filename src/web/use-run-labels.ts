import { useEffect, useState } from 'react';
import type { RunRow } from '../journal/run-row.ts';
import { loadLabels, runLabel } from './run-label.ts';
import { useKey, useUser } from './user.tsx';

/** Loads what the labels of these runs need: names of conversations, and runs that are in none. */
export function useRunLabels(rows: readonly RunRow[]): (row: RunRow) => string {
  const { store } = useUser();
  useKey('threads');
  const [, setLoaded] = useState(0);
  const unknown = rows
    .filter((row) => runLabel(store.state, row) === '')
    .map(({ run }) => run)
    .join();
  useEffect(() => {
    if (unknown === '') return;
    const wanted = new Set(unknown.split(','));
    const load = async (): Promise<void> => {
      await loadLabels(
        store,
        rows.filter(({ run }) => wanted.has(run)),
      );
      setLoaded((count) => count + 1);
    };
    // A label is a courtesy: without it the list is what it was.
    load().catch(() => undefined);
    // The rows are those named by what is unknown.
  }, [store, unknown]);
  return (row) => runLabel(store.state, row);
}
