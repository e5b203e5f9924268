/**
 * The events of the SQLite journal: the log, and where in it each user's places are (SD1, SD2 in sqlite-schema.ts).
 *
 * The tail are the events behind `meta.indexed`. Their row ids are in memory until `index` writes them to `place`;
 * `load` reads them back, after opening and after a transaction that was rolled back.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { assert } from '../core/assert.ts';
import { StoreError } from '../core/errors.ts';
import { limits } from '../core/limits.ts';

/** Row ids of the places from `from` on, without a gap. */
type Tail = { from: number; ids: number[] };

type Value = number | string;

export type PlaceRange = { readonly from: number; readonly to: number };
export type Mention = PlaceRange & { readonly needle: string };
export type PlacedText = { readonly place: number; readonly text: string | null };

/** One statement writes many rows: a call into SQLite per row costs as much as the row. */
const rowsPerInsert = [32, 16, 4, 1] as const;

/** Places in one row of the index: few enough that a page of events doesn't read many more ids than it needs. */
const placesPerRow = 512;

export class EventLog {
  readonly #db: DatabaseSync;
  readonly #inserts: ReadonlyMap<number, StatementSync>;
  readonly #lastPlace: StatementSync;
  readonly #indexed: StatementSync;
  readonly #tail: StatementSync;
  readonly #tails = new Map<number, Tail>();
  #tailEvents = 0;
  #lastId = 0;
  #staged: Value[] = [];
  #stagedParts: { readonly owner: number; readonly from: number; readonly events: number }[] = [];

  constructor(db: DatabaseSync) {
    this.#db = db;
    const columns = 'INSERT INTO event (owner, user_seq, data) VALUES ';
    this.#inserts = new Map(
      rowsPerInsert.map((rows) => [rows, db.prepare(columns + Array<string>(rows).fill('(?, ?, ?)').join(', '))]),
    );
    this.#lastPlace = db.prepare('SELECT max(to_seq) AS place FROM place WHERE owner = ?');
    this.#indexed = db.prepare(selectIndexed);
    this.#tail = db.prepare(selectTail);
    this.load();
  }

  /** Has the tail grown so long that it is time to index it? */
  get indexDue(): boolean {
    return this.#tailEvents >= limits.sqliteTailEvents;
  }

  /** The last place of a user's stream; 0 when there is none. */
  headOf(owner: number): number {
    const tail = this.#tails.get(owner);
    if (tail !== undefined) return tail.from + tail.ids.length - 1;
    return Number(this.#lastPlace.get(owner)?.['place'] ?? 0);
  }

  /** Adds one user's lines to what `write` will write. */
  stage(owner: number, from: number, lines: readonly string[]): void {
    let place = from;
    for (const line of lines) this.#staged.push(owner, place++, line);
    this.#stagedParts.push({ owner, from, events: lines.length });
  }

  write(): void {
    const staged = this.#staged;
    const parts = this.#stagedParts;
    this.#staged = [];
    this.#stagedParts = [];
    let id = this.#lastId + 1;
    this.#insert(staged);
    assert(this.#lastId === id + staged.length / 3 - 1, 'the ids of a commit have a gap');
    for (const { owner, from, events } of parts) {
      let tail = this.#tails.get(owner);
      if (tail === undefined) this.#tails.set(owner, (tail = { from, ids: [] }));
      for (let event = 0; event < events; event++) tail.ids.push(id++);
    }
    this.#tailEvents += staged.length / 3;
  }

  /** Writes the places of the tail to the index, in a transaction of its own. */
  index(): void {
    const put = this.#db.prepare('INSERT INTO place (owner, from_seq, to_seq, ids) VALUES (?, ?, ?, ?)');
    for (const owner of [...this.#tails.keys()].toSorted((a, b) => a - b)) {
      const { from, ids } = this.#tails.get(owner) as Tail;
      for (let start = 0; start < ids.length; start += placesPerRow) {
        const some = ids.slice(start, start + placesPerRow);
        put.run(owner, from + start, from + start + some.length - 1, `[${some.join(',')}]`);
      }
    }
    this.#setIndexed(this.#lastId);
  }

  /** After `index` was committed. */
  forgetTail(): void {
    this.#tails.clear();
    this.#tailEvents = 0;
  }

  /**
   * The places of `range` that are there, in order. With `run` the text is null for those of other runs.
   * The index gives the ids up to the tail, the memory the rest. Who wants all of a range gets it in one go: iterating
   * in Node takes twice as long (4.6 to 2.1 µs a row). Who wants one run's stops when there is enough of it.
   */
  *places(owner: number, range: PlaceRange, run: string | undefined): Generator<PlacedText> {
    const tail = this.#tails.get(owner);
    const tailFrom = tail?.from ?? Number.POSITIVE_INFINITY;
    if (range.from < tailFrom) {
      const wanted = { owner, from: range.from, to: range.to, run: run ?? null };
      for (const row of rowsOf(this.#indexed, wanted)) yield row as PlacedText;
    }
    if (tail === undefined || range.to < tailFrom) return;
    const ids = tail.ids.slice(Math.max(0, range.from - tailFrom), range.to - tailFrom + 1);
    for (const row of rowsOf(this.#tail, { ids: `[${ids.join(',')}]`, run: run ?? null })) yield row as PlacedText;
  }

  /**
   * The user's events from `from` to `to` whose text has `needle` in it. Only those that are in the index are looked at.
   */
  *mentioning(owner: number, { from, to, needle }: Mention): Generator<{ readonly id: number; readonly text: string }> {
    const rows = this.#db.prepare(selectMentioning).iterate({ owner, from, to, needle });
    for (const row of rows) yield row as { id: number; text: string };
  }

  /**
   * Removes the events that `mentioning` finds and `isGone` says so of; the user's last one may not be among them.
   * The tail goes to the index first, as one with holes would count wrongly. If the transaction that this is in is
   * rolled back, `load` brings the tail back.
   */
  remove(owner: number, mention: Mention, isGone: (text: string) => boolean): void {
    this.index();
    this.forgetTail();
    const gone: number[] = [];
    for (const { id, text } of this.mentioning(owner, mention)) if (isGone(text)) gone.push(id);
    this.#db.prepare('DELETE FROM event WHERE id IN (SELECT value FROM json_each(?))').run(`[${gone.join(',')}]`);
  }

  /** Removes a user's events; the tail must be in the index, as one with holes would count wrongly. */
  erase(owner: number): void {
    this.#db
      .prepare('DELETE FROM event WHERE id IN (SELECT j.value FROM place p, json_each(p.ids) j WHERE p.owner = ?)')
      .run(owner);
    this.#db.prepare('DELETE FROM place WHERE owner = ?').run(owner);
    // Row ids at the end are used again, so what is indexed ends where the log now ends.
    this.#lastId = this.#maxId();
    this.#setIndexed(this.#lastId);
  }

  /** Reads the tail back from the log. */
  load(): void {
    this.#tails.clear();
    this.#staged = [];
    this.#stagedParts = [];
    this.#tailEvents = 0;
    this.#lastId = this.#maxId();
    const indexed = Number(this.#db.prepare("SELECT value FROM meta WHERE name = 'indexed'").get()?.['value']);
    const rows = this.#db.prepare('SELECT id, owner, user_seq FROM event WHERE id > ? ORDER BY id').iterate(indexed);
    for (const row of rows) {
      const { id, owner, user_seq: place } = row as { id: number; owner: number; user_seq: number };
      const expected = this.headOf(owner) + 1;
      if (place !== expected) throw brokenOrder(place, expected);
      const tail = this.#tails.get(owner);
      if (tail === undefined) this.#tails.set(owner, { from: place, ids: [id] });
      else tail.ids.push(id);
      this.#tailEvents++;
    }
  }

  #insert(values: readonly Value[]): void {
    let done = 0;
    for (const rows of rowsPerInsert) {
      const insert = this.#inserts.get(rows) as StatementSync;
      for (; values.length - done >= rows * 3; done += rows * 3) {
        this.#lastId = Number(insert.run(...values.slice(done, done + rows * 3)).lastInsertRowid);
      }
    }
  }

  #maxId(): number {
    return Number(this.#db.prepare('SELECT max(id) AS id FROM event').get()?.['id'] ?? 0);
  }

  #setIndexed(id: number): void {
    this.#db.prepare("UPDATE meta SET value = ? WHERE name = 'indexed'").run(id);
  }
}

const textOfRun = "CASE WHEN $run IS NULL OR e.data ->> '$.run' = $run THEN e.data END";

/**
 * The row of `place` that holds the first place wanted may begin before it. CROSS JOIN keeps the loops in this order,
 * so the events come in theirs without being sorted; the reader asserts it.
 */
const selectIndexed = `
  SELECT e.user_seq AS place, ${textOfRun} AS text
  FROM place p CROSS JOIN json_each(p.ids) j CROSS JOIN event e
  WHERE p.owner = $owner AND p.from_seq <= $to AND e.id = j.value AND e.owner = $owner AND e.user_seq BETWEEN $from AND $to
    AND p.from_seq >= coalesce((SELECT max(from_seq) FROM place WHERE owner = $owner AND from_seq <= $from), 0)
  ORDER BY p.from_seq`;

const selectMentioning = `
  SELECT e.id AS id, e.data AS text FROM place p CROSS JOIN json_each(p.ids) j CROSS JOIN event e
  WHERE p.owner = $owner AND p.to_seq >= $from AND p.from_seq <= $to AND e.id = j.value AND e.owner = $owner AND e.user_seq BETWEEN $from AND $to
    AND instr(e.data, $needle) > 0`;

const selectTail = `
  SELECT e.user_seq AS place, ${textOfRun} AS text FROM json_each($ids) j CROSS JOIN event e WHERE e.id = j.value`;

type Wanted = Readonly<Record<string, Value | null>> & { readonly run: string | null };

function rowsOf(statement: StatementSync, wanted: Wanted): Iterable<unknown> {
  return wanted.run === null ? statement.all(wanted) : statement.iterate(wanted);
}

function brokenOrder(place: number, expected: number): StoreError {
  return new StoreError(
    'store_corrupt',
    `The journal has place ${place} of a user's stream where ${expected} must be.`,
    {
      hint: 'Something other than Cantus wrote to journal.db, or the disk lost a part of it: restore it from a backup.',
    },
  );
}
