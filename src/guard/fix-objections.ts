/**
 * What speaks against moving a file from a rival to the canonical one without a person.
 *
 * VX2  What can't be told to go on working is left alone, and the reason says what to do: a member without a counterpart, a
 *      call that does not fit, a base class, a module that is passed on whole, a file that would import itself.
 */
import type { SourceTree, Unit } from './concept.ts';
import { counterpartTest } from './counterpart.ts';
import { constructorOf, type Factory, fieldMisfit, mayConstruct, type ReadWords } from './fix-construct.ts';
import { isDeclaredAt } from './declared-at.ts';
import { lineInText, type MemberUse, type Occurrence } from './references.ts';
import {
  type Argument,
  argumentsAt,
  isStatic,
  memberKind,
  misfit,
  type Signature,
  signatureOfMethod,
  signatureOfUnit,
  valueMisfit,
} from './signature.ts';
import { type Consumer, isBaseIn, type Migration } from './todo.ts';

/** Why it is left alone, and how to go on. */
export type Objection = { readonly line: number; readonly why: string; readonly hint: string };

export type Ground = {
  readonly tree: SourceTree;
  readonly migration: Migration;
  readonly factory: Factory | undefined;
  readonly wordsOf: ReadWords;
};

/** The first reason not to move `rival` in this file. */
export function objectionTo(ground: Ground, consumer: Consumer, rival: Unit): Objection | undefined {
  return (
    placeObjection(ground, consumer, rival) ??
    memberObjection(ground, consumer, rival) ??
    constructionObjection(ground, consumer, rival)
  );
}

function placeObjection(ground: Ground, { file, words, references }: Consumer, rival: Unit): Objection | undefined {
  const { tree, migration, factory } = ground;
  const { canonical } = migration;
  const binding = references.bindings.find(({ unit }) => unit?.id === rival.id) ?? references.bindings[0];
  const line = binding?.linked.span.line ?? 1;
  const trouble = references.trouble.find(({ unit }) => unit.id === rival.id);
  if (trouble !== undefined) {
    return {
      line: trouble.line,
      why: trouble.why,
      hint: `Import ${rival.name} by its name here first, then run it again.`,
    };
  }
  if (isBaseIn({ file, words, references }, rival)) {
    return {
      line,
      why: `a class here extends ${rival.name}`,
      hint: `Decide by hand: extend ${canonical.name}, or hold one.`,
    };
  }
  const own = [canonical, factory?.unit].find((unit) => unit?.path === file.path);
  if (own !== undefined) {
    return {
      line,
      why: `this is the file of ${own.name} itself`,
      hint: `Move what it takes of ${rival.name} into it, or next to it.`,
    };
  }
  return canonical.lang === 'py' ? pythonObjection(tree, canonical, { file, words, references }, rival) : undefined;
}

function pythonObjection(
  tree: SourceTree,
  canonical: Unit,
  { file, references }: Consumer,
  rival: Unit,
): Objection | undefined {
  const own = references.bindings.filter(({ unit }) => unit === undefined || unit.id === rival.id);
  const line = own[0]?.linked.span.line ?? 1;
  for (const { linked } of own) {
    const other = file.imports.find(
      ({ local, within, unit }) => local === linked.local && within === linked.within && unit !== linked.unit,
    );
    if (other !== undefined) {
      return {
        line: linked.span.line,
        why: `${linked.local} comes from another place too, in line ${other.span.line}`,
        hint: 'Decide by hand which of them stays: one may be there for when the other is not.',
      };
    }
  }
  // What a function or a check of types imports is loaded by nobody before.
  const isLoaded = own.some(({ linked: { kind } }) => kind === 'import' || kind === 'reexport');
  return isLoaded ? circleObjection(tree, canonical, file.path, line) : undefined;
}

/** A module of Python that is imported while it is being loaded is half empty. */
function circleObjection(tree: SourceTree, canonical: Unit, path: string, line: number): Objection | undefined {
  const circle = loadPath(tree, canonical.path, path);
  if (circle === undefined || circle.length < 2) return undefined;
  // It goes in that circle already by what it loads, and lives.
  const isOld = tree.files
    .get(path)
    ?.imports.some(({ kind, through }) => kind === 'import' && through === canonical.path);
  if (isOld === true) return undefined;
  return {
    line,
    why: `${canonical.path} loads this file itself (${circle.join(' → ')})`,
    hint: 'Import it inside the function that needs it, or break the circle first.',
  };
}

/** The files by which one loads another at once, both ends too. */
function loadPath({ files }: SourceTree, from: string, to: string): readonly string[] | undefined {
  const open: (readonly string[])[] = [[from]];
  const seen = new Set([from]);
  for (let next = open.shift(); next !== undefined; next = open.shift()) {
    const at = next.at(-1) ?? '';
    if (at === to) return next;
    for (const { kind, file, through } of files.get(at)?.imports ?? []) {
      for (const path of kind === 'import' || kind === 'reexport' ? [file, through] : []) {
        if (path === undefined || seen.has(path)) continue;
        seen.add(path);
        open.push([...next, path]);
      }
    }
  }
  return undefined;
}

// --- members ---

function memberObjection(ground: Ground, { references, words }: Consumer, rival: Unit): Objection | undefined {
  const { tree, migration, wordsOf } = ground;
  const { canonical } = migration;
  const isThere = counterpartTest(tree, canonical);
  const uses = references.members.filter(({ unit }) => unit.id === rival.id);
  const missing = uses.filter((use) => !isThere(use));
  const [first] = missing;
  if (first !== undefined) {
    const names = [...new Set(missing.map(({ name }) => name))].join(', ');
    return {
      line: first.line,
      why: `${nameBeside(canonical, rival)} has no ${names}`,
      hint: `Port ${names} to ${canonical.name}, or call what it has instead.`,
    };
  }
  const [from, to] = [wordsOf(rival.path), wordsOf(canonical.path)];
  if (from === undefined || to === undefined) return undefined;
  for (const use of uses) {
    const why =
      kindObjection(use, { words: from, unit: rival }, { words: to, unit: canonical }) ??
      callObjection(use, signatureOfMethod(from, rival, use.name), signatureOfMethod(to, canonical, use.name), words);
    if (why !== undefined) {
      return {
        line: use.line,
        why: `${canonical.name}.${use.name}: ${why}`,
        hint: 'Change the call or the method by hand first.',
      };
    }
  }
  return undefined;
}

type Side = { readonly words: Consumer['words']; readonly unit: Unit };

/** A property is read and a method called; what is asked of the class itself, or passed on, has to be that there too. */
function kindObjection(use: MemberUse, from: Side, to: Side): string | undefined {
  const [was, is] = [from, to].map(({ words, unit }) => memberKind(words, unit, use.name));
  if (was === 'property' && is === 'method') return 'there it is a method, and has to be called';
  if (was === 'method' && is === 'property') return 'there it is no method';
  return was === 'method' && is === 'method' ? methodObjection(use, from, to) : undefined;
}

function methodObjection({ name, open, isOnUnit = false }: MemberUse, from: Side, to: Side): string | undefined {
  const [was, is] = [from, to].map(({ words, unit }) => isStatic(words, unit, name));
  if (isOnUnit && was === true && is === false) return 'there it needs an object';
  // Python finds both on an object.
  const isOnObject = !isOnUnit && to.unit.lang !== 'py';
  if (isOnObject && was === false && is === true) return 'there it is asked of the class itself';
  const [one, other] = [from, to].map(({ words, unit }) => signatureOfMethod(words, unit, name));
  return open === undefined && one !== undefined && other !== undefined ? valueMisfit(one, other) : undefined;
}

/** With its path where a name alone could be either. */
function nameBeside(canonical: Unit, rival: Unit): string {
  return canonical.name === rival.name ? `${canonical.name} of ${canonical.path}` : canonical.name;
}

function callObjection(
  { open }: MemberUse,
  from: Signature | undefined,
  to: Signature | undefined,
  words: Consumer['words'],
): string | undefined {
  if (open === undefined || from === undefined || to === undefined) return undefined;
  if (from.isAsync !== to.isAsync) return to.isAsync ? 'there it has to be awaited' : 'there it is not awaited';
  return words.isSign(open, '(') ? misfit(argumentsAt(words, open), from, to) : undefined;
}

// --- construction ---

/** How each construction of a rival in a file is written from now on. */
export function buildsByFactory({ migration, factory }: Ground, { file }: Consumer): boolean {
  return (
    factory !== undefined && (migration.concept.constructOnlyIn === undefined || !mayConstruct(migration.concept, file))
  );
}

function constructionObjection(ground: Ground, consumer: Consumer, rival: Unit): Objection | undefined {
  const { canonical, concept } = ground.migration;
  const own = consumer.references.occurrences.filter(({ unit }) => unit.id === rival.id);
  const made = own.filter(({ isConstructed }) => isConstructed);
  const passed = rival.kind === 'class' ? undefined : valueObjection(ground, consumer, own);
  if (passed !== undefined) return passed;
  const [first] = made;
  if (first === undefined) return undefined;
  const hidden = buildsByFactory(ground, consumer) ? hiddenObjection(consumer, own) : undefined;
  if (hidden !== undefined) return hidden;
  if (!buildsByFactory(ground, consumer) && !mayConstruct(concept, consumer.file)) {
    return {
      line: first.line,
      why: `it is constructed here, and only ${(concept.constructOnlyIn ?? []).join(', ')} may construct ${canonical.name}`,
      hint: `Say under "construct" of the concept how the factory is called: "PATH#NAME".`,
    };
  }
  for (const one of made) {
    const why = constructionMisfit(ground, consumer, rival, one);
    if (why !== undefined) {
      return {
        line: one.line,
        why: `it is ${rival.kind === 'class' ? 'constructed' : 'called'} here: ${why}`,
        hint: 'Write this call by hand first.',
      };
    }
  }
  return undefined;
}

/** A function that is passed on is called by somebody else, with what the other one takes. */
function valueObjection(
  { migration: { canonical }, wordsOf }: Ground,
  { words }: Consumer,
  own: readonly Occurrence[],
): Objection | undefined {
  const value = own.find(({ isConstructed, first, last }) => !isConstructed && isValue(words, first, last));
  const [from, to] = [wordsOf(value?.unit.path ?? ''), wordsOf(canonical.path)];
  if (value === undefined || value.unit.kind === 'type' || from === undefined || to === undefined) return undefined;
  const why = valueMisfit(signatureOfUnit(from, value.unit), signatureOfUnit(to, canonical));
  if (why === undefined) return undefined;
  const name = nameBeside(canonical, value.unit);
  return { line: value.line, why: `it is passed on here: ${name}: ${why}`, hint: 'Write this place by hand first.' };
}

function isValue(words: Consumer['words'], first: number, last: number): boolean {
  return words.at(first - 1) !== 'typeof' && !words.isSign(last + 1, '.');
}

/** A construction is rewritten only where its name means the rival wherever it stands, and all of them are seen. */
function hiddenObjection({ words }: Consumer, own: readonly Occurrence[]): Objection | undefined {
  const again = own.find(({ first }) => isDeclaredAt(words, first));
  const local = own[0] === undefined ? '' : words.text.slice(words.start(own[0].first), words.end(own[0].last));
  const line = again?.line ?? lineInText(words, local);
  if (line === undefined) return undefined;
  return {
    line,
    why: again === undefined ? `${local} is used here inside of a text` : `${local} is declared here a second time`,
    hint: 'Give it another name here first, then run it again.',
  };
}

function constructionMisfit(ground: Ground, consumer: Consumer, rival: Unit, one: Occurrence): string | undefined {
  const { words } = consumer;
  const builder = builderFor(ground, consumer);
  const { signature, isFactory, name } = builder;
  const from = constructorOf(ground.tree, rival, ground.wordsOf);
  const hasTypes = words.isSign(one.last + 1, '<');
  if (isFactory && signature?.isAsync === true) return `${name} has to be awaited`;
  if (isFactory && hasTypes) return 'it has type arguments';
  const open = hasTypes ? words.firstFrom(words.text.indexOf('(', words.end(one.last))) : one.last + 1;
  const args = argumentsAt(words, open);
  if (from === undefined || signature === undefined) {
    const { canonical } = ground.migration;
    const isSame = !isFactory && rival.bases.join() === canonical.bases.join();
    if (!isSame) return 'what its constructor takes comes from outside of this code base';
    return fieldMisfit(ground.tree, { from: rival, to: canonical }, args, ground.wordsOf);
  }
  return signatureMisfit(builder, { from, to: signature, isClass: rival.kind === 'class' }, args);
}

type Compared = { readonly from: Signature; readonly to: Signature; readonly isClass: boolean };

function signatureMisfit(
  { name }: Builder,
  { from, to, isClass }: Compared,
  args: readonly Argument[],
): string | undefined {
  if (!isClass && from.isAsync !== to.isAsync)
    return `${name} ${from.isAsync ? 'is not awaited' : 'has to be awaited'}`;
  const why = misfit(args, from, to);
  return why === undefined ? undefined : `${name}: ${why}`;
}

type Builder = { readonly name: string; readonly signature: Signature | undefined; readonly isFactory: boolean };

function builderFor(ground: Ground, consumer: Consumer): Builder {
  const { tree, factory, wordsOf, migration } = ground;
  if (factory !== undefined && buildsByFactory(ground, consumer)) {
    return { name: factory.unit.name + factory.member, signature: factory.signature, isFactory: true };
  }
  const { canonical } = migration;
  return { name: canonical.name, signature: constructorOf(tree, canonical, wordsOf), isFactory: false };
}
