/** Starts sqlite-child.fixture.ts and listens to its lines. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('sqlite-child.fixture.ts', import.meta.url));

export type Child = {
  readonly process: ChildProcess;
  /** What it has said up to now. */
  readonly lines: readonly string[];
  /** Resolves when a line says so; rejects when the child ends before. */
  said(line: string): Promise<void>;
  /** Resolves when it has said so many lines; rejects when the child ends before. */
  spoke(lines: number): Promise<void>;
  /** Resolves with its exit code, or the signal that ended it. */
  ended(): Promise<number | string>;
};

/** `before` is a command that runs Node, such as strace with its options. */
export function startChild(args: readonly string[], before: readonly string[] = []): Child {
  const [command = '', ...rest] = [...before, process.execPath, '--conditions=source', program, ...args];
  const child = spawn(command, rest, { stdio: ['ignore', 'pipe', 'pipe'] });
  const lines: string[] = [];
  const enough = new Map<number, () => void>();
  const waiting = new Map<string, () => void>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
    enough.get(lines.length)?.();
    waiting.get(line)?.();
  });
  let complaints = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaints += text));
  const closed = once(child, 'close').then(([code, signal]) => (signal ?? code) as number | string);
  return {
    process: child,
    lines,
    said: (line) =>
      new Promise((resolve, reject) => {
        if (lines.includes(line)) return resolve();
        waiting.set(line, resolve);
        void closed.then((code) =>
          reject(new Error(`the child ended (${code}) before it said "${line}": ${complaints}`)),
        );
      }),
    spoke: (count) =>
      new Promise((resolve, reject) => {
        if (lines.length >= count) return resolve();
        enough.set(count, resolve);
        void closed.then((code) =>
          reject(new Error(`the child ended (${code}) after ${lines.length} of ${count} lines: ${complaints}`)),
        );
      }),
    ended: () => closed,
  };
}
