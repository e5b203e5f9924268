/** `cantus serve` as a process of its own, for tests that end it as a deploy or a crash does. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type ServeOptions = {
  readonly folder: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Where a `cantus.config.ts` may be; else the app that comes with Cantus is served. */
  readonly cwd?: string;
};

/** What `serve --json` says when it is ready. */
export type Ready = { readonly url: string; readonly setUpUrl?: string };

const main = new URL('../../src/cli/main.ts', import.meta.url).pathname;

export class ServeProcess {
  readonly ready: Promise<Ready>;
  readonly ended: Promise<number | NodeJS.Signals | null>;
  readonly #child: ChildProcess;
  #output = '';

  constructor({ folder, args = [], env = {}, cwd }: ServeOptions) {
    const command = ['--conditions=source', '--no-warnings', main, 'serve', '--json', '--folder', folder, ...args];
    this.#child = spawn(process.execPath, command, {
      cwd: cwd ?? folder,
      env: { PATH: process.env['PATH'] ?? '', HOME: folder, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.ended = new Promise((resolve) => this.#child.once('exit', (code, signal) => resolve(code ?? signal)));
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.#output += text));
    this.ready = this.#untilReady();
    this.ready.catch(() => undefined);
  }

  /** What it told people and its log, for a test that fails. */
  get output(): string {
    return this.#output;
  }

  async #untilReady(): Promise<Ready> {
    let line = '';
    return new Promise((resolve, reject) => {
      this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
        line += text;
        if (line.includes('\n')) resolve(JSON.parse(line.slice(0, line.indexOf('\n'))) as Ready);
      });
      void this.ended.then((code) =>
        reject(new Error(`cantus serve ended (${code}) before it was ready:\n${this.#output}`)),
      );
    });
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | NodeJS.Signals | null> {
    this.#child.kill(signal);
    return this.ended;
  }
}

/** A data folder for one test; `remove` takes it away. */
export function passingFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'cantus-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}
