import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { accept } from '../baseline.ts';
import { check, type CheckReport } from '../check.ts';
import type { Concept, Explanation } from '../concept.ts';
import { testConcept, testScan } from '../report.fixture.ts';
import { checkText } from './check-text.ts';
import { explainText } from './explain-text.ts';
import { findingsOf, type Finding } from './finding.ts';
import { githubAnnotations } from './github.ts';
import { checkJson, scanJson } from './json.ts';
import { checkMarkdown, scanMarkdown } from './markdown.ts';
import { sarif } from './sarif.ts';
import { scanText } from './scan-text.ts';
import { scoreText, type TextScreen } from './text.ts';

const config = { concepts: { engine: { canonical: 'src/engine.ts#Engine', match: ['*Engine'] } } };
const cache = testConcept('cache', ['src/a.ts#Cache', 'src/b,c.py#Cache'], { undecided: true });
const scan = testScan({
  files: {
    'src/engine.ts': { units: ['Engine'] },
    'src/old.ts': { units: ['OldEngine'] },
    'src/turbo.ts': { units: [{ name: 'TurboEngine', span: { start: 0, end: 0, line: 7, endLine: 9 } }] },
    'src/a.ts': { units: ['Cache'] },
    'src/b,c.py': { units: ['Cache'] },
  },
  concepts: [cache],
});

function checked(): { readonly report: CheckReport; readonly findings: readonly Finding[] } {
  const input = { scan, config, paths: [], today: '2026-11-22' };
  const all = check({ ...input, baseline: new Map() }).failures;
  const baseline = accept(accept(new Map(), all.slice(0, 1), 'later'), [{ ...all[0]!, key: 'gone' }], 'later');
  const report = check({ ...input, baseline });
  return { report, findings: findingsOf(report, scan.tree, '.guard/baseline') };
}

const plain: TextScreen = { columns: undefined, paint: (_, text) => text, program: 'cantus' };

describe('what a report tells', () => {
  it('has the worst first, and tells what is known as known', () => {
    const { findings } = checked();
    assert.deepEqual(
      findings.map(({ level, rule, path, isKnown }) => [level, rule, path, isKnown]),
      [
        ['error', 'one-implementation', 'src/turbo.ts', false],
        ['error', 'stale-baseline', '.guard/baseline/engine.json', false],
        ['note', 'one-implementation', 'src/old.ts', true],
        ['note', 'found-rivals', 'src/b,c.py', false],
      ],
    );
  });
});

describe('the report for a person', () => {
  it('says of each violation where it is, why, and how to mend it, and ends in the verdict', () => {
    const { report, findings } = checked();
    const text = checkText(report, findings, plain);
    assert.match(text, /✗ one-implementation {2}src\/turbo\.ts:7\n {4}TurboEngine is a second/);
    assert.match(text, /fix: Use Engine of src\/engine\.ts/);
    assert.match(text, /ratchet|advice: 1 concept/);
    assert.match(text, /\n2 violations · 1 known to the baseline\n$/);
    assert.ok(!text.includes('src/old.ts'));
  });

  it('keeps within the width of the terminal, and breaks nothing where there is none (VT2)', () => {
    const { report, findings } = checked();
    const long = { ...scan, notCounted: { homonym: 172, strategy: 186, adapter: 170, layer: 231, 'twin-package': 12 } };
    for (const text of [
      checkText(report, findings, { ...plain, columns: 60 }),
      scanText(long, [cache], { ...plain, columns: 60 }),
    ]) {
      const lines = text.split('\n');
      assert.ok(
        lines.every((line) => line.length < 60),
        text,
      );
    }
    assert.ok(
      checkText(report, findings, plain)
        .split('\n')
        .some((line) => line.length > 80),
    );
  });

  it('tells the same with colour and without (VT1)', () => {
    const coloured = scanText(scan, [cache], { ...plain, paint: (style, text) => `<${style}>${text}</>` });
    assert.ok(coloured.includes('<red>CERTAIN 1</>'));
    assert.equal(coloured.replaceAll(/<\/?[a-z]*>/g, ''), scanText(scan, [cache], plain));
  });

  it('shows concepts with the best two candidates, and marks none as the best where it is undecided', () => {
    const text = scanText(scan, [cache], plain);
    assert.match(text, /1 concept with more than one implementation/);
    assert.match(text, / {4}\? 0\.80 {2}src\/a\.ts:1\n {4}\? 0\.50 {2}src\/b,c\.py:1/);
    assert.match(
      scanText(scan, [{ ...cache, undecided: false }], plain),
      / {4}★ 0\.80 {2}src\/a\.ts:1\n {4}· 0\.50 {2}src\/b,c\.py:1/,
    );
    assert.match(scanText(scan, [], plain), /no concept has more than one implementation/);
  });

  it('names the units where their names differ, one under the other', () => {
    const mixed = testConcept('engine', ['src/engine.ts#Engine', 'src/turbo.ts#TurboEngine']);
    assert.match(
      scanText(scan, [mixed], plain),
      / {2}Engine ×2 {2}engine\n {4}★ 0\.80 {2}Engine {7}src\/engine\.ts:1\n {4}· 0\.50 {2}TurboEngine {2}src\/turbo\.ts:7\n/,
    );
  });

  it('cuts no place that a terminal could open: it has a line of its own (VT2)', () => {
    const path = `src/${'deep/'.repeat(12)}cache.ts`;
    const far = testScan({ files: { [path]: { units: ['Cache'] }, 'src/b.ts': { units: ['Cache'] } } });
    const concept = testConcept('cache', [`${path}#Cache`, 'src/b.ts#Cache']);
    const text = scanText(far, [concept], { ...plain, columns: 60 });
    assert.ok(text.includes(`    ★ 0.80\n      ${path}:1\n`), text);
  });

  it('lets no name of a file move the cursor (TX1)', () => {
    const path = 'src/\u001b[2Ja.ts';
    const odd = testScan({ files: { [path]: { units: ['Cache'] }, 'src/b.ts': { units: ['Cache'] } } });
    const concept = testConcept('cache', [`${path}#Cache`, 'src/b.ts#Cache']);
    assert.ok(!scanText(odd, [concept], plain).includes('\u001b'));
    assert.ok(!explainText(explanationOf(concept, odd), plain).includes('\u001b'));
    const { report, findings } = checked();
    const named = findings.map((one) => ({ ...one, path, message: `${one.message} ${path}` }));
    assert.ok(!checkText(report, named, plain).includes('\u001b'));
  });

  it('says in one line what is not told, and what to do next', () => {
    const possible = testConcept('lamp', ['src/a.ts#Lamp', 'src/b.ts#Lamp'], { tier: 'possible' });
    const more = { ...scan, concepts: [cache, possible], notCounted: { layer: 3, nested: 1_200 } };
    const text = scanText(more, [cache], { ...plain, program: 'npx cantus' });
    assert.match(
      text,
      /pairs that only look alike: 1,200 nested · 3 layer\nnot told here: 1 possible \(--all tells them\)/,
    );
    assert.match(text, /\n\nnext: npx cantus guard explain cache\n$/);
  });

  const explanationOf = (concept: Concept, { tree } = scan): Explanation => ({
    concept,
    members: concept.units.map((id, index) => ({
      unit: tree.units.get(id)!,
      candidate: concept.candidates[index]!,
      methods: ['get'],
    })),
    whyTogether: ['The names are the same.'],
    leftOut: [],
    gap: 0.05,
  });

  it('explains a score by its every input, so that the sum can be checked by hand', () => {
    const isolation = { name: 'isolation', value: 0, weight: 0.15, from: 'one instance for all' } as const;
    const candidates = cache.candidates.map((one) => ({ ...one, inputs: [...one.inputs, isolation] }));
    const left = {
      unit: scan.tree.units.get('src/engine.ts#Engine')!,
      verdict: 'layer',
      reason: 'it uses it',
    } as const;
    const text = explainText({ ...explanationOf({ ...cache, candidates }), leftOut: [left] }, plain);
    assert.match(text, /\+0\.100 {2}importers {2}0\.50 × 0\.2 {2}3 importers in production/);
    assert.match(text, /\+0 {6}isolation \(× 0\.15\): one instance for all\n/);
    assert.match(text, /undecided, you choose/);
    assert.match(text, /Engine \(layer\) {2}src\/engine\.ts:1\n {4}it uses it/);
    assert.match(text, /lacks stop, which others are asked for/);
    assert.match(text, /1 importer and 0 test files: src\/app\.ts/);
    assert.match(text, /guard decide cache src\/a\.ts#Cache\n.*guard decide cache src\/b,c\.py#Cache\n/);
  });

  it('keeps lists short, and says how much more there is', () => {
    const unit = scan.tree.units.get('src/engine.ts#Engine')!;
    const leftOut = Array.from({ length: 9 }, () => ({ unit, verdict: 'layer', reason: 'it uses it' }) as const);
    const explanation = explanationOf(cache);
    const members = explanation.members.map((one) => ({ ...one, methods: Array.from('abcdefghijklmnop') }));
    const text = explainText({ ...explanation, members, leftOut }, plain);
    assert.match(text, /16 methods: a, b, c, d, e, f, g, h, i, j, k, l and 4 more\n/);
    assert.match(text, /and 3 more \(layer\)\n/);
  });

  it('calls nothing clean that was held to no rule, or is not there', () => {
    const input = { scan, config: {}, paths: [], today: '2026-11-22', baseline: new Map() };
    const free = check(input);
    assert.equal(free.exitCode, 0);
    assert.match(
      checkText(free, [], plain),
      /! no rule is declared {2}5 files[^\n]*\n {4}next: cantus guard explain cache\n$/,
    );
    assert.match(checkMarkdown(free, []), /^### Guard: guard\.json declares no rule/);
    const empty = check({ ...input, scan: testScan({ files: {} }), config });
    assert.match(
      checkText({ ...empty, failures: [] }, [], plain),
      /! there is no TypeScript[^\n]*: nothing was checked\n$/,
    );
    const ruled = check({ ...input, config: { files: { forbid: ['**/*.bak'] } } });
    assert.match(checkText(ruled, [], plain), /✓ clean {2}5 files\n$/);
  });
});

describe('a score', () => {
  it('that is rounded to nothing has no sign', () => {
    assert.deepEqual([scoreText(-0.004, 2), scoreText(-0, 3), scoreText(-0.19, 2)], ['0.00', '0.000', '-0.19']);
  });
});

describe('SARIF', () => {
  type Result = {
    readonly ruleId: string;
    readonly ruleIndex: number;
    readonly level: string;
    readonly message: { readonly text: string };
    readonly locations: readonly {
      readonly physicalLocation: {
        readonly artifactLocation: { readonly uri: string };
        readonly region: { readonly startLine: number };
      };
    }[];
    readonly relatedLocations?: readonly { readonly id: number; readonly message: { readonly text: string } }[];
    readonly partialFingerprints: Readonly<Record<string, string>>;
    readonly baselineState: string;
  };
  type Document = {
    readonly version: string;
    readonly runs: readonly {
      readonly tool: { readonly driver: { readonly name: string; readonly rules: readonly { readonly id: string }[] } };
      readonly results: readonly Result[];
    }[];
  };
  const documentOf = (findings: readonly Finding[]): Document => sarif(findings, '1.2.3') as Document;

  it('has the shape that the schema asks for', () => {
    const { version, runs } = documentOf(checked().findings);
    assert.equal(version, '2.1.0');
    const [{ tool, results } = assert.fail()] = runs;
    assert.equal(results.length, 4);
    for (const result of results) {
      assert.equal(tool.driver.rules[result.ruleIndex]?.id, result.ruleId);
      assert.ok(['error', 'warning', 'note', 'none'].includes(result.level));
      assert.ok(['new', 'unchanged', 'updated', 'absent'].includes(result.baselineState));
      assert.ok(result.message.text.length > 0);
      const [{ physicalLocation } = assert.fail()] = result.locations;
      assert.ok(physicalLocation.region.startLine >= 1);
      assert.doesNotMatch(physicalLocation.artifactLocation.uri, /[\s,\\]/);
    }
    assert.deepEqual(
      results[0]?.relatedLocations?.map(({ id, message }) => [id, message.text]),
      [[1, 'the canonical Engine']],
    );
  });

  it('fingerprints a result by who it is about: moved it is the same, copied it is another (VS1)', () => {
    const [finding = assert.fail()] = checked().findings;
    const printOf = (changed: Finding) => documentOf([changed]).runs[0]?.results[0]?.partialFingerprints['guardKey/v1'];
    assert.equal(printOf({ ...finding, line: 99, message: 'other words' }), printOf(finding));
    assert.notEqual(printOf({ ...finding, key: `${finding.key}2` }), printOf(finding));
    assert.notEqual(printOf({ ...finding, concept: 'other' }), printOf(finding));
  });

  it('is in groups, and within what is shown of it (VS2)', () => {
    const [finding = assert.fail()] = checked().findings;
    const many = Array.from({ length: 6_000 }, (_, index) => ({
      ...finding,
      concept: index % 2 === 0 ? 'a' : 'b',
      key: `${index}`,
    }));
    const results = documentOf(many).runs[0]?.results ?? [];
    assert.equal(results.length, 5_000);
    const concepts = results.map(
      (result) => (result as unknown as { properties: { concept: string } }).properties.concept,
    );
    assert.deepEqual(concepts.slice(2_999, 3_001), ['a', 'b']);
  });
});

describe('annotations of GitHub', () => {
  it('are a line each, with what would split them written otherwise, and without what is known', () => {
    const text = githubAnnotations(checked().findings);
    const lines = text.trimEnd().split('\n');
    assert.equal(lines.length, 3);
    assert.match(
      lines[0] ?? '',
      /^::error file=src\/turbo\.ts,line=7,title=one-implementation%3A engine::TurboEngine .*%0AUse Engine/,
    );
    assert.match(lines[2] ?? '', /^::notice file=src\/b%2Cc\.py,line=1,/);
  });
});

describe('Markdown and JSON', () => {
  it('has a table of what fails, whatever stands in its cells', () => {
    const { report, findings } = checked();
    const [first = assert.fail(), ...rest] = findings;
    const text = checkMarkdown(report, [{ ...first, message: 'a | b\nc <img>' }, ...rest]);
    assert.match(text, /### Guard: 2 violations/);
    assert.match(text, /\| ❌ \| one-implementation \| `src\/turbo\.ts:7` \| a \\\| b c &lt;img> \|/);
    assert.match(text, /\| `engine` \| 1 \| 1 \| 1 \|/);
    const sly = checkMarkdown(report, [{ ...first, message: '![x](https:/a.b/c) **/*_{v2}.* __init__.py a_b `c`' }]);
    assert.ok(sly.includes(String.raw`!\[x\](https:/a.b/c) \*\*/\*\_{v2}.\* \_\_init\_\_.py a_b \`c\``), sly);
    assert.match(scanMarkdown([cache]), /\| `cache` \| Cache ×2 \| certain \| `src\/a\.ts#Cache`<br>/);
  });

  it('gives programs what people are told, without the tree', () => {
    const { report, findings } = checked();
    const said = JSON.parse(JSON.stringify(checkJson(report, findings))) as Record<string, unknown>;
    assert.deepEqual([said['exitCode'], said['failures'], said['known']], [1, 1, 1]);
    const scanned = JSON.stringify(scanJson(scan, [cache]));
    assert.ok(scanned.includes('"line":1') && !scanned.includes('"tree"'));
  });
});
