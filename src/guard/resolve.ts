/**
 * Which file of the tree a specifier means.
 *
 * GK1  A specifier that leads out of the tree resolves to nothing, which is no error: packages are not read.
 * GK2  Only the list of files and what manifests say are asked, never the disk: the same tree resolves alike anywhere.
 * GK3  What is kept for the files of a folder is what each of them would find by itself, whoever asks first.
 */
import type { Manifest } from './walk.ts';
import { folderOf, joinPath } from './resolve-paths.ts';
import { resolvePython, sourceRoots } from './resolve-python.ts';
import { type PathMap, readPathMaps } from './resolve-tsconfig.ts';

/** Reads a manifest as text, or nothing if it can't be. */
export type ReadText = (path: string) => string | undefined;

/** What one package.json says. */
export type Package = {
  readonly folder: string;
  readonly name: string;
  readonly dependencies: ReadonlySet<string>;
  readonly exports: unknown;
  readonly imports: unknown;
  readonly main: readonly string[];
};

export type Resolver = {
  /** The file that `specifier` names in the file at `from`, or undefined. */
  resolve(from: string, specifier: string): string | undefined;
  /** Of Python: the file behind `specifier` and then `name`, if that is a module. */
  submodule(from: string, specifier: string, name: string): string | undefined;
  readonly packages: readonly Package[];
};

export function makeResolver(files: readonly string[], manifests: readonly Manifest[], read: ReadText): Resolver {
  const known = new Set(files);
  const packages = readPackages(manifests, read);
  const byName = new Map(packages.toReversed().map((one) => [one.name, one]));
  const maps = readPathMaps(manifests, read);
  const roots = sourceRoots(files, manifests);
  const corners = new Map<string, Corner>();
  const shared = new Map<PathMap | undefined, Found>();
  const cornerOf = (folder: string): Corner => {
    const before = corners.get(folder);
    if (before !== undefined) return before;
    const from = folder === '' ? '' : `${folder}/`;
    const map = maps.find((one) => one.folder === '' || from.startsWith(`${one.folder}/`));
    const ofPackages = shared.get(map) ?? new Map<string, string | null>();
    shared.set(map, ofPackages);
    const corner = { from, map, ofPackages, ofScripts: new Map(), ofPython: new Map() };
    corners.set(folder, corner);
    return corner;
  };
  const resolve = (from: string, specifier: string): string | undefined => {
    const corner = cornerOf(folderOf(from));
    if (!from.endsWith('.py')) {
      const isRelative = /^[.#/]/.test(specifier);
      return kept(isRelative ? corner.ofScripts : corner.ofPackages, specifier, () =>
        resolveScript({ known, packages, byName, map: corner.map, from: corner.from, specifier }),
      );
    }
    const file = kept(corner.ofPython, specifier, () => resolvePython({ known, roots, from: corner.from, specifier }));
    // A module is never what it imports by its own name; its neighbours may well mean it (GK3).
    return file === from ? resolvePython({ known, roots, from, specifier }) : file;
  };
  return {
    resolve,
    submodule: (from, specifier, name) =>
      resolve(from, specifier.endsWith('.') ? `${specifier}${name}` : `${specifier}.${name}`),
    packages,
  };
}

/** What was found of specifiers; null where nothing was. */
type Found = Map<string, string | null>;

/** What all files of one folder resolve by. Names of packages mean the same wherever one path map holds. */
type Corner = {
  /** The folder with a slash behind it, in the place of any file there. */
  readonly from: string;
  readonly map: PathMap | undefined;
  readonly ofPackages: Found;
  readonly ofScripts: Found;
  readonly ofPython: Found;
};

function kept(found: Found, specifier: string, find: () => string | undefined): string | undefined {
  const before = found.get(specifier);
  if (before !== undefined) return before ?? undefined;
  const file = find();
  found.set(specifier, file ?? null);
  return file;
}

type Question = {
  readonly known: ReadonlySet<string>;
  /** Deepest first. */
  readonly packages: readonly Package[];
  /** Of two of one name the deepest. */
  readonly byName: ReadonlyMap<string, Package>;
  readonly map: PathMap | undefined;
  /** The folder of the file, with a slash behind it. */
  readonly from: string;
  readonly specifier: string;
};

function resolveScript(question: Question): string | undefined {
  const { known, from } = question;
  const specifier = question.specifier.replace(/[?#](?=[^/]*$).*$/, (rest) =>
    question.specifier.startsWith('#') ? rest : '',
  );
  if (specifier.startsWith('.')) {
    const path = joinPath(folderOf(from), specifier);
    return path === undefined ? undefined : (asFile(known, path) ?? asFile(known, sourceOfBuilt(path)));
  }
  if (specifier.startsWith('/') || specifier.startsWith('node:')) return undefined;
  return mapped(question, specifier) ?? inPackage(question, specifier);
}

const extensions = ['.ts', '.tsx', '.mts', '.cts', '.d.ts', '.js', '.jsx', '.mjs', '.cjs'];
const written: Readonly<Record<string, readonly string[]>> = {
  '.js': ['.ts', '.tsx', '.d.ts', '.js', '.jsx'],
  '.jsx': ['.tsx', '.jsx'],
  '.mjs': ['.mts', '.d.mts', '.mjs'],
  '.cjs': ['.cts', '.d.cts', '.cjs'],
};

/** What is built lies where nobody reads; its source is beside it under `src`. */
function sourceOfBuilt(path: string): string {
  return path.replace(/(^|\/)(?:dist|build|lib|out|esm|cjs)\/(?:src\/|esm\/|cjs\/)?/, '$1src/');
}

/** A path as a file: as written, with the ending of its source, with any ending, or as a folder's index. */
export function asFile(known: ReadonlySet<string>, path: string): string | undefined {
  if (known.has(path)) return path;
  const ending = /\.[cm]?jsx?$/.exec(path)?.[0];
  if (ending !== undefined) {
    const stem = path.slice(0, -ending.length);
    const source = written[ending]?.find((one) => known.has(stem + one));
    if (source !== undefined) return stem + source;
  }
  const added = extensions.find((one) => known.has(path + one));
  if (added !== undefined) return path + added;
  const index = path === '' ? 'index' : `${path}/index`;
  const inside = extensions.find((one) => known.has(index + one));
  return inside === undefined ? undefined : index + inside;
}

/** By the path maps of the nearest tsconfig. */
function mapped({ known, map }: Question, specifier: string): string | undefined {
  if (map === undefined) return undefined;
  for (const { prefix, suffix, isWild, targets } of map.paths) {
    if (isWild ? !(specifier.startsWith(prefix) && specifier.endsWith(suffix)) : specifier !== prefix) continue;
    const middle = isWild ? specifier.slice(prefix.length, specifier.length - suffix.length) : '';
    for (const target of targets) {
      const path = joinPath(
        map.base,
        target.replace('*', () => middle),
      );
      const file = path === undefined ? undefined : asFile(known, path);
      if (file !== undefined) return file;
    }
  }
  const plain = map.hasBaseUrl ? joinPath(map.base, specifier) : undefined;
  return plain === undefined ? undefined : asFile(known, plain);
}

/** By the name of a package in the tree, or `#name` of its own. */
function inPackage({ known, packages, byName, from }: Question, specifier: string): string | undefined {
  if (specifier.startsWith('#')) {
    const own = packages.find(({ folder }) => folder === '' || from.startsWith(`${folder}/`));
    return own === undefined ? undefined : fileOfPackage(known, own, pick(own.imports, specifier), '');
  }
  const parts = specifier.split('/');
  const name = parts.splice(0, specifier.startsWith('@') ? 2 : 1).join('/');
  const owner = byName.get(name);
  if (owner === undefined) return undefined;
  const inner = parts.join('/');
  const exported = pick(owner.exports, inner === '' ? '.' : `./${inner}`);
  return fileOfPackage(known, owner, exported, inner);
}

function fileOfPackage(
  known: ReadonlySet<string>,
  owner: Package,
  exported: readonly string[],
  inner: string,
): string | undefined {
  const main =
    inner === ''
      ? [...owner.main, 'src/index', 'src/main', 'index', 'lib/index']
      : [inner, `src/${inner}`, `lib/${inner}`];
  for (const one of [...exported, ...main]) {
    const source = sourceOfBuilt(one.replace(/^\.\//, ''));
    for (const path of [joinPath(owner.folder, one), joinPath(owner.folder, source)]) {
      const file = path === undefined ? undefined : asFile(known, path.replace(/\.d\.([cm]?)ts$/, '.$1js'));
      if (file !== undefined) return file;
    }
  }
  return undefined;
}

/** What an `exports` or `imports` map gives for a name: every condition, those for sources first. */
function pick(map: unknown, name: string): readonly string[] {
  if (typeof map === 'string') return name === '.' ? [map] : [];
  if (!isRecord(map)) return [];
  if (!Object.keys(map).some((key) => key.startsWith('.') || key.startsWith('#')))
    return name === '.' ? targetsOf(map) : [];
  if (name in map) return targetsOf(map[name]);
  const longestFirst = Object.entries(map).toSorted(([a], [b]) => b.indexOf('*') - a.indexOf('*'));
  for (const [key, value] of longestFirst) {
    const [prefix = '', suffix] = key.split('*');
    if (suffix === undefined || !name.startsWith(prefix) || !name.endsWith(suffix)) continue;
    const middle = name.slice(prefix.length, name.length - suffix.length);
    return targetsOf(value).map((one) => one.replaceAll('*', () => middle));
  }
  return [];
}

function targetsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(targetsOf);
  if (!isRecord(value)) return [];
  const order = ['source', 'development', 'import', 'default', 'types', 'require', 'node'];
  return [...order, ...Object.keys(value)].flatMap((condition) => targetsOf(value[condition]));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Deepest first, so that the first that fits is the nearest. */
function readPackages(manifests: readonly Manifest[], read: ReadText): Package[] {
  const packages = manifests
    .filter(({ file }) => file === 'package.json')
    .flatMap(({ folder }): Package[] => {
      const json = parseJson(read(folder === '' ? 'package.json' : `${folder}/package.json`));
      if (!isRecord(json)) return [];
      const lists = [
        json['dependencies'],
        json['devDependencies'],
        json['peerDependencies'],
        json['optionalDependencies'],
      ];
      const main = [json['source'], json['module'], json['main'], json['types']];
      return [
        {
          folder,
          name: typeof json['name'] === 'string' ? json['name'] : '',
          dependencies: new Set(lists.flatMap((list) => (isRecord(list) ? Object.keys(list) : []))),
          exports: json['exports'],
          imports: json['imports'],
          main: main.filter((one) => typeof one === 'string'),
        },
      ];
    });
  return packages.toSorted((a, b) => b.folder.length - a.folder.length);
}

function parseJson(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : (JSON.parse(text) as unknown);
  } catch {
    return undefined;
  }
}
