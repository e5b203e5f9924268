/**
 * What must hold when a server was killed again and again, and all have stopped: the journal against the world and
 * against what each reader got.
 *
 * CH1  Each reader got each event of its user that is in the journal, as it is there, once and in order; what it got
 *      beside them is in places that a deletion has emptied since (P1).
 * CH2  Behind the event that says that a path is completed nothing reached for it any more, and neither it nor anything
 *      below it began again; what may happen once happened at most once, as whoever decided looked before (P3).
 * CH3  Each run that was asked for ended, once, with the sum of its program, and so did each that it went on as:
 *      cancelled or failed only where somebody wished that. None was given up for want of progress (P4).
 * CH4  In a user's stream, and in what a user's readers got, is nothing of another user: no id and no text (P2).
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JournalEvent, Store } from 'cantus';
import { degrades, sumOf } from '../simulation/program.ts';
import { canariesIn } from './canary.ts';
import { recordsFile } from './crowd.ts';
import { readLedger } from './ledger.ts';
import type { Order, UserRecord } from './order.ts';
import { auditReader } from './reader-audit.ts';
import { digestOf, readReaderLog } from './reader-log.ts';
import { RunAudit, type AuditedRun, type Reaches } from './run-audit.ts';
import { count, type Tally } from './tally.ts';
import { Verdict } from './verdict.ts';

const pageEvents = 500;

export type Audit = { readonly tally: Tally; readonly verdict: Verdict };

export type AuditedThings = {
  /** The journal, open. */
  readonly store: Pick<Store, 'read'>;
  /** The file that tools and steps wrote to. */
  readonly ledger: string;
  /** Where the crowd left its records and the logs of its readers. */
  readonly folder: string;
};

/** Compares the journal with what the crowd was told, a user at a time: memory is bounded by the busiest user. */
export async function audit(things: AuditedThings): Promise<Audit> {
  const auditor = new Auditor(things);
  const records = JSON.parse(readFileSync(join(things.folder, recordsFile), 'utf8')) as readonly UserRecord[];
  for (const record of records) await auditor.user(record);
  auditor.others(records);
  return auditor;
}

class Auditor {
  readonly tally: Tally = {};
  readonly verdict = new Verdict();
  readonly #store: Pick<Store, 'read'>;
  readonly #folder: string;
  readonly #reaches: Reaches;
  /** The logs of each user's readers. */
  readonly #logs = new Map<string, string[]>();

  constructor({ store, ledger, folder }: AuditedThings) {
    this.#store = store;
    this.#folder = folder;
    this.#reaches = this.#reachesIn(ledger);
    for (const file of readdirSync(folder).filter((name) => name.endsWith('.read'))) {
      const { user } = readReaderLog(join(folder, file)).head;
      this.#logs.set(user, [...(this.#logs.get(user) ?? []), file]);
    }
  }

  #reachesIn(path: string): Reaches {
    const reaches = new Map<string, { lastAt: number; times: number; once: boolean }>();
    for (const [at, how, run, id] of readLedger(path)) {
      const times = (reaches.get(`${run} ${id}`)?.times ?? 0) + 1;
      reaches.set(`${run} ${id}`, { lastAt: at, times, once: how === 'once' });
      count(this.tally, times === 1 ? 'things reached for' : 'things reached for again');
      if (how === 'once' && times > 1) this.verdict.wrong('twice', `${id} of ${run} happened ${times} times (CH2)`);
    }
    return reaches;
  }

  async user(record: UserRecord): Promise<void> {
    const runs = new RunAudit(this.#reaches, this.verdict, this.tally);
    const digests = await this.#read(record, runs);
    const eventsOf = (run: string): number | undefined => runs.runs.get(run)?.events;
    for (const name of this.#logs.get(record.user) ?? []) {
      const log = readReaderLog(join(this.#folder, name));
      auditReader({ name, head: log.head, lines: log.lines() }, { digests, eventsOf }, this.verdict, this.tally);
    }
    this.#checkRuns(record, runs.runs);
    const byKey = new Map([...runs.runs].flatMap(([run, { key }]) => (key === undefined ? [] : [[key, run] as const])));
    for (const order of record.orders) this.#checkOrder(order, byKey.get(order.key), runs.runs);
  }

  /** CH4: nobody but these users has been told anything, and no two of them are one. */
  others(records: readonly UserRecord[]): void {
    const users = new Set(records.map(({ user }) => user));
    if (users.size !== records.length) this.verdict.wrong('foreign', 'two users are one (CH4)');
    for (const user of this.#logs.keys())
      if (!users.has(user)) this.verdict.wrong('foreign', `readers of ${user} got events, who is nobody (CH4)`);
  }

  async #read({ tenant, user }: UserRecord, runs: RunAudit): Promise<readonly (string | undefined)[]> {
    const digests: (string | undefined)[] = [undefined];
    for (let after = 0; ;) {
      const { events, next, head } = await this.#store.read(tenant, user, { after, limit: pageEvents });
      for (const event of events) {
        this.#checkOwn(event, { tenant, user });
        for (let gone = digests.length; gone < event.userSeq; gone++) digests.push(undefined);
        digests.push(digestOf(event));
        count(this.tally, 'events in the journal');
        count(this.tally, `  ${event.type}`);
        if (event.run !== undefined) runs.take(event.run, event);
      }
      after = next;
      if (next < head.userSeq) continue;
      for (let gone = digests.length; gone <= head.userSeq; gone++) digests.push(undefined);
      count(this.tally, 'events ever journaled', head.userSeq);
      return digests;
    }
  }

  #checkOwn(event: JournalEvent, { tenant, user }: Pick<UserRecord, 'tenant' | 'user'>): void {
    const canaries = canariesIn(JSON.stringify(event));
    count(this.tally, 'canaries seen', canaries.length);
    const others = [event.user, ...canaries].filter((one) => one !== user);
    if (others.length > 0 || event.tenant !== tenant)
      this.verdict.wrong('foreign', `${event.type} at ${event.userSeq} of ${user} is of ${others.join(', ')} (CH4)`);
  }

  #checkRuns({ orders }: UserRecord, runs: ReadonlyMap<string, AuditedRun>): void {
    const keys = new Map<string, string | undefined>(orders.map(({ key }) => [key, undefined]));
    for (const [run, { key, continues, terminals }] of runs) {
      count(this.tally, 'runs in the journal');
      if (terminals === 0) this.verdict.wrong('stuck', `${run} has no end (CH3)`);
      if (terminals > 1) this.verdict.wrong('terminal', `${run} has ${terminals} terminal events (CH3)`);
      if (continues !== undefined) this.#checkContinues(run, continues, runs);
      else if (key === undefined || !keys.has(key)) this.verdict.wrong('unasked', `${run} was never asked for (CH3)`);
      else if (keys.get(key) !== undefined)
        this.verdict.wrong('twice', `${key} began ${keys.get(key)} and ${run} (CH3)`);
      else keys.set(key, run);
    }
  }

  #checkContinues(run: string, continues: string, runs: ReadonlyMap<string, AuditedRun>): void {
    count(this.tally, 'runs that went on as another');
    const before = runs.get(continues)?.outcome;
    if (before === undefined || !('continuedAs' in before) || before.continuedAs !== run)
      this.verdict.wrong('unasked', `${run} says that it goes on with ${continues}, which does not (CH3)`);
  }

  #checkOrder(order: Order, begun: string | undefined, runs: ReadonlyMap<string, AuditedRun>): void {
    const { key, program, cancelled, gaveUp, deleted } = order;
    count(this.tally, 'orders');
    if (deleted) return count(this.tally, 'orders in deleted threads');
    const { outcome, restarts } = lastOf(begun, runs);
    if (outcome === undefined) {
      if (begun === undefined) this.verdict.wrong('stuck', `${key} never began (CH3)`);
      return;
    }
    count(this.tally, `ended: ${outcome.status}`);
    if (outcome.status === 'cancelled' && cancelled) return;
    if (outcome.status === 'failed' && gaveUp) return;
    if (outcome.status === 'failed' && outcome.error.code === 'no_progress')
      return this.verdict.wrong('no progress', `${begun} of ${key} was given up: ${outcome.error.message} (CH3)`);
    const wanted = { status: degrades(program) ? 'degraded' : 'completed', output: sumOf(program) };
    const output = 'output' in outcome ? outcome.output : undefined;
    const isRight = outcome.status === wanted.status && output === wanted.output && restarts === order.restarts;
    if (!isRight)
      this.verdict.wrong(
        'outcome',
        `${begun} of ${key} ended as ${JSON.stringify(outcome)} after ${restarts} restarts, not as ${JSON.stringify(wanted)} after ${order.restarts} (CH3)`,
      );
  }
}

/** How the last ended of those that a run went on as. */
function lastOf(
  run: string | undefined,
  runs: ReadonlyMap<string, AuditedRun>,
): { readonly outcome: AuditedRun['outcome']; readonly restarts: number } {
  let outcome = run === undefined ? undefined : runs.get(run)?.outcome;
  for (let restarts = 0; ; restarts++) {
    const next = outcome !== undefined && 'continuedAs' in outcome ? outcome.continuedAs : undefined;
    if (next === undefined) return { outcome, restarts };
    outcome = runs.get(next)?.outcome;
  }
}
