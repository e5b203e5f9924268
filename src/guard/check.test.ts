import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { accept, compareToBaseline, prune, readBaseline, writeBaseline, type Baseline } from './baseline.ts';
import { check } from './check.ts';
import type { GuardConfig } from './config.ts';
import type { ScanReport, Skipped } from './concept.ts';
import { testConcept, testEdge, testScan } from './report.fixture.ts';
import type { TestFile } from './rules/tree.fixture.ts';

const files: Readonly<Record<string, TestFile>> = {
  'src/engine.ts': { units: ['Engine'] },
  'src/turbo.ts': { units: ['TurboEngine'] },
};
const config: GuardConfig = { concepts: { engine: { canonical: 'src/engine.ts#Engine', match: ['*Engine'] } } };
const none: Baseline = new Map();

function checked(scan: ScanReport, { baseline = none, of = config }: { baseline?: Baseline; of?: GuardConfig } = {}) {
  return check({ scan, config: of, baseline, paths: [...scan.tree.files.keys()], today: '2026-11-22' });
}

const acceptedBaseline = (scan: ScanReport): Baseline => accept(none, checked(scan).failures, 'moves next month');

describe('guard check', () => {
  it('fails on a rival of a declared concept, and on nothing that was merely found (GX1)', () => {
    const found = testScan({
      files: { ...files, 'a.ts': { units: ['Cache'] }, 'b.ts': { units: ['Cache'] } },
      edges: [testEdge('a.ts#Cache', 'b.ts#Cache')],
      concepts: [testConcept('cache', ['a.ts#Cache', 'b.ts#Cache'])],
    });
    assert.equal(checked(found, { of: {} }).exitCode, 0);
    assert.deepEqual(
      checked(found).failures.map(({ path }) => path),
      ['src/turbo.ts'],
    );
    assert.equal(checked(found).exitCode, 1);
    assert.deepEqual(
      checked(found).advice.map(({ id }) => id),
      ['cache'],
    );
  });

  it('gives no advice about what is declared or dismissed', () => {
    const concepts = [testConcept('engine', ['src/engine.ts#Engine', 'src/turbo.ts#TurboEngine'])];
    const scan = testScan({ files, concepts });
    assert.deepEqual(checked(scan).advice, []);
    assert.deepEqual(checked(scan, { of: { dismissed: [{ concept: 'engine', why: 'two' }] } }).advice, []);
    assert.equal(checked(scan, { of: {} }).advice.length, 1);
  });

  it('passes what only warns, and says it (GX2)', () => {
    const warned = { concepts: { engine: { ...config.concepts!['engine']!, mode: 'warn' as const } } };
    const report = checked(testScan({ files }), { of: warned });
    assert.deepEqual([report.exitCode, report.warnings.length, report.failures.length], [0, 1, 0]);
  });

  it('passes what the baseline knows, and fails on another copy of it (GX2, VB1)', () => {
    const scan = testScan({ files });
    const baseline = acceptedBaseline(scan);
    assert.deepEqual([checked(scan, { baseline }).exitCode, checked(scan, { baseline }).known.length], [0, 1]);
    const copied = testScan({ files: { ...files, 'src/turbo2.ts': { units: ['TurboEngine'] } } });
    assert.deepEqual(
      checked(copied, { baseline }).failures.map(({ path }) => path),
      ['src/turbo2.ts'],
    );
    assert.deepEqual(checked(copied, { baseline }).progress, [{ concept: 'engine', known: 1, fresh: 1, stale: 0 }]);
  });

  it('fails on the swap of one known rival for another, which has the same count (VB1)', () => {
    const baseline = acceptedBaseline(testScan({ files }));
    const swapped = testScan({
      files: { 'src/engine.ts': { units: ['Engine'] }, 'src/x.ts': { units: ['TurboEngine'] } },
    });
    const report = checked(swapped, { baseline });
    assert.deepEqual([report.failures.length, report.stale.length], [1, 1]);
  });

  it('fails on a stale key until it is taken out (VB3)', () => {
    const baseline = acceptedBaseline(testScan({ files }));
    const clean = testScan({ files: { 'src/engine.ts': { units: ['Engine'] } } });
    const { stale, exitCode } = checked(clean, { baseline });
    assert.deepEqual(stale, [{ concept: 'engine', key: 'one-implementation src/turbo.ts#TurboEngine -> Engine' }]);
    assert.equal(exitCode, 1);
    assert.equal(checked(clean, { baseline: prune(baseline, stale) }).exitCode, 0);
  });

  it('says that it could not read, even beside violations, but not for what it leaves out on purpose (GX3)', () => {
    const skipped = (why: Skipped['why']): readonly Skipped[] => [{ path: 'src/x.ts', why }];
    assert.equal(checked(testScan({ files, skipped: skipped('unreadable') })).exitCode, 3);
    assert.equal(checked(testScan({ files, skipped: skipped('generated') }), { of: {} }).exitCode, 0);
  });
});

describe('the baseline', () => {
  it('has a small file for each concept, sorted, without lines and counts (VB1)', async () => {
    const folder = join(await mkdtemp(join(tmpdir(), 'guard-baseline-')), 'baseline');
    assert.equal((await readBaseline(folder)).size, 0);
    const scan = testScan({ files: { ...files, 'src/a.ts': { units: ['AEngine'] } } });
    await writeBaseline(folder, accept(acceptedBaseline(testScan({ files })), checked(scan).failures, 'both'));
    assert.deepEqual(await readdir(folder), ['engine.json']);
    assert.equal(
      await readFile(join(folder, 'engine.json'), 'utf8'),
      `{
  "known": [
    { "key": "one-implementation src/a.ts#AEngine -> Engine", "why": "both" },
    { "key": "one-implementation src/turbo.ts#TurboEngine -> Engine", "why": "moves next month" }
  ]
}
`,
    );
    assert.equal(compareToBaseline(checked(scan).failures, await readBaseline(folder)).fresh.length, 0);
  });

  it('grows only with a reason (VB2)', () => {
    assert.throws(() => accept(none, checked(testScan({ files })).failures, ' '), { message: /only with a reason/ });
  });

  it('loses the file of a concept of which nothing is left, and refuses a file that is none', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'guard-baseline-'));
    const baseline = acceptedBaseline(testScan({ files }));
    await writeBaseline(folder, baseline);
    const stale = [...baseline].flatMap(([concept, keys]) => keys.map(({ key }) => ({ concept, key })));
    await writeBaseline(folder, prune(baseline, stale));
    assert.deepEqual(await readdir(folder), []);
    await writeFile(join(folder, 'engine.json'), '{ "known": [{ "key": "x" }] }');
    await assert.rejects(readBaseline(folder), { message: /engine\.json is no baseline file/ });
  });
});
