/**
 * How fast the stores append, against what the same library can do at least.
 *
 * Measured: `sqlite()` as an engine uses it: events encoded, sent to the thread, fenced, indexed, and on the disk
 * (fsync) before the next batch is sent; one batch at a time. Beside it, in turns on the same disk, the floor: a log
 * without an index, written on the main thread, one INSERT an event, one transaction a batch, WAL and
 * synchronous=FULL as well. The floor fences nothing, crosses no thread, and can't find a user's events; its
 * checkpoints come every 1,000 pages, the library's default, which was its best. There are two of it: `floor` encodes
 * the same events as it inserts them, as whoever is to store events must; `bare` is given texts made before.
 * And `memory()`: commits of 13 events of one run that begins and ends, 256 users in turn.
 *
 * Not measured: the engine above; several batches at once; reading; a machine without others on it; a power cut.
 *
 *     node --conditions=source bench/store.ts [rounds | --smoke]
 *
 * Each round writes the same number of events to each, whoever begins goes round, and the table shows medians of the
 * rounds. Garbage of the measurement is collected before each turn.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { encodeEvent } from '../src/journal/codec.ts';
import type { JournalEvent } from '../src/journal/event.ts';
import type { RunRow } from '../src/journal/run-row.ts';
import type { Store, UserBatch } from '../src/journal/store.ts';
import { memory } from '../src/stores/memory.ts';
import { sqlite } from '../src/stores/sqlite.ts';
import { smoke } from './figures.ts';

const eventsPerRound = 20_480;
const memoryRunsPerRound = 20_000;
const warmUpRounds = smoke ? 0 : 2;
const goal = 0.6;

type Mix = { readonly batch: number; readonly users: number };

const mixes: readonly Mix[] = [
  { batch: 64, users: 64 },
  { batch: 64, users: 1 },
  { batch: 256, users: 256 },
  { batch: 256, users: 64 },
  { batch: 256, users: 1 },
];

const run = '3f1d9a52-6c1e-4b7e-9d61-0a4a9f6f2d11';

/** About 300 bytes as text. */
function eventOf(user: string, userSeq: number): JournalEvent {
  return Object.freeze({
    tenant: 'main',
    user,
    userSeq,
    run,
    seq: userSeq,
    at: 1_767_225_600_000 + userSeq,
    type: 'step.completed',
    path: 'plan/fetch:42',
    v: 1,
    data: { output: { text: 'x'.repeat(120), ok: true } },
  } as const);
}

/** The batches of a round: users in turn, each with its share of the batch. */
function batchesOf({ batch, users }: Mix, heads: number[]): UserBatch[][] {
  const share = batch / Math.min(batch, users);
  let next = 0;
  return Array.from({ length: eventsPerRound / batch }, () =>
    Array.from({ length: batch / share }, () => {
      const user = next++ % users;
      const expectedUserSeq = heads[user] ?? 0;
      heads[user] = expectedUserSeq + share;
      const events = Array.from({ length: share }, (_, index) => eventOf(`user-${user}`, expectedUserSeq + index + 1));
      return {
        tenant: 'main',
        user: `user-${user}`,
        epoch: 1,
        expectedUserSeq,
        events,
        runs: [],
        blobs: [],
        inboxTaken: [],
        threads: [],
        threadsDeleted: [],
      };
    }),
  );
}

type Measured = { readonly perSecond: number; readonly batchMs: readonly number[] };

async function timed(batches: readonly UserBatch[][], append: (batch: UserBatch[]) => unknown): Promise<Measured> {
  const batchMs: number[] = [];
  const began = performance.now();
  for (const batch of batches) {
    const at = performance.now();
    await append(batch);
    batchMs.push(performance.now() - at);
  }
  return { perSecond: (eventsPerRound / (performance.now() - began)) * 1_000, batchMs };
}

/** See the head. */
class Floor {
  readonly #db: DatabaseSync;
  readonly #insert;

  constructor(path: string) {
    this.#db = new DatabaseSync(path);
    this.#db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
    this.#db.exec('CREATE TABLE event (id INTEGER PRIMARY KEY, owner INTEGER, user_seq INTEGER, data TEXT)');
    this.#insert = this.#db.prepare('INSERT INTO event (owner, user_seq, data) VALUES (?, ?, ?)');
  }

  append(batch: readonly UserBatch[], textOf: (event: JournalEvent) => string): void {
    this.#db.exec('BEGIN');
    for (const { user, events } of batch) {
      const owner = Number(user.slice(5));
      for (const event of events) this.#insert.run(owner, event.userSeq, textOf(event));
    }
    this.#db.exec('COMMIT');
  }

  close(): void {
    this.#db.close();
  }
}

function textsOf(batches: readonly UserBatch[][]): (event: JournalEvent) => string {
  const texts = new Map<JournalEvent, string>();
  for (const { events } of batches.flat()) for (const event of events) texts.set(event, encodeEvent(event));
  return (event) => texts.get(event) ?? '';
}

async function ownAll(store: Store, users: number): Promise<void> {
  await store.open();
  for (let user = 0; user < users; user++) await store.own('bench', 'main', `user-${user}`);
}

/** The ratios to both floors. */
async function compare(mix: Mix, rounds: number): Promise<readonly number[]> {
  const folder = mkdtempSync(join(tmpdir(), 'cantus-bench-'));
  const store = sqlite(join(folder, 'store'));
  const floor = new Floor(join(folder, 'floor.db'));
  const bare = new Floor(join(folder, 'bare.db'));
  const measured: Record<'ours' | 'floor' | 'bare', Measured[]> = { ours: [], floor: [], bare: [] };
  try {
    await ownAll(store, mix.users);
    const heads: number[] = [];
    for (let round = 0; round < rounds + warmUpRounds; round++) {
      const batches = batchesOf(mix, heads);
      const texts = textsOf(batches);
      const turns = [
        async () => measured.ours.push(await timed(batches, (batch) => store.append(batch))),
        async () => measured.floor.push(await timed(batches, (batch) => floor.append(batch, encodeEvent))),
        async () => measured.bare.push(await timed(batches, (batch) => bare.append(batch, texts))),
      ];
      for (let turn = 0; turn < turns.length; turn++) {
        collectGarbage();
        await turns[(round + turn) % turns.length]?.();
      }
    }
    // The first rounds find cold code and growing files.
    for (const each of Object.values(measured)) each.splice(0, warmUpRounds);
  } finally {
    await store.close();
    floor.close();
    bare.close();
    rmSync(folder, { recursive: true, force: true });
  }
  return report(mix, measured.ours, [measured.floor, measured.bare]);
}

function report({ batch, users }: Mix, ours: readonly Measured[], floors: readonly Measured[][]): readonly number[] {
  const rateOf = (rounds: readonly Measured[]): number => median(rounds.map(({ perSecond }) => perSecond));
  const rate = rateOf(ours);
  const ratios = floors.map((floor) => rate / rateOf(floor));
  const ms = ours.flatMap(({ batchMs }) => batchMs).toSorted((a, b) => a - b);
  const at = (share: number): string => (ms[Math.floor((ms.length - 1) * share)] ?? 0).toFixed(2);
  const floorCells = floors.flatMap((floor, index) => [thousands(rateOf(floor)), (ratios[index] ?? 0).toFixed(2)]);
  const cells = [batch, users, thousands(rate), ...floorCells, at(0.5), at(0.99), at(1)];
  console.log(`| ${cells.map((cell) => String(cell).padStart(7)).join(' | ')} |`);
  return ratios;
}

const collectGarbage = ((): (() => void) => {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
})();

async function measureMemory(rounds: number): Promise<void> {
  const rates: number[] = [];
  const store = memory();
  const users = 256;
  await ownAll(store, users);
  const heads: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const batches = Array.from({ length: memoryRunsPerRound }, (_, index) =>
      finishedRun(index % users, heads, `${round}-${index}`),
    );
    const began = performance.now();
    for (const batch of batches) await store.append([batch]);
    rates.push(((memoryRunsPerRound * 13) / (performance.now() - began)) * 1_000);
  }
  const rate = median(rates);
  console.log(`\nmemory(): ${thousands(rate)} events/s, ${(13e6 / rate).toFixed(1)} µs for a run of 13 events`);
}

function finishedRun(user: number, heads: number[], name: string): UserBatch {
  const expectedUserSeq = heads[user] ?? 0;
  heads[user] = expectedUserSeq + 13;
  const events = Array.from({ length: 13 }, (_, index) => ({
    ...eventOf(`user-${user}`, expectedUserSeq + index + 1),
    run: name,
  }));
  const row: RunRow = {
    run: name,
    thread: undefined,
    workflow: 'bench',
    version: 1,
    key: undefined,
    digest: '',
    status: 'completed',
    queuedAt: 0,
    endedAt: 1,
    wakeAt: undefined,
    continuedAs: undefined,
    firstUserSeq: expectedUserSeq + 1,
    lastUserSeq: expectedUserSeq + 13,
  };
  return {
    tenant: 'main',
    user: `user-${user}`,
    epoch: 1,
    expectedUserSeq,
    events,
    runs: [row],
    blobs: [],
    inboxTaken: [],
    threads: [],
    threadsDeleted: [],
  };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}

function thousands(value: number): string {
  return `${Math.round(value / 1_000)}k`;
}

async function main(): Promise<void> {
  const rounds = smoke ? 1 : Number(process.argv[2] ?? 9);
  const heads = ['batch', 'users', 'sqlite', 'floor', 'ratio', 'bare', 'ratio', 'p50 ms', 'p99 ms', 'max ms'];
  console.log(`| ${heads.map((head) => head.padStart(7)).join(' | ')} |`);
  console.log(`|${heads.map(() => '--------:|').join('')}`);
  const ratios: (readonly number[])[] = [];
  for (const mix of mixes) ratios.push(await compare(mix, rounds));
  await measureMemory(rounds);
  for (const [index, name] of ['floor', 'bare'].entries()) {
    const least = Math.min(...ratios.map((both) => both[index] ?? 0));
    console.log(`${least >= goal ? 'reached' : 'missed'}: at least ${goal} of ${name} (least: ${least.toFixed(2)})`);
  }
}

await main();
