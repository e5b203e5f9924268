/**
 * Makes one tree of many files: who imports what, which unit a name means, what inherits from what.
 *
 * GL1  A name is followed behind re-exports, aliases and `export *` to where the thing is defined. Two names for one
 *      thing are one unit, never two.
 * GL2  Cycles of re-exports end the search, not the scan.
 * GL3  A default export that has no name is called by its file, wherever it is told of.
 */
import type { LinkedImport, SourceFile, SourceTree, Unit, Zone } from './concept.ts';
import type { FileFacts, ImportFacts, Lang } from './facts.ts';
import type { Resolver } from './resolve.ts';

/** A file before it is linked. */
export type LooseFile = {
  readonly path: string;
  readonly facts: FileFacts;
  readonly zone: Zone;
  readonly deployable: string;
};

type Found = { readonly file: string; readonly unit?: string };

const hopsMax = 32;

/** Links files, sorted by path, to a tree. */
export function link(root: string, files: readonly LooseFile[], resolver: Resolver): SourceTree {
  return new Linker(files.map(namedByFile), resolver).tree(root);
}

/** What is exported without a name of its own has the file's name: facts are of a text, and know no path (GL3). */
function namedByFile(file: LooseFile): LooseFile {
  const { facts, path } = file;
  const own = facts.units.find((unit) => unit.name === 'default' && unit.outer === undefined);
  if (own === undefined) return file;
  const name = fileName(path, own.kind === 'class');
  const taken = [...facts.units, ...facts.aliases, ...facts.state].map((one) => one.name);
  const imported = facts.imports.map(({ local }) => local);
  if (name === undefined || taken.includes(name) || imported.includes(name)) return file;
  const renamed = (at: string): string => at.replace(/^default(?=$|\.)/, name);
  const within = <Of extends { readonly within: string }>(one: Of): Of => ({ ...one, within: renamed(one.within) });
  const units = facts.units.map((unit) => {
    if (unit === own) return { ...unit, name };
    return unit.outer === undefined ? unit : { ...unit, outer: renamed(unit.outer) };
  });
  return {
    ...file,
    facts: {
      ...facts,
      units,
      exports: facts.exports.map((one) => ({ name: one.name, local: renamed(one.local) })),
      imports: facts.imports.map(within),
      constructions: facts.constructions.map(within),
      members: facts.members.map(within),
      uses: facts.uses.map((one) => ({ ...one, calls: one.calls.map(within) })),
      state: facts.state.map((one) => ({ ...one, writers: one.writers.map(within) })),
    },
  };
}

/** `user-engine.ts` is called `userEngine`, of a class `UserEngine`, and an `index` what its folder is called. */
function fileName(path: string, isClass: boolean): string | undefined {
  const parts = path.split('/');
  const base = (parts.pop() ?? '').replace(/\.\w+$/, '');
  const plain = base === 'index' ? (parts.pop() ?? '') : base;
  if (!/^[A-Za-z][\w.-]*$/.test(plain)) return undefined;
  const name = plain.replaceAll(/[._-]+(\w?)/g, (_, next: string) => next.toUpperCase());
  return isClass ? name.charAt(0).toUpperCase() + name.slice(1) : name;
}

class Linker {
  readonly #files: ReadonlyMap<string, LooseFile>;
  readonly #resolver: Resolver;
  /** Of each file: units by their name at module level. */
  readonly #own = new Map<string, Map<string, string>>();
  readonly #ids = new Map<string, readonly string[]>();
  readonly #offers = new Map<string, ReadonlyMap<string, string>>();
  readonly #exported = new Map<string, Map<string, Found | null>>();

  constructor(files: readonly LooseFile[], resolver: Resolver) {
    this.#files = new Map(files.map((file) => [file.path, file]));
    this.#resolver = resolver;
    for (const file of files) this.#nameUnits(file);
  }

  tree(root: string): SourceTree {
    const linked = [...this.#files.values()].map((file) => this.#link(file));
    const files = new Map(linked.map((file) => [file.path, file]));
    const parents = new Map<string, readonly string[]>();
    for (const file of linked) {
      for (const [index, unit] of file.facts.units.entries()) {
        if (unit.bases.length + unit.implements.length === 0) continue;
        const ids = [...unit.bases, ...unit.implements].flatMap((name) => file.names.get(name) ?? []);
        parents.set(this.#ids.get(file.path)?.[index] ?? '', ids);
      }
    }
    const units = linked.flatMap((file) =>
      file.facts.units.map((unit, index): Unit => {
        const id = this.#ids.get(file.path)?.[index] ?? '';
        const { path, zone, deployable, facts } = file;
        const isGenerated = zone === 'prod' && facts.isGenerated;
        return {
          ...unit,
          id,
          path,
          lang: facts.lang,
          zone: isGenerated ? 'generated' : zone,
          deployable,
          ancestors: ancestorsOf(id, parents),
        };
      }),
    );
    return {
      root,
      files,
      units: new Map(units.toSorted((a, b) => (a.id < b.id ? -1 : 1)).map((unit) => [unit.id, unit])),
    };
  }

  #nameUnits({ path, facts }: LooseFile): void {
    const own = new Map<string, string>();
    const counts = new Map<string, number>();
    const ids = facts.units.map((unit) => {
      const name = unit.outer === undefined ? unit.name : `${unit.outer}.${unit.name}`;
      const count = (counts.get(name) ?? 0) + 1;
      counts.set(name, count);
      const id = count === 1 ? `${path}#${name}` : `${path}#${name}~${count}`;
      if (unit.outer === undefined && !own.has(name)) own.set(name, id);
      return id;
    });
    this.#own.set(path, own);
    this.#ids.set(path, ids);
  }

  #link(file: LooseFile): SourceFile {
    const imports = file.facts.imports.map((one) => this.#linkImport(file.path, one));
    const names = new Map(this.#own.get(file.path));
    for (const one of imports)
      if (one.unit !== undefined && one.local !== '' && one.kind !== 'reexport') names.set(one.local, one.unit);
    for (const { name, of } of file.facts.aliases) {
      const unit = names.get(of);
      if (unit !== undefined && !names.has(name)) names.set(name, unit);
    }
    for (const name of dottedNames(file.facts)) {
      const unit = this.#dotted(file.path, name, names);
      if (unit !== undefined) names.set(name, unit);
    }
    return { ...file, imports, names };
  }

  #linkImport(path: string, one: ImportFacts): LinkedImport {
    const through = this.#resolver.resolve(path, one.specifier);
    if (path.endsWith('.py') && one.imported !== '*') {
      const found = through === undefined ? undefined : this.#export(through, one.imported, 0);
      if (found?.unit !== undefined) return { ...one, ...(through === undefined ? {} : { through }), ...found };
      const module = this.#resolver.submodule(path, one.specifier, one.imported);
      if (module !== undefined && module !== path) return { ...one, through: module, file: module };
    }
    if (through === undefined) return one;
    if (isModuleItself(one, path)) return { ...one, through, file: through };
    return { ...one, through, ...(this.#export(through, one.imported, 0) ?? { file: through }) };
  }

  /** What other files get who import `name` from this one (GL1). */
  #export(path: string, name: string, hops: number): Found | undefined {
    const known = this.#exported.get(path) ?? new Map<string, Found | null>();
    this.#exported.set(path, known);
    const before = known.get(name);
    if (before !== undefined) return before ?? undefined;
    // Answers those who come back to it in a circle (GL2).
    known.set(name, null);
    const found = hops > hopsMax ? undefined : this.#findExport(path, name, hops);
    if (found === undefined && hops > 0) known.delete(name);
    else known.set(name, found ?? null);
    return found;
  }

  #findExport(path: string, name: string, hops: number): Found | undefined {
    const file = this.#files.get(path);
    if (file === undefined) return undefined;
    const { exports, lang } = file.facts;
    const local = this.#offered(path, exports).get(name) ?? (lang === 'py' ? name : undefined);
    const own = local === undefined ? undefined : this.#local(path, local, hops);
    return own ?? this.#throughImports(file, name, hops);
  }

  /** Exported names of a file, each with its local name; of two alike the first. */
  #offered(path: string, exports: FileFacts['exports']): ReadonlyMap<string, string> {
    const known = this.#offers.get(path);
    if (known !== undefined) return known;
    const offers = new Map<string, string>();
    for (const { name, local } of exports) if (!offers.has(name)) offers.set(name, local);
    this.#offers.set(path, offers);
    return offers;
  }

  /** What a file gives under a name that it only passes on. */
  #throughImports({ path, facts }: LooseFile, name: string, hops: number): Found | undefined {
    for (const one of facts.imports) {
      const wanted = passedOn(one, name, facts.lang);
      const target = wanted === undefined ? undefined : this.#resolver.resolve(path, one.specifier);
      if (wanted === undefined || target === undefined || target === path) continue;
      const found = this.#export(target, wanted, hops + 1);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #local(path: string, name: string, hops: number): Found | undefined {
    const unit = this.#own.get(path)?.get(name);
    if (unit !== undefined) return { file: path, unit };
    const facts = this.#files.get(path)?.facts;
    const imported = facts?.imports.find((one) => one.local === name && one.kind !== 'reexport');
    if (imported !== undefined) {
      const target = this.#resolver.resolve(path, imported.specifier);
      if (target === undefined) return undefined;
      return this.#export(target, imported.imported, hops + 1);
    }
    const alias = facts?.aliases.find((one) => one.name === name && one.of !== name);
    if (alias !== undefined && hops <= hopsMax) return this.#local(path, alias.of, hops + 1);
    return undefined;
  }

  /** `module.Name` of a module that the file imports whole. */
  #dotted(path: string, name: string, names: ReadonlyMap<string, string>): string | undefined {
    const at = name.lastIndexOf('.');
    const [module, member] = [name.slice(0, at), name.slice(at + 1)];
    const outer = names.get(module);
    if (outer !== undefined) {
      const inner = `${outer}.${member}`;
      if (this.#ids.get(outer.slice(0, outer.indexOf('#')))?.includes(inner) === true) return inner;
    }
    const imported = this.#files.get(path)?.facts.imports.find((one) => one.local === module);
    if (imported === undefined) return undefined;
    const linked = this.#linkImport(path, imported);
    return linked.file === undefined ? undefined : this.#export(linked.file, member, 0)?.unit;
  }
}

/** `module.exports = require('./engine')` */
function isPassedOnWhole({ imported, local }: ImportFacts, lang: Lang): boolean {
  return imported === '*' && local === 'exports' && lang !== 'py';
}

/** Is a module meant? A CommonJS module may also be one thing, which `require` gives. */
function isModuleItself({ imported, local }: ImportFacts, path: string): boolean {
  return imported === '*' && (local === '' || path.endsWith('.py'));
}

/** What a file that passes on what it imports has to ask for, to give `name`; undefined if that is not from there. */
function passedOn(one: ImportFacts, name: string, lang: Lang): string | undefined {
  if (one.kind === 'reexport' && one.local === name && one.imported !== '*') return one.imported;
  if (isPassedOnWhole(one, lang)) return name;
  if (one.imported !== '*' || one.local !== '' || name === 'default') return undefined;
  return one.kind === 'reexport' || (lang === 'py' && one.kind === 'import') ? name : undefined;
}

function dottedNames(facts: FileFacts): Set<string> {
  const names = facts.units.flatMap((unit) => [...unit.bases, ...unit.implements]);
  return new Set([...names, ...facts.constructions.map((one) => one.name)].filter((name) => name.includes('.')));
}

function ancestorsOf(id: string, parents: ReadonlyMap<string, readonly string[]>): string[] {
  const above = parents.get(id);
  if (above === undefined || above.length === 0) return [];
  const found = new Set<string>();
  const open = [...above];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next === id || found.has(next)) continue;
    found.add(next);
    open.push(...(parents.get(next) ?? []));
  }
  return [...found].toSorted();
}
