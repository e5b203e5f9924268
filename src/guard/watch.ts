/**
 * A code base watched while people and agents write in it: what each change adds that exists already or that breaks
 * `guard.json`, and what went away with it.
 *
 * VI1  What comes at once is one change: all that is written within a short pause gives one answer.
 * VI2  A file that can't be read wholly (half saved) takes nothing away: what was told of it stays told until it can.
 * VI3  The tree's facts stay in memory, and only what changed is read.
 * VI4  An answer says what is new against the last one; what was there when the watch began is no news.
 */
import { basename, join } from 'node:path';
import type { Clock } from '../core/clock.ts';
import { EngineError } from '../core/errors.ts';
import { limits } from '../core/limits.ts';
import { type AddedRival, rivalsAdded } from './added.ts';
import { type AuditOptions, scanOptions } from './audit.ts';
import { readBaseline } from './baseline.ts';
import { check } from './check.ts';
import type { ScanReport, Unit } from './concept.ts';
import { baselineFolder, configName, type GuardConfig, readConfig } from './config.ts';
import { keepTree, type KeptTree } from './kept-tree.ts';
import type { Violation } from './rules/rule.ts';

/** What one change did. */
export type WatchAnswer = {
  /** What changed, from the root. */
  readonly files: readonly string[];
  readonly added: readonly AddedRival[];
  readonly broken: readonly Violation[];
  /** Keys of what was told before, or was there when the watch began, and is no more. */
  readonly gone: readonly string[];
  /** Of these files only a part could be read, so that nothing of them is told as gone. */
  readonly halfRead: readonly string[];
  /** `guard.json` can't be read as it is now; what it said before holds. */
  readonly trouble?: string;
  readonly ms: number;
};

export type WatchOptions = AuditOptions & {
  readonly root: string;
  readonly clock: Clock;
  /** As 2026-11-22. */
  readonly today: () => string;
  readonly tell: (answer: WatchAnswer) => void;
};

export type Watch = {
  /** Files that are read, and rivals and violations that are there. */
  readonly files: number;
  readonly known: number;
  /** Paths from the root that something happened to; they are answered after a pause (VI1). */
  touched(paths: readonly string[]): void;
  /** Folders that have files that are read, from the root. */
  folders(): readonly string[];
  /** When all that was touched is answered. */
  idle(): Promise<void>;
  close(): void;
};

/** Something that is told once: a pair of rivals, or a violation. */
type Item = { readonly path: string; readonly units?: readonly [string, string]; readonly violation?: Violation };

type State = { readonly config: GuardConfig; readonly report: ScanReport; readonly items: ReadonlyMap<string, Item> };

/** Reads a code base and answers what happens to it. Throws as `openAudit`. It watches no files: `touched` is told. */
export async function openWatch(options: WatchOptions): Promise<Watch> {
  const config = await readConfig(options.root);
  const tree = await openTree(options, config);
  const watch = new Watching(options, tree);
  await watch.begin(config);
  return watch;
}

function openTree({ root, cache, workers }: WatchOptions, config: GuardConfig): Promise<KeptTree> {
  const given = { ...(cache === undefined ? {} : { cache }), ...(workers === undefined ? {} : { workers }) };
  // When a file was born says nothing of what is twice, and asking git takes its time.
  return keepTree({ ...scanOptions(root, config), ...given, git: false });
}

class Watching implements Watch {
  readonly #options: WatchOptions;
  #tree: KeptTree;
  #state: State | undefined;
  #touched = new Set<string>();
  #stopTimer: (() => void) | undefined;
  #answering: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(options: WatchOptions, tree: KeptTree) {
    this.#options = options;
    this.#tree = tree;
  }

  get files(): number {
    return this.#state?.report.files ?? 0;
  }

  get known(): number {
    return this.#state?.items.size ?? 0;
  }

  async begin(config: GuardConfig): Promise<void> {
    const report = await this.#tree.report();
    this.#state = { config, report, items: await this.#itemsOf(config, report) };
  }

  folders(): readonly string[] {
    const folders = new Set<string>(['']);
    for (const path of this.#state?.report.tree.files.keys() ?? []) {
      for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) {
        if (folders.has(path.slice(0, at))) break;
        folders.add(path.slice(0, at));
      }
    }
    return [...folders];
  }

  touched(paths: readonly string[]): void {
    for (const path of paths) this.#touched.add(path);
    if (this.#closed || this.#touched.size === 0) return;
    this.#stopTimer?.();
    this.#stopTimer = this.#options.clock.after(limits.guardWatchPauseMs, () => {
      this.#answering = this.#answering.then(() => this.#answer());
    });
  }

  async idle(): Promise<void> {
    await this.#answering;
  }

  close(): void {
    this.#closed = true;
    this.#stopTimer?.();
    this.#tree.close();
  }

  async #answer(): Promise<void> {
    const before = this.#state;
    if (this.#closed || before === undefined || this.#touched.size === 0) return;
    const begun = this.#options.clock.monotonic();
    const files = [...this.#touched].toSorted();
    this.#touched = new Set();
    const { config, trouble } = await this.#configAfter(files, before.config);
    if (config !== before.config) await this.#reopen(config);
    const report = await this.#tree.changed(files);
    const halfRead = files.filter((path) => (report.tree.files.get(path)?.facts.errors ?? 0) > 0);
    const now = await this.#itemsOf(config, report);
    const gone = [...before.items].filter(([key]) => !now.has(key));
    const kept = gone.filter(([, item]) => halfRead.some((path) => concerns(item, path)));
    this.#state = { config, report, items: new Map([...now, ...kept]) };
    const fresh = [...now].filter(([key]) => !before.items.has(key)).map(([, item]) => item);
    this.#options.tell({
      files,
      added: this.#addedOf(fresh, before, files),
      broken: fresh.flatMap(({ violation }) => violation ?? []),
      gone: gone.filter((one) => !kept.includes(one)).map(([key]) => key),
      halfRead,
      ...(trouble === undefined ? {} : { trouble }),
      ms: Math.round(this.#options.clock.monotonic() - begun),
    });
  }

  /** Of new pairs, the unit that is new; of two known or two new ones the one whose file changed. */
  #addedOf(fresh: readonly Item[], before: State, files: readonly string[]): readonly AddedRival[] {
    const state = this.#state;
    if (state === undefined) return [];
    const pairs = new Set(fresh.flatMap(({ units }) => (units === undefined ? [] : [units.join('\0')])));
    const touched = new Set(files);
    const rank = (unit: Unit): number =>
      (before.report.tree.units.has(unit.id) ? 0 : 2) + (touched.has(unit.path) ? 1 : 0);
    const whichIsAdded = (one: Unit, other: Unit): Unit | undefined => {
      if (!pairs.has([one.id, other.id].toSorted().join('\0'))) return undefined;
      return rank(one) > rank(other) ? one : other;
    };
    const units = [...state.report.tree.units.values()].filter(
      ({ id, path, zone, outer }) =>
        touched.has(path) && zone === 'prod' && outer === undefined && !before.report.tree.units.has(id),
    );
    return rivalsAdded({ config: state.config, scan: state.report }, units, whichIsAdded, this.#options.today());
  }

  async #itemsOf(config: GuardConfig, scan: ScanReport): Promise<Map<string, Item>> {
    const baseline = await readBaseline(join(this.#options.root, config.baseline ?? baselineFolder));
    const paths = [...scan.tree.files.keys()];
    const { failures, warnings } = check({ scan, config, baseline, paths, today: this.#options.today() });
    const items = new Map<string, Item>();
    for (const violation of [...failures, ...warnings]) {
      items.set(violation.key, { path: violation.path, violation });
    }
    for (const { tier, edges } of scan.concepts) {
      if (tier === 'possible') continue;
      for (const { a, b, tier: sure } of edges) {
        if (sure === 'possible') continue;
        const units = [a, b].toSorted() as [string, string];
        items.set(`rivals ${units.join(' ')}`, { path: a.slice(0, a.indexOf('#')), units });
      }
    }
    return items;
  }

  async #configAfter(
    files: readonly string[],
    before: GuardConfig,
  ): Promise<{ readonly config: GuardConfig; readonly trouble?: string }> {
    if (!files.some((path) => path === configName)) return { config: before };
    try {
      return { config: await readConfig(this.#options.root) };
    } catch (error) {
      if (!EngineError.is(error)) throw error;
      return { config: before, trouble: error.message };
    }
  }

  async #reopen(config: GuardConfig): Promise<void> {
    const old = this.#tree;
    this.#tree = await openTree(this.#options, config);
    old.close();
  }
}

function concerns({ path, units }: Item, file: string): boolean {
  return path === file || units?.some((unit) => unit.startsWith(`${file}#`)) === true;
}

/** Does a change of this file say anything to the guard, besides sources? */
export function isTold(path: string): boolean {
  return basename(path) === configName || basename(path) === '.gitignore';
}
