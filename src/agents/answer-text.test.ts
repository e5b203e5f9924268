import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Answer, AnswerBlock } from './answer.ts';
import { answerMarkdown } from './answer-text.ts';

const withBlocks = (...blocks: readonly AnswerBlock[]): Answer => ({
  title: 'T',
  notices: [],
  sections: [{ title: 'S', blocks }],
});

describe('an answer as Markdown', () => {
  it('says first what it did without', () => {
    const text = answerMarkdown({ ...withBlocks({ kind: 'text', markdown: 'words' }), notices: ['no model'] });
    assert.equal(text, '# T\n\n**This answer is degraded:**\n\n- no model\n\n## S\n\nwords\n');
  });

  it('writes figures and tables with marks and notes (AT1)', () => {
    const text = answerMarkdown(
      withBlocks(
        { kind: 'figures', figures: [{ label: 'calls', value: '1,235', mark: 1, notes: ['from 5 of 9 calls'] }] },
        {
          kind: 'table',
          caption: 'C',
          columns: [
            { label: 'name', align: 'start' },
            { label: 'usd', align: 'end' },
          ],
          rows: [
            ['a|b', '$0.5000'],
            ['c', '–'],
          ],
          mark: 2,
          notes: ['assuming x'],
        },
      ),
    );
    assert.equal(
      text,
      [
        '# T',
        '',
        '## S',
        '',
        '- calls: 1,235 [1] (from 5 of 9 calls)',
        '',
        'C [2] (assuming x)',
        '',
        '| name |     usd |',
        '| ---- | ------: |',
        String.raw`| a\|b | $0.5000 |`,
        '| c    |       – |',
        '',
      ].join('\n'),
    );
  });

  it('draws bars by value and writes what is read beside them (AT1)', () => {
    const points = [
      { label: 'large', value: 24, shown: '$24.00' },
      { label: 'half', value: 12, shown: '$12.00' },
      { label: 'tiny', value: 0.001, shown: '$0.0010' },
      { label: 'nought', value: 0, shown: '$0.00' },
    ];
    const text = answerMarkdown(withBlocks({ kind: 'chart', caption: 'Cost', form: 'bars', points, mark: 3 }));
    const lines = text.split('\n');
    assert.equal(lines[4], 'Cost [3]');
    assert.deepEqual(lines.slice(7, 11), [
      `large   ${'█'.repeat(24)}  $24.00`,
      `half    ${'█'.repeat(12)}${' '.repeat(12)}  $12.00`,
      `tiny    █${' '.repeat(23)}  $0.0010`,
      `nought  ${' '.repeat(24)}  $0.00`,
    ]);
  });

  it('draws a line of any length in lines of at most 60, and names its ends and extremes', () => {
    const points = Array.from({ length: 130 }, (_, at) => ({ label: `day ${at}`, value: at, shown: `$${at}` }));
    const text = answerMarkdown(withBlocks({ kind: 'chart', caption: 'Cost', form: 'line', points }));
    const lines = text.split('\n').slice(7, -2);
    assert.deepEqual(
      lines.slice(0, 3).map((line) => line.length),
      [60, 60, 10],
    );
    assert.match(lines[0] ?? '', /^▁.*▄$/u);
    assert.match(lines[2] ?? '', /█$/u);
    assert.equal(lines[3], 'day 0 to day 129: least $0 (day 0), most $129 (day 129)');
  });

  it('has nothing for a chart without points', () => {
    assert.equal(
      answerMarkdown(withBlocks({ kind: 'chart', caption: 'C', form: 'bars', points: [] })),
      '# T\n\n## S\n',
    );
  });

  it('lets no text begin a line, end a fence or move the cursor (AT2)', () => {
    const evil = 'a\n# b\u001b[31m```';
    const points = [{ label: evil, value: 1, shown: evil }];
    const text = answerMarkdown({
      title: evil,
      notices: [evil],
      sections: [
        {
          title: evil,
          blocks: [
            { kind: 'figures', figures: [{ label: evil, value: evil, notes: [evil] }] },
            { kind: 'table', caption: evil, columns: [{ label: evil, align: 'start' }], rows: [[evil]] },
            { kind: 'chart', caption: evil, form: 'bars', points },
            { kind: 'chart', caption: evil, form: 'line', points },
          ],
        },
      ],
    });
    assert.ok(!text.includes('\u001b'));
    assert.ok(!/^# b/mu.test(text));
    assert.equal(text.split('\n').filter((line) => line === '```').length, 4);
    const inFences = text.split(/^```$/mu).filter((_, at) => at % 2 === 1);
    assert.ok(inFences.every((drawn) => !drawn.includes('`')));
  });

  it('leaves the lines of a text block as they are, but for control characters', () => {
    assert.match(answerMarkdown(withBlocks({ kind: 'text', markdown: '- a\n- \u001bb\n' })), /\n- a\n- {2}b\n$/u);
  });
});
