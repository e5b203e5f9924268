/**
 * Folders that stand side by side with the same files in them, and folders that cover what lies around them.
 *
 * GZ1  Two folders alone are of one shape only if three of their files answer to each other; one file of one name is what
 *      any two folders may have.
 */
import type { SourceTree, Unit } from './concept.ts';
import { folderOf } from './resolve-paths.ts';

export type Between = {
  /** The folders that differ; of a file above them (`isAbove`) the one below. */
  readonly names: readonly string[];
  readonly isAbove: boolean;
};

export type Shapes = {
  /** The folders of one shape in which two files lie, or the one below a file that has the name of theirs. */
  between(one: string, other: string): Between | undefined;
};

/** From this many folders with a file of one place in them it is a shape, whatever else they hold. */
const cellsMin = 3;
/** Files of odds and ends: what two of them both have was written twice. */
const odds = /(?:^|\/)[\w-]*(?:utils?|helpers?|common|shared|misc|tools?|lib|functions?|index)\.\w+$/;
/** From this many names on, a folder within another is a face of it; two side by side need more. */
export const overlayMin = { within: 5, beside: 10 } as const;

/** A name that is in more folders says nothing of two. */
const foldersMax = 12;
/** So many of their files have to answer to each other. */
const alikeMin = 3;

/** Reads the shapes out of the paths of a tree. */
export function shapesOf(paths: Iterable<string>): Shapes {
  const folders = new Folders(paths);
  const shared = (one: string, other: string): number => {
    const theirs = folders.places(other);
    return [...folders.places(one)].filter((place) => theirs.has(place)).length;
  };
  const beside = (a: readonly string[], b: readonly string[]): Between | undefined => {
    const index = a.findIndex((part, at) => part !== b[at]);
    if (index < 0 || index >= a.length - 1) return undefined;
    const [left, right] = [placeIn(a, index), placeIn(b, index)];
    if (left.below !== right.below || odds.test(left.below)) return undefined;
    if (folders.cells(left) < cellsMin && shared(left.folder, right.folder) < 3) return undefined;
    return { names: [a[index] ?? '', b[index] ?? ''], isAbove: false };
  };
  const above = (upper: readonly string[], lower: readonly string[]): Between | undefined => {
    const index = upper.length - 1;
    if (lower.length !== upper.length + 1 || upper.slice(0, -1).join('/') !== lower.slice(0, index).join('/'))
      return undefined;
    // A folder that the file above has its name from is where it moved to.
    if (upper.at(-1) !== lower.at(-1) || placeIn(lower, index).below.includes('*')) return undefined;
    if (folders.cells(placeIn(lower, index)) < 2) return undefined;
    return { names: [lower[index] ?? ''], isAbove: true };
  };
  return {
    between(one, other) {
      const [a, b] = [one.split('/'), other.split('/')];
      if (a.length === b.length) return beside(a, b);
      return a.length < b.length ? above(a, b) : above(b, a);
    },
  };
}

/** What stands in which folder of a tree. Little of it is ever asked for, so each answer is found when it is. */
class Folders {
  readonly #paths: readonly string[];
  readonly #known: ReadonlySet<string>;
  /** Of each folder, its folders that have files at any depth. */
  readonly #inner = new Map<string, string[]>();
  readonly #cells = new Map<string, number>();
  readonly #places = new Map<string, ReadonlySet<string>>();

  constructor(paths: Iterable<string>) {
    this.#known = new Set(paths);
    this.#paths = [...this.#known].toSorted();
    const seen = new Set(['']);
    for (const path of this.#paths) {
      for (let folder = folderOf(path); !seen.has(folder); folder = folderOf(folder)) {
        seen.add(folder);
        const name = folder.slice(folder.lastIndexOf('/') + 1);
        const beside = this.#inner.get(folderOf(folder));
        if (beside === undefined) this.#inner.set(folderOf(folder), [name]);
        else beside.push(name);
      }
    }
  }

  /** How many folders beside this place's have a file at it too, with itself; as many as matter. */
  cells({ parent, below }: Place): number {
    const key = `${parent}\0${below}`;
    const before = this.#cells.get(key);
    if (before !== undefined) return before;
    let count = 0;
    for (const name of this.#inner.get(parent) ?? []) {
      if (this.#hasPlace(parent, name, below)) count += 1;
      if (count === cellsMin) break;
    }
    this.#cells.set(key, count);
    return count;
  }

  #hasPlace(parent: string, name: string, below: string): boolean {
    const inner = below.replaceAll(/(?<=^|\/)\*/g, () => name);
    if (!this.#known.has(join(join(parent, name), inner))) return false;
    return below === belowOf(name, inner.split('/'));
  }

  /** The places of all files below a folder. */
  places(folder: string): ReadonlySet<string> {
    const before = this.#places.get(folder);
    if (before !== undefined) return before;
    const places = new Set<string>();
    const name = folder.slice(folder.lastIndexOf('/') + 1);
    const prefix = `${folder}/`;
    for (let at = this.#firstFrom(prefix); this.#paths[at]?.startsWith(prefix) === true; at++) {
      places.add(belowOf(name, (this.#paths[at] ?? '').slice(prefix.length).split('/')));
    }
    this.#places.set(folder, places);
    return places;
  }

  #firstFrom(prefix: string): number {
    let [from, to] = [0, this.#paths.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if ((this.#paths[middle] ?? '') < prefix) from = middle + 1;
      else to = middle;
    }
    return from;
  }
}

function join(folder: string, inner: string): string {
  return folder === '' ? inner : `${folder}/${inner}`;
}

type Place = { readonly parent: string; readonly folder: string; readonly below: string };

/** Where a file lies below the folder at `index`; a file named after the folder is called alike in each. */
function placeIn(parts: readonly string[], index: number): Place {
  const [parent, name = ''] = [parts.slice(0, index).join('/'), parts[index]];
  return { parent, folder: join(parent, name), below: belowOf(name, parts.slice(index + 1)) };
}

function belowOf(folder: string, parts: readonly string[]): string {
  return parts
    .map((part) =>
      part.startsWith(folder) && /[._-]/.test(part.charAt(folder.length)) ? `*${part.slice(folder.length)}` : part,
    )
    .join('/');
}

function setOf(map: Map<string, Set<string>>, key: string): Set<string> {
  const known = map.get(key) ?? new Set<string>();
  map.set(key, known);
  return known;
}

/** Of a folder and one within it that imports from it (`outer\0inner`), or of two side by side, how many names both define. */
export function overlaysOf(tree: SourceTree, namesakes: ReadonlyMap<string, readonly Unit[]>): Map<string, number> {
  const uses = usesOf(tree);
  const counts = new Map<string, number>();
  for (const units of namesakes.values()) {
    const folders = new Set(units.filter(({ outer }) => outer === undefined).map(({ path }) => folderOf(path)));
    if (folders.size > foldersMax) continue;
    for (const [one, other] of pairsOf([...folders].toSorted())) {
      const key = `${one}\0${other}`;
      if (folderOf(one) === folderOf(other) || uses.has(key)) counts.set(key, (counts.get(key) ?? 0) + 1);
    }
  }
  const names = namesIn(tree);
  return new Map([...counts].filter(([key]) => answersIn(names, key) >= alikeMin));
}

/** Folders from which files of a folder within them import (`outer\0inner`). */
function usesOf(tree: SourceTree): Set<string> {
  const uses = new Set<string>();
  for (const { path, imports } of tree.files.values()) {
    const inner = folderOf(path);
    for (const { through } of imports) {
      const outer = through === undefined ? inner : folderOf(through);
      if (inner !== outer && inner.startsWith(`${outer}/`)) uses.add(`${outer}\0${inner}`);
    }
  }
  return uses;
}

function* pairsOf(sorted: readonly string[]): Generator<readonly [string, string]> {
  for (const [index, one] of sorted.entries()) for (const other of sorted.slice(index + 1)) yield [one, other];
}

/** Of each folder the names of its files. */
function namesIn(tree: SourceTree): Map<string, Set<string>> {
  const names = new Map<string, Set<string>>();
  for (const path of tree.files.keys()) setOf(names, folderOf(path)).add(path.slice(path.lastIndexOf('/') + 1));
  return names;
}

/** How many files of two folders are called alike. */
function answersIn(names: ReadonlyMap<string, ReadonlySet<string>>, key: string): number {
  const [one = '', other = ''] = key.split('\0');
  return [...(names.get(one) ?? [])].filter((name) => names.get(other)?.has(name) === true).length;
}
