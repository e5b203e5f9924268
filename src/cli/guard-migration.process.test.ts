/** The whole move on a small repository of its own: audit, list, tests, fix, check, progress. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { runGuardLine } from './guard-commands.ts';
import { testHost } from './host.fixture.ts';

const engine = (name: string, more = ''): string =>
  `export class ${name} {\n  run(job) {\n    return job.trim();\n  }\n${more}}\n`;

const files = {
  'package.json': '{ "type": "module", "scripts": { "test": "node --test \\"test/*.test.mjs\\"" } }',
  'guard.json': '{ "concepts": { "engine": { "canonical": "src/engine.mjs#Engine", "match": ["*Engine"] } } }',
  'src/engine.mjs': engine('Engine'),
  'src/old.mjs': engine('OldEngine'),
  'src/app.mjs': "import { OldEngine } from './old.mjs';\nexport const go = (job) => new OldEngine().run(job);\n",
  'test/app.test.mjs':
    "import assert from 'node:assert/strict';\nimport { it } from 'node:test';\nimport { go } from '../src/app.mjs';\nit('trims a job', () => assert.equal(go(' x '), 'x'));\n",
};

type Ended = { readonly code: number; readonly out: string; readonly err: string };
type Repository = {
  readonly root: string;
  readonly git: (...words: readonly string[]) => string;
  readonly write: (path: string, text: string) => void;
  readonly guard: (...words: readonly string[]) => Promise<Ended>;
};

function repositoryOf(test: TestContext, given: Readonly<Record<string, string>>): Repository {
  const root = mkdtempSync(join(tmpdir(), 'guard-migration-'));
  test.after(() => rmSync(root, { recursive: true, force: true }));
  const own: Repository = {
    root,
    git: (...words) =>
      spawnSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', ...words], {
        cwd: root,
        encoding: 'utf8',
      }).stdout,
    write: (path, text) => {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    },
    guard: async (...words) => {
      const { host, out, err } = testHost();
      const code = await runGuardLine({ ...host, folder: root }, ['guard', ...words, '--no-cache']);
      return { code, out: out(), err: err() };
    },
  };
  for (const [path, text] of Object.entries(given)) own.write(path, text);
  own.git('init', '-q');
  own.git('add', '.');
  own.git('commit', '-q', '-m', 'first');
  return own;
}

describe('a migration', () => {
  it('verifies a fix with the checks of the project, and touches nothing (VW1, VY1)', async (test) => {
    const { root, git, guard } = repositoryOf(test, files);
    const { code, out, err } = await guard('verify', 'engine', '--remove');
    assert.equal(code, 0, err);
    assert.match(out, /^test {2}passes before and after {2}\(passed → passed\)/);
    assert.equal(git('status', '--porcelain'), '');
    assert.equal(git('worktree', 'list').trim().split('\n').length, 1);
    assert.equal(readFileSync(join(root, 'src/app.mjs'), 'utf8'), files['src/app.mjs']);
  });

  it('names what a change breaks, and says what it can not tell (VY4)', async (test) => {
    const { write, guard } = repositoryOf(test, files);
    write('src/old.mjs', engine('OldEngine').replace('.trim()', ''));
    const broken = await guard('verify');
    assert.equal(broken.code, 1);
    assert.match(broken.out, /test {2}is broken by it {2}\(passed → failed\)\n {2}fails now: trims a job/);
    const untold = await guard('verify', '--run', 'exit 3');
    assert.equal(untold.code, 3);
    assert.match(untold.out, /exit 3 {2}can't tell/);
    const slow = await guard('verify', '--run', 'sleep 30', '--timeout', '0.3');
    assert.equal(slow.code, 3);
    assert.match(slow.out, /timed-out/);
  });

  it('proves that the emitted test fails now and passes when it is done (VQ1)', async (test) => {
    const { git, guard } = repositoryOf(test, files);
    const { code, out } = await guard('emit-tests', '--prove');
    assert.equal(code, 0, out);
    assert.match(out, /^engine {2}fails now; passes when it is done/);
    assert.equal(git('status', '--porcelain'), '');
  });

  it('says what is in the way where the second half can not be shown (VQ2)', async (test) => {
    const sub = "import { OldEngine } from './old.mjs';\nexport class Sub extends OldEngine {}\n";
    const { guard } = repositoryOf(test, { ...files, 'src/sub.mjs': sub });
    const { code, out } = await guard('emit-tests', '--prove');
    assert.equal(code, 3);
    assert.match(
      out,
      /fails now; that it passes when it is done can't be shown\n {2}in the way: src\/sub\.mjs:1 {2}a class here extends OldEngine/,
    );
  });

  const hasPytest = spawnSync('python3', ['-c', 'import pytest']).status === 0;
  it(
    'proves it with pytest too, whatever the project configures (VQ4)',
    { skip: hasPytest ? false : 'pytest is not installed' },
    async (test) => {
      const python = (name: string): string => `class ${name}:\n    def run(self, job):\n        return job\n`;
      const { guard } = repositoryOf(test, {
        'guard.json': '{ "concepts": { "engine": { "canonical": "app/engine.py#Engine", "match": ["*Engine"] } } }',
        'app/__init__.py': '',
        'app/engine.py': python('Engine'),
        'app/old.py': python('OldEngine'),
        'app/use.py': 'from app.old import OldEngine\n\nOldEngine().run(1)\n',
        'pyproject.toml': '[tool.pytest.ini_options]\naddopts = "--no-such-option"\n',
        'conftest.py': 'import nowhere_at_all\n',
      });
      const { code, out } = await guard('emit-tests', '--prove', '--style', 'pytest');
      assert.equal(code, 0, out);
      assert.match(out, /^engine {2}fails now; passes when it is done/);
    },
  );

  it('verifies a fix of Python by a command that is named', async (test) => {
    const { guard } = repositoryOf(test, {
      'guard.json': '{ "concepts": { "engine": { "canonical": "app/engine.py#Engine", "match": ["*Engine"] } } }',
      'app/__init__.py': '',
      'app/engine.py': 'class Engine:\n    def run(self):\n        return 1\n',
      'app/old.py': 'class OldEngine:\n    def run(self):\n        return 1\n',
      'app/use.py': 'from app.old import OldEngine\n\nOldEngine().run()\n',
    });
    assert.equal((await guard('verify', 'engine', '--run', 'python3 -m compileall -q .')).code, 0);
  });
});
