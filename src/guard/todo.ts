/**
 * What is left to do until a declared concept has one implementation: each place that still uses another one.
 *
 * GH1  A place is ready when the canonical one has every method that is called there; where one is missing, a person maps
 *      or ports it first, and the list says which.
 */
import type { SourceFile, Unit, Zone } from './concept.ts';
import { rivalsOf } from './rules/one-implementation.ts';
import type { RuleInput } from './rules/rule.ts';

/** A method that is called on a rival, and whether the canonical one has it. */
export type CalledMethod = { readonly name: string; readonly line: number; readonly isThere: boolean };

export type TodoItem = {
  readonly path: string;
  readonly line: number;
  readonly zone: Zone;
  /** The rival's id. */
  readonly rival: string;
  readonly how: 'import' | 're-export' | 'base class';
  readonly calls: readonly CalledMethod[];
  readonly isReady: boolean;
};

export type Todo = {
  readonly concept: string;
  readonly canonical: Unit;
  /** Those that nothing uses any more can be taken out at once. */
  readonly rivals: readonly { readonly unit: Unit; readonly isUnused: boolean }[];
  readonly items: readonly TodoItem[];
};

/** The list for one declared concept; undefined where it is not declared, or its canonical unit is not there. */
export function todoOf(input: RuleInput, id: string): Todo | undefined {
  const concept = input.config.concepts?.[id];
  const canonical = concept === undefined ? undefined : input.tree.units.get(concept.canonical);
  if (concept === undefined || canonical === undefined) return undefined;
  const rivals = new Map(rivalsOf(input, concept, canonical).map(({ unit }) => [unit.id, unit]));
  const items = [...input.tree.files.values()].flatMap((file) => itemsOf(file, rivals, canonical));
  const used = new Set(items.map(({ rival }) => rival));
  return {
    concept: id,
    canonical,
    rivals: [...rivals.values()].map((unit) => ({ unit, isUnused: !used.has(unit.id) })),
    items,
  };
}

function itemsOf(file: SourceFile, rivals: ReadonlyMap<string, Unit>, canonical: Unit): readonly TodoItem[] {
  return file.imports.flatMap((linked): readonly TodoItem[] => {
    const rival = rivals.get(linked.unit ?? '');
    if (rival === undefined || rival.path === file.path) return [];
    const isBase = file.facts.units.some(({ bases }) => bases.includes(linked.local));
    const how = linked.kind === 'reexport' ? 're-export' : isBase ? 'base class' : 'import';
    const calls = callsOn(file, linked.local, canonical);
    return [
      {
        path: file.path,
        line: linked.span.line,
        zone: file.zone,
        rival: rival.id,
        how,
        calls,
        isReady: !isBase && calls.every(({ isThere }) => isThere),
      },
    ];
  });
}

/** Each method once, in the order of the first calls. */
function callsOn({ facts }: SourceFile, local: string, canonical: Unit): readonly CalledMethod[] {
  const there = new Set(canonical.methods.filter(({ isPrivate }) => !isPrivate).map(({ name }) => name));
  const called = new Map<string, CalledMethod>();
  for (const { calls } of facts.uses.filter(({ name }) => name === local)) {
    for (const { method, line } of calls) {
      if (!called.has(method)) called.set(method, { name: method, line, isThere: there.has(method) });
    }
  }
  return [...called.values()];
}
