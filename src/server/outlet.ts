/**
 * The way out of one socket: what is sent and not yet taken, and whether the peer takes anything at all.
 *
 * OL1  Above `socketHighBytes` there is no room; there is again at `socketLowBytes`. Whoever has something to send waits
 *      for room before it makes the text, so that a slow peer costs one text beyond the mark and no more.
 * OL2  A peer that takes nothing for `socketStallMs` while somebody waits for room is stalled, and that is told once.
 */
import type { Clock } from '../core/clock.ts';
import type { ServerLimits } from './parts.ts';

/** What carries texts, as sockets of `ws` do. */
export type Wire = {
  readonly bufferedAmount: number;
  send(text: string, taken: () => void): void;
};

export type OutletFacts = {
  readonly wire: Wire;
  readonly clock: Clock;
  readonly limits: Pick<ServerLimits, 'socketHighBytes' | 'socketLowBytes' | 'socketStallMs'>;
  /** Bytes of the write under way that the peer has not taken yet: a large one is taken piece by piece. */
  readonly writing: () => number;
  readonly stalled: () => void;
};

export class Outlet {
  /** When something was sent, and when the peer was seen to take something it had to be waited for (monotonic ms). */
  spokeAt: number;
  tookAt: number;
  readonly #facts: OutletFacts;
  #waiting: (() => void)[] = [];
  #ended = false;
  #stopWatch: (() => void) | undefined;
  #seen = '';

  constructor(facts: OutletFacts) {
    this.#facts = facts;
    this.spokeAt = facts.clock.monotonic();
    this.tookAt = this.spokeAt;
  }

  get isFull(): boolean {
    return this.#facts.wire.bufferedAmount > this.#facts.limits.socketHighBytes;
  }

  /** Does somebody wait for room? */
  get isWaitedFor(): boolean {
    return this.#waiting.length > 0;
  }

  /** Resolves when there is room, or when there will never be: see whether the socket still lives. */
  async room(): Promise<void> {
    while (this.isFull && !this.#ended) {
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
        if (this.#stopWatch === undefined) this.#watch();
      });
    }
  }

  send(text: string): void {
    if (this.#ended) return;
    this.spokeAt = this.#facts.clock.monotonic();
    this.#facts.wire.send(text, this.#taken);
  }

  /** Nothing more is sent; whoever waits goes on. */
  end(): void {
    this.#ended = true;
    this.#wake();
  }

  readonly #taken = (): void => {
    if (this.#waiting.length > 0 && this.#facts.wire.bufferedAmount <= this.#facts.limits.socketLowBytes) this.#wake();
  };

  #wake(): void {
    this.#stopWatch?.();
    this.#stopWatch = undefined;
    this.tookAt = this.#facts.clock.monotonic();
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }

  /** OL2 */
  #watch(): void {
    const { clock, limits, stalled } = this.#facts;
    this.#seen = this.#untaken();
    this.#stopWatch = clock.after(
      limits.socketStallMs,
      () => {
        this.#stopWatch = undefined;
        if (this.#seen === this.#untaken()) return stalled();
        this.tookAt = clock.monotonic();
        this.#watch();
      },
      'background',
    );
  }

  #untaken(): string {
    return `${this.#facts.wire.bufferedAmount} ${this.#facts.writing()}`;
  }
}
