/**
 * Finds the files of a tree that can be read, and what is deployed as one thing.
 *
 * GW1  What git ignores is not there; nor are the folders of package managers and builds, whether git knows or not.
 * GW2  Links are not followed, so that no loop can hold up a walk and no file counts twice.
 * GW3  The same tree gives the same list, sorted by path.
 */
import { existsSync, readdirSync, readFileSync, type Dirent } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import ignore from 'ignore';
import type { ScanOptions, Skipped } from './concept.ts';
import { buildingFiles } from './deployables.ts';
import { pathTest } from './globs.ts';
import { languageOf } from './parse-languages.ts';

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
    'dist build out target coverage htmlcov .idea .vscode .gradle .eggs .terraform'
  ).split(' '),
);

const manifestFiles = new Set([...buildingFiles, 'tsconfig.json', 'jsconfig.json']);

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
      if (entry.isDirectory()) this.#descend(inner, entry.name, ignores);
      else if (entry.isSymbolicLink()) {
        if (languageOf(inner) !== undefined) this.#skipped.push({ path: inner, why: 'link' });
      } else if (entry.isFile()) this.#file(inner, entry.name, ignores);
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
    this.#folder(path, entries, ignores);
  }

  #file(path: string, name: string, ignores: readonly Ignores[]): void {
    const isManifest = manifestFiles.has(name) || name.endsWith('.Dockerfile');
    const isRead = languageOf(path) !== undefined;
    if (!isManifest && !isRead && !name.endsWith('.ipynb')) return this.#other(path, ignores);
    if (this.#isOut(path, ignores)) return;
    if (isManifest) this.#manifests.push({ folder: dirname(`/${path}`).slice(1), file: name });
    if (this.#isIgnored(path) || !this.#isWanted(path)) return;
    if (isRead) this.#files.push(path);
    else if (name.endsWith('.ipynb')) this.#skipped.push({ path, why: 'notebook' });
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

function readIgnores(folder: string): Ignores {
  let text = '';
  try {
    text = readFileSync(join(folder, '.gitignore'), 'utf8');
  } catch {
    // A list that can't be read ignores nothing.
  }
  return { folder, rules: ignore().add(text) };
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
