/** Processes of the bench that are asked, and answer. Servers and their clients must not share a heap or a turn. */
import { fork, type ChildProcess } from 'node:child_process';

type Question = { readonly id: number; readonly name: string; readonly input: unknown };
type Reply = { readonly id: number; readonly output?: unknown; readonly error?: string };

/** What a process answers to: questions by their names. */
export type Answers = Readonly<Record<string, (input: never) => unknown>>;

/** Another process, for as long as it is asked. */
export class Child {
  readonly #process: ChildProcess;
  readonly #open = new Map<number, (reply: Reply) => void>();
  #asked = 0;

  /** `file` is named as seen from here; it calls `answer`. */
  constructor(file: string, ...args: readonly string[]) {
    this.#process = fork(new URL(file, import.meta.url), args, {
      execArgv: ['--expose-gc', '--no-warnings', '--conditions=source', ...profiled(file)],
    });
    this.#process.on('message', (told: Reply) => this.#open.get(told.id)?.(told));
    this.#process.on('exit', (code) => {
      for (const [id, tell] of this.#open) tell({ id, error: `${file} ended with ${code}` });
    });
  }

  async ask<T>(name: string, input: unknown = {}): Promise<T> {
    const id = ++this.#asked;
    const replied = new Promise<Reply>((resolve) => this.#open.set(id, resolve));
    this.#process.send({ id, name, input } satisfies Question);
    const { output, error } = await replied;
    this.#open.delete(id);
    if (error !== undefined) throw new Error(error);
    return output as T;
  }

  /** Ends it as a crash does: with SIGKILL. */
  async kill(): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once('exit', resolve));
    this.#process.kill('SIGKILL');
    await ended;
  }

  async end(): Promise<void> {
    if (!this.#process.connected) return;
    const ended = new Promise((resolve) => this.#process.once('exit', resolve));
    this.#process.disconnect();
    await ended;
  }
}

/** `CANTUS_PROFILE=sockets/server.ts` writes what that process spent its time on. */
function profiled(file: string): readonly string[] {
  return process.env['CANTUS_PROFILE'] === file ? ['--cpu-prof', '--cpu-prof-dir=test-output/profiles'] : [];
}

/** Answers whoever forked this process, until they let go of it. */
export function answer(answers: Answers, end: () => Promise<void> | void): void {
  process.on('message', (question: Question) => void replyTo(answers, question));
  process.once('disconnect', () => void Promise.resolve(end()).then(() => process.exit(0)));
}

async function replyTo(answers: Answers, { id, name, input }: Question): Promise<void> {
  try {
    process.send?.({ id, output: (await answers[name]?.(input as never)) ?? null } satisfies Reply);
  } catch (thrown) {
    process.send?.({ id, error: thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown) });
  }
}

/** Ms of a clock that all processes of this machine share. */
export function sharedMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** A pause that lasts `everyMs` on average. */
export function pauseMs(everyMs: number): number {
  return everyMs * (0.5 + Math.random());
}
