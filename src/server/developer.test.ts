import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { developer } from './developer.ts';
import type { AuthRequest, LoginParts } from './login.ts';

const request: AuthRequest = {
  method: 'GET',
  url: new URL('http://127.0.0.1/v1/login'),
  headers: new Headers({ cookie: 'cantus=whatever' }),
  address: '127.0.0.1',
};
const parts = { requestOf: () => request } as unknown as LoginParts;

describe('developer mode', () => {
  it('lets everybody in as the one user it was given, and only on loopback (DV1)', async () => {
    const source = developer({ user: 'ada', roles: ['admin'] });
    const login = await source.authenticate(request);
    assert.equal(source.requiresLoopback, true);
    assert.equal(login?.by, 'ambient');
    assert.deepEqual(login?.principal, { tenant: 'main', user: 'ada', roles: ['admin'] });
  });

  it('refuses to be nobody (P8)', () => {
    assert.throws(() => developer({ user: 'undefined' }), { code: 'identity_required' });
    assert.throws(() => developer({ user: '' }), { code: 'identity_required' });
  });

  it('tells its mode and who everybody is by login.read', async () => {
    const routes = developer({ user: 'ada', name: 'Ada' }).routes?.(parts);
    const answer = await routes?.request('/v1/login');
    assert.equal(answer?.headers.get('cache-control'), 'no-store');
    assert.deepEqual(await answer?.json(), {
      mode: 'developer',
      me: { tenant: 'main', user: 'ada', roles: [], name: 'Ada' },
      needsSetUp: false,
    });
  });
});
