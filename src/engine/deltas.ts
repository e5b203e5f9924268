/**
 * Streamed text on its way into the journal: the first piece at once, then every 50 ms or 2 KB, and never more than
 * one event per call and flush. What is left when the model ends is not told: `model.completed` has the whole text.
 */
import type { Clock } from '../core/clock.ts';
import { limits } from '../core/limits.ts';

export class Deltas {
  readonly #clock: Clock;
  readonly #tell: (text: string) => Promise<void>;
  #waiting = '';
  #blocked = false;
  #stopTimer: (() => void) | undefined;
  #toldAt = -Infinity;
  #ended = false;

  /** `tell` journals a piece; what it returns resolves when that is durable. */
  constructor(clock: Clock, tell: (text: string) => Promise<void>) {
    this.#clock = clock;
    this.#tell = tell;
  }

  add(text: string): void {
    this.#waiting += text;
    if (this.#blocked || this.#ended) return;
    const sinceMs = this.#clock.monotonic() - this.#toldAt;
    if (sinceMs >= limits.deltaEveryMs || this.#waiting.length >= limits.deltaCharsMax) this.#flush();
    else this.#stopTimer ??= this.#clock.after(limits.deltaEveryMs - sinceMs, () => this.#flush());
  }

  #flush(): void {
    this.#stopTimer?.();
    this.#stopTimer = undefined;
    if (this.#waiting === '' || this.#ended) return;
    const text = this.#waiting;
    this.#waiting = '';
    this.#toldAt = this.#clock.monotonic();
    this.#blocked = true;
    const goOn = (): void => {
      this.#blocked = false;
      if (this.#waiting !== '') this.add('');
    };
    // Until the flush that takes this event is committed, however slow the store is, text only gathers.
    this.#tell(text).then(goOn, () => this.end());
  }

  /** Nothing more is told. */
  end(): void {
    this.#ended = true;
    this.#stopTimer?.();
  }
}
