/**
 * A store that fails as stores do: a wrapper over any other, for tests and the simulation.
 *
 * FT1  `fail-before` rejects and writes nothing, `fail-after` writes and rejects all the same: a caller can't tell
 *     the two apart, as with a lost connection.
 * FT2  `freeze` holds the append back until `thaw`, as in a node that stops in mid-flush; what happens to the store
 *     meanwhile is what it meets then. `freeze-after` writes at once and holds back the answer.
 * FT3  Everything but `append` goes straight through.
 */
import type { Clock } from '../core/clock.ts';
import { StoreError } from '../core/errors.ts';
import type { Random } from '../core/random.ts';
import type { AppendResult, Store, UserBatch } from '../journal/store.ts';

export type AppendFault =
  | { readonly kind: 'none' | 'fail-before' | 'fail-after' | 'freeze' | 'freeze-after' }
  | { readonly kind: 'slow'; readonly ms: number };

/** Which appends fail, and how. */
export type Faults = {
  /** For slow appends. */
  readonly clock: Clock;
  /** What befalls append number `append`, counted from 1. */
  befall(append: number, batches: readonly UserBatch[]): AppendFault;
};

/** A store that fails as it was told to. */
export type FaultyStore = Store & {
  /** Appends that are held back now. */
  readonly frozen: number;
  /** Lets all that are held back go on, in their order. */
  thaw(): void;
};

export type Chances = {
  readonly failBefore?: number;
  readonly failAfter?: number;
  readonly slow?: number;
  /** The longest a slow append takes, in ms. */
  readonly slowMsMax?: number;
};

/** Faults by seeded chance; the shares of all appends that meet each. */
export function faultsByChance(clock: Clock, random: Random, chances: Chances): Faults {
  const { failBefore = 0, failAfter = 0, slow = 0, slowMsMax = 100 } = chances;
  return {
    clock,
    befall() {
      const draw = random.next();
      if (draw < failBefore) return { kind: 'fail-before' };
      if (draw < failBefore + failAfter) return { kind: 'fail-after' };
      if (draw < failBefore + failAfter + slow) return { kind: 'slow', ms: Math.ceil(random.next() * slowMsMax) };
      return { kind: 'none' };
    },
  };
}

/** Faults by plan: what befalls the first append, the second, and so on; then nothing. */
export function faultsByPlan(clock: Clock, plan: readonly AppendFault['kind'][]): Faults {
  return {
    clock,
    befall(append) {
      const kind = plan[append - 1] ?? 'none';
      return kind === 'slow' ? { kind, ms: 100 } : { kind };
    },
  };
}

/** Any store, with faults in front of it: appends fail before or after they are written, are slow, or freeze. */
export function faultyStore(inner: Store, faults: Faults): FaultyStore {
  const held: (() => void)[] = [];
  let appends = 0;
  const hold = (): Promise<void> => new Promise((resolve) => held.push(resolve));

  async function append(batches: readonly UserBatch[]): Promise<AppendResult> {
    const fault = faults.befall(++appends, batches);
    if (fault.kind === 'fail-before') throw planted('before');
    if (fault.kind === 'slow') await new Promise<void>((resolve) => void faults.clock.after(fault.ms, resolve));
    if (fault.kind === 'freeze') await hold();
    const result = await inner.append(batches);
    if (fault.kind === 'freeze-after') await hold();
    if (fault.kind === 'fail-after') throw planted('after');
    return result;
  }

  // A store's methods may use its private state, so each is called on the store itself.
  return new Proxy(inner, {
    get(target, name) {
      if (name === 'append') return append;
      if (name === 'frozen') return held.length;
      if (name === 'thaw') return () => held.splice(0).forEach((goOn) => goOn());
      const member: unknown = Reflect.get(target, name);
      return typeof member === 'function' ? (member.bind(target) as unknown) : member;
    },
  }) as FaultyStore;
}

function planted(when: 'before' | 'after'): StoreError {
  return new StoreError('store_failed', `A planted fault: the append failed ${when} its commit.`, {
    hint: 'This store is a test double; it is meant to fail.',
    retryable: true,
  });
}
