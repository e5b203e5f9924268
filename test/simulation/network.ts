/**
 * The network between readers and nodes: sockets that are slow, get stuck, lose, double and swap frames, and break on one
 * side or on both; requests that get lost, and answers.
 *
 * NT1  A node that stands still neither hears nor says anything; what was sent to it waits until it goes on. One that is
 *      gone never does.
 * NT2  Whoever is connected to a node that is gone may hear of it, or may not: then only its silence tells.
 * NT3  Only frames of events are doubled and swapped; any frame may be lost. A WebSocket does none of that, but what stands
 *      between may, and a reader must be right all the same (LIN1).
 */
import type { IncomingMessage } from 'node:http';
import { Duplex } from 'node:stream';
import type { Random } from 'cantus';
import type { SocketEvents, SocketLike, Transport } from 'cantus/client';
import type { SimClock } from 'cantus/testing';
import type { SocketWire } from '../../src/server/socket.ts';

/** A node as the network reaches it. */
export type Host = {
  /** Resolves when the process behind it can do something; never, for one that is gone (NT1). */
  stands(): Promise<void>;
  /** Takes an upgrade: calls `taken` of the link, or writes an answer into its stream. */
  upgrade(request: IncomingMessage, link: Link): void;
  fetch(request: Request, incoming: IncomingMessage): Promise<Response>;
};

/** What befell the network so far goes here by its name. */
type Count = (what: string) => void;

export const origin = 'http://127.0.0.1:4747';

/** A peer waits no longer than this for an answer, in ms. */
const answerWithinMs = 30_000;

export class Network {
  /** Nothing breaks any more; what was slow or stuck stays so until it is given up. */
  calm = false;
  readonly clock: SimClock;
  readonly random: Random;
  readonly count: Count;
  readonly #hosts: () => readonly Host[];
  readonly #links = new Set<Link>();

  constructor(parts: { clock: SimClock; random: Random; count: Count; hosts: () => readonly Host[] }) {
    this.clock = parts.clock;
    this.random = parts.random;
    this.count = parts.count;
    this.#hosts = parts.hosts;
  }

  /** The way of one user's browser, with the cookie of that user, to whatever node answers. */
  transportOf(user: string): Transport {
    return {
      openSocket: (url, protocols) => this.#open(user, new URL(url), protocols),
      fetch: (url, init) => this.#fetch(user, new URL(url), init),
    };
  }

  /** Breaks one of the links that are open. */
  breakOne(): boolean {
    const links = [...this.#links];
    const link = links[Math.floor(this.random.next() * links.length)];
    link?.break(this.random.next() < 0.6 ? 'both' : this.random.next() < 0.5 ? 'client' : 'host');
    return link !== undefined;
  }

  /** The host is gone (NT2). */
  lose(host: Host): void {
    for (const link of this.#links) if (link.host === host) link.break(this.chance(0.3) ? 'host' : 'both');
  }

  chance(share: number): boolean {
    return !this.calm && this.random.next() < share;
  }

  leave(link: Link): void {
    this.#links.delete(link);
  }

  #pick(): Host | undefined {
    const hosts = this.#hosts();
    return hosts[Math.floor(this.random.next() * hosts.length)];
  }

  #open(user: string, url: URL, protocols: readonly string[]): SocketLike {
    const host = this.chance(0.05) ? undefined : this.#pick();
    const link = new Link(this, host);
    this.#links.add(link);
    const headers = { upgrade: 'websocket', 'sec-websocket-protocol': protocols.join(', ') };
    link.open(incomingOf(user, 'GET', url, headers));
    return link.client;
  }

  async #fetch(user: string, url: URL, init: RequestInit): Promise<Response> {
    await this.#pass(1 + Math.floor(this.random.next() * 50));
    const host = this.#pick();
    if (host === undefined || this.chance(0.04)) throw new TypeError('fetch failed');
    const method = init.method ?? 'GET';
    const headers = { ...(init.headers as Readonly<Record<string, string>>), host: url.host };
    const lost = this.chance(0.04);
    const asked = host.stands().then(() => {
      const request = new Request(url, { ...init, headers });
      return host.fetch(request, incomingOf(user, method, url, headers));
    });
    asked.catch(() => undefined);
    const answer = await Promise.race([asked.then((given) => host.stands().then(() => given)), this.#tired()]);
    await this.#pass(1);
    if (answer !== undefined && !lost) return answer;
    this.count('an answer was lost');
    throw new TypeError('fetch failed');
  }

  async #tired(): Promise<undefined> {
    await this.#pass(answerWithinMs);
    return undefined;
  }

  #pass(ms: number): Promise<void> {
    return new Promise((resolve) => void this.clock.after(ms, resolve));
  }
}

type HostListeners = {
  message: ((data: Buffer, isBinary: boolean) => void)[];
  ping: (() => void)[];
  pong: (() => void)[];
  error: (() => void)[];
  close: (() => void)[];
};

/** One socket: the browser's end, the server's, and what becomes of that which is between. */
export class Link {
  readonly host: Host | undefined;
  readonly client: SocketLike;
  readonly wire: SocketWire;
  /** What a refusal of the upgrade is written to. */
  readonly stream: Duplex;
  readonly #network: Network;
  readonly #latencyMs: number;
  /** How long a byte takes; infinite where the link is stuck from its first frame on. */
  readonly #msPerByte: number;
  readonly #told: { readonly [Name in keyof SocketEvents]: ((event: SocketEvents[Name]) => void)[] } = {
    open: [],
    message: [],
    close: [],
    error: [],
  };
  readonly #heard: HostListeners = { message: [], ping: [], pong: [], error: [], close: [] };
  /** Was the upgrade taken? */
  #isTaken = false;
  /** Nothing goes through any more, in neither direction. */
  #isCut = false;
  /** Which ends have closed it, or heard that it is closed. */
  #clientClosed = false;
  #hostClosed = false;
  #buffered = 0;
  #freeAt = 0;
  #swapped: string | undefined;

  constructor(network: Network, host: Host | undefined) {
    this.#network = network;
    this.host = host;
    this.#latencyMs = [1, 20, 250][Math.floor(network.random.next() * 3)] ?? 1;
    this.#msPerByte = network.chance(0.03) ? Infinity : network.chance(0.15) ? 0.2 : 0;
    if (this.#msPerByte === Infinity) network.count('a socket got stuck');
    else if (this.#msPerByte > 0) network.count('a socket was slow');
    this.client = this.#clientEnd();
    this.wire = this.#hostEnd();
    this.stream = new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => done() });
  }

  open(request: IncomingMessage): void {
    const { host } = this;
    if (host === undefined) {
      this.#after(this.#latencyMs, () => this.#closeClient(1006));
      return;
    }
    this.stream.on('close', () => !this.#isTaken && this.#toClient(() => this.#closeClient(1006)));
    this.#toHost(() => host.upgrade(request, this));
  }

  /** The server has taken it: from now on it is a socket. */
  taken(): void {
    this.#isTaken = true;
    this.#toClient(() => this.#tell('open', {}));
  }

  /** The network ends it; where one end alone hears of that, the other has only silence. */
  break(heard: 'both' | 'client' | 'host'): void {
    this.#network.count(heard === 'both' ? 'a socket broke' : 'a socket broke on one side');
    this.#isCut = true;
    this.#network.leave(this);
    if (heard !== 'host') this.#after(1, () => this.#closeClient(1006));
    if (heard !== 'client') this.#after(1, () => this.#closeHost());
  }

  #clientEnd(): SocketLike {
    return {
      send: (text) => this.#toHost(() => this.#hear('message', Buffer.from(text), false)),
      close: () => {
        this.#clientClosed = true;
        this.#toHost(() => this.#closeHost());
      },
      addEventListener: (name, listener) => void this.#told[name].push(listener),
    };
  }

  #hostEnd(): SocketWire {
    const buffered = (): number => this.#buffered;
    return {
      get bufferedAmount() {
        return buffered();
      },
      send: (text, taken) => this.#send(text, taken),
      ping: () => this.#toClient(() => !this.#clientClosed && this.#toHost(() => this.#hear('pong'))),
      close: (code) =>
        this.#toClient(() => {
          this.#closeClient(code);
          this.#toHost(() => this.#closeHost());
        }),
      terminate: () => {
        this.#toClient(() => this.#closeClient(1006));
        this.#after(1, () => this.#closeHost());
      },
      on: (name: keyof HostListeners, listener: never) => void this.#heard[name].push(listener),
    };
  }

  #send(text: string, taken: () => void): void {
    const bytes = Buffer.byteLength(text);
    this.#buffered += bytes;
    // Where nothing goes through, what is sent waits in the machine it is sent from.
    if (this.#isCut || this.#msPerByte === Infinity) return;
    this.#fromHost(() => {
      const now = this.#network.clock.monotonic();
      this.#freeAt = Math.max(now, this.#freeAt) + Math.ceil(bytes * this.#msPerByte);
      this.#after(this.#freeAt - now, () => {
        this.#buffered -= bytes;
        taken();
        this.#fly(text);
      });
    });
  }

  /** NT3 */
  #fly(text: string): void {
    const { count } = this.#network;
    if (this.#network.chance(0.005)) return count('a frame was lost');
    const isEvents = text.startsWith('{"type":"events"');
    const before = this.#swapped;
    this.#swapped = undefined;
    if (before === undefined && isEvents && this.#network.chance(0.02)) {
      this.#swapped = text;
      this.#after(2_000, () => this.#swapped === text && this.#flySwapped());
      return;
    }
    this.#arrive(text);
    if (before !== undefined) {
      count('a frame was swapped');
      this.#arrive(before);
    }
    if (!isEvents || !this.#network.chance(0.01)) return;
    count('a frame was doubled');
    this.#arrive(text);
  }

  #flySwapped(): void {
    const text = this.#swapped;
    this.#swapped = undefined;
    if (text !== undefined) this.#arrive(text);
  }

  #arrive(data: string): void {
    this.#after(this.#latencyMs, () => !this.#isCut && this.#tell('message', { data }));
  }

  /** Behind all that was sent before. */
  #toClient(fn: () => unknown): void {
    if (this.#msPerByte === Infinity) return;
    this.#fromHost(() => {
      const waitMs = Math.max(0, this.#freeAt - this.#network.clock.monotonic());
      this.#after(waitMs + this.#latencyMs, () => !this.#isCut && fn());
    });
  }

  #toHost(fn: () => void): void {
    this.#after(this.#latencyMs, () => {
      if (!this.#isCut) void this.host?.stands().then(() => !this.#isCut && fn());
    });
  }

  #fromHost(fn: () => void): void {
    void this.host?.stands().then(fn);
  }

  #tell<Name extends keyof SocketEvents>(name: Name, event: SocketEvents[Name]): void {
    if (!this.#clientClosed) for (const listener of this.#told[name]) listener(event);
  }

  #closeClient(code: number): void {
    this.#tell('close', { code, reason: '' });
    this.#clientClosed = true;
  }

  #hear(name: 'message', data: Buffer, isBinary: boolean): void;
  #hear(name: 'pong' | 'close'): void;
  #hear(name: 'message' | 'pong' | 'close', data?: Buffer, isBinary = false): void {
    if (this.#hostClosed) return;
    if (name === 'message') for (const listener of this.#heard.message) listener(data ?? Buffer.of(), isBinary);
    else for (const listener of this.#heard[name]) listener();
  }

  #closeHost(): void {
    this.#hear('close');
    this.#hostClosed = true;
    this.#network.leave(this);
    this.stream.destroy();
  }

  #after(ms: number, fn: () => unknown): void {
    if (ms <= 0) void fn();
    else this.#network.clock.after(ms, () => void fn());
  }
}

/** A request as Node's HTTP server has it, as far as the gate looks at it. */
function incomingOf(
  user: string,
  method: string,
  { host, pathname, search }: URL,
  headers: Readonly<Record<string, string>>,
): IncomingMessage {
  const all = { ...headers, host, origin, cookie: `user=${user}` };
  const headersDistinct = Object.fromEntries(Object.entries(all).map(([name, value]) => [name.toLowerCase(), [value]]));
  const socket = { remoteAddress: '127.0.0.1' };
  return { method, url: pathname + search, headers: all, headersDistinct, socket } as unknown as IncomingMessage;
}
