/**
 * Who wants to be told, by key. Nothing is kept for a key without listeners.
 * A listener that throws is reported as a warning of the process; the others, and the store, go on.
 */
export class Listeners<Args extends readonly unknown[]> {
  readonly #byKey = new Map<string, Set<{ readonly call: (...args: Args) => void }>>();

  /** Adds `call`; the returned function takes it away again. One function may be added more than once. */
  add(key: string, call: (...args: Args) => void): () => void {
    const entry = { call };
    let entries = this.#byKey.get(key);
    if (entries === undefined) this.#byKey.set(key, (entries = new Set()));
    entries.add(entry);
    return () => {
      const present = this.#byKey.get(key);
      if (present?.delete(entry) === true && present.size === 0) this.#byKey.delete(key);
    };
  }

  get empty(): boolean {
    return this.#byKey.size === 0;
  }

  tell(key: string, ...args: Args): void {
    const entries = this.#byKey.get(key);
    if (entries === undefined) return;
    // A copy, so that one who listens because of this call isn't told of what was before.
    for (const entry of Array.from(entries)) {
      if (!entries.has(entry)) continue;
      try {
        entry.call(...args);
      } catch (thrown) {
        warnOf(thrown);
      }
    }
  }
}

/** The message of an error may hold a user's words, so only its kind and its place in the code are told (P2). */
function warnOf(thrown: unknown): void {
  const kind = thrown instanceof Error ? thrown.name : typeof thrown;
  const frames = thrown instanceof Error ? (thrown.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line)) : [];
  process.emitWarning(`A listener of the store threw (${kind}); the store goes on without its answer.`, {
    type: 'CantusWarning',
    detail: frames.join('\n'),
  });
}
