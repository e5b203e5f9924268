/**
 * Stretches of a user's stream as the text of socket frames.
 *
 * WF1  Each place of a stretch is in exactly one text, and the texts follow one another without a gap.
 * WF2  A text has at most `frameBytesMax`; only a single event that is larger has a larger one of its own.
 * WF3  They are made one at a time, when the one before is taken; where a user has several readers, an event is encoded
 *      once for all of them. What the store has as a text is neither read nor encoded again (V7).
 */
import { limits } from '../core/limits.ts';
import type { Frame } from '../engine/feed.ts';
import type { JournalEvent } from '../journal/event.ts';
import type { EventText } from '../journal/store.ts';
import type { ServerFrame } from '../protocol/frames.ts';

export type TextOf = (event: JournalEvent) => string;

type Stretch = { from: number; to: number; bytes: number; texts: string[] };

/** What one skipped range takes in a frame, at most. */
const skippedBytes = 50;

/** WF1 and WF2, lazily. */
export function* eventFrameTexts(frame: Frame, textOf: TextOf, bytesMax: number): Generator<string, void> {
  const stretch: Stretch = { from: frame.from, to: frame.from - 1, bytes: 0, texts: [] };
  let skippedSeen = 0;
  for (const { userSeq, text } of frame.texts ?? encoded(frame, textOf)) {
    const bytes = Buffer.byteLength(text) + 1;
    const skippedBefore = countBefore(frame.skipped, userSeq, skippedSeen) * skippedBytes;
    if (stretch.texts.length > 0 && stretch.bytes + bytes + skippedBefore > bytesMax) {
      yield frameText(frame, stretch);
      stretch.from = stretch.to + 1;
      stretch.bytes = 0;
      stretch.texts = [];
    }
    skippedSeen += skippedBefore / skippedBytes;
    stretch.texts.push(text);
    stretch.bytes += bytes + skippedBefore;
    stretch.to = userSeq;
  }
  // Behind its last event a stretch may still have places that are gone.
  stretch.to = frame.to;
  yield frameText(frame, stretch);
}

function* encoded({ events }: Frame, textOf: TextOf): Generator<EventText> {
  for (const event of events) yield { userSeq: event.userSeq, text: textOf(event) };
}

/** How many ranges, from index `seen` on, lie before the place. */
function countBefore(skipped: Frame['skipped'], userSeq: number, seen: number): number {
  let count = 0;
  while ((skipped[seen + count]?.to ?? Infinity) < userSeq) count++;
  return count;
}

function frameText({ generation, skipped }: Frame, { from, to, texts }: Stretch): string {
  const gone = skipped.length === 0 ? [] : skipped.filter((range) => range.from >= from && range.to <= to);
  const tail = gone.length === 0 ? '' : `,"skipped":${JSON.stringify(gone)}`;
  const head = `{"type":"events","generation":${JSON.stringify(generation)},"from":${from},"to":${to}`;
  return `${head},"events":[${texts.join(',')}]${tail}}`;
}

/** Any other frame as text. */
export function frameTextOf(frame: Exclude<ServerFrame, { readonly type: 'events' }>): string {
  return JSON.stringify(frame);
}

const encode: TextOf = (event) => JSON.stringify(event);

/** The texts of events that the readers of one user share (WF3), for as long as there are several. */
export class EventTexts {
  readonly #shared = new Map<
    string,
    { readers: number; recent: WeakMap<JournalEvent, string>; older: WeakMap<JournalEvent, string>; made: number }
  >();

  /** Joins the readers of a user. `leave` is called once. */
  join(owner: string): { readonly textOf: TextOf; readonly leave: () => void } {
    const shared = this.#shared.get(owner) ?? { readers: 0, recent: new WeakMap(), older: new WeakMap(), made: 0 };
    this.#shared.set(owner, shared);
    shared.readers++;
    return {
      textOf: (event) => {
        if (shared.readers === 1) return encode(event);
        const known = shared.recent.get(event) ?? shared.older.get(event);
        if (known !== undefined) return known;
        const text = encode(event);
        // A store may keep its events for ever; their texts are let go after as many as a feed keeps.
        if (++shared.made > limits.feedEventsKept) {
          shared.older = shared.recent;
          shared.recent = new WeakMap();
          shared.made = 1;
        }
        shared.recent.set(event, text);
        return text;
      },
      leave: () => {
        if (--shared.readers === 0) this.#shared.delete(owner);
      },
    };
  }

  /** Users with readers. */
  get size(): number {
    return this.#shared.size;
  }
}
