/** Where a reader begins, and that what it is told there is true of exactly that place. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { createEngine } from '../engine/create-engine.ts';
import type { Frame } from '../engine/feed.ts';
import { storeWith } from '../engine/run.fixture.ts';
import type { UserDoor } from '../engine/user-door.ts';
import type { JournalEvent } from '../journal/event.ts';
import { isEnded, rowAfter, type RunRow } from '../journal/run-row.ts';
import type { Cursor, RunQuery } from '../journal/store.ts';
import { memory } from '../stores/memory.ts';
import { completed, note, queued, started, StoreAuthor, type Draft } from '../testing/store-author.ts';
import { deliveries, readSnapshot, startOf, type Delivery } from './delivery.ts';

const head: Cursor = { generation: 'g', userSeq: 10 };
const unheard = new AbortController().signal;

describe('where a reader begins (DL1)', () => {
  const cases: readonly (readonly [string, Parameters<typeof startOf>[0], unknown])[] = [
    ['a snapshot, without a place', {}, { kind: 'snapshot', reason: 'fresh' }],
    ['the first event, from the start', { after: 'start' }, { kind: 'follow', after: { generation: 'g', userSeq: 0 } }],
    [
      'behind its place',
      { after: { generation: 'g', userSeq: 4 } },
      { kind: 'follow', after: { ...head, userSeq: 4 } },
    ],
    ['at the head', { after: head }, { kind: 'follow', after: head }],
    [
      'a snapshot, from a place that is not written',
      { after: { ...head, userSeq: 11 } },
      { kind: 'snapshot', reason: 'generation' },
    ],
    [
      'a snapshot, from another generation',
      { after: { generation: 'f', userSeq: 4 } },
      { kind: 'snapshot', reason: 'generation' },
    ],
    [
      'behind its place, just near enough',
      { after: { ...head, userSeq: 7 }, gapMax: 3 },
      { kind: 'follow', after: { ...head, userSeq: 7 } },
    ],
    ['a snapshot, too far back', { after: { ...head, userSeq: 6 }, gapMax: 3 }, { kind: 'snapshot', reason: 'gap' }],
  ];
  for (const [name, wanted, expected] of cases)
    it(`is ${name}`, () => {
      assert.deepEqual(startOf(wanted, head), expected);
    });
});

/** The open runs at a place, as the journal tells them. */
function openAt(events: readonly JournalEvent[], userSeq: number): RunRow[] {
  const rows = new Map<string, RunRow>();
  for (const event of events) {
    if (event.userSeq > userSeq || event.run === undefined) continue;
    rows.set(event.run, rowAfter(rows.get(event.run), event));
  }
  const open = [...rows.values()].filter(({ status }) => !isEnded(status));
  return open.toSorted((a, b) => b.firstUserSeq - a.firstUserSeq);
}

const runs = ['r1', 'r2', 'r3', 'r4'];
/** Each moves one run a step on: queued, started, completed; or says something else. */
const moves = fc.array(fc.integer({ min: 0, max: runs.length }), { maxLength: 6 });

describe('a snapshot (DL2)', () => {
  it('has the runs that are open at its cursor, whatever happens while it is read', async () => {
    await fc.assert(
      fc.asyncProperty(moves, moves, moves, async (before, during, later) => {
        const store = memory();
        const author = await StoreAuthor.own(store, 'writer', { tenant: 'main', user: 'alice' });
        const written: JournalEvent[] = [];
        const stage = new Map<string, number>();
        const write = async (script: readonly number[]): Promise<void> => {
          for (const pick of script) {
            const run = runs[pick];
            const at = stage.get(run ?? '') ?? 0;
            let draft: Draft = note('of the user');
            if (run !== undefined && at < 3) {
              draft = ([queued, started, completed][at] ?? queued)(run);
              stage.set(run, at + 1);
            }
            const part = author.part([draft]);
            written.push(...part.events);
            await store.append([part]);
          }
        };
        await write(before);
        const busy = storeWith(store, {
          async runs(tenant: string, user: string, query: RunQuery) {
            await write(during);
            const rows = await store.runs(tenant, user, query);
            await write(later);
            return rows;
          },
        });
        const engine = await createEngine({ store: busy, readOnly: true });
        const snapshot = await readSnapshot(engine.as({ user: 'alice' }), unheard);
        assert.ok(snapshot !== undefined);
        assert.deepEqual(snapshot.open, openAt(written, snapshot.cursor.userSeq));
        await engine.close();
      }),
      { numRuns: 60 },
    );
  });
});

/** A door whose stream is a script. */
function scriptedDoor(heads: Cursor[], frames: (after: Cursor) => readonly Frame[]): UserDoor {
  return {
    head: async () => (heads.length > 1 ? heads.shift() : heads[0]),
    runs: async () => [],
    async *frames({ after }: { after: Cursor }) {
      yield* frames(after);
    },
  } as unknown as UserDoor;
}

const frameOf = (generation: string, from: number, to: number): Frame => ({
  generation,
  from,
  to,
  events: [],
  skipped: [{ from, to }],
});

async function all(deliver: AsyncIterable<Delivery>): Promise<string[]> {
  const seen: string[] = [];
  for await (const delivery of deliver)
    seen.push(
      delivery.kind === 'frame'
        ? `${delivery.frame.generation} ${delivery.frame.from}-${delivery.frame.to}`
        : `${delivery.reason} at ${delivery.cursor.generation} ${delivery.cursor.userSeq}`,
    );
  return seen;
}

describe('a stream that begins a new generation under its reader (DL3)', () => {
  it('goes on with a snapshot of the new one, and shows nothing of it before', async () => {
    const door = scriptedDoor([{ generation: 'h', userSeq: 2 }], ({ generation, userSeq }) =>
      generation === 'g' ? [frameOf('g', userSeq + 1, 7), frameOf('h', 1, 2)] : [frameOf('h', userSeq + 1, 9)],
    );
    const start = { kind: 'follow', after: { generation: 'g', userSeq: 4 } } as const;
    assert.deepEqual(await all(deliveries(door, start, unheard)), ['g 5-7', 'generation at h 2', 'h 3-9']);
  });

  it('never passes on a gap', async () => {
    const door = scriptedDoor([head], () => [frameOf('g', 5, 7), frameOf('g', 9, 9)]);
    const start = { kind: 'follow', after: { generation: 'g', userSeq: 4 } } as const;
    await assert.rejects(all(deliveries(door, start, unheard)), { code: 'bug' });
  });
});
