import assert from 'node:assert/strict';
import { it } from 'node:test';
import { announce } from './announcements.ts';

/** What is said in all of a text that comes in pieces. */
function heard(pieces: readonly string[]): readonly string[] {
  const told: string[] = [];
  let text = '';
  let said = 0;
  for (const [index, piece] of pieces.entries()) {
    text += piece;
    const next = announce(text, said, index === pieces.length - 1);
    said = next.said;
    if (next.text !== '') told.push(next.text);
  }
  return told;
}

it('says whole sentences, never pieces of one (AC1)', () => {
  assert.deepEqual(heard(['You sp', 'ent $3.5', '0. That', ' is more. Try', ' less']), [
    'You spent $3.50.',
    'That is more.',
    'Try less',
  ]);
});

it('says nothing twice, and at the end what is left (AC2, AC3)', () => {
  const text = 'One. Two? Three';
  const pieces = text.split('');
  assert.equal(heard(pieces).join(' '), text);
});

it('begins anew when the text does, as after a failed attempt', () => {
  const { said } = announce('A long text that was discarded. And more', 0, false);
  assert.equal(announce('New. ', said, false).text, 'New.');
});

it('does not wait for ever for the end of a sentence', () => {
  const endless = 'word '.repeat(100);
  const { text, said } = announce(endless, 0, false);
  assert.ok(text.startsWith('word word') && said > 0 && said < endless.length);
});

it('leaves out the marks of Markdown', () => {
  assert.equal(announce('## Costs\n\n- **big** [saving](https://x.y)\n', 0, true).text, 'Costs big saving');
});
