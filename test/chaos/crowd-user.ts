/**
 * One user of a server that is killed again and again: starts, signals, decides, cancels, renames and deletes, and reads
 * all the while, in three ways at once.
 */
import { join } from 'node:path';
import { EngineError, type JournalEvent } from 'cantus';
import { connect, globalTransport, type Connection, type Transport } from 'cantus/client';
import { systemClock } from '../../src/core/clock.ts';
import { systemRandom, type Random } from '../../src/core/random.ts';
import { drawProgram, type Program } from '../simulation/program.ts';
import type { LedgerLook } from './ledger.ts';
import type { Order, UserRecord } from './order.ts';
import { ReaderLog } from './reader-log.ts';
import { count, type Tally } from './tally.ts';

export type CrowdOptions = {
  readonly url: string;
  readonly folder: string;
  /** Open orders of a user at once. */
  readonly openMax: number;
  /** Mean wait before a user's next order, in ms. */
  readonly everyMs: number;
};

/** Waits a tenth of what others wait: servers live for less than the usual wait. */
const impatient: Random = { ...systemRandom, next: () => systemRandom.next() / 10 };

/** Answers of a server that comes and goes; anything else is a wrong. */
const expected: ReadonlySet<string> = new Set(['conflict', 'not_found', 'invalid_input']);

const openStatuses = ['queued', 'running', 'suspended', 'parked'] as const;

export class CrowdUser {
  readonly tally: Tally = {};
  readonly wrongs: string[] = [];
  readonly #options: CrowdOptions;
  readonly #token: string;
  readonly #look: LedgerLook;
  readonly #steady: Connection;
  readonly #orders: Order[] = [];
  readonly #ended = new Set<string>();
  /** Inputs of calls of `once` tools, by run and path. */
  readonly #calls = new Map<string, { readonly id: string; readonly value: number }>();
  readonly #tasks = new Set<Promise<unknown>>();
  readonly #restless: { connection: Connection | undefined; at: number } = { connection: undefined, at: 0 };
  #closing = false;
  #runLogs = 0;

  constructor(options: CrowdOptions, token: string, look: LedgerLook) {
    this.#options = options;
    this.#token = token;
    this.#look = look;
    this.#steady = this.#connect('start');
  }

  #connect(after: Parameters<typeof connect>[0]['after']): Connection {
    const { url } = this.#options;
    const facts = { url, token: this.#token, transport: this.#heard, random: impatient };
    return connect({ ...facts, ...(after === undefined ? {} : { after }) });
  }

  /** The usual transport, with the codes at which sockets are closed counted. */
  readonly #heard: Transport = {
    ...globalTransport,
    openSocket: (url, protocols) => {
      const socket = globalTransport.openSocket(url, protocols);
      socket.addEventListener('close', ({ code }) => count(this.tally, `socket closed with ${code}`));
      return socket;
    },
  };

  // --- orders --------------------------------------------------------------------------------------------------------

  /** Orders until `isOver`, and reads from now on. */
  async work(name: string, isOver: () => boolean): Promise<void> {
    this.#do(() => this.#readSteadily(`${name}.steady`));
    this.#do(() => this.#readRestlessly(`${name}.restless`));
    for (let number = 0; !isOver();) {
      if (this.#orders.length - this.#ended.size < this.#options.openMax) this.#order(name, number++);
      await pause(this.#options.everyMs * 2 * systemRandom.next());
      if (systemRandom.next() < 0.02) this.#cancelOne();
      if (systemRandom.next() < 0.02) this.#renameOne();
      if (systemRandom.next() < 0.007) this.#deleteOne();
    }
  }

  #order(name: string, number: number): void {
    const deleted = new Set(this.#orders.filter((order) => order.deleted).map(({ thread }) => thread));
    const first = Math.floor(number / 3);
    const threads = [0, 1, 2, 3].map((next) => `thread ${first + next}`).filter((thread) => !deleted.has(thread));
    const order: Order = {
      key: `${name} ${number}`,
      program: tame(drawProgram(systemRandom)),
      thread: pick(threads) ?? `thread of ${number}`,
      run: undefined,
      cancelled: false,
      gaveUp: false,
      deleted: false,
    };
    this.#orders.push(order);
    this.#do(() => this.#start(order));
    if (systemRandom.next() < 0.1) this.#do(() => this.#start(order));
  }

  async #start(order: Order): Promise<void> {
    const { key, program, thread } = order;
    const run = await this.#insist('started', () =>
      this.#steady.door.start('program', { input: { program } }, { key, thread }),
    );
    if (run === undefined) return;
    if (order.run !== undefined && order.run !== run.id && !order.deleted)
      this.#wrong(`${key} began twice: ${order.run}, ${run.id}`);
    order.run = run.id;
    if (systemRandom.next() < 0.05 && !order.deleted) this.#do(() => this.#readRun(order, run.id));
  }

  get #open(): readonly Order[] {
    return this.#orders.filter(({ run, deleted }) => run !== undefined && !deleted && !this.#ended.has(run));
  }

  #cancelOne(): void {
    const order = pick(this.#open);
    if (order?.run === undefined) return;
    const { run } = order;
    order.cancelled = true;
    this.#do(async () => this.#insist('cancelled', async () => (await this.#handle(run)).cancel('enough')));
  }

  #renameOne(): void {
    const order = pick(this.#open);
    if (order === undefined) return;
    const title = `title ${systemRandom.id()}`;
    this.#do(async () => {
      await this.#insist('threads renamed', () => this.#steady.door.renameThread(order.thread, title));
    });
  }

  #deleteOne(): void {
    const order = pick(this.#open);
    if (order === undefined) return;
    for (const one of this.#orders) if (one.thread === order.thread) one.deleted = true;
    this.#do(async () => {
      await this.#insist('threads deleted', () => this.#steady.door.deleteThread(order.thread));
    });
  }

  // --- what is asked of the user ---------------------------------------------------------------------------------------

  #take(event: JournalEvent): void {
    const { run, path = '' } = event;
    if (event.type === 'thread.deleted') return this.#forget(event.thread ?? '');
    if (run === undefined) return;
    const call = `${run} ${path}`;
    if (event.type === 'tool.executing' && event.data.effect === 'once')
      this.#calls.set(call, event.data.input as { id: string; value: number });
    if (event.type === 'tool.completed') this.#calls.delete(call);
    if (event.type === 'tool.indoubt') this.#do(() => this.#decide(run, path));
    if (event.type === 'wait.started' && event.data.for.kind === 'signal')
      this.#signal(run, path, event.data.for.signal);
    if (/^run\.(completed|degraded|failed|cancelled)$/.test(event.type)) this.#ended.add(run);
  }

  #forget(thread: string): void {
    for (const order of this.#orders) if (order.thread === thread) this.#ended.add(order.run ?? order.key);
  }

  #signal(run: string, path: string, signal: string): void {
    if (signal === 'never') return;
    this.#do(async () => {
      await pause(systemRandom.next() ** 2 * 500);
      await this.#insist('signalled', async () => (await this.#handle(run)).signal(signal, 1, { key: path }));
    });
  }

  /** Whoever is asked looks whether it has happened, each time anew: the answer to a decision may get lost (P3). */
  async #decide(run: string, path: string): Promise<void> {
    await pause(systemRandom.next() * 200);
    const gives = systemRandom.next() < 0.05;
    await this.#insist('decided', async () => {
      const handle = await this.#handle(run);
      const state = await handle.state();
      const input = this.#calls.get(`${run} ${path}`);
      if (input === undefined || state.steps.get(path)?.status !== 'indoubt') return;
      const order = this.#orders.find((one) => one.run === run);
      if (gives && order !== undefined) {
        order.gaveUp = true;
        return handle.decide(path, 'give-up');
      }
      const happened = this.#look.happened(run, input.id);
      count(this.tally, happened ? 'decided: happened' : 'decided: did not happen');
      return happened ? handle.decide(path, 'happened', input.value) : handle.decide(path, 'did-not-happen');
    });
  }

  async #handle(run: string) {
    return this.#steady.door.run(run);
  }

  /** Asks until it is answered. */
  async #insist<T>(what: string, ask: () => Promise<T>): Promise<T | undefined> {
    for (;;) {
      try {
        const given = await ask();
        count(this.tally, what);
        return given;
      } catch (thrown) {
        const code = EngineError.is(thrown) ? thrown.code : 'thrown';
        count(this.tally, `${what}: ${code}`);
        if (EngineError.is(thrown) && thrown.retryable && !this.#closing) await pause(100 + systemRandom.next() * 200);
        else if (expected.has(code) || this.#closing) return undefined;
        else {
          this.#wrong(`${what}: ${code} ${String(thrown)}`);
          return undefined;
        }
      }
    }
  }

  // --- readers ---------------------------------------------------------------------------------------------------------

  #log(name: string): ReaderLog {
    return new ReaderLog(join(this.#options.folder, `${name}.read`));
  }

  async #readSteadily(name: string): Promise<void> {
    const log = this.#log(name);
    for await (const item of this.#steady.events()) {
      if (item.type === 'stream.snapshot') this.#wrong(`${name} was to begin anew: ${item.reason}`);
      else if (item.type !== 'stream.caughtUp') {
        log.write(item);
        count(this.tally, 'events');
        this.#take(item);
      }
    }
    log.flush();
  }

  /** Leaves after some events each time, and goes on with the cursor in another connection. */
  async #readRestlessly(name: string): Promise<void> {
    const log = this.#log(name);
    for (let after: Parameters<typeof connect>[0]['after'] = 'start'; !this.#closing;) {
      const connection = this.#connect(after);
      this.#restless.connection = connection;
      let left = 1 + Math.floor(systemRandom.next() ** 2 * 2_000);
      for await (const item of connection.events()) {
        if (item.type === 'stream.snapshot') this.#wrong(`${name} was to begin anew: ${item.reason}`);
        else if (item.type !== 'stream.caughtUp') log.write(item);
        if (--left <= 0) break;
      }
      after = connection.cursor ?? after;
      connection.close();
      count(this.tally, 'readers that left and came back');
    }
    log.flush();
  }

  /** Its run's own stream, to the end. */
  async #readRun(order: Order, id: string): Promise<void> {
    const log = this.#log(`${order.key}.${++this.#runLogs}.run`);
    let seq = 0;
    await this.#insist('runs read', async () => {
      for await (const event of (await this.#handle(id)).events({ after: seq })) {
        if (event.seq !== ++seq) this.#wrong(`the stream of ${id} told ${event.seq} behind ${seq - 1}`);
        log.write(event);
      }
    });
    log.flush();
  }

  // --- the end ---------------------------------------------------------------------------------------------------------

  /** Waits until nothing of the user is open, and every reader has everything. Resolves with what is left open. */
  async settle(withinMs: number): Promise<readonly string[]> {
    const until = systemClock.monotonic() + withinMs;
    const { door } = this.#steady;
    for (;;) {
      const open = (await this.#insist('looked', () => door.runs({ status: openStatuses, limit: 100 }))) ?? [];
      const { userSeq = Infinity } = (await this.#insist('looked', () => door.head())) ?? {};
      const behind = [this.#steady, this.#restless.connection].some(
        (connection) => (connection?.cursor?.userSeq ?? 0) < userSeq,
      );
      if (open.length === 0 && !behind && this.#tasks.size <= 2) return [];
      if (systemClock.monotonic() > until)
        return [...open.map(({ run, status }) => `${run} ${status}`), ...(behind ? ['a reader is behind'] : [])];
      await pause(250);
    }
  }

  async close(): Promise<UserRecord> {
    const me = await this.#insist('looked', () => this.#steady.door.me());
    if (me === undefined) throw new Error('nobody says who this user is');
    const { tenant, user } = me;
    this.#closing = true;
    this.#steady.close();
    this.#restless.connection?.close();
    await Promise.all(this.#tasks);
    return { tenant, user, orders: this.#orders };
  }

  #do(task: () => Promise<unknown>): void {
    const doing = task().catch((thrown: unknown) => {
      if (!this.#closing) this.#wrong(String((thrown as Error).stack ?? thrown));
    });
    this.#tasks.add(doing);
    void doing.finally(() => this.#tasks.delete(doing));
  }

  #wrong(what: string): void {
    if (this.wrongs.length < 20) this.wrongs.push(what);
  }
}

const tamed: ReadonlySet<string> = new Set([
  'leaf',
  'look',
  'send',
  'pay',
  'agent',
  'ask',
  'fallback',
  'race',
  'chance',
]);

/** The same with sleeps of a second, as a real clock has no hours to spare; what waits otherwise waits for a signal. */
function tame(program: Program): Program {
  if ('parts' in program) return { ...program, parts: program.parts.map(tame) };
  if ('part' in program) return { ...program, part: tame(program.part) };
  if (program.kind === 'sleep') return { ...program, value: 0 };
  return tamed.has(program.kind) ? program : { kind: 'ask', value: program.value };
}

function pick<T>(from: readonly T[]): T | undefined {
  return from[Math.floor(systemRandom.next() * from.length)];
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => void systemClock.after(ms, resolve));
}
