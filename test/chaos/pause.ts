import { systemClock } from '../../src/core/clock.ts';

/** Resolves after so many ms of the machine's time. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => void systemClock.after(ms, resolve));
}
