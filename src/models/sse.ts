/**
 * Server-sent events out of a response body, as the HTML standard parses them.
 *
 * (Our own 60 lines because the kept parser, `eventsource-parser`, publishes its TypeScript under the export condition
 * `source`, which is the one this package runs unbuilt with, and Node refuses TypeScript in `node_modules`.)
 *
 * SE1  However the bytes are cut into chunks, the events are the same: a character, a CRLF or a line may be cut.
 * SE2  What is left when the body ends is the last event. Servers leave out the closing blank line; whoever reads the
 *      data tells a whole one from a torn one.
 * SE3  An event has a bound. A body that never ends a line can't fill the memory.
 */
import { ModelError } from '../core/errors.ts';
import { limits } from '../core/limits.ts';

export type SseEvent = { readonly event: string | undefined; readonly data: string };

const lineEnd = /\r\n|\r|\n/;

/** Text in, events out. It holds what is not yet a whole line or a whole event. */
export class SseParser {
  #held = '';
  #endedInCr = false;
  #event: string | undefined;
  #data: string[] = [];
  #dataChars = 0;

  push(text: string): SseEvent[] {
    if (text === '') return [];
    // A CR at the end of a chunk has ended its line already; an LF that follows belongs to it.
    const whole = this.#endedInCr && text.startsWith('\n') ? text.slice(1) : text;
    this.#endedInCr = text.endsWith('\r');
    const lines = whole.split(lineEnd);
    const events: SseEvent[] = [];
    for (const line of lines.slice(0, -1)) {
      this.#line(this.#held + line, events);
      this.#held = '';
    }
    this.#held += lines.at(-1) ?? '';
    this.#bound(this.#held.length);
    return events;
  }

  /** The last event, if the body ended within one. */
  end(): SseEvent[] {
    const events: SseEvent[] = [];
    if (this.#held !== '') this.#line(this.#held, events);
    this.#line('', events);
    this.#held = '';
    return events;
  }

  #line(line: string, events: SseEvent[]): void {
    if (line === '') {
      if (this.#data.length > 0) events.push({ event: this.#event, data: this.#data.join('\n') });
      this.#event = undefined;
      this.#data = [];
      this.#dataChars = 0;
      return;
    }
    const colon = line.indexOf(':');
    if (colon === 0) return;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
    if (field === 'event') this.#event = value;
    if (field !== 'data') return;
    this.#data.push(value);
    this.#dataChars += value.length;
    this.#bound(0);
  }

  #bound(held: number): void {
    if (held + this.#dataChars <= limits.modelEventCharsMax) return;
    throw new ModelError(
      'model_failed',
      `The model's stream has an event of over ${limits.modelEventCharsMax} characters.`,
      {
        hint: 'Is the base URL that of a chat completions API?',
      },
    );
  }
}

/** Reads a body to its end. Whoever stops early closes the connection. */
export async function* readSse(body: ReadableStream<Uint8Array>): AsyncGenerator<SseEvent, void, undefined> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  const parser = new SseParser();
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      yield* parser.push(decoder.decode(read.value, { stream: true }));
    }
    yield* parser.push(decoder.decode());
    yield* parser.end();
  } finally {
    // A body that has failed refuses to be cancelled with the failure that was thrown already.
    await reader.cancel().catch(() => undefined);
  }
}
