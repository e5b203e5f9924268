/**
 * Which unit of a concept could stay. A proposal with every input shown: a person decides.
 *
 * GS1  Nothing is picked. Two that are close are "undecided", and what is not known adds nothing and says so.
 * GS2  No single input can win alone: importers lag behind a migration, and a doc may call anything canonical.
 */
import { tellMany } from '../core/units.ts';
import type { Candidate, ScoreInput, SourceTree, Unit } from './concept.ts';
import type { Consumers } from './consumers.ts';
import { plainMethod, wordsOf } from './vocabulary.ts';

/** A smaller gap between the two best is no decision. */
export const undecidedBelow = 0.15;

export type Known = {
  readonly tree: SourceTree;
  readonly consumers: Consumers;
  /** Path to when it was born; empty where git is not asked. */
  readonly births: ReadonlyMap<string, number>;
};

/** The candidates of a concept, best first. */
export function rankCandidates(units: readonly Unit[], known: Known): Candidate[] {
  const candidates = units.map((unit) => candidateOf(unit, units, known));
  return candidates.toSorted((a, b) => b.score - a.score || (a.unit < b.unit ? -1 : 1));
}

function candidateOf(unit: Unit, units: readonly Unit[], known: Known): Candidate {
  const { tree, consumers } = known;
  const all = consumers.importers.get(unit.id) ?? [];
  const importers = all.filter((path) => tree.files.get(path)?.zone === 'prod');
  const testImporters = all.filter((path) => tree.files.get(path)?.zone === 'test');
  const offered = new Set(
    [...unit.methods, ...unit.fields.map((name) => ({ name }))].map(({ name }) => plainMethod(name)),
  );
  const called = [...new Set(units.flatMap((one) => [...(consumers.calls.get(one.id) ?? [])]))].toSorted();
  const isOffered = (method: string): boolean => offered.has(plainMethod(method));
  const covered = called.filter(isOffered);
  const coverage = called.length === 0 ? 0 : covered.length / called.length;
  const inputs: ScoreInput[] = [
    importersInput(importers.length, units, known),
    {
      name: 'coverage',
      value: coverage,
      weight: 0.25,
      from:
        called.length === 0 ? 'no calls are known' : `${covered.length} of ${called.length} methods that are called`,
    },
    isolationInput(unit, consumers),
    documentedInput(unit),
    newestInput(unit, units, known.births),
    testsInput(testImporters.length, units, known),
    placeInput(unit),
    {
      name: 'deprecated',
      value: unit.isDeprecated ? 1 : 0,
      weight: -0.35,
      from: unit.isDeprecated ? 'its own doc says so' : 'no',
    },
  ];
  return {
    unit: unit.id,
    score: round(inputs.reduce((sum, input) => sum + input.value * input.weight, 0)),
    inputs: inputs.map((input) => ({ ...input, value: round(input.value) })),
    importers,
    testImporters,
    calledMethods: [...(consumers.calls.get(unit.id) ?? [])].toSorted(),
    missingMethods: called.filter((method) => !isOffered(method) && isAMethodOf(method, units)),
  };
}

function isAMethodOf(method: string, units: readonly Unit[]): boolean {
  return units.some((unit) => unit.methods.some(({ name }) => name === method));
}

function round(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}

/** Damped, so that ten importers are not ten times as good as one. */
function damped(count: number, most: number): number {
  return most === 0 ? 0 : Math.log1p(count) / Math.log1p(most);
}

function countIn(zone: string, unit: Unit, { consumers, tree }: Known): number {
  return (consumers.importers.get(unit.id) ?? []).filter((path) => tree.files.get(path)?.zone === zone).length;
}

function importersInput(count: number, units: readonly Unit[], known: Known): ScoreInput {
  const most = Math.max(...units.map((unit) => countIn('prod', unit, known)));
  return {
    name: 'importers',
    value: damped(count, most),
    weight: 0.2,
    from: `${tellMany(count, 'importer')} in production; the most of any is ${most}`,
  };
}

function testsInput(count: number, units: readonly Unit[], known: Known): ScoreInput {
  const most = Math.max(...units.map((unit) => countIn('test', unit, known)));
  return {
    name: 'tests',
    value: damped(count, most),
    weight: 0.1,
    from: `${tellMany(count, 'test file')}; the most of any is ${most}`,
  };
}

const contextWords = new Set('context ctx user tenant principal session request scope owner account'.split(' '));

function isolationInput(unit: Unit, { moduleInstances }: Consumers): ScoreInput {
  const context = unit.params.find((param) => wordsOf(param).some((word) => contextWords.has(word)));
  const shared = moduleInstances.get(unit.id);
  const told = [
    context === undefined ? 'takes no context' : `takes \`${context}\``,
    shared === undefined ? 'no instance at module level' : `one instance for all in ${shared}`,
  ];
  const value = (context === undefined ? 0 : 0.5) + (shared === undefined ? 0.5 : 0);
  return { name: 'isolation', value, weight: 0.15, from: told.join(', ') };
}

function documentedInput(unit: Unit): ScoreInput {
  const told = [
    unit.doc === '' ? 'no doc' : 'has a doc',
    ...(unit.claimsToBeTheOne ? ['says that it is the one'] : []),
  ];
  const value = (unit.doc === '' ? 0 : 0.5) + (unit.claimsToBeTheOne ? 0.5 : 0);
  return { name: 'documented', value, weight: 0.1, from: told.join(', ') };
}

function newestInput(unit: Unit, units: readonly Unit[], births: ReadonlyMap<string, number>): ScoreInput {
  const born = births.get(unit.path);
  const all = units.flatMap((one) => births.get(one.path) ?? []);
  if (born === undefined || all.length < 2)
    return { name: 'newest', value: 0, weight: 0.15, from: 'not known: git does not say' };
  const [first, last] = [Math.min(...all), Math.max(...all)];
  const value = last === first ? 0.5 : (born - first) / (last - first);
  return { name: 'newest', value, weight: 0.15, from: `its file came on ${new Date(born).toISOString().slice(0, 10)}` };
}

function placeInput(unit: Unit): ScoreInput {
  const odd = unit.path
    .split('/')
    .find((part) => /^(?:.*compat.*|legacy|old|deprecated|archive|tmp|temp|scratch|testing|experimental)$/i.test(part));
  return {
    name: 'place',
    value: odd === undefined ? 1 : 0,
    weight: 0.05,
    from: odd === undefined ? 'a usual folder' : `lies in ${odd}`,
  };
}
