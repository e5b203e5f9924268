import { createContext, useCallback, useEffect, useRef, useState, type RefObject } from 'react';

/** Shows something from its beginning, if the user is at the end; who has scrolled away is left alone. */
export type ReadFrom = (element: HTMLElement) => void;

export const ReadFromContext = createContext<ReadFrom>(() => undefined);

/** Nearer to the end than this counts as at it, in px: a finger or a wheel is not exact. */
const nearPx = 48;

/** Keeps a scrolled box at its end while its content grows, as long as the user is there. */
export function useStickToEnd(
  outside: RefObject<HTMLElement | null>,
  inside: RefObject<HTMLElement | null>,
): { readonly isAtEnd: boolean; readonly toEnd: () => void; readonly readFrom: ReadFrom } {
  const [isAtEnd, setAtEnd] = useState(true);
  const sticks = useRef(true);
  useEffect(() => {
    const box = outside.current;
    const content = inside.current;
    if (box === null || content === null) return undefined;
    let lastTop = box.scrollTop;
    const scrolled = (): void => {
      const isNear = box.scrollHeight - box.scrollTop - box.clientHeight < nearPx;
      // Content that grows also scrolls; only going up is somebody's wish to read.
      sticks.current = isNear || (sticks.current && box.scrollTop >= lastTop);
      lastTop = box.scrollTop;
      setAtEnd(isNear);
    };
    const observer = new ResizeObserver(() => {
      if (sticks.current) box.scrollTop = box.scrollHeight;
      scrolled();
    });
    observer.observe(content);
    observer.observe(box);
    box.addEventListener('scroll', scrolled, { passive: true });
    return () => {
      observer.disconnect();
      box.removeEventListener('scroll', scrolled);
    };
  }, [outside, inside]);
  const toEnd = useCallback((): void => {
    sticks.current = true;
    outside.current?.scrollTo({ top: outside.current.scrollHeight });
  }, [outside]);
  const readFrom = useCallback<ReadFrom>((element) => {
    if (!sticks.current) return;
    sticks.current = false;
    element.scrollIntoView({ block: 'start' });
  }, []);
  return { isAtEnd, toEnd, readFrom };
}
