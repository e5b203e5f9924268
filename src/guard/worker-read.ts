/** Reads one file from disk to facts. Used by worker threads, and without them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { keyOf } from './cache.ts';
import type { Skipped } from './concept.ts';
import { packFacts, type PackedFacts } from './facts-pack.ts';
import type { Extractor } from './parse.ts';
import { grammarOf } from './parse-languages.ts';
import { decodeSource } from './source-text.ts';

/** What became of one file. */
export type ReadFile = {
  readonly path: string;
  /** What the cache may keep it by. */
  readonly key?: string;
  readonly facts?: PackedFacts;
  readonly why?: Skipped['why'];
};

export function readSource(extractor: Extractor, root: string, path: string): ReadFile {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(join(root, path));
  } catch {
    return { path, why: 'unreadable' };
  }
  const key = keyOf(bytes, grammarOf(path)?.grammar ?? '');
  const source = decodeSource(bytes);
  if ('why' in source) return { path, key, why: source.why };
  try {
    const facts = packFacts(extractor.extract(path, source.text));
    return { path, key, facts, ...(source.note === undefined ? {} : { why: source.note }) };
  } catch {
    return { path, why: 'crash' };
  }
}
