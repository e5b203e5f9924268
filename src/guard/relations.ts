/**
 * Reasons why two units of one subject are no rivals. Each is a rule of its own; the first that holds is told.
 *
 * GR1  What is not known to be a reason is none: a rule needs something in the code that it points at.
 * GR2  "The one uses the other" excludes only where the names differ in their subject: a rival that wraps a rival is still
 *      one, and excluding it would split a concept in two.
 * GR3  A reason between two units says nothing of a third.
 */
import type { Evidence, SourceTree, Unit } from './concept.ts';
import type { Pair, Subject } from './candidates.ts';
import { areTwins, placeRules, tellFolder } from './relations-places.ts';
import type { Reason, Rule, Surroundings } from './relations-rule.ts';
import { folderOf } from './resolve-paths.ts';
import { adapters, baseWords, dataRoles, doubles, isReplacement, layers, wordsOf } from './vocabulary.ts';

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
  if (words[0] === 'no' && words[1] === 'op') return 'no op';
  return words.find((word, index) => doubles.has(word) && (index === 0 || index === words.length - 1));
}

const byNesting: Rule = ([a, b]) => {
  const inner = [a.unit, b.unit].find((unit) => unit.outer !== undefined);
  if (inner === undefined) return undefined;
  return { verdict: 'nested', reason: `${inner.name} is only seen inside ${inner.outer ?? ''}` };
};

/** Who writes two into one file sees both. */
const byOneFile: Rule = ([a, b], { nameRelation }) => {
  if (a.unit.path !== b.unit.path || nameRelation === 'none') return undefined;
  return a.unit.name === b.unit.name
    ? { verdict: 'platform', reason: 'one file defines it twice, for one case or the other' }
    : { verdict: 'variant', reason: 'they stand in one file, side by side' };
};

const syncWords = new Set(['async', 'sync', 'aio']);

/** The blocking and the awaiting one of a thing. */
const bySync: Rule = ([a, b]) => {
  if (a.family !== 'class' || a.parts.whole === b.parts.whole) return undefined;
  const [left, right] = [a, b].map(({ parts }) => parts.words.find((word) => syncWords.has(word)));
  if (left === undefined && right === undefined) return undefined;
  if (left !== undefined && right !== undefined && left !== right) {
    return { verdict: 'variant', reason: `one of them says ${left}, the other ${right}` };
  }
  const [inA, inB] = [a, b].map(({ unit }) => unit.methods.some((method) => !method.isPrivate && method.isAsync));
  return inA === inB ? undefined : { verdict: 'variant', reason: 'one of them is awaited, the other is not' };
};

const byDeployable: Rule = ([a, b], _, { deployables, joined }) => {
  const [one, other] = [a.unit.deployable, b.unit.deployable];
  if (one === other || deployables.areJoined(one, other) || joined.has(`${one}\0${other}`)) return undefined;
  const bothPackages = one !== '' && other !== '' && deployables.isPackage(one) && deployables.isPackage(other);
  const reason = `${tellFolder(one)} and ${tellFolder(other)} are built apart, and neither uses the other`;
  return { verdict: bothPackages ? 'twin-package' : 'other-deployable', reason };
};

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

/** What others are made from is no rival of what is made: a base, an interface, a protocol. */
const byBase: Rule = ([a, b], _, { familySize }) => {
  const bases = [a, b].filter(({ unit, parts }) => {
    const isNamed = parts.words.some(
      (word, index) => baseWords.has(word) && (index === 0 || index === parts.words.length - 1),
    );
    const stubs = unit.methods.filter((method) => method.isStub).length;
    const isOpen = (familySize.get(unit.id) ?? 0) > 0 || (stubs > 0 && stubs * 2 >= unit.methods.length);
    // What zope calls an interface is a class to the parser.
    const isContract = unit.bases.some((one) => one === 'Interface' || one.endsWith('.Interface'));
    return unit.kind === 'class' && (unit.isAbstract || isContract || (isNamed && isOpen));
  });
  const [base] = bases;
  return base === undefined || bases.length === 2
    ? undefined
    : { verdict: 'strategy', reason: `${base.unit.name} is a base that others fill in` };
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
  const names = common.map((id) => tree.units.get(id)?.name ?? '');
  if (isOneSubject(evidence) && !isOneOfMany(a, b, evidence, names)) return undefined;
  const bases = [...a.unit.bases, ...a.unit.implements].filter((base) =>
    [...b.unit.bases, ...b.unit.implements].includes(base),
  );
  // Only what this tree defines says what two of one name are: everything may be an EventEmitter.
  const base = names[0] ?? (isOneSubject(evidence) ? undefined : bases[0]);
  if (base === undefined || evidence.nameRelation === 'scope') return undefined;
  return { verdict: 'strategy', reason: `both are a ${base}, each for a case of its own` };
};

/** Does something say that two of one base are one for each case, though they have one name? */
function isOneOfMany(a: Subject, b: Subject, evidence: Evidence, bases: readonly string[]): boolean {
  if (isPart(a, b, bases) || isSetApart(a, b, evidence)) return true;
  return bases.length > 0 && areTwins(a.unit, b.unit);
}

/** Modules side by side fill in one base each, under its name (a `Timer` of `eventlet.py` and one of `gevent.py`). */
function isPart(a: Subject, b: Subject, bases: readonly string[]): boolean {
  if (a.unit.name !== b.unit.name) return false;
  // One word is what any of them would be called (`Resolver` of a `BaseResolver`), wherever it stands.
  if (a.parts.words.length > 1 && folderOf(a.unit.path) !== folderOf(b.unit.path)) return false;
  return bases.some(
    (base) =>
      wordsOf(base)
        .filter((word) => !baseWords.has(word))
        .join('') === a.parts.whole,
  );
}

/** `GenericClient` and `Client` of one base: the word says which of them, not that it came after. */
function isSetApart(a: Subject, b: Subject, { nameRelation }: Evidence): boolean {
  return nameRelation === 'modifier' && !isReplacement(a.parts.words, b.parts.words);
}

const byAdapter: Rule = ([a, b], evidence, { tree }) => {
  for (const [one, other] of [
    [a, b],
    [b, a],
  ] as const) {
    const told = adapterName(one, other) ?? forwarding(one.unit, tree);
    const held = evidence.nameRelation !== 'scope' && holds(one.unit, other.unit, tree);
    const reason = told ?? (held ? `${one.unit.name} holds a ${other.unit.name} and works through it` : undefined);
    if (reason !== undefined) return { verdict: 'adapter', reason, outsider: one.unit.id };
  }
  return undefined;
};

function adapterName(one: Subject, other: Subject): string | undefined {
  const word = [...one.parts.words, ...fileWords(one)].find((part) => adapters.has(part));
  if (word === undefined || other.parts.words.includes(word) || fileWords(other).includes(word)) return undefined;
  return `"${word}" in the name of ${one.unit.name} or of its file says that it passes on`;
}

/** Of a function its file says what it is for. */
function fileWords({ unit, family }: Subject): readonly string[] {
  return family === 'function' ? wordsOf(unit.path.slice(unit.path.lastIndexOf('/') + 1).replace(/\.\w+$/, '')) : [];
}

function forwarding(unit: Unit, tree: SourceTree): string | undefined {
  const methods = unit.methods.filter((method) => !method.isPrivate && !method.isStub);
  const passed = methods.filter((method) => method.delegatesTo !== undefined);
  const field = passed[0]?.delegatesTo;
  if (methods.length < 2 || passed.length / methods.length < 0.5 || !isOfTree(unit, field, tree)) return undefined;
  return `${passed.length} of ${methods.length} methods of ${unit.name} pass on to \`${field ?? ''}\``;
}

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

const byLayer: Rule = (pair, evidence, { tree }) => {
  if (!mayBeLayers(pair, evidence)) return undefined;
  const [a, b] = pair;
  const [inA, inB] = [layers.indexOf(a.parts.role), layers.indexOf(b.parts.role)];
  if (a.family !== 'function' && a.parts.subject === b.parts.subject && inA >= 0 && inB >= 0 && inA !== inB) {
    return { verdict: 'layer', reason: `a ${a.parts.role} and a ${b.parts.role} of one subject are two layers` };
  }
  return layerOfUse(pair, tree);
};

/** Functions, and classes whose names differ in their subject (GR2); a name of one word is no subject. */
function mayBeLayers([a, b]: Pair, evidence: Evidence): boolean {
  if (a.family === 'function' || (a.unit.kind === 'factory' && b.unit.kind === 'factory')) return true;
  if (a.parts.words.length === 1 && b.parts.words.length === 1) return true;
  return !isOneSubject(evidence) && evidence.nameRelation !== 'scope';
}

/** One of them uses the other; of functions it is enough that the file of one imports the other. */
function layerOfUse([a, b]: Pair, tree: SourceTree): Reason | undefined {
  const isCode = a.family === 'function';
  for (const [one, other] of [
    [a.unit, b.unit],
    [b.unit, a.unit],
  ] as const) {
    const names = tree.files.get(one.path)?.names;
    const isImported = isCode && names !== undefined && [...names.values()].includes(other.id);
    if (isImported || usesModule(one, other, tree) || one.uses.some((name) => names?.get(name) === other.id)) {
      return { verdict: 'layer', reason: `${one.name} uses ${other.name}` };
    }
  }
  return undefined;
}

/** `await inner.flush()` of a module that is imported whole. */
function usesModule(one: Unit, other: Unit, tree: SourceTree): boolean {
  const module = /([^/]*?)(?:\/__init__)?\.\w+$/.exec(other.path)?.[1];
  return (tree.files.get(one.path)?.imports ?? []).some(
    ({ imported, file, local }) =>
      file === other.path && (imported === '*' || imported === module) && local !== '' && one.uses.includes(local),
  );
}

/** An object that is there once (`metricMeter`) is one of a kind, and the classes of that kind are others. */
const byObject: Rule = ([a, b], evidence) => {
  if (isOneSubject(evidence) || a.parts.isCapital === b.parts.isCapital) return undefined;
  const object = [a, b].find(
    ({ unit, parts }) => unit.kind === 'factory' && !parts.isCapital && unit.params.length === 0,
  );
  if (object === undefined || object.unit.name.toLowerCase() !== object.parts.whole) return undefined;
  return { verdict: 'strategy', reason: `${object.unit.name} is one object, for what it stands in` };
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
  bySync,
  byInheritance,
  byDeployable,
  ...placeRules,
  byBase,
  byFamily,
  byObject,
  byData,
  byAdapter,
  byLayer,
];
