/** A store that tells the bench what is on the disk: the engine is asked nothing, so that nothing is added to its work. */
import type { EventType } from '../src/journal/event.ts';
import type { Store } from '../src/journal/store.ts';

export class HeardStore {
  readonly store: Store;
  readonly #types: ReadonlySet<EventType>;
  #count = 0;
  #waiting: { readonly count: number; readonly resolve: () => void }[] = [];

  /** Counts committed events of these types from here on. */
  constructor(store: Store, types: readonly EventType[]) {
    this.#types = new Set(types);
    this.store = store;
    const append = store.append.bind(store);
    store.append = async (batches) => {
      const result = await append(batches);
      for (const { events } of batches) for (const { type } of events) if (this.#types.has(type)) this.#count++;
      this.#tell();
      return result;
    };
  }

  get count(): number {
    return this.#count;
  }

  /** Resolves when so many are committed. */
  until(count: number): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push({ count, resolve });
      this.#tell();
    });
  }

  #tell(): void {
    for (const { count, resolve } of this.#waiting) if (this.#count >= count) resolve();
    this.#waiting = this.#waiting.filter(({ count }) => this.#count < count);
  }
}
