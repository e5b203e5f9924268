import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { deadPaths, lostRules, ruleOwners, statedRules, undocumentedExports } from './doc-rules.ts';

let root = '';
const tree: Readonly<Record<string, string>> = {
  'README.md': '',
  'docs/store.md': '',
  'src/core/json.ts':
    '/**\n * Head.\n *\n * Z1  A rule.\n * Z2  Another,\n *     on two lines.\n */\nexport const a = 1;\n',
  'src/core/jam.ts': '/**\n * Z2  A rival.\n */\n',
  'examples/jolt.ts': '/**\n * Z3  Its own.\n */\n',
  'src/index.ts':
    "export { told, bare, /* why */ type Kind } from './core/names.ts';\nexport type { Odd as Even } from './core/names.ts';\n",
  'src/core/names.ts':
    '/** Says. */\nexport function told(): void {}\n\nexport async function bare(): Promise<void> {}\n' +
    '/** A kind. */\nexport type Kind = 1;\nexport type Odd = 2;\n',
};

before(() => {
  root = mkdtempSync(join(tmpdir(), 'cantus-docs-'));
  for (const [file, text] of Object.entries(tree)) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  }
});
after(() => rmSync(root, { recursive: true, force: true }));

/** Put together, so that this file itself cites no rule that nobody states. */
const unstated = ['Z', 9].join('');

describe('deadPaths', () => {
  const dead = (page: string, file = 'docs/page.md'): readonly string[] => deadPaths(page, file, root);

  it('finds a path in back-ticks that is not there', () => {
    assert.deepEqual(dead('See `src/core/gone.ts` and `src/core/json.ts`.'), ['src/core/gone.ts']);
    assert.deepEqual(dead('`docs/gone/`, `gone.md`, `.ci/run`'), ['docs/gone/', 'gone.md', '.ci/run']);
  });

  it('takes a path from the root, from src, or from beside the page', () => {
    assert.deepEqual(dead('`core/json.ts` `docs/store.md` `store.md` `README.md`'), []);
  });

  it('leaves alone what is no path: code, patterns, what is built', () => {
    const others =
      'engine.as(principal)|src/**/*.ts|GET /runs/:id|run.started|application/json|npm run check|dist/src/x.js';
    assert.deepEqual(
      dead(
        others
          .split('|')
          .map((text) => `\`${text}\``)
          .join(' '),
      ),
      [],
    );
    assert.deepEqual(dead('```ts\nimport a from `./gone.ts`;\n```\n'), []);
  });

  it('finds a link that leads nowhere, and follows it from the page', () => {
    assert.deepEqual(dead('[a](store.md#top) [b](../README.md) [c](#here) [d](https://x.org/y.md)'), []);
    assert.deepEqual(dead('[a](README.md) [b](gone.md "title")'), ['README.md', 'gone.md']);
  });
});

describe('rules', () => {
  const owners = (): ReturnType<typeof ruleOwners> =>
    ruleOwners(['src/core/json.ts', 'src/core/jam.ts', 'examples/jolt.ts', 'ARCHITECTURE.md'], (file) =>
      file === 'ARCHITECTURE.md' ? '| ZP1 | promise |\n- **ZP2** promise\n' : (tree[file] ?? ''),
    );
  const lost = (text: string, file: string): readonly string[] => lostRules(text, file, owners());

  it('are stated at the head of a source file, or in a table or list of a page', () => {
    assert.deepEqual(statedRules(tree['src/core/json.ts'] ?? '', 'src/core/json.ts'), ['Z1', 'Z2']);
    assert.deepEqual(statedRules('export const a = 1;\n/**\n * Z1  Too late.\n */\n', 'a.ts'), []);
    assert.deepEqual([...owners().keys()], ['Z1', 'Z2', 'Z3', 'ZP1', 'ZP2']);
  });

  it('that are cited must be stated', () => {
    assert.deepEqual(lost('it("works (Z1, ZP2)")', 'src/engine/run.test.ts'), []);
    assert.deepEqual(lost(`it("works (${unstated})")`, 'src/engine/run.test.ts'), [
      `rule ${unstated} is stated nowhere`,
    ]);
    assert.deepEqual(lost('See Z3 there.', 'docs/store.md'), ['rule Z3 is stated nowhere']);
  });

  it('that are cited elsewhere must be stated once', () => {
    const [finding] = lost('// As Z2 says.', 'src/engine/run.ts');
    assert.equal(finding, 'rule Z2 is stated in src/core/json.ts and in src/core/jam.ts: give one another letter');
    for (const file of ['src/core/json.ts', 'src/core/json.test.ts', 'src/core/json.prop.test.ts', 'src/core/jam.ts']) {
      assert.deepEqual(lost('// As Z2 says.', file), []);
    }
  });

  it('are cited in comments; what else looks like one is left alone', () => {
    assert.deepEqual(lost(`const ${unstated} = '${unstated}';`, 'src/engine/run.ts'), []);
    assert.deepEqual(lost('V8, P99 and UTF8 are no rules, nor is YY4.', 'docs/store.md'), []);
  });
});

describe('undocumentedExports', () => {
  it('names what an index exports without a docblock', () => {
    assert.deepEqual(undocumentedExports('src/index.ts', root), ['src/core/names.ts: bare', 'src/core/names.ts: Odd']);
  });
});
