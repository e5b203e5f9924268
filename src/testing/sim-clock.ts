/**
 * A clock that tests hold.
 *
 * Time stands until it is moved: `advance(ms)` moves it, and short delays (up to `passMs`) pass by themselves as soon
 * as nothing else is left to do, so that a test need not count the ms of retries and scripted models. Long ones
 * (deadlines, expiries) fire only when time is moved over them.
 */
import { systemClock, type Clock } from '../core/clock.ts';

type Timer = { readonly at: number; readonly order: number; readonly passes: boolean; readonly fn: () => void };

/** Where time begins, and how much of it passes by itself. */
export type SimClockOptions = {
  /** Where time begins, ms since 1970. */
  readonly startAt?: number;
  /** Delays up to this pass by themselves, in ms. */
  readonly passMs?: number;
};

/** The clock of a test: see the head of this file. */
export class SimClock implements Clock {
  readonly #startAt: number;
  readonly #passMs: number;
  readonly #timers = new Set<Timer>();
  #soon: (() => void)[] = [];
  #at = 0;
  #order = 0;
  #pumping = false;
  #quietTurns = 0;

  constructor({ startAt = 1_767_225_600_000, passMs = 1_000 }: SimClockOptions = {}) {
    this.#startAt = startAt;
    this.#passMs = passMs;
  }

  now(): number {
    return this.#startAt + this.#at;
  }

  /** Timers that have not fired and were not stopped: none are left when all is over. */
  get timers(): number {
    return this.#timers.size;
  }

  monotonic(): number {
    return this.#at;
  }

  after(ms: number, fn: () => void, background?: 'background'): () => void {
    const passes = ms <= this.#passMs && background === undefined;
    const timer: Timer = { at: this.#at + Math.max(0, ms), order: this.#order++, passes, fn };
    this.#timers.add(timer);
    if (passes) this.#pump();
    return () => void this.#timers.delete(timer);
  }

  soon(fn: () => void): void {
    this.#soon.push(fn);
    this.#pump();
  }

  /** Moves time by `ms`, firing what comes due on the way in order, and lets everything that follows happen. */
  async advance(ms: number): Promise<void> {
    const until = this.#at + ms;
    await this.settle();
    for (;;) {
      const next = this.#next();
      if (next === undefined || next.at > until) break;
      this.#fire(next);
      await this.settle();
    }
    this.#at = Math.max(this.#at, until);
    await this.settle();
  }

  /** Resolves when nothing more happens without time being moved. */
  async settle(): Promise<void> {
    for (let quiet = 0; quiet < 3; quiet++) {
      await new Promise<void>((resolve) => systemClock.soon(resolve));
      if (this.#soon.length > 0 || this.#hasPassing()) quiet = -1;
    }
  }

  #hasPassing(): boolean {
    for (const timer of this.#timers) if (timer.passes) return true;
    return false;
  }

  #next(): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers) {
      if (next === undefined || timer.at < next.at || (timer.at === next.at && timer.order < next.order)) next = timer;
    }
    return next;
  }

  #fire(timer: Timer): void {
    this.#timers.delete(timer);
    this.#at = Math.max(this.#at, timer.at);
    timer.fn();
  }

  /** Turns of the real event loop, as long as something is due: between them promises and I/O go on. */
  #pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    systemClock.soon(() => {
      this.#pumping = false;
      this.#turn();
      if (this.#soon.length > 0 || this.#hasPassing()) this.#pump();
    });
  }

  #turn(): void {
    const soon = this.#soon;
    this.#soon = [];
    for (const fn of soon) fn();
    if (soon.length > 0) this.#quietTurns = 0;
    else if (++this.#quietTurns >= 2) this.#pass();
  }

  /** Nothing else is left to do: time passes to the next short delay, over whatever lies before it. */
  #pass(): void {
    this.#quietTurns = 0;
    if (!this.#hasPassing()) return;
    const next = this.#next();
    if (next !== undefined) this.#fire(next);
  }
}
