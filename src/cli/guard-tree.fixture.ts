/** Small trees of files, and the guard's commands on them. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { runGuardLine } from './guard-commands.ts';
import { testHost } from './host.fixture.ts';

export type Ended = { readonly code: number; readonly out: string; readonly err: string };

export type Tree = {
  readonly root: string;
  write(path: string, text: string): void;
  read(path: string): string;
  remove(path: string): void;
  guard(...words: readonly string[]): Promise<Ended>;
  hook(diff: string): Promise<Ended>;
};

/** A folder with these files, which goes with the test. */
export function treeOf(test: TestContext, files: Readonly<Record<string, string>>): Tree {
  const root = mkdtempSync(join(tmpdir(), 'guard-verb-'));
  test.after(() => rmSync(root, { recursive: true }));
  const tree: Tree = {
    root,
    write: (path, text) => {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    },
    read: (path) => readFileSync(join(root, path), 'utf8'),
    remove: (path) => rmSync(join(root, path)),
    guard: async (...words) => {
      const { host, out, err } = testHost();
      const argv = ['guard', ...words, ...(words.includes('--help') || words[0] === 'init' ? [] : ['--no-cache'])];
      const code = await runGuardLine({ ...host, folder: root }, argv);
      return { code, out: out(), err: err() };
    },
    hook: async (diff) => {
      const { host, out, err } = testHost({ input: diff });
      const code = await runGuardLine({ ...host, folder: root }, ['guard', 'hook', '--no-cache']);
      return { code, out: out(), err: err() };
    },
  };
  for (const [path, text] of Object.entries(files)) tree.write(path, text);
  return tree;
}

/** A class that a copy of is found. */
export const body = (name: string): string => `
export class ${name} {
  readonly #queue: string[] = [];
  submit(job: string): number {
    if (job === '') throw new Error('an empty job');
    this.#queue.push(job.trim());
    return this.#queue.length;
  }
  drainAll(limit: number): readonly string[] {
    const taken = this.#queue.splice(0, limit);
    return taken.map((job) => job.toUpperCase()).filter((job) => job.length > 1);
  }
  cancelJob(job: string): boolean {
    const at = this.#queue.indexOf(job);
    if (at < 0) return false;
    this.#queue.splice(at, 1);
    return true;
  }
}
`;
