import { useMemo, useSyncExternalStore } from 'react';
import { formatPlace, parsePlace, type Place } from './place.ts';

function subscribe(listener: () => void): () => void {
  window.addEventListener('hashchange', listener);
  return () => window.removeEventListener('hashchange', listener);
}

/** Where the user is; renders anew when that changes. */
export function usePlace(): Place {
  const fragment = useSyncExternalStore(subscribe, () => location.hash);
  return useMemo(() => parsePlace(fragment), [fragment]);
}

export function currentPlace(): Place {
  return parsePlace(location.hash);
}

export function goTo(place: Place): void {
  location.hash = formatPlace(place);
}

/** Goes there without a step in the browser's history: a code of an invitation must not stay in it. */
export function replacePlace(place: Place): void {
  history.replaceState(null, '', formatPlace(place));
  window.dispatchEvent(new HashChangeEvent('hashchange'));
}
