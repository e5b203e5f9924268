import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { limits } from '../../core/limits.ts';
import { Passwords } from './passwords.ts';

const cheap = { costLog2: 2 };

describe('passwords', () => {
  it('are kept as scrypt with N=2^17, r=8, p=1, each with its own salt (PW1)', async () => {
    const passwords = new Passwords(limits);
    const phc = await passwords.hash('correct horse battery');
    assert.match(phc, /^\$scrypt\$ln=17,r=8,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    assert.equal(await passwords.verify('correct horse battery', phc), true);
  });

  it('fit what they were made of, at whatever cost that was, and nothing else (PW1)', async () => {
    const passwords = new Passwords(limits, cheap);
    const phc = await passwords.hash('correct horse battery');
    assert.notEqual(await passwords.hash('correct horse battery'), phc);
    const dearer = new Passwords(limits, { costLog2: 4 });
    assert.equal(await dearer.verify('correct horse battery', phc), true);
    assert.equal(await dearer.verify('correct horse batterY', phc), false);
    assert.equal(await passwords.verify('', ''), false);
    assert.equal(await passwords.verify('x', passwords.nobodys), false);
  });

  it('are worked out as RFC 7914 says', async () => {
    const passwords = new Passwords(limits);
    const hash = Buffer.from('7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2', 'hex');
    const phc = `$scrypt$ln=14,r=8,p=1$${btoa('SodiumChloride').replaceAll('=', '')}$${hash.toString('base64').replaceAll('=', '')}`;
    assert.equal(await passwords.verify('pleaseletmein', phc), true);
  });

  it('are the same however the keyboard composes a letter', async () => {
    const passwords = new Passwords(limits, cheap);
    const phc = await passwords.hash('caf\u00e9 caf\u00e9 caf\u00e9');
    assert.equal(await passwords.verify('cafe\u0301 cafe\u0301 cafe\u0301', phc), true);
  });

  it('are hashed few at once, a bounded number waits, and more are refused (PW2)', async () => {
    let begun = 0;
    const bounds = { ...limits, passwordsHashedAtOnce: 2, passwordsWaitingMax: 3 };
    const passwords = new Passwords(bounds, { ...cheap, onHash: () => void begun++ });
    const tries = Array.from({ length: 6 }, () => passwords.verify('x', passwords.nobodys));
    const told = Promise.allSettled(tries);
    await Promise.resolve();
    assert.equal(begun, 2);
    const refused = (await told).filter(({ status }) => status === 'rejected');
    assert.equal(refused.length, 1);
    await assert.rejects(tries[5] ?? Promise.resolve(), { code: 'rate_limited', details: { retryAfterMs: 5_000 } });
    assert.equal(begun, 5);
    assert.equal(await passwords.verify('x', passwords.nobodys), false);
  });

  it('of too few or too many characters are refused without work', async () => {
    let begun = 0;
    const passwords = new Passwords(limits, { ...cheap, onHash: () => void begun++ });
    await assert.rejects(passwords.hash('x'.repeat(9)), { code: 'invalid_input' });
    await assert.rejects(passwords.hash('x'.repeat(1_025)), { code: 'invalid_input' });
    assert.equal(begun, 0);
  });
});
