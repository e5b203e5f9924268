/** The facts of every file of a tree: from the cache where it knows them, else by reading. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, resolve as absolute } from 'node:path';
import { ValidationError } from '../core/errors.ts';
import { cacheFolder, FactCache, keyOf, type Known } from './cache.ts';
import type { ScanOptions, Skipped } from './concept.ts';
import type { FileFacts } from './facts.ts';
import { type SharedStrings, unpackFacts } from './facts-pack.ts';
import { grammarOf } from './parse-languages.ts';
import { extractorVersion } from './parse-version.ts';
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

/** Reads the tree at `options.root`. Throws a ValidationError if there is no such folder. */
export async function readTree(options: ScanOptions): Promise<{ readonly facts: TreeFacts; readonly cached: number }> {
  const root = absolute(options.root);
  if (!existsSync(root) || !statSync(root).isDirectory()) {
    throw new ValidationError(`There is no folder ${options.root} to scan.`, {
      hint: 'Give the root of a source tree.',
    });
  }
  return readWalked(root, walk({ ...options, root }), options);
}

async function readWalked(
  root: string,
  walked: Walk,
  options: ScanOptions,
): Promise<{ readonly facts: TreeFacts; readonly cached: number }> {
  const strings: SharedStrings = new Map();
  const folder = options.cache ?? cacheFolder(root);
  const cache = folder === false ? undefined : new FactCache({ folder, root, version: extractorVersion }, strings);
  const byPath = new Map<string, FileFacts>();
  const skipped = new Map<string, Skipped['why']>();
  const keep = (path: string, { facts, why }: Known<FileFacts>): void => {
    if (facts !== undefined) byPath.set(path, facts);
    if (why !== undefined) skipped.set(path, why);
  };
  const unknown: string[] = [];
  for (const path of walked.files) {
    const known = cache === undefined || cache.isEmpty ? undefined : fromCache(cache, root, path);
    if (known === undefined) unknown.push(path);
    else keep(path, known);
  }
  const threads = options.workers ?? Math.max(1, Math.min(4, availableParallelism()));
  await readFiles(root, unknown, threads, ({ path, key, facts, why }) => {
    const told = why === undefined ? {} : { why };
    keep(path, facts === undefined ? told : { ...told, facts: unpackFacts(facts, strings) });
    if (key !== undefined) cache?.put(key, facts === undefined ? told : { ...told, facts });
  });
  cache?.save();
  return { facts: { root, walked, byPath, skipped }, cached: cache?.hits ?? 0 };
}

function fromCache(cache: FactCache, root: string, path: string): Known<FileFacts> | undefined {
  try {
    return cache.take(keyOf(readFileSync(join(root, path)), grammarOf(path)?.grammar ?? ''));
  } catch {
    return undefined;
  }
}
