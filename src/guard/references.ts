/**
 * Where a file uses one of some units, word by word: by an imported name, or as a member of an imported module.
 *
 * VE1  A use that can't be followed (a module that is passed on whole, or named inside of a text that is put together;
 *      `import *`) is told as trouble, never left out.
 */
import type { LinkedImport, SourceFile, SourceTree, Unit } from './concept.ts';
import { exportedUnit, exportName } from './exported.ts';
import { word, type Words } from './lexer.ts';

/** A name of a file that leads to a unit. */
export type Binding = {
  readonly linked: LinkedImport;
  /** The unit itself; absent where it is a module with the unit in it. */
  readonly unit?: Unit;
};

/** One place behind the import. `first` and `last` are the words that stand for the unit: `Old`, `m.Old`. */
export type Occurrence = {
  readonly binding: Binding;
  readonly unit: Unit;
  readonly first: number;
  readonly last: number;
  /** Of a function: called. */
  readonly isConstructed: boolean;
  readonly line: number;
};

/** What is asked of a value of the unit, or of the unit itself. */
export type MemberUse = {
  readonly unit: Unit;
  readonly name: string;
  readonly line: number;
  /** The bracket of the call; absent where it is only read. */
  readonly open?: number;
  /** Asked of the class itself. */
  readonly isOnUnit?: boolean;
};

export type References = {
  readonly bindings: readonly Binding[];
  readonly occurrences: readonly Occurrence[];
  readonly members: readonly MemberUse[];
  readonly trouble: readonly { readonly unit: Unit; readonly line: number; readonly why: string }[];
};

type Question = {
  readonly tree: SourceTree;
  readonly file: SourceFile;
  readonly words: Words;
  readonly units: ReadonlyMap<string, Unit>;
};

/** Every use of `units` in a file of another path. */
export function referencesIn(question: Question): References {
  const found = {
    bindings: [] as Binding[],
    occurrences: [] as Occurrence[],
    trouble: [] as References['trouble'][number][],
  };
  for (const linked of question.file.imports) {
    const unit = question.units.get(linked.unit ?? '');
    const whole = unit ?? wholeOf(question, linked);
    if (whole !== undefined) {
      if (whole.path === question.file.path) continue;
      const binding = { linked, unit: whole };
      found.bindings.push(binding);
      if (linked.kind !== 'reexport') found.occurrences.push(...namedUses(question, binding));
    } else if (isModule(linked)) readModule(question, linked, found);
  }
  return { ...found, members: membersOf(question, found.occurrences) };
}

/** `const Old = require('./old')` of a module that is nothing but the unit. */
function wholeOf({ tree, words, units }: Question, { file, imported, local, span }: LinkedImport): Unit | undefined {
  if (file === undefined || imported !== '*' || local === '' || local.includes('.')) return undefined;
  const isRequire = /\brequire\s*\(/.test(words.text.slice(span.start, span.end));
  return isRequire ? units.get(exportedUnit(tree, file, 'default') ?? '') : undefined;
}

/** Does it bring a module of the tree, and no unit of it? In Python also `from app import old`. */
function isModule({ file, unit, imported }: LinkedImport): boolean {
  if (file === undefined || unit !== undefined) return false;
  return imported === '*' || file.endsWith(`${imported}.py`) || file.endsWith(`${imported}/__init__.py`);
}

type Found = {
  readonly bindings: Binding[];
  readonly occurrences: Occurrence[];
  readonly trouble: References['trouble'][number][];
};

function readModule(question: Question, linked: LinkedImport, found: Found): void {
  const { tree, file, units } = question;
  const reached = [...units.values()].filter(
    (unit) =>
      unit.path !== file.path &&
      (linked.file === unit.path
        ? exportName(tree, unit.path, unit) !== undefined
        : exportedUnit(tree, linked.file ?? '', unit.name) === unit.id),
  );
  const [first] = reached;
  // What `export * from` passes on is seen where it is taken.
  if (first === undefined || (linked.kind === 'reexport' && linked.local === '')) return;
  if (linked.local === '') readNameless(question, linked, reached, found);
  else if (isPassedOn(question, linked)) {
    const why = `the whole module is passed on as ${linked.local}`;
    found.trouble.push({ unit: first, line: linked.span.line, why });
  } else readMembers(question, linked, first, found);
}

/** `export * as m from`, `export const m = require('x')`, `module.exports = require('x')`. */
function isPassedOn({ words, file }: Question, { kind, span }: LinkedImport): boolean {
  if (kind === 'reexport') return true;
  const name = words.firstFrom(span.start);
  if (file.facts.lang === 'py' || words.at(name) === 'import') return false;
  return !['const', 'let', 'var', 'import', ','].includes(words.at(name - 1)) || words.at(name - 2) === 'export';
}

/** Members of a module that has a name here. */
function readMembers(question: Question, linked: LinkedImport, first: Unit, found: Found): void {
  const { file, words } = question;
  const binding: Binding = { linked };
  const local = linked.local.split('.');
  for (let at = 0; at < words.length; at++) {
    const last = spelledAt(words, at, local);
    if (last === undefined || isIn(words, at, linked)) continue;
    const isMember = words.isSign(last + 1, '.') && words.isName(last + 2);
    const unit = isMember ? takenUnit(question, linked, words.at(last + 2)) : undefined;
    if (unit !== undefined && unit.path !== file.path) {
      found.occurrences.push(occurrence(words, { binding, unit }, at, last + 2));
    } else if (!isMember && local.length === 1) {
      const why = `${linked.local} is used here as a whole, and ${first.name} is in it`;
      found.trouble.push({ unit: first, line: words.line(words.start(at)), why });
    }
  }
  if (found.occurrences.some((one) => one.binding === binding)) found.bindings.push(binding);
  const line = lineInText(words, linked.local);
  if (line !== undefined) {
    found.trouble.push({ unit: first, line, why: `${linked.local} is used here inside of a text` });
  }
}

/** The line of the first text of Python that is put together with a name in it: `f"{old.x}"`. */
export function lineInText(words: Words, name: string): number | undefined {
  const isNamed = new RegExp(`\\{[^}]*(?<![\\w.$])${name.replaceAll(/[.$]/g, '\\$&')}(?![\\w$])`);
  for (let at = 0; at < words.length; at++) {
    if (words.kind(at) !== word.text) continue;
    const text = words.at(at);
    if (/^(?:r?[ft]|[ft]r)['"]/i.test(text) && isNamed.test(text)) return words.line(words.start(at));
  }
  return undefined;
}

/** A module without a name: `import *`, or a call that loads it for what stands right behind. */
function readNameless(question: Question, linked: LinkedImport, reached: readonly Unit[], found: Found): void {
  const { words, file } = question;
  const { line, start, end } = linked.span;
  const from = words.firstFrom(start);
  const trouble = (unit: Unit, why: string): void => void found.trouble.push({ unit, line, why });
  if (file.facts.lang === 'py') {
    for (const unit of reached) {
      if (hasName(words, unit.name)) trouble(unit, `${unit.name} may come from this "import *"`);
    }
    return;
  }
  // `import './old.ts'` takes nothing of it.
  if (words.at(from) === 'import' && !words.isSign(from + 1, '(')) return;
  const at = memberBehindLoad(words, words.firstFrom(end) - 1);
  const taken = at === undefined ? undefined : takenUnit(question, linked, words.at(at));
  if (at === undefined) {
    for (const unit of reached)
      trouble(unit, 'the whole module is loaded here, and what is taken of it can not be told');
  } else if (taken !== undefined) {
    const binding: Binding = { linked };
    if (isMadeAtOnce(words, linked)) trouble(taken, 'it is loaded and constructed at once');
    else {
      found.bindings.push(binding);
      found.occurrences.push(occurrence(words, { binding, unit: taken }, at, at));
    }
  }
}

function takenUnit({ tree, units }: Question, { file = '' }: LinkedImport, name: string): Unit | undefined {
  return units.get(exportedUnit(tree, file, name) ?? '');
}

function hasName(words: Words, name: string): boolean {
  for (let at = 0; at < words.length; at++) if (words.isName(at) && words.at(at) === name) return true;
  return false;
}

/** `new (require('x').X)()` */
function isMadeAtOnce(words: Words, { span }: LinkedImport): boolean {
  let before = words.firstFrom(span.start) - 1;
  while (words.isSign(before, '(') || words.at(before) === 'await') before -= 1;
  return words.at(before) === 'new';
}

/** The member that is taken of `require('x')`, `(await import('x'))` or `import('x').then((m) => m.X)`: the word. */
export function memberBehindLoad(words: Words, close: number): number | undefined {
  let at = close + 1;
  while (words.isSign(at, ')')) at += 1;
  if (!words.isSign(at, '.') || !words.isName(at + 1)) return undefined;
  return words.at(at + 1) === 'then' ? memberOfThen(words, at + 2) : at + 1;
}

/** `((m) => m.X)` */
function memberOfThen(words: Words, open: number): number | undefined {
  const isBracketed = words.isSign(open + 1, '(');
  const name = isBracketed ? open + 2 : open + 1;
  const arrow = isBracketed ? name + 2 : name + 1;
  const wanted = ['=>', words.at(name), '.'];
  const isTaken = words.isName(name) && wanted.every((text, index) => words.at(arrow + index) === text);
  return isTaken && words.isName(arrow + 3) && words.isSign(arrow + 4, ')') ? arrow + 3 : undefined;
}

function namedUses({ words }: Question, binding: Binding & { readonly unit: Unit }): Occurrence[] {
  const found: Occurrence[] = [];
  const { local } = binding.linked;
  for (let at = 0; at < words.length; at++) {
    if (spelledAt(words, at, [local]) === undefined || isIn(words, at, binding.linked)) continue;
    found.push(occurrence(words, { binding, unit: binding.unit }, at, at));
  }
  return found;
}

/** The last word of a name with dots that begins at `at`, if it stands there and is no member of something else. */
function spelledAt(words: Words, at: number, parts: readonly string[]): number | undefined {
  if (words.isSign(at - 1, '.') || words.isSign(at - 1, '?.')) {
    // `...Old` spreads it.
    if (!words.isSign(at - 2, '.')) return undefined;
  }
  let last = at;
  for (const [index, part] of parts.entries()) {
    if (index > 0) {
      if (!words.isSign(last + 1, '.')) return undefined;
      last += 2;
    }
    if (!words.isName(last) || words.at(last) !== part) return undefined;
  }
  return last;
}

function isIn(words: Words, at: number, { span }: LinkedImport): boolean {
  const start = words.start(at);
  return start >= span.start && start < span.end;
}

function occurrence(
  words: Words,
  { binding, unit }: { readonly binding: Binding; readonly unit: Unit },
  first: number,
  last: number,
): Occurrence {
  // A function is called where a class is constructed.
  const isCalled = words.isSign(last + 1, '(') && !['class', 'def'].includes(words.at(first - 1));
  const isConstructed = unit.lang === 'py' || unit.kind !== 'class' ? isCalled : words.at(first - 1) === 'new';
  return { binding, unit, first, last, isConstructed, line: words.line(words.start(first)) };
}

// --- what is asked of it ---

function membersOf(question: Question, occurrences: readonly Occurrence[]): MemberUse[] {
  const { words } = question;
  const found = occurrences.flatMap(({ unit, last, isConstructed }) => {
    const made = isConstructed && words.isSign(last + 1, '(');
    const use = memberAfter(words, made ? words.closing(last + 1) + 1 : last + 1, unit);
    if (use === undefined) return [];
    return isConstructed || unit.kind !== 'class' ? use : { ...use, isOnUnit: true };
  });
  const receivers = receiversOf(question, occurrences);
  for (let at = 0; at < words.length && receivers.size > 0; at++) {
    const units = words.isName(at) ? receivers.get(words.at(at)) : undefined;
    for (const unit of units ?? []) found.push(...[memberAfter(words, at + 1, unit) ?? []].flat());
  }
  return found.toSorted((a, b) => a.line - b.line);
}

/** Variables, parameters and fields that hold a value of a unit. */
function receiversOf(
  { file, words }: Question,
  occurrences: readonly Occurrence[],
): ReadonlyMap<string, ReadonlySet<Unit>> {
  const receivers = new Map<string, Set<Unit>>();
  const add = (name: string, unit: Unit): void =>
    void receivers.set(name, (receivers.get(name) ?? new Set()).add(unit));
  for (const one of occurrences) for (const name of heldIn(words, one)) add(name, one.unit);
  for (const { linked, unit } of new Set(occurrences.map(({ binding }) => binding))) {
    if (unit === undefined) continue;
    const use = file.facts.uses.find(({ name }) => name === linked.local);
    for (const { name } of use?.bindings ?? []) add(name, unit);
  }
  return receivers;
}

/** `.name` or `.name(` at this word. */
function memberAfter(words: Words, at: number, unit: Unit): MemberUse | undefined {
  let dot = at;
  if (words.isSign(dot, '!') || words.isSign(dot, ')')) dot += 1;
  if (!(words.isSign(dot, '.') || words.isSign(dot, '?.')) || !words.isName(dot + 1)) return undefined;
  const shape = { unit, name: words.at(dot + 1), line: words.line(words.start(dot + 1)) };
  const isCall = words.isSign(dot + 2, '(') || words.isSign(dot + 2, '<') || words.isSign(dot + 2, '?.');
  return isCall ? { ...shape, open: dot + 2 } : shape;
}

const wrappers = new Set([
  'Optional',
  '[',
  'Promise',
  '<',
  'Awaited',
  'readonly',
  'Type',
  '|',
  'None',
  'undefined',
  'null',
]);

/** Names of what holds a value of it: `x = new Old`, `x: Old | null`, `with Old() as x`. */
function heldIn(words: Words, { first, last, isConstructed }: Occurrence): readonly string[] {
  let before = first - 1;
  while (['new', 'await', '('].includes(words.at(before))) before -= 1;
  if (words.isSign(before, '=') && words.isName(before - 1)) return [words.at(before - 1)];
  if (isConstructed) {
    const behind = words.closing(last + 1) + 1;
    return words.at(behind) === 'as' && words.isName(behind + 1) ? [words.at(behind + 1)] : [];
  }
  before = first - 1;
  while (wrappers.has(words.at(before))) before -= 1;
  if (!words.isSign(before, ':')) return [];
  const name = words.isSign(before - 1, '?') || words.isSign(before - 1, '!') ? before - 2 : before - 1;
  return words.isName(name) ? [words.at(name)] : [];
}
