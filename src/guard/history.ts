/**
 * A code base at earlier commits, one after another.
 *
 * VZ1  Earlier trees are written to a temporary folder with an index of its own: the person's tree and index stay as they
 *      are, no hook runs, and nothing is fetched.
 * VZ2  From one commit to the next only what differs is written and read.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ValidationError } from '../core/errors.ts';
import { limits } from '../core/limits.ts';
import type { ScanOptions, ScanReport } from './concept.ts';
import { buildingFiles } from './deployables.ts';
import { keepTree, type KeptTree } from './kept-tree.ts';
import { languageOf } from './parse-languages.ts';

export type PastCommit = {
  readonly commit: string;
  /** Ms since 1970. */
  readonly at: number;
};

/**
 * Commits of a branch's own line, oldest first: `points` of them, evenly, the first and the last among them. `since`: a
 * commit, branch or tag, or a time (`30d`, `2026-10-01`); without it from the beginning.
 */
export function sampleCommits(root: string, points: number, since?: string): readonly PastCommit[] {
  const all = commitsSince(root, since);
  if (all.length <= points) return all;
  if (points === 1) return all.slice(0, 1);
  const picked = Array.from({ length: points }, (_, index) => Math.round((index * (all.length - 1)) / (points - 1)));
  return [...new Set(picked)].flatMap((index) => all[index] ?? []);
}

/** Is only the end of the history here, as after `git clone --depth`? */
export function isShallow(root: string): boolean {
  return git(root, 'rev-parse', '--is-shallow-repository')?.trim() === 'true';
}

function assertHistory(root: string): void {
  if (git(root, 'rev-parse', '--git-dir') === undefined) {
    throw new ValidationError('This is no git repository, so it has no history to count over.', {
      hint: 'How it is now is told by cantus guard check.',
    });
  }
  if (git(root, 'rev-parse', '--verify', '--quiet', 'HEAD') === undefined) {
    throw new ValidationError('This git repository has no commit yet.', {
      hint: 'Commit something first. How it is now is told by cantus guard check.',
    });
  }
}

function commitsSince(root: string, since: string | undefined): readonly PastCommit[] {
  assertHistory(root);
  const list = (...words: readonly string[]): readonly PastCommit[] =>
    (git(root, 'log', '--first-parent', '--reverse', '--format=%H %ct', ...words) ?? '').split('\n').flatMap((line) => {
      const [commit = '', seconds = '0'] = line.split(' ');
      return commit === '' ? [] : [{ commit, at: Number(seconds) * 1_000 }];
    });
  if (since === undefined) return list('HEAD');
  const commit = git(root, 'rev-parse', '--verify', '--quiet', '--end-of-options', `${since}^{commit}`)?.trim();
  if (commit !== undefined) {
    const first = list('--max-count=1', commit);
    return [...first, ...list(`${commit}..HEAD`)];
  }
  const time = /^(\d+)([dwmy])$/.exec(since);
  const units: Readonly<Record<string, string>> = { d: 'days', w: 'weeks', m: 'months', y: 'years' };
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(since);
  if (time === null && !isDay) throw unreadable(since);
  const day = isDay ? `${since}T00:00:00` : `${time?.[1]} ${units[time?.[2] ?? 'd']} ago`;
  const commits = list(`--since=${day}`, 'HEAD');
  if (commits.length > 0) return commits;
  throw new ValidationError(`There is no commit since ${since}.`, {
    hint: 'Begin earlier: --since 90d, or without it.',
  });
}

function unreadable(since: string): ValidationError {
  return new ValidationError(`"${since}" is no commit and no time that git knows here.`, {
    hint: 'Name a commit, branch or tag of this repository, or a time: --since v1.2.0, --since 30d, --since 2026-10-01.',
  });
}

/** Reads the tree of one commit after another. */
export class History {
  readonly #root: string;
  readonly #folder: string;
  readonly #tree: string;
  readonly #prefix: string;
  readonly #options: Omit<ScanOptions, 'root'>;
  #kept: KeptTree | undefined;
  #last: string | undefined;

  constructor(root: string, options: Omit<ScanOptions, 'root'>) {
    this.#root = root;
    this.#folder = realpathSync(mkdtempSync(join(tmpdir(), 'guard-history-')));
    this.#tree = join(this.#folder, 'tree');
    mkdirSync(this.#tree);
    this.#prefix = git(root, 'rev-parse', '--show-prefix')?.trim() ?? '';
    this.#options = options;
  }

  /** Throws a ValidationError where git does not have all of it. */
  async read(commit: string): Promise<ScanReport> {
    const now = this.#treeish(commit);
    const changed = this.#changedTo(now);
    this.#write(now, changed, commit);
    this.#last = now;
    if (this.#kept !== undefined) return await this.#kept.changed(changed);
    this.#kept = await keepTree({ ...this.#options, root: this.#tree, cache: false, git: false });
    return await this.#kept.report();
  }

  /** Paths that differ from the last tree, of those that say something (VZ2). */
  #changedTo(now: string): readonly string[] {
    const names =
      this.#last === undefined
        ? git(this.#root, 'ls-tree', '-r', '-z', '--name-only', '--full-tree', now)
        : git(this.#root, 'diff-tree', '-r', '-z', '--name-only', '--no-renames', this.#last, now);
    return (names ?? '').split('\0').filter((path) => path !== '' && isRead(path));
  }

  /** The folder goes, and with it all that was written. */
  close(): void {
    this.#kept?.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** The tree of the code base in a commit; the empty tree where it was not there yet. */
  #treeish(commit: string): string {
    const prefix = this.#prefix.replace(/\/$/, '');
    const found = git(this.#root, 'rev-parse', '--verify', '--quiet', `${commit}:${prefix}`)?.trim();
    return found ?? emptyTree;
  }

  #write(tree: string, changed: readonly string[], commit: string): void {
    const folder = git(this.#root, 'rev-parse', '--absolute-git-dir')?.trim() ?? '';
    const env = {
      ...process.env,
      GIT_INDEX_FILE: join(this.#folder, 'index'),
      GIT_DIR: folder,
      GIT_WORK_TREE: this.#tree,
      GIT_NO_LAZY_FETCH: '1',
    };
    const run = (words: readonly string[], input = ''): string =>
      execFileSync('git', [...quietly, ...words], {
        cwd: this.#tree,
        env,
        input,
        encoding: 'utf8',
        maxBuffer: limits.guardGitBytesMax,
        stdio: ['pipe', 'pipe', 'pipe'],
      });
    for (const path of changed) rmSync(join(this.#tree, path), { force: true });
    try {
      run(['read-tree', '--reset', tree]);
      const there = new Set(run(['ls-files', '-z']).split('\0'));
      run(['checkout-index', '-q', '-f', '-z', '--stdin'], changed.filter((path) => there.has(path)).join('\0'));
    } catch (error) {
      const { stderr = '' } = error as { readonly stderr?: string };
      throw new ValidationError(`Commit ${commit} can't be read whole: ${stderr.trim().split('\n')[0] ?? ''}.`, {
        hint: 'Fetch all of it first, or begin later with --since.',
        cause: error,
      });
    }
  }
}

/** No hook, no filter that may want to fetch, and all of the tree. */
const quietly = [
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'core.sparseCheckout=false',
  'filter.lfs.smudge=',
  'filter.lfs.process=',
  'filter.lfs.required=false',
].flatMap((setting) => ['-c', setting]);

/** Sources, what says how they are found, and what builds and ships them. */
function isRead(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const isManifest =
    buildingFiles.has(name) || /^(?:package|[jt]sconfig.*)\.json$|\.(?:toml|cfg|Dockerfile)$/.test(name);
  return languageOf(path) !== undefined || isManifest || name === '.gitignore';
}

/** Git knows it without having it. */
const emptyTree = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';

function git(root: string, ...words: readonly string[]): string | undefined {
  try {
    return execFileSync('git', words, {
      cwd: root,
      encoding: 'utf8',
      maxBuffer: limits.guardGitBytesMax,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  } catch {
    return undefined;
  }
}
