import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parsePrincipal } from '../core/principal.ts';
import { loginState } from './login-state.ts';
import type { AuthRequest, Login, LoginSource } from './login.ts';

const request: AuthRequest = {
  method: 'GET',
  url: new URL('http://127.0.0.1/v1/login'),
  headers: new Headers(),
  address: '127.0.0.1',
};

function ask(login: Login | null): Response | Promise<Response> {
  const source: LoginSource = { mode: 'elsewhere', authenticate: () => Promise.resolve(login) };
  return loginState(source, { requestOf: () => request }).request('/v1/login');
}

describe('the state of a login that comes from elsewhere', () => {
  it('is told to strangers too, and kept by no cache', async () => {
    const answer = await ask(null);
    assert.equal(answer.headers.get('cache-control'), 'no-store');
    assert.deepEqual(await answer.json(), { mode: 'elsewhere', me: null, needsSetUp: false });
  });

  it('says who asks, and carries the new token of the login', async () => {
    const principal = parsePrincipal({ tenant: 'acme', user: 'ada', roles: ['analyst'] });
    const answer = await ask({ principal, id: 'l1', by: 'cookie', setCookie: 'theirs=2; HttpOnly' });
    assert.equal(answer.headers.get('set-cookie'), 'theirs=2; HttpOnly');
    const { me } = (await answer.json()) as { me: unknown };
    assert.deepEqual(me, { tenant: 'acme', user: 'ada', roles: ['analyst'] });
  });
});
