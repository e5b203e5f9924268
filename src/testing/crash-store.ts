/**
 * One engine's link to a store that several share, which a test can cut as the death of the process would.
 *
 * Y1  A link that is cut is silent both ways: calls neither fail nor return, and nothing is told to listeners.
 * Y2  `thaw` is what a frozen process does when it wakes: its calls go on to the store, late.
 */
import type { AppendResult, Store, UserBatch } from '../journal/store.ts';

/** Where in the n-th append the link is cut: nothing of it is written, or it is and nobody hears of it. */
export type Cut = { readonly append: number; readonly when: 'before' | 'after' };

export type StoreLink = Store & {
  /** Appends that were asked for so far. */
  readonly appends: number;
  readonly cut: boolean;
  /** Cuts the link now, whatever is under way. */
  freeze(): void;
  thaw(): void;
  /** Appends asked for in turn go through this instead of to the store. */
  intercept(append: ((batches: readonly UserBatch[]) => Promise<AppendResult>) | undefined): void;
};

/**
 * Links an engine to `store`.
 *
 * @example
 * const link = linkTo(store, { append: 3, when: 'after' });
 * const { engine } = await createTestEngine({ store: link, clock });
 */
export function linkTo(store: Store, cut?: Cut): StoreLink {
  const gate: { frozen: PromiseWithResolvers<void> | undefined } = { frozen: undefined };
  let appends = 0;
  let interceptor: ((batches: readonly UserBatch[]) => Promise<AppendResult>) | undefined;
  const freeze = (): void => {
    gate.frozen ??= Promise.withResolvers<void>();
  };
  const thawed = async (): Promise<void> => {
    for (let now = gate.frozen; now !== undefined; now = gate.frozen) await now.promise;
  };
  const pass = async <T>(call: () => Promise<T>): Promise<T> => {
    await thawed();
    const result = await call();
    await thawed();
    return result;
  };
  const whileLinked =
    <Args extends readonly unknown[]>(listener: (...args: Args) => void) =>
    (...args: Args): void => {
      if (gate.frozen === undefined) listener(...args);
    };
  const append = (batches: readonly UserBatch[]): Promise<AppendResult> => {
    const cutHere = ++appends === cut?.append;
    if (cutHere && cut.when === 'before') freeze();
    return pass(async () => {
      const result = await (interceptor ?? ((all) => store.append(all)))(batches);
      if (cutHere && cut.when === 'after') freeze();
      return result;
    });
  };
  return {
    name: store.name,
    durable: store.durable,
    get appends() {
      return appends;
    },
    get cut() {
      return gate.frozen !== undefined;
    },
    freeze,
    thaw() {
      const before = gate.frozen;
      gate.frozen = undefined;
      before?.resolve();
    },
    intercept(by) {
      interceptor = by;
    },
    append,
    ...callsOf(store, pass),
    watchInbox: (node, listener) => store.watchInbox(node, whileLinked(listener)),
    subscribe: (tenant, user, listener) => store.subscribe(tenant, user, whileLinked(listener)),
  };
}

type Pass = <T>(call: () => Promise<T>) => Promise<T>;

/** The calls that are one question and one answer. */
function callsOf(store: Store, pass: Pass) {
  return {
    open: () => pass(() => store.open()),
    close: () => pass(() => store.close()),
    heartbeat: (node) => pass(() => store.heartbeat(node)),
    own: (node, tenant, user) => pass(() => store.own(node, tenant, user)),
    release: (node, users) => pass(() => store.release(node, users)),
    takeover: (node, usersMax) => pass(() => store.takeover(node, usersMax)),
    putInbox: (tenant, user, entry) => pass(() => store.putInbox(tenant, user, entry)),
    inbox: (tenant, user) => pass(() => store.inbox(tenant, user)),
    inboxes: (node, usersMax) => pass(() => store.inboxes(node, usersMax)),
    head: (tenant, user) => pass(() => store.head(tenant, user)),
    read: (tenant, user, options) => pass(() => store.read(tenant, user, options)),
    run: (tenant, user, run) => pass(() => store.run(tenant, user, run)),
    runByKey: (tenant, user, key) => pass(() => store.runByKey(tenant, user, key)),
    runs: (tenant, user, query) => pass(() => store.runs(tenant, user, query)),
    thread: (tenant, user, thread) => pass(() => store.thread(tenant, user, thread)),
    threads: (tenant, user, query) => pass(() => store.threads(tenant, user, query)),
    blob: (tenant, user, sha256) => pass(() => store.blob(tenant, user, sha256)),
    erase: (tenant, user) => pass(() => store.erase(tenant, user)),
  } satisfies Partial<Store>;
}
