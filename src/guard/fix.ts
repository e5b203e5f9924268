/**
 * Moves the users of rivals to the canonical implementation, file by file.
 *
 * VX1  It only plans; whoever asked writes. Doing it twice is doing it once.
 * VX4  A file moves from a rival wholly or not at all: it never ends up with both.
 * VX5  The local name stays, by an alias where it has to; a member of a module (`old.Engine`) becomes a name of its own.
 * VX6  A file whose bytes could not be kept (they are no UTF-8) is left alone, and what it uses is used.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LinkedImport, Unit } from './concept.ts';
import { applyEdits, type Edit, unifiedDiff } from './edits.ts';
import { type FileChange, makeChanges } from './file-changes.ts';
import { factoryOf, wordsReader } from './fix-construct.ts';
import { buildsByFactory, type Ground, type Objection, objectionTo } from './fix-objections.ts';
import { type OldFiles, stubOf, withoutRivals } from './fix-old-files.ts';
import { Passing } from './fix-passing.ts';
import { rewritePython } from './fix-python.ts';
import { mockedRivals } from './mocks.ts';
import { rewriteScript } from './fix-script.ts';
import type { Need } from './fix-statement.ts';
import { targetFinder, type TargetFinder } from './fix-target.ts';
import type { Words } from './lexer.ts';
import type { Binding, Occurrence } from './references.ts';
import type { RuleInput } from './rules/rule.ts';
import { type Consumer, migrationOf, sourcesOf } from './todo.ts';

/** A file with its new text. */
export type FixedFile = FileChange & {
  /** What changes, as a unified diff. */
  readonly diff: string;
};

/** A place that a fix leaves alone, why, and what to do there. */
export type Refusal = {
  readonly path: string;
  readonly line: number;
  readonly name: string;
  readonly why: string;
  readonly hint: string;
};

/** What a fix would change, and what it would not. */
export type FixPlan = { readonly files: readonly FixedFile[]; readonly refused: readonly Refusal[] };

/** What becomes of the files of rivals whose users have all moved; without it they stay as they are. */
export type OldFilesWish = 'stubs' | 'remove';

/**
 * What would change for a declared concept; undefined where it is not declared. Reads the files, and writes none.
 * Throws a ValidationError where guard.json names a factory that can't be called.
 */
export function planFix(input: RuleInput, concept: string, wish?: OldFilesWish): FixPlan | undefined {
  const { tree, config } = input;
  const read = sourcesOf(tree.root);
  const migration = migrationOf(input, concept, read);
  if (migration === undefined) return undefined;
  const wordsOf = wordsReader(read);
  const factory = factoryOf(tree, concept, migration.concept, wordsOf);
  const ground: Ground = { tree, migration, factory, wordsOf };
  const finder = targetFinder(tree, config, read);
  const changed = new Map<string, Changed>();
  const refused: Refusal[] = [];
  /** Rivals that somebody still uses. */
  const left = new Set<string>();
  for (const [consumer, { edits, refused: own, left: users }] of moveAll(ground, finder)) {
    refused.push(...own);
    for (const id of users) left.add(id);
    if (edits.length > 0) changed.set(consumer.file.path, { words: consumer.words, edits });
  }
  for (const { path, line, rival } of mockedRivals({ tree, migration, read, wordsOf, resolve: finder.resolve })) {
    refused.push({ path, line, name: rival.name, ...notMocked(rival, migration.canonical) });
    left.add(rival.id);
  }
  if (wish !== undefined) changeOldFiles(wish, { tree, migration, wordsOf, finder }, { changed, refused, left });
  return written(tree.root, changed, refused);
}

/** Every user of a rival, moved or not, until nobody is left alone because of another (VX7). */
function moveAll(ground: Ground, finder: TargetFinder): readonly (readonly [Consumer, Moved])[] {
  const { consumers } = ground.migration;
  const passing = new Passing(consumers);
  for (;;) {
    const all = consumers.map((consumer) => {
      const mover = new Mover(ground, consumer, { finder, passing });
      const isKept = wholeText(ground.tree.root, consumer.file.path) !== undefined;
      return [consumer, isKept ? mover.move() : mover.stay()] as const;
    });
    if (!passing.learn(new Map(all.map(([{ file }, { left }]) => [file.path, left])))) return all;
  }
}

/** What is said of a test that replaces a rival by its name (VG1). */
function notMocked(rival: Unit, canonical: Unit): Pick<Refusal, 'why' | 'hint'> {
  const why = `it replaces ${rival.path} by its name, which replaces nothing of what has moved`;
  return { why, hint: `Let it name ${canonical.path}, and what it puts in its place be like ${canonical.name}.` };
}

type Changed = { readonly words: Words; readonly edits: readonly Edit[]; readonly isGone?: boolean };

type Soon = {
  readonly changed: Map<string, Changed>;
  readonly refused: Refusal[];
  readonly left: ReadonlySet<string>;
};

function changeOldFiles(wish: OldFilesWish, old: OldFiles, { changed, refused, left }: Soon): void {
  for (const [path, rivals] of Map.groupBy(old.migration.rivals.values(), (rival) => rival.path)) {
    const words = old.wordsOf(path);
    const gone = rivals.filter(({ id }) => !left.has(id));
    const stays = rivals.find(({ id }) => left.has(id));
    const refuse = (rival: Unit | undefined, why: string, hint: string): void =>
      void refused.push({ path, line: rival?.span.line ?? 1, name: rival?.name ?? '', why, hint });
    if (stays !== undefined) refuse(stays, 'it is still used', 'Move the places named here first.');
    if (words === undefined || gone.length === 0 || (stays !== undefined && wish === 'stubs')) continue;
    const earlier = changed.get(path)?.edits ?? [];
    const done = wish === 'stubs' ? stubOf(old, path, gone) : withoutRivals(old, path, gone, earlier);
    if (typeof done === 'string') refuse(gone[0], done, 'It stays as it is until then.');
    else changed.set(path, { words, ...done });
  }
}

function written(root: string, changed: ReadonlyMap<string, Changed>, refused: Refusal[]): FixPlan {
  const files: FixedFile[] = [];
  for (const [path, change] of changed) {
    const source = wholeText(root, path);
    if (source === undefined) refused.push({ path, line: 1, name: '', ...notKept });
    else if (source.whole.replace(byteMark, '') !== change.words.text) {
      refused.push({ path, line: 1, name: '', why: 'it was changed while this was planned', hint: 'Run it again.' });
    } else files.push(fixedFile(path, source, change));
  }
  return { files, refused };
}

/** Makes it so under `root`: all of it, or none and a ValidationError. */
export function writePlan(root: string, { files }: FixPlan): void {
  makeChanges(root, files);
}

type WholeText = { readonly bytes: Buffer; readonly whole: string };

/** A file's text that gives its bytes again; undefined where they are no UTF-8. */
function wholeText(root: string, path: string): WholeText | undefined {
  const bytes = readFileSync(join(root, path));
  const whole = bytes.toString('utf8');
  return Buffer.from(whole, 'utf8').equals(bytes) ? { bytes, whole } : undefined;
}

const notKept = { why: 'it is no UTF-8', hint: 'Save it as UTF-8 first.' };

const byteMark = '\uFEFF';

/** A file with edits made in its text. A mark before it stays. */
function fixedFile(path: string, { bytes, whole }: WholeText, { words, edits, isGone = false }: Changed): FixedFile {
  const mark = whole.startsWith(byteMark) ? byteMark : '';
  const shifted = edits.map((edit) => ({ ...edit, start: edit.start + mark.length, end: edit.end + mark.length }));
  const text = isGone ? undefined : mark + applyEdits(words.text, edits);
  return { path, before: bytes, text, diff: unifiedDiff(path, whole, shifted, isGone) };
}

type Moved = {
  readonly edits: readonly Edit[];
  readonly refused: readonly Refusal[];
  /** Rivals that the file goes on using. */
  readonly left: readonly string[];
};

/** Moves one file. */
class Mover {
  readonly #ground: Ground;
  readonly #consumer: Consumer;
  readonly #finder: TargetFinder;
  readonly #passing: Passing;
  readonly #refused: Refusal[] = [];

  constructor(ground: Ground, consumer: Consumer, known: { finder: TargetFinder; passing: Passing }) {
    this.#ground = ground;
    this.#consumer = consumer;
    this.#finder = known.finder;
    this.#passing = known.passing;
  }

  /** Leaves it as it is: its bytes could not be kept (VX6). */
  stay(): Moved {
    const units = this.#units();
    for (const { name } of units.values()) this.#refuse(1, name, notKept.why, notKept.hint);
    return { edits: [], refused: this.#refused, left: [...units.keys()] };
  }

  #units(): ReadonlyMap<string, Unit> {
    const { references } = this.#consumer;
    return new Map(
      [...references.bindings, ...references.occurrences, ...references.trouble].flatMap(({ unit }) =>
        unit === undefined ? [] : [[unit.id, unit] as const],
      ),
    );
  }

  move(): Moved {
    const units = this.#units();
    const moving = new Set([...units.values()].filter((unit) => !this.#isRefused(unit)).map(({ id }) => id));
    const edits: Edit[] = [];
    for (const group of this.#groups()) {
      const rewritten = this.#statement(group, moving);
      if (rewritten === undefined) continue;
      if (typeof rewritten === 'string') {
        // One import that can't be written takes the whole file back (VX4).
        const name = [...this.#unitsIn(group)].map((id) => units.get(id)?.name ?? id).join(', ');
        this.#refuse(group[0]?.linked.span.line ?? 1, name, rewritten, 'Write this import by hand.');
        return { edits: [], refused: this.#refused, left: [...units.keys()] };
      }
      edits.push(...rewritten);
    }
    const left = [...units.keys()].filter((id) => !moving.has(id));
    return { edits: [...edits, ...this.#usesOf(moving)], refused: this.#refused, left };
  }

  #isRefused(unit: Unit): boolean {
    const objection = objectionTo(this.#ground, this.#consumer, unit) ?? this.#heldObjection(unit);
    if (objection === undefined) return false;
    this.#refuse(objection.line, unit.name, objection.why, objection.hint);
    return true;
  }

  #heldObjection(unit: Unit): Objection | undefined {
    const { file, references } = this.#consumer;
    const path = this.#passing.heldBy(file.path, unit);
    if (path === undefined) return undefined;
    const line = references.bindings.find((one) => one.unit?.id === unit.id)?.linked.span.line ?? 1;
    return { line, why: `${path} takes it from here, and is left alone`, hint: 'Move that one first.' };
  }

  #refuse(line: number, name: string, why: string, hint: string): void {
    this.#refused.push({ path: this.#consumer.file.path, line, name, why, hint });
  }

  /** Bindings by the statement that they stand in. */
  #groups(): readonly (readonly Binding[])[] {
    return [...Map.groupBy(this.#consumer.references.bindings, ({ linked }) => linked.span.start).values()];
  }

  #unitsIn(group: readonly Binding[]): ReadonlySet<string> {
    return new Set(group.flatMap((binding) => binding.unit?.id ?? this.#of(binding).map(({ unit }) => unit.id)));
  }

  #of(binding: Binding): readonly Occurrence[] {
    const { occurrences } = this.#consumer.references;
    return occurrences.filter((one) => one.binding === binding);
  }

  #statement(group: readonly Binding[], moving: ReadonlySet<string>): readonly Edit[] | string | undefined {
    const moved = new Map<LinkedImport, readonly Need[]>();
    const stays = new Set<LinkedImport>();
    for (const binding of group) {
      const own = this.#of(binding).filter(({ unit }) => moving.has(unit.id));
      const isMoving = binding.unit === undefined ? own.length > 0 : moving.has(binding.unit.id);
      const needs = isMoving ? this.#needsOf(binding, own) : [];
      if (typeof needs === 'string') {
        if (this.#comesMoved(binding, own)) continue;
        return needs;
      }
      if (isMoving) moved.set(binding.linked, needs);
      if (binding.unit === undefined && this.#isUsedBesides(binding, own)) stays.add(binding.linked);
    }
    if (moved.size === 0) return undefined;
    const { file, words } = this.#consumer;
    const start = group[0]?.linked.span.start;
    const all = file.imports.filter(({ span }) => span.start === start);
    const rewrite = file.facts.lang === 'py' ? rewritePython : rewriteScript;
    return rewrite({ words, all, moved, stays });
  }

  /** Is it moved where it comes from, and used here by its name alone (VX7)? */
  #comesMoved({ linked, unit }: Binding, own: readonly Occurrence[]): boolean {
    const isMade = buildsByFactory(this.#ground, this.#consumer) && own.some(({ isConstructed }) => isConstructed);
    return unit !== undefined && !isMade && this.#passing.isPassedOn(linked, unit);
  }

  /** What takes the place of one binding; a text says why nothing can. */
  #needsOf({ linked, unit }: Binding, own: readonly Occurrence[]): readonly Need[] | string {
    const needs: Need[] = [];
    const byFactory = buildsByFactory(this.#ground, this.#consumer);
    const isType = linked.kind === 'type';
    const add = (wanted: Unit, local: string): string | undefined => {
      // What brings a name of its own goes on bringing it: it may stand in a branch, or pass it on.
      const isOwn = unit !== undefined && wanted === this.#ground.migration.canonical;
      if (!isOwn && this.#isBound(local, wanted)) return undefined;
      const target = this.#finder.find(this.#consumer.file, wanted, linked);
      if (typeof target === 'string') return target;
      needs.push({ ...target, local, isType });
      return undefined;
    };
    const constructed = byFactory ? own.filter(({ isConstructed }) => isConstructed) : [];
    const isNeeded = linked.kind === 'reexport' || constructed.length < own.length || own.length === 0;
    const { canonical } = this.#ground.migration;
    const name = unit === undefined ? this.#freeName(canonical, own[0]?.unit.name) : linked.local;
    const isLoaded = linked.local === '';
    const trouble = [
      ...(isNeeded
        ? [
            name === undefined
              ? `${canonical.name} means something else here`
              : add(canonical, isLoaded ? canonical.name : name),
          ]
        : []),
      ...(constructed.length > 0 ? [this.#factoryNeed(add)] : []),
    ].find((one) => one !== undefined);
    return trouble ?? needs;
  }

  #factoryNeed(add: (wanted: Unit, local: string) => string | undefined): string | undefined {
    const unit = this.#ground.factory?.unit;
    if (unit === undefined) return undefined;
    return this.#freeName(unit) === undefined ? `${unit.name} means something else here` : add(unit, unit.name);
  }

  /** Its own name where that means nothing else here, else the other one. */
  #freeName(unit: Unit, other?: string): string | undefined {
    return [unit.name, ...(other === undefined ? [] : [other])].find(
      (name) => this.#isBound(name, unit) || !this.#isTaken(name),
    );
  }

  /** Does the file have it under that name already? */
  #isBound(local: string, unit: Unit): boolean {
    return this.#consumer.file.imports.some(
      (linked) => linked.local === local && linked.unit === unit.id && linked.within === '' && linked.kind === 'import',
    );
  }

  #isTaken(name: string): boolean {
    const { words } = this.#consumer;
    for (let at = 0; at < words.length; at++) {
      if (words.isName(at) && words.at(at) === name && !words.isSign(at - 1, '.')) return true;
    }
    return false;
  }

  /** Is a module asked for something else too, here or by whoever takes it of this file? */
  #isUsedBesides({ linked }: Binding, own: readonly Occurrence[]): boolean {
    const { words, file } = this.#consumer;
    const [root = ''] = linked.local.split('.');
    if (root === '') return false;
    if (file.facts.exports.some(({ name, local }) => name === root || local === root)) return true;
    const isTaken = [...this.#ground.tree.files.values()].some(({ imports, facts }) =>
      imports.some(
        ({ through, imported, local }) =>
          through === file.path &&
          (imported === root || facts.members.some(({ module, name }) => module === local && name === root)),
      ),
    );
    if (isTaken) return true;
    const known = new Set(own.map(({ first }) => first));
    for (let at = 0; at < words.length; at++) {
      if (!words.isName(at) || words.at(at) !== root || words.isSign(at - 1, '.') || known.has(at)) continue;
      const start = words.start(at);
      if (!this.#consumer.file.imports.some(({ span }) => start >= span.start && start < span.end)) return true;
    }
    return false;
  }

  /** Constructions that go by the factory, and members of modules. */
  #usesOf(moving: ReadonlySet<string>): readonly Edit[] {
    const { words, references } = this.#consumer;
    const byFactory = buildsByFactory(this.#ground, this.#consumer);
    const { factory, migration } = this.#ground;
    const edits = new Map<number, Edit>();
    for (const { unit, first, last, isConstructed, binding } of references.occurrences) {
      if (!moving.has(unit.id) || binding.linked.local === '') continue;
      const end = words.end(last);
      if (isConstructed && byFactory && factory !== undefined) {
        const start = words.start(words.at(first - 1) === 'new' ? first - 1 : first);
        const brackets = words.isSign(last + 1, '(') ? '' : '()';
        edits.set(first, { start, end, text: `${factory.unit.name}${factory.member}${brackets}` });
      } else if (binding.unit === undefined) {
        const name = this.#freeName(migration.canonical, unit.name) ?? unit.name;
        edits.set(first, { start: words.start(first), end, text: name });
      }
    }
    return [...edits.values()];
  }
}
