import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Lang } from './facts.ts';
import { hashOf, readWords, type Words, word } from './lexer.ts';

function wordsOf(words: Words): string[] {
  return Array.from({ length: words.length }, (_, index) => words.at(index));
}

const wordsIn = (text: string, lang: Lang): string[] => wordsOf(readWords(text, lang));

const piece = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 6 }),
  fc.constantFrom(
    'class ',
    'name',
    '#x',
    '`',
    '${',
    '}',
    '{',
    '"',
    "'",
    '/',
    '*/',
    '/*',
    '//',
    '\\',
    '\n',
    '"""',
    '=>',
    '0x1',
    'f"{',
    "rb'''",
    '</a>',
    '<!--',
    '#!',
    '\r',
    '\f',
    '\u2028',
    '\ud800',
  ),
);
const source = fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(''));

describe('the words of a text', () => {
  it('are the same each time, in order, apart and within it, whatever the text', () => {
    fc.assert(
      fc.property(source, fc.constantFrom('ts', 'js', 'py'), (text, lang) => {
        const words = readWords(text, lang);
        for (let at = 0, behind = 0; at < words.length; at++) {
          assert.ok(words.start(at) >= behind && words.end(at) > words.start(at) && words.end(at) <= text.length);
          assert.equal(words.at(at), text.slice(words.start(at), words.end(at)));
          behind = words.end(at);
        }
        assert.deepEqual(wordsIn(text, lang), wordsOf(words));
      }),
      { numRuns: 500 },
    );
  });

  it('number each different name once, with the hash of its text', () => {
    fc.assert(
      fc.property(source, (text) => {
        const words = readWords(text, 'ts');
        const names = new Map<number, string>();
        for (let at = 0; at < words.length; at++) {
          assert.equal(words.name(at) >= 0, words.kind(at) === word.name);
          if (words.name(at) >= 0) names.set(words.name(at), words.at(at));
        }
        assert.equal(names.size, words.names);
        assert.equal(new Set(names.values()).size, names.size);
        for (const [name, written] of names) assert.equal(words.nameHash(name), hashOf(written));
      }),
      { numRuns: 300 },
    );
  });

  it('number each name once also in a text of hardly anything but short ones', () => {
    const names = Array.from({ length: 5_000 }, (_, index) => `n${index.toString(36)}`);
    const words = readWords([...names, ...names.slice(0, 500)].join(','), 'js');
    assert.equal(words.names, names.length);
    for (const [index, name] of names.entries()) assert.equal(words.nameText(index), name);
  });

  it('take a regular expression for one word, and a division for three', () => {
    assert.deepEqual(wordsIn('a = /[/"]/g.test(b)', 'ts'), ['a', '=', '/[/"]/g', '.', 'test', '(', 'b', ')']);
    assert.deepEqual(wordsIn('a = b / c / d', 'ts'), ['a', '=', 'b', '/', 'c', '/', 'd']);
  });

  it('cut a template at its holes, and a comment away', () => {
    assert.deepEqual(wordsIn('`a${b({})}c` // d', 'ts'), ['`a${', 'b', '(', '{', '}', ')', '}c`']);
    assert.deepEqual(wordsIn('x = rb"""a\nb""" # c\ny', 'py'), ['x', '=', 'rb"""a\nb"""', 'y']);
  });
});
