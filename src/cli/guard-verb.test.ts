/** The guard's commands on small trees of files, in TypeScript and in Python. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { body, treeOf } from './guard-tree.fixture.ts';

const python = `
class JobRunner:
    """Runs jobs."""

    def __init__(self):
        self.queue = []

    def submit(self, job):
        if job == "":
            raise ValueError("an empty job")
        self.queue.append(job.strip())
        return len(self.queue)

    def drain_all(self, limit):
        taken, self.queue = self.queue[:limit], self.queue[limit:]
        return [job.upper() for job in taken if len(job) > 1]

    def cancel_job(self, job):
        if job not in self.queue:
            return False
        self.queue.remove(job)
        return True
`;

const twins = { 'src/runner.ts': body('JobRunner'), 'src/enhanced/runner.ts': body('EnhancedJobRunner') };

describe('cantus guard', () => {
  it('finds rivals without any configuration, in TypeScript and in Python', async (test) => {
    const tree = treeOf(test, {
      ...twins,
      'app/a.py': python,
      'app/jobs/b.py': python.replace('JobRunner', 'JobRunnerV2'),
    });
    const { code, out } = await tree.guard();
    assert.equal(code, 0);
    assert.match(out, /CERTAIN/);
    assert.match(out, /EnhancedJobRunner {2}src\/enhanced\/runner\.ts:2/);
    const { out: json } = await tree.guard('scan', '--json');
    const { concepts } = JSON.parse(json) as { concepts: { units: { path: string }[] }[] };
    const paths = concepts.flatMap(({ units }) => units.map(({ path }) => path)).toSorted();
    assert.deepEqual(paths, ['app/a.py', 'app/jobs/b.py', 'src/enhanced/runner.ts', 'src/runner.ts']);
  });

  it('explains a concept, and says what was meant by one that there is not', async (test) => {
    const tree = treeOf(test, twins);
    const { code, out } = await tree.guard('explain', 'job-runner');
    assert.equal(code, 0);
    assert.match(out, /why together[\s\S]*choose[\s\S]*cantus guard decide job-runner/);
    assert.match(out, /importers \(/);
    const wrong = await tree.guard('explain', 'job-runer');
    assert.equal(wrong.code, 2);
    assert.match(wrong.err, /job-runner/);
  });

  it('goes from what was found to a rule that keeps it so', async (test) => {
    const tree = treeOf(test, twins);
    assert.equal((await tree.guard('init')).code, 0);
    assert.equal((await tree.guard('check')).code, 0);
    assert.equal((await tree.guard('decide', 'job-runner', 'JobRunner')).code, 0);
    const failed = await tree.guard('check');
    assert.equal(failed.code, 1);
    assert.match(failed.out, /✗ one-implementation {2}src\/enhanced\/runner\.ts:2/);
    assert.equal((await tree.guard('baseline', 'accept', 'job-runner', '--why', 'it moves in May')).code, 0);
    const known = await tree.guard('check');
    assert.equal(known.code, 0);
    assert.match(known.out, /ratchet {2}job-runner: 1 other to go/);
    tree.write('src/again.ts', body('JobRunner'));
    assert.equal((await tree.guard('check')).code, 1);
    tree.remove('src/again.ts');
    tree.remove('src/enhanced/runner.ts');
    const stale = await tree.guard('check');
    assert.equal(stale.code, 1);
    assert.match(stale.out, /stale-baseline/);
    assert.equal((await tree.guard('baseline', 'prune')).code, 0);
    assert.equal((await tree.guard('check')).code, 0);
  });

  it('lists what still uses the other one (GH1)', async (test) => {
    const tree = treeOf(test, {
      ...twins,
      'src/use.ts': `import { EnhancedJobRunner } from './enhanced/runner.ts';\nexport function go(): number {\n  const runner = new EnhancedJobRunner();\n  return runner.submit('x');\n}\n`,
    });
    await tree.guard('decide', 'job-runner', 'src/runner.ts#JobRunner');
    const { code, out } = await tree.guard('todo', 'job-runner');
    assert.equal(code, 0);
    assert.match(out, /src\/use\.ts:1 {2}EnhancedJobRunner {2}submit ✓/);
  });

  it('moves imports to the one that stays, when told to, and twice is once (VX1, VX3)', async (test) => {
    const use =
      "\uFEFFimport { EnhancedJobRunner, other } from './enhanced/runner.ts';\n\n// a comment\nexport const go = () => new EnhancedJobRunner().submit( 'x' ) + other;\n";
    const tree = treeOf(test, {
      ...twins,
      'src/enhanced/runner.ts': `${body('EnhancedJobRunner')}export const other = 1;\n`,
      'src/use.ts': use,
      'src/index.ts': "export { EnhancedJobRunner } from './enhanced/runner.ts';\n",
      'app/old.py': python.replace('JobRunner', 'JobRunnerV2'),
    });
    await tree.guard('decide', 'job-runner', 'src/runner.ts#JobRunner');
    const dry = await tree.guard('fix', 'job-runner');
    assert.equal(dry.code, 0);
    assert.match(dry.out, /\+\+\+ b\/src\/use\.ts\n@@ -1,4 \+1,5 @@\n-\uFEFFimport \{ EnhancedJobRunner, other \}/);
    assert.equal(tree.read('src/use.ts'), use);
    const refused = await tree.guard('fix', 'job-runner', '--write');
    assert.equal(refused.code, 2);
    assert.match(refused.err, /no git repository[\s\S]*--dirty/);
    assert.equal((await tree.guard('fix', 'job-runner', '--write', '--dirty')).code, 0);
    assert.equal(
      tree.read('src/use.ts'),
      use.replace(
        "import { EnhancedJobRunner, other } from './enhanced/runner.ts';",
        "import { other } from './enhanced/runner.ts';\nimport { JobRunner as EnhancedJobRunner } from './runner.ts';",
      ),
    );
    assert.equal(tree.read('src/index.ts'), "export { JobRunner as EnhancedJobRunner } from './runner.ts';\n");
    const again = JSON.parse((await tree.guard('fix', 'job-runner', '--json')).out) as {
      files: unknown[];
      refused: unknown[];
    };
    assert.deepEqual([again.files, again.refused], [[], []]);
    assert.match((await tree.guard('todo', 'job-runner')).out, /nothing uses EnhancedJobRunner: take it out/);
  });

  it('leaves alone what it can not be sure of, and says why (VX2)', async (test) => {
    const tree = treeOf(test, {
      'app/__init__.py': '',
      'app/runner.py': python,
      'app/old.py': `${python.replace('JobRunner', 'JobRunnerV2')}\n    def pause(self):\n        self.queue = []\n`,
      'app/a.py':
        'from app.old import JobRunnerV2\n\n\ndef go():\n    runner = JobRunnerV2()\n    return runner.submit("x")\n',
      'app/b.py':
        'from app.old import JobRunnerV2\n\n\ndef go():\n    runner = JobRunnerV2()\n    return runner.pause()\n',
      'app/c.py': 'from app.old import JobRunnerV2\n\n\nclass Mine(JobRunnerV2):\n    pass\n',
    });
    await tree.guard('decide', 'job-runner', 'JobRunner');
    const { files, refused } = JSON.parse((await tree.guard('fix', 'job-runner', '--json')).out) as {
      files: { path: string; diff: string }[];
      refused: { path: string; why: string; hint: string }[];
    };
    assert.deepEqual(
      files.map(({ path }) => path),
      ['app/a.py'],
    );
    assert.match(
      files[0]?.diff ?? '',
      /\n-from app\.old import JobRunnerV2\n\+from app\.runner import JobRunner as JobRunnerV2\n/,
    );
    assert.match(
      (await tree.guard('fix', 'job-runner')).err,
      /left alone {2}app\/b\.py:6 {2}JobRunnerV2: JobRunner has no pause\.\n {4}Port pause to JobRunner/,
    );
    assert.deepEqual(
      refused.map(({ path, why }) => [path, why]),
      [
        ['app/b.py', 'JobRunner has no pause'],
        ['app/c.py', 'a class here extends JobRunnerV2'],
      ],
    );
  });

  it('dismisses with a reason, and only then is silent', async (test) => {
    const tree = treeOf(test, twins);
    assert.equal((await tree.guard('dismiss', 'job-runner')).code, 2);
    assert.equal((await tree.guard('dismiss', 'job-runner', '--why', 'two products')).code, 0);
    assert.match(tree.read('guard.json'), /"why": "two products"/);
    assert.match((await tree.guard('scan')).out, /no concept has more than one implementation/);
    assert.match((await tree.guard('scan', '--all')).out, /job-runner/);
  });

  it('checks for CI: annotations on stdout, SARIF and Markdown in files', async (test) => {
    const tree = treeOf(test, twins);
    await tree.guard('decide', 'job-runner', 'JobRunner');
    const { code, out } = await tree.guard(
      'check',
      '--format',
      'github',
      '--sarif',
      'out.sarif',
      '--markdown',
      'out.md',
    );
    assert.equal(code, 1);
    assert.match(out, /^::error file=src\/enhanced\/runner\.ts,line=2,/);
    const { runs } = JSON.parse(tree.read('out.sarif')) as { runs: { results: unknown[] }[] };
    assert.equal(runs[0]?.results.length, 1);
    assert.match(tree.read('out.md'), /### Guard: 1 violation/);
  });

  it('holds Python to its rules too: construction, state of modules, deprecated modules', async (test) => {
    const tree = treeOf(test, {
      'app/__init__.py': '',
      'app/runner.py': python,
      'app/factory.py': 'from app.runner import JobRunner\n\ndef make():\n    return JobRunner()\n',
      'app/other.py':
        'from app.runner import JobRunner\n\n_seen = {}\n\ndef go(user):\n    _seen[user] = 1\n    return JobRunner()\n',
      'guard.json': JSON.stringify({
        concepts: { 'job-runner': { canonical: 'app/runner.py#JobRunner', constructOnlyIn: ['app/factory.py#make'] } },
        moduleState: { in: ['app'] },
        deprecated: [{ from: 'app.runner#JobRunner', to: 'app.factory#make', mode: 'warn' }],
      }),
    });
    const { code, out } = await tree.guard('check', '--json');
    assert.equal(code, 1);
    const { findings } = JSON.parse(out) as { findings: { level: string; key: string }[] };
    assert.deepEqual(findings.map(({ level, key }) => `${level} ${key}`).toSorted(), [
      'error construct-only app/other.py#go -> JobRunner',
      'error module-state app/other.py#_seen',
      'warning deprecated-import app/factory.py -> app.runner#JobRunner JobRunner',
      'warning deprecated-import app/other.py -> app.runner#JobRunner JobRunner',
    ]);
  });

  it('tells what a change adds that exists already, before and after it is applied (VH1, VH2, VH3)', async (test) => {
    const tree = treeOf(test, { 'src/runner.ts': body('JobRunner'), 'src/text.ts': 'export const text = 1;\n' });
    const added = (path: string, text: string): string =>
      `--- /dev/null\n+++ b/${path}\n@@ -0,0 +1,${text.split('\n').length} @@\n${text.replaceAll(/^/gm, '+')}\n`;
    const rival = added('src/turbo.ts', body('EnhancedJobRunner'));
    const asked = await tree.hook(rival);
    assert.equal(asked.code, 1);
    assert.match(asked.out, /src\/turbo\.ts:2 {2}EnhancedJobRunner[\s\S]*use JobRunner of src\/runner\.ts:2/);
    tree.write('src/turbo.ts', body('EnhancedJobRunner'));
    assert.equal((await tree.hook(rival)).code, 1);
    tree.remove('src/turbo.ts');
    assert.equal((await tree.hook(added('src/turbo.ts', 'export class Tape {\n  wind() {}\n}'))).code, 0);
    const removed = body('JobRunner').trimEnd().split('\n');
    const moved = `--- a/src/runner.ts\n+++ /dev/null\n@@ -1,${removed.length} +0,0 @@\n${removed.map((line) => `-${line}`).join('\n')}\n`;
    assert.equal((await tree.hook(moved + added('src/jobs/runner.ts', body('JobRunner')))).code, 0);
    assert.equal((await tree.hook(added('test/runner.test.ts', body('JobRunner')))).code, 0);
    tree.write(
      'guard.json',
      '{ "concepts": { "engine": { "canonical": "src/runner.ts#JobRunner", "match": ["*Engine"] } } }',
    );
    assert.equal((await tree.hook(added('src/e.ts', 'export class TurboEngine {\n  go() {}\n}'))).code, 1);
    tree.write('src/last.ts', 'export class LastRunner {\n  last() {}\n}\n');
    const pointed = (...deprecated: readonly object[]): void =>
      tree.write(
        'guard.json',
        JSON.stringify({
          concepts: { engine: { canonical: 'src/runner.ts#JobRunner', match: ['*Engine'] } },
          deprecated,
        }),
      );
    const away = { from: 'src/runner.ts#JobRunner', to: 'src/last.ts#LastRunner' };
    pointed(away);
    const late = await tree.hook(added('src/e.ts', 'export class TurboEngine {\n  go() {}\n}'));
    assert.match(late.out, /use LastRunner of src\/last\.ts:1/);
    pointed(away, { from: away.to, to: away.from });
    const circle = await tree.hook(added('src/e.ts', 'export class TurboEngine {\n  go() {}\n}'));
    assert.match(
      circle.out,
      /in a circle: src\/runner\.ts#JobRunner → src\/last\.ts#LastRunner → src\/runner\.ts#JobRunner/,
    );
  });

  it('tells how far it has come since a commit, and touches nothing', async (test) => {
    const tree = treeOf(test, twins);
    await tree.guard('decide', 'job-runner', 'JobRunner');
    const git = (...words: readonly string[]) =>
      spawnSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', ...words], { cwd: tree.root });
    for (const words of [
      ['init', '-q'],
      ['add', '.'],
      ['commit', '-q', '-m', 'first'],
    ])
      git(...words);
    tree.remove('src/enhanced/runner.ts');
    const { code, out } = await tree.guard('progress', '--since', 'HEAD');
    assert.equal(code, 0);
    assert.match(out, /job-runner {2}others 1 → 0 \(−1, \+0\).*\nconcepts with rivals, declared or not {2}1 → 0/);
    assert.equal((await tree.guard('progress', '--html', 'p.html', '--markdown', 'p.md')).code, 0);
    assert.match(tree.read('p.html'), /<svg/);
    assert.match(tree.read('p.md'), /### Guard: progress/);
    assert.equal((await tree.guard('progress', '--points', '1')).code, 2);
    assert.equal((await tree.guard('progress', '--since', 'nowhere')).code, 2);
  });

  it('says where there is no history, and where only the end of it is', async (test) => {
    const tree = treeOf(test, twins);
    const git = (cwd: string, ...words: readonly string[]) =>
      spawnSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', ...words], {
        cwd,
        env: { ...process.env, GIT_COMMITTER_DATE: '2020-01-01T00:00:00Z' },
      });
    const told = async (): Promise<string> => {
      const { code, err } = await tree.guard('progress');
      assert.equal(code, 2);
      return err;
    };
    assert.match(await told(), /no git repository[\s\S]*How it is now is told by cantus guard check/);
    git(tree.root, 'init', '-q');
    assert.match(await told(), /has no commit yet[\s\S]*Commit something first/);
    for (const name of ['first', 'second']) {
      tree.write('src/more.ts', `export const more = '${name}';\n`);
      git(tree.root, 'add', 'src');
      git(tree.root, 'commit', '-q', '-m', name);
    }
    assert.match((await tree.guard('progress', '--since', '30d')).err, /There is no commit since 30d\./);
    const whole = await tree.guard('progress');
    assert.equal(whole.err, '');
    assert.match(whole.out, /concepts with rivals.*at 3 points\nNo concept is declared/);
    const clone = treeOf(test, {});
    git(clone.root, 'clone', '-q', '--depth', '1', `file://${tree.root}`, '.');
    const shallow = await clone.guard('progress');
    assert.equal(shallow.code, 0);
    assert.match(
      shallow.err,
      /shallow clone: only the end of its history is here\. To have all: git fetch --unshallow/,
    );
    assert.match(shallow.out, /at 2 points/);
  });

  it('answers whether something like it exists, the canonical one first', async (test) => {
    const tree = treeOf(test, { ...twins, 'src/other.ts': 'export class Lamp {\n  light() {}\n}\n' });
    await tree.guard('decide', 'job-runner', 'EnhancedJobRunner');
    const { code, out } = await tree.guard('ask', 'job', 'runner');
    assert.equal(code, 0);
    assert.match(out, /^★ EnhancedJobRunner {2}src\/enhanced\/runner\.ts:2 {2}the one of job-runner\n {2}JobRunner/);
    assert.ok(!out.includes('Lamp'));
  });

  it('ends in 2 for a wrong command or configuration, and in 3 for what it cannot read (GX3)', async (test) => {
    const tree = treeOf(test, twins);
    assert.equal((await tree.guard('chek')).code, 2);
    for (const verb of ['scan', 'check', 'init', 'hook', 'watch', 'progress', 'emit-tests', 'baseline']) {
      const { code, err } = await tree.guard(verb, '--root', 'nowhere');
      assert.equal(code, 2, verb);
      assert.match(err, /There is no folder .*nowhere\.\n {2}fix: Give the root of a code base: --root DIR\./);
    }
    assert.match((await tree.guard('scan', '--root', 'src/runner.ts')).err, /runner\.ts is no folder/);
    tree.write('guard.json', '{ "concept": {} }');
    const { code, err } = await tree.guard('check');
    assert.equal(code, 2);
    assert.match(err, /guard\.json, line 1: there is no member "concept"[\s\S]*Did you mean "concepts"\?/);
  });

  it('loads neither the engine nor an app', async (test) => {
    const { code, out } = await treeOf(test, {}).guard('--help');
    assert.equal(code, 0);
    assert.match(out, /explain[\s\S]*Exit codes: 0 clean, 1 violations/);
    const text = readFileSync(new URL('guard-verb.ts', import.meta.url), 'utf8');
    assert.doesNotMatch(text, /\.\.\/(engine|stores|server|agents)\//);
  });
});
