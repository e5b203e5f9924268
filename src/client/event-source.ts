/** The text of `text/event-stream`, as far as the server writes it: `id`, `event` and `data`. */

export type SourceMessage = { readonly id: string | undefined; readonly event: string; readonly data: string };

/**
 * The messages of a stream, each when its empty line has come. What is cut off at the end is no message. `heard` is
 * called for whatever comes, comments too.
 */
export async function* sourceMessages(
  body: ReadableStream<Uint8Array>,
  heard: () => void = () => undefined,
): AsyncGenerator<SourceMessage> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      heard();
      const blocks = (rest + decoder.decode(value, { stream: true })).split(/\r\n\r\n|\n\n/);
      rest = blocks.pop() ?? '';
      for (const block of blocks) {
        const message = parseBlock(block);
        if (message !== undefined) yield message;
      }
    }
  } finally {
    // Nobody waits for it: what ends a stream elsewhere may never answer.
    reader.cancel().catch(() => undefined);
  }
}

function parseBlock(block: string): SourceMessage | undefined {
  const data: string[] = [];
  let id: string | undefined;
  let event = 'message';
  for (const line of block.split(/\r?\n/)) {
    const [, name, value = ''] = /^(\w+)(?:: ?(.*))?$/s.exec(line) ?? [];
    if (name === 'data') data.push(value);
    else if (name === 'id') id = value;
    else if (name === 'event') event = value;
  }
  return data.length === 0 ? undefined : { id, event, data: data.join('\n') };
}
