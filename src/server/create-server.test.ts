import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import type { Problem } from '../protocol/problem.ts';
import type { Me } from '../protocol/frames.ts';
import { createTestEngine } from '../testing/test-engine.ts';
import { createServer, type ServerOptions } from './create-server.ts';
import { developer } from './developer.ts';
import type { Login } from './login.ts';
import { app, openServer, served, testLogin, type TestServer } from './server.fixture.ts';

async function open(t: TestContext, options: Partial<ServerOptions> = {}): Promise<TestServer> {
  const { engine } = await createTestEngine(served);
  const desk = await openServer(engine, options);
  t.after(() => desk.close());
  return desk;
}

/** A request over the local socket. */
function askLocally(path: string, headers: Record<string, string>): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest({ socketPath: path, path: '/v1/me', headers, agent: false }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    sent.on('error', reject);
    sent.end();
  });
}

describe('createServer', () => {
  it('says that it is up and ready, to anybody', async (t) => {
    const desk = await open(t);
    assert.deepEqual(await (await desk.ask(null, 'GET', '/healthz')).json(), { status: 'up' });
    assert.equal((await desk.ask(null, 'GET', '/readyz')).status, 200);
  });

  it('says of a port in use how to choose another', async (t) => {
    const desk = await open(t);
    const { port } = desk.server.address;
    const { engine } = await createTestEngine(served);
    t.after(() => engine.close());
    await assert.rejects(openServer(engine, { port }), (thrown: Problem & Error) => {
      assert.equal(thrown.code, 'conflict');
      assert.match(thrown.hint ?? '', /--port/);
      return true;
    });
  });

  it('lets nobody in by mistake: without a login it refuses, and developer mode stays on the machine', async (t) => {
    const { engine } = await createTestEngine(served);
    t.after(() => engine.close());
    const login = developer({ user: 'ada' });
    const opening = openServer(engine, { login, host: '0.0.0.0' });
    // Or a server that should not be there would keep the process.
    t.after(async () => (await opening.catch(() => undefined))?.close());
    await assert.rejects(opening, /can't listen on 0\.0\.0\.0/);
    const { serves, model, folder } = { serves: {}, model: { id: '', kind: '', why: '' }, folder: '.' };
    const without = { engine, app, serves, model, folder } as unknown as ServerOptions;
    await assert.rejects(createServer(without), /needs to know who asks/);
  });

  it('takes nothing that a lost value turned into for a user (P8)', async (t) => {
    const principal = { user: 'undefined' } as unknown as Login['principal'];
    const login = { mode: 'elsewhere', authenticate: () => ({ principal, id: 'x', by: 'bearer' as const }) } as const;
    const desk = await open(t, { login });
    const response = await desk.ask(null, 'GET', '/v1/me');
    assert.deepEqual([response.status, ((await response.json()) as Problem).code], [401, 'identity_required']);
  });

  it('says which limit was meant', async (t) => {
    const { engine } = await createTestEngine(served);
    t.after(() => engine.close());
    const limits = { requestPerMinute: 3 } as Partial<ServerOptions['limits']>;
    await assert.rejects(openServer(engine, { limits } as Partial<ServerOptions>), (thrown: Problem & Error) =>
      /requestsPerMinute/.test(thrown.hint ?? ''),
    );
  });

  it('stops a user who asks too often, and no other (P6)', async (t) => {
    const desk = await open(t, { limits: { requestsPerMinute: 3, strangerRequestsPerMinute: 2 } });
    const ask = async (who: string | null): Promise<number> => (await desk.ask(who, 'GET', '/v1/me')).status;
    assert.deepEqual([await ask('acme.a'), await ask('acme.a'), await ask('acme.a')], [200, 200, 200]);
    const refused = await desk.ask('acme.a', 'GET', '/v1/me');
    assert.equal(refused.status, 429);
    assert.ok(Number(refused.headers.get('retry-after')) > 0);
    assert.equal(((await refused.json()) as Problem).code, 'rate_limited');
    assert.equal(await ask('acme.b'), 200);
    assert.deepEqual([await ask(null), await ask(null), await ask(null)], [401, 401, 429]);
    assert.equal(await ask('acme.b'), 200, 'who is logged in is not counted with strangers of the address (GA3)');
  });

  it('believes proxies as many as it has (PE1)', async (t) => {
    const desk = await open(t, { proxies: 1, limits: { strangerRequestsPerMinute: 1 } });
    const from = async (list: string): Promise<number> =>
      (await desk.ask(null, 'GET', '/v1/me', { headers: { 'x-forwarded-for': list } })).status;
    assert.deepEqual([await from('192.0.2.1'), await from('192.0.2.2')], [401, 401]);
    assert.equal(await from('192.0.2.9, 192.0.2.1'), 429, 'what a client writes itself is left of it');
    const plain = await open(t, { limits: { strangerRequestsPerMinute: 1 } });
    const ask = async (address: string): Promise<number> =>
      (await plain.ask(null, 'GET', '/v1/me', { headers: { 'x-forwarded-for': address } })).status;
    assert.deepEqual([await ask('192.0.2.1'), await ask('192.0.2.2')], [401, 429]);
  });
});

describe('the local socket', () => {
  it("is its owner's alone, and says who asks by headers (LI1, LL1)", async (t) => {
    const { engine } = await createTestEngine(served);
    const before = await openServer(engine);
    t.after(() => before.close());
    const path = join(before.folder, 'cantus.sock');
    const desk = await open(t, { localSocket: path });
    assert.equal(statSync(path).mode & 0o777, 0o600);
    const who = { 'cantus-tenant': 'acme', 'cantus-user': 'ren%C3%A9e', 'cantus-roles': 'admin,a%2Cb' };
    const { status, text } = await askLocally(path, who);
    assert.equal(status, 200);
    assert.deepEqual(JSON.parse(text) as Me, { tenant: 'acme', user: 'renée', roles: ['admin', 'a,b'] });
    assert.equal((await askLocally(path, {})).status, 401, 'P8');
    assert.equal((await askLocally(path, { authorization: 'Bearer acme.alice' })).status, 401);
    const overAddress = await desk.ask(null, 'GET', '/v1/me', { headers: who });
    assert.equal(overAddress.status, 401, 'the headers count on the socket alone (CV3)');
  });
});

describe('a server that stops', () => {
  it('takes nothing new while it drains, and says so to who asks for its health', async (t) => {
    const desk = await open(t);
    await desk.server.drain();
    const json = { key: 'k', question: 'x' };
    const refused = await desk.ask('acme.alice', 'POST', '/v1/runs', { json });
    assert.equal(refused.status, 503);
    assert.ok(Number(refused.headers.get('retry-after')) > 0);
    assert.equal(((await refused.json()) as Problem).code, 'draining');
    assert.equal((await desk.ask(null, 'GET', '/readyz')).status, 503);
    assert.equal((await desk.ask(null, 'GET', '/healthz')).status, 200);
    assert.deepEqual(await desk.engine.as({ tenant: 'acme', user: 'alice' }).runs(), []);
  });

  it('finishes what is under way, then closes also connections that are kept alive', async (t) => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const source = testLogin();
    let asked = (): void => undefined;
    const isAsked = new Promise<void>((resolve) => (asked = resolve));
    const login = {
      ...source,
      async authenticate(request: Parameters<typeof source.authenticate>[0]) {
        asked();
        await held;
        return source.authenticate(request);
      },
    };
    const desk = await open(t, { login });
    const answer = desk.ask('acme.alice', 'GET', '/v1/me');
    await isAsked;
    const closing = desk.server.close({ graceMs: 60_000 });
    release();
    assert.equal((await answer).status, 200);
    await closing;
    await assert.rejects(desk.ask(null, 'GET', '/healthz'));
  });

  it('ends after its grace what does not end by itself', async (t) => {
    const desk = await open(t);
    const { host, port } = desk.server.address;
    const socket = connect(port, host);
    socket.on('error', () => undefined);
    const ended = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    socket.write(`POST /v1/runs HTTP/1.1\r\nhost: ${host}\r\nauthorization: Bearer acme.alice\r\n`);
    socket.write('content-type: application/json\r\ncontent-length: 10\r\n\r\n{');
    assert.equal((await desk.ask(null, 'GET', '/healthz')).status, 200);
    await desk.server.close({ graceMs: 50 });
    await ended;
  });
});
