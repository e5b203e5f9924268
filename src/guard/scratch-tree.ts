/**
 * A commit of a code base in a folder of its own, to try something there.
 *
 * VW1  The person's tree is never touched: what is tried is written to a git work tree in a temporary folder, which goes
 *      when it is closed. No hook of the repository runs.
 * VW2  What is installed is linked in, so that nothing has to be fetched; a package of the code base itself is that of the
 *      scratch tree, not the person's.
 */
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { ValidationError } from '../core/errors.ts';
import { configName } from './config.ts';
import { walk } from './walk.ts';

/** Made by `openScratchTree`. */
export type ScratchTree = {
  /** Where the code base is in it. */
  readonly root: string;
  close(): void;
};

/** Checks out what was last committed of the code base at `root`, with its `guard.json` as it is now. */
export function openScratchTree(root: string): ScratchTree {
  const prefix = gitOf(root, 'rev-parse', '--show-prefix').trim();
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'guard-scratch-')));
  const checkout = join(folder, 'tree');
  gitOf(root, '-c', 'core.hooksPath=/dev/null', 'worktree', 'add', '--quiet', '--detach', checkout, 'HEAD');
  const own = join(checkout, prefix);
  mkdirSync(own, { recursive: true });
  if (existsSync(join(root, configName))) copyFileSync(join(root, configName), join(own, configName));
  linkInstalled(realpathSync(root), own);
  return {
    root: own,
    close: () => {
      rmSync(folder, { recursive: true, force: true });
      gitOf(root, 'worktree', 'prune');
    },
  };
}

/** Makes the scratch tree what the person's tree is now: what is changed, added or removed and not committed. */
export function copyChanges(root: string, scratch: ScratchTree): number {
  const status = gitOf(root, 'status', '--porcelain=v1', '-z', '--no-renames', '--untracked-files=all', '--', '.');
  const prefix = gitOf(root, 'rev-parse', '--show-prefix').trim();
  const paths = status.split('\0').flatMap((entry) => (entry === '' ? [] : [entry.slice(3 + prefix.length)]));
  for (const path of paths) {
    const [from, to] = [join(root, path), join(scratch.root, path)];
    rmSync(to, { force: true });
    if (!existsSync(from)) continue;
    mkdirSync(dirname(to), { recursive: true });
    copyFileSync(from, to);
  }
  return paths.length;
}

function gitOf(root: string, ...words: readonly string[]): string {
  try {
    return execFileSync('git', words, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    const { stderr = '' } = error as { readonly stderr?: string };
    throw new ValidationError(`git can't make a tree to try it in: ${stderr.trim().split('\n')[0] ?? ''}.`, {
      hint: 'This needs a git repository with at least one commit.',
      cause: error,
    });
  }
}

const pythonFolders = ['.venv', 'venv'];

/** Links what package managers installed, for each package of the tree (VW2). */
function linkInstalled(root: string, scratch: string): void {
  const folders = new Set(['', ...walk({ root: scratch }).manifests.map(({ folder }) => folder)]);
  for (const folder of folders) {
    const from = join(root, folder, 'node_modules');
    if (existsSync(from)) linkEntries(from, join(scratch, folder, 'node_modules'), { root, scratch });
    for (const name of pythonFolders) {
      const [installed, to] = [join(root, folder, name), join(scratch, folder, name)];
      if (existsSync(installed) && !existsSync(to)) symlinkSync(installed, to);
    }
  }
}

type Roots = { readonly root: string; readonly scratch: string };

/** One link an entry: a package of the code base leads into the scratch tree, and more can be put beside. */
function linkEntries(from: string, to: string, roots: Roots): void {
  mkdirSync(to, { recursive: true });
  for (const name of readdirSync(from)) {
    const [entry, link] = [join(from, name), join(to, name)];
    if (name === '.cache' || existsSync(link)) continue;
    const isFolder = !lstatSync(entry).isSymbolicLink();
    if (isFolder && (name.startsWith('@') || name === '.bin')) linkEntries(entry, link, roots);
    else symlinkSync(targetOf(entry, roots), link);
  }
}

function targetOf(entry: string, { root, scratch }: Roots): string {
  let target: string;
  try {
    target = realpathSync(entry);
  } catch {
    return entry;
  }
  const inner = relative(root, target);
  const isOwn = !inner.startsWith('..') && !inner.split('/').includes('node_modules');
  return isOwn ? join(scratch, inner) : entry;
}
