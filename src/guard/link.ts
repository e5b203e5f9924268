/**
 * Makes one tree of many files: who imports what, which unit a name means, what inherits from what.
 *
 * GL1  A name is followed behind re-exports, aliases and `export *` to where the thing is defined. Two names for one
 *      thing are one unit, never two.
 * GL2  Cycles of re-exports end the search, not the scan.
 * GL3  A default export that has no name is called by its file, wherever it is told of.
 * GL4  A file is linked anew only where something that its names may lead to changed: it, a file that it imports from, or
 *      one that such a file passes on. Where a search went in a circle all are, for what it finds depends on who asked
 *      first.
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

/** Stands where a search is under way. */
const searched: Found = { file: '' };

/** A tree, and what the next one may take over from it. */
export type Linked = {
  readonly tree: SourceTree;
  readonly resolver: Resolver;
  /** Of files that were taken over: a tree that is made once needs none. */
  readonly reach: ReadonlyMap<string, Reach>;
  readonly wentInCircle: boolean;
};

/** Files that the names in a file lead to next, and those of them that it passes names of on to others. */
type Reach = { readonly asks: ReadonlySet<string>; readonly passes: ReadonlySet<string> };

/** Links files, sorted by path, to a tree. `before`: what this gave for the same files, some of them with other facts. */
export function link(root: string, files: readonly LooseFile[], resolver: Resolver, before?: Linked): Linked {
  // Other paths, or other manifests, make another resolver, and any import may lead elsewhere.
  const known = before?.resolver === resolver ? before : undefined;
  const named = files.map(namedByFile);
  const linked = new Linker(named, resolver, known).linked(root);
  if (known === undefined || known.wentInCircle || !linked.wentInCircle) return linked;
  return new Linker(named, resolver, { ...known, wentInCircle: true }).linked(root);
}

/** By what a text says and where it lies: the same is given again, so that it is seen to be the same (GL4). */
const namedBefore = new WeakMap<FileFacts, { readonly path: string; readonly facts: FileFacts }>();

/** What is exported without a name of its own has the file's name: facts are of a text, and know no path (GL3). */
function namedByFile(file: LooseFile): LooseFile {
  const before = namedBefore.get(file.facts);
  if (before?.path === file.path) return { ...file, facts: before.facts };
  const named = withName(file);
  if (named !== file) namedBefore.set(file.facts, { path: file.path, facts: named.facts });
  return named;
}

function withName(file: LooseFile): LooseFile {
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
  readonly #before: Linked | undefined;
  readonly #reach = new Map<string, Reach>();
  #wentInCircle = false;

  constructor(files: readonly LooseFile[], resolver: Resolver, before?: Linked) {
    this.#files = new Map(files.map((file) => [file.path, file]));
    this.#resolver = resolver;
    this.#before = before;
    for (const file of files) this.#nameUnits(file);
  }

  linked(root: string): Linked {
    const kept = this.#kept();
    const linked = [...this.#files.values()].map((file) => kept.get(file.path) ?? this.#link(file));
    const tree = this.#tree(root, linked);
    return { tree, resolver: this.#resolver, reach: this.#reach, wentInCircle: this.#wentInCircle };
  }

  /** Files that mean what they meant before (GL4). */
  #kept(): ReadonlyMap<string, SourceFile> {
    const before = this.#before;
    if (before === undefined || before.wentInCircle) return new Map();
    const files = [...before.tree.files.values()];
    const reach = new Map(files.map((file) => [file.path, before.reach.get(file.path) ?? this.#reachOf(file)]));
    const changed = this.#changedSince(before.tree, reach);
    const kept = new Map<string, SourceFile>();
    for (const file of files) {
      const own = reach.get(file.path);
      const isSame = this.#files.get(file.path)?.facts === file.facts && !changed.has(file.path);
      if (!isSame || own === undefined || [...own.asks].some((path) => changed.has(path))) continue;
      kept.set(file.path, file);
      this.#reach.set(file.path, own);
    }
    return kept;
  }

  /** Files that give others something else than before, themselves or by what they pass on. */
  #changedSince(tree: SourceTree, reach: ReadonlyMap<string, Reach>): ReadonlySet<string> {
    const passers = new Map<string, string[]>();
    for (const [path, { passes }] of reach) {
      for (const target of passes) {
        const known = passers.get(target);
        if (known === undefined) passers.set(target, [path]);
        else known.push(path);
      }
    }
    const changed = new Set<string>();
    for (const { path, facts } of this.#files.values()) {
      const known = tree.files.get(path)?.facts;
      if (known !== facts && (known === undefined || faceOf(known) !== faceOf(facts))) changed.add(path);
    }
    // The set grows while it is gone through: who passes on what changed has changed for those who ask it.
    for (const path of changed) for (const passer of passers.get(path) ?? []) changed.add(passer);
    return changed;
  }

  #reachOf(file: SourceFile): Reach {
    const asks = new Set([...file.names.values()].map((id) => id.slice(0, id.indexOf('#'))));
    const passes = new Set<string>();
    for (const one of file.imports) {
      const target = this.#resolver.resolve(file.path, one.specifier);
      for (const path of [target, one.through, one.file]) {
        if (path === undefined) continue;
        asks.add(path);
        if (mayPassOn(one, file.facts)) passes.add(path);
      }
    }
    return { asks, passes };
  }

  #tree(root: string, linked: readonly SourceFile[]): SourceTree {
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
        const ancestors = ancestorsOf(id, parents);
        const known = this.#knownUnit(file, id);
        if (known !== undefined && areAlike(known.ancestors, ancestors)) return known;
        const isGenerated = zone === 'prod' && facts.isGenerated;
        return {
          ...unit,
          id,
          path,
          lang: facts.lang,
          zone: isGenerated ? 'generated' : zone,
          deployable,
          ancestors,
        };
      }),
    );
    return {
      root,
      files,
      units: new Map(units.toSorted((a, b) => (a.id < b.id ? -1 : 1)).map((unit) => [unit.id, unit])),
    };
  }

  /** A unit as it was before, if its file says the same. */
  #knownUnit({ path, facts }: SourceFile, id: string): Unit | undefined {
    const before = this.#before?.tree;
    return before?.files.get(path)?.facts === facts ? before.units.get(id) : undefined;
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
    if (before !== undefined) return this.#answerOf(before);
    // Answers those who come back to it in a circle (GL2).
    known.set(name, searched);
    const found = this.#isTooFar(hops) ? undefined : this.#findExport(path, name, hops);
    if (found === undefined && hops > 0) known.delete(name);
    else known.set(name, found ?? null);
    return found;
  }

  #answerOf(known: Found | null): Found | undefined {
    if (known !== searched) return known ?? undefined;
    this.#wentInCircle = true;
    return undefined;
  }

  #isTooFar(hops: number): boolean {
    if (hops > hopsMax) this.#wentInCircle = true;
    return hops > hopsMax;
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
    return alias === undefined || this.#isTooFar(hops) ? undefined : this.#local(path, alias.of, hops + 1);
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

/** All of a file that may change what others get who import from it. */
function faceOf({ lang, units, imports, aliases, exports }: FileFacts): string {
  const named = units.map(({ name, outer }) => [name, outer]);
  const imported = imports.map((one) => [one.kind, one.specifier, one.imported, one.local]);
  const other = aliases.map(({ name, of }) => [name, of]);
  return JSON.stringify([lang, named, imported, other, exports]);
}

/** Can others get something through this import? */
function mayPassOn({ kind, imported, local }: ImportFacts, { lang, exports, aliases }: FileFacts): boolean {
  if (lang === 'py' || kind === 'reexport' || local === '' || imported === '*') return true;
  return exports.some((one) => one.local === local) || aliases.some(({ of }) => of === local);
}

function areAlike(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((one, index) => one === others[index]);
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
