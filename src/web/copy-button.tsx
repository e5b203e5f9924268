import { useEffect, useState } from 'react';
import { systemClock } from '../core/clock.ts';
import { Icon } from './icon.tsx';

/** Copies a text. Where the browser does not let a page copy, it says so. */
export function CopyButton({ text, what }: { readonly text: () => string; readonly what: string }) {
  const [told, setTold] = useState('');
  useEffect(() => (told === '' ? undefined : systemClock.after(2_000, () => setTold(''))), [told]);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text());
      setTold('Copied');
    } catch {
      setTold('Not allowed here');
    }
  };
  return (
    <button type="button" className="quiet" aria-label={`Copy ${what}`} onClick={() => void copy()}>
      <Icon name="copy" />
      <span role="status">{told === '' ? 'Copy' : told}</span>
    </button>
  );
}
