import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Answer } from '../agents/answer.ts';
import { linkMarks, sourcesOf } from './source-marks.ts';

const answer: Answer = {
  title: 'Costs',
  notices: [],
  sections: [
    {
      title: 'All',
      blocks: [
        { kind: 'text', markdown: 'They cost $3. [2]' },
        { kind: 'figures', figures: [{ label: 'Cost', value: '$3', source: 'data/sum:1-0', mark: 2 }] },
        { kind: 'table', caption: 'By day', columns: [], rows: [], source: 'data/days:1-1', mark: 3 },
        { kind: 'figures', figures: [{ label: 'Assumed', value: '30' }] },
      ],
    },
  ],
};

it('finds the call of each mark in figures, tables and charts', () => {
  assert.deepEqual(
    [...sourcesOf(answer)],
    [
      [2, 'data/sum:1-0'],
      [3, 'data/days:1-1'],
    ],
  );
});

it('makes links of the marks that lead somewhere, and of no others (MK1)', () => {
  const linked = linkMarks('They cost $3. [2] Or [9]? [3]: [2](https://example.com) `[2]` [2]', sourcesOf(answer));
  const expected =
    'They cost $3. [2](cantus-source:2) Or [9]? [3]: [2](https://example.com) `[2]` [2](cantus-source:2)';
  assert.equal(linked, expected);
});
