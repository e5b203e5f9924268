/**
 * What must hold when a server was killed again and again, and all have stopped: the journal against the world and
 * against what each reader got.
 *
 * CH1  Each reader got each event of its user that is in the journal, as it is there, once and in order; what it got
 *      beside them is in places that a deletion has emptied since (P1, P2).
 * CH2  Behind the event that says that a path is completed nothing reached for it any more; what may happen once
 *      happened at most once, as whoever decided looked before (P3).
 * CH3  Each run that was asked for ended, once, with the sum of its program: cancelled or failed only where somebody
 *      wished that. A run that the engine gave up for want of progress is counted (P4).
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { evolve, sqlite, type JournalEvent, type RunState, type Store } from 'cantus';
import { isTerminal } from '../../src/journal/event.ts';
import { degrades, sumOf } from '../simulation/program.ts';
import { ledgerFile } from './chaos-app.ts';
import { recordsFile } from './crowd.ts';
import { readLedger } from './ledger.ts';
import type { Order, UserRecord } from './order.ts';
import { digestOf, readReaderLog } from './reader-log.ts';
import { count, type Tally } from './tally.ts';

const pageEvents = 500;

export type Audit = { readonly tally: Tally; readonly wrongs: readonly string[] };

/** Reads the journal in `served` and compares it with what the crowd left in `folder`. */
export async function audit(served: string, folder: string): Promise<Audit> {
  const store = sqlite(served);
  const auditor = new Auditor(store, folder, reachesIn(join(served, ledgerFile)));
  await store.open();
  try {
    const records = JSON.parse(readFileSync(join(folder, recordsFile), 'utf8')) as readonly UserRecord[];
    for (const [index, record] of records.entries()) await auditor.user(`user-${index}`, record);
    auditor.foreign(records);
    return auditor;
  } finally {
    await store.close();
  }
}

/** When something was reached for last, and how often where it may happen once: by run and id. */
type Reaches = ReadonlyMap<string, { readonly lastAt: number; readonly times: number; readonly once: boolean }>;

function reachesIn(path: string): Reaches {
  const reaches = new Map<string, { lastAt: number; times: number; once: boolean }>();
  for (const [at, how, run, id] of readLedger(path)) {
    const known = reaches.get(`${run} ${id}`);
    reaches.set(`${run} ${id}`, { lastAt: at, times: (known?.times ?? 0) + 1, once: how === 'once' });
  }
  return reaches;
}

type Ended = { readonly state: RunState; readonly key: string | undefined; terminals: number };

class Auditor {
  readonly tally: Tally = {};
  readonly wrongs: string[] = [];
  readonly #store: Store;
  readonly #folder: string;
  readonly #reaches: Reaches;
  readonly #logs: readonly string[];
  #runs = new Map<string, Ended>();
  #inputs = new Map<string, string>();
  #digests: (string | undefined)[] = [];

  constructor(store: Store, folder: string, reaches: Reaches) {
    this.#store = store;
    this.#folder = folder;
    this.#reaches = reaches;
    this.#logs = readdirSync(folder).filter((file) => file.endsWith('.read'));
    for (const [what, { once, times }] of reaches) {
      count(this.tally, 'things reached for');
      if (once && times > 1) this.#wrong(`${what} happened ${times} times (CH2)`);
    }
  }

  async user(name: string, record: UserRecord): Promise<void> {
    this.#runs = new Map();
    this.#inputs = new Map();
    this.#digests = [];
    await this.#read(record);
    const mine = this.#logs.filter((file) => file.startsWith(`${name}.`) || file.startsWith(`${name} `));
    for (const file of mine) this.#checkReader(file);
    for (const order of record.orders) this.#checkOrder(order);
    const keys = new Set(record.orders.map(({ key }) => key));
    for (const [run, { key, terminals }] of this.#runs) {
      count(this.tally, 'runs in the journal');
      if (key === undefined || !keys.has(key)) this.#wrong(`${run} was never asked for (CH3)`);
      if (terminals !== 1) this.#wrong(`${run} has ${terminals} terminal events (CH3)`);
    }
  }

  /** Nobody but these users is in the journal. */
  foreign(records: readonly UserRecord[]): void {
    if (new Set(records.map(({ user }) => user)).size !== records.length) this.#wrong('two users are one');
  }

  async #read({ tenant, user }: UserRecord): Promise<void> {
    for (let after = 0; ;) {
      const { events, next, head } = await this.#store.read(tenant, user, { after, limit: pageEvents });
      for (const event of events) {
        if (event.user !== user || event.tenant !== tenant)
          this.#wrong(`an event of ${event.user} is in the stream of ${user}`);
        this.#digests[event.userSeq] = digestOf(event);
        count(this.tally, 'events in the journal');
        if (event.run !== undefined) this.#fold(event.run, event);
      }
      after = next;
      if (next >= head.userSeq) return;
    }
  }

  #fold(run: string, event: JournalEvent): void {
    const before = this.#runs.get(run);
    if ((before?.terminals ?? 0) > 0) this.#wrong(`${event.type} came behind the end of ${run} (CH3)`);
    const key = event.type === 'run.queued' ? event.data.key : before?.key;
    const terminals = (before?.terminals ?? 0) + (isTerminal(event.type) ? 1 : 0);
    this.#runs.set(run, { state: evolve(before?.state, event), key, terminals });
    if (event.type === 'tool.executing') {
      const { id } = event.data.input as { readonly id?: string };
      if (id !== undefined) this.#inputs.set(`${run} ${event.path}`, id);
    }
    if (event.type === 'step.completed') this.#checkCompleted(`${run} ${event.path}`, event.at);
    if (event.type === 'tool.completed')
      this.#checkCompleted(`${run} ${this.#inputs.get(`${run} ${event.path}`)}`, event.at);
  }

  #checkCompleted(what: string, at: number): void {
    const reach = this.#reaches.get(what);
    if (reach === undefined) return;
    count(this.tally, 'things completed');
    if (reach.lastAt > at) this.#wrong(`${what} was reached for ${reach.lastAt - at} ms after it was completed (CH2)`);
  }

  #checkReader(file: string): void {
    count(this.tally, 'readers');
    let at = 0;
    let got = 0;
    for (const { userSeq, digest } of readReaderLog(join(this.#folder, file))) {
      if (userSeq <= at) this.#wrong(`${file} got ${userSeq} behind ${at} (CH1)`);
      at = userSeq;
      const wanted = this.#digests[userSeq];
      if (wanted === undefined) continue;
      got++;
      if (wanted !== digest) this.#wrong(`${file} got another event at ${userSeq} than the journal has (CH1)`);
    }
    count(this.tally, 'events compared', got);
    const all = this.#digests.reduce((sum) => sum + 1, 0);
    if (!file.endsWith('.run.read') && got !== all) this.#wrong(`${file} got ${got} of ${all} events (CH1)`);
  }

  #checkOrder({ key, run, program, cancelled, gaveUp, deleted }: Order): void {
    count(this.tally, 'orders');
    if (deleted) return count(this.tally, 'orders in deleted threads');
    const outcome = run === undefined ? undefined : this.#runs.get(run)?.state.outcome;
    if (outcome === undefined) return this.#wrong(`${key} has no end (CH3)`);
    count(this.tally, `ended: ${outcome.status}`);
    if (outcome.status === 'cancelled' && cancelled) return;
    if (outcome.status === 'failed' && gaveUp) return;
    if (outcome.status === 'failed' && outcome.error.code === 'no_progress') return count(this.tally, 'no progress');
    const wanted = degrades(program) ? 'degraded' : 'completed';
    if (outcome.status !== wanted || outcome.output !== sumOf(program))
      this.#wrong(`${key} (${run}) ended as ${JSON.stringify(outcome)}, not ${wanted} with ${sumOf(program)} (CH3)`);
  }

  #wrong(what: string): void {
    if (this.wrongs.length < 50) this.wrongs.push(what);
  }
}
