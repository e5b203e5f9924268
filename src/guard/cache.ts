/**
 * Facts of files that were read before, by what the files hold.
 *
 * GC1  The key is a hash of the file's bytes and its grammar: no time stamp is believed.
 * GC2  It is only a short cut. A cache that is missing, broken, or of another version is as good as none, and a folder
 *      that can't be written to is no error.
 * GC3  One file per tree, replaced whole by a rename, with exactly what the last scan used.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import type { FileFacts } from './facts.ts';

/** Facts as a worker sends them and the cache keeps them. */
export type PackedFacts = Uint8Array;

export function packFacts(facts: FileFacts): PackedFacts {
  return serialize(facts);
}

/** The way back. Throws on what was not packed by `packFacts`. */
export function unpackFacts(packed: PackedFacts): FileFacts {
  return deserialize(packed) as FileFacts;
}

/** The key of a file's facts. The grammar goes in, for one text can be read by two. */
export function keyOf(bytes: Uint8Array, grammar: string): string {
  return createHash('sha1').update(grammar).update('\0').update(bytes).digest('base64');
}

/** `node_modules/.cache/cantus-guard` where there are node_modules, else the cache folder of the machine's user. */
export function cacheFolder(root: string): string {
  if (existsSync(join(root, 'node_modules'))) return join(root, 'node_modules', '.cache', 'cantus-guard');
  return join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'cantus-guard');
}

/** Facts by key, of one tree. */
export class FactCache {
  readonly #file: string;
  readonly #folder: string;
  readonly #before: ReadonlyMap<string, PackedFacts>;
  readonly #now = new Map<string, PackedFacts>();
  #hits = 0;

  constructor(folder: string, root: string, version: number) {
    const tree = createHash('sha1').update(root).digest('hex').slice(0, 16);
    this.#folder = folder;
    this.#file = join(folder, `${tree}.v${version}.pack`);
    this.#before = readPack(this.#file);
  }

  /** Nothing is known yet, so nothing needs to be asked. */
  get isEmpty(): boolean {
    return this.#before.size === 0;
  }

  /** Files of this scan whose facts were known. */
  get hits(): number {
    return this.#hits;
  }

  take(key: string): FileFacts | undefined {
    const packed = this.#before.get(key);
    if (packed === undefined) return undefined;
    try {
      const facts = unpackFacts(packed);
      this.#now.set(key, packed);
      this.#hits += 1;
      return facts;
    } catch {
      return undefined;
    }
  }

  put(key: string, packed: PackedFacts): void {
    this.#now.set(key, packed);
  }

  /** Writes what this scan used, unless it is what was there (GC3). */
  save(): void {
    if (this.#now.size === this.#before.size && this.#hits >= this.#now.size) return;
    const beside = `${this.#file}.${process.pid}`;
    try {
      mkdirSync(this.#folder, { recursive: true });
      writeFileSync(beside, joinPack(this.#now));
      renameSync(beside, this.#file);
    } catch {
      rmSync(beside, { force: true });
    }
  }
}

/** A JSON head with keys and lengths, its own length before it, and the packed facts behind it. */
function joinPack(entries: ReadonlyMap<string, PackedFacts>): Buffer {
  const head = Buffer.from(JSON.stringify([...entries].map(([key, packed]) => [key, packed.length])));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(head.length);
  return Buffer.concat([length, head, ...entries.values()]);
}

function readPack(file: string): Map<string, PackedFacts> {
  const entries = new Map<string, PackedFacts>();
  try {
    const bytes = readFileSync(file);
    const headEnd = 4 + bytes.readUInt32LE(0);
    let at = headEnd;
    for (const [key, length] of JSON.parse(bytes.toString('utf8', 4, headEnd)) as [string, number][]) {
      if (at + length > bytes.length) return new Map();
      entries.set(key, bytes.subarray(at, at + length));
      at += length;
    }
  } catch {
    return new Map();
  }
  return entries;
}
