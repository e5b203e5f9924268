/**
 * Where the datasets of runs are, so that a run journals a reference instead of the calls.
 *
 * O1  A dataset is reached only through its owner: tenant and user are part of every place and every cache key.
 *     Another user's reference answers exactly as one that was never stored.
 * O2  A reference names content (by digest), mapping and assumptions, so one reference always means one dataset.
 * O3  `put` returns after the content is durable, so a run that journals the reference finds it after a restart.
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
  /** Reads the content once, so that a fault is told before anything runs, and stores it for this user. */
  put(user: Principal, content: string | Uint8Array, options: ReadOptions): Promise<DatasetRef>;
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

/** Keeps contents in memory; for tests and scripts. */
export function memorySource(): DatasetStore {
  const contents = new Map<string, string | Uint8Array>();
  return {
    async put(user, content, options) {
      await readApart(content, options);
      const ref = refOf(content, options);
      contents.set(keyOf(user, ref.sha256), content);
      return ref;
    },
    async load(user, ref) {
      const content = contents.get(keyOf(user, ref.sha256));
      if (content === undefined) throw notStored(ref);
      return readApart(content, ref);
    },
  };
}

/** Keeps the datasets used last in memory, up to so many rows, so that the tools of one run read their file once. */
export function cachedSource(source: DatasetSource, rowsKept: number = bounds.rowsKept): DatasetSource {
  const kept = new Map<string, { readonly loading: Promise<Dataset>; rows: number }>();
  let rows = 0;
  const drop = (key: string): void => {
    rows -= kept.get(key)?.rows ?? 0;
    kept.delete(key);
  };
  return {
    async load(user, ref) {
      const key = JSON.stringify([ownerText(user), ref]);
      const entry = kept.get(key) ?? { loading: source.load(user, ref), rows: 0 };
      // Taken out and put in again, so that the map's order is that of use.
      kept.delete(key);
      kept.set(key, entry);
      try {
        const dataset = await entry.loading;
        if (kept.get(key) !== entry) return dataset;
        rows += dataset.rows - entry.rows;
        entry.rows = dataset.rows;
        for (const oldest of kept.keys()) {
          if (rows <= rowsKept || oldest === key) break;
          drop(oldest);
        }
        return dataset;
      } catch (thrown) {
        // A failure isn't kept: the content may be stored later.
        if (kept.get(key) === entry) drop(key);
        throw thrown;
      }
    },
  };
}
