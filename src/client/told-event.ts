/** What a server tells, in the shape that this client knows (V6): the two may be of different versions of Cantus. */
import { EngineError } from '../core/errors.ts';
import { upcastEvent } from '../journal/codec.ts';
import type { JournalEvent } from '../journal/event.ts';

/** Throws for an event that only a newer Cantus knows: to leave it out would be to show another history. */
export function toldEvent(told: JournalEvent): JournalEvent {
  const event = upcastEvent(told);
  if (event !== undefined) return event;
  throw new EngineError(
    'invalid_input',
    `The server tells of an event "${told.type}" version ${told.v}, which this client does not know.`,
    { hint: 'Load the page anew, or install the version of Cantus that the server has.' },
  );
}
