/** The path maps of tsconfig files: `@app/*` to `src/*`. */
import type { Manifest } from './walk.ts';
import { folderOf, joinPath } from './resolve-paths.ts';

export type PathMap = {
  /** Files in this folder are under it. */
  readonly folder: string;
  /** What its targets start from. */
  readonly base: string;
  readonly hasBaseUrl: boolean;
  /** The longest prefix first. */
  readonly paths: readonly {
    readonly prefix: string;
    readonly suffix: string;
    readonly isWild: boolean;
    readonly targets: readonly string[];
  }[];
};

/** Deepest first, so that the first that fits is the nearest. A file that can't be read says nothing. */
export function readPathMaps(manifests: readonly Manifest[], read: (path: string) => string | undefined): PathMap[] {
  return manifests
    .filter(({ file }) => file === 'tsconfig.json' || file === 'jsconfig.json')
    .flatMap(({ folder, file }) => {
      const options = new Reading(read).mapOf(folder === '' ? file : `${folder}/${file}`);
      return options === undefined ? [] : [pathMap(folder, options)];
    })
    .toSorted((a, b) => b.folder.length - a.folder.length);
}

type Options = {
  readonly base: string;
  readonly hasBaseUrl: boolean;
  readonly paths: Readonly<Record<string, unknown>>;
};

/** Follows one tsconfig to all that it names; each file is read once, so that a loop ends. */
class Reading {
  readonly #read: (path: string) => string | undefined;
  readonly #seen = new Set<string>();

  constructor(read: (path: string) => string | undefined) {
    this.#read = read;
  }

  /** Its own options, or where it only refers to configurations beside it, those of the first that maps anything. */
  mapOf(path: string): Options | undefined {
    const json = this.#json(path);
    const own = this.#optionsIn(path, json);
    if (own === undefined || own.hasBaseUrl || Object.keys(own.paths).length > 0) return own;
    for (const reference of listOf(json?.['references'])) {
      const beside = referredPath(folderOf(path), reference);
      const options = beside === undefined ? undefined : this.#optionsIn(beside, this.#json(beside));
      if (options !== undefined && Object.keys(options.paths).length > 0) return options;
    }
    return own;
  }

  #json(path: string): Record<string, unknown> | undefined {
    if (this.#seen.has(path)) return undefined;
    this.#seen.add(path);
    const text = this.#read(path);
    return text === undefined ? undefined : parseLoose(text);
  }

  #optionsIn(path: string, json: Record<string, unknown> | undefined): Options | undefined {
    if (json === undefined) return undefined;
    const own = json['compilerOptions'] as Record<string, unknown> | undefined;
    const folder = folderOf(path);
    const start = startOf(folder, own?.['baseUrl']);
    const paths = own?.['paths'];
    if (typeof paths === 'object' && paths !== null) return { ...start, paths: paths as Record<string, unknown> };
    const inherited = this.#inherited(folder, json['extends']);
    if (inherited === undefined) return { ...start, paths: {} };
    return start.hasBaseUrl ? { ...inherited, ...start } : inherited;
  }

  /** Of several that it extends the last one that maps anything. */
  #inherited(folder: string, extended: unknown): Options | undefined {
    for (const one of listOf(extended).toReversed()) {
      const path = extendedPath(folder, one);
      const options = path === undefined ? undefined : this.#optionsIn(path, this.#json(path));
      if (options !== undefined && (options.hasBaseUrl || Object.keys(options.paths).length > 0)) return options;
    }
    return undefined;
  }
}

function listOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  return value === undefined ? [] : [value];
}

/** `{ "path": "./tsconfig.app.json" }`: only one of the same folder says how its own files import. */
function referredPath(folder: string, reference: unknown): string | undefined {
  const named = typeof reference === 'object' && reference !== null && 'path' in reference ? reference.path : undefined;
  const path = typeof named === 'string' && named.endsWith('.json') ? joinPath(folder, named) : undefined;
  return path !== undefined && folderOf(path) === folder ? path : undefined;
}

/** What paths start from: the `baseUrl`, else the folder of the file. */
function startOf(folder: string, baseUrl: unknown): Pick<Options, 'base' | 'hasBaseUrl'> {
  if (typeof baseUrl !== 'string') return { base: folder, hasBaseUrl: false };
  return { base: joinPath(folder, baseUrl) ?? folder, hasBaseUrl: true };
}

/** The file that `extends` names, if it is one beside and not a package's. */
function extendedPath(folder: string, extended: unknown): string | undefined {
  if (typeof extended !== 'string' || !extended.startsWith('.')) return undefined;
  const path = joinPath(folder, extended);
  return path === undefined || path.endsWith('.json') ? path : `${path}.json`;
}

function pathMap(folder: string, { base, hasBaseUrl, paths }: Options): PathMap {
  const entries = Object.entries(paths).map(([pattern, targets]) => {
    const [prefix = '', suffix] = pattern.split('*');
    const list = Array.isArray(targets) ? targets.filter((one): one is string => typeof one === 'string') : [];
    return { prefix, suffix: suffix ?? '', isWild: suffix !== undefined, targets: list };
  });
  return { folder, base, hasBaseUrl, paths: entries.toSorted((a, b) => b.prefix.length - a.prefix.length) };
}

/** JSON with comments and trailing commas, as tsconfig files have. What is not even that is empty. */
function parseLoose(text: string): Record<string, unknown> {
  const plain = text
    .replaceAll(/("(?:\\.|[^"\\])*")|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, (_, quoted: string | undefined) => quoted ?? '')
    .replaceAll(/("(?:\\.|[^"\\])*")|,(?=\s*[}\]])/g, (_, quoted: string | undefined) => quoted ?? '');
  try {
    const json: unknown = JSON.parse(plain.replace(/^\uFEFF/, ''));
    return typeof json === 'object' && json !== null ? (json as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
