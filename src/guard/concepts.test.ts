import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Concept, Edge, Unit } from './concept.ts';
import { subjectsOf } from './candidates.ts';
import { cluster } from './cluster.ts';
import { conceptsOf, facingOf, namesakesOf } from './concepts.ts';
import { findConsumers } from './consumers.ts';
import { type TestFile, testTree } from './rules/tree.fixture.ts';
import { onlyNamedAlike } from './scan.fixture.ts';
import { vocabularyOf } from './vocabulary.ts';

function edge(a: string, b: string, more: Partial<Edge> = {}): Edge {
  return { a, b, verdict: 'rival', tier: 'likely', score: 0.5, evidence: onlyNamedAlike, reason: 'alike', ...more };
}

function conceptsIn(files: Readonly<Record<string, TestFile>>, edges: readonly Edge[]): readonly Concept[] {
  const tree = testTree(files);
  const subjects = subjectsOf(tree.units.values(), vocabularyOf());
  const known = { tree, consumers: findConsumers(tree), births: new Map<string, number>() };
  return conceptsOf(cluster(edges), edges, new Map(subjects.map((one) => [one.unit.id, one])), known);
}

const importing = (unit: string): TestFile => ({ imports: [{ unit, file: unit.split('#')[0] ?? '' }] });

describe('a concept', () => {
  it('is called what most of its units are, without vacuous words', () => {
    const [concept] = conceptsIn(
      {
        'a.ts': { units: ['EnhancedJobRunner'] },
        'b.ts': { units: ['JobRunnerV2'] },
        'c.ts': { units: ['JobRunner'] },
      },
      [edge('a.ts#EnhancedJobRunner', 'c.ts#JobRunner'), edge('b.ts#JobRunnerV2', 'c.ts#JobRunner')],
    );
    assert.deepEqual([concept?.id, concept?.name], ['job-runner', 'JobRunner']);
    assert.equal(concept?.units.length, 3);
  });

  it('comes before another by its tier, then by its units, then by who imports them', () => {
    const files = {
      'a.ts': { units: ['Alpha', 'Beta', 'Gamma', 'Delta'] },
      'b.ts': { units: ['AlphaV2', 'BetaV2', 'GammaV2', 'DeltaV2', 'DeltaV3'] },
      'use.ts': importing('a.ts#Gamma'),
    };
    const concepts = conceptsIn(files, [
      edge('a.ts#Beta', 'b.ts#BetaV2', { score: 0.9 }),
      edge('a.ts#Gamma', 'b.ts#GammaV2'),
      edge('a.ts#Delta', 'b.ts#DeltaV2'),
      edge('a.ts#Delta', 'b.ts#DeltaV3'),
      edge('a.ts#Alpha', 'b.ts#AlphaV2', { tier: 'certain', score: 0.1 }),
    ]);
    assert.deepEqual(
      concepts.map(({ name }) => name),
      ['Alpha', 'Delta', 'Gamma', 'Beta'],
    );
  });

  it('of a name that another has too is told apart by its folder, and no id is given twice', () => {
    const files = {
      'auth/a.ts': { units: ['Store'] },
      'auth/b.ts': { units: ['StoreV2'] },
      'jobs/a.ts': { units: ['Store'] },
      'jobs/b.ts': { units: ['StoreV2'] },
      'other/jobs/a.ts': { units: ['Store'] },
      'other/jobs/b.ts': { units: ['StoreV2'] },
    };
    const concepts = conceptsIn(files, [
      edge('auth/a.ts#Store', 'auth/b.ts#StoreV2'),
      edge('jobs/a.ts#Store', 'jobs/b.ts#StoreV2'),
      edge('other/jobs/a.ts#Store', 'other/jobs/b.ts#StoreV2'),
    ]);
    assert.deepEqual(concepts.map(({ id }) => id).toSorted(), ['store@auth', 'store@jobs', 'store@jobs-2']);
  });

  it('is undecided where its two best are close, and keeps what was left out of it', () => {
    const files = {
      'a.ts': { units: ['Engine'] },
      'b.ts': { units: ['EngineV2'] },
      'c.ts': { units: ['EngineAdapter'] },
    };
    const edges = [
      edge('a.ts#Engine', 'b.ts#EngineV2'),
      edge('a.ts#Engine', 'c.ts#EngineAdapter', { verdict: 'adapter' }),
      edge('b.ts#EngineV2', 'c.ts#EngineAdapter', { verdict: 'adapter' }),
    ];
    const [close] = conceptsIn(files, edges);
    assert.equal(close?.undecided, true);
    assert.deepEqual(
      close.leftOut.map(({ b, verdict }) => [b, verdict]),
      [
        ['c.ts#EngineAdapter', 'adapter'],
        ['c.ts#EngineAdapter', 'adapter'],
      ],
    );
    const old: Partial<Unit> & { readonly name: string } = { name: 'EngineV2', isDeprecated: true };
    const [clear] = conceptsIn({ ...files, 'b.ts': { units: [old] }, 'u.ts': importing('a.ts#Engine') }, edges);
    assert.equal(clear?.undecided, false);
    assert.equal(clear.units[0], 'a.ts#Engine');
  });
});

describe('namesakes', () => {
  it('are units of what ships, and two files face each other by each name that both define', () => {
    const tree = testTree({
      'a.ts': { units: ['Engine', 'Store', { name: 'Inner', outer: 'Engine' }] },
      'b.ts': { units: ['Engine', 'Store', { name: 'Inner', outer: 'Store' }] },
      'c.test.ts': { zone: 'test', units: ['Engine'] },
    });
    const namesakes = namesakesOf(tree.units.values());
    assert.deepEqual(
      namesakes.get('Engine')?.map(({ path }) => path),
      ['a.ts', 'b.ts'],
    );
    assert.deepEqual([...facingOf(namesakes)], [['a.ts\0b.ts', 2]]);
  });
});
