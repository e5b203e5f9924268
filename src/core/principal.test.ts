import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ValidationError } from './errors.ts';
import { limits } from './limits.ts';
import { ownerKey, parsePrincipal, soleTenant } from './principal.ts';

const refused = (input: unknown, message: RegExp): void =>
  assert.throws(
    () => parsePrincipal(input),
    (error: unknown) => {
      assert.ok(error instanceof ValidationError);
      assert.equal(error.code, 'identity_required');
      assert.match(error.message, message);
      return true;
    },
  );

describe('parsePrincipal', () => {
  it('gives a frozen identity, and the sole tenant where none is named', () => {
    const principal = parsePrincipal({ user: 'ada', roles: ['admin'], name: 'Ada' });
    assert.deepEqual(principal, { tenant: soleTenant, user: 'ada', roles: ['admin'], name: 'Ada' });
    assert.ok(Object.isFrozen(principal) && Object.isFrozen(principal.roles));
  });

  it('does not share its roles with the caller', () => {
    const roles = ['reader'];
    const principal = parsePrincipal({ user: 'ada', roles });
    roles.push('admin');
    assert.deepEqual(principal.roles, ['reader']);
  });

  it('refuses no identity at all (P8)', () => {
    for (const input of [undefined, null, 'ada', 7]) refused(input, /No identity was given/);
    for (const user of [undefined, null, '', '   ', 7, {}]) refused({ user }, /non-empty string/);
    refused({ user: 'ada', tenant: '' }, /tenant of a principal must be a non-empty string/);
    refused({ user: 'ada', tenant: null }, /tenant of a principal must be a non-empty string/);
  });

  it('refuses what a lost value looks like, in any case (P8)', () => {
    for (const user of [
      'undefined',
      'null',
      'None',
      'NaN',
      '[object Object]',
      'anonymous',
      'Default_User',
      'unknown',
    ]) {
      refused({ user }, /what a lost value looks like/);
    }
  });

  it('refuses spaces around and control characters in an id', () => {
    for (const user of [' ada', 'ada ', 'a\nda', 'a\u0000da', 'a\u007fda'])
      refused({ user }, /spaces around it or control/);
  });

  it('refuses an id over the limit and takes one at it', () => {
    refused({ user: 'a'.repeat(limits.idCharsMax + 1) }, /more than 128 characters/);
    assert.equal(parsePrincipal({ user: 'a'.repeat(limits.idCharsMax) }).user.length, limits.idCharsMax);
  });

  it('refuses roles that are not a list of non-empty strings', () => {
    for (const roles of ['admin', [''], [1], [null], {}, null]) refused({ user: 'ada', roles }, /roles/);
  });
});

describe('ownerKey', () => {
  it('never gives two users one key, whatever characters their ids have', () => {
    const id = fc.string({ unit: fc.constantFrom('a', ':', '1', '-'), minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(id, id, id, id, (tenant, user, otherTenant, otherUser) => {
        const same = tenant === otherTenant && user === otherUser;
        assert.equal(ownerKey(tenant, user) === ownerKey(otherTenant, otherUser), same);
      }),
      { numRuns: 500 },
    );
  });

  it('keeps apart what a plain join would merge', () => {
    assert.notEqual(ownerKey('a:b', 'c'), ownerKey('a', 'b:c'));
  });
});
