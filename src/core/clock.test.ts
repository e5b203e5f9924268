import assert from 'node:assert/strict';
import { describe, it, mock } from 'node:test';
import { systemClock } from './clock.ts';

const day = 86_400_000;

describe('systemClock', () => {
  it('tells the wall clock and a time that never goes back', () => {
    const before = Date.now();
    const now = systemClock.now();
    assert.ok(now >= before && now <= Date.now());
    const first = systemClock.monotonic();
    assert.ok(systemClock.monotonic() >= first);
  });

  it('runs once after the time, unless it was stopped', async () => {
    const ran: string[] = [];
    const stop = systemClock.after(1, () => ran.push('stopped'));
    stop();
    stop();
    await new Promise<void>((resolve) => {
      systemClock.after(5, () => {
        ran.push('ran');
        resolve();
      });
    });
    assert.deepEqual(ran, ['ran']);
  });

  it('waits longer than one timer can hold', () => {
    mock.timers.enable({ apis: ['setTimeout'] });
    try {
      let ran = 0;
      systemClock.after(30 * day, () => (ran += 1));
      const longest = 2_147_483_647;
      mock.timers.tick(longest);
      mock.timers.tick(30 * day - longest - 1);
      assert.equal(ran, 0);
      mock.timers.tick(1);
      assert.equal(ran, 1);
      mock.timers.tick(30 * day);
      assert.equal(ran, 1);
    } finally {
      mock.timers.reset();
    }
  });

  it('stops a long wait also after its first piece', () => {
    mock.timers.enable({ apis: ['setTimeout'] });
    try {
      const stop = systemClock.after(30 * day, () => assert.fail('ran'));
      mock.timers.tick(26 * day);
      stop();
      mock.timers.tick(30 * day);
    } finally {
      mock.timers.reset();
    }
  });

  it('runs soon, but not before what this turn has still to do', async () => {
    const order: string[] = [];
    const soon = new Promise<void>((resolve) => {
      systemClock.soon(() => {
        order.push('soon');
        resolve();
      });
    });
    await Promise.resolve();
    order.push('this turn');
    await soon;
    assert.deepEqual(order, ['this turn', 'soon']);
  });
});
