/**
 * What is deployed, or published, as one thing.
 *
 * GD1  Two folders that are built apart do not rival each other, unless one of them uses the other: then its copy is one
 *      that could have been imported.
 */
import type { ScanOptions } from './concept.ts';
import type { ReadText, Resolver } from './resolve.ts';
import { folderOf } from './resolve-paths.ts';
import type { Manifest } from './walk.ts';

export type Deployables = {
  /** The folder of the deployable that a file is in, '' for the root. */
  of(path: string): string;
  /** Is it published to be used by others, rather than run? */
  isPackage(folder: string): boolean;
  /** Does `a` declare that it uses `b`, or `b` that it uses `a`? */
  areJoined(a: string, b: string): boolean;
};

export const buildingFiles: ReadonlySet<string> = new Set([
  'package.json',
  'pyproject.toml',
  'setup.py',
  'setup.cfg',
  'go.mod',
  'Cargo.toml',
  'Dockerfile',
  'requirements.txt',
]);
const running = /(?:^|\/)(?:apps?|services?|functions|lambdas|workers|deployables|servers?)(?:\/|$)/i;

export function findDeployables(
  options: ScanOptions,
  manifests: readonly Manifest[],
  resolver: Pick<Resolver, 'packages'>,
  read: ReadText,
): Deployables {
  const given = options.deployables;
  const libraries = new Set<string>();
  let folders: string[];
  if (given !== undefined) {
    folders = Object.values(given).map((one) => {
      const folder = (typeof one === 'string' ? one : one.path).replace(/^\.\//, '').replace(/\/$/, '');
      if (typeof one !== 'string' && one.library === true) libraries.add(folder);
      return folder;
    });
  } else
    folders = manifests
      .filter(({ file }) => buildingFiles.has(file) || file.endsWith('.Dockerfile'))
      .filter((manifest) => isBuilt(manifest, read))
      .map(({ folder }) => folder);
  const built = new Set(folders.filter((folder) => folder !== ''));
  const known = new Map<string, string>([['', '']]);
  const nearest = (folder: string): string => {
    const found = known.get(folder) ?? (built.has(folder) ? folder : nearest(folderOf(folder)));
    known.set(folder, found);
    return found;
  };
  const shipped = new Set(manifests.filter(({ file }) => file.includes('Dockerfile')).map(({ folder }) => folder));
  const uses = usesBetween(built, resolver, manifests, read);
  return {
    of: (path) => nearest(folderOf(path)),
    isPackage: (folder) => libraries.has(folder) || (!shipped.has(folder) && !running.test(`/${folder}`)),
    areJoined: (a, b) =>
      a === b || libraries.has(a) || libraries.has(b) || uses.has(`${a}\0${b}`) || uses.has(`${b}\0${a}`),
  };
}

/** A package.json that only sets a type or a main is a marker, not something that is built. */
function isBuilt({ folder, file }: Manifest, read: ReadText): boolean {
  if (file !== 'package.json') return true;
  const text = read(folder === '' ? file : `${folder}/${file}`) ?? '';
  return /"(?:name|dependencies|scripts)"\s*:/.test(text);
}

/** Pairs of folders of which the first declares the second. */
function usesBetween(
  folders: ReadonlySet<string>,
  resolver: Pick<Resolver, 'packages'>,
  manifests: readonly Manifest[],
  read: ReadText,
): Set<string> {
  const uses = new Set<string>();
  const byName = new Map(resolver.packages.filter((one) => one.name !== '').map((one) => [one.name, one.folder]));
  for (const one of resolver.packages) {
    for (const dependency of one.dependencies) {
      const folder = byName.get(dependency);
      if (folder !== undefined) uses.add(`${one.folder}\0${folder}`);
    }
  }
  const projects = manifests.filter(
    ({ file }) => file === 'pyproject.toml' || file === 'requirements.txt' || file === 'setup.py',
  );
  const texts = projects.map(({ folder, file }) => ({
    folder,
    text: read(folder === '' ? file : `${folder}/${file}`) ?? '',
  }));
  const names = texts.flatMap(({ folder, text }) => {
    const name = /^\s*name\s*=\s*["']([\w.-]+)["']/m.exec(text)?.[1] ?? folder.split('/').at(-1);
    return name === undefined || name === '' ? [] : [{ folder, name: name.toLowerCase().replaceAll('_', '-') }];
  });
  for (const { folder, text } of texts) {
    const mentioned = new Set(
      text
        .toLowerCase()
        .replaceAll('_', '-')
        .match(/(?<=^|["'\s/])[a-z][\w.-]*/gm),
    );
    for (const other of names)
      if (other.folder !== folder && mentioned.has(other.name)) uses.add(`${folder}\0${other.folder}`);
  }
  // The root of a workspace lists its members and is no user of them.
  return new Set([...uses].filter((pair) => pair.split('\0').every((folder) => folder === '' || folders.has(folder))));
}
