/** The facts of every file of a tree: from the cache where it knows them, else by reading. */
import { existsSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, resolve as absolute } from 'node:path';
import { assert } from '../core/assert.ts';
import { ValidationError } from '../core/errors.ts';
import { limits } from '../core/limits.ts';
import { cacheFolder, FactCache, keyOf, type Known, tooLargeKey } from './cache.ts';
import type { ScanOptions, Skipped } from './concept.ts';
import type { FileFacts } from './facts.ts';
import { type SharedStrings, unpackFacts } from './facts-pack.ts';
import { grammarOf } from './parse-languages.ts';
import { extractorVersion } from './parse-version.ts';
import { readRegularFile } from './regular-file.ts';
import { type Walk, walk } from './walk.ts';
import { readFiles } from './worker-pool.ts';

/** A tree as it was read, before anything in it is compared. */
export type TreeFacts = {
  /** Absolute. */
  readonly root: string;
  readonly walked: Walk;
  readonly byPath: ReadonlyMap<string, FileFacts>;
  /** Why a file was not read, or not wholly. */
  readonly skipped: ReadonlyMap<string, Skipped['why']>;
};

/** The files of a tree, and what they hold as far as it was looked at. */
export type TreeList = {
  /** Absolute. */
  readonly root: string;
  readonly walked: Walk;
  /** Facts that are at hand; undefined where none are to be kept. */
  readonly cache: FactCache | undefined;
  readonly strings: SharedStrings;
  /** What files hold, by path. Of those that can't be read there is none, and of none before facts are at hand. */
  readonly keys: Map<string, string>;
};

/** Lists the tree at `options.root`. Throws a ValidationError if there is no such folder. */
export function listTree(options: ScanOptions): TreeList {
  const root = absolute(options.root);
  if (!existsSync(root) || !statSync(root).isDirectory()) {
    throw new ValidationError(`There is no folder ${options.root} to scan.`, {
      hint: 'Give the root of a source tree.',
    });
  }
  const walked = walk({ ...options, root });
  const strings: SharedStrings = new Map();
  const folder = options.cache ?? cacheFolder(root);
  const cache = folder === false ? undefined : new FactCache({ folder, root, version: extractorVersion }, strings);
  const keys = new Map<string, string>();
  if (cache !== undefined && !cache.isEmpty) {
    for (const path of walked.files) {
      const key = keyOfFile(root, path);
      if (key !== undefined) keys.set(path, key);
    }
  }
  return { root, walked, cache, strings, keys };
}

function keyOfFile(root: string, path: string): string | undefined {
  const bytes = readRegularFile(join(root, path), limits.guardFileBytesMax);
  if (bytes === 'too-large') return tooLargeKey;
  return bytes === 'unreadable' ? undefined : keyOf(bytes, grammarOf(path)?.grammar ?? '');
}

/** Reads the tree at `options.root`. Throws as `listTree`. */
export async function readTree(options: ScanOptions): Promise<{ readonly facts: TreeFacts; readonly cached: number }> {
  return readListed(listTree(options), options);
}

/** Reads what was listed, once: what is at hand from there, the rest from the files. */
export async function readListed(
  { root, walked, cache, strings, keys }: TreeList,
  options: ScanOptions,
): Promise<{ readonly facts: TreeFacts; readonly cached: number }> {
  const byPath = new Map<string, FileFacts>();
  const skipped = new Map<string, Skipped['why']>();
  const keep = (path: string, { facts, why }: Known<FileFacts>): void => {
    if (facts !== undefined) byPath.set(path, facts);
    if (why !== undefined) skipped.set(path, why);
  };
  const unknown: string[] = [];
  for (const path of walked.files) {
    const known = cache?.take(keys.get(path) ?? '');
    if (known === undefined) unknown.push(path);
    else keep(path, known);
  }
  const threads = options.workers ?? Math.max(1, Math.min(4, availableParallelism()));
  await readFiles(root, unknown, threads, ({ path, key, facts, why }) => {
    const told = why === undefined ? {} : { why };
    keep(path, facts === undefined ? told : { ...told, facts: unpackFacts(facts, strings) });
    keys.delete(path);
    if (key === undefined) return;
    keys.set(path, key);
    cache?.put(key, facts === undefined ? told : { ...told, facts });
  });
  cache?.save();
  cache?.letGo();
  strings.clear();
  return { facts: { root, walked, byPath, skipped }, cached: cache?.hits ?? 0 };
}

/** What was listed, of facts that are all at hand. */
export function readAtHand({ root, walked, cache, keys }: TreeList): TreeFacts {
  const byPath = new Map<string, FileFacts>();
  const skipped = new Map<string, Skipped['why']>();
  for (const path of walked.files) {
    const known = cache?.take(keys.get(path) ?? '');
    assert(known !== undefined, 'facts that are at hand can be unpacked');
    if (known.facts !== undefined) byPath.set(path, known.facts);
    if (known.why !== undefined) skipped.set(path, known.why);
  }
  return { root, walked, byPath, skipped };
}
