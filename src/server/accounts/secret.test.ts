import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { credentialText, hashOf, isSecretOf, makeCode, makeSecret, parseCode, parseCredential } from './secret.ts';

const id = '0123456789abcdef0123456789abcdef';

describe('secrets', () => {
  it('have 256 bits, and no two are the same (SC1)', () => {
    const made = new Set(Array.from({ length: 100 }, makeSecret));
    assert.equal(made.size, 100);
    for (const secret of made) assert.equal(Buffer.from(secret, 'base64url').length, 32);
  });

  it('fit their own hash and no other (SC2)', () => {
    const [one, two] = [makeSecret(), makeSecret()];
    assert.equal(isSecretOf(hashOf(one), one), true);
    assert.equal(isSecretOf(hashOf(one), two), false);
    assert.equal(isSecretOf(null, one), false);
    assert.equal(isSecretOf('', one), false);
  });

  it('are told apart by what they are for', () => {
    const secret = makeSecret();
    for (const kind of ['login', 'token'] as const) {
      const credential = { kind, id, secret };
      assert.deepEqual(parseCredential(credentialText(credential)), credential);
    }
    for (const text of ['', id, `${id}.`, `${id}.${secret}x`, ` ${id}.${secret}`, `cantus_${id}.${secret}`]) {
      assert.equal(parseCredential(text), undefined, text);
    }
  });
});

describe('codes', () => {
  it('are five groups of five, read back however they were typed (SC1)', () => {
    for (const code of Array.from({ length: 50 }, makeCode)) {
      assert.match(code, /^([0-9a-hjkmnp-tv-z]{5}-){4}[0-9a-hjkmnp-tv-z]{5}$/);
      const typed = code.toUpperCase().replaceAll('-', ' ').replaceAll('0', 'O').replaceAll('1', 'l');
      assert.equal(parseCode(` ${typed}\n`), code);
    }
  });
});
