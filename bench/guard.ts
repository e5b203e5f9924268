/**
 * How long the guard takes over a whole tree, cold, warm and with one file changed, and how much memory; how long a watch
 * takes to answer one changed file; beside it other tools that read a whole tree, where a person has put them.
 *
 * README.md says what each figure is and what it isn't.
 *
 *     node --conditions=source bench/guard.ts [--tree DIR] [--tools DIR] [--smoke]
 */
import { appendFileSync, cpSync, globSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, extname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { loads, median, rounded, smoke, table } from './figures.ts';
import { measured, type Command, type Taken } from './guard/measured.ts';
import type { Scanned } from './guard/scan.ts';
import { commandOf, howToInstall, installed, tools } from './guard/tools.ts';
import type { Answered } from './guard/watch.ts';

const timeoutMs = 900_000;
const warmRounds = smoke ? 1 : 3;
/** The first answers of a watch are of code that is not compiled yet. */
const watchRounds = smoke ? 2 : 21;

type Subject = {
  readonly name: string;
  /** False when a second look costs what the first did. */
  readonly hasCache: boolean;
  readonly done: readonly number[];
  readonly command: (cache: string) => Command;
};

type Kind = 'cold' | 'warm' | 'one changed';
type Look = { readonly kind: Kind; readonly taken: readonly Taken[] };

/** What is measured is a copy: one file of it is changed, and nobody's work is. */
function copyOf(tree: string, folder: string): string {
  const root = join(folder, basename(tree));
  const left = new Set(['.git', 'node_modules']);
  cpSync(tree, root, { recursive: true, filter: (path) => path === tree || !left.has(basename(path)) });
  return root;
}

/** A file in the middle of the tree. */
function middleOf(root: string): string {
  const files = globSync('**/*.{ts,tsx,js,mjs,py}', { cwd: root })
    .filter((path) => !path.endsWith('.d.ts'))
    .toSorted();
  const path = files[files.length >> 1];
  if (path === undefined) throw new Error(`There is no source file in ${root}.`);
  return path;
}

/** Adds a declaration to a file. */
function changer(root: string, path: string): (round: number) => void {
  let changes = 0;
  return () => {
    const name = `bench_changed_${changes++}`;
    appendFileSync(join(root, path), extname(path) === '.py' ? `\n${name} = 1\n` : `\nexport const ${name} = 1;\n`);
  };
}

async function look(subject: Subject, cache: string): Promise<Taken> {
  const taken = await measured(subject.command(cache), timeoutMs);
  if (taken.status !== undefined && subject.done.includes(taken.status)) return taken;
  const why = taken.status === undefined ? 'was ended' : `ended with ${taken.status}`;
  throw new Error(`${subject.name} ${why} after ${rounded(taken.wallMs)} ms: ${taken.stderr.slice(-500)}`);
}

async function looksOf(subject: Subject, folder: string, change: (round: number) => void): Promise<readonly Look[]> {
  const cache = join(folder, `cache-of-${subject.name}`);
  mkdirSync(cache);
  const cold: Look = { kind: 'cold', taken: [await look(subject, cache)] };
  if (!subject.hasCache) return [cold];
  const warm: Taken[] = [];
  const changed: Taken[] = [];
  for (let round = 0; round < warmRounds; round++) {
    warm.push(await look(subject, cache));
    change(round);
    changed.push(await look(subject, cache));
  }
  return [cold, { kind: 'warm', taken: warm }, { kind: 'one changed', taken: changed }];
}

function rowOf(name: string, { kind, taken }: Look, lines: number): readonly (string | number)[] {
  const of = (pick: (one: Taken) => number): number => median(taken.map(pick));
  const wallMs = of((one) => one.wallMs);
  const seconds = [wallMs, of((one) => one.cpuMs)].map((ms) => (ms / 1_000).toFixed(2));
  return [name, kind, ...seconds, rounded(of((one) => one.peakBytes) / 1e6), rounded((lines / wallMs) * 1_000)];
}

/** What the guard looked at, and how many files each look read. */
function scansOf(looks: readonly Look[]): { readonly all: Scanned; readonly read: readonly number[] } {
  const scans = looks.map(({ taken }) => taken.map(({ stdout }) => JSON.parse(stdout) as Scanned));
  const all = scans[0]?.[0] as Scanned;
  // A fast wrong answer is no figure.
  if (all.cached > 0 || all.files === 0) throw new Error('The cold look of the guard was none.');
  return { all, read: scans.map((some) => median(some.map(({ files, cached }) => files - cached))) };
}

function guardOn(root: string): Subject {
  const program = fileURLToPath(new URL('guard/scan.ts', import.meta.url));
  const flags = ['--no-warnings', '--conditions=source', program, root];
  return {
    name: 'guard',
    hasCache: true,
    done: [0],
    command: (cache) => ({ program: process.execPath, args: [...flags, cache], cwd: root }),
  };
}

/** What a watch takes for an answer, in one process that has read the tree. */
async function watchRow(root: string, cache: string, path: string, lines: number): Promise<(string | number)[]> {
  const program = fileURLToPath(new URL('guard/watch.ts', import.meta.url));
  const flags = ['--no-warnings', '--conditions=source', program, root, cache, path, String(watchRounds)];
  const command = { program: process.execPath, args: flags, cwd: root };
  const taken = await look({ name: 'guard watch', hasCache: true, done: [0], command: () => command }, cache);
  const answered = JSON.parse(taken.stdout) as Answered;
  const [wallMs, cpuMs] = [median(answered.wallMs), median(answered.cpuMs)];
  const seconds = [wallMs, cpuMs].map((ms) => (ms / 1_000).toFixed(3));
  return [
    'guard watch',
    'one changed',
    ...seconds,
    rounded(taken.peakBytes / 1e6),
    rounded((lines / wallMs) * 1_000),
    1,
  ];
}

function toolsOn(root: string, folder: string | undefined): readonly Subject[] {
  if (folder === undefined) {
    console.log(`Nothing runs beside it. To have others there: ${howToInstall}, then --tools DIR.`);
    return [];
  }
  return tools.flatMap((tool): Subject[] => {
    const found = installed(resolve(folder), tool);
    if (found === undefined) {
      console.log(`${tool.name} is not in ${folder}: ${howToInstall}.`);
      return [];
    }
    const { hasCache, done } = tool;
    const command = (cache: string): Command => commandOf(tool, found.program, { root, cache });
    return [{ name: `${tool.name} ${found.version}`, hasCache, done, command }];
  });
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { tree: { type: 'string' }, tools: { type: 'string' }, smoke: { type: 'boolean' } },
  });
  const tree = resolve(values.tree ?? fileURLToPath(new URL(smoke ? '../src/core' : '../src', import.meta.url)));
  const folder = mkdtempSync(join(tmpdir(), 'cantus-bench-'));
  try {
    const root = copyOf(tree, folder);
    const middle = middleOf(root);
    const change = changer(root, middle);
    const looks = await looksOf(guardOn(root), folder, change);
    const { all, read } = scansOf(looks);
    const { files, lines, skipped, concepts } = all;
    const rows = looks.map((one, index) => [...rowOf('guard', one, lines), rounded(read[index] ?? 0)]);
    rows.push(await watchRow(root, join(folder, 'cache-of-guard'), middle, lines));
    for (const subject of toolsOn(root, values.tools)) {
      try {
        for (const one of await looksOf(subject, folder, change)) rows.push([...rowOf(subject.name, one, lines), '']);
      } catch (thrown) {
        // What becomes of another's tool on a tree must not take the guard's figures away.
        console.log(thrown instanceof Error ? thrown.message : String(thrown));
      }
    }
    const what = `${rounded(files)} files, ${rounded(lines)} lines, ${skipped} skipped, ${concepts} concepts`;
    table(`guard: ${basename(tree)}, ${what} (${loads()})`, [
      ['', 'look', 's', 'CPU s', 'MB at most', 'lines/s', 'files read'],
      ...rows,
    ]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

await main();
