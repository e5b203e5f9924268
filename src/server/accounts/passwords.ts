/**
 * Passwords: hashing, checking, and how many of both at once.
 *
 * PW1  A password is kept as a PHC string of scrypt with N=2^17, r=8, p=1: 128 MB and some 0.4 s for each guess.
 * PW2  As that is dear for the server too, few are hashed at once and a bounded number waits; more are refused.
 * PW3  Where there is no such account, the same work is done against a hash that fits no password.
 */
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { EngineError, ValidationError } from '../../core/errors.ts';
import type { ServerLimits } from '../parts.ts';

export type PasswordHashing = {
  /** The cost: N is 2 to the power of it. Less than 17 is for tests alone. */
  readonly costLog2?: number;
  /** Called for each hash that is worked out, so that a test can count them. */
  readonly onHash?: () => void;
};

type Bounds = Pick<
  ServerLimits,
  'passwordsHashedAtOnce' | 'passwordsWaitingMax' | 'passwordCharsMin' | 'passwordCharsMax'
>;
type Cost = { readonly costLog2: number; readonly blockSize: number; readonly parallelization: number };
type Phc = Cost & { readonly salt: Buffer; readonly hash: Buffer };

const hashBytes = 32;
const phcPattern = /^\$scrypt\$ln=(\d+),r=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

export class Passwords {
  /** PW3: a hash of nothing. */
  readonly nobodys: string;
  readonly #cost: Cost;
  readonly #onHash: () => void;
  readonly #bounds: Bounds;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(bounds: Bounds, { costLog2 = 17, onHash = () => undefined }: PasswordHashing = {}) {
    this.#bounds = bounds;
    this.#cost = { costLog2, blockSize: 8, parallelization: 1 };
    this.#onHash = onHash;
    this.nobodys = phcText({ ...this.#cost, salt: randomBytes(16), hash: randomBytes(hashBytes) });
  }

  /** The PHC string of a new password. Throws a ValidationError for one that is too short or too long. */
  async hash(password: string): Promise<string> {
    this.#check(password);
    const salt = randomBytes(16);
    return phcText({ ...this.#cost, salt, hash: await this.#work(password, { ...this.#cost, salt }) });
  }

  /** Is it the password of which `phc` was made? Throws `rate_limited` when too many wait already. */
  async verify(password: string, phc: string): Promise<boolean> {
    const parsed = parsePhc(phc);
    if (parsed === undefined) return false;
    const hash = await this.#work(password, parsed);
    return hash.length === parsed.hash.length && timingSafeEqual(hash, parsed.hash);
  }

  #check(password: string): void {
    const { passwordCharsMin, passwordCharsMax } = this.#bounds;
    const isSaying = new Set(password.trim()).size > 2;
    if (isSaying && password.length >= passwordCharsMin && password.length <= passwordCharsMax) return;
    throw new ValidationError(
      `A password has ${passwordCharsMin} to ${passwordCharsMax} characters, not all the same.`,
      {
        hint: 'Use a few words that do not belong together, or what a password manager makes.',
      },
    );
  }

  async #work(password: string, by: Cost & { readonly salt: Buffer }): Promise<Buffer> {
    await this.#turn();
    try {
      this.#onHash();
      return await scryptOf(password.normalize('NFKC'), by);
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }

  /** PW2. Who waits is handed the place of who has done, so the count stays. */
  async #turn(): Promise<void> {
    if (this.#running < this.#bounds.passwordsHashedAtOnce) {
      this.#running += 1;
      return;
    }
    if (this.#waiting.length >= this.#bounds.passwordsWaitingMax) {
      throw new EngineError('rate_limited', 'Too many people log in at this moment.', {
        hint: 'Try again in a few seconds.',
        details: { retryAfterMs: 5_000 },
        retryable: true,
      });
    }
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }
}

function scryptOf(
  password: string,
  { costLog2, blockSize, parallelization, salt }: Omit<Phc, 'hash'>,
): Promise<Buffer> {
  const cost = 2 ** costLog2;
  const maxmem = 2 * 128 * cost * blockSize;
  return new Promise((resolve, reject) => {
    scrypt(password, salt, hashBytes, { cost, blockSize, parallelization, maxmem }, (cause, hash) =>
      cause === null ? resolve(hash) : reject(cause),
    );
  });
}

function phcText({ costLog2, blockSize, parallelization, salt, hash }: Phc): string {
  return `$scrypt$ln=${costLog2},r=${blockSize},p=${parallelization}$${unpadded(salt)}$${unpadded(hash)}`;
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('=', '');
}

function parsePhc(text: string): Phc | undefined {
  const [, costLog2, blockSize, parallelization, salt, hash] = phcPattern.exec(text) ?? [];
  if (salt === undefined || hash === undefined) return undefined;
  return {
    costLog2: Number(costLog2),
    blockSize: Number(blockSize),
    parallelization: Number(parallelization),
    salt: Buffer.from(salt, 'base64'),
    hash: Buffer.from(hash, 'base64'),
  };
}
