/** A code base as the guard sees it: what was decided for it, what it is, and what is known of it already. */
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { EngineError, ValidationError } from '../core/errors.ts';
import { readBaseline, type Baseline } from './baseline.ts';
import { check, type CheckReport } from './check.ts';
import type { ScanOptions, ScanReport } from './concept.ts';
import { baselineFolder, configName, readConfig, type GuardConfig } from './config.ts';
import { scan } from './scan.ts';
import { walk } from './walk.ts';

/** A code base with what was decided for it and what is known of it. Made by `openAudit`. */
export type Audit = {
  readonly root: string;
  readonly config: GuardConfig;
  readonly scan: ScanReport;
  readonly baseline: Baseline;
  /** Where the baseline is, from the root. */
  readonly baselineFolder: string;
};

/** How it is read; nothing of it changes what is found. */
export type AuditOptions = Pick<ScanOptions, 'cache' | 'workers' | 'git'>;

/**
 * Reads `guard.json`, the tree and the baseline of a code base.
 * Throws a ValidationError for a wrong configuration, and for a root that is no folder.
 */
export async function openAudit(root: string, options: AuditOptions = {}): Promise<Audit> {
  assertFolder(root);
  const config = await readConfig(root);
  const folder = config.baseline ?? baselineFolder;
  const [found, baseline] = await Promise.all([
    scan({ ...scanOptions(root, config), ...options }),
    readBaseline(join(root, folder)),
  ]);
  return { root, config, scan: found, baseline, baselineFolder: folder };
}

/** Throws a ValidationError where there is no such folder, and another error where it may not be read (GX3). */
export function assertFolder(root: string): void {
  if (statSync(root, { throwIfNoEntry: false })?.isDirectory() === true) {
    try {
      accessSync(root, constants.R_OK | constants.X_OK);
      return;
    } catch (error) {
      const hint = 'Let it be read by whoever runs this.';
      throw new EngineError('not_found', `${root} can't be read: ${(error as Error).message}.`, { hint, cause: error });
    }
  }
  throw new ValidationError(existsSync(root) ? `${root} is no folder.` : `There is no folder ${root}.`, {
    hint: 'Give the root of a code base: --root DIR.',
  });
}

/** What `guard.json` says of how a tree is to be read. */
export function scanOptions(root: string, { include, zones = {}, deployables, vocabulary }: GuardConfig): ScanOptions {
  const { ignore, ...named } = zones;
  const options = Object.entries({ include, ignore, zones: named, deployables, vocabulary });
  return { root, ...Object.fromEntries(options.filter(([, value]) => value !== undefined)) };
}

/** Holds a code base to what was decided for it. `today`: as 2026-11-22. */
export function checkAudit({ root, config, scan: found, baseline }: Audit, today: string): CheckReport {
  const others = config.files === undefined ? [] : walk(scanOptions(root, config), { others: true }).others;
  const paths = [...found.tree.files.keys(), ...others].toSorted();
  return check({ scan: found, config, baseline, paths, today });
}

/** The nearest folder from `folder` up that has a `guard.json`, else `folder` itself. */
export function rootOf(folder: string): string {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, configName))) return at;
    if (dirname(at) === at) return folder;
  }
}
