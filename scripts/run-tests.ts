/**
 * Runs the tests of one suite, or of the files named, and prints what failed.
 *
 *     node scripts/run-tests.ts                         the unit tests
 *     node scripts/run-tests.ts src/core                only files whose path has one of these in it
 *     node scripts/run-tests.ts src/core --name "-0"    only tests whose name matches
 *     node scripts/run-tests.ts --suite simulation      another suite
 *
 * Files named `*.process.test.ts` run in a process each; all other unit tests share one. The last line is
 * `N passed, N failed`.
 */
import { globSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { runTestFiles, type TestRun } from './test-run.ts';

type Suite = {
  readonly globs: readonly string[];
  readonly without: readonly string[];
  readonly isolation: 'none' | 'process';
  readonly testTimeoutMs: number;
  readonly runTimeoutMs: number;
};

const ownFolders = ['test/simulation/**', 'test/e2e/**', 'test/browser/**', 'test/fixtures/**'];
const alone = { without: [], isolation: 'process', testTimeoutMs: 120_000, runTimeoutMs: 400_000 } as const;

export const suites: Readonly<Record<string, Suite>> = {
  unit: {
    globs: ['{src,scripts,test,bench,examples}/**/*.test.ts'],
    without: ownFolders,
    isolation: 'none',
    testTimeoutMs: 20_000,
    runTimeoutMs: 400_000,
  },
  // Two hundred histories in one test: a busy machine takes minutes for them.
  simulation: { globs: ['test/simulation/**/*.test.ts'], ...alone, testTimeoutMs: 300_000 },
  e2e: { globs: ['test/e2e/**/*.test.ts'], ...alone },
  browser: { globs: ['test/browser/**/*.test.ts'], ...alone },
};

const root = new URL('../', import.meta.url).pathname;

/** The files of a suite, relative to the repository. */
export function filesOf(suite: Suite): readonly string[] {
  return globSync([...suite.globs], { cwd: root, exclude: [...suite.without] }).toSorted();
}

/** Prints what went wrong and gives how many passed and failed. */
function tell(run: TestRun): { readonly passed: number; readonly failed: number; readonly skipped: number } {
  const count = { passed: 0, failed: 0, skipped: 0 };
  for (const result of run.results) {
    count[result.outcome] += 1;
    const place = `${result.file.replace(root, '')}:${result.line}`;
    if (result.outcome === 'skipped') console.log(`skipped: ${result.name} (${place}): ${result.reason}`);
    if (result.failure === undefined) continue;
    console.log(`\nFAILED ${result.name}\n  ${place} (${result.failure.type})\n${indent(result.failure.text)}`);
  }
  if (run.broken !== undefined) {
    count.failed += 1;
    console.log(`\nFAILED as a whole: ${run.broken}`);
  }
  if (count.failed > 0 && run.output.trim() !== '') console.log(`\nWhat the tests printed:\n${indent(run.output)}`);
  return count;
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, '  ');
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { suite: { type: 'string', default: 'unit' }, name: { type: 'string', multiple: true } },
    allowPositionals: true,
  });
  const suite = suites[values.suite];
  if (suite === undefined) throw new Error(`There is no suite "${values.suite}": ${Object.keys(suites).join(', ')}.`);
  const files = filesOf(suite).filter(
    (file) => positionals.length === 0 || positionals.some((part) => file.includes(part)),
  );
  const parts = [
    { isolation: suite.isolation, files: files.filter((file) => !file.endsWith('.process.test.ts')) },
    { isolation: 'process' as const, files: files.filter((file) => file.endsWith('.process.test.ts')) },
  ];
  const names = values.name === undefined ? {} : { names: values.name };
  const total = { passed: 0, failed: 0, skipped: 0 };
  // The parts run beside each other: the shared process leaves the second processor free.
  const runs = parts
    .filter((part) => part.files.length > 0)
    .map((part) => runTestFiles({ ...suite, ...part, ...names }));
  for (const run of await Promise.all(runs)) {
    const { passed, failed, skipped } = tell(run);
    total.passed += passed;
    total.failed += failed;
    total.skipped += skipped;
  }
  if (total.passed + total.failed + total.skipped === 0) {
    console.log('No test ran.');
    total.failed = 1;
  }
  if (total.skipped > 0) console.log(`${total.skipped} skipped`);
  console.log(`${total.passed} passed, ${total.failed} failed`);
  process.exitCode = total.failed === 0 ? 0 : 1;
}

if (import.meta.main) await main();
