/** Who asks, as the command line says it. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Host } from './host.ts';
import { identityOf } from './place.ts';

/** A machine on which somebody is logged in, or nobody. */
const machine = (login: string | undefined): Host => ({ loginName: () => login }) as unknown as Host;

describe('who asks', () => {
  it('is who is logged in, and it is told that it was not said', () => {
    const { principal, how } = identityOf(machine('ada'), {});
    assert.deepEqual(principal, { tenant: 'main', user: 'ada', roles: [] });
    assert.equal(how, 'your login name');
  });

  it('is who is named, with the tenant and the roles that are given and no others', () => {
    const { principal } = identityOf(machine('ada'), { user: 'bob', tenant: 'acme', role: ['manager', 'clerk'] });
    assert.deepEqual(principal, { tenant: 'acme', user: 'bob', roles: ['manager', 'clerk'] });
  });

  it('is nobody where nobody is named or logged in: there is no default user (P8)', () => {
    for (const [login, user] of [
      [undefined, undefined],
      ['ada', ''],
      ['ada', 'undefined'],
    ]) {
      assert.throws(() => identityOf(machine(login), { user }), { name: 'ValidationError' });
    }
  });
});
