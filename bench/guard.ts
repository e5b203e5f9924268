/**
 * How long the guard takes over a tree of a million lines that it makes for itself, and how much memory.
 *
 *     node --conditions=source bench/guard.ts [--smoke]
 *
 * Figures: lines per second cold and warm, warm over cold, and the largest resident size. The tree is made of files of
 * this repository with their names changed, so it says nothing of other styles of code, and its rivals mean nothing.
 */
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { scan } from '../src/guard/index.ts';
import { loads, machine, rounded, smoke, table } from './figures.ts';

const linesWanted = smoke ? 10_000 : 1_000_000;
const repository = new URL('../', import.meta.url).pathname;

function makeTree(root: string): void {
  const sources = globSync('src/**/*.ts', { cwd: repository })
    .filter((path) => !/\.(?:test|fixture)\.ts$/.test(path))
    .toSorted()
    .map((path) => ({ name: basename(path), text: readFileSync(join(repository, path), 'utf8') }));
  for (let lines = 0, copy = 0; lines < linesWanted; copy++) {
    for (const [index, { name, text }] of sources.entries()) {
      const folder = join(root, 'src', `part-${copy}`, `inner-${index}`);
      mkdirSync(folder, { recursive: true });
      // A name of its own for each, as in a tree that people wrote.
      const own = text.replaceAll(/\b(class|function|type|interface) (\w+)/g, `$1 $2Of${copy}x${index}`);
      writeFileSync(join(folder, name), own);
      lines += text.split('\n').length;
      if (lines >= linesWanted) return;
    }
  }
}

const root = mkdtempSync(join(tmpdir(), 'cantus-guard-bench-'));
try {
  makeTree(root);
  console.log(machine());
  const rows: (string | number)[][] = [['run', 'files', 'lines', 'ms', 'lines/s', 'MB', 'load']];
  const took: number[] = [];
  for (const run of ['cold', 'warm']) {
    const report = await scan({ root, cache: join(root, '.cache'), git: false, workers: 2 });
    took.push(report.ms);
    const perSecond = rounded((report.lines / report.ms) * 1_000);
    const megabytes = Math.round(process.resourceUsage().maxRSS / 1_024);
    rows.push([run, rounded(report.files), rounded(report.lines), rounded(report.ms), perSecond, megabytes, loads()]);
  }
  table('guard', rows);
  console.log(`warm over cold: ${(((took[1] ?? 0) / (took[0] ?? 1)) * 100).toFixed(1)} %`);
} finally {
  rmSync(root, { recursive: true, force: true });
}
