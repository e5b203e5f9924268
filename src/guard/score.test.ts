import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Candidate, ScoreInput, Unit } from './concept.ts';
import { findConsumers } from './consumers.ts';
import { type TestFile, testTree } from './rules/tree.fixture.ts';
import { rankCandidates, undecidedBelow } from './score.ts';

const method = (name: string): Unit['methods'][number] =>
  ({ name, isPrivate: false, isStatic: false, line: 1 }) as never;

function rank(
  files: Readonly<Record<string, TestFile>>,
  ids: readonly string[],
  births: ReadonlyMap<string, number> = new Map(),
): readonly Candidate[] {
  const tree = testTree(files);
  const units = ids.flatMap((id) => tree.units.get(id) ?? []);
  assert.equal(units.length, ids.length);
  return rankCandidates(units, { tree, consumers: findConsumers(tree), births });
}

function inputOf(candidates: readonly Candidate[], unit: string, name: ScoreInput['name']): ScoreInput {
  const found = candidates.find((one) => one.unit === unit)?.inputs.find((input) => input.name === name);
  assert.ok(found !== undefined);
  return found;
}

const imports = (unit: string): TestFile => ({ imports: [{ unit, file: unit.split('#')[0] ?? '' }] });

describe('the score of a candidate', () => {
  it('is the sum of its inputs, and the best comes first', () => {
    const ranked = rank(
      {
        'a.ts': { units: [{ name: 'Engine', doc: 'The engine.' }] },
        'b.ts': { units: ['FastEngine'] },
        'one.ts': imports('b.ts#FastEngine'),
        'two.ts': imports('b.ts#FastEngine'),
      },
      ['a.ts#Engine', 'b.ts#FastEngine'],
    );
    assert.deepEqual(
      ranked.map(({ unit }) => unit),
      ['b.ts#FastEngine', 'a.ts#Engine'],
    );
    for (const { score, inputs } of ranked) {
      const sum = inputs.reduce((all, { value, weight }) => all + value * weight, 0);
      assert.ok(Math.abs(sum - score) < 0.002, `${sum} is ${score}`);
    }
  });

  it('lets no single input win alone (GS2)', () => {
    const [candidate] = rank({ 'a.ts': { units: ['Engine'] } }, ['a.ts#Engine']);
    const weights = candidate?.inputs.map(({ weight }) => weight) ?? [];
    const most = Math.max(...weights);
    const good = weights.filter((weight) => weight > 0).reduce((sum, weight) => sum + weight, 0);
    assert.ok(most < good / 2, 'the others together outweigh it');
    assert.ok(Math.abs(good - 1) < 1e-9, 'the best possible is 1');
    assert.ok(undecidedBelow > 0 && undecidedBelow < most);
  });

  it('damps importers, counts those of production and tests apart, and its own file as none', () => {
    const users = Object.fromEntries(
      Array.from({ length: 10 }, (_, index) => [`use-${index}.ts`, imports('a.ts#Engine')] as const),
    );
    const ids = ['a.ts#Engine', 'b.ts#FastEngine'];
    const ranked = rank(
      {
        'a.ts': { units: ['Engine'], imports: [{ unit: 'a.ts#Engine', file: 'a.ts' }] },
        'b.ts': { units: ['FastEngine'] },
        'use-b.ts': imports('b.ts#FastEngine'),
        't.test.ts': { ...imports('b.ts#FastEngine'), zone: 'test' },
        ...users,
      },
      ids,
    );
    assert.match(inputOf(ranked, 'a.ts#Engine', 'importers').from, /^10 importers in production/);
    assert.equal(inputOf(ranked, 'a.ts#Engine', 'importers').value, 1);
    const few = inputOf(ranked, 'b.ts#FastEngine', 'importers').value;
    assert.ok(few > 0.1 && few < 1, `one of ten is worth ${few}`);
    assert.equal(inputOf(ranked, 'b.ts#FastEngine', 'tests').value, 1);
    assert.equal(inputOf(ranked, 'a.ts#Engine', 'tests').value, 0);
  });

  it('asks which of the methods that anybody calls it has, and names those that it has not', () => {
    const ranked = rank(
      {
        'a.ts': { units: [{ name: 'Engine', methods: [method('run')] }] },
        'b.ts': { units: [{ name: 'FastEngine', methods: [method('run'), method('pause')] }] },
        'use.ts': {
          ...imports('b.ts#FastEngine'),
          names: { FastEngine: 'b.ts#FastEngine' },
          uses: [{ name: 'FastEngine', calls: ['run', 'pause', 'toString'] }],
        },
      },
      ['a.ts#Engine', 'b.ts#FastEngine'],
    );
    const missing = Object.fromEntries(ranked.map((one) => [one.unit, one.missingMethods]));
    assert.deepEqual(missing, { 'a.ts#Engine': ['pause'], 'b.ts#FastEngine': [] });
    assert.equal(inputOf(ranked, 'a.ts#Engine', 'coverage').from, '1 of 3 methods that are called');
  });

  it('holds it against one that its own doc calls it deprecated, that one instance is for all, or that it lies aside', () => {
    const ids = ['a.ts#Engine', 'legacy/b.ts#FastEngine'];
    const ranked = rank(
      {
        'a.ts': { units: [{ name: 'Engine', params: ['userContext'] }] },
        'legacy/b.ts': { units: [{ name: 'FastEngine', isDeprecated: true }], constructions: [{ name: 'FastEngine' }] },
      },
      ids,
    );
    const told = (name: ScoreInput['name']): readonly number[] => ids.map((id) => inputOf(ranked, id, name).value);
    assert.deepEqual(told('deprecated'), [0, 1]);
    assert.ok(inputOf(ranked, 'a.ts#Engine', 'deprecated').weight < 0);
    assert.deepEqual(told('isolation'), [1, 0]);
    assert.deepEqual(told('place'), [1, 0]);
    assert.match(inputOf(ranked, 'legacy/b.ts#FastEngine', 'isolation').from, /one instance for all in legacy\/b\.ts/);
  });

  it('favours the newest where git tells, and says that it is not known where it does not (GS1)', () => {
    const files = { 'a.ts': { units: ['Engine'] }, 'b.ts': { units: ['FastEngine'] } };
    const ids = ['a.ts#Engine', 'b.ts#FastEngine'];
    const ranked = rank(
      files,
      ids,
      new Map([
        ['a.ts', Date.UTC(2026, 0, 1)],
        ['b.ts', Date.UTC(2026, 5, 1)],
      ]),
    );
    assert.deepEqual(
      ids.map((id) => inputOf(ranked, id, 'newest').value),
      [0, 1],
    );
    const unknown = inputOf(rank(files, ids), 'a.ts#Engine', 'newest');
    assert.deepEqual([unknown.value, unknown.from], [0, 'not known: git does not say']);
    const half = rank(files, ids, new Map([['a.ts', Date.UTC(2026, 0, 1)]]));
    assert.equal(inputOf(half, 'a.ts#Engine', 'newest').value, 0, 'one alone is not the newest');
  });
});
