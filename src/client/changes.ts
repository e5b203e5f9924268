/** Who wants to know of which change: a version for each key, and listeners that are told once a microtask. */
export class Changes {
  readonly #versions = new Map<string, number>();
  readonly #listeners = new Map<string, Set<() => void>>();
  readonly #changed = new Set<string>();

  version(key: string): number {
    return this.#versions.get(key) ?? 0;
  }

  subscribe(key: string, listener: () => void): () => void {
    const listeners = this.#listeners.get(key) ?? new Set();
    this.#listeners.set(key, listeners);
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.#listeners.get(key) === listeners) this.#listeners.delete(key);
    };
  }

  mark(key: string): void {
    this.#versions.set(key, this.version(key) + 1);
    if (!this.#listeners.has(key)) return;
    if (this.#changed.size === 0) queueMicrotask(() => this.#tell());
    this.#changed.add(key);
  }

  #tell(): void {
    const told = new Set<() => void>();
    for (const key of this.#changed) for (const listener of this.#listeners.get(key) ?? []) told.add(listener);
    this.#changed.clear();
    for (const listener of told) listener();
  }
}
