/**
 * Reasons not to be rivals that lie in where units stand: side by side, on purpose.
 */
import type { Unit } from './concept.ts';
import type { Rule } from './relations-rule.ts';
import { folderOf } from './resolve-paths.ts';
import { conventions, families, platforms, replacedFolders, vacuousWords, vendors, wordsOf } from './vocabulary.ts';

export function tellFolder(folder: string): string {
  return folder === '' ? 'the root' : folder;
}

/** A framework or a command line looks for it by this name in each file. */
const byConvention: Rule = ([a, b]) =>
  a.family === 'function' && a.unit.name === b.unit.name && conventions.has(a.unit.name)
    ? { verdict: 'plugin', reason: `"${a.unit.name}" is a name that something looks for in each file` }
    : undefined;

/** Two numbered versions of one thing, each with its number. One with a number and one without are rivals. */
const byVersion: Rule = ([a, b]) => {
  const dotted = [a, b].filter(({ unit }) => /\d[._]\d/.test(unit.path) || /V\d{2,}$/.test(unit.name));
  if (dotted.length === 1) return { verdict: 'variant', reason: 'one of them is for one version of a format' };
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
  if (a.parts.whole !== b.parts.whole || (a.family === 'class' && evidence.bodyJaccard >= 0.3)) return undefined;
  const count = facing.get([a.unit.path, b.unit.path].toSorted().join('\0')) ?? 0;
  const isBeside = folderOf(a.unit.path) === folderOf(b.unit.path) || fileOf(a.unit.path) === fileOf(b.unit.path);
  return count < (isBeside ? 3 : 5)
    ? undefined
    : { verdict: 'matrix', reason: `the two files define ${count} names alike: two faces of one thing` };
};

/** Sibling files whose names differ in one word are a case each (`mmdc_playwright.py`, `mmdc_pyppeteer.py`). */
const byCase: Rule = ([a, b]) => {
  if (a.unit.name !== b.unit.name || folderOf(a.unit.path) !== folderOf(b.unit.path)) return undefined;
  const [left, right] = [wordsOf(stemOf(a.unit.path)), wordsOf(stemOf(b.unit.path))];
  if (left.length !== right.length || left.length < 2) return undefined;
  const differing = left.flatMap((word, index) => (word === right[index] ? [] : [word, right[index] ?? '']));
  if (differing.length !== 2 || differing.some((word) => vacuousWords.has(word))) return undefined;
  return { verdict: 'matrix', reason: `the files differ in one word (${differing.join(', ')})` };
};

function stemOf(path: string): string {
  return fileOf(path).replace(/\.\w+$/, '');
}

const byPlatform: Rule = ([a, b]) => {
  if (a.parts.whole !== b.parts.whole) return undefined;
  const [left, right] = [platformIn(a.unit.path, b.unit.path), platformIn(b.unit.path, a.unit.path)];
  const isShim = [left, right].some((one) => one === 'shims' || one?.startsWith('.') === true);
  if (!isShim && (left === undefined || right === undefined)) return undefined;
  return {
    verdict: 'platform',
    reason: `the paths differ in where it runs (${left ?? 'anywhere'}, ${right ?? 'anywhere'})`,
  };
};

/** Where the first path says that it runs and the second does not; with a dot if it is an ending (`.browser`). */
function platformIn(path: string, other: string): string | undefined {
  const parts = path.split('/');
  const stem = (parts.pop() ?? '').replace(/\.\w+$/, '');
  const ending = /[._-]([a-z]+)$/.exec(stem)?.[1];
  if (ending !== undefined && platforms.has(ending) && !other.includes(stem)) return `.${ending}`;
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

/** Files that stand side by side and define the same thing each are cells of a convention (`pages/x#Page`). */
const bySiblings: Rule = ([a, b], evidence, { namesakes }) => {
  if (a.unit.name !== b.unit.name || evidence.bodyJaccard >= 0.5) return undefined;
  const folder = folderOf(a.unit.path);
  if (folder !== folderOf(b.unit.path)) return undefined;
  const cells = (namesakes.get(a.unit.name) ?? []).filter((unit) => folderOf(unit.path) === folder);
  return cells.length < 3
    ? undefined
    : { verdict: 'plugin', reason: `${cells.length} files of ${tellFolder(folder)} have their ${a.unit.name}` };
};

/** In the order in which they are asked. */
export const placeRules: readonly Rule[] = [byPlatform, byConvention, byVersion, byFaces, byMatrix, bySiblings, byCase];
