/**
 * Finds the files of a tree that can be read, and what is deployed as one thing.
 *
 * GW1  What git ignores is not there; nor are the folders of package managers and builds, whether git knows or not.
 * GW2  Links are not followed, so that no loop can hold up a walk and no file counts twice.
 * GW3  The same tree gives the same list, sorted by path.
 * GW4  Another checkout of the same repository that lies in the tree (a work tree of git) is not of the tree: all in it
 *      would be there twice.
 * GW5  A path that holds control characters is told with them escaped, and not read: what is read and reported has paths
 *      that can be printed.
 */
import { existsSync, readdirSync, type Dirent } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import ignore from 'ignore';
import { limits } from '../core/limits.ts';
import type { ScanOptions, Skipped } from './concept.ts';
import { buildingFiles } from './deployables.ts';
import { pathTest } from './globs.ts';
import { languageOf } from './parse-languages.ts';
import { readRegularFile } from './regular-file.ts';

/** What builds, ships or names a folder. */
export type Manifest = {
  /** Its folder, '' for the root. */
  readonly folder: string;
  readonly file: string;
};

export type Walk = {
  /** From the root, with `/`. */
  readonly files: readonly string[];
  readonly manifests: readonly Manifest[];
  readonly skipped: readonly Skipped[];
  /** What is in no language that is read; only where it was asked for. */
  readonly others: readonly string[];
};

const neverRead = new Set(
  (
    '.git .hg .svn node_modules bower_components jspm_packages .venv venv .virtualenv site-packages __pycache__ .tox ' +
    '.nox .mypy_cache .pytest_cache .ruff_cache .next .nuxt .svelte-kit .turbo .cache .parcel-cache .yarn .pnpm-store ' +
    'dist build out target coverage htmlcov .ipynb_checkpoints .idea .vscode .gradle .eggs .terraform'
  ).split(' '),
);

const manifestFiles = new Set([...buildingFiles, 'tsconfig.json', 'jsconfig.json']);

/** What holds code in a way that is not read, by the end of its name. */
const unreadSources: ReadonlyMap<string, Skipped['why']> = new Map([
  ['ipynb', 'notebook'],
  ['vue', 'component'],
  ['svelte', 'component'],
  ['astro', 'component'],
  ['pyi', 'stub'],
]);

type Ignores = { readonly folder: string; readonly rules: ReturnType<typeof ignore> };

/** Walks `options.root`. Throws if the root itself can't be listed. `others`: lists all other files too. */
export function walk(options: ScanOptions, { others = false } = {}): Walk {
  return new Walker(options, others).walk();
}

class Walker {
  readonly #root: string;
  readonly #isWanted: (path: string) => boolean;
  readonly #isIgnored: (path: string) => boolean;
  readonly #files: string[] = [];
  readonly #manifests: Manifest[] = [];
  readonly #skipped: Skipped[] = [];
  readonly #others: string[] = [];
  readonly #wantsOthers: boolean;

  constructor(options: ScanOptions, wantsOthers: boolean) {
    this.#wantsOthers = wantsOthers;
    this.#root = options.root;
    this.#isWanted = options.include === undefined ? () => true : pathTest(options.include);
    this.#isIgnored = pathTest(options.ignore ?? []);
  }

  walk(): Walk {
    this.#folder('', readdirSync(this.#root, { withFileTypes: true }), ignoresAbove(this.#root));
    return {
      files: this.#files.toSorted(),
      manifests: this.#manifests.toSorted((a, b) => (a.folder + a.file < b.folder + b.file ? -1 : 1)),
      skipped: this.#skipped,
      others: this.#others.toSorted(),
    };
  }

  #folder(path: string, entries: readonly Dirent[], above: readonly Ignores[]): void {
    const own = entries.some((entry) => entry.name === '.gitignore' && entry.isFile());
    const folder = path === '' ? this.#root : join(this.#root, path);
    const ignores = own ? [...above, readIgnores(folder)] : above;
    for (const entry of entries) {
      const inner = path === '' ? entry.name : `${path}/${entry.name}`;
      if (unprintable.test(entry.name)) this.#refuse(inner, entry, ignores);
      else if (entry.isDirectory()) this.#descend(inner, entry.name, ignores);
      else if (entry.isSymbolicLink()) this.#link(inner, ignores);
      else if (entry.isFile()) this.#file(inner, entry.name, ignores);
    }
  }

  #descend(path: string, name: string, ignores: readonly Ignores[]): void {
    if (neverRead.has(name) || this.#isOut(`${path}/`, ignores) || this.#isIgnored(path)) return;
    let entries: Dirent[];
    try {
      entries = readdirSync(join(this.#root, path), { withFileTypes: true });
    } catch {
      this.#skipped.push({ path, why: 'unreadable' });
      return;
    }
    // A virtual environment by any other name.
    if (entries.some((entry) => entry.name === 'pyvenv.cfg')) return;
    if (entries.some((entry) => entry.name === '.git' && entry.isFile()) && isWorkTree(join(this.#root, path))) {
      this.#skipped.push({ path, why: 'checkout' });
      return;
    }
    this.#folder(path, entries, ignores);
  }

  #link(path: string, ignores: readonly Ignores[]): void {
    if (languageOf(path) === undefined || this.#isOut(path, ignores) || this.#isIgnored(path)) return;
    this.#skipped.push({ path, why: 'link' });
  }

  /** Says of a folder, or of a source, that its name can't be printed (GW5). */
  #refuse(path: string, entry: Dirent, ignores: readonly Ignores[]): void {
    const isFolder = entry.isDirectory();
    if (!isFolder && !(entry.isFile() && languageOf(path) !== undefined)) return;
    if (this.#isOut(isFolder ? `${path}/` : path, ignores) || this.#isIgnored(path)) return;
    this.#skipped.push({ path: path.replaceAll(unprintableAll, escaped), why: 'name' });
  }

  #file(path: string, name: string, ignores: readonly Ignores[]): void {
    const isManifest = manifestFiles.has(name) || name.endsWith('.Dockerfile');
    const isRead = languageOf(path) !== undefined;
    const why = isRead ? undefined : unreadSources.get(name.slice(name.lastIndexOf('.') + 1));
    if (!isManifest && !isRead && why === undefined) return this.#other(path, ignores);
    if (this.#isOut(path, ignores)) return;
    if (isManifest) this.#manifests.push({ folder: dirname(`/${path}`).slice(1), file: name });
    if (this.#isIgnored(path) || !this.#isWanted(path)) return;
    if (isRead) this.#files.push(path);
    else if (why !== undefined) this.#unread(path, why);
  }

  /** Not read for what is in it; where all files are asked for, it is one of them. */
  #unread(path: string, why: Skipped['why']): void {
    this.#skipped.push({ path, why });
    if (this.#wantsOthers) this.#others.push(path);
  }

  #other(path: string, ignores: readonly Ignores[]): void {
    if (this.#wantsOthers && !this.#isOut(path, ignores)) this.#others.push(path);
  }

  #isOut(path: string, ignores: readonly Ignores[]): boolean {
    if (ignores.length === 0) return false;
    const absolute = join(this.#root, path);
    return ignores.some(({ folder, rules }) => {
      const inner = relative(folder, absolute).split(sep).join('/');
      return rules.ignores(path.endsWith('/') ? `${inner}/` : inner);
    });
  }
}

/** Control and format characters: what would move a cursor, begin a line or turn the direction of text. */
const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;
const unprintableAll = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

function escaped(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}

/** Is it a further work tree of a repository, and no submodule? */
function isWorkTree(folder: string): boolean {
  const text = readRegularFile(join(folder, '.git'), limits.guardIgnoreLineCharsMax);
  return typeof text !== 'string' && /^gitdir: .*[/\\]worktrees[/\\]/.test(text.toString('utf8'));
}

/** A list that can't be read ignores nothing; neither does a line that no path can match for its length. */
function readIgnores(folder: string): Ignores {
  const bytes = readRegularFile(join(folder, '.gitignore'), limits.guardFileBytesMax);
  const lines = typeof bytes === 'string' ? [] : bytes.toString('utf8').split(/\r?\n/);
  const rules = ignore().add(lines.filter((line) => line.length <= limits.guardIgnoreLineCharsMax));
  return { folder, rules };
}

/** The lists of the folders above, up to the repository's. */
function ignoresAbove(root: string): Ignores[] {
  const found: Ignores[] = [];
  for (let folder = root; !existsSync(join(folder, '.git'));) {
    const above = dirname(folder);
    if (above === folder) return [];
    folder = above;
    if (existsSync(join(folder, '.gitignore'))) found.unshift(readIgnores(folder));
  }
  return found;
}
