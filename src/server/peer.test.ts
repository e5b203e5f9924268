import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { addressKey } from './peer.ts';

describe('addressKey', () => {
  it('is one for what one person can easily have: a whole IPv6 network of 64 bits', () => {
    const key = '2001:db8:0:1::/64';
    for (const address of ['2001:db8:0:1::1', '2001:db8:0:1:ffff:ffff:ffff:ffff', '2001:db8:0:1::1%eth0'])
      assert.equal(addressKey(address), key, address);
    assert.notEqual(addressKey('2001:db8:0:2::1'), key);
    assert.equal(addressKey('::1'), '0:0:0:0::/64');
    assert.equal(addressKey('192.0.2.1'), '192.0.2.1');
  });
});
