import { useEffect } from 'react';
import { Dialog } from './dialog.tsx';

/** What each key does outside a field. */
export type Shortcuts = Readonly<Record<string, () => void>>;

/** Keys of a single letter work only where nobody is writing. */
export function useShortcuts(shortcuts: Shortcuts): void {
  useEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isWriting(event.target)) return;
      const act = shortcuts[event.key];
      if (act === undefined) return;
      event.preventDefault();
      act();
    };
    document.addEventListener('keydown', pressed);
    return () => document.removeEventListener('keydown', pressed);
  }, [shortcuts]);
}

function isWriting(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.closest('input, textarea, select, dialog, [contenteditable]') !== null;
}

const told: readonly (readonly [string, string])[] = [
  ['Enter', 'ask'],
  ['Shift Enter', 'a new line'],
  ['Esc', 'in the question: stop the run'],
  ['↑', 'in an empty question: edit the last one'],
  ['/', 'write a question'],
  ['n', 'new conversation'],
  ['r', 'all runs'],
  ['↑ ↓', 'in the timeline: the step above or below'],
  ['← →', 'in the timeline: fold or unfold a step'],
  ['?', 'this list'],
];

export function ShortcutList({ onClose }: { readonly onClose: () => void }) {
  return (
    <Dialog title="Keys" onClose={onClose}>
      <dl className="keys">
        {told.map(([key, does]) => (
          <div key={`${key} ${does}`}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
