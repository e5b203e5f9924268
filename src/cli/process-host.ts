/** This process as the command line's host. */
import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { isatty } from 'node:tty';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../core/clock.ts';
import { exitCodes } from './exit-codes.ts';
import type { Host, Sink, Stop } from './host.ts';

/** Source and build have the same folders, but not the same distance to package.json. */
const isSource = import.meta.url.endsWith('.ts');

export function processHost(): Host {
  const stops = new Stops();
  return {
    folder: process.cwd(),
    env: process.env,
    out: sinkOf(process.stdout, () => stops.tell('SIGPIPE')),
    // Without a reader of remarks there is nobody to tell, and the work goes on.
    err: sinkOf(process.stderr, () => undefined),
    input: {
      get tty() {
        return isatty(0);
      },
      read: () => textOf(process.stdin),
    },
    clock: systemClock,
    version: versionOf(),
    program: process.env['npm_command'] === undefined ? 'cantus' : 'npx cantus',
    builtinConfig: fileURLToPath(
      new URL(`../../examples/optimizer/cantus.config.${isSource ? 'ts' : 'js'}`, import.meta.url),
    ),
    pageFolder: fileURLToPath(new URL(isSource ? '../../dist/web' : '../../web', import.meta.url)),
    loginName,
    onStop: (listener) => stops.add(listener),
    leave: (code) => process.exit(code),
  };
}

function versionOf(): string {
  const file = new URL(isSource ? '../../package.json' : '../../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { readonly version: string }).version;
}

function loginName(): string | undefined {
  try {
    return userInfo().username || undefined;
  } catch {
    // A container may run under a number that no one has a name for.
    return undefined;
  }
}

function sinkOf(stream: NodeJS.WriteStream, onGone: () => void): Sink {
  let isGone = false;
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'ERR_STREAM_DESTROYED') throw error;
    if (!isGone) onGone();
    isGone = true;
  });
  return {
    tty: stream.isTTY,
    get columns() {
      return stream.columns ?? 80;
    },
    get rows() {
      return stream.rows ?? 24;
    },
    write: (text) => {
      if (!isGone) stream.write(text);
    },
  };
}

async function textOf(stream: NodeJS.ReadStream): Promise<string> {
  let text = '';
  for await (const part of stream.setEncoding('utf8')) text += String(part);
  return text;
}

const codes: Readonly<Record<Stop, number>> = {
  SIGINT: exitCodes.interrupted,
  SIGTERM: exitCodes.terminated,
  SIGHUP: exitCodes.hangup,
  SIGPIPE: exitCodes.brokenPipe,
};

/** Who wants the program to end is told to whoever listens last; where nobody does, it ends at once. */
class Stops {
  readonly #listeners: ((stop: Stop) => void)[] = [];

  constructor() {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => this.tell(signal));
  }

  tell(stop: Stop): void {
    const listener = this.#listeners.at(-1);
    if (listener === undefined) process.exit(codes[stop]);
    listener(stop);
  }

  add(listener: (stop: Stop) => void): () => void {
    this.#listeners.push(listener);
    return () => {
      const at = this.#listeners.indexOf(listener);
      if (at >= 0) this.#listeners.splice(at, 1);
    };
  }
}
