/**
 * Reasons why two units of one subject are no rivals. Each is a rule of its own; the first that holds is told.
 *
 * GR1  What is not known to be a reason is none: a rule needs something in the code that it points at.
 * GR2  "The one uses the other" excludes only where the names differ in their subject: a rival that wraps a rival is still
 *      one, and excluding it would split a concept in two.
 * GR3  A reason between two units says nothing of a third.
 */
import type { Evidence, SourceTree, Unit, Verdict } from './concept.ts';
import type { Pair, Subject } from './candidates.ts';
import type { Deployables } from './deployables.ts';
import { folderOf } from './resolve-paths.ts';
import { adapters, dataRoles, doubles, families, layers, platforms, replacedFolders } from './vocabulary.ts';

export type Reason = { readonly verdict: Exclude; readonly reason: string; readonly outsider?: string };
type Exclude = Exclude_<Verdict>;
type Exclude_<V> = V extends 'rival' ? never : V;

/** What rules may ask besides the pair. */
export type Surroundings = {
  readonly tree: SourceTree;
  readonly deployables: Deployables;
  /** Units by name as it is written, of what ships. */
  readonly namesakes: ReadonlyMap<string, readonly Unit[]>;
  /** How many units have this one as an ancestor. */
  readonly familySize: ReadonlyMap<string, number>;
  /** Deployables of which files import from each other. */
  readonly joined: ReadonlySet<string>;
};

type Rule = (pair: Pair, evidence: Evidence, around: Surroundings) => Reason | undefined;

/** The first reason why they are no rivals, or undefined. */
export function excluded(pair: Pair, evidence: Evidence, around: Surroundings): Reason | undefined {
  for (const rule of rules) {
    const reason = rule(pair, evidence, around);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

const isOneSubject = ({ nameRelation }: Evidence): boolean => nameRelation === 'same' || nameRelation === 'modifier';

const byZone: Rule = ([a, b]) => {
  const outside = [a.unit, b.unit].find((unit) => unit.zone !== 'prod');
  if (outside === undefined) return undefined;
  if (outside.zone === 'generated') return { verdict: 'generated', reason: `${outside.path} was generated` };
  const what = { test: 'is for tests', example: 'is an example', backup: 'is a backup', prod: '' }[outside.zone];
  return { verdict: 'double', reason: `${outside.path} ${what}` };
};

const byDoubleName: Rule = ([a, b]) => {
  const [inA, inB] = [doubleIn(a), doubleIn(b)];
  if ((inA === undefined) === (inB === undefined)) return undefined;
  return { verdict: 'double', reason: `"${inA ?? inB}" in its name says that it stands in for the other` };
};

function doubleIn({ parts }: Subject): string | undefined {
  const { words } = parts;
  const memory = words.indexOf('memory');
  if (memory > 0 && words[memory - 1] === 'in') return 'in memory';
  return words.find((word, index) => doubles.has(word) && (index === 0 || index === words.length - 1));
}

const byNesting: Rule = ([a, b]) => {
  const inner = [a.unit, b.unit].find((unit) => unit.outer !== undefined);
  if (inner === undefined) return undefined;
  return { verdict: 'nested', reason: `${inner.name} is only seen inside ${inner.outer ?? ''}` };
};

const byOneFile: Rule = ([a, b]) =>
  a.unit.path === b.unit.path && a.unit.name === b.unit.name
    ? { verdict: 'platform', reason: 'one file defines it twice, for one case or the other' }
    : undefined;

const byDeployable: Rule = ([a, b], _, { deployables, joined }) => {
  const [one, other] = [a.unit.deployable, b.unit.deployable];
  if (one === other || deployables.areJoined(one, other) || joined.has(`${one}\0${other}`)) return undefined;
  const bothPackages = one !== '' && other !== '' && deployables.isPackage(one) && deployables.isPackage(other);
  const reason = `${tellFolder(one)} and ${tellFolder(other)} are built apart, and neither uses the other`;
  return { verdict: bothPackages ? 'twin-package' : 'other-deployable', reason };
};

function tellFolder(folder: string): string {
  return folder === '' ? 'the root' : folder;
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

const byInheritance: Rule = ([a, b], evidence, { tree }) => {
  const [child, parent] = extendsOther(a, b, tree) ? [a, b] : extendsOther(b, a, tree) ? [b, a] : [];
  if (child === undefined || parent === undefined) return undefined;
  const reason = `${child.unit.name} extends ${parent.unit.name}`;
  const isAbstract = parent.unit.isAbstract || parent.unit.kind === 'type';
  if (!isOneSubject(evidence) || isAbstract) return { verdict: 'strategy', reason };
  return { verdict: 'variant', reason, outsider: child.unit.id };
};

/** By resolved ancestors, or by the name under which a base is imported from where it can't be read. */
function extendsOther(child: Subject, parent: Subject, tree: SourceTree): boolean {
  if (child.unit.ancestors.includes(parent.unit.id)) return true;
  const file = tree.files.get(child.unit.path);
  return child.unit.bases.some((base) => {
    if (file?.names.has(base) === true) return false;
    const imported = file?.imports.find((one) => one.local === base)?.imported;
    return imported === parent.unit.name && imported !== undefined;
  });
}

const byMatrix: Rule = ([a, b], _, { namesakes }) => {
  if (a.parts.whole !== b.parts.whole && fileOf(a.unit.path) !== fileOf(b.unit.path)) return undefined;
  const place = oneDifference(a.unit.path, b.unit.path);
  if (place === undefined) return undefined;
  const { index, left, right } = place;
  if (replacedFolders.test(left) || replacedFolders.test(right)) return undefined;
  const cells = (namesakes.get(a.unit.name) ?? []).filter(
    (unit) => oneDifference(a.unit.path, unit.path)?.index === index,
  );
  const above = a.unit.path.split('/')[index - 1] ?? '';
  if (cells.length < 2 && !families.has(above)) return undefined;
  return {
    verdict: cells.length >= 9 ? 'plugin' : 'matrix',
    reason: `the paths are alike but for one folder (${left}, ${right})`,
  };
};

function fileOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** The one folder in which two paths differ. */
function oneDifference(a: string, b: string): { index: number; left: string; right: string } | undefined {
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

const byFamily: Rule = ([a, b], evidence, { tree, familySize }) => {
  const common = a.unit.ancestors.filter((id) => b.unit.ancestors.includes(id));
  const largest = common.find((id) => (familySize.get(id) ?? 0) >= 10);
  if (largest !== undefined && evidence.nameRelation !== 'same') {
    return {
      verdict: 'plugin',
      reason: `${familySize.get(largest)} units are a ${tree.units.get(largest)?.name ?? largest}`,
    };
  }
  if (isOneSubject(evidence)) return undefined;
  const bases = [...a.unit.bases, ...a.unit.implements].filter((base) =>
    [...b.unit.bases, ...b.unit.implements].includes(base),
  );
  const base = common.map((id) => tree.units.get(id)?.name)[0] ?? bases[0];
  if (base === undefined || evidence.nameRelation === 'scope') return undefined;
  return { verdict: 'strategy', reason: `both are a ${base}, each for a case of its own` };
};

const byAdapter: Rule = ([a, b], evidence, { tree }) => {
  for (const [one, other] of [
    [a, b],
    [b, a],
  ] as const) {
    const word = one.parts.words.find((part) => adapters.has(part));
    if (word !== undefined && !other.parts.words.includes(word)) {
      const reason = `"${word}" in the name of ${one.unit.name} says that it passes on`;
      return { verdict: 'adapter', reason, outsider: one.unit.id };
    }
    const methods = one.unit.methods.filter((method) => !method.isPrivate && !method.isStub);
    const passed = methods.filter((method) => method.delegatesTo !== undefined);
    if (
      methods.length >= 2 &&
      passed.length / methods.length >= 0.5 &&
      isOfTree(one.unit, passed[0]?.delegatesTo, tree)
    ) {
      const reason = `${passed.length} of ${methods.length} methods of ${one.unit.name} pass on to \`${passed[0]?.delegatesTo ?? ''}\``;
      return { verdict: 'adapter', reason, outsider: one.unit.id };
    }
    if (holds(one.unit, other.unit, tree) && evidence.nameRelation !== 'scope') {
      const reason = `${one.unit.name} holds a ${other.unit.name} and works through it`;
      return { verdict: 'adapter', reason, outsider: one.unit.id };
    }
  }
  return undefined;
};

/** Is what it passes on to something of this tree? What only wraps a map or a package's client does the work itself. */
function isOfTree(unit: Unit, field: string | undefined, tree: SourceTree): boolean {
  const file = tree.files.get(unit.path);
  const plain = field?.replace(/^[_#]+/, '') ?? '';
  return (
    file?.facts.uses.some(
      (use) => file.names.has(use.name) && use.bindings.some(({ name }) => name.replace(/^[_#]+/, '') === plain),
    ) ?? false
  );
}

/** Is the other among what it is made with, or what it makes in its constructor? */
function holds(one: Unit, other: Unit, tree: SourceTree): boolean {
  const file = tree.files.get(one.path);
  if (file === undefined) return false;
  const used = one.uses.find((name) => file.names.get(name) === other.id);
  if (used === undefined) return false;
  const use = file.facts.uses.find((each) => each.name === used);
  const calls = use?.calls.filter((call) => call.within.startsWith(`${one.name}.`) || call.within === one.name) ?? [];
  return calls.length >= 1;
}

const byLayer: Rule = ([a, b], evidence, { tree }) => {
  if (isOneSubject(evidence) || evidence.nameRelation === 'scope') return undefined;
  const [inA, inB] = [layers.indexOf(a.parts.role), layers.indexOf(b.parts.role)];
  if (a.parts.subject === b.parts.subject && inA >= 0 && inB >= 0 && inA !== inB) {
    return { verdict: 'layer', reason: `a ${a.parts.role} and a ${b.parts.role} of one subject are two layers` };
  }
  for (const [one, other] of [
    [a.unit, b.unit],
    [b.unit, a.unit],
  ] as const) {
    const names = tree.files.get(one.path)?.names;
    if (one.uses.some((name) => names?.get(name) === other.id)) {
      return { verdict: 'layer', reason: `${one.name} uses ${other.name}` };
    }
  }
  return undefined;
};

const byData: Rule = ([a, b]) => {
  const role = a.parts.words.at(-1) ?? '';
  return dataRoles.has(role) && dataRoles.has(b.parts.words.at(-1) ?? '')
    ? { verdict: 'data', reason: `both only carry what happened ("${role}")` }
    : undefined;
};

/** In the order in which they are asked: where something stands, then what it is, then what it does. */
const rules: readonly Rule[] = [
  byZone,
  byNesting,
  byDoubleName,
  byOneFile,
  byInheritance,
  byDeployable,
  byPlatform,
  byMatrix,
  bySiblings,
  byFamily,
  byData,
  byAdapter,
  byLayer,
];
