/** A whole server at its edge: SQLite in a folder of its own, accounts, the optimizer and a small app beside it. */
import { request, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { z } from 'zod';
import { app as optimizer } from '../../examples/optimizer/cantus.config.ts';
import { defineApp } from '../../src/agents/app.ts';
import { defineTool } from '../../src/agents/tool.ts';
import { defineWorkflow } from '../../src/agents/workflow.ts';
import { limits } from '../../src/core/limits.ts';
import type { Log } from '../../src/core/log.ts';
import { createEngine, type Engine } from '../../src/engine/create-engine.ts';
import { rules } from '../../src/models/rules.ts';
import { protocolVersion, socketPath, subprotocol, type ServerFrame } from '../../src/protocol/frames.ts';
import { accounts, type Accounts } from '../../src/server/accounts/accounts.ts';
import { createServer, type CantusServer } from '../../src/server/create-server.ts';
import type { ServerLimits } from '../../src/server/parts.ts';
import { sqlite } from '../../src/stores/sqlite.ts';
import { passingFolder } from '../browser/serve.fixture.ts';

const pay = defineTool({
  name: 'pay',
  description: 'Pays, and hears nothing of it.',
  effect: 'once',
  input: z.object({ text: z.string() }),
  run: () => Promise.reject(new Error('the line went dead')),
});

/** Keeps what it is asked in every kind of place: a note, a blob, a wait, a call in doubt, an output. */
export const keep = defineWorkflow({
  name: 'keep',
  version: 1,
  input: z.object({ question: z.string(), data: z.string().optional() }),
  async run(ctx, { question, data }) {
    ctx.note(`about ${question}`, { question });
    await ctx.step('large', () => `${question} `.repeat(Math.ceil(limits.blobFromBytes / question.length) + 1));
    const told = question.includes('wait') ? await ctx.wait('go', { signal: 'go' }) : null;
    const paid = question.includes('doubt') ? await ctx.tool(pay, { text: question }) : null;
    return { said: question, data: data ?? null, told, paid };
  },
});

/** As short as a run can be. */
const short = defineWorkflow({
  name: 'short',
  version: 1,
  input: z.object({ question: z.string() }),
  run: (ctx, { question }) => ctx.step('say', () => question),
});

const app = defineApp({
  name: 'edge',
  description: 'The optimizer, and workflows beside it.',
  default: 'optimize',
  rules: optimizer.rules,
  options: optimizer.options,
  async serve(place) {
    const { agents = [], workflows = [] } = await optimizer.serve(place);
    return { agents, workflows: [...workflows, keep, short] };
  },
  async prepare(ask) {
    const { workflow, question, options } = ask;
    if (workflow !== 'keep' && workflow !== 'short') return (await optimizer.prepare?.(ask)) ?? { input: null };
    const name = options['data'];
    if (typeof name !== 'string') return { input: { question } };
    const data = `${name}: ${new TextDecoder().decode(await ask.readFile(name))}`;
    return { input: { question, data }, notes: [`It reads ${name}.`] };
  },
  render: (output, workflow) =>
    workflow === 'optimize' ? (optimizer.render?.(output, workflow) ?? '') : JSON.stringify(output),
});

export type Edge = {
  readonly server: CantusServer;
  readonly engine: Engine;
  readonly own: Accounts;
  readonly folder: string;
  /** The socket of the folder's owner. */
  readonly localSocket: string;
  /** Lines of the log. */
  readonly lines: readonly string[];
  /** Another server of the same engine and accounts, with bounds of its own. */
  beside(bounds: Partial<ServerLimits>): Promise<CantusServer>;
  close(): Promise<void>;
};

export async function openEdge(bounds: Partial<ServerLimits> = {}): Promise<Edge> {
  const passing = passingFolder();
  const folder = passing.path;
  const lines: string[] = [];
  const log = logInto(lines);
  const serves = await app.serve({ folder });
  const engine = await createEngine({ store: sqlite(folder), ...serves, models: { default: rules(app.rules) }, log });
  const many = { requestsPerMinute: 1_000_000, strangerRequestsPerMinute: 1_000_000, loginsPerMinute: 1_000 };
  const own = accounts({ folder, log, limits: many, hashing: { costLog2: 2 } });
  const localSocket = join(folder, 'edge.sock');
  const given = { engine, app, serves, folder, login: own, log, model: { id: 'rules', kind: 'rules', why: 'a test' } };
  const server = await createServer({ ...given, localSocket, limits: { ...many, ...bounds } });
  const others: CantusServer[] = [];
  return {
    server,
    engine,
    own,
    folder,
    localSocket,
    lines,
    async beside(some) {
      const other = await createServer({ ...given, limits: { ...many, ...some } });
      others.push(other);
      return other;
    },
    async close() {
      await Promise.all([server, ...others].map((one) => one.close({ graceMs: 0 })));
      own.close();
      await engine.close();
      passing.remove();
    },
  };
}

function logInto(lines: string[]): Log {
  const keepLine = (message: string, facts: object = {}): void =>
    void lines.push(`${message} ${JSON.stringify(facts)}`);
  return { info: keepLine, warn: keepLine, error: keepLine };
}

export type Answer = {
  readonly status: number;
  /** In their order, names in small letters. */
  readonly headers: readonly (readonly [string, string])[];
  readonly text: string;
};

export type Sent = {
  readonly json?: unknown;
  readonly body?: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
  /** Of a stream: when enough was heard. Default: its end. */
  readonly until?: (text: string) => boolean;
};

/** Somebody who asks, by the same credential each time, and remembers all that was said on both sides. */
export class Asker {
  readonly sent: string[] = [];
  readonly heard: string[] = [];
  readonly #url: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #localSocket: string | undefined;

  constructor(url: string, headers: Readonly<Record<string, string>> = {}, localSocket?: string) {
    this.#url = url;
    this.#headers = headers;
    this.#localSocket = localSocket;
  }

  async ask(method: string, path: string, { json, body, headers, until }: Sent = {}): Promise<Answer> {
    const sent = json === undefined ? body : JSON.stringify(json);
    const { host, port } = new URL(this.#url);
    const all: Record<string, string | number> = { host, ...this.#headers, ...headers };
    if (json !== undefined) all['content-type'] = 'application/json';
    if (sent !== undefined) all['content-length'] = Buffer.byteLength(sent);
    const to = this.#localSocket === undefined ? { host: '127.0.0.1', port } : { socketPath: this.#localSocket };
    this.sent.push(decoded(path), JSON.stringify(all), String(sent ?? ''));
    const asking = request({ ...to, method, path, headers: all, agent: false });
    const answer = new Promise<IncomingMessage>((resolve, reject) => {
      asking.once('response', resolve);
      asking.once('error', reject);
    });
    asking.end(sent);
    const incoming = await answer;
    const text = await textOf(incoming, until);
    asking.destroy();
    const headersHeard = Object.entries(incoming.headersDistinct).flatMap(([name, values = []]) =>
      values.map((value) => [name, value] as const),
    );
    this.heard.push(JSON.stringify(headersHeard), text);
    return { status: incoming.statusCode ?? 0, headers: headersHeard, text };
  }

  async json<T>(method: string, path: string, sent: Sent = {}): Promise<T> {
    const { status, text } = await this.ask(method, path, sent);
    if (status !== 200) throw new Error(`${method} ${path} was answered ${status}: ${text}`);
    return JSON.parse(text) as T;
  }

  /** A socket by the same credential. `subprotocols`: more, such as a ticket. */
  line(subprotocols: readonly string[] = []): Line {
    const to = this.#localSocket;
    this.sent.push(...subprotocols);
    const over = to === undefined ? {} : { createConnection: () => connect(to) };
    const socket = new WebSocket(
      new URL(socketPath, this.#url.replace(/^http/, 'ws')),
      [subprotocol, ...subprotocols],
      {
        headers: this.#headers,
        ...over,
      },
    );
    return new Line(socket, this);
  }
}

async function textOf(incoming: IncomingMessage, until: Sent['until']): Promise<string> {
  let text = '';
  incoming.setEncoding('utf8');
  for await (const piece of incoming) {
    text += piece as string;
    if (until?.(text) === true) break;
  }
  return text;
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** A socket, and what came over it. */
export class Line {
  readonly socket: WebSocket;
  readonly frames: ServerFrame[] = [];
  readonly closed: Promise<number>;
  /** The status of an upgrade that was refused, and what was said to it. */
  readonly refused: Promise<Answer>;
  readonly #who: Asker;
  #looks: (() => void)[] = [];

  constructor(socket: WebSocket, who: Asker) {
    this.socket = socket;
    this.#who = who;
    this.closed = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => undefined);
    socket.on('message', (data: Buffer) => {
      this.#who.heard.push(data.toString());
      this.frames.push(JSON.parse(data.toString()) as ServerFrame);
      this.#look();
    });
    socket.once('close', () => this.#look());
    this.refused = new Promise((resolve) =>
      socket.once('unexpected-response', (_asked: unknown, incoming: IncomingMessage) => resolve(this.#told(incoming))),
    );
  }

  async #told(incoming: IncomingMessage): Promise<Answer> {
    const text = await textOf(incoming, undefined);
    this.#who.heard.push(JSON.stringify(incoming.headers), text);
    return { status: incoming.statusCode ?? 0, headers: [], text };
  }

  async opened(): Promise<this> {
    if (this.socket.readyState === WebSocket.CONNECTING)
      await new Promise((resolve, reject) => {
        this.socket.once('open', resolve);
        this.socket.once('close', (code) => reject(new Error(`the socket was closed: ${code}`)));
      });
    return this;
  }

  /** Opened, greeted and welcomed. */
  async greeted(hello: object = {}): Promise<this> {
    await this.opened();
    this.say({ type: 'hello', protocol: protocolVersion, ...hello });
    await this.until((frames) => frames.some(({ type }) => type === 'welcome'));
    return this;
  }

  say(frame: unknown): void {
    const text = JSON.stringify(frame);
    this.#who.sent.push(text);
    this.socket.send(text);
  }

  /** Resolves when the frames so far are enough. Rejects when the socket is closed before. */
  until(enough: (frames: readonly ServerFrame[]) => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = (): boolean => {
        if (enough(this.frames)) {
          resolve();
          return true;
        }
        if (this.socket.readyState !== WebSocket.CLOSED) return false;
        reject(new Error('the socket was closed before that came'));
        return true;
      };
      if (look()) return;
      const keepLooking = (): void => {
        if (!look()) this.#looks.push(keepLooking);
      };
      this.#looks.push(keepLooking);
    });
  }

  #look(): void {
    const looks = this.#looks;
    this.#looks = [];
    for (const look of looks) look();
  }

  async call(operation: string, input: unknown, id: string): Promise<ServerFrame & { readonly type: 'reply' }> {
    const isReply = (frame: ServerFrame): frame is ServerFrame & { readonly type: 'reply' } =>
      frame.type === 'reply' && frame.id === id;
    this.say({ type: 'call', id, operation, input });
    await this.until((frames) => frames.some(isReply));
    const reply = this.frames.find(isReply);
    if (reply === undefined) throw new Error('there is a reply');
    return reply;
  }

  /** Waits until what it was told reaches a place. */
  reached(userSeq: number): Promise<void> {
    return this.until((frames) =>
      frames.some(
        (frame) =>
          (frame.type === 'events' && frame.to >= userSeq) ||
          (frame.type === 'snapshot' && frame.cursor.userSeq >= userSeq),
      ),
    );
  }
}
