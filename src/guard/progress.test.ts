import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { progressBetween } from './progress.ts';
import { testConcept, testScan } from './report.fixture.ts';

describe('progress', () => {
  it('tells a swap from standing still, and counts what was merely found', () => {
    const config = { concepts: { engine: { canonical: 'e.ts#Engine', match: ['*Engine'] } } };
    const before = testScan({ files: { 'e.ts': { units: ['Engine'] }, 'a.ts': { units: ['AEngine'] } } });
    const after = testScan({
      files: { 'e.ts': { units: ['Engine'] }, 'b.ts': { units: ['BEngine'] } },
      concepts: [testConcept('cache', ['x.ts#Cache', 'y.ts#Cache'])],
    });
    assert.deepEqual(progressBetween(before, after, config, '2026-11-22'), {
      declared: [
        {
          concept: 'engine',
          before: 1,
          after: 1,
          gone: ['one-implementation a.ts#AEngine -> Engine'],
          came: ['one-implementation b.ts#BEngine -> Engine'],
        },
      ],
      found: { before: 0, after: 1 },
    });
  });
});
