import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { decodeEvent, encodeEvent, eventVersions, isOfToday, passedText } from './codec.ts';
import type { EventType, JournalEvent } from './event.ts';

const types = Object.keys(eventVersions) as EventType[];

/** Any event that could be journaled: its data is any JSON, as the codec looks into none of it. */
const anyEvent: fc.Arbitrary<JournalEvent> = fc
  .record(
    {
      tenant: fc.string({ unit: 'binary' }),
      user: fc.string({ unit: 'binary' }),
      userSeq: fc.nat(),
      thread: fc.string({ unit: 'binary' }),
      run: fc.uuid(),
      seq: fc.nat(),
      at: fc.oneof(fc.nat(), fc.double({ noNaN: true, noDefaultInfinity: true, min: 0 })),
      type: fc.constantFrom(...types),
      path: fc.string(),
      attempt: fc.nat(),
      // JSON has one zero, and so has whatever enters the journal (J2).
      data: fc.jsonValue().map((value) => JSON.parse(JSON.stringify({ value })) as object),
    },
    { requiredKeys: ['tenant', 'user', 'userSeq', 'at', 'type', 'data'] },
  )
  .map((event) => {
    const at = event.at === 0 ? 0 : event.at;
    return { ...event, at, v: eventVersions[event.type] } as unknown as JournalEvent;
  });

describe('the codec of events, for any event', () => {
  it('gives back what it was given', () => {
    fc.assert(
      fc.property(anyEvent, (event) => {
        const { tenant, user, userSeq } = event;
        assert.deepEqual(decodeEvent(encodeEvent(event), { tenant, user, userSeq }), event);
      }),
    );
  });

  it('passes its text on as encoding the decoded event would give it, byte for byte (V7)', () => {
    fc.assert(
      fc.property(anyEvent, (event) => {
        const { tenant, user, userSeq } = event;
        const text = encodeEvent(event);
        assert.ok(isOfToday(text));
        assert.equal(
          passedText({ tenant, user })(text, userSeq),
          JSON.stringify(decodeEvent(text, { tenant, user, userSeq })),
        );
      }),
    );
  });

  it('takes no text of another version or type for one of today, whatever is in it (V7)', () => {
    fc.assert(
      fc.property(anyEvent, fc.constantFrom('v', 'type'), (event, member) => {
        const other = { ...event, v: event.v + 1 };
        const strange = { ...event, type: `${event.type}!` } as never;
        assert.ok(!isOfToday(encodeEvent(member === 'v' ? other : strange)));
        // As it was written before the version came first.
        assert.ok(!isOfToday(JSON.stringify({ at: 1, type: event.type, data: event.data, v: event.v })));
      }),
    );
  });

  it('writes one line of text that any database can keep', () => {
    fc.assert(
      fc.property(anyEvent, (event) => {
        const text = encodeEvent(event);
        assert.ok(!text.includes('\n') && text.isWellFormed());
      }),
    );
  });
});
