/** Stretches of a stream as texts: nothing is lost, doubled or moved by cutting them. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Frame } from '../engine/feed.ts';
import type { JournalEvent } from '../journal/event.ts';
import { EventTexts, eventFrameTexts } from './frame-writer.ts';
import type { EventsFrame } from './socket.fixture.ts';

const encode = (event: JournalEvent): string => JSON.stringify(event);

function eventAt(userSeq: number, text: string): JournalEvent {
  return { tenant: 't', user: 'u', userSeq, at: 1, type: 'note', data: { code: 'note', text }, v: 1 };
}

/** Places in order: an event with a text, or a range that is gone. */
const stretches = fc.array(fc.oneof(fc.string({ unit: 'grapheme', maxLength: 80 }), fc.integer({ min: 1, max: 5 })), {
  minLength: 1,
  maxLength: 40,
});

function frameOf(parts: readonly (string | number)[]): Frame {
  const events: JournalEvent[] = [];
  const skipped: { from: number; to: number }[] = [];
  let at = 4;
  for (const part of parts) {
    if (typeof part === 'string') events.push(eventAt(++at, part));
    else {
      skipped.push({ from: at + 1, to: at + part });
      at += part;
    }
  }
  return { generation: 'g "1"', from: 5, to: at, events, skipped };
}

describe('the texts of a stretch', () => {
  it('follow one another without a gap and have every event and every range that is gone, once (WF1, WF2)', () => {
    fc.assert(
      fc.property(stretches, fc.integer({ min: 100, max: 800 }), (parts, bytesMax) => {
        const frame = frameOf(parts);
        const texts = [...eventFrameTexts(frame, encode, bytesMax)];
        const frames = texts.map((text) => JSON.parse(text) as EventsFrame);
        let at = frame.from - 1;
        for (const { from, to } of frames) {
          assert.equal(from, at + 1);
          at = to;
        }
        assert.equal(at, frame.to);
        assert.deepEqual(
          frames.flatMap(({ events }) => events),
          frame.events,
        );
        assert.deepEqual(
          frames.flatMap(({ skipped = [] }) => skipped),
          frame.skipped,
        );
        const envelope = 150;
        for (const [index, text] of texts.entries()) {
          const inIt = frames[index];
          const isLast = index === texts.length - 1;
          const ranges = isLast ? (inIt?.skipped ?? []).length * 50 : 0;
          if ((inIt?.events.length ?? 0) > 1) assert.ok(Buffer.byteLength(text) <= bytesMax + envelope + ranges);
        }
      }),
    );
  });

  it('are the same from texts that the store has, of which no event is read (WF3)', () => {
    fc.assert(
      fc.property(stretches, fc.integer({ min: 100, max: 800 }), (parts, bytesMax) => {
        const { events, ...facts } = frameOf(parts);
        const stored: Frame = {
          ...facts,
          get events(): never {
            throw new assert.AssertionError({ message: 'an event was read' });
          },
          texts: events.map((event) => ({ userSeq: event.userSeq, text: encode(event) })),
        };
        assert.deepEqual(
          [...eventFrameTexts(stored, encode, bytesMax)],
          [...eventFrameTexts({ ...facts, events }, encode, bytesMax)],
        );
      }),
    );
  });

  it('are made one at a time (WF3)', () => {
    let made = 0;
    const frame = frameOf(Array.from({ length: 20 }, () => 'x'.repeat(100)));
    const counted = (event: JournalEvent): string => {
      made++;
      return encode(event);
    };
    const texts = eventFrameTexts(frame, counted, 500);
    texts.next();
    assert.ok(made < 6, `${made} events were encoded for the first text`);
  });
});

describe('the texts of events', () => {
  it('are made once for all readers of a user, and anew for a sole one (WF3)', () => {
    let encoded = 0;
    const event = Object.assign(eventAt(1, 'one'), { toJSON: () => ({ n: ++encoded }) });
    const texts = new EventTexts();
    const first = texts.join('alice');
    const second = texts.join('alice');
    assert.equal(first.textOf(event), second.textOf(event));
    assert.equal(encoded, 1);
    second.leave();
    assert.equal(first.textOf(event), '{"n":2}');
    first.leave();
    assert.equal(texts.size, 0, 'nothing is kept of a user without readers');
  });
});
