/** What the tests of the engine share: readers of a run's journal, and a way to wait for what is to come. */
import { systemClock } from '../core/clock.ts';
import type { EventOf, EventType, JournalEvent } from '../journal/event.ts';
import type { Store } from '../journal/store.ts';
import { foldRun } from '../journal/run-state.ts';
import type { RunHandle } from './run-handle.ts';

/** All events of a run, from its first to its end. That they fold is asserted on the way (R1 to R4). */
export async function journalOf<Output>(run: RunHandle<Output>): Promise<JournalEvent[]> {
  const events: JournalEvent[] = [];
  for await (const event of run.events()) events.push(event);
  foldRun(events);
  return events;
}

/** The events of one type. */
export function eventsOf<T extends EventType>(events: readonly JournalEvent[], type: T): EventOf<T>[] {
  return events.filter((event) => event.type === type) as unknown as EventOf<T>[];
}

/** The types in order; those with a path as `type path`. */
export function linesOf(events: readonly JournalEvent[]): string[] {
  return events.map(({ type, path }) => (path === undefined ? type : `${type} ${path}`));
}

/** Resolves when `condition` holds; throws after many turns of the event loop. No time passes by it. */
export async function until(condition: () => boolean): Promise<void> {
  for (let turn = 0; turn < 2_000; turn++) {
    if (condition()) return;
    await new Promise<void>((resolve) => systemClock.soon(resolve));
  }
  throw new Error('It did not happen.');
}

/** A store that does some things another way. */
export function storeWith(store: Store, other: Partial<Store>): Store {
  return new Proxy(store, {
    get(target, name) {
      const own: unknown = Reflect.get(other, name) ?? Reflect.get(target, name, target);
      return typeof own === 'function' ? (own.bind(target) as unknown) : own;
    },
  });
}
