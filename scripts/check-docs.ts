/**
 * Sees that what the pages say is so.
 *
 * DC1  A path in back-ticks, and a link to a file, leads to something that is there.
 * DC2  A numbered rule that a page, a test or a comment cites is stated at the head of a source file or in
 *     ARCHITECTURE.md, and it is plain which one is meant: the file's own, or the only one of that number.
 * DC3  Each ```ts block of README.md and docs/guard.md compiles, and runs unless it says `no-run`.
 * DC4  Each name that the package exports has a docblock.
 */
import { globSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { deadPaths, lostRules, ruleOwners, undocumentedExports } from './doc-rules.ts';
import { checkBlocks } from './page-blocks.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
const exclude = ['node_modules/**', 'dist/**', 'test-output/**', 'test/fixtures/**', '**/node_modules/**'];

const textOf = (file: string): string => readFileSync(`${root}${file}`, 'utf8');
const files = (...globs: string[]): readonly string[] => globSync(globs, { cwd: root, exclude }).toSorted();

function checkPaths(pages: readonly string[]): readonly string[] {
  return pages.flatMap((page) =>
    deadPaths(textOf(page), page, root).map((path) => `${page}: there is no ${path} (DC1)`),
  );
}

function checkRules(pages: readonly string[], sources: readonly string[]): readonly string[] {
  const owners = ruleOwners([...sources, ...files('ARCHITECTURE.md')], textOf);
  return [...pages, ...sources].flatMap((file) =>
    lostRules(textOf(file), file, owners).map((what) => `${file}: ${what} (DC2)`),
  );
}

function checkExports(): readonly string[] {
  const indexes = files('src/index.ts', 'src/*/index.ts');
  const found = indexes.flatMap((index) => undocumentedExports(index, root));
  return [...new Set(found)].map((what) => `${what} has no docblock (DC4)`);
}

async function main(): Promise<void> {
  const pages = files('**/*.md');
  const sources = files('{src,scripts,test,bench,examples}/**/*.ts');
  const findings = [...checkPaths(pages), ...checkRules(pages, sources), ...checkExports()];
  for (const needed of ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'src/index.ts']) {
    if (files(needed).length === 0) findings.push(`${needed} is missing`);
  }
  for (const page of files('README.md', 'docs/guard.md'))
    findings.push(...(await checkBlocks(textOf(page), page, root)));
  for (const finding of findings) console.error(finding);
  console.log(
    `${pages.length} pages (${pages.map((page) => relative('', page)).join(', ')}): ${findings.length} findings`,
  );
  process.exitCode = findings.length === 0 ? 0 : 1;
}

if (import.meta.main) await main();
