/** Users of a node whose runs all sleep, and who are not at hand: all that is known is when the first is due (node.ts O4). */
import { limits } from '../core/limits.ts';
import type { Clock } from '../core/clock.ts';
import type { Alarm, Alarms } from './alarms.ts';
import type { UserStream } from './user-stream.ts';

class DozingUser implements Alarm {
  readonly key: string;
  readonly tenant: string;
  readonly user: string;
  dueAt: number;
  place = -1;
  readonly #users: DozingUsers;

  constructor(users: DozingUsers, { key, tenant, user, asleep }: UserStream) {
    this.#users = users;
    this.key = key;
    this.tenant = tenant;
    this.user = user;
    this.dueAt = Infinity;
    for (const { dueAt } of asleep.values()) this.dueAt = Math.min(this.dueAt, dueAt);
  }

  due(): void {
    void this.#users.load(this);
  }
}

export class DozingUsers {
  readonly #clock: Clock;
  readonly #alarms: Alarms;
  readonly #load: (tenant: string, user: string) => Promise<unknown>;
  readonly #users = new Map<string, DozingUser>();

  /** `load` has the user at hand again, and rejects when that can't be now. */
  constructor(clock: Clock, alarms: Alarms, load: (tenant: string, user: string) => Promise<unknown>) {
    this.#clock = clock;
    this.#alarms = alarms;
    this.#load = load;
  }

  get size(): number {
    return this.#users.size;
  }

  /** The stream is about to be let go: from here on its user dozes. */
  add(stream: UserStream): void {
    const dozing = new DozingUser(this, stream);
    this.#users.set(dozing.key, dozing);
    this.#alarms.set(dozing);
  }

  /** The user is at hand, or is nobody's here any more. */
  forget(key: string): void {
    const dozing = this.#users.get(key);
    if (dozing === undefined) return;
    this.#users.delete(key);
    this.#alarms.clear(dozing);
  }

  clear(): void {
    for (const key of this.#users.keys()) this.forget(key);
  }

  async load(dozing: DozingUser): Promise<void> {
    try {
      await this.#load(dozing.tenant, dozing.user);
    } catch {
      // Its store fails, and others tell of that. It is asked for again.
      if (this.#users.get(dozing.key) !== dozing) return;
      dozing.dueAt = this.#clock.now() + limits.leaseRenewMs;
      this.#alarms.set(dozing);
      return;
    }
    if (this.#users.get(dozing.key) === dozing) this.#users.delete(dozing.key);
  }
}
