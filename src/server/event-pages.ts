/**
 * What is in the journal now, a page at a time, for readers that don't want to wait for what comes.
 *
 * EP1  A page has whole events up to a bound in number and in bytes, and at least one where there is one.
 * EP2  `next` is where the page ends: reading on from it misses nothing and repeats nothing.
 */
import type { Frame } from '../engine/feed.ts';
import type { UserDoor } from '../engine/user-door.ts';
import { isTerminal, type JournalEvent } from '../journal/event.ts';
import { isEnded } from '../journal/run-row.ts';
import { parseCursorText } from '../protocol/cursor.ts';
import type { EventsPage, Operations } from '../protocol/operations.ts';
import type { ServerLimits } from './parts.ts';

type Place = { readonly after?: string; readonly limit?: number };

/** A page of the user's stream. A place of another generation begins anew, and `next` says in which. */
export async function eventsPage(door: UserDoor, { after, limit }: Place, limits: ServerLimits): Promise<EventsPage> {
  const head = await door.head();
  const cursor = after === undefined ? { generation: head.generation, userSeq: 0 } : parseCursorText(after);
  const isKnown = cursor.generation === head.generation && cursor.userSeq <= head.userSeq;
  const start = isKnown ? cursor : { generation: head.generation, userSeq: 0 };
  const page = new Page(limits, limit);
  let next = start.userSeq;
  const skipped: { readonly from: number; readonly to: number }[] = [];
  // Behind the head the door waits for what comes: there is nothing to take.
  if (next < head.userSeq)
    for await (const frame of door.frames({ after: start })) {
      next = page.takeAll(frame.events) ?? frame.to;
      skipped.push(...skippedUpTo(frame, next));
      if (page.isFull || next >= head.userSeq) break;
    }
  return { events: page.events, skipped, next: { generation: head.generation, userSeq: next }, head };
}

function skippedUpTo({ skipped }: Frame, next: number): Frame['skipped'] {
  return skipped.filter(({ from }) => from <= next).map(({ from, to }) => ({ from, to: Math.min(to, next) }));
}

/** A page of one run's events. `ended` says that none will come behind it. */
export async function runEventsPage(
  door: UserDoor,
  { run, after = 0, limit }: Operations['runs.events']['input'],
  limits: ServerLimits,
): Promise<Operations['runs.events']['output']> {
  const handle = await door.run(run);
  // Reading an open run waits at its newest event, so that is asked first; an ended one ends by itself.
  const last = isEnded((await handle.row()).status) ? Infinity : (await handle.state()).seq;
  const page = new Page(limits, limit);
  let next = after;
  if (after >= last) return { events: [], next, ended: false };
  for await (const event of handle.events({ after })) {
    page.take(event);
    next = event.seq ?? next;
    if (isTerminal(event.type)) break;
    if (page.isFull || next >= last) return { events: page.events, next, ended: false };
  }
  return { events: page.events, next, ended: true };
}

class Page {
  readonly events: JournalEvent[] = [];
  readonly #countMax: number;
  readonly #bytesMax: number;
  #bytes = 0;

  constructor(limits: ServerLimits, limit = limits.readPageEvents) {
    this.#countMax = Math.min(limit, limits.readPageEvents);
    this.#bytesMax = limits.eventBytesMax;
  }

  get isFull(): boolean {
    return this.events.length >= this.#countMax || this.#bytes >= this.#bytesMax;
  }

  take(event: JournalEvent): boolean {
    if (this.isFull) return false;
    this.#bytes += JSON.stringify(event).length;
    this.events.push(event);
    return true;
  }

  /** The place of the last event that fitted, when not all did. */
  takeAll(events: readonly JournalEvent[]): number | undefined {
    for (const [index, event] of events.entries()) if (!this.take(event)) return events[index - 1]?.userSeq;
    return undefined;
  }
}
