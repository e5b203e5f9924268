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
  const baseUrl = typeof own?.['baseUrl'] === 'string' ? own['baseUrl'] : undefined;
  const paths = own?.['paths'];
  const base = baseUrl === undefined ? folder : (joinPath(folder, baseUrl) ?? folder);
  if (typeof paths === 'object' && paths !== null) {
    return { base, hasBaseUrl: baseUrl !== undefined, paths: paths as Record<string, unknown> };
  }
  const above =
    typeof json['extends'] === 'string' && json['extends'].startsWith('.')
      ? joinPath(folder, json['extends'])
      : undefined;
  const inherited =
    above === undefined ? undefined : optionsOf(above.endsWith('.json') ? above : `${above}.json`, read, depth + 1);
  if (inherited !== undefined) return baseUrl === undefined ? inherited : { ...inherited, base, hasBaseUrl: true };
  return { base, hasBaseUrl: baseUrl !== undefined, paths: {} };
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
