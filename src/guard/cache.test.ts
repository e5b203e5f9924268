import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { FactCache, keyOf } from './cache.ts';
import type { FileFacts } from './facts.ts';
import { packFacts, unpackFacts } from './facts-pack.ts';
import { withTree } from './scan.fixture.ts';

const facts: FileFacts = {
  lang: 'ts',
  lines: 3,
  errors: 0,
  isGenerated: false,
  units: [],
  imports: [],
  aliases: [{ name: 'A', of: 'B', line: 1 }],
  exports: [],
  constructions: [],
  uses: [],
  members: [],
  state: [],
};

const open = (folder: string, version = 1, root = '/tree'): FactCache =>
  new FactCache({ folder, root, version }, new Map());

describe('the cache of facts', () => {
  it('gives back what was put, and why a file has none', async () => {
    await withTree({}, async (folder) => {
      const cache = open(folder);
      assert.ok(cache.isEmpty);
      cache.put('a', { facts: packFacts(facts) });
      cache.put('b', { facts: packFacts({ ...facts, lines: 9 }), why: 'encoding' });
      cache.put('c', { why: 'minified' });
      cache.save();
      const again = open(folder);
      assert.deepEqual(again.take('a'), { facts });
      assert.deepEqual(again.take('b'), { facts: { ...facts, lines: 9 }, why: 'encoding' });
      assert.deepEqual(again.take('c'), { why: 'minified' });
      assert.equal(again.take('d'), undefined);
      assert.equal(again.hits, 2);
    });
  });

  it('keeps exactly what the last scan used, in one file for each tree (GC3)', async () => {
    await withTree({}, async (folder) => {
      const first = open(folder);
      first.put('a', { facts: packFacts(facts) });
      first.put('b', { facts: packFacts(facts) });
      first.save();
      const second = open(folder);
      second.take('a');
      second.put('c', { facts: packFacts(facts) });
      second.save();
      const third = open(folder);
      assert.deepEqual(
        ['a', 'b', 'c'].map((key) => third.take(key) !== undefined),
        [true, false, true],
      );
      assert.equal(readdirSync(folder).length, 1);
      const other = open(folder, 1, '/other');
      other.put('a', { why: 'binary' });
      other.save();
      assert.equal(readdirSync(folder).length, 2);
    });
  });

  it('knows nothing of another version, and nothing of a pack that is cut short or is none (GC2)', async () => {
    await withTree({}, async (folder) => {
      const cache = open(folder);
      cache.put('a', { facts: packFacts(facts) });
      cache.save();
      assert.ok(open(folder, 2).isEmpty);
      const file = join(folder, readdirSync(folder)[0] ?? '');
      const whole = readFileSync(file);
      for (let length = 0; length < whole.length; length++) {
        writeFileSync(file, whole);
        truncateSync(file, length);
        assert.equal(open(folder).take('a'), undefined, `${length} of ${whole.length} bytes`);
      }
      for (const broken of ['', 'x', '[[[[', '\u0004\u0000\u0000\u0000[1] '] as const) {
        writeFileSync(file, broken);
        assert.equal(open(folder).take('a'), undefined);
      }
    });
  });

  it('does without a folder that can not be written to (GC2)', async () => {
    await withTree({ file: '' }, async (folder) => {
      const cache = open(join(folder, 'file', 'cache'));
      cache.put('a', { facts: packFacts(facts) });
      cache.save();
      mkdirSync(join(folder, 'taken'));
      assert.ok(open(join(folder, 'file', 'cache')).isEmpty);
    });
  });

  it('tells one text in two grammars apart, and two texts in one (GC1)', () => {
    const bytes = Buffer.from('const a = 1;');
    const keys = [keyOf(bytes, 'tsx'), keyOf(bytes, 'typescript'), keyOf(Buffer.from('const a = 2;'), 'tsx')];
    assert.equal(new Set(keys).size, 3);
    assert.equal(keyOf(Buffer.from('const a = 1;'), 'tsx'), keys[0]);
  });
});

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.constantFrom('', 'a', '\u0000', 'é', '\u{1f600}', '\ud83d', 'constructor', '__proto__'),
);
const count = fc.nat(2 ** 31);
const span = fc.record({ start: count, end: count, line: count, endLine: count });
const hashes = fc.uint32Array({ maxLength: 5 }).map((all) => Uint32Array.from(all));
const method = fc.record(
  {
    name: text,
    line: count,
    params: count,
    isAsync: fc.boolean(),
    isPrivate: fc.boolean(),
    isStub: fc.boolean(),
    delegatesTo: text,
  },
  { requiredKeys: ['name', 'line', 'params', 'isAsync', 'isPrivate', 'isStub'] },
);
const unitShape = {
  kind: fc.constantFrom('class', 'factory', 'function', 'type'),
  name: text,
  span,
  isExported: fc.boolean(),
  isAbstract: fc.boolean(),
  bases: fc.array(text),
  implements: fc.array(text),
  methods: fc.array(method),
  fields: fc.array(text),
  params: fc.array(text),
  isDeprecated: fc.boolean(),
  claimsToBeTheOne: fc.boolean(),
  doc: text,
  body: hashes,
  grams: count,
  terms: hashes,
  termCount: count,
  tokens: count,
  uses: fc.array(text),
} as const;
const unit = fc.oneof(fc.record(unitShape), fc.record({ ...unitShape, outer: text }));
const anyFacts = fc.record({
  lang: fc.constantFrom('ts', 'js', 'py'),
  lines: count,
  errors: count,
  isGenerated: fc.boolean(),
  units: fc.array(unit, { maxLength: 4 }),
  imports: fc.array(
    fc.record({
      kind: fc.constantFrom('import', 'type', 'reexport', 'lazy'),
      specifier: text,
      imported: text,
      local: text,
      span,
      within: text,
    }),
  ),
  aliases: fc.array(fc.record({ name: text, of: text, line: count })),
  exports: fc.array(fc.record({ name: text, local: text })),
  constructions: fc.array(fc.record({ name: text, line: count, start: count, within: text })),
  uses: fc.array(
    fc.record({
      name: text,
      bindings: fc.array(fc.record({ name: text, count })),
      calls: fc.array(fc.record({ method: text, line: count, start: count, within: text })),
    }),
  ),
  members: fc.array(fc.record({ module: text, name: text, line: count, within: text })),
  state: fc.array(
    fc.record({
      name: text,
      line: count,
      holds: fc.constantFrom('let', 'map', 'set', 'array', 'object', 'instance'),
      isExported: fc.boolean(),
      writers: fc.array(fc.record({ within: text, line: count })),
    }),
  ),
});

describe('packed facts', () => {
  it('come back equal, wherever in a buffer they lie (GE5)', () => {
    fc.assert(
      fc.property(anyFacts, fc.nat(7), (given: FileFacts, offset) => {
        const packed = packFacts(given);
        assert.equal(packed.length % 4, 0);
        const within = new Uint8Array(packed.length + offset);
        within.set(packed, offset);
        assert.deepEqual(JSON.stringify(unpackFacts(within.subarray(offset))), JSON.stringify(unpackFacts(packed)));
        assert.deepEqual(plain(unpackFacts(packed)), plain(given));
      }),
      { numRuns: 200 },
    );
  });

  it('are refused where they are cut short', () => {
    const packed = packFacts(facts);
    for (let length = 0; length < packed.length - 4; length += 4) {
      assert.throws(() => unpackFacts(packed.slice(0, length)));
    }
  });
});

/** Records of fast-check have no prototype. */
function plain(value: FileFacts): unknown {
  return structuredClone(value);
}
