/** How the guard's commands are named, helped with and refused. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { body, treeOf } from './guard-tree.fixture.ts';
import { runGuardLine } from './guard-commands.ts';
import { guardVerbs } from './guard-help.ts';
import { testHost } from './host.fixture.ts';

async function line(...words: readonly string[]) {
  const { host, out, err } = testHost();
  const code = await runGuardLine({ ...host, program: 'npx cantus' }, ['guard', ...words]);
  return { code, out: out(), err: err() };
}

describe('the commands of the guard', () => {
  it('says that there is no such command, and what was probably meant', async () => {
    const near = await line('expalin', 'job-runner');
    assert.equal(near.code, 2);
    assert.match(
      near.err,
      /why: There is no command 'expalin'\.\n {2}fix: Did you mean explain\? See npx cantus guard --help\./,
    );
    const far = await line('frobnicate');
    assert.match(far.err, /There is no command 'frobnicate'\.\n {2}fix: See npx cantus guard --help\./);
    const inner = await line('baseline', 'acept');
    assert.match(
      inner.err,
      /no command 'acept'\.\n {2}fix: Did you mean accept\? See npx cantus guard baseline --help\./,
    );
  });

  it('points at the help of the command that was meant', async () => {
    assert.match((await line('explain')).err, /fix: See npx cantus guard explain --help\./);
    assert.match((await line('check', '--frob')).err, /fix: See npx cantus guard check --help\./);
    assert.match((await line('baseline', 'accept')).err, /fix: See npx cantus guard baseline accept --help\./);
  });

  it('helps with each command: what it does, its options, what to try, and its exit codes', async () => {
    for (const [verb, { does }] of Object.entries(guardVerbs)) {
      const path = ['list', 'accept', 'prune'].includes(verb) ? ['baseline', verb] : [verb];
      const { code, out } = await line(...path, '--help');
      assert.equal(code, 0, verb);
      assert.ok(out.replaceAll(/\s+/g, ' ').includes(does), out);
      assert.match(out, /--root <dir>/);
      assert.match(out, new RegExp(`\\nTry:\\n(?: {2}.*npx cantus guard ${path.join(' ')}.*\\n)+\\nExit codes: 0 `));
      assert.match(out.replaceAll(/\s+/g, ' '), /2 wrong command or configuration, 3 .+\.\s*$/);
      assert.ok(
        out.split('\n').every((one) => one.length <= 80),
        out,
      );
    }
  });

  it('takes nothing on stdin for a diff that is none, and says so', async (test) => {
    const tree = treeOf(test, { 'src/runner.ts': body('JobRunner') });
    const none = await tree.hook('');
    assert.deepEqual([none.code, none.out, none.err], [0, '', 'The diff is empty: nothing to look at.\n']);
    const text = await tree.hook('src/runner.ts | 2 +-\n');
    assert.equal(text.code, 2);
    assert.match(
      text.err,
      /This is no unified diff: it names no file\.\n {2}fix: .*git diff --no-color \| cantus guard hook/,
    );
    const mode = await tree.hook('diff --git a/x.sh b/x.sh\nold mode 100644\nnew mode 100755\n');
    assert.deepEqual([mode.code, mode.err], [0, 'The diff changes no lines of a file.\n']);
    const quiet = await tree.hook('--- a/src/text.ts\n+++ b/src/text.ts\n@@ -1 +1 @@\n-a\n+b\n');
    assert.deepEqual([quiet.code, quiet.err], [0, 'Nothing that exists already (1 changed file).\n']);
  });

  it('reads the paths of a diff from the repository, the code base, or the folder it was made in (VH4)', async (test) => {
    const tree = treeOf(test, {
      '.git/HEAD': 'ref: refs/heads/main\n',
      'packages/a/guard.json': '{}',
      'packages/a/src/runner.ts': body('JobRunner'),
      'packages/a/src/turbo.ts': body('TurboRunner'),
      'packages/b/src/runner.ts': body('JobRunner'),
    });
    const added = body('EnhancedJobRunner').replaceAll(/^/gm, '+');
    const lines = added.split('\n').length;
    const diffOf = (path: string): string =>
      `--- /dev/null\n+++ b/${path}\n@@ -0,0 +1,${lines} @@\n${added}\n--- a/${path.replace('new', 'turbo')}\n+++ b/${path.replace('new', 'turbo')}\n@@ -1 +1 @@\n-x\n+y\n`;
    const inFolder = async (folder: string, diff: string) => {
      const { host, out } = testHost({ input: diff });
      const code = await runGuardLine({ ...host, folder: `${tree.root}/${folder}` }, ['guard', 'hook', '--no-cache']);
      return [code, /✗ exists already {2}(\S+)/.exec(out())?.[1]];
    };
    const found = [1, 'src/new.ts:2'];
    assert.deepEqual(await inFolder('packages/a', diffOf('packages/a/src/new.ts')), found);
    assert.deepEqual(await inFolder('packages/a/src', diffOf('packages/a/src/new.ts')), found);
    assert.deepEqual(await inFolder('packages/a/src', diffOf('new.ts')), found);
    assert.deepEqual(await inFolder('packages/a', diffOf('src/new.ts')), found);
    assert.deepEqual(
      await inFolder('packages/a', `${diffOf('packages/b/src/new.ts')}${diffOf('packages/a/src/turbo.ts')}`),
      [0, undefined],
    );
  });

  it('does not wait for a diff that nobody types', async () => {
    const { host, err } = testHost({ tty: true });
    assert.equal(await runGuardLine({ ...host, folder: process.cwd() }, ['guard', 'hook']), 2);
    assert.match(err(), /stdin is this terminal\.\n {2}fix: Give it one: git diff \| cantus guard hook\./);
  });

  it('says of a place that can not be written to that it can not, and ends in 2 (GX3)', async (test) => {
    const tree = treeOf(test, { 'src/a.ts': body('JobRunner'), 'src/b.ts': body('JobRunner') });
    const wrong = async (...words: readonly string[]): Promise<string> => {
      const { code, err } = await tree.guard(...words);
      assert.equal(code, 2, err);
      return err;
    };
    const hint = /can't be written: [\s\S]* fix: It takes a folder that is there, and that you may write to\./;
    assert.match(await wrong('check', '--sarif', 'nowhere/x.sarif'), hint);
    assert.match(await wrong('progress', '--html', 'nowhere/x.html'), /no git repository/);
  });

  it('says of a declared concept whose canonical unit is gone that it is gone', async (test) => {
    const tree = treeOf(test, {
      'src/runner.ts': body('JobRunner'),
      'guard.json': '{ "concepts": { "engine": { "canonical": "src/gone.ts#Engine" } } }',
    });
    for (const verb of ['todo', 'fix']) {
      const { code, err } = await tree.guard(verb, 'engine');
      assert.equal(code, 2);
      assert.match(err, /The canonical src\/gone\.ts#Engine of engine is not there\.\n {2}fix: Name the one that is/);
    }
    assert.match(
      (await tree.guard('todo', 'engin')).err,
      /declares no concept "engin"\.\n {2}fix: Did you mean "engine"\?/,
    );
  });
});
