/**
 * What a change adds that exists already, told before it lands.
 *
 * VH1  Only units that the change itself declares are looked at: what was there before is not this change's doing.
 * VH2  The code base is judged as it will be with the change, by the verdicts of a scan, whether it is applied or not.
 * VH3  What the same change takes away is no rival: that is a move.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ValidationError } from '../core/errors.ts';
import { type AddedRival, rivalsAdded } from './added.ts';
import { type AuditOptions, scanOptions } from './audit.ts';
import type { Unit } from './concept.ts';
import type { GuardConfig } from './config.ts';
import { languageOf } from './parse-languages.ts';
import { scanChanged } from './scan-changed.ts';
import { changedFiles } from './unified-diff.ts';

/** A code base before it is read: where it lies, and what was decided for it. */
export type CodeBase = { readonly root: string; readonly config: GuardConfig; readonly options?: AuditOptions };

/** Reads a unified diff against a code base. Throws a ValidationError for a text that is none. `today`: as 2026-11-22. */
export async function addedRivals(
  { root, config, options = {} }: CodeBase,
  diff: string,
  today: string,
): Promise<readonly AddedRival[]> {
  if (!isDiff(diff)) {
    throw new ValidationError('This is no unified diff: it names no file.', {
      hint: 'Give what `git diff --no-color` or `diff -u` prints: git diff --no-color | cantus guard hook.',
    });
  }
  const files = changedFiles(diff, (path) => textOf(join(root, path))).filter(({ path }) => isRead(path));
  if (files.every(({ added }) => added.size === 0)) return [];
  const texts = new Map(files.map(({ path, text }) => [path, text]));
  const scan = await scanChanged({ ...scanOptions(root, config), ...options }, texts);
  const lines = new Map(files.map(({ path, added }) => [path, added]));
  const isAdded = ({ path, span, zone, outer }: Unit): boolean =>
    zone === 'prod' && outer === undefined && lines.get(path)?.has(span.line) === true;
  const units = [...scan.tree.units.values()].filter(isAdded);
  const whichIsAdded = (one: Unit, other: Unit): Unit | undefined => {
    if (isAdded(one) === isAdded(other)) return undefined;
    return isAdded(one) ? one : other;
  };
  return rivalsAdded({ config, scan }, units, whichIsAdded, today);
}

/** Nothing at all is a diff too: that of two trees that are the same. */
function isDiff(text: string): boolean {
  return text.trim() === '' || /^(?:diff |\+\+\+ |Index: |Only in |Binary files )/m.test(text);
}

function isRead(path: string): boolean {
  return languageOf(path) !== undefined;
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
