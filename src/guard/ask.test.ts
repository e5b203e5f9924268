import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ask, type Answer } from './ask.ts';
import type { ScanReport } from './concept.ts';
import type { GuardConfig } from './config.ts';
import { type TestFile, testTree } from './rules/tree.fixture.ts';

const files: Readonly<Record<string, TestFile>> = {
  'a.ts': { units: ['RateLimiter'] },
  'b.ts': { units: ['EnhancedRateLimiter', 'UserRateLimiter', 'JobQueue'] },
  'c.test.ts': { zone: 'test', units: ['RateLimiter'] },
  'd.ts': { units: [{ name: 'RateLimiter', outer: 'Server' }] },
};

function answersTo(words: string, config: GuardConfig = {}): readonly Answer[] {
  const scan: Pick<ScanReport, 'tree' | 'edges'> = { tree: testTree(files), edges: [] };
  return ask({ scan: scan as ScanReport, config }, words, '2026-11-22');
}

function told(words: string, config?: GuardConfig): readonly string[] {
  return answersTo(words, config).map(({ unit, relation }) => `${unit.id} ${relation}`);
}

describe('does something like it exist', () => {
  it('is answered by units that ship, the nearest name first', () => {
    const near = ['a.ts#RateLimiter same', 'b.ts#EnhancedRateLimiter modifier', 'b.ts#UserRateLimiter scope'];
    for (const words of ['rate limiter', 'RateLimiter', 'rate-limiter', 'rate_limiter']) {
      assert.deepEqual(told(words), near, words);
    }
    assert.deepEqual(told('session store'), []);
  });

  it('is answered by the canonical one before all, with the concept that the others are rivals in', () => {
    const config = { concepts: { limits: { canonical: 'b.ts#UserRateLimiter', match: ['*RateLimiter'] } } };
    assert.deepEqual(
      answersTo('rate limiter', config).map(({ unit, concept, isCanonical }) => [unit.name, concept, isCanonical]),
      [
        ['UserRateLimiter', 'limits', true],
        ['RateLimiter', 'limits', false],
        ['EnhancedRateLimiter', 'limits', false],
      ],
    );
  });

  it('is answered for a word alone by whatever has it in its name, after what is nearer', () => {
    assert.deepEqual(told('limiter'), [
      'a.ts#RateLimiter part',
      'b.ts#EnhancedRateLimiter part',
      'b.ts#UserRateLimiter part',
    ]);
    assert.deepEqual(told('user limiter'), ['b.ts#UserRateLimiter part']);
    assert.deepEqual(told('limit'), []);
  });

  it('knows the words that the configuration calls vacuous', () => {
    assert.ok(!told('acme job queue').some((one) => one.endsWith('modifier')));
    assert.deepEqual(told('acme job queue', { vocabulary: { vacuous: ['Acme'] } }), ['b.ts#JobQueue modifier']);
  });
});
