/**
 * What is left to do until a declared concept has one implementation: each place that still uses another one.
 *
 * GH1  A place is ready when the canonical one has every method that is called there; where one is missing, a person maps
 *      or ports it first, and the list says which.
 * GH2  Where the canonical one is itself deprecated, the list leads to the end of what the pointers say.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ValidationError } from '../core/errors.ts';
import type { SourceFile, Unit, Zone } from './concept.ts';
import { configName, type DeclaredConcept } from './config.ts';
import { counterpartTest } from './counterpart.ts';
import { type Words, readWords } from './lexer.ts';
import { canonicalAfter } from './pointers.ts';
import { referencesIn, type References } from './references.ts';
import { rivalsOf } from './rules/one-implementation.ts';
import type { RuleInput } from './rules/rule.ts';
import { decodeSource } from './source-text.ts';

/** A method that is called on a rival, and whether the canonical one has it. */
export type CalledMethod = { readonly name: string; readonly line: number; readonly isThere: boolean };

/** A place that still uses a rival. */
export type TodoItem = {
  readonly path: string;
  readonly line: number;
  readonly zone: Zone;
  /** The rival's id. */
  readonly rival: string;
  readonly how: 'import' | 're-export' | 'base class';
  readonly calls: readonly CalledMethod[];
  readonly isReady: boolean;
  /** What a person has to look at first. */
  readonly trouble?: string;
};

/** What is left to do for one concept. Made by `todoOfAudit`. */
export type Todo = {
  readonly concept: string;
  readonly canonical: Unit;
  /** Those that nothing uses any more can be taken out at once. */
  readonly rivals: readonly { readonly unit: Unit; readonly isUnused: boolean }[];
  readonly items: readonly TodoItem[];
};

/** A file that uses a rival, read. */
export type Consumer = { readonly file: SourceFile; readonly words: Words; readonly references: References };

/** What there is to move: the decision, the units, and who uses them. */
export type Migration = {
  readonly id: string;
  readonly concept: DeclaredConcept;
  readonly canonical: Unit;
  readonly rivals: ReadonlyMap<string, Unit>;
  readonly consumers: readonly Consumer[];
};

/** The text of a file of the tree, as its facts count places; undefined where it can't be read. */
export type ReadSource = (path: string) => string | undefined;

/** Files of the tree as they are on disk. */
export function sourcesOf(root: string): ReadSource {
  return (path) => {
    try {
      const source = decodeSource(readFileSync(join(root, path)));
      return 'text' in source ? source.text : undefined;
    } catch {
      return undefined;
    }
  };
}

/** Who uses which rival of a declared concept; undefined where it is not declared, or its canonical unit is not there. */
export function migrationOf(input: RuleInput, id: string, read = sourcesOf(input.tree.root)): Migration | undefined {
  const concept = input.config.concepts?.[id];
  const canonical = concept === undefined ? undefined : canonicalAfter(input, concept);
  if (concept === undefined || canonical === undefined) return undefined;
  if ('loop' in canonical) {
    throw new ValidationError(`What is deprecated points in a circle: ${canonical.loop.join(' → ')}.`, {
      hint: `Take one of them out of "deprecated" in ${configName}.`,
    });
  }
  const rivals = new Map(rivalsOf(input, concept, canonical).map(({ unit }) => [unit.id, unit]));
  return { id, concept, canonical, rivals, consumers: consumersOf(input, rivals, read) };
}

function consumersOf({ tree }: RuleInput, rivals: ReadonlyMap<string, Unit>, read: ReadSource): readonly Consumer[] {
  if (rivals.size === 0) return [];
  const paths = new Set([...rivals.values()].map(({ path }) => path));
  return [...tree.files.values()].flatMap((file): Consumer[] => {
    const mayUse = file.imports.some(
      ({ unit = '', file: from = '', through = '', imported }) =>
        rivals.has(unit) ||
        paths.has(from) ||
        paths.has(through) ||
        (imported === '*' && from !== '') ||
        (file.facts.lang === 'py' && from !== '' && unit === ''),
    );
    const text = mayUse ? read(file.path) : undefined;
    if (text === undefined) return [];
    const words = readWords(text, file.facts.lang);
    const references = referencesIn({ tree, file, words, units: rivals });
    const isNone = references.bindings.length + references.trouble.length === 0;
    return isNone ? [] : [{ file, words, references }];
  });
}

/** The list for one declared concept; undefined where it is not declared, or its canonical unit is not there. */
export function todoOf(input: RuleInput, id: string, read?: ReadSource): Todo | undefined {
  const migration = migrationOf(input, id, read);
  if (migration === undefined) return undefined;
  const { canonical, rivals, consumers } = migration;
  const isThere = counterpartTest(input.tree, canonical);
  const items = consumers.flatMap((consumer) => itemsOf(consumer, isThere));
  const used = new Set(items.map(({ rival }) => rival));
  return {
    concept: id,
    canonical,
    rivals: [...rivals.values()].map((unit) => ({ unit, isUnused: !used.has(unit.id) })),
    items,
  };
}

function itemsOf(consumer: Consumer, isThere: ReturnType<typeof counterpartTest>): readonly TodoItem[] {
  const { file, references } = consumer;
  const { path, zone } = file;
  const found = new Map<string, TodoItem>();
  const add = (rival: Unit, line: number, told: Pick<TodoItem, 'how'> & Partial<TodoItem>): void => {
    const calls = told.how === 're-export' ? [] : callsOn(references, rival, isThere);
    const isReady = told.how !== 'base class' && told.trouble === undefined && calls.every((call) => call.isThere);
    const key = `${rival.id}\n${line}`;
    if (!found.has(key)) found.set(key, { path, line, zone, rival: rival.id, calls, isReady, ...told });
  };
  for (const { unit, line, why } of references.trouble) add(unit, line, { how: 'import', trouble: why });
  for (const binding of references.bindings) {
    const { linked } = binding;
    const units =
      binding.unit ?? references.occurrences.filter((one) => one.binding === binding).map(({ unit }) => unit);
    for (const unit of new Set([units].flat())) {
      const how = linked.kind === 'reexport' ? 're-export' : isBaseIn(consumer, unit) ? 'base class' : 'import';
      add(unit, linked.span.line, { how });
    }
  }
  return [...found.values()].toSorted((a, b) => a.line - b.line);
}

/** Does a class of this file extend it, or say that it is one? */
export function isBaseIn({ file: { facts, names }, words, references }: Consumer, rival: Unit): boolean {
  return (
    facts.units.some(({ bases }) => bases.some((base) => names.get(base) === rival.id)) ||
    references.occurrences.some(({ unit, first }) => unit.id === rival.id && isInHeritage(words, first))
  );
}

/** Behind `extends` or `implements` of a class or an interface, wherever that stands. */
function isInHeritage(words: Words, from: number): boolean {
  let at = from - 1;
  while (words.isSign(at, ',') || words.isSign(at, '.') || (words.isName(at) && !heritage.has(words.at(at)))) at -= 1;
  if (words.at(at) === 'implements') return true;
  // `T extends Old` of a type parameter says what it takes.
  return (
    words.at(at) === 'extends' &&
    (words.at(at - 1) === 'class' || ['class', 'interface'].includes(words.at(at - 2)) || words.isSign(at - 1, '>'))
  );
}

const heritage = new Set(['extends', 'implements']);

/** Each method once, in the order of the first calls. */
function callsOn(
  { members }: References,
  rival: Unit,
  isThere: ReturnType<typeof counterpartTest>,
): readonly CalledMethod[] {
  const called = new Map<string, CalledMethod>();
  for (const use of members) {
    if (use.unit.id !== rival.id || called.has(use.name)) continue;
    const is = isThere(use);
    // What is only read is told where it is missing.
    if (use.open !== undefined || !is) called.set(use.name, { name: use.name, line: use.line, isThere: is });
  }
  return [...called.values()];
}
