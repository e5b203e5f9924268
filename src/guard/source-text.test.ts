import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { decodeSource } from './source-text.ts';

const latin = (text: string): Uint8Array => Buffer.from(text, 'latin1');

describe('the text of a source file', () => {
  it('is what its bytes say in UTF-8, or in UTF-16 with a mark, and else Latin-1 with a note', () => {
    assert.deepEqual(decodeSource(Buffer.from('\uFEFFa = "é"')), { text: 'a = "é"' });
    assert.deepEqual(decodeSource(Buffer.from('\uFEFFa', 'utf16le')), { text: 'a' });
    assert.deepEqual(decodeSource(latin('a = "\xe9"')), { text: 'a = "é"', note: 'encoding' });
    assert.deepEqual(decodeSource(Buffer.from('a', 'utf16le')), { why: 'binary' });
  });

  it('is in the encoding that the file declares, without a note', () => {
    for (const head of ['# -*- coding: latin-1 -*-', '#!/usr/bin/python\n# vim: set fileencoding=iso-8859-15 :']) {
      assert.deepEqual(decodeSource(latin(`${head}\na = "\xe9"`)), { text: `${head}\na = "é"` });
    }
    const sjis = Buffer.from([...Buffer.from('# coding: shift_jis\n# '), 0x83, 0x41]);
    assert.deepEqual(decodeSource(sjis), { text: '# coding: shift_jis\n# ア' });
  });

  it('is in no encoding that is declared and wrong, unknown, or in a third line', () => {
    for (const head of ['# coding: utf-8', '# coding: klingon', '\n\n# coding: latin-1']) {
      assert.deepEqual(decodeSource(latin(`${head}\n"\xe9"`)), { text: `${head}\n"é"`, note: 'encoding' });
    }
  });

  it('is minified by the length of its lines, however many there are', () => {
    const line = `${'a'.repeat(39)}\n`;
    assert.ok('text' in decodeSource(Buffer.from(line.repeat(25_000))));
    assert.deepEqual(decodeSource(Buffer.from(`${'a'.repeat(400)}\n`.repeat(2_500))), { why: 'minified' });
  });

  it('holds nothing that moves a cursor, and all else at its place (GE7)', () => {
    const given = 'a\x1b[31m\0\u009b\u202eb\u2028c\t\f\r\nd\u200de';
    assert.deepEqual(decodeSource(Buffer.from(`${' '.repeat(8_200)}${given}`)), {
      text: `${' '.repeat(8_200)}a [31m   b c\t\f\r\nd\u200de`,
    });
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const read = decodeSource(Buffer.from(text));
        if ('text' in read) assert.equal(read.text.length, new TextDecoder().decode(Buffer.from(text)).length);
      }),
      { numRuns: 100 },
    );
  });
});
