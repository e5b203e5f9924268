/**
 * What proves a login, a token or an invitation: made here, hashed here, compared here.
 *
 * SC1  A secret is 256 bits of the machine's chance, a code that people may have to type 125; neither comes from
 *      `Random`, whose numbers a test can foretell. Only the SHA-256 is kept: with so many bits it needs no salt.
 * SC2  What is presented is found by its id, which is no secret, and its hash compared in constant time.
 */
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** What a request presents: the cookie's or header's text, taken apart. */
export type Credential = { readonly kind: 'login' | 'token'; readonly id: string; readonly secret: string };

const loginPattern = /^([0-9a-f]{32})\.([\w-]{43})$/;
const tokenPattern = /^cantus_([0-9a-f]{32})_([\w-]{43})$/;

/** A new secret: 43 characters that go into a cookie, a header or a URL as they are. */
export function makeSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** The secret that follows another: the same for whoever has the key, and to all others as good as chance. */
export function nextSecret(key: Buffer, id: string, hash: string): string {
  return createHmac('sha256', key).update(`${id}.${hash}`).digest('base64url');
}

export function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/** SC2 */
export function isSecretOf(hash: string | null, secret: string): boolean {
  if (hash === null) return false;
  const [kept, presented] = [Buffer.from(hash, 'hex'), Buffer.from(hashOf(secret), 'hex')];
  return kept.length === presented.length && timingSafeEqual(kept, presented);
}

/** The text that a client keeps. */
export function credentialText({ kind, id, secret }: Credential): string {
  return kind === 'login' ? `${id}.${secret}` : `cantus_${id}_${secret}`;
}

/** Undefined for what can't be one of ours. */
export function parseCredential(text: string): Credential | undefined {
  for (const [kind, pattern] of [
    ['login', loginPattern],
    ['token', tokenPattern],
  ] as const) {
    const [, id, secret] = pattern.exec(text) ?? [];
    if (id !== undefined && secret !== undefined) return { kind, id, secret };
  }
  return undefined;
}

/** Letters and digits that can't be taken for each other (Crockford's base 32, in small letters). */
const codeLetters = '0123456789abcdefghjkmnpqrstvwxyz';

/** A code in five groups of five, for a terminal or a letter. */
export function makeCode(): string {
  const letters = [...randomBytes(25)].map((byte) => codeLetters[byte % codeLetters.length]).join('');
  return letters.replaceAll(/(.{5})(?=.)/g, '$1-');
}

/** The code as it was made, whatever case, dashes and spaces it was typed with. */
export function parseCode(typed: string): string {
  const plain = typed.toLowerCase().replaceAll(/[\s-]/g, '').replaceAll('o', '0').replaceAll(/[il]/g, '1');
  return plain.replaceAll(/(.{5})(?=.)/g, '$1-');
}
