/**
 * Facts of files that were read before, by what the files hold.
 *
 * GC1  The key is a hash of the file's bytes and its grammar: no time stamp is believed.
 * GC2  It is only a short cut. A cache that is missing, broken, or of another version is as good as none, and a folder
 *      that can't be written to is no error.
 * GC3  One file per tree, replaced whole by a rename, with exactly what the last scan used; what was found is beside it
 *      (kept-report.ts).
 */
import { createHash } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Skipped } from './concept.ts';
import type { FileFacts } from './facts.ts';
import { type PackedFacts, type SharedStrings, unpackFacts } from './facts-pack.ts';

/** The key of a file's facts. The grammar goes in, for one text can be read by two. */
export function keyOf(bytes: Uint8Array, grammar: string): string {
  return createHash('sha1').update(grammar).update('\0').update(bytes).digest('base64');
}

/** The key of every file that is too large: what it holds is not asked. */
export const tooLargeKey = 'too-large';

/** `node_modules/.cache/cantus-guard` where there are node_modules, else the cache folder of the machine's user. */
export function cacheFolder(root: string): string {
  if (existsSync(join(root, 'node_modules'))) return join(root, 'node_modules', '.cache', 'cantus-guard');
  return join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'cantus-guard');
}

/** What is known of a file by what it holds: its facts, or why it has none, or both where it was not read wholly. */
export type Known<Facts> = { readonly facts?: Facts; readonly why?: Skipped['why'] };

/** What is known of files by their keys, of one tree. */
export class FactCache {
  readonly #file: string;
  #before: ReadonlyMap<string, Known<Uint8Array>>;
  #bytes: Buffer | undefined;
  /** Null where what there is now could not be written. */
  #seal: string | null | undefined;
  readonly #now = new Map<string, Known<Uint8Array>>();
  readonly #strings: SharedStrings;
  #hits = 0;

  /** `strings`: shared with whoever else unpacks facts of this tree. */
  constructor(
    file: { readonly folder: string; readonly root: string; readonly version: number },
    strings: SharedStrings,
  ) {
    const tree = createHash('sha1').update(file.root).digest('hex').slice(0, 16);
    this.#file = join(file.folder, `${tree}.v${file.version}.pack`);
    this.#bytes = readPack(this.#file);
    this.#before = this.#bytes === undefined ? new Map() : entriesOf(this.#bytes);
    this.#strings = strings;
  }

  /** Where something else that is known of this tree is kept. */
  fileBeside(what: string): string {
    return this.#file.replace(/pack$/, what);
  }

  has(key: string): boolean {
    return this.#now.has(key) || this.#before.has(key);
  }

  /** A hash of all that lies on the disk for this tree: who knew it before can trust every fact. Undefined where nothing does. */
  get seal(): string | undefined {
    if (this.#bytes !== undefined && this.#seal === undefined) {
      this.#seal = createHash('sha1').update(this.#bytes).digest('base64');
    }
    return this.#seal ?? undefined;
  }

  /** Nothing is known yet, so nothing needs to be asked. */
  get isEmpty(): boolean {
    return this.#before.size === 0;
  }

  /** Files of this scan whose facts were known. */
  get hits(): number {
    return this.#hits;
  }

  take(key: string): Known<FileFacts> | undefined {
    const known = this.#before.get(key);
    if (known === undefined) return undefined;
    try {
      const { facts: packed, ...rest } = known;
      const taken = packed === undefined ? rest : { ...rest, facts: unpackFacts(packed, this.#strings) };
      this.#now.set(key, known);
      if (packed !== undefined) this.#hits += 1;
      return taken;
    } catch {
      return undefined;
    }
  }

  put(key: string, known: Known<PackedFacts>): void {
    this.#now.set(key, known);
  }

  /** Writes what this scan used, unless it is what was there (GC3). */
  save(): void {
    const now = this.#now;
    const isSame = now.size === this.#before.size && [...now.keys()].every((key) => this.#before.has(key));
    if (isSame) return;
    const hash = createHash('sha1');
    const isWritten = replaceFile(this.#file, function* hashed(): Generator<Uint8Array> {
      for (const piece of packOf(now)) {
        hash.update(piece);
        yield piece;
      }
    });
    this.#seal = isWritten ? hash.digest('base64') : null;
  }

  /** Lets go of all facts, once everything was taken and saved: they are as large as what is made of them. */
  letGo(): void {
    this.#seal ??= this.seal ?? null;
    this.#bytes = undefined;
    this.#before = new Map();
    this.#now.clear();
  }
}

/** Writes a file anew as a whole or not at all, and says which. In pieces, so that it never is in memory twice. */
export function replaceFile(path: string, pieces: () => Iterable<Uint8Array>): boolean {
  const beside = `${path}.${process.pid}`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    const file = openSync(beside, 'w');
    try {
      for (const piece of pieces()) writeSync(file, piece);
    } finally {
      closeSync(file);
    }
    renameSync(beside, path);
    return true;
  } catch {
    discard(beside);
    return false;
  }
}

/** Takes away what was begun; where even that fails, nothing was. */
function discard(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // A folder that is none has nothing in it.
  }
}

type Entry = readonly [key: string, length: number, why?: Skipped['why']];

/** A JSON head with keys and lengths, its own length before it, and the packed facts behind it, all aligned to four. */
function* packOf(entries: ReadonlyMap<string, Known<Uint8Array>>): Generator<Uint8Array> {
  const list = [...entries].map(([key, { facts, why }]): Entry => {
    const length = facts?.length ?? 0;
    return why === undefined ? [key, length] : [key, length, why];
  });
  const written = Buffer.from(JSON.stringify(list));
  const head = Buffer.alloc(Math.ceil((written.length + 4) / 4) * 4, ' ');
  head.writeUInt32LE(head.length - 4);
  written.copy(head, 4);
  yield head;
  for (const { facts } of entries.values()) if (facts !== undefined) yield facts;
}

function readPack(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}

function entriesOf(bytes: Buffer): Map<string, Known<Uint8Array>> {
  const entries = new Map<string, Known<Uint8Array>>();
  try {
    const headEnd = 4 + bytes.readUInt32LE(0);
    let at = headEnd;
    for (const [key, length, why] of JSON.parse(bytes.toString('utf8', 4, headEnd)) as readonly Entry[]) {
      if (at + length > bytes.length) return new Map();
      const facts = length === 0 ? {} : { facts: bytes.subarray(at, at + length) };
      entries.set(key, why === undefined ? facts : { ...facts, why });
      at += length;
    }
  } catch {
    return new Map();
  }
  return entries;
}
