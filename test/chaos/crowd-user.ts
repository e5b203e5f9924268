/**
 * One user of a server that is killed again and again: starts, also twice and with the same key for something else,
 * signals, approves, decides, cancels, renames and deletes, tries another user's things, and reads all the while.
 */
import { EngineError, type JournalEvent } from 'cantus';
import { connect, globalTransport, type Connection, type ConnectOptions, type Transport } from 'cantus/client';
import { systemClock } from '../../src/core/clock.ts';
import { systemRandom, type Random } from '../../src/core/random.ts';
import { isTerminal } from '../../src/journal/event.ts';
import { drawProgram, type Program } from '../simulation/program.ts';
import { canaryOf } from './canary.ts';
import { CrowdReaders, type Insist } from './crowd-readers.ts';
import type { LedgerLook } from './ledger.ts';
import type { Order, UserRecord } from './order.ts';
import { pause } from './pause.ts';
import { count, type Tally } from './tally.ts';
import type { Verdict } from './verdict.ts';

export type CrowdOptions = {
  readonly url: string;
  readonly folder: string;
  /** Open orders of a user at once. */
  readonly openMax: number;
  /** Mean wait before a user's next order, in ms. */
  readonly everyMs: number;
  /** How deep its programs are. */
  readonly depth: number;
  /** The share of the usual waits before it tries again: servers live for less than those. */
  readonly patience: number;
  /** How long a few of the answers that runs wait for take, in ms; 0: none is late. */
  readonly lateAnswerMs: number;
};

/** Who the user is, and whom it has beside it. */
export type CrowdPlace = {
  readonly user: string;
  readonly token: string;
  /** Reads over plain HTTP beside its socket. */
  readonly streams: boolean;
  /** A run of another user, if there is one. */
  othersRun(): string | undefined;
};

/** Answers of a server that comes and goes; anything else is a wrong. */
const expected: ReadonlySet<string> = new Set(['conflict', 'not_found', 'invalid_input']);

const openStatuses = ['queued', 'running', 'suspended', 'parked'] as const;

export class CrowdUser {
  readonly tally: Tally = {};
  readonly #options: CrowdOptions;
  readonly #place: CrowdPlace;
  readonly #look: LedgerLook;
  readonly #verdict: Verdict;
  readonly #readers: CrowdReaders;
  readonly #orders: Order[] = [];
  readonly #open = new Set<Order>();
  readonly #byKey = new Map<string, Order>();
  readonly #byRun = new Map<string, Order>();
  /** Inputs of calls of `once` tools, by run and path. */
  readonly #calls = new Map<string, { readonly id: string; readonly value: number }>();
  readonly #tasks = new Set<Promise<unknown>>();
  #heardAt = 0;
  #closing = false;

  constructor(options: CrowdOptions, place: CrowdPlace, look: LedgerLook, verdict: Verdict) {
    this.#options = options;
    this.#place = place;
    this.#look = look;
    this.#verdict = verdict;
    const { url, folder } = options;
    const { user, token, streams } = place;
    this.#readers = new CrowdReaders({
      user,
      token,
      streams,
      url,
      folder,
      verdict,
      tally: this.tally,
      connect: (after) => this.#connect(after),
    });
  }

  #connect(after: ConnectOptions['after']): Connection {
    const { url, patience } = this.#options;
    const random: Random = { ...systemRandom, next: () => systemRandom.next() * patience };
    const facts = { url, token: this.#place.token, transport: this.#heard, random };
    return connect({ ...facts, ...(after === undefined ? {} : { after }) });
  }

  /** The usual transport, with the codes at which sockets are closed counted. */
  readonly #heard: Transport = {
    ...globalTransport,
    openSocket: (url, protocols) => {
      const socket = globalTransport.openSocket(url, protocols);
      socket.addEventListener('close', ({ code }) => {
        count(this.tally, `socket closed with ${code}`);
        if (code === 1011) this.#verdict.wrong('server', 'a socket was closed with 1011, which is a bug');
      });
      return socket;
    },
  };

  /** Events that the user was told of. */
  get heard(): number {
    return this.#readers.heard;
  }

  get #door() {
    return this.#readers.steady.door;
  }

  // --- orders --------------------------------------------------------------------------------------------------------

  /** Orders until `isOver`, and reads from now on. */
  async work(isOver: () => boolean): Promise<void> {
    this.#do(() => this.#readers.readSteadily((event) => this.#take(event)));
    this.#do(() => this.#readers.readOtherwise());
    for (let number = 0; !isOver();) {
      await pause(this.#options.everyMs * 2 * systemRandom.next());
      if (this.#open.size >= this.#options.openMax) continue;
      this.#order(number++);
      if (systemRandom.next() < 0.1) this.#cancelOne();
      if (systemRandom.next() < 0.1) this.#renameOne();
      if (systemRandom.next() < 0.015) this.#deleteOne();
      if (systemRandom.next() < 0.5) this.#tryOthers();
    }
  }

  #order(number: number): void {
    const deleted = new Set(this.#orders.slice(-200).flatMap((order) => (order.deleted ? [order.thread] : [])));
    const first = Math.floor(number / 3);
    const threads = [0, 1, 2, 3].map((next) => `thread ${first + next}`).filter((thread) => !deleted.has(thread));
    const order: Order = {
      key: `${this.#place.user} ${number}`,
      program: tame(drawProgram(systemRandom, this.#options.depth), `for ${canaryOf(this.#place.user)}`),
      restarts: systemRandom.next() < 0.1 ? 1 + Math.floor(systemRandom.next() * 2) : 0,
      thread: pick(threads) ?? `thread of ${number}`,
      first: undefined,
      run: undefined,
      ended: false,
      cancelled: false,
      gaveUp: false,
      deleted: false,
    };
    this.#orders.push(order);
    this.#open.add(order);
    this.#byKey.set(order.key, order);
    this.#do(() => this.#start(order));
    if (systemRandom.next() < 0.1) this.#do(() => this.#start(order));
    if (systemRandom.next() < 0.03) this.#do(() => this.#startAnother(order));
  }

  async #start(order: Order): Promise<void> {
    const { key, program, thread, restarts } = order;
    const run = await this.#insist('started', () =>
      this.#door.start('program', { input: { program, restarts } }, { key, thread }),
    );
    if (run === undefined) return void this.#open.delete(order);
    if (order.first !== undefined && order.first !== run.id && !order.deleted)
      this.#verdict.wrong('twice', `${key} began as ${order.first} and as ${run.id}`);
    order.first = run.id;
    if (systemRandom.next() < 0.05 && !order.deleted) this.#do(() => this.#readers.readRun(run, this.#insist));
  }

  /** The key of an order that has begun, for something else: refused, whoever comes in between. */
  async #startAnother(order: Order): Promise<void> {
    await pause(systemRandom.next() * 1_000);
    const { first, key, thread } = order;
    if (first === undefined || order.deleted) return;
    const program: Program = { kind: 'leaf', value: -1, failures: 0 };
    const run = await this.#insist('started another with a key that was used', () =>
      this.#door.start('program', { input: { program } }, { key, thread }),
    );
    if (run !== undefined && !order.deleted) this.#verdict.wrong('twice', `${key} began ${first}, and ${run.id} too`);
  }

  #drawOpen(): Order | undefined {
    return pick([...this.#open].filter(({ run, deleted }) => run !== undefined && !deleted));
  }

  #cancelOne(): void {
    const order = this.#drawOpen();
    if (order?.run === undefined) return;
    const { run } = order;
    order.cancelled = true;
    const reason = `enough, says ${canaryOf(this.#place.user)}`;
    this.#do(async () => this.#insist('cancelled', () => this.#door.call('runs.cancel', { run, reason })));
  }

  #renameOne(): void {
    const order = this.#drawOpen();
    if (order === undefined) return;
    const title = `title ${systemRandom.id()} ${canaryOf(this.#place.user)}`;
    this.#do(async () => this.#insist('threads renamed', () => this.#door.renameThread(order.thread, title)));
  }

  #deleteOne(): void {
    const order = this.#drawOpen();
    if (order === undefined) return;
    // A thread is used by the orders of about one number, so all of them are among the newest.
    for (const one of this.#orders.slice(-400)) if (one.thread === order.thread) one.deleted = true;
    this.#do(async () => this.#insist('threads deleted', () => this.#door.deleteThread(order.thread)));
  }

  /** CH4: what is another user's is as if it were not, whatever is asked of it. */
  #tryOthers(): void {
    const run = this.#place.othersRun();
    if (run === undefined) return;
    const ask = pick([
      () => this.#door.call('runs.read', { run }),
      () => this.#door.call('runs.events', { run }),
      () => this.#door.call('runs.answer', { run }),
      () => this.#door.call('runs.cancel', { run }),
      () => this.#door.call('runs.signal', { run, name: 'ask', value: 1, key: systemRandom.id() }),
      () => this.#door.call('runs.approve', { run, path: 'approve:top', approved: true }),
      () => this.#door.call('runs.decide', { run, path: 'top', decision: 'give-up', output: null }),
    ]);
    const what = "asked for another user's run";
    this.#do(async () => {
      const found = await this.#insist<unknown>(what, ask ?? (() => Promise.resolve()));
      if (found !== undefined) this.#verdict.wrong('foreign', `${this.#place.user} was answered about ${run} (CH4)`);
    });
  }

  /** A run of this user that others may try. */
  get someRun(): string | undefined {
    return pick([...this.#open])?.run;
  }

  // --- what is asked of the user ---------------------------------------------------------------------------------------

  #take(event: JournalEvent): void {
    this.#heardAt = systemClock.monotonic();
    const { run, path = '' } = event;
    if (event.type === 'thread.deleted') return this.#forget(event.thread ?? '');
    if (run === undefined) return;
    const call = `${run} ${path}`;
    if (event.type === 'run.queued') this.#begun(run, event.data);
    if (event.type === 'tool.executing' && event.data.effect === 'once')
      this.#calls.set(call, event.data.input as { id: string; value: number });
    if (event.type === 'tool.completed') this.#calls.delete(call);
    if (event.type === 'tool.indoubt') this.#do(() => this.#decide(run, path));
    if (event.type === 'wait.started') this.#answer(run, path, event.data.for);
    if (isTerminal(event.type)) this.#ended(run, 'continuedAs' in event.data && event.data.continuedAs !== undefined);
  }

  #begun(run: string, { key, continues }: { readonly key?: string; readonly continues?: string }): void {
    const order = continues === undefined ? this.#byKey.get(key ?? '') : this.#byRun.get(continues);
    if (order === undefined) return;
    order.run = run;
    this.#byRun.set(run, order);
  }

  #ended(run: string, goesOn: boolean): void {
    const order = this.#byRun.get(run);
    if (order === undefined || goesOn) return;
    order.ended = true;
    this.#open.delete(order);
  }

  #forget(thread: string): void {
    for (const order of this.#open) if (order.thread === thread) this.#open.delete(order);
  }

  #answer(run: string, path: string, wanted: (JournalEvent & { readonly type: 'wait.started' })['data']['for']): void {
    if (wanted.kind === 'time' || (wanted.kind === 'signal' && wanted.signal === 'never')) return;
    const { lateAnswerMs } = this.#options;
    const isLate = lateAnswerMs > 0 && systemRandom.next() < 0.005;
    const afterMs = isLate ? lateAnswerMs : systemRandom.next() ** 2 * 500;
    const words = canaryOf(this.#place.user);
    this.#do(async () => {
      await pause(afterMs);
      if (isLate) count(this.tally, 'late answers');
      if (wanted.kind === 'signal')
        await this.#insist('signalled', () =>
          this.#door.call('runs.signal', { run, name: wanted.signal, value: words, key: path }),
        );
      else
        await this.#insist('approved', () =>
          this.#door.call('runs.approve', { run, path, approved: true, note: words }),
        );
    });
  }

  /** Whoever is asked looks whether it has happened, each time anew: the answer to a decision may get lost (P3). */
  async #decide(run: string, path: string): Promise<void> {
    await pause(systemRandom.next() * 200);
    const gives = systemRandom.next() < 0.05;
    await this.#insist('decided', async () => {
      const handle = await this.#door.run(run);
      const state = await handle.state();
      const input = this.#calls.get(`${run} ${path}`);
      if (input === undefined || state.steps.get(path)?.status !== 'indoubt') return;
      const order = this.#byRun.get(run);
      if (gives && order !== undefined) {
        order.gaveUp = true;
        return handle.decide(path, 'give-up');
      }
      const happened = this.#look.happened(run, input.id);
      count(this.tally, happened ? 'decided: happened' : 'decided: did not happen');
      return happened ? handle.decide(path, 'happened', input.value) : handle.decide(path, 'did-not-happen');
    });
  }

  readonly #insist: Insist = async <T>(what: string, ask: () => Promise<T>): Promise<T | undefined> => {
    for (;;) {
      try {
        const given = await ask();
        count(this.tally, what);
        return given;
      } catch (thrown) {
        const code = EngineError.is(thrown) ? thrown.code : 'thrown';
        count(this.tally, `${what}: ${code}`);
        if (EngineError.is(thrown) && thrown.retryable && !this.#closing) await pause(200 + systemRandom.next() * 400);
        else if (expected.has(code) || this.#closing) return undefined;
        else {
          this.#verdict.wrong('refused', `${what}: ${code} ${String(thrown)}`);
          return undefined;
        }
      }
    }
  };

  // --- the end ---------------------------------------------------------------------------------------------------------

  /**
   * Waits until nothing of the user is open, and every reader has everything; or until nothing was heard for so long.
   * What is stuck then, and what was lost, the audit sees.
   */
  async settle(quietMs: number): Promise<void> {
    this.#heardAt = systemClock.monotonic();
    const isQuiet = (): boolean => systemClock.monotonic() - this.#heardAt > quietMs;
    // What it knows by itself comes first: asking is bounded by requests a minute.
    while (!isQuiet() && (this.#open.size > 0 || this.#tasks.size > 2)) await pause(100);
    for (; !isQuiet(); await pause(500)) {
      const open = (await this.#insist('looked', () => this.#door.runs({ status: openStatuses, limit: 1 }))) ?? [];
      const { userSeq = Infinity } = (await this.#insist('looked', () => this.#door.head())) ?? {};
      if (open.length === 0 && this.#readers.places.every((place) => place >= userSeq) && this.#tasks.size <= 2) return;
    }
    count(this.tally, 'users whose work did not come to its end');
  }

  async close(): Promise<UserRecord> {
    const me = await this.#insist('looked', () => this.#door.me());
    if (me === undefined) throw new Error('nobody says who this user is');
    const { tenant, user } = me;
    this.#closing = true;
    this.#readers.close();
    await Promise.all(this.#tasks);
    return { tenant, user, orders: this.#orders };
  }

  #do(task: () => Promise<unknown>): void {
    const doing = task().catch((thrown: unknown) => {
      if (!this.#closing) this.#verdict.wrong('refused', String((thrown as Error).stack ?? thrown));
    });
    this.#tasks.add(doing);
    void doing.finally(() => this.#tasks.delete(doing));
  }
}

/** The same with sleeps of a second, as a real clock has no hours to spare, and with the user's own words in it. */
function tame(program: Program, words: string): Program {
  if ('parts' in program) return { ...program, parts: program.parts.map((part) => tame(part, words)) };
  if ('part' in program) return { ...program, part: tame(program.part, words) };
  return { ...program, words, ...(program.kind === 'sleep' ? { value: 0 } : {}) };
}

function pick<T>(from: readonly T[]): T | undefined {
  return from[Math.floor(systemRandom.next() * from.length)];
}
