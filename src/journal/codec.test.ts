import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decodeEvent, encodeEvent, eventVersions, upcasts, upcastEvent } from './codec.ts';
import type { EventType, JournalEvent } from './event.ts';

const key = { tenant: 'main', user: 'ada', userSeq: 7 };

const event: JournalEvent = Object.freeze({
  ...key,
  run: 'run',
  seq: 3,
  at: 1_767_225_600_000,
  type: 'note',
  data: { code: 'note', text: 'hello' },
  v: 1,
});

describe('the codec of events', () => {
  it("leaves out what the row's key says, and puts it back from the key", () => {
    const text = encodeEvent(event);
    assert.deepEqual(Object.keys(JSON.parse(text) as object).toSorted(), ['at', 'data', 'run', 'seq', 'type', 'v']);
    assert.deepEqual(decodeEvent(text, key), event);
    const other = decodeEvent(text, { tenant: 'other', user: 'bob', userSeq: 9 });
    assert.deepEqual([other.tenant, other.user, other.userSeq], ['other', 'bob', 9]);
  });

  it('takes identity from the key alone, even if a text holds another (P2)', () => {
    const forged = JSON.stringify({ ...event, tenant: 'evil', user: 'mallory', userSeq: 99 });
    assert.deepEqual(decodeEvent(forged, key), event);
  });

  it('says by name which event holds what JSON can not say', () => {
    const bad = { ...event, data: { code: 'note', text: 'x', data: 1n } } as never;
    assert.throws(() => encodeEvent(bad), { code: 'bug', message: /an event "note" holds/ });
  });

  it('writes an event as one line', () => {
    const text = encodeEvent({
      ...event,
      path: 'a/b',
      data: { code: 'note', text: 'one\ntwo\r\u2028' },
    });
    assert.ok(!/[\n\r]/.test(text));
  });

  it('brings an old version up to date, step by step (V5)', () => {
    const versions = { ...eventVersions, note: 3 };
    const casts = {
      note: [
        (data: { text: string }) => ({ words: data.text.split(' ') }),
        (data: { words: string[] }) => ({ words: data.words, count: data.words.length }),
      ],
    };
    const old = encodeEvent({ ...event, data: { code: 'note', text: 'two words' } });
    const upcast = decodeEvent(old, key, versions, casts);
    assert.deepEqual([upcast.data, upcast.v], [{ words: ['two', 'words'], count: 2 }, 3]);
    const second = JSON.stringify({ ...event, v: 2, data: { words: ['one'] } });
    assert.deepEqual(decodeEvent(second, key, versions, casts).data, { words: ['one'], count: 1 });
  });

  it('has an upcast for each version there was (V5)', () => {
    const changes = Object.entries(eventVersions).map(([type, version]) => [type, version - 1]);
    const casts = Object.keys(eventVersions).map((type) => [type, upcasts[type as EventType]?.length ?? 0]);
    assert.deepEqual(casts, changes);
  });

  it('leaves an event of today as it is, and the written one of before as it was (V6)', () => {
    assert.equal(upcastEvent(event), event);
    const before = Object.freeze({
      ...event,
      type: 'run.suspended',
      v: 1,
      data: Object.freeze({ activeLeftMs: 5, waits: ['nap'] }),
    }) as never;
    assert.deepEqual(upcastEvent(before), {
      ...event,
      type: 'run.suspended',
      v: 2,
      data: { activeLeftMs: 5, waits: ['nap'], wakeAt: 0 },
    });
    assert.equal(upcastEvent({ ...event, v: 2 }), undefined);
    // What every object has is no type of an event.
    for (const type of ['toString', '__proto__', 'constructor'])
      assert.equal(upcastEvent({ ...event, type } as never), undefined, type);
  });

  it('refuses what a newer Cantus wrote, by name and with what to do (V5)', () => {
    const newer = JSON.stringify({ ...event, v: 2 });
    assert.throws(() => decodeEvent(newer, key), { code: 'store_corrupt', message: /"note" version 2 .*newer/ });
    const unknown = JSON.stringify({ ...event, type: 'run.teleported' });
    assert.throws(
      () => decodeEvent(unknown, key),
      (thrown: Error & { hint?: string }) => {
        assert.match(thrown.message, /run\.teleported/);
        assert.match(thrown.hint ?? '', /version of Cantus/);
        return true;
      },
    );
  });

  it('refuses text that is no event, and says which place it is', () => {
    for (const text of [
      '',
      '{"type":"no',
      'null',
      '{}',
      '{"type":"note"}',
      '{"type":"note","v":0}',
      '{"type":"note","v":"1"}',
    ]) {
      assert.throws(() => decodeEvent(text, key), { code: 'store_corrupt' }, JSON.stringify(text));
    }
    assert.throws(() => decodeEvent('{', key), { message: /place 7/ });
  });
});
