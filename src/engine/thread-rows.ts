/**
 * The rows of a user's threads that this node has at hand, so that they change with the events of the same commit.
 *
 * TH3  No event of a thread is stamped before its row was asked of the store: a row made of what this node saw alone
 *      would lose the title and the count of what was before.
 * TH4  A row is let go only when the store has it as it is here, and nothing of its thread is under way.
 */
import { assert } from '../core/assert.ts';
import { limits } from '../core/limits.ts';
import type { JournalEvent } from '../journal/event.ts';
import { threadAfter, type ThreadRow } from '../journal/thread-row.ts';

/** A row, or that there is none, and the place of the event that changed it last. */
type Known = { readonly row: ThreadRow | undefined; readonly userSeq: number };

/** What a commit says of threads. */
export type ThreadChanges = { readonly threads: readonly ThreadRow[]; readonly threadsDeleted: readonly string[] };

const none: readonly never[] = Object.freeze([]);
const unchanged: ThreadChanges = Object.freeze({ threads: none, threadsDeleted: none });

export class ThreadRows {
  readonly #known = new Map<string, Known>();
  readonly #asking = new Map<string, Promise<void>>();

  /** May an event of the thread be stamped (TH3)? */
  has(thread: string): boolean {
    return this.#known.has(thread);
  }

  /** The row as of the last commit handed to the store. */
  row(thread: string): ThreadRow | undefined {
    return this.#known.get(thread)?.row;
  }

  /** Has the thread's row at hand when it resolves; one question at a time, so that no old answer comes last. */
  load(thread: string, ask: () => Promise<ThreadRow | undefined>): Promise<void> {
    if (this.#known.has(thread)) return Promise.resolve();
    let asking = this.#asking.get(thread);
    if (asking === undefined) {
      asking = ask()
        .then((row) => void this.#known.set(thread, { row, userSeq: 0 }))
        .finally(() => this.#asking.delete(thread));
      this.#asking.set(thread, asking);
    }
    return asking;
  }

  /** The changes of the rows by the events of one commit. */
  after(events: readonly JournalEvent[]): ThreadChanges {
    let changed: Map<string, ThreadRow | undefined> | undefined;
    const deleted = new Set<string>();
    for (const event of events) {
      const { thread, userSeq } = event;
      if (thread === undefined) continue;
      const known = this.#known.get(thread);
      assert(known !== undefined, 'an event of a thread whose row is not at hand');
      const row = threadAfter(known.row, event);
      if (event.type === 'thread.deleted') deleted.add(thread);
      if (row === known.row) continue;
      this.#known.set(thread, { row, userSeq });
      (changed ??= new Map()).set(thread, row);
    }
    if (changed === undefined && deleted.size === 0) return unchanged;
    const threads = [...(changed?.values() ?? none)].filter((row) => row !== undefined);
    return { threads, threadsDeleted: [...deleted] };
  }

  /** Lets go of rows beyond the bound (TH4): `committed` is the last place that the store has. */
  trim(committed: number, isUnderWay: (thread: string) => boolean): void {
    if (this.#known.size <= limits.threadsAtHandMax) return;
    for (const [thread, { userSeq }] of this.#known) {
      if (userSeq <= committed && !isUnderWay(thread)) this.#known.delete(thread);
    }
  }
}
