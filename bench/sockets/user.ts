/** A user with a socket, who reads everything. */
import { WebSocket } from 'ws';
import type { JournalEvent } from '../../src/index.ts';
import { sharedMs } from '../process.ts';

type Frame =
  | { readonly type: 'welcome' }
  | { readonly type: 'snapshot'; readonly cursor: { readonly userSeq: number } }
  | { readonly type: 'events'; readonly from: number; readonly to: number; readonly events: readonly JournalEvent[] }
  | { readonly type: 'reply'; readonly id: string; readonly output?: unknown; readonly error?: unknown };

/** Each event with the time at which its frame was read (`sharedMs`). */
export type Hear = (event: JournalEvent, at: number) => void;

export class User {
  readonly name: string;
  hear: Hear = () => undefined;
  /** Places that were missing, and the last one. */
  lost = 0;
  place = 0;
  readonly #port: number;
  readonly #replies = new Map<string, (frame: Frame & { readonly type: 'reply' }) => void>();
  readonly #ready = Promise.withResolvers<void>();
  #socket: WebSocket | undefined;
  #calls = 0;

  constructor(port: number, name: string) {
    this.#port = port;
    this.name = name;
  }

  /** Resolves when events from now on follow. */
  open(): Promise<void> {
    const socket = new WebSocket(`ws://127.0.0.1:${this.#port}/v1/socket`, 'cantus.v1', {
      headers: { authorization: `Bearer ${this.name}` },
      perMessageDeflate: false,
    });
    this.#socket = socket;
    socket.on('open', () => socket.send('{"type":"hello","protocol":1}'));
    socket.on('error', (error) => this.#ready.reject(error));
    socket.on('message', (data: Buffer) => this.#take(JSON.parse(data.toString('utf8')) as Frame, sharedMs()));
    return this.#ready.promise;
  }

  /** Starts a run over the socket. */
  async start(ask: object): Promise<void> {
    const id = String(++this.#calls);
    const replied = new Promise<Frame & { readonly type: 'reply' }>((resolve) => this.#replies.set(id, resolve));
    const input = { ...ask, key: `${this.name}-${id}` };
    this.#socket?.send(JSON.stringify({ type: 'call', id, operation: 'runs.start', input }));
    const { error } = await replied;
    if (error !== undefined) throw new Error(JSON.stringify(error));
  }

  /** Starts a run over HTTP. */
  async post(ask: object): Promise<void> {
    const response = await fetch(`http://127.0.0.1:${this.#port}/v1/runs`, {
      method: 'POST',
      headers: { authorization: `Bearer ${this.name}`, 'content-type': 'application/json' },
      body: JSON.stringify({ ...ask, key: `${this.name}-post-${++this.#calls}` }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(text);
  }

  close(): void {
    this.#socket?.terminate();
  }

  #take(frame: Frame, at: number): void {
    if (frame.type === 'reply') this.#replies.get(frame.id)?.(frame);
    if (frame.type === 'snapshot') {
      this.place = frame.cursor.userSeq;
      this.#ready.resolve();
    }
    if (frame.type !== 'events') return;
    this.lost += frame.from - 1 - this.place;
    for (const event of frame.events) {
      if (event.userSeq !== this.place + 1) this.lost++;
      this.place = event.userSeq;
      this.hear(event, at);
    }
    this.place = frame.to;
  }
}
