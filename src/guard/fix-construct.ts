/**
 * How the canonical unit of a concept comes into being: by its constructor, or by the factory that guard.json names.
 *
 * VC1  `construct` names the factory: a function, or a method of a class that is called on the class itself. It is called
 *      with the arguments that the constructor was called with; where they don't suit it, a person writes the call.
 */
import { ValidationError } from '../core/errors.ts';
import type { SourceTree, Unit } from './concept.ts';
import { configName, type DeclaredConcept } from './config.ts';
import { fieldParameters, isMadeOfFields } from './field-parameters.ts';
import { placeTest, splitPlace } from './globs.ts';
import { readWords, type Words } from './lexer.ts';
import {
  type Argument,
  isStatic,
  type Parameter,
  type Signature,
  signatureOfMethod,
  signatureOfUnit,
} from './signature.ts';
import type { ReadSource } from './todo.ts';

/** What is called instead of a constructor. */
export type Factory = {
  /** What is imported for it. */
  readonly unit: Unit;
  /** `.create` of `EngineFactory.create`; '' where the unit itself is called. */
  readonly member: string;
  readonly signature: Signature;
};

/** The words of files, each read once. */
export type ReadWords = (path: string) => Words | undefined;

export function wordsReader(read: ReadSource): ReadWords {
  const known = new Map<string, Words | undefined>();
  return (path) => {
    if (!known.has(path)) {
      const text = read(path);
      known.set(path, text === undefined ? undefined : readWords(text, path.endsWith('.py') ? 'py' : 'ts'));
    }
    return known.get(path);
  };
}

/** The factory of a concept, if it names one. Throws a ValidationError where what it names can't be called. */
export function factoryOf(
  tree: SourceTree,
  id: string,
  { construct }: DeclaredConcept,
  wordsOf: ReadWords,
): Factory | undefined {
  if (construct === undefined) return undefined;
  const { path, name } = splitPlace(construct);
  const [owner = '', method] = name.split('.');
  const unit = tree.units.get(`${path}#${owner}`);
  const words = unit === undefined ? undefined : wordsOf(unit.path);
  const refuse = (why: string): ValidationError =>
    new ValidationError(`"construct" of "${id}" in ${configName} names ${construct}: ${why}.`, {
      hint: 'Name a function, or a static method as PATH#Class.method.',
    });
  if (unit === undefined || words === undefined) throw refuse('there is no such thing');
  if (method === undefined) {
    if (unit.kind === 'type') throw refuse('it is a type');
    return { unit, member: '', signature: signatureOfUnit(words, unit) };
  }
  const signature = signatureOfMethod(words, unit, method);
  if (signature === undefined) throw refuse(`${owner} has no ${method}`);
  if (!isStatic(words, unit, method)) throw refuse('it needs an object to be called on');
  return { unit, member: `.${method}`, signature };
}

/** May this place construct the canonical one itself? */
export function mayConstruct(
  { constructOnlyIn }: DeclaredConcept,
  { path, zone }: { readonly path: string; readonly zone: Unit['zone'] },
): boolean {
  return constructOnlyIn === undefined || zone === 'test' || placeTest(constructOnlyIn)({ path, name: '' });
}

/** Fields of a unit and what it inherits in the tree, the first ones first; one that is declared again keeps its place. */
function fieldsOf(all: readonly Unit[], wordsOf: ReadWords): readonly Parameter[] {
  const fields = new Map<string, Parameter>();
  for (const one of all.toReversed()) {
    const words = wordsOf(one.path);
    for (const field of words === undefined ? [] : fieldParameters(words, one)) fields.set(field.name, field);
  }
  return [...fields.values()];
}

/**
 * Why a call that suits the fields of one class does not suit those of another, where a base from elsewhere that both have
 * makes a constructor of them.
 */
export function fieldMisfit(
  tree: SourceTree,
  { from, to }: { readonly from: Unit; readonly to: Unit },
  args: readonly Argument[],
  wordsOf: ReadWords,
): string | undefined {
  if (from.lang !== 'py' || args.some(({ isSpread }) => isSpread)) return undefined;
  const [was, is] = [from, to].map((unit) =>
    fieldsOf([unit, ...unit.ancestors.flatMap((id) => tree.units.get(id) ?? [])], wordsOf),
  );
  const given = new Set(args.flatMap(({ keyword }) => keyword ?? []));
  const gone = was?.find(({ name }) => given.has(name) && is?.every((field) => field.name !== name));
  if (gone !== undefined) return `${to.name} has no field "${gone.name}"`;
  const missing = is?.find(
    ({ name, isOptional }) => !isOptional && !given.has(name) && was?.every((field) => field.name !== name),
  );
  return missing === undefined ? undefined : `the field "${missing.name}" of ${to.name} is not given`;
}

/** The constructor of a unit, its own or the nearest inherited one; undefined where it comes from outside of the tree. */
export function constructorOf(tree: SourceTree, unit: Unit, wordsOf: ReadWords): Signature | undefined {
  const all = [unit, ...unit.ancestors.flatMap((id) => tree.units.get(id) ?? [])];
  for (const one of all) {
    const words = wordsOf(one.path);
    if (words === undefined) return undefined;
    const signature = signatureOfUnit(words, one);
    if (signature.params.length > 0 || one.params.length > 0) return signature;
  }
  const words = wordsOf(unit.path);
  const fields = words !== undefined && isMadeOfFields(words, unit) ? fieldsOf(all, wordsOf) : [];
  if (fields.length > 0) return { params: fields, isAsync: false };
  const names = new Set(all.map(({ name }) => name));
  const isWhole = all.every(({ bases }) => bases.every((base) => names.has(base.split('.').at(-1) ?? base)));
  return isWhole ? { params: [], isAsync: false } : undefined;
}
