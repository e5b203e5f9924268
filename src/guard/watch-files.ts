/**
 * Hears what happens to the files of a code base.
 *
 * QZ1  Each folder that has sources is watched by itself, in the way of every platform alike: watching a tree from its
 *      root would watch what is ignored too, which is most of it.
 * QZ2  Where a folder can't be watched (too many, or no such thing), all files are looked at every few seconds instead.
 */
import { type FSWatcher, lstatSync, statSync, watch as watchFolder } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../core/clock.ts';
import { limits } from '../core/limits.ts';
import type { ScanOptions } from './concept.ts';
import { buildingFiles } from './deployables.ts';
import { languageOf } from './parse-languages.ts';
import { walk } from './walk.ts';
import { isTold } from './watch.ts';

export type FileEars = {
  /** Listens to these folders too, from the root. */
  hear(folders: readonly string[]): void;
  /** Why files are looked at instead of heard of; undefined as long as every folder is watched. */
  readonly polls: boolean;
  close(): void;
};

export type EarOptions = {
  readonly root: string;
  readonly scan: ScanOptions;
  readonly clock: Clock;
  readonly changed: (paths: readonly string[]) => void;
  /** Look at the files rather than listen. */
  readonly poll?: boolean;
};

/** Listens to folders; nothing is told of what was there before. */
export function listen(options: EarOptions): FileEars {
  return new Ears(options);
}

class Ears implements FileEars {
  readonly #options: EarOptions;
  readonly #watchers = new Map<string, FSWatcher>();
  #seen: ReadonlyMap<string, number> | undefined;
  #stopTimer: (() => void) | undefined;
  #closed = false;

  constructor(options: EarOptions) {
    this.#options = options;
    if (options.poll === true) this.#poll();
  }

  get polls(): boolean {
    return this.#seen !== undefined;
  }

  hear(folders: readonly string[]): void {
    for (const folder of folders) if (!this.polls && !this.#watchers.has(folder)) this.#watch(folder);
  }

  close(): void {
    this.#closed = true;
    this.#stopTimer?.();
    for (const watcher of this.#watchers.values()) watcher.close();
  }

  #watch(folder: string): void {
    try {
      const watcher = watchFolder(join(this.#options.root, folder), (_, name) => this.#happened(folder, name));
      watcher.on('error', () => this.#forget(folder));
      this.#watchers.set(folder, watcher);
    } catch (error) {
      // The folder may have gone in between; everything else means that there is no watching here (QZ2).
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') this.#poll();
    }
  }

  #forget(folder: string): void {
    this.#watchers.get(folder)?.close();
    this.#watchers.delete(folder);
  }

  #happened(folder: string, name: string | null): void {
    if (name === null) return;
    const path = folder === '' ? name : `${folder}/${name}`;
    if (concernsTheGuard(path)) this.#options.changed([path]);
    else if (this.#isNewFolder(path, name)) this.#enter(path);
  }

  #isNewFolder(path: string, name: string): boolean {
    if (name.startsWith('.') || this.#watchers.has(path)) return false;
    return lstatSync(join(this.#options.root, path), { throwIfNoEntry: false })?.isDirectory() === true;
  }

  /** A folder that came with files in it: they came before it was listened to. */
  #enter(folder: string): void {
    const { root, scan } = this.#options;
    const inside = walk({ ...scan, root }).files.filter((path) => path.startsWith(`${folder}/`));
    const folders = inside.map((path) => path.slice(0, path.lastIndexOf('/')));
    this.hear([...new Set([folder, ...folders])]);
    if (inside.length > 0) this.#options.changed(inside);
  }

  #poll(): void {
    for (const folder of this.#watchers.keys()) this.#forget(folder);
    this.#seen = this.#look();
    this.#again();
  }

  #again(): void {
    this.#stopTimer = this.#options.clock.after(limits.guardWatchPollMs, () => {
      if (this.#closed) return;
      const [before, now] = [this.#seen ?? new Map<string, number>(), this.#look()];
      this.#seen = now;
      const all = new Set([...before.keys(), ...now.keys()]);
      const changed = [...all].filter((path) => before.get(path) !== now.get(path));
      if (changed.length > 0) this.#options.changed(changed);
      this.#again();
    });
  }

  /** When each file was last written. */
  #look(): ReadonlyMap<string, number> {
    const { root, scan } = this.#options;
    const { files, manifests } = walk({ ...scan, root });
    const others = manifests.map(({ folder, file }) => (folder === '' ? file : `${folder}/${file}`));
    return new Map(
      [...files, ...others, 'guard.json'].flatMap((path): [string, number][] => {
        const found = statSync(join(root, path), { throwIfNoEntry: false });
        return found === undefined ? [] : [[path, found.mtimeMs]];
      }),
    );
  }
}

function concernsTheGuard(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return languageOf(path) !== undefined || buildingFiles.has(name) || isTold(path) || /^tsconfig.*\.json$/.test(name);
}
