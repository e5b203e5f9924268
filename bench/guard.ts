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
import { beginTable, loads, median, rounded, smoke } from './figures.ts';
import { measured, type Command, type Taken } from './guard/measured.ts';
import type { Scanned } from './guard/scan.ts';
import { commandOf, howToInstall, installed, tools } from './guard/tools.ts';
import type { Answered } from './guard/watch.ts';

/** A look that takes longer is ended and told as such: a table that nobody sees the end of says nothing. */
const timeoutMs = 300_000;
const rounds = smoke ? 1 : 3;
/** What takes longer than this is looked at once more, not three times. */
const slowMs = 30_000;
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
  if (taken.isLate || (taken.status !== undefined && subject.done.includes(taken.status))) return taken;
  const why = taken.status === undefined ? 'was ended' : `ended with ${taken.status}`;
  throw new Error(`${subject.name} ${why} after ${rounded(taken.wallMs)} ms: ${taken.stderr.slice(-500)}`);
}

/** Cold, then warm and with one file changed in turns. Each is given as soon as it is known; one that is late is the last. */
async function* looksOf(subject: Subject, folder: string, change: (round: number) => void): AsyncGenerator<Look> {
  const cache = join(folder, `cache-of-${subject.name}`);
  mkdirSync(cache);
  const cold = await look(subject, cache);
  yield { kind: 'cold', taken: [cold] };
  if (!subject.hasCache || cold.isLate) return;
  const warm: Taken[] = [];
  const changed: Taken[] = [];
  for (let round = 0; round < (cold.wallMs > slowMs ? 1 : rounds); round++) {
    warm.push(await look(subject, cache));
    change(round);
    changed.push(await look(subject, cache));
  }
  yield { kind: 'warm', taken: warm };
  yield { kind: 'one changed', taken: changed };
}

function rowOf(name: string, { kind, taken }: Look, lines: number): readonly (string | number)[] {
  const of = (pick: (one: Taken) => number): number => median(taken.map(pick));
  const megabytes = rounded(of((one) => one.peakBytes) / 1e6);
  if (taken.some(({ isLate }) => isLate)) return [name, kind, `over ${timeoutMs / 1_000}`, '', megabytes, ''];
  const wallMs = of((one) => one.wallMs);
  const seconds = [wallMs, of((one) => one.cpuMs)].map((ms) => (ms / 1_000).toFixed(2));
  return [name, kind, ...seconds, megabytes, rounded((lines / wallMs) * 1_000)];
}

/** What the guard looked at in each of these. */
function scansOf({ taken }: Look): readonly Scanned[] {
  if (taken.some(({ isLate }) => isLate)) throw new Error(`The guard took longer than ${timeoutMs / 1_000} s.`);
  return taken.map(({ stdout }) => JSON.parse(stdout) as Scanned);
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
  if (taken.isLate) throw new Error(`The watch took longer than ${timeoutMs / 1_000} s.`);
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

const heads = ['', 'look', 's', 'CPU s', 'MB at most', 'lines/s', 'files read'];
const widths = [26, 11, 8, 7, 10, 9, 10];

/** A table that was begun, and what its rows are reckoned by. */
type Telling = { readonly tell: ReturnType<typeof beginTable>; readonly lines: number };

/** Tells the rows of the guard. */
async function tellGuard(root: string, folder: string, change: (round: number) => void): Promise<Telling> {
  let told: Telling | undefined;
  for await (const one of looksOf(guardOn(root), folder, change)) {
    const scans = scansOf(one);
    told ??= begin(root, scans[0] as Scanned);
    const read = scans.map(({ files, cached }) => files - cached);
    told.tell([...rowOf('guard', one, told.lines), rounded(median(read))]);
  }
  return told as Telling;
}

function begin(root: string, { files, lines, cached, skipped, concepts }: Scanned): Telling {
  // A fast wrong answer is no figure.
  if (cached > 0 || files === 0) throw new Error('The cold look of the guard was none.');
  const what = `${rounded(files)} files, ${rounded(lines)} lines, ${skipped} skipped, ${concepts} concepts`;
  return { tell: beginTable(`guard: ${basename(root)}, ${what} (${loads()})`, heads, widths), lines };
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { tree: { type: 'string' }, tools: { type: 'string' }, smoke: { type: 'boolean' } },
  });
  const tree = resolve(values.tree ?? fileURLToPath(new URL(smoke ? '../src/core' : '../src', import.meta.url)));
  const folder = mkdtempSync(join(tmpdir(), 'cantus-bench-'));
  const remarks: string[] = [];
  try {
    const root = copyOf(tree, folder);
    const middle = middleOf(root);
    const change = changer(root, middle);
    const subjects = toolsOn(root, values.tools);
    const { tell, lines } = await tellGuard(root, folder, change);
    tell(await watchRow(root, join(folder, 'cache-of-guard'), middle, lines));
    for (const subject of subjects) {
      try {
        for await (const one of looksOf(subject, folder, change)) tell([...rowOf(subject.name, one, lines), '']);
      } catch (thrown) {
        // What becomes of another's tool on a tree must not take the guard's figures away.
        tell([subject.name, 'failed', '', '', '', '', '']);
        remarks.push(thrown instanceof Error ? thrown.message : String(thrown));
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  for (const remark of remarks) console.log(`\n${remark}`);
}

await main();
