/**
 * The floors: what the same work costs with next to nothing around it. Yardsticks, not engines: they recover nothing,
 * isolate nobody, and can't be asked for anything.
 *
 * `engine`  the least that an honest engine does in memory: a record per run, an AbortController, an AsyncLocalStorage
 *           context, ids from a counter, one event object per beginning and end, kept and handed to one subscriber, and
 *           zod for what steps return.
 * `sqlite`  the bare loop whose events go to SQLite (WAL, synchronous=FULL, one index), on the main thread. A step
 *           begins only after the one before is on the disk; what waits at the same time shares a commit.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import { body, TOKENS, TOOL_CALLS, toolResult } from './work.mjs';

export async function create(variant) {
  return variant === 'sqlite' ? createSqlite() : createEngine();
}

async function* model(done) {
  if (done < TOOL_CALLS) yield { type: 'tool', id: `call-${done}`, args: `{"q":"query ${done}"}` };
  else for (const text of TOKENS) yield { type: 'token', text };
}

async function lookup({ q }) {
  return toolResult(q);
}

// --- in memory -------------------------------------------------------------------------------------------------------

const Result = z.object({
  step: z.number(),
  seq: z.number(),
  id: z.string(),
  status: z.string(),
  data: z.string(),
  ok: z.boolean(),
  cost: z.number(),
});
const Query = z.object({ q: z.string() });

let lastRun = 0;
let heard = 0;
const subscribers = [() => heard++];

class Run {
  constructor(user) {
    this.id = `r${(lastRun++).toString(36)}`;
    this.user = user;
    this.seq = 0;
    this.journal = [];
    this.controller = new AbortController();
  }

  emit(type, step, data) {
    const event = { seq: this.seq++, ts: Date.now(), run: this.id, user: this.user, type, step, data };
    this.journal.push(event);
    for (const subscriber of subscribers) subscriber(event);
  }

  async step(name, work, input) {
    if (this.controller.signal.aborted) throw this.controller.signal.reason;
    this.emit('step-start', name, undefined);
    const result = Result.parse(await work(input));
    this.emit('step-end', name, result);
    return result;
  }
}

async function ask(run) {
  const seen = { tools: 0, tokens: 0 };
  for (let more = true; more;) {
    more = false;
    for await (const part of model(seen.tools)) {
      if (part.type === 'token') {
        seen.tokens++;
        run.emit('token', undefined, part.text);
        continue;
      }
      run.emit('tool-call', part.id, part);
      run.emit('tool-result', part.id, await lookup(Query.parse(JSON.parse(part.args))));
      seen.tools++;
      more = true;
    }
  }
  return { ...seen, events: run.seq + 1 };
}

function createEngine() {
  const storage = new AsyncLocalStorage();
  const steps = [1, 2, 3, 4, 5].map((n) => ({ name: `s${n}`, work: async (seq) => body(n, seq) }));
  const parallel = Array.from({ length: 20 }, (_, n) => ({ name: `p${n}`, work: async () => body(n, n) }));
  const waiting = [];
  const inRun = (user, work) => {
    const run = new Run(user);
    return storage.run(run, async () => {
      run.emit('run-start');
      const result = await work(run);
      run.emit('run-end');
      return result;
    });
  };
  return {
    w1: () =>
      inRun('u1', async (run) => {
        let result = { seq: 0 };
        for (const { name, work } of steps) result = await run.step(name, work, result.seq);
        return result;
      }),
    w2: () => inRun('u1', ask),
    w3: () =>
      inRun('u1', async (run) => {
        const results = await Promise.all(parallel.map(({ name, work }) => run.step(name, work, 0)));
        return results.length;
      }),
    async w5(user) {
      void inRun(user, async (run) => {
        waiting.push(run);
        await run.step('s1', steps[0].work, 0);
        await new Promise((resolve) => {
          run.resume = resolve;
        });
      });
      await new Promise((resolve) => setImmediate(resolve));
    },
    suspended: async () => waiting.filter(({ resume }) => resume !== undefined).length,
    close: async () => undefined,
  };
}

// --- on a disk -------------------------------------------------------------------------------------------------------

/** Appends in commits that whoever waits at the same time shares. */
class Log {
  #db;
  #insert;
  #events = [];
  #waiters = [];
  #busy = false;

  constructor(path) {
    this.#db = new DatabaseSync(path);
    this.#db.exec(`
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL;
      CREATE TABLE event (id INTEGER PRIMARY KEY, run TEXT, seq INTEGER, type TEXT, data TEXT);
      CREATE INDEX event_run ON event (run, seq);`);
    this.#insert = this.#db.prepare('INSERT INTO event (run, seq, type, data) VALUES (?, ?, ?, ?)');
  }

  append(run, seq, type, data) {
    this.#events.push([run, seq, type, JSON.stringify(data)]);
    this.#kick();
  }

  durable() {
    return new Promise((resolve) => {
      this.#waiters.push(resolve);
      this.#kick();
    });
  }

  close() {
    this.#db.close();
  }

  #kick() {
    if (this.#busy) return;
    this.#busy = true;
    setImmediate(() => this.#flush());
  }

  #flush() {
    if (this.#events.length === 0) {
      this.#busy = false;
      return;
    }
    const [events, waiters] = [this.#events, this.#waiters];
    [this.#events, this.#waiters] = [[], []];
    this.#db.exec('BEGIN');
    for (const [run, seq, type, data] of events) this.#insert.run(run, seq, type, data);
    this.#db.exec('COMMIT');
    for (const resolve of waiters) resolve();
    setImmediate(() => this.#flush());
  }
}

async function stepOf(n, seq) {
  return body(n, seq);
}

function createSqlite() {
  mkdirSync('test-output', { recursive: true });
  const folder = mkdtempSync(join('test-output', 'floor-'));
  const log = new Log(join(folder, 'floor.db'));
  return {
    async w1() {
      const run = `${process.pid}-${lastRun++}`;
      let seq = 0;
      log.append(run, seq++, 'start', { run });
      let result = { seq: 0 };
      for (let n = 1; n <= 5; n++) {
        result = await stepOf(n, result.seq);
        log.append(run, seq++, 'step', result);
        if (n === 5) log.append(run, seq++, 'end', { ok: true });
        await log.durable();
      }
      return result;
    },
    async close() {
      log.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
