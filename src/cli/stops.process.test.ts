/** What is left of a run when its process ends in the middle, however it ends. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { describe, it, type TestContext } from 'node:test';
import { testFolder, type Ended, type TestFolder } from './cli.fixture.ts';

function folderFor(test: TestContext): TestFolder {
  const folder = testFolder();
  test.after(() => folder.remove());
  return folder;
}

async function status(folder: TestFolder): Promise<string> {
  return (JSON.parse((await folder.run('runs', '--json')).out) as { status: string }[])[0]?.status ?? '';
}

describe('a run whose process ends', () => {
  it('goes on after a kill, and repeats nothing that was completed', async (test) => {
    const folder = folderFor(test);
    const { child, saw, ended } = folder.start('run', 'how many?');
    await saw('agent clerk completed');
    child.kill('SIGKILL');
    await ended;
    assert.equal(await status(folder), 'running');
    assert.match((await folder.run('show', 'last')).out, /It was left before its end\.\n {2}To go on: cantus attach/);
    folder.write('go', '');
    const { code, out, err } = await folder.run('attach', 'last');
    assert.deepEqual([code, out], [0, '# Answer to how many?\n']);
    assert.match(err, /steps completed before are not repeated/);
    const done = folder.done();
    assert.deepEqual([done.filter((what) => what !== 'slow'), done.at(-1)], [['first', 'add'], 'slow']);
  });

  it('is cancelled by Ctrl-C', async (test) => {
    const folder = folderFor(test);
    const { child, saw, ended } = folder.start('run', 'how many?');
    await saw('agent clerk completed');
    child.kill('SIGINT');
    const { code, out, err } = await ended;
    assert.deepEqual([code, out], [130, '']);
    assert.match(err, /Cancelling the run; Ctrl-C again leaves at once\./);
    assert.match(err, /The run is cancelled\./);
    assert.equal(await status(folder), 'cancelled');
  });

  it('is left at once by a second Ctrl-C, and ended as cancelled when the folder is next opened', async (test) => {
    const folder = folderFor(test);
    const { child, saw, ended } = folder.start('run', 'deaf');
    while (folder.done().length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    child.kill('SIGINT');
    await saw('Cancelling the run');
    child.kill('SIGINT');
    const { code, err } = await ended;
    assert.equal(code, 130);
    assert.match(
      err,
      /Left at once\. Run [0-9a-f]{8} was told to end, and is ended as cancelled when Cantus next opens/,
    );
    assert.equal(await status(folder), 'running');
    await folder.run('run', 'poor');
    const rows = JSON.parse((await folder.run('runs', '--json')).out) as { status: string }[];
    assert.equal(rows.at(-1)?.status, 'cancelled');
  });

  it('goes on where it was after SIGTERM, which says how', async (test) => {
    const folder = folderFor(test);
    const { child, saw, ended } = folder.start('run', 'how many?');
    await saw('agent clerk completed');
    child.kill('SIGTERM');
    const { code, err } = await ended;
    assert.equal(code, 143);
    assert.match(err, /is not cancelled\. It goes on where it is at the next start: cantus attach [0-9a-f]{8}/);
    assert.equal(await status(folder), 'running');
    folder.write('go', '');
    assert.equal((await folder.run('attach', 'last', '--quiet')).out, '# Answer to how many?\n');
    assert.equal(folder.done().filter((what) => what === 'add').length, 1);
  });

  it('goes on beside the next run, which says so', async (test) => {
    const folder = folderFor(test);
    const { child, saw, ended } = folder.start('run', 'how many?');
    await saw('agent clerk completed');
    child.kill('SIGKILL');
    await ended;
    folder.write('go', '');
    const { err } = await folder.run('run', 'poor');
    assert.match(err, /1 unfinished run goes on: [0-9a-f]{8} \(work\)/);
    const rows = JSON.parse((await folder.run('runs', '--json')).out) as { status: string }[];
    assert.deepEqual(
      rows.map((row) => row.status),
      ['degraded', 'completed'],
    );
  });

  it('does not lose its answer, and shows no stack, when the reader of stdout goes away', async (test) => {
    const folder = folderFor(test);
    const { child, ended } = folder.start('run', 'loud', '--jsonl');
    child.stdout?.destroy();
    const { code, err } = await ended;
    assert.equal(code, 141, err);
    assert.ok(!err.includes('EPIPE') && !/\n\s+at /.test(err), err);
    assert.equal((await folder.run('attach', 'last', '--quiet')).out, 'esc  [31m red\n');
  });

  it('ends quietly when only some events are read', async (test) => {
    const folder = folderFor(test);
    await folder.run('run', 'loud', '--quiet');
    const cantus = `"${process.execPath}" --conditions=source "${new URL('main.ts', import.meta.url).pathname}"`;
    const shell = spawn('sh', ['-c', `${cantus} events last --jsonl | head -n 1`], { cwd: folder.path });
    let [out, err] = ['', ''];
    shell.stdout.on('data', (text) => (out += String(text)));
    shell.stderr.on('data', (text) => (err += String(text)));
    await new Promise((resolve) => shell.once('close', resolve));
    assert.match(out, /"type":"run\.queued"/);
    assert.equal(err, '');
  });
});

describe('a folder that is in use', () => {
  it('is refused to a second process with who has it, and ends with 4', async (test) => {
    const folder = folderFor(test);
    const { child, saw, ended } = folder.start('run', 'how many?');
    await saw('agent clerk completed');
    for (const verb of [['runs'], ['run', 'poor'], ['attach', 'last']]) {
      const { code, out, err } = await folder.run(...verb);
      assert.deepEqual([code, out], [4, ''], verb.join(' '));
      assert.match(
        err,
        new RegExp(`in use: a store of process ${child.pid}[\\s\\S]*fix: Wait until that process has ended`),
      );
    }
    folder.write('go', '');
    assert.equal((await ended).code, 0);
  });

  it('can not be a file', async (test) => {
    const folder = folderFor(test);
    folder.write('here', '');
    const { code, err } = await folder.run('run', 'poor', '--folder', 'here');
    assert.equal(code, 4, err);
    assert.match(err, /can't be used as a data folder/);
  });
});

describe('a run that waits for somebody', () => {
  it('is left with 5 and the command to type, and goes on with the signal', async (test) => {
    const folder = folderFor(test);
    const first = await folder.run('run', 'approve');
    assert.equal(first.code, 5);
    assert.match(first.err, /To send it: cantus signal [0-9a-f]{8} approve/);
    // More often than recoveries without progress are allowed: waiting is no lack of it.
    for (let at = 0; at < 6; at++) assert.equal((await folder.run('attach', 'last')).code, 5);
    const slip = await folder.run('signal', 'last', 'aprove');
    assert.match(slip.err, /Nothing waits for the signal "aprove" now.* Did you mean "approve"\?/);
    assert.equal((await folder.run('signal', 'last', 'approve', '{"ok":"maybe"}')).code, 2);
    const { code, out } = await folder.run('signal', 'last', 'approve', '{"ok":true}');
    assert.deepEqual([code, out], [0, 'approved: {"expired":false,"value":{"ok":true}}\n']);
    assert.deepEqual(folder.done(), ['draft']);
  });

  it('is in doubt after a kill in a once tool, and takes a decision instead of a second try', async (test) => {
    const folder = folderFor(test);
    const { child, saw, ended } = folder.start('run', 'charge');
    await saw('tool pay executing');
    child.kill('SIGKILL');
    await ended;
    const doubt = await folder.run('attach', 'last');
    assert.equal(doubt.code, 5);
    assert.match(doubt.err, /In doubt: tool pay:[\s\S]*cantus decide [0-9a-f]{8} pay happened/);
    assert.equal((await folder.run('decide', 'last', 'pya', 'happened')).code, 2);
    assert.equal((await folder.run('decide', 'last', 'pay', 'maybe')).code, 2);
    const { code, out } = await folder.run('decide', 'last', 'pay', 'happened', '{"paid":7}', '--json');
    assert.equal(code, 0);
    assert.deepEqual((JSON.parse(out) as { output: unknown }).output, { paid: 7 });
    assert.deepEqual(folder.done(), ['pay']);
  });

  it('asks for an approval, which only somebody with its role gives, once', async (test) => {
    const folder = folderFor(test);
    const asked = await folder.run('run', 'trip');
    assert.equal(asked.code, 5, asked.err);
    assert.match(asked.err, /an approval by somebody with the role "boss", until [\s\S]*Book it for 700\?/);
    assert.match(asked.err, /cantus approve [0-9a-f]{8} book yes\n[\s\S]*cantus approve [0-9a-f]{8} book no/);
    const said = async (...words: readonly string[]) => folder.run('approve', 'last', ...words);
    assert.match((await said('book', 'maybe')).err, /"maybe" is no decision[\s\S]*yes, no/);
    assert.match((await said('bok', 'yes')).err, /Nothing at "bok" waits[\s\S]*Approvals: book/);
    const refused = await said('book', 'yes');
    assert.equal(refused.code, 2, refused.err);
    assert.match(refused.err, /Only somebody with the role "boss" may decide this/);
    const { code, out } = await said('book', 'no', '--role', 'boss', '--note', 'too dear');
    assert.equal(code, 0);
    assert.match(out, /^refused by .+: too dear\n$/);
    assert.match((await said('book', 'yes', '--role', 'boss')).err, /The run has ended \(completed\)/);
    assert.deepEqual(folder.done(), ['quote']);
  });

  it('asks until the approval expires, and takes none after that', async (test) => {
    const folder = folderFor(test);
    assert.deepEqual(await textOf(folder.run('run', 'trip', 'soon')), [0, 'nobody said\n']);
    assert.equal((await folder.run('approve', 'last', 'book', 'yes', '--role', 'boss')).code, 2);
  });

  it("is approved and decided by its own user alone: another's id is as one that is not there (P2)", async (test) => {
    const folder = folderFor(test);
    await folder.run('run', 'trip', '--user', 'ada');
    const [{ run }] = JSON.parse((await folder.run('runs', '--user', 'ada', '--json')).out) as [{ run: string }];
    const asBob = ['--user', 'bob', '--role', 'boss'];
    const unknown = '00000000-0000-4000-8000-000000000000';
    for (const words of [
      ['approve', 'book', 'yes'],
      ['decide', 'book', 'happened'],
      ['decide', 'book', 'give-up'],
    ]) {
      const [verb = '', ...rest] = words;
      const theirs = await folder.run(verb, run, ...rest, ...asBob);
      const none = await folder.run(verb, unknown, ...rest, ...asBob);
      assert.deepEqual([theirs.code, none.code], [3, 3], verb);
      assert.equal(theirs.err.replaceAll(run, unknown).replaceAll(run.slice(0, 8), '00000000'), none.err);
    }
    assert.equal((await folder.run('approve', run, 'book', 'yes', '--user', 'ada', '--role', 'boss')).code, 0);
  });

  it('is decided to be done again, or to have failed', async (test) => {
    const folder = folderFor(test);
    const cutOff = async (): Promise<void> => {
      const { child, saw, ended } = folder.start('run', 'charge');
      await saw('tool pay executing');
      child.kill('SIGKILL');
      await ended;
    };
    await cutOff();
    assert.equal((await folder.run('decide', 'last', 'pay', 'give-up', '{"paid":7}')).code, 2);
    const givenUp = await folder.run('decide', 'last', 'pay', 'give-up');
    assert.equal(givenUp.code, 1);
    assert.match(givenUp.err, /whether it happened is not known/);
    await cutOff();
    folder.write('go', '');
    assert.equal((await folder.run('decide', 'last', 'pay', 'did-not-happen', '--json')).code, 0);
    assert.deepEqual(folder.done(), ['pay', 'pay', 'pay']);
  });

  it('is cancelled on request', async (test) => {
    const folder = folderFor(test);
    await folder.run('run', 'approve');
    assert.equal((await folder.run('cancel', 'last')).code, 0);
    assert.equal(await status(folder), 'cancelled');
    assert.equal((await folder.run('cancel', 'last')).code, 0);
    assert.equal((await folder.run('signal', 'last', 'approve')).code, 2);
  });
});

async function textOf(ended: Promise<Ended>): Promise<[number | null, string]> {
  const { code, out } = await ended;
  return [code, out];
}
