import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LimitError } from '../core/errors.ts';
import { limits } from '../core/limits.ts';
import { readWords } from './lexer.ts';
import { openExtractor } from './parse.ts';
import { isTangled } from './parse-tangle.ts';

const most = limits.guardTangleMax;
const isTangledText = (text: string, path = 'a.ts'): boolean =>
  isTangled(readWords(text, path.endsWith('.py') ? 'py' : 'ts'));

describe('a text that no person wrote', () => {
  it('has brackets in brackets beyond the bound, closed or not (GE6)', () => {
    for (const [open, close] of [
      ['(', ')'],
      ['[', ']'],
      ['{', '}'],
      ['`${', '}`'],
      ['class A { run() {', '}}'],
    ] as const) {
      const depth = open.startsWith('class') ? most / 2 : most;
      assert.equal(isTangledText(`${open}\n`.repeat(depth) + `${close}\n`.repeat(depth)), false, open);
      assert.equal(isTangledText(`${open}\n`.repeat(depth + 1) + `${close}\n`.repeat(depth + 1)), true, open);
      assert.equal(isTangledText(`${open}\n`.repeat(depth + 1)), true, open);
    }
    assert.equal(isTangledText('('.repeat(most + 1), 'a.py'), true);
  });

  it('has signs, or words that are like them, in a row beyond the bound (GE6)', () => {
    for (const sign of ['+', '! ', '@', 'await ', 'typeof ']) {
      assert.equal(isTangledText(`${sign}\n`.repeat(most)), false, sign);
      assert.equal(isTangledText(`${sign}\n`.repeat(most + 1)), true, sign);
    }
    assert.equal(isTangledText('a =>\n'.repeat(most)), true);
    assert.equal(isTangledText('not \\\n'.repeat(most + 1), 'a.py'), true);
  });

  it('is none for being long, broken, or full of brackets in texts and comments', () => {
    for (const text of [
      'f({ a: [1] });\n'.repeat(1_000),
      'a +\n'.repeat(1_000),
      ') ] }\n'.repeat(60),
      `f('${'('.repeat(1_000)}'); // ${'['.repeat(1_000)}`,
      'const a = [\n"b",\n'.padEnd(9_000, '"c",\n'),
    ]) {
      assert.equal(isTangledText(text), false, text.slice(0, 20));
    }
  });

  it('is refused before it is parsed, and the next one is read as ever (GE2, GE6)', async () => {
    const extractor = await openExtractor();
    const fine = 'export class A { run() { return 1; } }';
    const before = extractor.extract('a.ts', fine);
    for (const path of ['a.ts', 'a.tsx', 'a.js', 'a.py']) {
      assert.throws(() => extractor.extract(path, `a = ${'{\n'.repeat(100_000)}`), LimitError);
    }
    assert.deepEqual(extractor.extract('a.ts', fine), before);
    extractor.close();
  });
});
