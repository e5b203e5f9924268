/** The quiet time of one suspended run, after which it is evicted (sleepers.ts SL1). */
import { limits } from '../core/limits.ts';
import type { Alarm } from './alarms.ts';
import type { Run } from './run.ts';

export class Eviction implements Alarm {
  readonly #run: Run;
  dueAt: number;
  place = -1;

  constructor(run: Run) {
    this.#run = run;
    this.dueAt = 0;
    this.restart();
  }

  /** Something happened to the run: its quiet time begins anew. */
  restart(): void {
    const { clock, quiet } = this.#run.node;
    quiet.clear(this);
    this.dueAt = clock.now() + limits.evictAfterMs;
    quiet.set(this);
  }

  stop(): void {
    this.#run.node.quiet.clear(this);
  }

  due(): void {
    if (!this.#run.evict()) this.restart();
  }
}
