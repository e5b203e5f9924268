import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { openExtractor } from './parse.ts';

const script = readFileSync(new URL('./walk.ts', import.meta.url), 'utf8').slice(0, 3_000);
const python = `
from .base import Base
class Engine(Base):
    """Doc."""
    def run(self, plan, *args):
        return f"{plan!r}" if plan else None
`;
const piece = fc.constantFrom(
  '{',
  '}',
  '(',
  ')',
  '`',
  '${',
  '"',
  "'",
  '/*',
  '*/',
  '//',
  '#',
  '\\',
  '\n',
  '"""',
  '/',
  '=>',
  '@',
  '<',
  '</a>',
  '<!--',
  '#!',
  '?.',
  ':=',
  '=> {',
  ')\n{',
  'class ',
  'def ',
  'import ',
  'async ',
  'match ',
  'using ',
  'f"{',
  "f'''",
  '\t',
  '\f',
  '\r',
  '\u2028',
  '\u0000',
  '\ud800',
);

describe('facts of broken sources', () => {
  it('come from anything, without a crash, and the same each time (GE2, GE3)', async () => {
    const extractor = await openExtractor();
    const file = fc.constantFrom(['a.ts', script], ['a.tsx', script], ['a.js', script], ['a.py', python]);
    fc.assert(
      fc.property(
        file,
        fc.array(fc.tuple(fc.nat(3_000), fc.nat(40), piece), { maxLength: 8 }),
        ([path = '', text = ''], cuts) => {
          const broken = cuts.reduce((whole, [at, gone, put]) => {
            const place = at % (whole.length + 1);
            return whole.slice(0, place) + put + whole.slice(place + gone);
          }, text);
          const facts = extractor.extract(path, broken);
          assert.deepEqual(extractor.extract(path, broken), facts);
          for (const unit of facts.units) {
            assert.ok(unit.span.start <= unit.span.end && unit.span.end <= broken.length);
            assert.ok(unit.span.line <= unit.span.endLine && unit.span.endLine <= facts.lines + 1);
          }
        },
      ),
      { numRuns: 150 },
    );
    extractor.close();
  });
});
