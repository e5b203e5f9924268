/** `cantus backup` and `cantus restore`, beside a server that works and after it. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { connect, type Connection } from '../client/index.ts';
import { accounts } from '../server/accounts/accounts.ts';
import { testFolder, type TestFolder } from './cli.fixture.ts';

const main = new URL('main.ts', import.meta.url).pathname;

const smallDiskMissing =
  spawnSync('unshare', ['-rm', 'sh', '-c', 'mount -t tmpfs -o size=64k tmpfs "$0"', tmpdir()]).status !== 0;

function folderFor(test: TestContext): TestFolder {
  const folder = testFolder();
  test.after(() => folder.remove());
  return folder;
}

/** Starts a server and waits until it listens. */
async function serve(test: TestContext, folder: TestFolder, ...args: readonly string[]) {
  const started = folder.start('serve', '--port', '0', '--json', '--no-page', ...args);
  test.after(async () => {
    started.child.kill('SIGKILL');
    await started.ended;
  });
  await Promise.race([started.saw('"url"'), started.ended]);
  const { url } = JSON.parse(started.out().split('\n')[0] || '{}') as { readonly url?: string };
  assert.ok(url, started.err());
  return { ...started, url };
}

function connected(test: TestContext, options: Parameters<typeof connect>[0]): Connection {
  const connection = connect(options);
  test.after(() => connection.close());
  return connection;
}

async function firstOf(connection: Connection) {
  const { value } = await connection.events().next();
  assert.ok(value !== undefined);
  return value;
}

describe('cantus backup', () => {
  it('copies a folder whose server works on, and restored elsewhere its runs go on (DB1, DB5)', async (test) => {
    const folder = folderFor(test);
    const { url, child, ended } = await serve(test, folder, '--dev', '--user', 'ada');
    const here = connected(test, { url });
    const open = await here.door.start('approve', 'May I?', { thread: 'asked' });
    const load = new AbortController();
    const loading = (async () => {
      for (let turn = 0; !load.signal.aborted; turn++)
        await (await here.door.start('poor', `${turn}`, { thread: `load ${turn % 3}` })).result();
    })();
    const { code, out, err } = await folder.run('backup', 'copy');
    load.abort();
    await loading;
    assert.equal(code, 0, err);
    assert.equal(out.trim(), join(folder.path, 'copy'));
    const cursor = await here.door.head();
    const done = folder.done().length;
    child.kill('SIGTERM');
    await ended;

    assert.equal((await folder.run('restore', 'copy', '--folder', 'elsewhere')).code, 0);
    const restored = await serve(test, folder, '--dev', '--user', 'ada', '--folder', 'elsewhere');
    const there = connected(test, { url: restored.url });
    const run = await there.door.run(open.id);
    await run.signal('approve', { ok: true });
    assert.deepEqual((await run.result()).status, 'completed');
    assert.equal(folder.done().length, done, 'what was completed before the copy is not done again (P3)');
    const first = await firstOf(connected(test, { url: restored.url, after: cursor }));
    assert.ok(first.type === 'stream.snapshot' && first.reason === 'generation', first.type);
  });

  it('brings accounts back without their logins and invitations, and ends tokens where that is said', async (test) => {
    const folder = folderFor(test);
    const place = join(folder.path, '.cantus');
    assert.equal((await folder.run('run', 'poor', 'x', '--quiet')).code, 0);
    const own = accounts({ folder: place, hashing: { costLog2: 2 } });
    await own.addAccount({ user: 'ada', password: 'a long enough one' });
    const { token } = own.addToken('ada', 'program');
    const { code: invitation } = own.invite();
    own.close();
    assert.equal((await folder.run('backup', 'copy')).code, 0);
    assert.equal((await folder.run('restore', 'copy', '--folder', 'kept')).code, 0);
    assert.equal((await folder.run('restore', 'copy', '--folder', 'ended', '--end-tokens')).code, 0);

    const { url } = await serve(test, folder, '--folder', 'kept');
    const me = await fetch(`${url}/v1/me`, { headers: { authorization: `Bearer ${token}` } });
    assert.equal(me.status, 200);
    const joining = await fetch(`${url}/v1/login/join`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: url },
      body: JSON.stringify({ code: invitation, user: 'bob', password: 'a long enough one' }),
    });
    const problem = (await joining.json()) as { readonly code?: string };
    assert.equal(problem.code, 'login_failed', 'an invitation that may have been used since is not good again');
    const without = await serve(test, folder, '--folder', 'ended');
    const stranger = await fetch(`${without.url}/v1/me`, { headers: { authorization: `Bearer ${token}` } });
    assert.equal(stranger.status, 401);
  });

  it('replaces a folder only where that is said and nobody works in it, and keeps what was there', async (test) => {
    const folder = folderFor(test);
    assert.equal((await folder.run('run', 'poor', 'x', '--quiet')).code, 0);
    assert.equal((await folder.run('backup', 'copy', '--quiet')).code, 0);
    assert.equal((await folder.run('restore', 'copy')).code, 2);
    const { child, ended } = await serve(test, folder, '--dev');
    assert.equal((await folder.run('restore', 'copy', '--replace')).code, 4);
    child.kill('SIGTERM');
    await ended;
    const { code, err } = await folder.run('restore', 'copy', '--replace');
    assert.equal(code, 0, err);
    const names = readdirSync(folder.path).filter((name) => name.startsWith('.cantus'));
    assert.equal(names.length, 2, names.join(', '));
    assert.equal(statSync(join(folder.path, '.cantus')).mode & 0o777, 0o700);
  });

  it(
    'says that there is no room, and leaves nothing, when a disk is full',
    { skip: smallDiskMissing ? 'a disk of a few bytes can not be had here' : false },
    async (test) => {
      const folder = folderFor(test);
      assert.equal((await folder.run('run', 'poor', 'x', '--quiet')).code, 0);
      assert.equal((await folder.run('backup', 'copy', '--quiet')).code, 0);
      mkdirSync(join(folder.path, 'small'));
      for (const args of [
        ['backup', 'small/copy'],
        ['restore', 'copy', '--folder', 'small/data'],
      ]) {
        const command = [process.execPath, '--conditions=source', main, ...args];
        const shell = `mount -t tmpfs -o size=64k tmpfs small && { "$@"; code=$?; ls -A small; exit $code; }`;
        const ended = spawnSync('unshare', ['-rm', 'sh', '-c', shell, 'sh', ...command], { cwd: folder.path });
        const err = ended.stderr.toString();
        assert.equal(ended.status, 4, err);
        assert.match(err, /There is no room for .*small\/(copy|data): its disk or its quota is full/);
        assert.match(err, /fix: Free space there/);
        assert.equal(ended.stdout.toString(), '', 'nothing is left on the disk');
      }
    },
  );

  it('refuses a backup in which a byte has changed, and says which file', async (test) => {
    const folder = folderFor(test);
    assert.equal((await folder.run('run', 'poor', 'x', '--quiet')).code, 0);
    assert.equal((await folder.run('backup', 'copy', '--quiet')).code, 0);
    cpSync(join(folder.path, 'copy'), join(folder.path, 'bad'), { recursive: true });
    writeFileSync(join(folder.path, 'bad/files/journal.db'), 'x', { flag: 'a' });
    const { code, err } = await folder.run('restore', 'bad', '--folder', 'elsewhere');
    assert.equal(code, 4);
    assert.match(err, /damaged: journal\.db has changed since/);
    assert.ok(!folder.has('elsewhere'));
  });
});
