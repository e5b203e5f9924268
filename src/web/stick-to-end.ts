import { createContext, useCallback, useLayoutEffect, useRef, useState, type RefObject } from 'react';
import { ReadingPlace } from './reading-place.ts';

/** How a part of a box has itself shown from its beginning; who has scrolled away is left alone. */
export type Showing = {
  /** It came under the eyes of who follows the end. */
  readonly readFrom: (element: HTMLElement) => void;
  /** The box is opened for it. */
  readonly open: (element: HTMLElement) => void;
};

export const ShowingContext = createContext<Showing>({ readFrom: () => undefined, open: () => undefined });

type Refs = readonly [outside: RefObject<HTMLElement | null>, inside: RefObject<HTMLElement | null>];

/** Keeps a scrolled box where its reader is while its content changes. */
export function useStickToEnd(...[outside, inside]: Refs): {
  readonly isAtEnd: boolean;
  readonly toEnd: () => void;
  readonly showing: Showing;
} {
  const [isAtEnd, setAtEnd] = useState(true);
  const place = useRef<ReadingPlace>(undefined);
  // What is in the box is drawn, and asks to be shown, before the box itself is there.
  const early = useRef<HTMLElement>(undefined);
  const [showing] = useState<Showing>(() => ({
    readFrom: (element) => place.current?.readFrom(beginsIn(outside, element)),
    open: (element) => {
      if (place.current === undefined) early.current = element;
      else place.current.open(beginsIn(outside, element));
    },
  }));
  useLayoutEffect(() => {
    const box = outside.current;
    const content = inside.current;
    if (box === null || content === null) return undefined;
    const reading = new ReadingPlace(box);
    place.current = reading;
    if (early.current !== undefined) showing.open(early.current);
    const scrolled = (): void => {
      reading.scrolled();
      setAtEnd(reading.isAtEnd);
    };
    const observer = new ResizeObserver(() => {
      reading.resized();
      setAtEnd(reading.isAtEnd);
    });
    observer.observe(content);
    observer.observe(box);
    box.addEventListener('scroll', scrolled, { passive: true });
    return () => {
      observer.disconnect();
      box.removeEventListener('scroll', scrolled);
    };
  }, [outside, inside, showing]);
  const toEnd = useCallback((): void => place.current?.toEnd(), []);
  return { isAtEnd, toEnd, showing };
}

function beginsIn(outside: RefObject<HTMLElement | null>, element: HTMLElement): () => number {
  return () => {
    const box = outside.current;
    if (box === null) return 0;
    const margin = Number.parseFloat(getComputedStyle(element).scrollMarginTop) || 0;
    return element.getBoundingClientRect().top - box.getBoundingClientRect().top + box.scrollTop - margin;
  };
}
