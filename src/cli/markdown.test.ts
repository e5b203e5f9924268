import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { showMarkdown } from './markdown.ts';
import { textWidth } from '../core/plain-text.ts';

const named = (style: string, text: string): string => `<${style}>${text}</>`;
const plain = (_: string, text: string): string => text;

describe('Markdown on a terminal', () => {
  it('makes headings and strong words stand out, and hangs lists', () => {
    const shown = showMarkdown('# Title\n\n- a **b** [1] and more words than fit\n', 24, named);
    assert.equal(shown, '<bold>Title</>\n\n- a <bold>b</><dim> [1]</> and more\n  words than fit');
  });

  it('leaves code as it is', () => {
    const code = '```\n| a |\n# no heading, and a line that is longer than the terminal is\n```';
    assert.equal(showMarkdown(code, 24, named), code);
  });

  it('aligns tables and fits them without losing a character', () => {
    const table = '| model | cost |\n| --- | ---: |\n| a-model-with-a-long-name | $1.20 |\n| b | $0.10 |';
    assert.equal(
      showMarkdown(table, 80, plain),
      ['model                      cost', 'a-model-with-a-long-name  $1.20', 'b                         $0.10'].join(
        '\n',
      ),
    );
    const narrow = showMarkdown(table, 24, plain).split('\n');
    assert.ok(
      narrow.every((line) => textWidth(line) <= 23),
      narrow.join('\n'),
    );
    assert.equal(
      narrow
        .slice(1, 3)
        .map((line) => line.split(/ {2,}/)[0])
        .join(''),
      'a-model-with-a-long-name',
    );
  });
});
