/** What a store has of a user's runs, read back: the rows of those that are open, and their states. */
import { limits } from '../core/limits.ts';
import type { JournalEvent } from '../journal/event.ts';
import { evolve, foldRun, type RunState } from '../journal/run-state.ts';
import { openStatuses, type RunRow } from '../journal/run-row.ts';
import type { Store } from '../journal/store.ts';

type UserName = { readonly tenant: string; readonly user: string };

/** Above this one walk over all of a user's events is less than a walk for each run, which leaves the others' out. */
const walksMax = 4;

/** All open runs of a user, oldest first: those that wait are not bounded by the queue. */
export async function openRuns(store: Store, { tenant, user }: UserName): Promise<readonly RunRow[]> {
  const rows: RunRow[] = [];
  const limit = limits.readPageEvents;
  for (;;) {
    const before = rows.at(-1)?.firstUserSeq;
    const page = await store.runs(tenant, user, {
      status: openStatuses,
      limit,
      ...(before === undefined ? {} : { before }),
    });
    rows.push(...page);
    if (page.length < limit) return rows.toReversed();
  }
}

/**
 * The states of a user's open runs, given oldest first. Many runs that wait at once stand in each other's stretch of
 * the stream: a walk for each costs the square of them (measured: 48 s for five users with a thousand each, now 1 s).
 */
export async function statesOf(
  store: Store,
  { tenant, user }: UserName,
  rows: readonly RunRow[],
): Promise<ReadonlyMap<string, RunState | undefined>> {
  const states = new Map<string, RunState | undefined>(rows.map(({ run }) => [run, undefined]));
  if (rows.length <= walksMax) {
    for (const row of rows) states.set(row.run, await readRun(store, { tenant, user }, row));
    return states;
  }
  for await (const events of pages(store, { tenant, user }, { after: (rows[0]?.firstUserSeq ?? 1) - 1, last: 0 })) {
    for (const event of events) {
      if (event.run !== undefined && states.has(event.run)) states.set(event.run, evolve(states.get(event.run), event));
    }
  }
  return states;
}

/** The state of a run, from its events. */
export async function readRun(store: Store, of: UserName, row: RunRow): Promise<RunState | undefined> {
  const events: JournalEvent[] = [];
  const range = { after: row.firstUserSeq - 1, last: row.lastUserSeq, run: row.run };
  for await (const page of pages(store, of, range)) events.push(...page);
  return foldRun(events);
}

/** Events in pages, up to the `last` place, or to the last there is now if that is 0. */
async function* pages(
  store: Store,
  { tenant, user }: UserName,
  { last, ...range }: { readonly after: number; readonly last: number; readonly run?: string },
): AsyncGenerator<readonly JournalEvent[]> {
  let { after } = range;
  for (;;) {
    const page = await store.read(tenant, user, { ...range, after, limit: limits.readPageEvents });
    yield page.events;
    if (page.next <= after || page.next >= (last === 0 ? page.head.userSeq : last)) return;
    after = page.next;
  }
}
