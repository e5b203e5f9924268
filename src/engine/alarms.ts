/**
 * What is due at some time, for one node: a heap and one timer, because many runs wait at once and long, and a timer
 * of its own for each costs more than all else that a waiting run holds.
 */
import type { Clock } from '../core/clock.ts';

/** Something that is due once. `place` belongs to the heap; -1 while it is not set. */
export interface Alarm {
  readonly dueAt: number;
  place: number;
  due(): void;
}

export class Alarms {
  readonly #clock: Clock;
  readonly #background: 'background' | undefined;
  readonly #heap: Alarm[] = [];
  #stopTimer: (() => void) | undefined;
  #timerAt = Infinity;

  /** `background`: what is set here alone doesn't keep the process alive. */
  constructor(clock: Clock, background?: 'background') {
    this.#clock = clock;
    this.#background = background;
  }

  get size(): number {
    return this.#heap.length;
  }

  set(alarm: Alarm): void {
    this.#heap.push(alarm);
    this.#rise(alarm, this.#heap.length - 1);
    if (alarm.place === 0) this.#arm();
  }

  /** Rings what is due by now. Timers count on steadily, and the wall clock may have jumped ahead of them. */
  check(): void {
    const first = this.#heap[0];
    if (first !== undefined && first.dueAt <= this.#clock.now()) this.#ring();
  }

  clear(alarm: Alarm): void {
    const { place } = alarm;
    if (place < 0) return;
    alarm.place = -1;
    const last = this.#heap.pop();
    if (last !== undefined && last !== alarm) {
      this.#sink(last, place);
      this.#rise(last, last.place);
    }
    if (this.#heap.length === 0) this.#disarm();
  }

  #arm(): void {
    const first = this.#heap[0];
    if (first === undefined || first.dueAt >= this.#timerAt) return;
    this.#disarm();
    this.#timerAt = first.dueAt;
    this.#stopTimer = this.#clock.after(
      Math.max(0, first.dueAt - this.#clock.now()),
      () => this.#ring(),
      this.#background,
    );
  }

  #disarm(): void {
    this.#stopTimer?.();
    this.#stopTimer = undefined;
    this.#timerAt = Infinity;
  }

  #ring(): void {
    this.#disarm();
    const now = this.#clock.now();
    for (let first = this.#heap[0]; first !== undefined && first.dueAt <= now; first = this.#heap[0]) {
      this.clear(first);
      first.due();
    }
    this.#arm();
  }

  #rise(alarm: Alarm, from: number): void {
    let place = from;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = this.#heap[above];
      if (parent === undefined || parent.dueAt <= alarm.dueAt) break;
      this.#put(parent, place);
      place = above;
    }
    this.#put(alarm, place);
  }

  #sink(alarm: Alarm, from: number): void {
    let place = from;
    for (;;) {
      const left = 2 * place + 1;
      const right = this.#heap[left + 1];
      let child = this.#heap[left];
      if (child === undefined) break;
      if (right !== undefined && right.dueAt < child.dueAt) child = right;
      if (child.dueAt >= alarm.dueAt) break;
      const { place: below } = child;
      this.#put(child, place);
      place = below;
    }
    this.#put(alarm, place);
  }

  #put(alarm: Alarm, place: number): void {
    this.#heap[place] = alarm;
    alarm.place = place;
  }
}
