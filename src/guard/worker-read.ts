/** Reads one file from disk to facts. Used by worker threads, and without them. */
import { join } from 'node:path';
import { LimitError } from '../core/errors.ts';
import { limits } from '../core/limits.ts';
import { keyOf, tooLargeKey } from './cache.ts';
import type { Skipped } from './concept.ts';
import type { FileFacts } from './facts.ts';
import { packFacts, type PackedFacts } from './facts-pack.ts';
import type { Extractor } from './parse.ts';
import { grammarOf } from './parse-languages.ts';
import { readRegularFile } from './regular-file.ts';
import { decodeSource } from './source-text.ts';

/** What became of one file. */
export type ReadFile = {
  readonly path: string;
  /** What the cache may keep it by. */
  readonly key?: string;
  readonly facts?: PackedFacts;
  readonly why?: Skipped['why'];
};

/** Reads the file at `path` from the root. Throws nothing. */
export function readSource(extractor: Extractor, root: string, path: string): ReadFile {
  const bytes = readRegularFile(join(root, path), limits.guardFileBytesMax);
  if (bytes === 'too-large') return { path, key: tooLargeKey, why: bytes };
  if (bytes === 'unreadable') return { path, why: bytes };
  const key = keyOf(bytes, grammarOf(path)?.grammar ?? '');
  const source = decodeSource(bytes);
  if ('why' in source) return { path, key, why: source.why };
  const { facts, why = source.note } = factsOf(extractor, path, source.text);
  // A fault of our own may be mended when it is read again.
  const kept = why === 'crash' ? {} : { key };
  return {
    path,
    ...kept,
    ...(facts === undefined ? {} : { facts: packFacts(facts) }),
    ...(why === undefined ? {} : { why }),
  };
}

/** Facts of a text, or why there are none. */
export function factsOf(
  extractor: Extractor,
  path: string,
  text: string,
): { readonly facts?: FileFacts; readonly why?: Skipped['why'] } {
  try {
    return { facts: extractor.extract(path, text) };
  } catch (error) {
    return { why: error instanceof LimitError ? 'tangled' : 'crash' };
  }
}
