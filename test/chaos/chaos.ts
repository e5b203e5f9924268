/**
 * A server that is killed (SIGKILL) every few hundred ms, started again each time on its port and folder, with users in
 * another process who go on as if nothing had happened. Three processes: this one kills, and audits at the end.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sqlite } from 'cantus';
import { systemClock } from '../../src/core/clock.ts';
import { limits } from '../../src/core/limits.ts';
import { systemRandom } from '../../src/core/random.ts';
import { accounts } from '../../src/server/accounts/accounts.ts';
import { passingFolder, ServeProcess } from '../browser/serve.fixture.ts';
import { faultVariable } from '../faults/hook.ts';
import { audit, type Audit } from './audit.ts';
import { canariesIn } from './canary.ts';
import { ledgerFile } from './chaos-app.ts';
import { compiledApp } from './compiled-app.ts';
import type { CrowdEnd, CrowdProgress, CrowdStart } from './crowd.ts';
import { pause } from './pause.ts';
import { add, type Tally } from './tally.ts';
import { Verdict } from './verdict.ts';

export type ChaosOptions = {
  readonly seconds: number;
  /** Goes on until there are so many events, though for twice as long at most. */
  readonly eventsMin: number;
  readonly users: number;
  /** Longest life of the server behind its start, in ms. */
  readonly lifeMsMax: number;
  /** Open orders of a user at once, and the mean wait before the next, in ms. */
  readonly openMax: number;
  readonly everyMs: number;
  /** How deep the programs of the runs are: more is more steps of each. */
  readonly depth: number;
  /** The share of a client's usual waits that users wait before they try again. */
  readonly patience: number;
  /** How long it is waited for something to happen when nothing is killed any more, before what is open is stuck. */
  readonly quietMs: number;
  /** Every so many s one server lives for long enough that runs which wait are evicted; 0: none does. */
  readonly longLifeEveryS: number;
  /** The server as it is built, not from its source. */
  readonly built: boolean;
  readonly tell: (line: string) => void;
};

/** The short form, for a minute or less. */
export const shortForm: Omit<ChaosOptions, 'seconds' | 'tell'> = {
  eventsMin: 0,
  users: 8,
  lifeMsMax: 900,
  openMax: 8,
  everyMs: 80,
  depth: 3,
  patience: 0.1,
  quietMs: 20_000,
  longLifeEveryS: 0,
  built: false,
};

/** A long history is of many events: more users with more under way at once. */
export const longForm: Omit<ChaosOptions, 'seconds' | 'tell'> = {
  ...shortForm,
  users: 24,
  lifeMsMax: 6_000,
  everyMs: 40,
  // Knocking takes from what the next server needs to start.
  patience: 0.25,
  quietMs: 90_000,
  longLifeEveryS: 360,
};

/** Longer than it takes for a run that waits to be evicted, and for an answer that is later than that to be taken. */
const longLifeMs = limits.evictAfterMs * 1.5;

export type Chaos = {
  readonly tally: Tally;
  readonly verdict: Verdict;
  /** From a kill to the next server's being ready, in ms, in the order in which it happened. */
  readonly recoveriesMs: readonly number[];
  /** How long the servers were killed for, and how long all of it took. */
  readonly killedForMs: number;
  readonly lastedMs: number;
  readonly peakBytes: { readonly crowd: number; readonly audit: number };
};

const appFile = fileURLToPath(new URL('chaos-app.ts', import.meta.url));

/** Goes on for so many seconds, then lets everything end, and audits. Leaves its folders only where something is wrong. */
export async function chaos(options: ChaosOptions): Promise<Chaos> {
  const { seconds, eventsMin, tell, lifeMsMax, users, longLifeEveryS, ...rest } = options;
  const served = passingFolder();
  const told = mkdtempSync(join(tmpdir(), 'cantus-crowd-'));
  const verdict = new Verdict();
  const servers = new Servers(served.path, await freePort(), options.built, verdict);
  const made = await makeUsers(served.path, users);
  await servers.begin();
  const began = systemClock.monotonic();
  const lateAnswerMs = longLifeEveryS > 0 ? limits.evictAfterMs + 5_000 : 0;
  const { openMax, everyMs, depth, patience, quietMs } = rest;
  const orders = { openMax, everyMs, depth, patience, quietMs, lateAnswerMs };
  const crowd = startCrowd({ ...orders, url: servers.url, folder: told, users: made, served: served.path });
  try {
    const until = began + seconds * 1_000;
    const goesOn = (): boolean => {
      const now = systemClock.monotonic();
      const isEnough = crowd.progress.heard >= eventsMin || now > until + seconds * 1_000;
      return !(now > until && isEnough) && crowd.process.exitCode === null;
    };
    let [longAt, tellAt] = [began + longLifeEveryS * 1_000, began];
    while (goesOn()) {
      const isLong = longLifeEveryS > 0 && systemClock.monotonic() > longAt;
      if (isLong) longAt += longLifeEveryS * 1_000;
      await servers.killOnce(isLong ? longLifeMs : lifeMsMax, isLong);
      if (systemClock.monotonic() < tellAt) continue;
      tellAt += 10_000;
      const passedS = (systemClock.monotonic() - began) / 1_000;
      tell(`${passedS.toFixed(0)} of ${seconds} s: ${servers.kills} kills, ${crowd.progress.heard} events`);
    }
    await servers.ready();
    const killedForMs = systemClock.monotonic() - began;
    tell('no kills any more: what is under way comes to its end');
    crowd.process.send({ over: true });
    const end = await crowd.ended;
    await servers.end();
    const lastedMs = systemClock.monotonic() - began;
    tell('reading the journal back');
    const audited = await auditFolders(served.path, told);
    const tally: Tally = { kills: servers.kills, 'long lives': servers.longLives };
    for (const part of [end.tally, audited.tally]) add(tally, part);
    for (const part of [end.told, audited.verdict.told()]) verdict.take(part);
    if (verdict.words.length > 0) tell(`kept for a look: ${served.path} ${told}`);
    else for (const folder of [served.path, told]) rmSync(folder, { recursive: true, force: true });
    const peakBytes = { crowd: end.peakBytes, audit: process.resourceUsage().maxRSS * 1024 };
    return { tally, verdict, recoveriesMs: servers.recoveriesMs, killedForMs, lastedMs, peakBytes };
  } finally {
    crowd.process.kill('SIGKILL');
    await servers.end();
  }
}

async function auditFolders(served: string, folder: string): Promise<Audit> {
  const store = sqlite(served);
  await store.open();
  try {
    return await audit({ store, folder, ledger: join(served, ledgerFile) });
  } finally {
    await store.close();
  }
}

async function makeUsers(folder: string, users: number): Promise<CrowdStart['users']> {
  const own = accounts({ folder, hashing: { costLog2: 2 } });
  try {
    const made: { user: string; token: string }[] = [];
    for (let index = 0; index < users; index++) {
      const account = { user: `user-${index}`, password: `a password ${systemRandom.id()}`, roles: ['boss'] };
      const { user } = await own.addAccount(account);
      made.push({ user, token: own.addToken(user, 'chaos').token });
    }
    return made;
  } finally {
    own.close();
  }
}

/** Outside of what the machine gives to outgoing connections: one of those could take it while no server listens. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(systemRandom.next() * 10_000);
    const isFree = await new Promise<boolean>((resolve) => {
      const probe = createServer().once('error', () => resolve(false));
      probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
    });
    if (isFree) return port;
  }
}

class Servers {
  kills = 0;
  longLives = 0;
  readonly recoveriesMs: number[] = [];
  readonly url: string;
  readonly #folder: string;
  readonly #port: number;
  readonly #built: boolean;
  readonly #config: string;
  readonly #verdict: Verdict;
  #server: ServeProcess | undefined;

  constructor(folder: string, port: number, built: boolean, verdict: Verdict) {
    this.#folder = folder;
    this.#port = port;
    this.#built = built;
    this.#config = `export { app } from '${built ? compiledApp(folder, appFile) : appFile}';\n`;
    this.#verdict = verdict;
    this.url = `http://127.0.0.1:${port}`;
  }

  async begin(): Promise<void> {
    this.#start();
    await this.ready();
  }

  async ready(): Promise<void> {
    await this.#server?.ready;
  }

  #start(): void {
    this.#server = new ServeProcess({
      folder: this.#folder,
      config: this.#config,
      args: ['--port', String(this.#port), '--no-page', '--log', 'json'],
      built: this.#built,
      env: plantedFault(),
    });
  }

  /** Kills it some time after it is ready, or sometimes before, and starts the next. A long life lasts for all of it. */
  async killOnce(lifeMsMax: number, isLong: boolean): Promise<void> {
    if (isLong) this.longLives += 1;
    if (!isLong && systemRandom.next() < 0.15) await pause(systemRandom.next() * 600);
    else {
      await this.#server?.ready;
      await pause(isLong ? lifeMsMax : 100 + systemRandom.next() ** 2 * lifeMsMax);
    }
    await this.#server?.stop('SIGKILL');
    this.#hear();
    this.kills += 1;
    const at = systemClock.monotonic();
    this.#start();
    this.#server?.ready.then(
      () => this.recoveriesMs.push(systemClock.monotonic() - at),
      () => undefined,
    );
  }

  /** What its log tells of trouble, and whose words are in it: they are nobody's there (P2). */
  #hear(): void {
    for (const line of (this.#server?.output ?? '').split('\n')) {
      if (/\b(bug|error)\b/i.test(line)) this.#verdict.wrong('server', `it said: ${line}`);
      if (canariesIn(line).length > 0) this.#verdict.wrong('foreign', `a user's words are in the log: ${line} (CH4)`);
    }
  }

  async end(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    const code = await server.stop();
    if (code !== 0) this.#verdict.wrong('server', `the last one ended with ${code}: ${server.output}`);
  }
}

/** A planted fault (test/faults/run.ts) is in the server too: it begins with no more of the environment than this. */
function plantedFault(): Readonly<Record<string, string>> {
  const { NODE_OPTIONS: nodeOptions, [faultVariable]: fault } = process.env;
  return nodeOptions === undefined || fault === undefined ? {} : { NODE_OPTIONS: nodeOptions, [faultVariable]: fault };
}

type Crowd = {
  readonly process: ChildProcess;
  readonly ended: Promise<CrowdEnd>;
  progress: CrowdProgress;
};

function startCrowd(start: CrowdStart): Crowd {
  const child = fork(fileURLToPath(new URL('crowd.ts', import.meta.url)), [JSON.stringify(start)], {
    execArgv: ['--conditions=source', '--no-warnings'],
  });
  const { promise: ended, resolve, reject } = Promise.withResolvers<CrowdEnd>();
  const crowd: Crowd = { process: child, ended, progress: { heard: 0 } };
  child.on('message', (told: CrowdEnd | CrowdProgress) => {
    if ('heard' in told) crowd.progress = told;
    else resolve(told);
  });
  child.once('exit', (code, signal) => reject(new Error(`the crowd ended (${code ?? signal}) before its work did`)));
  ended.catch(() => undefined);
  return crowd;
}
