/**
 * Where the datasets of runs are, so that a run journals a reference instead of the calls.
 *
 * O1  A dataset is reached only through its owner: tenant and user are part of every place and every cache key.
 *     Another user's reference answers exactly as one that was never stored.
 * O2  A reference names content (by digest), mapping and assumptions, so one reference always means one dataset.
 * O3  `put` returns after the content is durable, so a run that journals the reference finds it after a restart.
 * O4  A content is read once for a question and all the tools of its run, as long as it is among those used last.
 */
import { createHash } from 'node:crypto';
import { NotFoundError, type Principal } from 'cantus';
import { z } from 'zod';
import { bounds } from '../bounds.ts';
import type { Dataset } from './dataset.ts';
import { fieldNames } from './fields.ts';
import { readApart } from '../apart.ts';
import type { ReadOptions } from './read-calls.ts';

export const datasetRefSchema = z
  .object({
    sha256: z.string().regex(/^[0-9a-f]{64}$/u),
    name: z.string().min(1),
    format: z.enum(['csv', 'jsonl']).exactOptional(),
    mapping: z.partialRecord(z.enum(fieldNames), z.string()).exactOptional(),
    assume: z
      .object({
        model: z.string().exactOptional(),
        provider: z.string().exactOptional(),
        latencyUnit: z.enum(['ms', 's', 'us', 'min']).exactOptional(),
      })
      .exactOptional(),
    skipBadRows: z.boolean().exactOptional(),
    generated: z.boolean().exactOptional(),
    /** Calls without a time are priced as of then (ms since 1970). */
    pricesAtMs: z.number(),
  })
  .describe('Which data to look at. Pass it on as it was given.');
export type DatasetRef = z.infer<typeof datasetRefSchema>;

/** The port that the tools read through. */
export interface DatasetSource {
  /** Throws NotFoundError unless this user has stored the content. */
  load(user: Principal, ref: DatasetRef): Promise<Dataset>;
}

/** A source that keeps what users give it. */
export interface DatasetStore extends DatasetSource {
  /** Reads the content, so that a fault is told before anything runs, and stores it for this user. */
  put(user: Principal, content: string | Uint8Array, options: ReadOptions): Promise<DatasetRef>;
}

/** Where contents are kept, for each user apart, as they were given. */
export interface ContentStore {
  /** Returns when the content is as durable as the place is. */
  keep(user: Principal, sha256: string, content: string | Uint8Array): Promise<void>;
  /** Undefined unless this user has kept a content of this digest. */
  find(user: Principal, sha256: string): Promise<string | Uint8Array | undefined>;
}

/** One string for an owner that no other owner has: the length first, since plain joins let "a-b"+"c" be "a"+"b-c". */
export function ownerText(user: Principal): string {
  return `${user.tenant.length}:${user.tenant}:${user.user}`;
}

export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/** The reference of a content that has been read with these options. */
export function refOf(content: string | Uint8Array, options: ReadOptions): DatasetRef {
  return { sha256: sha256(content), ...options };
}

export function notStored(ref: DatasetRef): NotFoundError {
  return new NotFoundError('blob', ref.sha256, 'Give the file again: datasets belong to the user who stored them.');
}

function keyOf(user: Principal, digest: string): string {
  return `${digest}:${ownerText(user)}`;
}

/** Keeps contents in memory. */
function memoryContents(): ContentStore {
  const contents = new Map<string, string | Uint8Array>();
  return {
    keep: async (user, digest, content) => void contents.set(keyOf(user, digest), content),
    find: async (user, digest) => contents.get(keyOf(user, digest)),
  };
}

/** Keeps datasets in memory; for tests and scripts. */
export function memorySource(): DatasetStore {
  return datasetStore(memoryContents());
}

/**
 * Datasets of contents. Those used last stay in memory, up to so many rows, so that a file is read once for its
 * question and all the tools of its run (O4).
 */
export function datasetStore(contents: ContentStore, rowsKept: number = bounds.rowsKept): DatasetStore {
  const cache = new DatasetCache(rowsKept);
  return {
    async put(user, content, options) {
      const ref = refOf(content, options);
      await cache.load(user, ref, () => readApart(content, options));
      // Also what is in memory already: that says nothing of what lasts (O3).
      await contents.keep(user, ref.sha256, content);
      return ref;
    },
    load: (user, ref) =>
      cache.load(user, ref, async () => {
        const content = await contents.find(user, ref.sha256);
        if (content === undefined) throw notStored(ref);
        return readApart(content, ref);
      }),
  };
}

type Kept = { readonly loading: Promise<Dataset>; rows: number };

class DatasetCache {
  readonly #rowsKept: number;
  /** In the order of their use, oldest first. */
  readonly #kept = new Map<string, Kept>();
  #rows = 0;

  constructor(rowsKept: number) {
    this.#rowsKept = rowsKept;
  }

  async load(user: Principal, ref: DatasetRef, read: () => Promise<Dataset>): Promise<Dataset> {
    // As its schema orders it: a reference comes from here, from a journal or from a model.
    const key = JSON.stringify([ownerText(user), datasetRefSchema.parse(ref)]);
    const entry = this.#kept.get(key) ?? { loading: read(), rows: 0 };
    this.#kept.delete(key);
    this.#kept.set(key, entry);
    try {
      const dataset = await entry.loading;
      if (this.#kept.get(key) === entry) this.#count(key, entry, dataset.rows);
      return dataset;
    } catch (thrown) {
      // A failure isn't kept: the content may be stored later.
      if (this.#kept.get(key) === entry) this.#drop(key);
      throw thrown;
    }
  }

  #count(key: string, entry: Kept, rows: number): void {
    this.#rows += rows - entry.rows;
    entry.rows = rows;
    for (const oldest of this.#kept.keys()) {
      if (this.#rows <= this.#rowsKept || oldest === key) return;
      this.#drop(oldest);
    }
  }

  #drop(key: string): void {
    this.#rows -= this.#kept.get(key)?.rows ?? 0;
    this.#kept.delete(key);
  }
}
