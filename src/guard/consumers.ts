/** Who uses which unit: importers, variables that hold it, methods called on it. Asked once for the whole tree. */
import type { SourceFile, SourceTree } from './concept.ts';

export type Consumers = {
  /** Paths of files that import a unit or use it by the name of its module, sorted; its own file is none. */
  readonly importers: ReadonlyMap<string, readonly string[]>;
  /** Variables, parameters and fields that hold it. */
  readonly bindings: ReadonlyMap<string, ReadonlySet<string>>;
  /** Methods called on what holds it. */
  readonly calls: ReadonlyMap<string, ReadonlySet<string>>;
  /** Units of which one is made at module level in what ships, with the file. */
  readonly moduleInstances: ReadonlyMap<string, string>;
};

export function findConsumers(tree: SourceTree): Consumers {
  const importers = new Map<string, Set<string>>();
  const bindings = new Map<string, Set<string>>();
  const calls = new Map<string, Set<string>>();
  const moduleInstances = new Map<string, string>();
  for (const file of tree.files.values()) {
    for (const id of unitsUsedBy(file)) setOf(importers, id).add(file.path);
    for (const use of file.facts.uses) {
      const id = file.names.get(use.name);
      if (id === undefined) continue;
      for (const binding of use.bindings) setOf(bindings, id).add(plain(binding.name));
      for (const call of use.calls) setOf(calls, id).add(call.method);
    }
    if (file.zone !== 'prod') continue;
    for (const made of file.facts.constructions) {
      const id = made.within === '' ? file.names.get(made.name) : undefined;
      if (id !== undefined) moduleInstances.set(id, file.path);
    }
  }
  const sorted = new Map([...importers].map(([id, paths]) => [id, [...paths].toSorted()]));
  return { importers: sorted, bindings, calls, moduleInstances };
}

function* unitsUsedBy(file: SourceFile): Generator<string> {
  for (const one of file.imports) {
    if (one.unit !== undefined && one.kind !== 'reexport' && one.file !== file.path) yield one.unit;
  }
  for (const [name, id] of file.names) if (name.includes('.') && !id.startsWith(`${file.path}#`)) yield id;
}

/** `_engine`, `#engine` and `engine` hold the same. */
function plain(name: string): string {
  return name.replace(/^[#_]+/, '');
}

function setOf(map: Map<string, Set<string>>, key: string): Set<string> {
  const known = map.get(key) ?? new Set<string>();
  map.set(key, known);
  return known;
}
