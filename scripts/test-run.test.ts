import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { runTestFiles, type TestRun, type TestRunOptions } from './test-run.ts';

const head = "import { describe, it } from 'node:test';\nimport assert from 'node:assert';\n";

describe('runTestFiles', () => {
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'cantus-run-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const run = async (text: string, options: Partial<TestRunOptions> = {}): Promise<TestRun> => {
    const file = join(mkdtempSync(join(folder, 'case-')), 'a.test.ts');
    writeFileSync(file, head + text);
    const bounds = { testTimeoutMs: 5_000, runTimeoutMs: 5_000, lingerMsMax: 300 };
    return await runTestFiles({ files: [file], isolation: 'none', ...bounds, ...options });
  };
  const said = ({ results }: TestRun): string[] => results.map(({ name, outcome }) => `${name}: ${outcome}`);

  it('says what became of each test, and does not count suites', async () => {
    const text = `describe('s', () => {
      it('adds', () => assert.equal(1 + 1, 2));
      it('breaks', () => assert.equal(1, 2));
      it('waits', { skip: 'no time' }, () => undefined);
    });`;
    for (const isolation of ['none', 'process'] as const) {
      const ended = await run(text, { isolation });
      assert.deepEqual(said(ended), ['adds: passed', 'breaks: failed', 'waits: skipped']);
      assert.equal(ended.broken, undefined);
      assert.equal(ended.results[1]?.failure?.code, 'ERR_ASSERTION');
      assert.equal(ended.results[2]?.reason, 'no time');
    }
  });

  it('counts a suite whose hook failed, and a file that does not load', async () => {
    const hook = await run(
      "import { before } from 'node:test';\ndescribe('s', () => { before(() => { throw 1; }); });",
    );
    assert.deepEqual(said(hook), ['s: failed']);
    const { results } = await run("import './is-not-there.ts';\nit('never runs', () => undefined);");
    assert.equal(results.length, 1);
    assert.match(results[0]?.failure?.text ?? '', /is-not-there/);
  });

  it('takes only the tests that are asked for', async () => {
    const text = "describe('s', () => { it('a', () => undefined); it('ab', () => undefined); });";
    assert.deepEqual(said(await run(text, { names: ['(^| )a$'] })), ['a: passed']);
  });

  it('kills a run that does not end (TR1)', async () => {
    const ended = await run("it('spins', () => { for (;;); });", { runTimeoutMs: 700 });
    assert.equal(ended.broken, 'killed after 700 ms');
  });

  it('does not wait for what a test left open (TR1)', async () => {
    const ended = await run("it('leaks', () => void setInterval(() => undefined, 1_000));", {
      testTimeoutMs: 200,
    });
    assert.deepEqual(said(ended), ['leaks: passed']);
    assert.match(ended.broken ?? '', /one of them left something open/);
  });

  it('takes a process that ends before its summary for a failure (TR2)', async () => {
    const ended = await run("console.log('last words');\nit('exits', () => process.exit(0));");
    assert.equal(ended.broken, 'the process ended before its summary');
    assert.match(ended.output, /last words/);
  });
});
