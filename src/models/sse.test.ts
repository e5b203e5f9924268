import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { limits } from '../core/limits.ts';
import { readSse, SseParser, type SseEvent } from './sse.ts';

function parse(text: string): SseEvent[] {
  const parser = new SseParser();
  return [...parser.push(text), ...parser.end()];
}

async function readBytes(chunks: readonly Uint8Array[]): Promise<SseEvent[]> {
  const body = ReadableStream.from<Uint8Array>(chunks);
  const events: SseEvent[] = [];
  for await (const event of readSse(body)) events.push(event);
  return events;
}

test('an event is its data lines joined, up to a blank line; comments and other fields are passed over', () => {
  assert.deepEqual(parse(': hi\nid: 7\nevent: note\ndata: a\ndata:b\nretry: 5\n\ndata\n\n\ndata:  c\n\n'), [
    { event: 'note', data: 'a\nb' },
    { event: undefined, data: '' },
    { event: undefined, data: ' c' },
  ]);
});

test('CR, LF and CRLF end lines, also mixed', () => {
  const wanted = [
    { event: undefined, data: '1' },
    { event: undefined, data: '2\n3' },
  ];
  for (const end of ['\n', '\r', '\r\n']) {
    assert.deepEqual(parse(['data: 1', '', 'data: 2', 'data: 3', '', ''].join(end)), wanted, JSON.stringify(end));
  }
  assert.deepEqual(parse('data: 1\r\n\rdata: 2\ndata: 3\r\r'), wanted);
});

test('the last event counts though the blank line after it is missing', () => {
  assert.deepEqual(parse('data: 1\n\ndata: [DONE]'), [
    { event: undefined, data: '1' },
    { event: undefined, data: '[DONE]' },
  ]);
});

test('a CRLF that is cut in two ends one line', () => {
  const parser = new SseParser();
  const events = ['data: 1\r', '\ndata: 2\r', '\n\r', '\n'].flatMap((text) => parser.push(text));
  assert.deepEqual(events, [{ event: undefined, data: '1\n2' }]);
});

test('however the bytes are cut, the events are the same', async () => {
  const piece = fc.constantFrom(
    'data: ',
    'data:',
    'ä€😀',
    '\r',
    '\n',
    '\r\n',
    '\n\n',
    ': ',
    'event: x',
    '{"a":1}',
    ' ',
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(piece, { maxLength: 40 }),
      fc.array(fc.nat(200), { maxLength: 12 }),
      async (pieces, cuts) => {
        const bytes = new TextEncoder().encode(pieces.join(''));
        const places = [...new Set(cuts.map((cut) => Math.min(cut, bytes.length)))].toSorted((a, b) => a - b);
        const chunks = [0, ...places].map((from, index) => bytes.slice(from, places[index] ?? bytes.length));
        const wanted = parse(pieces.join(''));
        assert.deepEqual(await readBytes(chunks), wanted);
        assert.deepEqual(await readBytes(Array.from(bytes, (byte) => Uint8Array.of(byte))), wanted);
      },
    ),
    { numRuns: 300 },
  );
});

test('an event without an end is refused before it fills the memory', () => {
  const parser = new SseParser();
  const much = 'x'.repeat(1_000_000);
  assert.throws(
    () => {
      for (let count = 0; count * much.length <= limits.modelEventCharsMax; count++) parser.push(`data: ${much}\n`);
    },
    { code: 'model_failed', retryable: false },
  );
  const line = new SseParser();
  assert.throws(() => {
    for (let count = 0; count * much.length <= limits.modelEventCharsMax; count++) line.push(much);
  }, /event of over/);
});

test('whoever stops reading cancels the body', async () => {
  let cancelled = false;
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(new TextEncoder().encode('data: 1\n\n')),
    cancel: () => {
      cancelled = true;
    },
  });
  for await (const { data } of readSse(body)) if (data === '1') break;
  assert.equal(cancelled, true);
});
