/**
 * Everything that must hold, in order and to the end: a failing stage does not stop the others.
 * Its last line is `N passed, N failed`: all tests of the stages that have tests, and one for each other stage.
 *
 *     node scripts/check.ts [stage ...]
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { filesOf, suites } from './run-tests.ts';

type Stage = {
  readonly name: string;
  /** Arguments for Node. */
  readonly command: readonly string[];
  /** Its last line is `N passed, N failed`. */
  readonly hasTests?: true;
};

type Count = { readonly passed: number; readonly failed: number };

const root = new URL('../', import.meta.url).pathname;

/** Longer than the bound of any stage's own; for one that has none. */
const stageTimeoutMs = 900_000;

/** The program of a package, so that it runs on this Node whatever the first on the path is. */
const program = (name: string): string => join('node_modules', '.bin', name);

const tests = (suite: string): readonly Stage[] =>
  filesOf(suites[suite]!).length === 0
    ? []
    : [{ name: suite, command: ['scripts/run-tests.ts', '--suite', suite], hasTests: true }];

const stages: readonly Stage[] = [
  { name: 'format', command: [program('oxfmt'), '--check'] },
  { name: 'lint-config', command: ['scripts/lint-config.ts', '--check'] },
  { name: 'lock-file', command: ['scripts/check-lock.ts'] },
  { name: 'lint', command: [program('oxlint')] },
  { name: 'types', command: [program('tsc'), '--pretty', 'false'] },
  { name: 'page-types', command: [program('tsc'), '-p', 'src/web', '--pretty', 'false'] },
  { name: 'build', command: [program('tsc'), '-p', 'tsconfig.build.json', '--pretty', 'false'] },
  { name: 'guard', command: ['--conditions=source', 'src/cli/main.ts', 'guard', 'check'] },
  { name: 'page', command: [program('vite'), 'build', '--logLevel', 'warn'] },
  ...tests('unit'),
  { name: 'faults', command: ['test/faults/run.ts', '--quiet'], hasTests: true },
  { name: 'docs', command: ['scripts/check-docs.ts'] },
  ...tests('simulation'),
  ...tests('e2e'),
  ...tests('browser'),
  ...(existsSync(join(root, 'bench/run.ts'))
    ? [{ name: 'bench', command: ['--conditions=source', 'bench/run.ts', '--smoke'] }]
    : []),
];

async function run(command: readonly string[]): Promise<{ readonly output: string; readonly ok: boolean }> {
  const child = spawn(process.execPath, command, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: stageTimeoutMs,
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text));
  return await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      if (signal !== null) output += `\nended by ${signal}\n`;
      resolve({ output, ok: code === 0 });
    });
  });
}

function countOf(stage: Stage, output: string, ok: boolean): Count {
  const last = /(\d+) passed, (\d+) failed\s*$/.exec(output);
  if (stage.hasTests !== true || last === null) return ok ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
  const [passed, failed] = [Number(last[1]), Number(last[2])];
  // A stage that says no test failed and yet ended badly has failed.
  return { passed, failed: ok ? failed : Math.max(failed, 1) };
}

function refuseOldNode(): void {
  const major = Number(process.versions.node.split('.')[0]);
  if (major >= 24) return;
  console.error(`The check runs on Node 24 (this is ${process.versions.node}). Run it as \`npm test\`.`);
  process.exit(2);
}

async function main(): Promise<void> {
  refuseOldNode();
  const { name: packageName } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { name: string };
  console.log(`Checking ${packageName} on Node ${process.versions.node}`);
  const wanted = process.argv.slice(2);
  const total = { passed: 0, failed: 0 };
  for (const stage of stages) {
    if (wanted.length > 0 && !wanted.includes(stage.name)) continue;
    const begun = performance.now();
    const { output, ok } = await run(stage.command);
    const { passed, failed } = countOf(stage, output, ok);
    total.passed += passed;
    total.failed += failed;
    const seconds = ((performance.now() - begun) / 1_000).toFixed(1);
    const tally = stage.hasTests === true ? `, ${passed} passed, ${failed} failed` : '';
    console.log(`${failed === 0 ? 'ok    ' : 'FAILED'} ${stage.name} (${seconds} s${tally})`);
    if (failed > 0) console.log(output.replaceAll(/^/gm, '  ').trimEnd());
  }
  console.log(`${total.passed} passed, ${total.failed} failed`);
  process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1;
}

await main();
