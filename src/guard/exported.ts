/** What other files get from a file by name, behind all that it only passes on. */
import type { SourceTree, Unit } from './concept.ts';

/** The id of the unit that `name` of the file at `path` stands for. */
export function exportedUnit(
  tree: SourceTree,
  path: string,
  name: string,
  seen: ReadonlySet<string> = new Set(),
): string | undefined {
  const file = tree.files.get(path);
  if (file === undefined || seen.has(path)) return undefined;
  const isPython = file.facts.lang === 'py';
  const local = file.facts.exports.find((one) => one.name === name)?.local ?? (isPython ? name : '');
  const own = file.names.get(local) ?? file.imports.find((one) => one.kind === 'reexport' && one.local === name)?.unit;
  if (own !== undefined || name === 'default') return own;
  const further = new Set([...seen, path]);
  return file.imports
    .filter(({ imported, kind, local: as }) =>
      imported === '*' && as === ''
        ? isPython || kind === 'reexport'
        : !isPython && imported === '*' && as === 'exports',
    )
    .map(({ through = '' }) => exportedUnit(tree, through, name, further))
    .find((found) => found !== undefined);
}

/** The name under which the file at `path` gives a unit: its own, if it can be had by that. */
export function exportName(tree: SourceTree, path: string, unit: Pick<Unit, 'id' | 'name'>): string | undefined {
  if (exportedUnit(tree, path, unit.name) === unit.id) return unit.name;
  const file = tree.files.get(path);
  const names = [
    ...(file?.facts.exports ?? []).map(({ name }) => name),
    ...(file?.imports ?? []).flatMap(({ kind, local }) => (kind === 'reexport' && local !== '' ? [local] : [])),
  ];
  return names.find((name) => exportedUnit(tree, path, name) === unit.id);
}
