/**
 * A tree whose facts stay in memory, so that after a change only the changed files are read.
 *
 * GY1  What it reports after a change is what a scan of the tree as it is then would report, but for `cached` and `ms`.
 * GY2  Who uses it says which paths changed; it watches nothing. A path that it does not know, one that is gone and one
 *      that says what is read or deployed (a manifest, a `.gitignore`) make it walk the tree again.
 */
import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../core/clock.ts';
import { birthsOf } from './births.ts';
import type { ScanOptions, ScanReport, Skipped } from './concept.ts';
import type { FileFacts } from './facts.ts';
import { unpackFacts } from './facts-pack.ts';
import { type Extractor, openExtractor } from './parse.ts';
import { readTree, type TreeFacts } from './read-tree.ts';
import { reportOf } from './scan.ts';
import { TreeMaker } from './tree-maker.ts';
import { type Walk, walk } from './walk.ts';
import { readSource } from './worker-read.ts';

/** A tree that was read once. */
export type KeptTree = {
  /** What is found in it as it was last read. */
  report(): Promise<ScanReport>;
  /**
   * Reads these files anew and reports the whole tree. Paths are from the root, with `/`: what was written, what is new
   * and what is gone, each named; unknown ones do no harm. Calls go one after another.
   */
  changed(paths: readonly string[]): Promise<ScanReport>;
  /** Lets go of the parser. */
  close(): void;
};

/**
 * Reads the tree at `options.root` and keeps its facts. Throws as `scan` does.
 *
 * @example
 * const tree = await keepTree({ root: '.' });
 * const before = await tree.report();
 * const after = await tree.changed(['src/engine.ts']);
 */
export async function keepTree(options: ScanOptions): Promise<KeptTree> {
  const [{ facts }, extractor] = await Promise.all([readTree(options), openExtractor()]);
  return new Kept(options, facts, extractor);
}

class Kept implements KeptTree {
  readonly #options: ScanOptions;
  readonly #root: string;
  readonly #extractor: Extractor;
  readonly #maker: TreeMaker;
  readonly #byPath: Map<string, FileFacts>;
  readonly #skipped: Map<string, Skipped['why']>;
  /** A file is born once, so git is asked once about each. */
  readonly #births = new Map<string, number | undefined>();
  #walked: Walk;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: ScanOptions, facts: TreeFacts, extractor: Extractor) {
    this.#options = options;
    this.#root = facts.root;
    this.#walked = facts.walked;
    this.#byPath = new Map(facts.byPath);
    this.#skipped = new Map(facts.skipped);
    this.#extractor = extractor;
    this.#maker = new TreeMaker(options, { keeps: true });
  }

  report(): Promise<ScanReport> {
    return this.changed([]);
  }

  changed(paths: readonly string[]): Promise<ScanReport> {
    const next = this.#last.then(() => this.#report(paths));
    this.#last = next.catch(() => undefined);
    return next;
  }

  close(): void {
    this.#extractor.close();
  }

  async #report(paths: readonly string[]): Promise<ScanReport> {
    const begun = systemClock.monotonic();
    const stale = new Set(paths);
    if (paths.some((path) => !this.#isPlain(path))) this.#walkAgain();
    for (const path of this.#walked.files) if (stale.has(path) || !this.#isKnown(path)) this.#read(path);
    const facts: TreeFacts = {
      root: this.#root,
      walked: this.#walked,
      byPath: this.#byPath,
      skipped: this.#skipped,
    };
    const births = this.#options.git === false ? undefined : (asked: readonly string[]) => this.#birthsOf(asked);
    const report = await reportOf(facts, this.#maker, births);
    return { ...report, cached: 0, ms: Math.round(systemClock.monotonic() - begun) };
  }

  #isKnown(path: string): boolean {
    return this.#byPath.has(path) || this.#skipped.has(path);
  }

  /** Does it change nothing but what its own file says? */
  #isPlain(path: string): boolean {
    return this.#isKnown(path) && lstatSync(join(this.#root, path), { throwIfNoEntry: false })?.isFile() === true;
  }

  #walkAgain(): void {
    this.#walked = walk({ ...this.#options, root: this.#root });
    const there = new Set(this.#walked.files);
    for (const path of [...this.#byPath.keys(), ...this.#skipped.keys()]) if (!there.has(path)) this.#forget(path);
  }

  #forget(path: string): void {
    this.#byPath.delete(path);
    this.#skipped.delete(path);
  }

  #read(path: string): void {
    this.#forget(path);
    const { facts, why } = readSource(this.#extractor, this.#root, path);
    if (facts !== undefined) this.#byPath.set(path, unpackFacts(facts));
    if (why !== undefined) this.#skipped.set(path, why);
  }

  async #birthsOf(paths: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const unknown = paths.filter((path) => !this.#births.has(path));
    const found = await birthsOf(this.#root, unknown);
    for (const path of unknown) this.#births.set(path, found.get(path));
    return new Map(
      paths.flatMap((path): [string, number][] => {
        const born = this.#births.get(path);
        return born === undefined ? [] : [[path, born]];
      }),
    );
  }
}
