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
import { systemClock } from '../../src/core/clock.ts';
import { systemRandom } from '../../src/core/random.ts';
import { accounts } from '../../src/server/accounts/accounts.ts';
import { passingFolder, ServeProcess } from '../browser/serve.fixture.ts';
import { audit } from './audit.ts';
import type { CrowdEnd, CrowdStart } from './crowd.ts';
import { pause } from './crowd-user.ts';
import { add, type Tally } from './tally.ts';

export type ChaosOptions = {
  readonly seconds: number;
  readonly users?: number;
  /** Longest life of the server behind its start, in ms. */
  readonly lifeMsMax?: number;
  readonly openMax?: number;
  readonly everyMs?: number;
  /** How long what is open may take to end when nothing is killed any more. */
  readonly settleMs?: number;
  readonly tell?: (line: string) => void;
};

export type Chaos = {
  readonly tally: Tally;
  /** Empty where all is right. */
  readonly wrongs: readonly string[];
  /** From a kill to the next server's being ready, in ms, in order. */
  readonly recoveriesMs: readonly number[];
  readonly eventsPerSecond: number;
};

const config = `export { app } from '${fileURLToPath(new URL('chaos-app.ts', import.meta.url))}';\n`;

/** Goes on for so many seconds, then lets everything end, and audits. Leaves its folders only where something is wrong. */
export async function chaos(options: ChaosOptions): Promise<Chaos> {
  const { seconds, tell = () => undefined, settleMs = 60_000 } = options;
  const served = passingFolder();
  const told = mkdtempSync(join(tmpdir(), 'cantus-crowd-'));
  const servers = new Servers(served.path, await freePort());
  const began = systemClock.monotonic();
  const tokens = await makeUsers(served.path, options.users ?? 8);
  await servers.begin();
  const { openMax = 8, everyMs = 80 } = options;
  const crowd = startCrowd({ url: servers.url, folder: told, openMax, everyMs, tokens, served: served.path, settleMs });
  try {
    const until = began + seconds * 1_000;
    while (systemClock.monotonic() < until && crowd.process.exitCode === null) {
      await servers.killOnce(options.lifeMsMax ?? 900);
      if (servers.kills % 100 === 0)
        tell(`${servers.kills} kills, ${Math.round((until - systemClock.monotonic()) / 1_000)} s left`);
    }
    crowd.process.send({ over: true });
    const end = await crowd.ended;
    await servers.end();
    const lastsMs = systemClock.monotonic() - began;
    const audited = await audit(served.path, told);
    const tally: Tally = { kills: servers.kills };
    for (const part of [end.tally, audited.tally]) add(tally, part);
    const wrongs = [...end.wrongs, ...end.stuck.map((one) => `stuck: ${one}`), ...audited.wrongs, ...servers.wrongs];
    if ((tally['socket closed with 1011'] ?? 0) > 0) wrongs.push('sockets were closed with 1011');
    const eventsPerSecond = ((tally['events in the journal'] ?? 0) / lastsMs) * 1_000;
    if (wrongs.length > 0) tell(`kept for a look: ${served.path} ${told}`);
    else for (const folder of [served.path, told]) rmSync(folder, { recursive: true, force: true });
    return { tally, wrongs, recoveriesMs: servers.recoveriesMs.toSorted((a, b) => a - b), eventsPerSecond };
  } finally {
    crowd.process.kill('SIGKILL');
    await servers.end();
  }
}

async function makeUsers(folder: string, users: number): Promise<readonly string[]> {
  const own = accounts({ folder, hashing: { costLog2: 2 } });
  try {
    const tokens: string[] = [];
    for (let index = 0; index < users; index++) {
      const { user } = await own.addAccount({ user: `user-${index}`, password: `a password ${systemRandom.id()}` });
      tokens.push(own.addToken(user, 'chaos').token);
    }
    return tokens;
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
  readonly recoveriesMs: number[] = [];
  readonly wrongs: string[] = [];
  readonly url: string;
  readonly #folder: string;
  readonly #port: number;
  #server: ServeProcess | undefined;

  constructor(folder: string, port: number) {
    this.#folder = folder;
    this.#port = port;
    this.url = `http://127.0.0.1:${port}`;
  }

  async begin(): Promise<void> {
    this.#start();
    await this.#server?.ready;
  }

  #start(): void {
    this.#server = new ServeProcess({
      folder: this.#folder,
      config,
      args: ['--port', String(this.#port), '--no-page'],
    });
  }

  /** Kills it some time after it is ready, or sometimes before, and starts the next. */
  async killOnce(lifeMsMax: number): Promise<void> {
    const early = systemRandom.next() < 0.15;
    if (early) await pause(systemRandom.next() * 600);
    else {
      await this.#server?.ready;
      await pause(100 + systemRandom.next() ** 2 * lifeMsMax);
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

  /** Without a log it tells only what went wrong. */
  #hear(): void {
    for (const line of (this.#server?.output ?? '').split('\n'))
      if (/\b(bug|error)\b/i.test(line) && this.wrongs.length < 20) this.wrongs.push(`the server said: ${line}`);
  }

  async end(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    const code = await server.stop();
    if (code !== 0) this.wrongs.push(`the last server ended with ${code}: ${server.output}`);
  }
}

type Crowd = { readonly process: ChildProcess; readonly ended: Promise<CrowdEnd> };

function startCrowd(start: CrowdStart): Crowd {
  const child = fork(fileURLToPath(new URL('crowd.ts', import.meta.url)), [JSON.stringify(start)], {
    execArgv: ['--conditions=source', '--no-warnings'],
  });
  const ended = new Promise<CrowdEnd>((resolve, reject) => {
    child.once('message', (end) => resolve(end as CrowdEnd));
    child.once('exit', (code, signal) => reject(new Error(`the crowd ended (${code ?? signal}) before its work did`)));
  });
  ended.catch(() => undefined);
  return { process: child, ended };
}

/** The value below which so much of them is. */
export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
