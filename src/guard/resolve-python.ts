/** Which file a dotted Python name means. */
import type { Manifest } from './walk.ts';
import { folderOf, joinPath } from './resolve-paths.ts';

/** Folders that absolute imports start from: the root, `src`, and those of every project in the tree. */
export function sourceRoots(files: readonly string[], manifests: readonly Manifest[]): string[] {
  const python = files.filter((file) => file.endsWith('.py'));
  const projects = manifests
    .filter(({ file }) => file.startsWith('pyproject') || file.startsWith('setup') || file === 'requirements.txt')
    .map(({ folder }) => folder);
  const roots = new Set(['', ...projects]);
  for (const root of ['', ...projects]) {
    for (const inner of ['src', 'lib', 'python']) {
      const folder = root === '' ? inner : `${root}/${inner}`;
      if (python.some((file) => file.startsWith(`${folder}/`))) roots.add(folder);
    }
  }
  return [...roots].toSorted((a, b) => b.length - a.length);
}

type Question = {
  readonly known: ReadonlySet<string>;
  readonly roots: readonly string[];
  readonly from: string;
  readonly specifier: string;
};

/**
 * Relative by dots; absolute from the nearest root around the file, then from its own folder if that is no package, for
 * a script finds what lies beside it and a module of a package does not, then from any root.
 */
export function resolvePython({ known, roots, from, specifier }: Question): string | undefined {
  const dots = /^\.*/.exec(specifier)?.[0].length ?? 0;
  const inner = specifier.slice(dots).replaceAll('.', '/');
  if (dots > 0) {
    const folder = joinPath(folderOf(from), '../'.repeat(dots - 1));
    return folder === undefined
      ? undefined
      : asModule(known, folder === '' || inner === '' ? folder + inner : `${folder}/${inner}`);
  }
  for (const root of startsFrom(from, known, roots)) {
    const file = asModule(known, root === '' ? inner : `${root}/${inner}`);
    if (file !== undefined && file !== from) return file;
  }
  return undefined;
}

/** Folders that an absolute import of a file may start from. */
function startsFrom(from: string, known: ReadonlySet<string>, roots: readonly string[]): readonly string[] {
  const around = roots.filter((root) => root === '' || from.startsWith(`${root}/`));
  const own = folderOf(from);
  const beside = known.has(own === '' ? '__init__.py' : `${own}/__init__.py`) ? [] : [own];
  return [...around, ...beside, ...roots.filter((root) => !around.includes(root))];
}

/** A package goes before a module of its name. */
function asModule(known: ReadonlySet<string>, path: string): string | undefined {
  const inside = path === '' ? '__init__.py' : `${path}/__init__.py`;
  if (known.has(inside)) return inside;
  return known.has(`${path}.py`) ? `${path}.py` : undefined;
}
