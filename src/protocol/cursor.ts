/** A place in a user's stream as text, for addresses and for `Last-Event-ID`: `<generation>-<userSeq>`. */
import { ValidationError } from '../core/errors.ts';
import type { Cursor } from '../journal/store.ts';

/** @example formatCursor({ generation: 'g1', userSeq: 7 }); // "g1-7" */
export function formatCursor({ generation, userSeq }: Cursor): string {
  return `${generation}-${userSeq}`;
}

/** Throws a ValidationError for what is no cursor. A generation may have dashes in it: the last one divides. */
export function parseCursorText(text: string): Cursor {
  const [, generation, place] = /^(.{1,256})-(\d{1,15})$/s.exec(text) ?? [];
  if (generation === undefined || place === undefined)
    throw new ValidationError('A cursor is the text of one that was given before: <generation>-<number>.');
  return { generation, userSeq: Number(place) };
}
