import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  asTyped,
  fit,
  jsonText,
  manyLines,
  oneLine,
  padTo,
  sentence,
  shellWord,
  textWidth,
  wrap,
} from './plain-text.ts';

describe('text for a terminal', () => {
  it('takes out whatever could move the cursor, colour or begin a line (TX1)', () => {
    assert.equal(oneLine('a\u001b[31mb\r\nc\u2028d\u009b2Je\u202ef'), 'a [31mb c d 2Je f');
    assert.equal(manyLines('a\r\nb\u001b]0;x\u0007\tc\rd'), 'a\nb ]0;x \tc\nd');
  });

  it('ends a sentence that another follows', () => {
    assert.deepEqual(['it says: no', 'no.', 'why?'].map(sentence), ['it says: no.', 'no.', 'why?']);
  });

  it('names commands as this person types them', () => {
    const text =
      'See `cantus show RUN`, or cantus guard scan in ./cantus config of @x/cantus dev and cantus.config.ts.';
    assert.equal(
      asTyped(text, 'npx cantus'),
      'See `npx cantus show RUN`, or npx cantus guard scan in ./cantus config of @x/cantus dev and cantus.config.ts.',
    );
    assert.equal(asTyped('npx cantus runs', 'npx cantus'), 'npx cantus runs');
  });

  it('writes a word as a shell reads it', () => {
    const words = ['src/a.ts#Engine', 'app/(page)/[id].ts#Page', '#x', "it's", ''];
    assert.deepEqual(words.map(shellWord), [
      'src/a.ts#Engine',
      "'app/(page)/[id].ts#Page'",
      "'#x'",
      String.raw`'it'\''s'`,
      "''",
    ]);
  });

  it('escapes in JSON what JSON itself lets through (TX1)', () => {
    const text = jsonText({ a: '\u009b2J\u007f\u001b\u2028' });
    assert.match(text, /^[\x20-\x7e]+$/);
    assert.deepEqual(JSON.parse(text), { a: '\u009b2J\u007f\u001b\u2028' });
  });

  it('counts columns, not characters (TX2)', () => {
    assert.deepEqual(['abc', '漢字', 'e\u0301', '👍', '✓ …'].map(textWidth), [3, 4, 1, 2, 3]);
    assert.equal(fit('漢字漢字', 5), '漢字…');
    assert.equal(fit('abc', 3), 'abc');
    assert.equal(fit('abcd', 3), 'ab…');
    assert.equal(padTo('漢', 4), '漢  ');
  });

  it('breaks lines between words, keeps spaces that stand, and hangs what follows', () => {
    assert.deepEqual(wrap('  data   here', 40), ['  data   here']);
    assert.deepEqual(wrap('- one two three', 9, '  '), ['- one two', '  three']);
    assert.deepEqual(wrap('a verylongword b', 5), ['a', 'verylongword', 'b']);
    assert.deepEqual(wrap('', 5), ['']);
  });
});
