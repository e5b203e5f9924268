import { useEffect, useRef, type ReactNode } from 'react';
import { Icon } from './icon.tsx';

type DialogProps = { readonly title: string; readonly onClose: () => void; readonly children: ReactNode };

/** A modal box: the browser keeps the focus in it, closes it with Escape and gives the focus back. */
export function Dialog({ title, onClose, children }: DialogProps) {
  const box = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = box.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  return (
    // A click beside the box closes it, as Escape does.
    <dialog
      ref={box}
      aria-label={title}
      onClose={onClose}
      onClick={(event) => event.target === event.currentTarget && onClose()}
    >
      <div className="dialog-inside">
        <div className="row">
          <h2 className="grow">{title}</h2>
          <button type="button" className="quiet" aria-label="Close" onClick={onClose}>
            <Icon name="close" />
          </button>
        </div>
        {children}
      </div>
    </dialog>
  );
}
