/** `cantus serve` as a process of its own, for tests that end it as a deploy or a crash does. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type ServeOptions = {
  readonly folder: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** The text of a `cantus.config.ts`, or `.mjs` of what is built; without it the app that comes with Cantus is served. */
  readonly config?: string;
  /** As it is built and shipped, not from its source. */
  readonly built?: boolean;
};

/** What `serve --json` says when it is ready. `page` is where people begin: it has the set-up code in it, if one is needed. */
export type Ready = { readonly url: string; readonly page: string; readonly port: number };

const root = new URL('../../', import.meta.url).pathname;
const fromSource = ['--conditions=source', '--no-warnings', join(root, 'src/cli/main.ts')];
const asBuilt = ['--no-warnings', join(root, 'bin/cantus.js')];
const compileCache = join(tmpdir(), 'cantus-test-compile-cache');

/** The app finds what it imports as one of a user's own would. */
function putConfig(folder: string, config: string, built: boolean): void {
  const modules = join(folder, 'node_modules');
  if (!existsSync(modules)) {
    mkdirSync(modules);
    symlinkSync(root, join(modules, 'cantus'));
    symlinkSync(join(root, 'node_modules/zod'), join(modules, 'zod'));
  }
  writeFileSync(join(folder, built ? 'cantus.config.mjs' : 'cantus.config.ts'), config);
}

export class ServeProcess {
  readonly ready: Promise<Ready>;
  readonly ended: Promise<number | NodeJS.Signals | null>;
  readonly #child: ChildProcess;
  #output = '';

  constructor({ folder, args = ['--port', '0'], env = {}, config, built = false }: ServeOptions) {
    if (config !== undefined) putConfig(folder, config, built);
    const command = [...(built ? asBuilt : fromSource), 'serve', '--json', '--folder', folder, ...args];
    this.#child = spawn(process.execPath, command, {
      cwd: folder,
      // Compiling the same files for each process would take longer than all they do.
      env: { PATH: process.env['PATH'] ?? '', HOME: folder, NODE_COMPILE_CACHE: compileCache, ...env },
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
