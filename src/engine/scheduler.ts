/**
 * Which run gets a slot next, on this node.
 *
 * H1  At most `runningMax` runs run at once, and at most `runningPerUserMax` of one user.
 * H2  Between users by time used: the one who has used least is next (start-time fair queueing, Goyal et al. 1996).
 * H3  The last share of the slots goes only to users with nothing running, so that a flooder never has them all (P6).
 * H4  A thread has at most one active run: the next one waits until it has ended, whatever it waits for meanwhile.
 * H6  Of the suspects, which may be what ends its process, one runs at a time: the others are not cut off with it.
 * H5  A slot is taken and returned here alone, by the run that has it; a suspended run has none.
 */
import { LimitError } from '../core/errors.ts';
import type { Run } from './run.ts';

export type SchedulerLimits = {
  readonly runningMax: number;
  readonly runningPerUserMax: number;
  readonly queuedMax: number;
  readonly queuedPerUserMax: number;
  readonly freshUserSlotShare: number;
};

type UserQueue = {
  readonly key: string;
  readonly waiting: Run[];
  /** Runs with a slot, and how much active time each had when it got it. */
  readonly running: Map<Run, number>;
  /** The id of the active run of each thread: it may sleep. */
  readonly threads: Map<string, string>;
  /** Time used, in ms, on the node's virtual clock. */
  used: number;
};

export class Scheduler {
  readonly #limits: SchedulerLimits;
  readonly #users = new Map<string, UserQueue>();
  readonly #waiting = new Set<UserQueue>();
  /** The suspect that has a slot (H6). */
  #suspect: Run | undefined;
  #running = 0;
  #queued = 0;
  /** The virtual clock: what the user served last had used. */
  #now = 0;

  constructor(limits: SchedulerLimits) {
    this.#limits = limits;
  }

  get running(): number {
    return this.#running;
  }

  get queued(): number {
    return this.#queued;
  }

  /** Throws a LimitError when one more run of the user may not wait. */
  admit(key: string): void {
    const user = this.#users.get(key);
    if (user !== undefined && user.waiting.length >= this.#limits.queuedPerUserMax) {
      throw new LimitError(`You have ${user.waiting.length} runs waiting already.`, {
        hint: 'Wait for some to end, or cancel some.',
        retryable: true,
      });
    }
    if (this.#queued >= this.#limits.queuedMax) {
      throw new LimitError('This node has as many runs waiting as it takes.', {
        hint: 'Try again later.',
        retryable: true,
      });
    }
  }

  /** The run wants a slot; it is granted now or later. */
  add(run: Run): void {
    const user = this.#userOf(run.stream.key);
    // Who comes new, or comes back after having wanted nothing, begins at the present: time not used is no credit.
    if (user.waiting.length + user.running.size === 0) user.used = Math.max(user.used, this.#now);
    user.waiting.push(run);
    this.#queued++;
    this.#waiting.add(user);
    this.#fill();
  }

  /** The run returns its slot. It keeps its thread until it is removed. */
  release(run: Run): void {
    const user = this.#users.get(run.stream.key);
    const before = user?.running.get(run);
    if (user === undefined || before === undefined) return;
    user.running.delete(run);
    this.#running--;
    if (this.#suspect === run) this.#suspect = undefined;
    user.used += Math.max(1, run.activeMs() - before);
    if (!run.live) this.#leaveThread(user, run);
    this.#tidy(user);
    this.#fill();
  }

  /** The run wants nothing more. */
  remove(run: Run): void {
    const user = this.#users.get(run.stream.key);
    if (user === undefined) return;
    const index = user.waiting.indexOf(run);
    if (index >= 0) {
      user.waiting.splice(index, 1);
      this.#queued--;
    }
    this.#leaveThread(user, run);
    this.#tidy(user);
    this.#fill();
  }

  /** Is the run's thread its own, or free? */
  hasThreadFor(run: Run): boolean {
    const user = this.#users.get(run.stream.key);
    return user === undefined || threadIsFree(user, run);
  }

  /** The run has the thread, though it sleeps (H4). */
  hold(key: string, thread: string, run: string): void {
    const { threads } = this.#userOf(key);
    if (!threads.has(thread)) threads.set(thread, run);
  }

  /** The run that has the thread goes on as another one, which has it then. */
  handOver(key: string, thread: string, { from, to }: { readonly from: string; readonly to: string }): void {
    const { threads } = this.#userOf(key);
    if (threads.get(thread) === from) threads.set(thread, to);
  }

  /** A sleeping run leaves its thread. */
  leave(key: string, thread: string, run: string): void {
    const user = this.#users.get(key);
    if (user?.threads.get(thread) !== run) return;
    user.threads.delete(thread);
    this.#tidy(user);
    this.#fill();
  }

  #leaveThread(user: UserQueue, run: Run): void {
    if (run.thread !== undefined && user.threads.get(run.thread) === run.id) user.threads.delete(run.thread);
  }

  #tidy(user: UserQueue): void {
    if (user.waiting.length === 0) this.#waiting.delete(user);
    if (user.waiting.length + user.running.size + user.threads.size === 0) this.#users.delete(user.key);
  }

  #userOf(key: string): UserQueue {
    let user = this.#users.get(key);
    if (user === undefined) {
      user = { key, waiting: [], running: new Map(), threads: new Map(), used: this.#now };
      this.#users.set(key, user);
    }
    return user;
  }

  #fill(): void {
    while (this.#running < this.#limits.runningMax) {
      const next = this.#next();
      if (next === undefined) return;
      this.#grant(next.user, next.run);
    }
  }

  #next(): { readonly user: UserQueue; readonly run: Run } | undefined {
    const onlyFresh = this.#running >= Math.ceil(this.#limits.runningMax * (1 - this.#limits.freshUserSlotShare));
    let best: { readonly user: UserQueue; readonly run: Run } | undefined;
    for (const user of this.#waiting) {
      if (user.running.size >= this.#limits.runningPerUserMax || (onlyFresh && user.running.size > 0)) continue;
      if (best !== undefined && best.user.used <= user.used) continue;
      const run = user.waiting.find((candidate) => this.#mayRun(user, candidate));
      if (run !== undefined) best = { user, run };
    }
    return best;
  }

  #mayRun(user: UserQueue, run: Run): boolean {
    return threadIsFree(user, run) && !(run.suspect && this.#suspect !== undefined);
  }

  /** The run got on with its work, so it is no suspect any more. */
  clear(run: Run): void {
    run.suspect = false;
    if (this.#suspect !== run) return;
    this.#suspect = undefined;
    this.#fill();
  }

  #grant(user: UserQueue, run: Run): void {
    user.waiting.splice(user.waiting.indexOf(run), 1);
    this.#queued--;
    if (user.waiting.length === 0) this.#waiting.delete(user);
    user.running.set(run, run.activeMs());
    this.#running++;
    if (run.suspect) this.#suspect = run;
    this.#now = Math.max(this.#now, user.used);
    if (run.thread !== undefined) user.threads.set(run.thread, run.id);
    run.grant();
  }
}

function threadIsFree(user: UserQueue, run: Run): boolean {
  const active = run.thread === undefined ? undefined : user.threads.get(run.thread);
  return active === undefined || active === run.id;
}
