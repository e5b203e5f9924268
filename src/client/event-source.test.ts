import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { sourceMessages } from './event-source.ts';

async function read(pieces: readonly Uint8Array[]): Promise<unknown> {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const piece of pieces) controller.enqueue(piece);
      controller.close();
    },
  });
  const messages: unknown[] = [];
  for await (const message of sourceMessages(body)) messages.push(message);
  return messages;
}

const text = [
  'retry: 250\n\n',
  ': still here\n\n',
  'id: 1\ndata: {"a":"ü"}\n\n',
  'event: bye\r\ndata:x\r\ndata: y\r\n\r\n',
  'data: cut o',
].join('');

it('reads the same messages however their bytes are cut, and none that is cut off at the end', async () => {
  const bytes = new TextEncoder().encode(text);
  const expected = [
    { id: '1', event: 'message', data: '{"a":"ü"}' },
    { id: undefined, event: 'bye', data: 'x\ny' },
  ];
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(bytes.length), { maxLength: 8 }), async (cuts) => {
      const places = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
      const pieces = places.slice(1).map((to, index) => bytes.slice(places[index], to));
      assert.deepEqual(await read(pieces), expected);
    }),
  );
});
