import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cluster } from './cluster.ts';
import type { Edge, Tier } from './concept.ts';
import { onlyNamedAlike } from './scan.fixture.ts';

const rivals = (a: string, b: string, tier: Tier): Edge => ({
  a,
  b,
  score: 0.5,
  evidence: onlyNamedAlike,
  verdict: 'rival',
  tier,
  reason: 'alike',
});

const adapter = (a: string, b: string, outsider: string): Edge => ({
  a,
  b,
  score: 0.5,
  evidence: onlyNamedAlike,
  verdict: 'adapter',
  reason: 'it wraps the other',
  outsider,
});

const tell = (edges: readonly Edge[]): string[] =>
  cluster(edges).map(({ units, tier }) => `${tier}: ${units.join(' ')}`);

describe('groups of rivals', () => {
  it('are held together by pairs that are certain or likely, not by a guess (GU1)', () => {
    const sure = [rivals('a', 'b', 'certain'), rivals('b', 'c', 'likely'), rivals('d', 'e', 'likely')];
    assert.deepEqual(tell([...sure, rivals('c', 'd', 'possible')]), ['certain: a b c', 'likely: d e']);
    assert.deepEqual(tell([rivals('x', 'y', 'possible')]), ['possible: x y']);
  });

  it('hold what others join though one pair in them is excluded (GU2)', () => {
    const edges = [rivals('a', 'b', 'certain'), rivals('b', 'c', 'certain'), adapter('a', 'c', '')];
    assert.deepEqual(tell(edges), ['certain: a b c']);
  });

  it('leave out what wraps a member, though it looks like another one (GU3)', () => {
    const edges = [rivals('a', 'b', 'certain'), rivals('b', 'w', 'likely'), adapter('a', 'w', 'w')];
    assert.deepEqual(tell(edges), ['certain: a b']);
  });
});
