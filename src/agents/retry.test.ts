import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { retryDelayMs } from './retry.ts';

const delays = (policy: Parameters<typeof retryDelayMs>[0], tries: number): (number | null)[] =>
  Array.from({ length: tries }, (_, index) => retryDelayMs(policy, index + 1));

describe('retryDelayMs', () => {
  it('allows no second try where no policy asks for one', () => {
    assert.deepEqual(delays(undefined, 2), [null, null]);
    assert.deepEqual(delays({ attempts: 1 }, 2), [null, null]);
    assert.deepEqual(delays({} as never, 2), [null, null]);
  });

  it('counts the first try among the attempts', () => {
    assert.deepEqual(delays({ attempts: 3, delayMs: 10 }, 4), [10, 20, null, null]);
  });

  it('grows by the factor up to the longest delay', () => {
    assert.deepEqual(delays({ attempts: 9, delayMs: 10, factor: 10, delayMsMax: 500 }, 4), [10, 100, 500, 500]);
    assert.deepEqual(delays({ attempts: 9, delayMs: 10, factor: 1 }, 3), [10, 10, 10]);
  });

  it('has a longest delay also for very many tries', () => {
    assert.equal(retryDelayMs({ attempts: 5_000 }, 4_000), 30_000);
    assert.equal(retryDelayMs({ attempts: 5_000, delayMs: 0 }, 4_000), 0);
  });
});
