/** Local accounts in a whole server: real requests, real sockets. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it, type TestContext } from 'node:test';
import { WebSocket } from 'ws';
import { closeCodes, protocolVersion, socketPath, subprotocol } from '../../protocol/frames.ts';
import { createTestEngine } from '../../testing/test-engine.ts';
import { openServer, served, type TestServer } from '../server.fixture.ts';
import { accounts, type Accounts } from './accounts.ts';

const password = 'correct horse battery';

type Scene = { readonly own: Accounts; readonly place: TestServer; readonly cookie: string };

async function scene(t: TestContext): Promise<Scene> {
  const own = accounts({ folder: undefined, hashing: { costLog2: 2 } });
  const { engine } = await createTestEngine(served);
  const place = await openServer(engine, { login: own });
  t.after(async () => {
    await place.close();
    own.close();
  });
  const joined = await post(place, '/v1/login/setup', { code: own.setUpCode(), user: 'grace-hopper', password });
  assert.equal(joined.status, 200);
  return { own, place, cookie: joined.headers.get('set-cookie')?.split(';')[0] ?? '' };
}

function post(place: TestServer, path: string, json: unknown, cookie?: string): Promise<Response> {
  const headers = { origin: new URL(place.server.url).origin, ...(cookie === undefined ? {} : { cookie }) };
  return place.ask(null, 'POST', path, { json, headers });
}

/** Opens a socket and says hello; resolves when the server has welcomed it. */
async function openSocket(place: TestServer, headers: Readonly<Record<string, string>>): Promise<WebSocket> {
  const url = new URL(socketPath, place.server.url.replace(/^http/, 'ws'));
  const socket = new WebSocket(url, [subprotocol], { headers, origin: new URL(place.server.url).origin });
  await once(socket, 'open');
  const welcomed = once(socket, 'message');
  socket.send(JSON.stringify({ type: 'hello', protocol: protocolVersion }));
  await welcomed;
  return socket;
}

describe('local accounts in a server', () => {
  it('log a browser in and out, and in between it is the user', async (t) => {
    const { place, cookie } = await scene(t);
    const asked = (): Promise<Response> => place.ask(null, 'GET', '/v1/me', { headers: { cookie } });
    assert.deepEqual(await (await asked()).json(), { tenant: 'main', user: 'grace-hopper', roles: ['admin'] });
    assert.equal((await post(place, '/v1/logout', {}, cookie)).status, 200);
    assert.equal((await asked()).status, 401);
  });

  it('end the sockets of a login that leaves, and no others (LG2)', async (t) => {
    const { own, place, cookie } = await scene(t);
    const { token } = own.addToken('grace-hopper', 'ci');
    const [page, program] = [
      await openSocket(place, { cookie }),
      await openSocket(place, { authorization: `Bearer ${token}` }),
    ];
    t.after(() => program.terminate());
    const closed = once(page, 'close');
    await post(place, '/v1/logout', { everywhere: true }, cookie);
    assert.equal((await closed)[0], closeCodes.login);
    assert.equal(program.readyState, WebSocket.OPEN);
    const ended = once(program, 'close');
    own.disable('grace-hopper');
    assert.equal((await ended)[0], closeCodes.login);
  });

  it('answer what is wrong as problems, with Retry-After where it was too often', async (t) => {
    const { place } = await scene(t);
    const statuses = [];
    let last: Response | undefined;
    // Of ten tries of one address the first account has used one.
    for (let count = 0; count < 10; count++) {
      last = await post(place, '/v1/login', { user: `u${count}`, password });
      statuses.push(last.status);
    }
    assert.deepEqual(new Set(statuses.slice(0, 9)), new Set([401]));
    assert.equal(last?.status, 429);
    assert.match(last.headers.get('content-type') ?? '', /^application\/problem\+json/);
    assert.ok(Number(last.headers.get('retry-after')) >= 1);
  });

  it('take bodies that are JSON and not too large, as everywhere (AR3)', async (t) => {
    const { place } = await scene(t);
    const origin = new URL(place.server.url).origin;
    const form = await place.ask(null, 'POST', '/v1/login', {
      body: 'user=grace-hopper',
      headers: { origin, 'content-type': 'text/plain' },
    });
    assert.equal(form.status, 415);
    const huge = await post(place, '/v1/login', { user: 'x'.repeat(300_000), password });
    assert.equal(huge.status, 413);
  });

  it('leave no name, password, code or token in the log (P2)', async (t) => {
    const { own, place, cookie } = await scene(t);
    const { token, id } = own.addToken('grace-hopper', 'ci');
    await place.ask(null, 'GET', '/v1/me', { headers: { authorization: `Bearer ${token}` } });
    await post(place, '/v1/login', { user: 'grace-hopper', password: 'a wrong password' });
    await place.ask(null, 'DELETE', `/v1/tokens/${id}`, {
      headers: { cookie, origin: new URL(place.server.url).origin },
    });
    const log = place.lines.join('\n');
    assert.match(log, /request/);
    for (const text of ['grace-hopper', password, 'a wrong password', token, id, cookie.slice(-43)]) {
      assert.ok(!log.includes(text), text);
    }
  });
});
