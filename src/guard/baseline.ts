/**
 * The baseline: violations that were there when a rule was made, and are to go.
 *
 * VB1  One small file for each concept, a line for each violation, sorted by its key: two branches that each take one out
 *      don't meet on a line, and nothing in the file changes when code moves or when another is found.
 * VB2  It only shrinks. Whoever adds to it says why, and the reason stands in the file.
 * VB3  A key that is found no more is stale, and a stale key fails the check: it would let the violation come back unseen.
 */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { ValidationError } from '../core/errors.ts';
import { printJson } from './json-text.ts';
import type { Violation } from './rules/rule.ts';

export type KnownViolation = { readonly key: string; readonly why: string };

/** Concept to what is known of it, sorted by key. */
export type Baseline = ReadonlyMap<string, readonly KnownViolation[]>;

/** A key that no violation has any more. */
export type StaleKey = { readonly concept: string; readonly key: string };

const known = z.strictObject({ key: z.string().min(1), why: z.string().min(1) });
const file = z.strictObject({ known: z.array(known) });

/** Reads the folder; one that is not there is an empty baseline. Throws a ValidationError for a file that is none. */
export async function readBaseline(folder: string): Promise<Baseline> {
  const baseline = new Map<string, readonly KnownViolation[]>();
  for (const name of await namesIn(folder)) {
    const path = join(folder, name);
    baseline.set(name.slice(0, -'.json'.length), parseFile(path, await readFile(path, 'utf8')));
  }
  return baseline;
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).filter((name) => name.endsWith('.json')).toSorted();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

function parseFile(path: string, text: string): readonly KnownViolation[] {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    content = undefined;
  }
  const parsed = file.safeParse(content);
  if (parsed.success) return parsed.data.known;
  throw new ValidationError(`${path} is no baseline file.`, {
    hint: 'Each is { "known": [{ "key": ..., "why": ... }] }. Take the last good one from git; don\'t merge it by hand.',
  });
}

/** What a baseline leaves over of what was found, and what it has too much. */
export type BaselineDiff = {
  readonly fresh: readonly Violation[];
  readonly known: readonly Violation[];
  readonly stale: readonly StaleKey[];
};

export function compareToBaseline(violations: readonly Violation[], baseline: Baseline): BaselineDiff {
  const left = new Map(
    [...baseline].map(([concept, entries]) => [concept, new Set(entries.map(({ key }) => key))] as const),
  );
  const isKnown = ({ concept, key }: Violation): boolean =>
    baseline.get(concept)?.some((entry) => entry.key === key) === true;
  for (const { concept, key } of violations) left.get(concept)?.delete(key);
  return {
    fresh: violations.filter((violation) => !isKnown(violation)),
    known: violations.filter(isKnown),
    stale: [...left].flatMap(([concept, keys]) => [...keys].map((key) => ({ concept, key }))),
  };
}

/** The baseline with these violations in it too (VB2). */
export function accept(baseline: Baseline, violations: readonly Violation[], why: string): Baseline {
  if (why.trim() === '') {
    throw new ValidationError('The baseline grows only with a reason.', { hint: 'Give one: --why "..."' });
  }
  const grown = new Map(baseline);
  for (const { concept, key } of violations) {
    const before = grown.get(concept) ?? [];
    if (!before.some((entry) => entry.key === key)) grown.set(concept, [...before, { key, why }]);
  }
  return grown;
}

/** The baseline without what is stale. */
export function prune(baseline: Baseline, stale: readonly StaleKey[]): Baseline {
  const gone = new Set(stale.map(({ concept, key }) => `${concept}\n${key}`));
  return new Map(
    [...baseline].map(
      ([concept, entries]) => [concept, entries.filter(({ key }) => !gone.has(`${concept}\n${key}`))] as const,
    ),
  );
}

/** Writes the files that differ, and removes those of concepts of which nothing is left. */
export async function writeBaseline(folder: string, baseline: Baseline): Promise<void> {
  const before = await readBaseline(folder);
  for (const [concept, entries] of baseline) {
    const path = join(folder, `${concept}.json`);
    if (entries.length === 0) await rm(path, { force: true });
    else if (JSON.stringify(entries) !== JSON.stringify(before.get(concept))) {
      await mkdir(folder, { recursive: true });
      await writeFile(path, printBaseline(entries));
    }
  }
}

/** A line for each key (VB1). */
function printBaseline(entries: readonly KnownViolation[]): string {
  const sorted = entries.toSorted((a, b) => (a.key < b.key ? -1 : 1)).map(({ key, why }) => ({ key, why }));
  return printJson({ known: sorted });
}
