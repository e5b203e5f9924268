/**
 * How often somebody may try a password or a code.
 *
 * TY1  Tries are counted by address and by account, whether the account exists or not: guessing at one account from many
 *      addresses, or at many accounts from one, ends at the same bound.
 * TY2  A try that was right gives the account its point back, so that only wrong ones shut anybody out.
 */
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { EngineError } from '../../core/errors.ts';
import { addressKey } from '../peer.ts';

const windowSeconds = 60;

export class LoginTries {
  readonly #addresses: RateLimiterMemory;
  readonly #accounts: RateLimiterMemory;

  constructor(perMinute: number) {
    this.#addresses = new RateLimiterMemory({ points: perMinute, duration: windowSeconds });
    this.#accounts = new RateLimiterMemory({ points: perMinute, duration: windowSeconds });
  }

  /** Throws `rate_limited`, with `retryAfterMs` in its details. `account`: as it was typed, if it is tried. */
  async take(address: string | undefined, account?: string): Promise<void> {
    await takePoint(this.#addresses, addressKey(address));
    if (account !== undefined) await takePoint(this.#accounts, account);
  }

  /** TY2 */
  async giveBack(account: string): Promise<void> {
    await this.#accounts.reward(account);
  }
}

async function takePoint(limiter: RateLimiterMemory, key: string): Promise<void> {
  try {
    await limiter.consume(key);
  } catch (refused) {
    if (!(refused instanceof RateLimiterRes)) throw refused;
    throw new EngineError('rate_limited', 'There were too many tries to log in.', {
      hint: 'Wait a minute, then try again.',
      details: { retryAfterMs: Math.max(1_000, refused.msBeforeNext) },
      retryable: true,
    });
  }
}
