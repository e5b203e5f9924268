/**
 * How one file imports a unit of another: by the specifier that it would be written with there.
 *
 * VF1  Whatever is proposed is resolved again, from the file that would have it: what does not lead to the unit is no
 *      answer. There is none rather than a guess.
 * VF2  It is written as the import was that it takes the place of: relative stays relative, an alias stays that alias, with
 *      an ending or without.
 */
import { posix } from 'node:path';
import { scanOptions } from './audit.ts';
import type { LinkedImport, SourceFile, SourceTree, Unit } from './concept.ts';
import type { GuardConfig } from './config.ts';
import { exportName } from './exported.ts';
import { makeResolver, type Package, type ReadText, type Resolver } from './resolve.ts';
import { walk } from './walk.ts';

/** Where a unit comes from: `name` is `default` where it is the default export of a module. */
export type Target = {
  readonly specifier: string;
  readonly name: string;
  /** Its module is nothing else: `module.exports = X`. */
  readonly isWhole: boolean;
};

export type TargetFinder = {
  /** How `file` imports `unit`, in the manner of `like`; a text says why it can't. */
  find(file: SourceFile, unit: Unit, like: LinkedImport): Target | string;
  /** The file that a specifier names in the file at `from`. */
  readonly resolve: Resolver['resolve'];
  /** Does the manifest of its package give this file to others by its path? */
  isEntry(path: string): boolean;
};

export function targetFinder(tree: SourceTree, config: GuardConfig, read: ReadText): TargetFinder {
  const { manifests } = walk(scanOptions(tree.root, config));
  const resolver = makeResolver([...tree.files.keys()], manifests, read);
  return {
    find: (file, unit, like) => findTarget({ tree, resolver, read, file, unit, like }),
    resolve: (from, specifier) => resolver.resolve(from, specifier),
    isEntry: (path) => resolver.packages.some((one) => isEntryOf(one, path)),
  };
}

/** `main` and `exports`, as they are or as what is built from it (`dist/old.js` of `src/old.ts`). */
function isEntryOf({ folder, main, exports }: Package, path: string): boolean {
  if (folder !== '' && !path.startsWith(`${folder}/`)) return false;
  const own = withoutEnding(folder === '' ? path : path.slice(folder.length + 1));
  return [...main, ...textsIn(exports)]
    .map(withoutEnding)
    .some((one) => one === own || (/^(?:dist|lib|build|out)\//.test(one) && behindFolder(one) === behindFolder(own)));
}

function withoutEnding(path: string): string {
  return posix.normalize(path).replace(sourceEnding, '');
}

function behindFolder(path: string): string {
  return path.slice(path.indexOf('/') + 1);
}

function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

type Question = {
  readonly tree: SourceTree;
  readonly resolver: Resolver;
  readonly read: ReadText;
  readonly file: SourceFile;
  readonly unit: Unit;
  readonly like: LinkedImport;
};

function findTarget(question: Question): Target | string {
  const { tree, resolver, file, unit } = question;
  if (unit.outer !== undefined) return `${unit.name} is inside of ${unit.outer}, and can't be imported`;
  if (exportName(tree, unit.path, unit) === undefined)
    return `${unit.path} does not export ${unit.name}: export it first`;
  if (!isLoadable(question)) {
    return `${unit.path} is TypeScript, and no JavaScript here loads any: is it built together?`;
  }
  const candidates = unit.lang === 'py' ? pythonCandidates(question) : scriptCandidates(question);
  for (const specifier of candidates) {
    const reached = resolver.resolve(file.path, specifier);
    const name = reached === undefined ? undefined : exportName(tree, reached, unit);
    if (name !== undefined)
      return { specifier, name, isWhole: name === 'default' && isWholeModule(question.read(reached ?? '')) };
  }
  const missing = undeclaredPackage(question);
  return missing ?? `no import from here leads to ${unit.path}: write one by hand`;
}

const typescript = /(?<!\.d)\.[cm]?tsx?$/;

/** JavaScript that is run as it stands can't load TypeScript; where some of it does already, it is built. */
function isLoadable({ tree, file, unit }: Question): boolean {
  if (file.facts.lang !== 'js' || !typescript.test(unit.path)) return true;
  return [...tree.files.values()].some(
    ({ facts, imports }) => facts.lang === 'js' && imports.some(({ through = '' }) => typescript.test(through)),
  );
}

/** Is all that a module of CommonJS gives one thing? */
function isWholeModule(text = ''): boolean {
  return /\bmodule\.exports\s*=(?!\s*\{)/.test(text);
}

// --- TypeScript and JavaScript ---

const sourceEnding = /\.(?:d\.)?[cm]?[jt]sx?$/;

function scriptCandidates(question: Question): readonly string[] {
  const { resolver, file, unit, like } = question;
  const [own, other] = [packageOf(resolver, file.path), packageOf(resolver, unit.path)];
  const relative = relativeSpecifier(file.path, unit.path, like.specifier);
  if (like.specifier.startsWith('.') && (own === other || leaves(file.path, like, own))) return [relative];
  const alias = aliasSpecifiers(like, unit.path);
  if (own === other) return [...alias, ...(like.specifier.startsWith('.') ? [] : [relative])];
  if (other === undefined || own?.dependencies.has(other.name) !== true)
    return alias.filter((one) => !isPackageName(one, resolver));
  return [...alias.filter((one) => isGiven(other, one)), ...packageSpecifiers(other)];
}

/** It went by a path to another package before. */
function leaves(path: string, { through }: LinkedImport, own: Package | undefined): boolean {
  return (
    own !== undefined &&
    own.folder !== '' &&
    path.startsWith(`${own.folder}/`) &&
    through?.startsWith(`${own.folder}/`) === false
  );
}

function isPackageName(specifier: string, { packages }: Resolver): boolean {
  return packages.some(({ name }) => name !== '' && (specifier === name || specifier.startsWith(`${name}/`)));
}

function packageOf({ packages }: Resolver, path: string): Package | undefined {
  return packages.find(({ folder }) => folder === '' || path.startsWith(`${folder}/`));
}

/** How `path` imports `target` by a path, with the ending that `old` has (`.ts`, `.js` or none). */
export function relativeSpecifier(path: string, target: string, old: string): string {
  const relative = posix.relative(posix.dirname(path), target);
  return withEnding(relative.startsWith('.') ? relative : `./${relative}`, old);
}

function withEnding(path: string, old: string): string {
  const ending = /\.[cm]?[jt]sx?$/.exec(old)?.[0];
  if (ending === undefined) return path.replace(sourceEnding, '').replace(/\/index$/, '');
  return /js/.test(ending) ? path.replace(/\.([cm]?)ts(x?)$/, '.$1js$2') : path;
}

/** `@app/old` that means `src/old.ts` says what `@app/` means, and so how `src/engine.ts` is called. */
function aliasSpecifiers({ specifier, through = '' }: LinkedImport, target: string): readonly string[] {
  if (specifier.startsWith('.')) return [];
  const names = specifier.replace(sourceEnding, '').split('/');
  const file = through
    .replace(sourceEnding, '')
    .replace(/\/index$/, '')
    .split('/');
  const found: string[] = [];
  for (let common = 0; common < Math.min(names.length, file.length); common++) {
    if (common > 0 && names.at(-common) !== file.at(-common)) break;
    const prefix = file
      .slice(0, file.length - common)
      .map((part) => `${part}/`)
      .join('');
    if (!target.startsWith(prefix)) continue;
    const alias = names
      .slice(0, names.length - common)
      .map((part) => `${part}/`)
      .join('');
    if (alias !== '' || common > 0) found.unshift(withEnding(alias + target.slice(prefix.length), specifier));
  }
  return found;
}

/** Every name under which a package gives something. */
function packageSpecifiers({ name, exports }: Package): readonly string[] {
  if (name === '') return [];
  const subpaths = subpathsOf(exports)?.filter((key) => !key.includes('*')) ?? ['.'];
  return subpaths.map((subpath) => (subpath === '.' ? name : `${name}/${subpath.slice(2)}`));
}

/** What the manifest lists under `exports`; undefined where it lists nothing by its path. */
function subpathsOf(exports: unknown): readonly string[] | undefined {
  const keys = typeof exports === 'object' && exports !== null ? Object.keys(exports) : [];
  return keys.some((key) => key.startsWith('.')) ? keys : undefined;
}

/** A package that lists what it gives gives nothing else, though its files could be found. */
function isGiven({ name, exports }: Package, specifier: string): boolean {
  const subpaths = typeof exports === 'string' ? ['.'] : subpathsOf(exports);
  if (subpaths === undefined || name === '' || !(specifier === name || specifier.startsWith(`${name}/`))) return true;
  const path = `.${specifier.slice(name.length)}`;
  return subpaths.some((key) => {
    const [head = '', tail] = key.split('*');
    return tail === undefined ? key === path : path.startsWith(head) && path.endsWith(tail);
  });
}

function undeclaredPackage({ resolver, file, unit }: Question): string | undefined {
  if (unit.lang === 'py') return undefined;
  const [own, other] = [packageOf(resolver, file.path), packageOf(resolver, unit.path)];
  if (own === undefined || other === undefined || own === other || other.name === '') return undefined;
  const place = own.folder === '' ? 'package.json' : `${own.folder}/package.json`;
  return own.dependencies.has(other.name)
    ? `${other.name} exports no ${unit.name}: export it there first`
    : `${place} does not depend on ${other.name}: add it first`;
}

// --- Python ---

function pythonCandidates({ tree, file, unit, like }: Question): readonly string[] {
  const parts = unit.path.replace(/(?:\/__init__)?\.py$/, '').split('/');
  const folder = posix.dirname(file.path) === '.' ? [] : posix.dirname(file.path).split('/');
  let common = 0;
  while (common < folder.length && folder[common] === parts[common]) common += 1;
  const relative = '.'.repeat(folder.length - common + 1) + parts.slice(common).join('.');
  const dotted = common >= outermostPackage(tree, folder) ? [relative] : [];
  // A folder around the outermost package is no part of its name, though from the root it could be read as one.
  const first = outermostPackage(tree, parts.slice(0, -1)) - 1;
  const starts = [Math.max(0, first), ...parts.keys()];
  const absolute = [...new Set(starts)].map((index) => parts.slice(index).join('.'));
  const rooted = rootedModule(like, unit.path);
  const plain = [...(rooted === undefined ? [] : [rooted]), ...absolute];
  return like.specifier.startsWith('.') ? [...dotted, ...plain] : plain;
}

/**
 * How many folders lead to the outermost package that a file of `folder` is in: dots can't lead out of it. Where no file says
 * that its folder is a package, it is the first folder.
 */
function outermostPackage({ files }: SourceTree, folder: readonly string[]): number {
  let depth = folder.length;
  while (depth > 0 && files.has(`${folder.slice(0, depth).join('/')}/__init__.py`)) depth -= 1;
  return depth < folder.length ? depth + 1 : Math.min(1, folder.length);
}

/** From where the old one is found. */
function rootedModule({ specifier, through = '', file = '' }: LinkedImport, target: string): string | undefined {
  if (specifier.startsWith('.')) return undefined;
  const rest = specifier.replaceAll('.', '/');
  for (const found of [through, file]) {
    const at = found.replace(/(?:\/__init__)?\.py$/, '').lastIndexOf(rest);
    const root = at < 0 ? undefined : found.slice(0, at);
    if (root === undefined || !target.startsWith(root)) continue;
    return target
      .slice(root.length)
      .replace(/(?:\/__init__)?\.py$/, '')
      .replaceAll('/', '.');
  }
  return undefined;
}
