/**
 * What every store is held to: the rules S1 to S10 of journal/store.ts, as tests that any adapter runs.
 * It is `cantus/testing/stores`, apart from `cantus/testing`, because it needs fast-check beside it.
 *
 * @example
 * testStore('memory', async () => {
 *   const clock = new SimClock();
 *   return { store: memory({ clock }), advance: (ms) => clock.advance(ms) };
 * }, { skip: [{ tests: durableTests, reason: 'it ends with its process' }] });
 */
import { describe, it } from 'node:test';
import { ValidationError } from '../core/errors.ts';
import type { Store } from '../journal/store.ts';
import { appendCases } from './store-contract-append.ts';
import { durableCases } from './store-contract-durable.ts';
import { ownershipCases } from './store-contract-ownership.ts';
import { propertyCases } from './store-contract-properties.ts';
import { readCases } from './store-contract-read.ts';
import { threadCases } from './store-contract-threads.ts';

/** A store for one test, and what the test may do to it. */
export type StoreFixture = {
  readonly store: Store;
  /** Moves the store's clock. */
  readonly advance: (ms: number) => Promise<void>;
  /** Another store over the same data; called when the first is closed. */
  readonly reopen?: () => Store | Promise<Store>;
  /** Removes what the test left behind; called when all stores are closed. */
  readonly dispose?: () => Promise<void>;
};

export type StoreCase = (fixture: StoreFixture) => Promise<void>;
export type StoreCases = Readonly<Record<string, StoreCase>>;

/** Tests that an adapter can't be held to, each with the reason. */
export type StoreTestOptions = {
  readonly skip?: readonly { readonly tests: readonly string[]; readonly reason: string }[];
};

const cases: StoreCases = {
  ...appendCases,
  ...ownershipCases,
  ...readCases,
  ...threadCases,
  ...durableCases,
  ...propertyCases,
};

/** The tests that need a store which survives being closed. */
export const durableTests: readonly string[] = Object.keys(durableCases);

/** Registers the suite for one adapter. `create` gives a new, empty store that is not open yet. */
export function testStore(name: string, create: () => Promise<StoreFixture>, options: StoreTestOptions = {}): void {
  const reasons = new Map(options.skip?.flatMap(({ tests, reason }) => tests.map((test) => [test, reason] as const)));
  for (const test of reasons.keys()) {
    if (!(test in cases)) throw new ValidationError(`The contract of stores has no test "${test}" to skip.`);
  }
  describe(`the store ${name}`, () => {
    for (const [title, run] of Object.entries(cases)) {
      it(title, { skip: reasons.get(title) ?? false }, async () => {
        const fixture = await create();
        try {
          await fixture.store.open();
          await run(fixture);
        } finally {
          await fixture.store.close();
          await fixture.dispose?.();
        }
      });
    }
  });
}
