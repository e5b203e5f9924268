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
      const options = optionsOf(folder === '' ? file : `${folder}/${file}`, read, 0);
      return options === undefined ? [] : [pathMap(folder, options)];
    })
    .toSorted((a, b) => b.folder.length - a.folder.length);
}

type Options = {
  readonly base: string;
  readonly hasBaseUrl: boolean;
  readonly paths: Readonly<Record<string, unknown>>;
};

function optionsOf(path: string, read: (path: string) => string | undefined, depth: number): Options | undefined {
  const text = read(path);
  if (text === undefined || depth > 5) return undefined;
  const json = parseLoose(text);
  const own = json['compilerOptions'] as Record<string, unknown> | undefined;
  const folder = folderOf(path);
  const start = startOf(folder, own?.['baseUrl']);
  const paths = own?.['paths'];
  if (typeof paths === 'object' && paths !== null) return { ...start, paths: paths as Record<string, unknown> };
  const above = extendedPath(folder, json['extends']);
  const inherited = above === undefined ? undefined : optionsOf(above, read, depth + 1);
  if (inherited === undefined) return { ...start, paths: {} };
  return start.hasBaseUrl ? { ...inherited, ...start } : inherited;
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
