/**
 * A client that says hello and then reads no more of a frame than its head, so that it has time for a thousand of its
 * kind. What it knows of a stream is how far it has come and whether a place was missing.
 */
import { connect, type Socket } from 'node:net';

/** So much of a frame's text is looked at: type, generation, from and to. */
const headBytes = 160;
/** Any will do: the answer to it isn't looked at. */
const socketKey = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==';
const shared = Buffer.allocUnsafe(65_536);

export class RawSocket {
  /** The last place that a whole frame's head told. */
  to = 0;
  gaps = 0;
  bytes = 0;
  readonly #moved: (socket: RawSocket) => void;
  #socket: Socket | undefined;
  /** Bytes of the frame under way that are not looked at. */
  #skip = 0;
  #kept: Buffer = Buffer.alloc(0);

  /** `moved` is called for each frame of events. */
  constructor(moved: (socket: RawSocket) => void) {
    this.#moved = moved;
  }

  /** Resolves at the 101. */
  open(port: number, user: string): Promise<void> {
    const upgrade = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13', socketKey];
    const who = ['Sec-WebSocket-Protocol: cantus.v1', `Authorization: Bearer ${user}`];
    const lines = ['GET /v1/socket HTTP/1.1', `Host: 127.0.0.1:${port}`, ...upgrade, ...who, '', ''];
    return new Promise((resolve, reject) => {
      let isOpen = false;
      const take = (length: number, buffer: Uint8Array): boolean => {
        const chunk = Buffer.from(buffer.buffer, buffer.byteOffset, length);
        if (isOpen) this.#take(chunk);
        else if (chunk.toString('latin1', 0, 12).endsWith('101')) {
          isOpen = true;
          this.#take(chunk.subarray(chunk.indexOf('\r\n\r\n') + 4));
          resolve();
        } else reject(new Error(chunk.toString('utf8')));
        return true;
      };
      const options = { port, host: '127.0.0.1', noDelay: true, onread: { buffer: shared, callback: take } };
      this.#socket = connect(options, () => this.#socket?.write(lines.join('\r\n')));
      this.#socket.on('error', reject);
    });
  }

  send(text: string): void {
    const payload = Buffer.from(text);
    if (payload.length > 125) throw new Error('A longer frame has another head.');
    // A mask of zeros leaves the text as it is.
    this.#socket?.write(Buffer.concat([Buffer.from([0x81, 0x80 | payload.length, 0, 0, 0, 0]), payload]));
  }

  close(): void {
    this.#socket?.destroy();
  }

  #take(chunk: Buffer): void {
    this.bytes += chunk.length;
    let at = Math.min(this.#skip, chunk.length);
    this.#skip -= at;
    if (at === chunk.length) return;
    let rest = chunk.subarray(at);
    if (this.#kept.length > 0) rest = Buffer.concat([this.#kept, rest]);
    at = 0;
    while (at < rest.length) {
      const used = this.#frame(rest, at);
      if (used === 0) break;
      at += used;
    }
    // What is kept must be its own: the buffer is read into again.
    this.#kept = at < rest.length ? Buffer.from(rest.subarray(at)) : Buffer.alloc(0);
  }

  /** Bytes of the frame that begins at `at`, as far as they are here; 0: more of its head is needed. */
  #frame(chunk: Buffer, at: number): number {
    const left = chunk.length - at;
    const short = (chunk[at + 1] ?? 0) & 0x7f;
    const head = short === 127 ? 10 : short === 126 ? 4 : 2;
    if (left < head) return 0;
    const length =
      short === 127 ? Number(chunk.readBigUInt64BE(at + 2)) : short === 126 ? chunk.readUInt16BE(at + 2) : short;
    const looked = Math.min(length, headBytes);
    if (left < head + looked) return 0;
    if (((chunk[at] ?? 0) & 0x0f) === 1) this.#look(chunk.toString('latin1', at + head, at + head + looked));
    const whole = head + length;
    this.#skip = Math.max(0, whole - left);
    return Math.min(whole, left);
  }

  #look(text: string): void {
    if (!text.startsWith('{"type":"events"')) return;
    const [, from, to] = /"from":(\d+),"to":(\d+)/.exec(text) ?? [];
    if (Number(from) !== this.to + 1) this.gaps++;
    this.to = Number(to);
    this.#moved(this);
  }
}
