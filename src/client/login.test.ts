import assert from 'node:assert/strict';
import { it } from 'node:test';
import { EngineError } from '../core/errors.ts';
import { remoteLogin } from './login.ts';
import { FakeServer, json, problem } from './server.fixture.ts';

function setUp(respond: FakeServer['respond']) {
  const server = new FakeServer();
  server.respond = respond;
  return { server, login: remoteLogin({ url: 'http://host', transport: server.transport }) };
}

it('says what it is given to the route of each call', async () => {
  const asked: unknown[] = [];
  const { login } = setUp((method, { pathname }, body) => {
    asked.push([method, pathname, body]);
    return json({ mode: 'accounts', me: null, needsSetUp: true, logins: [], tokens: [] });
  });
  assert.equal((await login.read()).needsSetUp, true);
  await login.setUp({ code: 'c', user: 'ada', password: 'long enough' });
  await login.leave();
  await login.endLogin('a/b');
  assert.deepEqual(await login.tokens(), []);
  assert.deepEqual(asked, [
    ['GET', '/v1/login', undefined],
    ['POST', '/v1/login/setup', { code: 'c', user: 'ada', password: 'long enough' }],
    ['POST', '/v1/logout', {}],
    ['DELETE', '/v1/logins/a%2Fb', undefined],
    ['GET', '/v1/tokens', undefined],
  ]);
});

it('tries to log in once, and throws what was wrong', async () => {
  const { server, login } = setUp(() => problem('login_failed', 401));
  await assert.rejects(
    login.enter({ user: 'ada', password: 'wrong' }),
    (thrown) => EngineError.is(thrown) && thrown.code === 'login_failed',
  );
  assert.equal(server.requests.length, 1);
});
