/** How often one user, or one address that is not logged in, may ask. Kept in memory: a restart forgives. */
import { RateLimiterMemory, type RateLimiterRes } from 'rate-limiter-flexible';
import { EngineError } from '../core/errors.ts';
import type { Rates, RateState, ServerLimits } from './parts.ts';

const windowSeconds = 60;

export function ratesOf(limits: ServerLimits): Rates {
  const limiters = {
    user: new RateLimiterMemory({ points: limits.requestsPerMinute, duration: windowSeconds }),
    stranger: new RateLimiterMemory({ points: limits.strangerRequestsPerMinute, duration: windowSeconds }),
  };
  return {
    async take(policy, key) {
      const limiter = limiters[policy];
      try {
        return stateOf(policy, limiter.points, await limiter.consume(key));
      } catch (refused) {
        const { resetSeconds, quota } = stateOf(policy, limiter.points, refused as RateLimiterRes);
        throw tooOften(quota, resetSeconds);
      }
    },
  };
}

function stateOf(policy: RateState['policy'], quota: number, result: RateLimiterRes): RateState {
  const resetSeconds = Math.max(1, Math.ceil(result.msBeforeNext / 1_000));
  return { policy, quota, windowSeconds, left: result.remainingPoints, resetSeconds };
}

function tooOften(quota: number, resetSeconds: number): EngineError {
  return new EngineError('rate_limited', `There were more than ${quota} requests in ${windowSeconds} s.`, {
    hint: `Wait ${resetSeconds} s, then ask less often. One socket or event stream tells of every run without asking.`,
    retryable: true,
    details: { retryAfterMs: resetSeconds * 1_000 },
  });
}

/** The headers of draft-ietf-httpapi-ratelimit-headers. */
export function rateHeaders(state: RateState): Readonly<Record<string, string>> {
  const { policy, quota, windowSeconds: window, left, resetSeconds } = state;
  return {
    'ratelimit-policy': `"${policy}";q=${quota};w=${window}`,
    ratelimit: `"${policy}";r=${left};t=${resetSeconds}`,
  };
}
