import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { History, sampleCommits } from './history.ts';
import { pointOf, progressOf, type ProgressPoint } from './progress.ts';
import { progressHtml } from './report/progress-html.ts';
import { progressMarkdown, progressText } from './report/progress-text.ts';

const script = (name: string): string => `export class ${name} {\n  run(): void {}\n}\n`;
const use = (name: string, path: string): string => `import { ${name} } from '${path}';\nnew ${name}().run();\n`;
const config = { concepts: { engine: { canonical: 'src/engine.ts#Engine', match: ['*Engine'] } } };
const today = '2026-11-22';

/** Commits of a code base in a folder below the root of its repository; `null` removes a file. */
const steps: readonly Readonly<Record<string, string | null>>[] = [
  { 'src/a.ts': script('AEngine'), 'src/use.ts': use('AEngine', './a.ts') },
  { 'src/engine.ts': script('Engine'), 'src/b.ts': script('BEngine') },
  { 'src/more.ts': use('BEngine', './b.ts'), 'src/use.test.ts': use('AEngine', './a.ts') },
  { 'src/a.ts': null, 'src/use.ts': use('Engine', './engine.ts'), 'src/use.test.ts': use('Engine', './engine.ts') },
  { 'src/c.ts': script('CEngine') },
];

type Repository = { readonly root: string; readonly git: (...words: readonly string[]) => string };

function repositoryOf(test: TestContext): Repository {
  const top = mkdtempSync(join(tmpdir(), 'guard-progress-test-'));
  test.after(() => rmSync(top, { recursive: true, force: true }));
  const root = join(top, 'app');
  const settings = ['-c', 'user.name=t', '-c', 'user.email=t@example.com'];
  const git = (...words: readonly string[]): string =>
    spawnSync('git', [...settings, ...words], { cwd: top, encoding: 'utf8' }).stdout;
  git('init', '-q');
  for (const [index, files] of steps.entries()) {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      if (text === null) rmSync(join(root, path));
      else writeFileSync(join(root, path), text);
    }
    git('add', '-A');
    git('commit', '-q', '-m', `step ${index}`);
  }
  git('tag', 'second', 'HEAD~3');
  return { root, git };
}

async function pointsOf(root: string, points: number, since?: string): Promise<readonly ProgressPoint[]> {
  const history = new History(root, {});
  const found: ProgressPoint[] = [];
  try {
    for (const { commit, at } of sampleCommits(root, points, since)) {
      found.push({ commit, at, ...pointOf(await history.read(commit), config, today) });
    }
    return found;
  } finally {
    history.close();
  }
}

describe('progress over history', () => {
  it('counts the others and who uses them, and nothing before there was a canonical one (VZ3, VZ4)', async (test) => {
    const { root, git } = repositoryOf(test);
    const points = await pointsOf(root, 10);
    assert.deepEqual(
      points
        .map(({ concepts }) => concepts['engine'])
        .map((one) => one && [one.rivals.length, one.consumers, one.testConsumers]),
      [undefined, [2, 1, 0], [2, 2, 1], [1, 1, 0], [2, 1, 0]],
    );
    const [declared] = progressOf(points, config).declared;
    assert.deepEqual([declared?.gone, declared?.came], [['src/a.ts#AEngine'], ['src/c.ts#CEngine']]);
    assert.equal(git('status', '--porcelain'), '');
  });

  it('takes as many commits as it is told, the first and the last among them, since a tag or a time', (test) => {
    const { root } = repositoryOf(test);
    const of = (points: number, since?: string): readonly string[] =>
      sampleCommits(root, points, since).map(({ commit }) => commit);
    const all = of(10);
    assert.equal(all.length, 5);
    assert.deepEqual(of(3), [all[0], all[2], all[4]]);
    assert.deepEqual(of(10, 'second'), all.slice(1));
    assert.equal(of(1).length, 1);
    assert.equal(of(10, '30d').length, 5);
    assert.throws(() => of(10, 'nowhere'), /"nowhere" is no commit and no time/);
    assert.throws(() => of(10, '--all'), /is no commit and no time/);
  });

  it('is told in words, as Markdown and as a page that needs nothing else', async (test) => {
    const { root } = repositoryOf(test);
    const progress = progressOf(await pointsOf(root, 10), config);
    const text = progressText(progress, { columns: undefined, paint: (_, words) => words, program: 'cantus' });
    assert.match(
      text,
      /^engine {2}others 2 → 2 \(−1, \+1\) {2}files that use them 1 → 1\n {2}new: src\/c\.ts#CEngine\n/,
    );
    assert.match(progressMarkdown(progress), /\| `engine` \| 2 → 2 \| 1 → 1 \| 1 \| 1 \|[\s\S]*\| not there yet \|/);
    const page = progressHtml(progress, 'a <b> & "c"');
    assert.match(page, /<title>a &lt;b&gt; &amp; &quot;c&quot;/);
    assert.match(page, /<svg [^>]*role="img" aria-label="engine: others not there to 2/);
    assert.match(page, /<th scope="row">/);
    assert.match(page, /prefers-color-scheme: dark/);
    // Two panels of the concept, which was there four times, and one of all that was found.
    assert.equal([...page.matchAll(/<circle /g)].length, 2 * 4 + 5);
    assert.doesNotMatch(page, /<script|https?:|url\(|@import|NaN|undefined/);
  });
});
