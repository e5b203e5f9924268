import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { addedJson, rivalsAdded, type AddedRival } from './added.ts';
import type { Concept, Edge, ScanReport } from './concept.ts';
import type { GuardConfig } from './config.ts';
import { testTree } from './rules/tree.fixture.ts';
import { onlyNamedAlike } from './scan.fixture.ts';

const tree = testTree({
  'a.ts': { units: ['Engine', 'Store'] },
  'new.ts': { units: ['FastEngine', 'OwnStore', 'Other'] },
});

function edge(a: string, b: string, more: Partial<Edge> = {}): Edge {
  return { a, b, verdict: 'rival', tier: 'certain', score: 0.5, evidence: onlyNamedAlike, reason: 'alike', ...more };
}

/** What `new.ts` adds, where these pairs were found: each a concept of its own. */
function added(edges: readonly Edge[], config: GuardConfig = {}): readonly AddedRival[] {
  const concepts = edges.map((one, index): Partial<Concept> => ({
    id: `concept-${index}`,
    units: [one.a, one.b],
    edges: [one],
    ...(one.tier === undefined ? {} : { tier: one.tier }),
  }));
  const scan: Partial<ScanReport> = { tree, edges, concepts: concepts as readonly Concept[] };
  const units = [...tree.units.values()].filter(({ path }) => path === 'new.ts');
  return rivalsAdded(
    { config, scan: scan as ScanReport },
    units,
    (one, other) => [one, other].find(({ path }) => path === 'new.ts'),
    '2026-11-22',
  );
}

const told = (rivals: readonly AddedRival[]): readonly string[] =>
  rivals.map(({ name, existing, blocks }) => `${name} for ${existing.name} ${blocks ? 'blocks' : 'is advice'}`);

describe('what a change adds', () => {
  it('blocks where it is a certain rival of what nobody declared, and is advice where it is likely (VA1)', () => {
    const certain = edge('a.ts#Engine', 'new.ts#FastEngine');
    const likely = edge('a.ts#Store', 'new.ts#OwnStore', { tier: 'likely' });
    assert.deepEqual(told(added([likely, certain])), ['FastEngine for Engine blocks', 'OwnStore for Store is advice']);
    assert.deepEqual(added([edge('a.ts#Store', 'new.ts#OwnStore', { tier: 'possible' })]), []);
  });

  it('blocks where it is a second one of a declared concept, by its name alone, unless that only warns (VA1)', () => {
    const declaring = (more: object): GuardConfig => ({
      concepts: { engine: { canonical: 'a.ts#Engine', match: ['*Engine'], ...more } },
    });
    const [rival] = added([], declaring({}));
    assert.deepEqual([rival?.concept, rival?.blocks], ['engine', true]);
    assert.equal(rival?.why, 'it would be a second implementation of engine');
    assert.deepEqual(told(added([], declaring({ mode: 'warn' }))), ['FastEngine for Engine is advice']);
    const allow = (until: string): object => ({ allow: [{ unit: 'new.ts#*', why: 'a trial', until }] });
    assert.deepEqual(added([], declaring(allow('2026-11-22'))), []);
    assert.equal(added([], declaring(allow('2026-11-21'))).length, 1);
  });

  it('is told once, as the worst that it is, and not at all where a person dismissed it', () => {
    const twice = [
      edge('a.ts#Store', 'new.ts#FastEngine', { tier: 'likely', score: 0.9 }),
      edge('a.ts#Engine', 'new.ts#FastEngine', { score: 0.2 }),
    ];
    assert.deepEqual(told(added(twice)), ['FastEngine for Engine blocks']);
    const dismissed = [
      { concept: 'concept-0', why: 'no rivals' },
      { concept: 'concept-1', why: 'no rivals' },
    ];
    assert.deepEqual(added(twice, { dismissed }), []);
  });

  it('is told with ids as data', () => {
    const [rival] = added([edge('a.ts#Engine', 'new.ts#FastEngine')]);
    assert.ok(rival !== undefined);
    assert.deepEqual(addedJson(rival), {
      path: 'new.ts',
      line: 1,
      name: 'FastEngine',
      existing: 'a.ts#Engine',
      existingLine: 1,
      why: 'alike',
      blocks: true,
      tier: 'certain',
    });
  });
});
