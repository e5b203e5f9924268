/**
 * The time that one run was running: what its deadline and fairness count.
 *
 * AM1  It stands while the run is queued, suspended, asleep, or its node is down.
 * AM2  It is measured by the monotonic clock: a jump of the wall clock neither takes nor gives time.
 */
import type { Clock } from '../core/clock.ts';

export class ActiveTime {
  readonly deadlineMs: number;
  readonly #clock: Clock;
  #usedMs: number;
  #since: number | undefined;
  #stopDeadline: (() => void) | undefined;

  constructor(clock: Clock, deadlineMs: number, usedMs: number) {
    this.#clock = clock;
    this.deadlineMs = deadlineMs;
    this.#usedMs = usedMs;
  }

  /** Ms it has been running by now. */
  get usedMs(): number {
    return this.#since === undefined ? this.#usedMs : this.#usedMs + this.#clock.monotonic() - this.#since;
  }

  get leftMs(): number {
    return Math.max(0, this.deadlineMs - this.usedMs);
  }

  /** It runs from now on; `over` is called when it has used all its time. */
  begin(over: () => void): void {
    this.#since = this.#clock.monotonic();
    this.#stopDeadline = this.#clock.after(this.leftMs, over);
  }

  stand(): void {
    this.#usedMs = this.usedMs;
    this.#since = undefined;
    this.#stopDeadline?.();
    this.#stopDeadline = undefined;
  }
}
