/**
 * What a scan found, kept for the next scan of the same tree.
 *
 * KR1  It is taken only where all that it was made from is the same by content: the guard's own code, the options, the
 *      bytes of every file, every manifest that was read or looked for, and git's history where births were asked for.
 * KR2  It answers nothing less. The tree is made, of facts that are at hand, as soon as more of it is asked for than the
 *      units that the report names.
 * KR3  It is only a short cut, as the facts are (GC2).
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { deserialize, serialize } from 'node:v8';
import { replaceFile } from './cache.ts';
import type { ScanOptions, ScanReport, SourceFile, SourceTree, Unit } from './concept.ts';
import type { TreeList } from './read-tree.ts';
import type { ReadText } from './resolve.ts';

/** What is found in a tree, without the tree and without how it came about. */
export type Findings = Omit<ScanReport, 'tree' | 'cached' | 'ms'>;

/** What a report was made from, besides the texts of manifests. */
export type Basis = { readonly list: TreeList; readonly options: ScanOptions; readonly history: string };

type Kept = {
  readonly key: string;
  /** Of the facts on the disk, so that none of them is found broken when the tree is made of them. */
  readonly seal: string;
  /** Manifests and what they lead to, by path: a hash of the text, or nothing where there was no file. */
  readonly texts: ReadonlyMap<string, string | undefined>;
  readonly findings: Findings;
  /** The units that the findings name. */
  readonly units: ReadonlyMap<string, Unit>;
};

/** The report of a tree that is as it was when one was kept; undefined when it isn't, or none was. */
export function takeReport(
  basis: Basis,
  read: ReadText,
  makeTree: (read: ReadText) => SourceTree,
): (Findings & { readonly tree: SourceTree }) | undefined {
  const { cache, root } = basis.list;
  if (cache === undefined || !isAllAtHand(basis.list)) return undefined;
  const kept = readKept(cache.fileBeside('report'));
  if (kept === undefined || kept.key !== keyOfBasis(basis) || kept.seal !== cache.seal) return undefined;
  const texts = new Map([...kept.texts.keys()].map((path) => [path, read(path)]));
  if (![...kept.texts].every(([path, hash]) => hashOf(texts.get(path)) === hash)) return undefined;
  const readKnown: ReadText = (path) => (texts.has(path) ? texts.get(path) : read(path));
  return { ...kept.findings, tree: new TreeOnDemand(root, kept.units, () => makeTree(readKnown)) };
}

/** Keeps what was found. `texts`: what was read of manifests for it. */
export function keepReport(
  basis: Basis,
  { tree, ...findings }: Findings & { readonly tree: SourceTree },
  texts: ReadonlyMap<string, string | undefined>,
): void {
  const key = keyOfBasis(basis);
  const { cache } = basis.list;
  const seal = cache?.seal;
  if (key === undefined || cache === undefined || seal === undefined) return;
  const named = findings.concepts.flatMap(({ units, leftOut }) => [...units, ...leftOut.flatMap(({ a, b }) => [a, b])]);
  const units = new Map(
    [...new Set(named)].flatMap((id): [string, Unit][] => {
      const unit = tree.units.get(id);
      return unit === undefined ? [] : [[id, unit]];
    }),
  );
  const hashes = new Map([...texts].map(([path, text]) => [path, hashOf(text)]));
  const kept: Kept = { key, seal, texts: hashes, findings, units };
  const written = serialize(kept);
  replaceFile(cache.fileBeside('report'), () => [digestOf(written), written]);
}

/** Of SHA-1. */
const digestBytes = 20;

function digestOf(bytes: Uint8Array): Buffer {
  return createHash('sha1').update(bytes).digest();
}

/** A digest, and behind it what it is of. */
function readKept(file: string): Kept | undefined {
  try {
    const bytes = readFileSync(file);
    const written = bytes.subarray(digestBytes);
    return digestOf(written).equals(bytes.subarray(0, digestBytes)) ? (deserialize(written) as Kept) : undefined;
  } catch {
    return undefined;
  }
}

function hashOf(text: string | undefined): string | undefined {
  return text === undefined ? undefined : createHash('sha1').update(text).digest('base64');
}

function isAllAtHand({ walked, keys, cache }: TreeList): boolean {
  return walked.files.every((path) => cache?.has(keys.get(path) ?? '') === true);
}

/** All of the basis in one word (KR1); undefined where some of it can't be told. */
function keyOfBasis({ list, options, history }: Basis): string | undefined {
  const code = ownCode();
  const { root, walked, keys } = list;
  if (code === undefined || !walked.files.every((path) => keys.has(path))) return undefined;
  const { include, ignore, zones, deployables, vocabulary, git } = options;
  const asked = { include, ignore, zones, deployables, vocabulary, git };
  const files = walked.files.map((path) => [path, keys.get(path)]);
  const all = [process.version, code, root, asked, files, walked.manifests, walked.skipped, history];
  return hashOf(JSON.stringify(all));
}

let knownCode: string | undefined;

/** The code that finds and judges, so that another version of it never tells what this one found. */
function ownCode(): string | undefined {
  try {
    knownCode ??= hashOf(['./', '../core/'].map((folder) => codeIn(new URL(folder, import.meta.url))).join('\0'));
  } catch {
    return undefined;
  }
  return knownCode;
}

function codeIn(folder: URL): string {
  const names = readdirSync(folder).filter((name) => /(?<!\.d|\.test|\.fixture)\.[jt]s$/.test(name));
  return names
    .toSorted()
    .map((name) => `${name}\0${readFileSync(new URL(name, folder), 'utf8')}`)
    .join('\0');
}

/** A tree of which a few units are known, and the rest is made when it is asked for (KR2). */
class TreeOnDemand implements SourceTree {
  readonly root: string;
  readonly units: ReadonlyMap<string, Unit>;
  readonly #make: () => SourceTree;
  #made: SourceTree | undefined;

  constructor(root: string, known: ReadonlyMap<string, Unit>, make: () => SourceTree) {
    this.root = root;
    this.#make = make;
    this.units = new UnitsOnDemand(known, () => this.#whole().units);
  }

  get files(): ReadonlyMap<string, SourceFile> {
    return this.#whole().files;
  }

  #whole(): SourceTree {
    this.#made ??= this.#make();
    return this.#made;
  }
}

class UnitsOnDemand implements ReadonlyMap<string, Unit> {
  readonly #known: ReadonlyMap<string, Unit>;
  readonly #make: () => ReadonlyMap<string, Unit>;
  #made: ReadonlyMap<string, Unit> | undefined;

  constructor(known: ReadonlyMap<string, Unit>, make: () => ReadonlyMap<string, Unit>) {
    this.#known = known;
    this.#make = make;
  }

  get(id: string): Unit | undefined {
    return this.#known.get(id) ?? this.#all().get(id);
  }

  has(id: string): boolean {
    return this.#known.has(id) || this.#all().has(id);
  }

  get size(): number {
    return this.#all().size;
  }

  forEach(see: (unit: Unit, id: string, units: ReadonlyMap<string, Unit>) => void): void {
    for (const [id, unit] of this) see(unit, id, this);
  }

  entries(): MapIterator<[string, Unit]> {
    return this.#all().entries();
  }

  keys(): MapIterator<string> {
    return this.#all().keys();
  }

  values(): MapIterator<Unit> {
    return this.#all().values();
  }

  [Symbol.iterator](): MapIterator<[string, Unit]> {
    return this.entries();
  }

  /** Who has met a unit before meets the same one again. */
  #all(): ReadonlyMap<string, Unit> {
    this.#made ??= new Map([...this.#make()].map(([id, unit]) => [id, this.#known.get(id) ?? unit]));
    return this.#made;
  }
}
