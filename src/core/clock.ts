/** Time comes in by this door, so that tests and the simulation can hold it. */
export interface Clock {
  /** Wall clock, ms since 1970. Goes into events; may jump. */
  now(): number;
  /** Ms from some fixed point; never goes back. For measuring and deadlines. */
  monotonic(): number;
  /**
   * Runs `fn` once after `ms`. The returned function stops it; calling that again does nothing.
   * `background`: it alone doesn't keep the process alive.
   */
  after(ms: number, fn: () => void, background?: 'background'): () => void;
  /** Runs `fn` after what this turn of the event loop has still to do. */
  soon(fn: () => void): void;
}

/** The longest delay setTimeout can hold; a longer one fires at once, so it is cut into pieces. */
const timeoutMsMax = 2_147_483_647;

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, fn, background) {
    let left = ms;
    let timer: ReturnType<typeof setTimeout>;
    const arm = (): void => {
      const piece = Math.min(left, timeoutMsMax);
      left -= piece;
      timer = setTimeout(() => (left > 0 ? arm() : fn()), piece);
      if (background !== undefined) timer.unref();
    };
    arm();
    return () => clearTimeout(timer);
  },
  soon: (fn) => {
    setImmediate(fn);
  },
};
