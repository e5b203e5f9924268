/** A tree scanned as it would be with a change in it. Nothing is written. */
import type { ScanOptions, ScanReport } from './concept.ts';
import { systemClock } from '../core/clock.ts';
import { openExtractor } from './parse.ts';
import { readTree } from './read-tree.ts';
import { reportOf } from './scan.ts';
import { TreeMaker } from './tree-maker.ts';
import { factsOf } from './worker-read.ts';

/** Scans the tree with these texts in the place of what lies there; undefined is a file that is gone. Throws as `scan`. */
export async function scanChanged(
  options: ScanOptions,
  texts: ReadonlyMap<string, string | undefined>,
): Promise<ScanReport> {
  const begun = systemClock.monotonic();
  const { facts, cached } = await readTree(options);
  const byPath = new Map(facts.byPath);
  const extractor = await openExtractor();
  try {
    for (const [path, text] of texts) {
      const { facts: read } = text === undefined ? {} : factsOf(extractor, path, text);
      if (read === undefined) byPath.delete(path);
      else byPath.set(path, read);
    }
  } finally {
    extractor.close();
  }
  const files = [...new Set([...facts.walked.files, ...texts.keys()])].toSorted();
  // When a file was born says nothing of what is twice.
  const report = await reportOf({ ...facts, byPath, walked: { ...facts.walked, files } }, new TreeMaker(options));
  return { ...report, cached, ms: Math.round(systemClock.monotonic() - begun) };
}
