/**
 * Reasons not to be rivals that lie in where units stand: side by side, on purpose.
 */
import type { SourceTree, Unit } from './concept.ts';
import type { Rule } from './relations-rule.ts';
import { folderOf } from './resolve-paths.ts';
import { overlayMin } from './shapes.ts';
import {
  bindings,
  conventions,
  entries,
  families,
  platforms,
  replacedFolders,
  vacuousWords,
  vendors,
  wordsOf,
} from './vocabulary.ts';

export function tellFolder(folder: string): string {
  return folder === '' ? 'the root' : folder;
}

/** A framework or a command line looks for it by this name in each file. */
const byConvention: Rule = ([a, b], { bodyJaccard }, { namesakes }) => {
  const { name } = a.unit;
  if (a.family !== 'function' || name !== b.unit.name) return undefined;
  // What is in many files and is seldom alike is looked for by its name, whoever looks.
  const isEverywhere = bodyJaccard < 0.4 && (namesakes.get(name) ?? []).length >= everywhereMin;
  return conventions.has(name) || name.startsWith('pytest_') || isEverywhere
    ? { verdict: 'plugin', reason: `"${name}" is a name that something looks for in each file` }
    : undefined;
};

const everywhereMin = 6;

/** Classes that fill in a class of their own name (`users.EditView` of `generic.EditView`) are one each, where it is asked for. */
const bySlot: Rule = ([a, b], _, { tree, namesakes }) => {
  if (a.family !== 'class' || a.unit.name !== b.unit.name) return undefined;
  const filled = (namesakes.get(a.unit.name) ?? []).filter(({ ancestors }) =>
    ancestors.some((id) => tree.units.get(id)?.name === a.unit.name),
  );
  return filled.length < slotMin
    ? undefined
    : { verdict: 'plugin', reason: `${filled.length} classes fill in a ${a.unit.name} under its own name` };
};

const slotMin = 3;

/** What a file tells a tool (`tsdown.config.ts`) is said once for each run of it. */
const bySetting: Rule = ([a, b]) => {
  if (a.family === 'type' || ![a, b].every(({ unit }) => settings.test(unit.path))) return undefined;
  return { verdict: 'plugin', reason: 'both files configure a tool, for a case each' };
};

const settings = /(?:^|\/)[^/]+\.config(?:\.[\w-]+)*\.[cm]?[jt]s$/;

/** Two numbered versions of one thing, each with its number. One with a number and one without are rivals. */
const byVersion: Rule = ([a, b], _, { versions }) => {
  const dotted = [a, b].filter(({ unit }) => /\d[._]\d/.test(unit.path) || /V\d{2,}$/.test(unit.name));
  if (dotted.length === 1) return { verdict: 'variant', reason: 'one of them is for one version of a format' };
  // The types of a contract are kept alive version by version, with the newest under a name without one.
  const isContract = [a, b].some(({ unit, parts }) => {
    const at = parts.words.findIndex((word) => /^v\d+$/.test(word));
    return unit.kind === 'type' && at > 0 && (at < parts.words.length - 1 || (versions.get(parts.core) ?? 0) > 1);
  });
  if (isContract) return { verdict: 'variant', reason: 'one of them is a version of a contract' };
  const [left, right] = [versionOf(a.unit), versionOf(b.unit)];
  if (left === undefined || right === undefined || left === right) return undefined;
  return { verdict: 'variant', reason: `two numbered versions (${left}, ${right}) stand side by side` };
};

/** The number in its name, else that in its path. */
function versionOf({ name, path }: Unit): string | undefined {
  const inName = wordsOf(name).find((word) => /^v\d+$/.test(word));
  return inName ?? /(?:^|[/_.-])(v?\d+(?:[._]\d+)*)(?=[/_.-])/.exec(path)?.[1];
}

/** Two files that define many of the same names are two faces of one thing. */
const byFaces: Rule = ([a, b], evidence, { facing }) => {
  if (a.parts.whole !== b.parts.whole) return undefined;
  const count = facing.get([a.unit.path, b.unit.path].toSorted().join('\0')) ?? 0;
  if (a.family === 'class' && evidence.bodyJaccard >= 0.3 && (count < facesMin || !areTwins(a.unit, b.unit))) {
    return undefined;
  }
  const isBeside = folderOf(a.unit.path) === folderOf(b.unit.path) || fileOf(a.unit.path) === fileOf(b.unit.path);
  return count < (isBeside ? 3 : 5)
    ? undefined
    : { verdict: 'matrix', reason: `the two files define ${count} names alike: two faces of one thing` };
};

/** From so many names on two files of twin folders are one thing twice over: to merge them is no matter of one unit. */
const facesMin = 8;

/** Do they lie in folders of one deployable that stand side by side, and the folders are no later and earlier ones? */
export function areTwins(a: Unit, b: Unit): boolean {
  const place = a.deployable === b.deployable ? oneDifference(a.path, b.path) : undefined;
  return place !== undefined && ![place.left, place.right].some((folder) => replacedFolders.test(folder));
}

/** Sibling files whose names differ in one word are a case each (`mmdc_playwright.py`, `mmdc_pyppeteer.py`). */
const byCase: Rule = ([a, b]) => {
  if (a.unit.name !== b.unit.name || folderOf(a.unit.path) !== folderOf(b.unit.path)) return undefined;
  const [left, right] = [wordsOf(stemOf(a.unit.path)), wordsOf(stemOf(b.unit.path))];
  if (left.length !== right.length || left.length < 2) return undefined;
  const differing = left.flatMap((word, index) => (word === right[index] ? [] : [word, right[index] ?? '']));
  if (differing.length !== 2 || differing.some((word) => vacuousWords.has(word))) return undefined;
  return { verdict: 'matrix', reason: `the files differ in one word (${differing.join(', ')})` };
};

/** Two paths that name a vendor each, and not the same one, are two cells. */
const byVendor: Rule = ([a, b], { bodyJaccard }) => {
  if (a.unit.name !== b.unit.name || bodyJaccard >= 0.3) return undefined;
  const [left, right] = [a, b].map(
    ({ unit }) => new Set(unit.path.split(/[/._-]/).filter((word) => vendors.has(word))),
  );
  const [own] = [...(left ?? [])].filter((word) => right?.has(word) === false);
  const [other] = [...(right ?? [])].filter((word) => left?.has(word) === false);
  return own === undefined || other === undefined
    ? undefined
    : { verdict: 'matrix', reason: `each is for a vendor of its own (${own}, ${other})` };
};

function stemOf(path: string): string {
  return fileOf(path).replace(/\.\w+$/, '');
}

const byPlatform: Rule = ([a, b], { bodyJaccard }) => {
  if (a.parts.whole !== b.parts.whole) return undefined;
  if (isTwinModule(a.unit.path, b.unit.path)) {
    return { verdict: 'platform', reason: 'one file is there for each system of modules' };
  }
  const [left, right] = [platformIn(a.unit.path, b.unit.path), platformIn(b.unit.path, a.unit.path)];
  const isShim = [left, right].some((one) => one === 'shims' || one?.startsWith('.') === true);
  if (!isShim && (left === undefined || right === undefined)) return undefined;
  if (bodyJaccard >= 0.5 && [left, right].some((one) => sides.has(one ?? ''))) return undefined;
  return {
    verdict: 'platform',
    reason: `the paths differ in where it runs (${left ?? 'anywhere'}, ${right ?? 'anywhere'})`,
  };
};

/** `hooks.cts` beside `hooks.ts`. */
function isTwinModule(a: string, b: string): boolean {
  if (withoutModuleSystem(a) === withoutModuleSystem(b)) return true;
  if (folderOf(a) !== folderOf(b) || stemOf(a) !== stemOf(b)) return false;
  return a !== b && [a, b].some((path) => /\.[cm][jt]s$/.test(path));
}

/** `helpers/esm/to-array.js` and `helpers/to-array.js` are one module, written for each system. */
function withoutModuleSystem(path: string): string {
  return path.replaceAll(/(?:^|\/)(?:esm|cjs|umd|amd|commonjs)(?=\/)/g, '');
}

/** The two sides of a wire do each their own; what both need alike they could both import. */
const sides = new Set(['client', 'server']);

/** Where the first path says that it runs and the second does not; with a dot if it is an ending (`.browser`). */
function platformIn(path: string, other: string): string | undefined {
  const parts = path.split('/');
  const stem = (parts.pop() ?? '').replace(/\.\w+$/, '');
  const ending = /[._-]([a-z]+)$/.exec(stem)?.[1];
  if (ending !== undefined && platforms.has(ending) && !sides.has(ending) && !other.includes(stem)) return `.${ending}`;
  const theirs = other.split(/[/.]/);
  return [...parts, stem].find((part) => platforms.has(part) && !theirs.includes(part));
}

const byMatrix: Rule = ([a, b], evidence, { namesakes }) => {
  if (a.parts.whole !== b.parts.whole && fileOf(a.unit.path) !== fileOf(b.unit.path)) return undefined;
  const place = oneDifference(a.unit.path, b.unit.path);
  if (place === undefined) return undefined;
  const { index, left, right } = place;
  if (replacedFolders.test(left) || replacedFolders.test(right)) return undefined;
  const cells = (namesakes.get(a.unit.name) ?? []).filter(
    (unit) => oneDifference(a.unit.path, unit.path)?.index === index,
  );
  const isCopy = evidence.bodyJaccard >= 0.5 && Math.min(a.unit.tokens, b.unit.tokens) >= 100;
  if (cells.length < 2 && (isCopy || !isFamily(a.unit.path, place))) return undefined;
  return {
    verdict: cells.length >= 9 ? 'plugin' : 'matrix',
    reason: `the paths are alike but for one folder (${left}, ${right})`,
  };
};

/** Do folders like these stand side by side on purpose: by the folder above, or by whose product they name? */
function isFamily(path: string, { index, left, right }: Difference): boolean {
  const above = path.split('/')[index - 1] ?? '';
  return families.has(above) || [left, right].some((word) => wordsOf(word).some((part) => vendors.has(part)));
}

/** A folder and one that has its name and a word more (`transports`, `transports-uws`) hold a set each of the same things. */
const bySet: Rule = ([a, b], { bodyJaccard }) => {
  if (a.parts.whole !== b.parts.whole || bodyJaccard >= 0.8) return undefined;
  const place = oneDifference(a.unit.path, b.unit.path);
  if (place === undefined) return undefined;
  const [short = '', long = ''] = [place.left, place.right].toSorted((one, other) => one.length - other.length);
  if (!long.startsWith(short) || !/^[-_.]/.test(long.slice(short.length))) return undefined;
  const further = wordsOf(long.slice(short.length));
  return further.some((word) => vacuousWords.has(word) || replacedFolders.test(word))
    ? undefined
    : { verdict: 'matrix', reason: `${short} and ${long} hold a set each of the same things` };
};

function fileOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

type Difference = { readonly index: number; readonly left: string; readonly right: string };

/** The one folder in which two paths differ. */
function oneDifference(a: string, b: string): Difference | undefined {
  const [left, right] = [a.split('/'), b.split('/')];
  if (left.length !== right.length) return undefined;
  const differing = left.flatMap((part, index) => (part === right[index] ? [] : [index]));
  const [index] = differing;
  if (differing.length !== 1 || index === undefined || index === left.length - 1) return undefined;
  return { index, left: left[index] ?? '', right: right[index] ?? '' };
}

/** One of many folders of a shape (`agents/x/prompt.py`) has its own; so may the file above them that chooses among them. */
const byShape: Rule = ([a, b], { bodyJaccard, shared }, { shapes }) => {
  if (a.unit.name !== b.unit.name || shared.length > 0) return undefined;
  // What takes nothing and says little (`register_urls`) is alike wherever it is asked for.
  const isCall = a.family === 'function' && [a, b].every(({ unit }) => unit.params.length === 0 && unit.tokens < 30);
  if (bodyJaccard >= 0.3 && !isCall) return undefined;
  const between = shapes.between(a.unit.path, b.unit.path);
  if (between === undefined || between.names.some((name) => replacedFolders.test(name))) return undefined;
  return {
    verdict: between.isAbove ? 'layer' : 'matrix',
    reason: `folders of one shape stand side by side (${between.names.join(', ')})`,
  };
};

/** A folder that defines the names of the one it lies in again, with what it imports from there, is another face of it. */
const byOverlay: Rule = ([a, b], { bodyJaccard }, { overlays }) => {
  if (a.unit.name !== b.unit.name) return undefined;
  const [outer = '', inner = ''] = [folderOf(a.unit.path), folderOf(b.unit.path)].toSorted();
  const isWithin = inner.startsWith(`${outer}/`);
  const least = Math.min(a.unit.tokens, b.unit.tokens);
  const isCopy = bodyJaccard >= (least < 60 ? 0.8 : isWithin ? 0.5 : 0.6) && least >= 8;
  const count = overlays.get(`${outer}\0${inner}`) ?? 0;
  if (isCopy || count < (isWithin ? overlayMin.within : overlayMin.beside)) return undefined;
  return { verdict: 'matrix', reason: `${inner} and ${tellFolder(outer)} define ${count} names alike: two faces` };
};

/** What a binding to another language or process says again in types. */
const byBinding: Rule = ([a, b]) => {
  if (a.unit.kind !== 'type' || b.unit.kind !== 'type') return undefined;
  const bound = [a, b].filter(({ unit }) => unit.path.split(/[/._-]/).some((word) => bindings.has(word)));
  const [one] = bound;
  return one === undefined || bound.length === 2
    ? undefined
    : { verdict: 'matrix', reason: `${one.unit.path} says in types what lies on its other side` };
};

/** What a request comes in by has the name of what it calls, or of what others of its kind answer. */
const byEntry: Rule = ([a, b], { bodyJaccard }, { tree }) => {
  if (a.family !== 'function' || a.unit.name !== b.unit.name || bodyJaccard >= 0.3) return undefined;
  const entry = [a, b].find(({ unit }) => unit.lang === 'py' && entries.test(unit.path) && !isUsedAtHome(unit, tree));
  return entry === undefined ? undefined : { verdict: 'layer', reason: `${entry.unit.path} is where requests come in` };
};

/** A function that its own file calls does a part of the work there; nothing calls what requests come in by. */
function isUsedAtHome({ path, name }: Unit, tree: SourceTree): boolean {
  return tree.files.get(path)?.facts.units.some((unit) => unit.uses.includes(name)) ?? false;
}

/** What is kept and what an API shows of it have one name, and fields in common. */
const byRecord: Rule = ([a, b], { bodyJaccard }) => {
  if (a.family !== 'class' || a.unit.name !== b.unit.name || bodyJaccard >= 0.3) return undefined;
  const [inA, inB] = [a, b].map(({ unit }) => /(?:^|\/)models(?:\/|\.\w+$)/.test(unit.path));
  const shown = inA === true ? b : a;
  return inA !== inB && /(?:^|\/)(?:graphql|serializers|schemas?|types)(?:\/|\.\w+$)/.test(shown.unit.path)
    ? { verdict: 'layer', reason: `${shown.unit.path} is what an API shows of the other` }
    : undefined;
};

/** Files that stand side by side and define the same thing each are cells of a convention (`pages/x#Page`). */
const bySiblings: Rule = ([a, b], evidence, { namesakes }) => {
  const isWord = a.parts.words.length === 1;
  if (a.unit.name !== b.unit.name || evidence.bodyJaccard >= (isWord ? 0.8 : 0.5)) return undefined;
  const folder = folderOf(a.unit.path);
  if (folder !== folderOf(b.unit.path)) return undefined;
  const cells = (namesakes.get(a.unit.name) ?? []).filter((unit) => folderOf(unit.path) === folder);
  return cells.length < 3
    ? undefined
    : { verdict: 'plugin', reason: `${cells.length} files of ${tellFolder(folder)} have their ${a.unit.name}` };
};

/** In the order in which they are asked. */
export const placeRules: readonly Rule[] = [
  byPlatform,
  byConvention,
  bySetting,
  bySlot,
  byVersion,
  byFaces,
  byOverlay,
  byBinding,
  byMatrix,
  bySet,
  byShape,
  bySiblings,
  byCase,
  byVendor,
  byEntry,
  byRecord,
];
