/**
 * What a change adds that exists already, told before it lands.
 *
 * VH1  Only units that the change itself declares are looked at: what was there before is not this change's doing.
 * VH2  The code base is judged as it will be with the change, by the verdicts of a scan, whether it is applied or not.
 * VH3  What the same change takes away is no rival: that is a move.
 * VH4  A diff may be of more than the code base, or made in a part of it: what is elsewhere is not this code base's news.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { ValidationError } from '../core/errors.ts';
import { type AddedRival, rivalsAdded } from './added.ts';
import { type AuditOptions, scanOptions } from './audit.ts';
import type { Unit } from './concept.ts';
import type { GuardConfig } from './config.ts';
import { languageOf } from './parse-languages.ts';
import { scanChanged } from './scan-changed.ts';
import { changedFiles } from './unified-diff.ts';

/** A code base before it is read: where it lies, and what was decided for it. */
export type CodeBase = {
  readonly root: string;
  readonly config: GuardConfig;
  readonly options?: AuditOptions;
  /** Where the diff was made; without it, at the root. */
  readonly folder?: string;
};

/** Reads a unified diff against a code base. Throws a ValidationError for a text that is none. `today`: as 2026-11-22. */
export async function addedRivals(
  { root, config, options = {}, folder = root }: CodeBase,
  diff: string,
  today: string,
): Promise<readonly AddedRival[]> {
  if (!isDiff(diff)) {
    throw new ValidationError('This is no unified diff: it names no file.', {
      hint: 'Give what `git diff --no-color` or `diff -u` prints: git diff --no-color | cantus guard hook.',
    });
  }
  const place = placing(
    root,
    folder,
    changedFiles(diff, () => undefined).map(({ path }) => path),
  );
  const files = changedFiles(diff, (path) => textOf(join(root, place(path) ?? path))).flatMap((file) => {
    const path = place(file.path);
    return path === undefined || !isRead(path) ? [] : [{ ...file, path }];
  });
  if (files.every(({ added }) => added.size === 0)) return [];
  const texts = new Map(files.map(({ path, text }) => [path, text]));
  const scan = await scanChanged({ ...scanOptions(root, config), ...options }, texts);
  const lines = new Map(files.map(({ path, added }) => [path, added]));
  const isAdded = ({ path, span, zone, outer }: Unit): boolean =>
    zone === 'prod' && outer === undefined && lines.get(path)?.has(span.line) === true;
  const units = [...scan.tree.units.values()].filter(isAdded);
  const whichIsAdded = (one: Unit, other: Unit): Unit | undefined => {
    if (isAdded(one) === isAdded(other)) return undefined;
    return isAdded(one) ? one : other;
  };
  return rivalsAdded({ config, scan }, units, whichIsAdded, today);
}

type Place = (path: string) => string | undefined;

/**
 * What the paths of a diff are from the root of the code base (VH4): `git diff` tells them from the top of the repository,
 * which may lie above it, and `git diff --relative` from where it was made. Undefined: in another part of the repository.
 */
function placing(root: string, folder: string, paths: readonly string[]): Place {
  const above = inner(topOf(root), root);
  const below = inner(root, folder);
  const ways: readonly Place[] = [
    (path) => path,
    (path) => (path.startsWith(above) ? path.slice(above.length) : undefined),
    (path) => below + path,
  ];
  const found = ways.map((way) => paths.filter((path) => isThere(root, way(path))).length);
  const best = found.indexOf(Math.max(...found));
  if (found[best] === 0 && above !== '' && paths.some((path) => path.startsWith(above))) return ways[1] ?? String;
  return ways[best] ?? String;
}

function isThere(root: string, path: string | undefined): boolean {
  return path !== undefined && existsSync(join(root, path));
}

/** The folder of the repository that `root` lies in. */
function topOf(root: string): string {
  for (let at = root; ; at = dirname(at)) {
    if (existsSync(join(at, '.git'))) return at;
    if (dirname(at) === at) return root;
  }
}

/** The way from one folder down to another, as `packages/a/`; none where it leads elsewhere. */
function inner(from: string, to: string): string {
  const way = relative(from, to).split(sep).join('/');
  return way === '' || way.startsWith('..') ? '' : `${way}/`;
}

/** Nothing at all is a diff too: that of two trees that are the same. */
function isDiff(text: string): boolean {
  return text.trim() === '' || /^(?:diff |\+\+\+ |Index: |Only in |Binary files )/m.test(text);
}

function isRead(path: string): boolean {
  return languageOf(path) !== undefined;
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
