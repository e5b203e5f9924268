/**
 * What a reader of a user's stream is sent, and in which order: the same for sockets and for event streams.
 *
 * DL1  A reader goes on exactly behind the place it names. Where that is of another generation, or not written yet, or
 *      too far back for it, it begins with a snapshot: that is decided before anything is read.
 * DL2  The open runs of a snapshot are those at its cursor, exactly: what came while they were read is added up on them.
 * DL3  Frames follow one another without a gap; a stream that begins a new generation begins with a new snapshot.
 */
import { assert } from '../core/assert.ts';
import { limits } from '../core/limits.ts';
import type { Frame } from '../engine/feed.ts';
import type { UserDoor } from '../engine/user-door.ts';
import type { JournalEvent } from '../journal/event.ts';
import { isEnded, openStatuses, rowAfter, type RunRow } from '../journal/run-row.ts';
import type { Cursor } from '../journal/store.ts';
import type { SnapshotReason } from '../protocol/frames.ts';

/** Where a reader wants to go on. */
export type Wanted = { readonly after?: Cursor | 'start'; readonly gapMax?: number };

/** Where it does. */
export type Start =
  | { readonly kind: 'follow'; readonly after: Cursor }
  | { readonly kind: 'snapshot'; readonly reason: SnapshotReason };

export type Snapshot = { readonly cursor: Cursor; readonly open: readonly RunRow[] };

export type Delivery =
  | ({ readonly kind: 'snapshot'; readonly reason: SnapshotReason } & Snapshot)
  | { readonly kind: 'frame'; readonly frame: Frame };

/** DL1, for a stream that stands at `head`. */
export function startOf({ after, gapMax }: Wanted, head: Cursor): Start {
  if (after === undefined) return { kind: 'snapshot', reason: 'fresh' };
  if (after === 'start') return { kind: 'follow', after: { generation: head.generation, userSeq: 0 } };
  if (after.generation !== head.generation || after.userSeq > head.userSeq)
    return { kind: 'snapshot', reason: 'generation' };
  if (gapMax !== undefined && head.userSeq - after.userSeq > gapMax) return { kind: 'snapshot', reason: 'gap' };
  return { kind: 'follow', after };
}

/** From `start` on until `signal` aborts or the engine closes. Nothing is read before it is asked for. */
export async function* deliveries(door: UserDoor, start: Start, signal: AbortSignal): AsyncGenerator<Delivery> {
  let next = start;
  while (!signal.aborted) {
    const place = next.kind === 'follow' ? next.after : undefined;
    let after = place;
    if (next.kind === 'snapshot') {
      const snapshot = await readSnapshot(door, signal);
      if (snapshot === undefined) return;
      yield { kind: 'snapshot', reason: next.reason, ...snapshot };
      after = snapshot.cursor;
    }
    assert(after !== undefined, 'a reader without a place');
    if (!(yield* follow(door, after, signal))) return;
    next = { kind: 'snapshot', reason: 'generation' };
  }
}

/** Gives whether the stream went on in another generation. */
async function* follow(door: UserDoor, after: Cursor, signal: AbortSignal): AsyncGenerator<Delivery, boolean> {
  let at = after.userSeq;
  for await (const frame of door.frames({ after, signal })) {
    if (frame.generation !== after.generation) return true;
    if (frame.to < frame.from) continue;
    assert(frame.from === at + 1, `a frame from ${frame.from} follows ${at}`);
    at = frame.to;
    yield { kind: 'frame', frame };
  }
  return false;
}

/** The user's open runs at one place (DL2); undefined when nobody waits for them any more. */
export async function readSnapshot(door: UserDoor, signal: AbortSignal): Promise<Snapshot | undefined> {
  while (!signal.aborted) {
    const before = await door.head();
    const rows = await openRows(door);
    const cursor = await door.head();
    if (cursor.generation !== before.generation) continue;
    if (!(await bringTo(rows, door, before, cursor))) continue;
    const open = [...rows.values()].filter(({ status }) => !isEnded(status));
    return { cursor, open: open.toSorted((a, b) => b.firstUserSeq - a.firstUserSeq) };
  }
  return undefined;
}

async function openRows(door: UserDoor): Promise<Map<string, RunRow>> {
  const rows = new Map<string, RunRow>();
  let before: number | undefined;
  while (rows.size < limits.snapshotRunsMax) {
    const limit = Math.min(limits.readPageEvents, limits.snapshotRunsMax - rows.size);
    const page = await door.runs({ status: openStatuses, limit, ...(before === undefined ? {} : { before }) });
    for (const row of page) rows.set(row.run, row);
    if (page.length < limit) break;
    before = page.at(-1)?.firstUserSeq;
  }
  return rows;
}

/**
 * Adds up on `rows`, which were read somewhere between the two places, what happened between them. A row has what its
 * newest event says, so that it doesn't matter which of these events it had already. False: the stream began anew.
 */
async function bringTo(rows: Map<string, RunRow>, door: UserDoor, from: Cursor, to: Cursor): Promise<boolean> {
  if (to.userSeq <= from.userSeq) return true;
  for await (const { generation, events, to: at } of door.frames({ after: from })) {
    if (generation !== from.generation) return false;
    for (const event of events) if (event.userSeq <= to.userSeq) applyTo(rows, event);
    if (at >= to.userSeq) return true;
  }
  // The engine was closed: nothing more comes, and the reader finds that out by itself.
  return true;
}

function applyTo(rows: Map<string, RunRow>, event: JournalEvent): void {
  if (event.type === 'thread.deleted') for (const run of event.data.runs) rows.delete(run);
  if (event.run === undefined) return;
  const row = rows.get(event.run);
  // It had ended before the rows were read, or is older than those a snapshot tells.
  if (row === undefined && event.type !== 'run.queued') return;
  rows.set(event.run, rowAfter(row, event));
}
