/** `cantus serve` and the commands that speak to it. */
import assert from 'node:assert/strict';
import { existsSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { testFolder, type Started, type TestFolder } from './cli.fixture.ts';

function folderFor(test: TestContext): TestFolder {
  const folder = testFolder();
  test.after(() => folder.remove());
  return folder;
}

type Server = Started & { readonly url: string; readonly page: string };

/** Starts a server and waits until it listens. Whatever the test leaves is killed. */
async function serve(test: TestContext, folder: TestFolder, ...args: readonly string[]): Promise<Server> {
  const started = folder.start('serve', '--port', '0', '--json', ...args);
  test.after(async () => {
    started.child.kill('SIGKILL');
    await started.ended;
  });
  await Promise.race([started.saw('"url"'), started.ended]);
  const { url, page } = JSON.parse(started.out().split('\n')[0] || '{}') as {
    readonly url: string;
    readonly page: string;
  };
  assert.ok(url, started.err());
  return { ...started, url, page };
}

async function rowsOf(folder: TestFolder, ...args: readonly string[]): Promise<readonly { readonly status: string }[]> {
  return JSON.parse((await folder.run('runs', '--json', ...args)).out) as { status: string }[];
}

describe('cantus serve', () => {
  it('says where it is, what answers, where the data are and how people log in', async (test) => {
    const folder = folderFor(test);
    const { url, page, err, saw } = await serve(test, folder);
    await saw('Ctrl-C stops it');
    assert.match(page, /^http:\/\/127\.0\.0\.1:\d+\/#setup=[\w-]{20,}$/);
    assert.match(err(), /model {2}rules, not a language model/);
    assert.match(err(), /data {3}\.cantus/);
    assert.match(err(), /login {2}accounts in the data folder/);
    const login = (await (await fetch(`${url}/v1/login`)).json()) as { readonly needsSetUp: boolean };
    assert.equal(login.needsSetUp, true);
    assert.equal((await fetch(`${url}/v1/runs`)).status, 401);
  });

  it('lets everybody on the machine in with --dev, and on no other address than its own', async (test) => {
    const folder = folderFor(test);
    const { code, err } = await folder.run('serve', '--dev', '--host', '0.0.0.0', '--port', '0');
    assert.equal(code, 2);
    assert.match(err, /lets everybody in, so it can't listen on 0\.0\.0\.0/);
    const { url } = await serve(test, folder, '--dev', '--user', 'ada');
    assert.deepEqual(await (await fetch(`${url}/v1/me`)).json(), { tenant: 'main', user: 'ada', roles: [] });
  });

  it('names the next free port where one is taken', async (test) => {
    const folder = folderFor(test);
    const other = createServer();
    test.after(() => other.close());
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    const { code, err } = await folder.run('serve', '--port', String(port));
    assert.equal(code, 2);
    assert.match(err, new RegExp(`Port ${port} of 127\\.0\\.0\\.1 is in use`));
    const free = Number(/Port (\d+) is free: --port \1/.exec(err)?.[1]);
    assert.ok(free > port && free <= port + 20, err);
  });

  it('is refused in a folder that another has, with who has it', async (test) => {
    const folder = folderFor(test);
    const { child } = await serve(test, folder);
    const { code, err } = await folder.run('serve', '--port', '0');
    assert.equal(code, 4);
    assert.match(err, new RegExp(`in use: a store of process ${child.pid}`));
  });

  it('ends in order when it is told to, and a run that was under way ends after the next start', async (test) => {
    const folder = folderFor(test);
    const first = await serve(test, folder, '--grace', '0');
    const run = folder.start('run', 'how many?');
    await run.saw('agent clerk completed');
    run.child.kill('SIGTERM');
    const left = await run.ended;
    assert.equal(left.code, 143);
    assert.match(left.err, /goes on in the server\. To follow it: cantus attach [0-9a-f]{8}/);
    first.child.kill('SIGTERM');
    assert.equal((await first.ended).code, 0);
    assert.ok(!existsSync(join(folder.path, '.cantus/cantus.sock')), 'the socket is gone with its server');
    assert.equal((await rowsOf(folder))[0]?.status, 'running');
    const second = await serve(test, folder);
    await second.saw('1 unfinished run taken up');
    folder.write('go', '');
    assert.deepEqual(await folder.run('attach', 'last', '--quiet'), {
      code: 0,
      out: '# Answer to how many?\n',
      err: '',
    });
    assert.equal(folder.done().filter((what) => what === 'add').length, 1, 'nothing that was done is done again');
  });

  it('leaves at once when it is told so twice', async (test) => {
    const folder = folderFor(test);
    const { child, saw, ended } = await serve(test, folder, '--grace', '60');
    const run = folder.start('run', 'how many?');
    await run.saw('agent clerk completed');
    child.kill('SIGINT');
    await saw('Once more leaves at once');
    child.kill('SIGINT');
    assert.equal((await ended).code, 130);
  });

  it('is waited for by a command that follows a run, which says so and goes on when it is back', async (test) => {
    const folder = folderFor(test);
    const first = await serve(test, folder);
    const run = folder.start('run', 'how many?');
    await run.saw('agent clerk completed');
    first.child.kill('SIGKILL');
    await run.saw('The server is away. It is asked again until it is back');
    await serve(test, folder);
    await run.saw('The server is back.');
    folder.write('go', '');
    const { code, out } = await run.ended;
    assert.deepEqual([code, out], [0, '# Answer to how many?\n']);
  });

  it('starts again after a kill, over the socket that was left', async (test) => {
    const folder = folderFor(test);
    const first = await serve(test, folder);
    first.child.kill('SIGKILL');
    await first.ended;
    assert.ok(existsSync(join(folder.path, '.cantus/cantus.sock')));
    assert.equal((await folder.run('runs')).code, 0);
    await serve(test, folder);
    assert.equal((await folder.run('run', 'poor')).code, 0);
  });
});

describe('a command beside a server', () => {
  it('goes through a socket that is for its owner alone', async (test) => {
    const folder = folderFor(test);
    await serve(test, folder);
    assert.equal(statSync(join(folder.path, '.cantus/cantus.sock')).mode & 0o777, 0o600);
    assert.equal(statSync(join(folder.path, '.cantus')).mode & 0o777, 0o700);
    folder.write('go', '');
    const { code, out, err } = await folder.run('run', 'how many?', '--user', 'alice');
    assert.deepEqual([code, out], [0, '# Answer to how many?\n']);
    assert.match(err, /data {3}\.cantus, through the server that has it/);
    assert.match(err, /agent clerk started\n.*tool add executing\n.*tool add completed/);
    assert.match((await folder.run('show', 'last', '--user', 'alice')).out, /Status: +completed/);
    assert.equal((await folder.run('show', 'last', '--result', '--user', 'alice')).out, '# Answer to how many?\n');
    const events = (await folder.run('events', 'last', '--jsonl', '--user', 'alice')).out.trim().split('\n');
    assert.match(events.at(-1) ?? '', /"type":"run\.completed"/);
  });

  it('sees the runs of its user and of no other', async (test) => {
    const folder = folderFor(test);
    await serve(test, folder);
    await folder.run('run', 'poor', '--user', 'alice', '--quiet');
    const [row] = (await rowsOf(folder, '--user', 'alice')) as unknown as { readonly run: string }[];
    assert.ok(row);
    assert.deepEqual(await rowsOf(folder, '--user', 'bob'), []);
    assert.deepEqual(await rowsOf(folder, '--user', 'alice', '--tenant', 'other'), []);
    for (const verb of [
      ['show', row.run],
      ['events', row.run],
      ['attach', row.run],
      ['cancel', row.run],
    ])
      assert.equal((await folder.run(...verb, '--user', 'bob')).code, 3, verb[0]);
  });

  it('gives the server the files that it names', async (test) => {
    const folder = folderFor(test);
    await serve(test, folder);
    folder.write('go', '');
    folder.write('words.txt', 'one\ntwo\n');
    const { code, out, err } = await folder.run(
      'run',
      'why?',
      '--data',
      'words.txt',
      '--word',
      'three',
      '--upper',
      '--json',
    );
    assert.equal(code, 0, err);
    assert.deepEqual((JSON.parse(out) as { output: { words: unknown } }).output.words, ['THREE', 'ONE', 'TWO'], err);
    assert.match(err, /words: THREE, ONE, TWO/);
    folder.write('bad.txt', 'one\nt!\n');
    const refused = await folder.run('run', 'why?', '--data', 'bad.txt');
    assert.deepEqual([refused.code, refused.out], [2, '']);
    assert.match(refused.err, /bad\.txt, line 2, column 1: "!" is no word\.\n {2}fix: Take it out\./);
  });

  it('cancels its run with Ctrl-C', async (test) => {
    const folder = folderFor(test);
    await serve(test, folder);
    const { child, saw, ended } = folder.start('run', 'how many?');
    await saw('agent clerk completed');
    child.kill('SIGINT');
    assert.equal((await ended).code, 130);
    assert.equal((await rowsOf(folder))[0]?.status, 'cancelled');
  });

  it('is told what a run waits for, and ends the wait', async (test) => {
    const folder = folderFor(test);
    await serve(test, folder);
    const first = await folder.run('run', 'approve');
    assert.equal(first.code, 5, first.err);
    assert.match(first.err, /To send it: cantus signal [0-9a-f]{8} approve/);
    assert.equal((await folder.run('attach', 'last')).code, 5);
    assert.equal((await folder.run('signal', 'last', 'approve', '{"ok":"maybe"}')).code, 2);
    const { code, out, err } = await folder.run('signal', 'last', 'approve', '{"ok":true}');
    assert.deepEqual([code, out], [0, 'approved: {"expired":false,"value":{"ok":true}}\n'], err);
    assert.deepEqual(folder.done(), ['draft']);
  });

  it('follows what happens as it happens, and cancels what another began', async (test) => {
    const folder = folderFor(test);
    await serve(test, folder);
    const run = folder.start('run', 'how many?');
    await run.saw('agent clerk completed');
    const events = folder.start('events', 'last', '--follow', '--jsonl');
    await events.saw('agent.completed');
    assert.match(
      (await folder.run('show', 'last')).out,
      /It is under way in the server\.\n {2}To follow it: cantus attach/,
    );
    assert.equal((await folder.run('cancel', 'last', '--reason', 'enough')).code, 0);
    const { out } = await events.ended;
    assert.match(out.trim().split('\n').at(-1) ?? '', /"type":"run\.cancelled"/);
    assert.equal((await run.ended).code, 1);
  });

  it('is told of a slip in a name by what the server serves', async (test) => {
    const folder = folderFor(test);
    await serve(test, folder);
    const { code, err } = await folder.run('run', 'wrok');
    assert.equal(code, 2);
    assert.match(err, /no workflow or agent "wrok" at the server[\s\S]*Did you mean "work"\?/);
  });
});

describe('accounts', () => {
  it('are listed, invited, given passwords and tokens, and disabled beside a server, which then lets them in no more', async (test) => {
    const folder = folderFor(test);
    assert.equal((await folder.run('users')).code, 2);
    const { url, page } = await serve(test, folder);
    const json = { 'content-type': 'application/json', origin: url };
    const code = decodeURIComponent(page.split('#setup=')[1] ?? '');
    const body = JSON.stringify({ code, user: 'ada', password: 'a long pass phrase' });
    const made = await fetch(`${url}/v1/login/setup`, { method: 'POST', headers: json, body });
    assert.equal(made.status, 200, await made.text());
    assert.match((await folder.run('users')).out, /USER +STATUS +SINCE +ROLES\nada +active .* admin\n/);
    assert.match((await folder.run('users', 'invite')).out, /^[\w-]{20,}\n$/);
    const logIn = async (password: string): Promise<number> => {
      const entry = JSON.stringify({ user: 'ada', password });
      return (await fetch(`${url}/v1/login`, { method: 'POST', headers: json, body: entry })).status;
    };
    const cookie = made.headers.get('set-cookie')?.split(';')[0] ?? '';
    assert.equal((await fetch(`${url}/v1/me`, { headers: { cookie } })).status, 200);
    const given = (await folder.run('users', 'password', 'ada')).out.trim();
    assert.match(given, /^[0-9a-z-]{29}$/);
    assert.deepEqual([await logIn('a long pass phrase'), await logIn(given)], [401, 200]);
    assert.equal((await fetch(`${url}/v1/me`, { headers: { cookie } })).status, 401, 'earlier logins have ended');
    assert.equal((await folder.run('users', 'password', 'nobody')).code, 3);
    const token = (await folder.run('token', 'add', 'backup', '--user', 'ada')).out.trim();
    const bearer = { authorization: `Bearer ${token}` };
    assert.equal((await fetch(`${url}/v1/me`, { headers: bearer })).status, 200);
    const other = (await folder.run('token', 'add', 'other', '--user', 'ada')).out.trim();
    const list = await folder.run('token', 'list', '--user', 'ada', '--json');
    const tokens = JSON.parse(list.out) as readonly { readonly id: string; readonly name: string }[];
    assert.deepEqual(tokens.map(({ name }) => name).toSorted(), ['backup', 'other']);
    assert.ok(!list.out.includes(token), 'what it opens is shown once');
    const shown = (await folder.run('token', 'list', '--user', 'ada')).out;
    assert.match(shown, /^ID +SINCE +LAST USED +EXPIRES +LABEL\n/);
    assert.match(shown, /never +other\n/);
    const otherId = tokens.find(({ name }) => name === 'other')?.id ?? '';
    for (const [user, id] of [
      ['nobody', otherId],
      ['ada', 'none'],
    ])
      assert.equal((await folder.run('token', 'revoke', id ?? '', '--user', user ?? '')).code, 3);
    assert.equal((await folder.run('token', 'list', '--user', 'nobody')).code, 3);
    assert.equal((await folder.run('token', 'revoke', otherId, '--user', 'ada')).code, 0);
    assert.equal((await fetch(`${url}/v1/me`, { headers: { authorization: `Bearer ${other}` } })).status, 401);
    const stream = await fetch(`${url}/v1/events/stream`, { headers: bearer });
    const ended = stream.text();
    assert.equal((await folder.run('users', 'disable', 'ada')).code, 0);
    assert.equal((await fetch(`${url}/v1/me`, { headers: bearer })).status, 401);
    await ended;
    assert.equal((await folder.run('users', 'disable', 'nobody')).code, 3);
  });
});
