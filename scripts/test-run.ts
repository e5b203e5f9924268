/**
 * Runs test files in a process of their own and says what became of each test.
 *
 * TR1  A run that does not end is killed, with all it started, and counts as failed: nothing here waits for ever.
 * TR2  A process that ends before its summary counts as failed, whatever its tests said until then.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ReportLine, TestResult } from './test-reporter.ts';

export type TestRunOptions = {
  readonly files: readonly string[];
  /** `none`: all files in one process, which is ten times quicker. `process`: each file in its own. */
  readonly isolation: 'none' | 'process';
  /** Only tests whose full name (suites and test, with spaces between) matches one of these patterns. */
  readonly names?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Bound of one test, in ms. */
  readonly testTimeoutMs: number;
  /** Bound of the whole run, in ms. */
  readonly runTimeoutMs: number;
  /** How long beyond the bound of a test the process may go on without telling of one, in ms. */
  readonly lingerMsMax?: number;
};

export type TestRun = {
  /** Tests, and suites that failed by themselves. */
  readonly results: readonly TestResult[];
  /** Why the run as a whole did not end well, if so: it was killed, or crashed. */
  readonly broken: string | undefined;
  /** What the tests printed. */
  readonly output: string;
};

const pollMs = 100;
const outputCharsMax = 1_000_000;

const root = new URL('../', import.meta.url).pathname;
const reporter = new URL('test-reporter.ts', import.meta.url).href;

export async function runTestFiles(options: TestRunOptions): Promise<TestRun> {
  const folder = mkdtempSync(join(tmpdir(), 'cantus-tests-'));
  const reportFile = join(folder, 'report.jsonl');
  try {
    const child = spawn(process.execPath, nodeArguments(options, reportFile), {
      cwd: root,
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own, so that what the tests start can be ended with it.
      detached: true,
    });
    const { output, broken } = await watch(child, reportFile, options);
    const lines = readReport(reportFile);
    const results = lines.flatMap((line) => (line.kind === 'result' ? [line] : [])).filter(counts);
    const ended = lines.at(-1)?.kind === 'summary';
    return { results, broken: broken ?? (ended ? undefined : 'the process ended before its summary'), output };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function nodeArguments(options: TestRunOptions, reportFile: string): string[] {
  return [
    '--conditions=source',
    '--test',
    `--test-isolation=${options.isolation}`,
    ...(options.isolation === 'process' ? ['--test-concurrency=2'] : []),
    `--test-timeout=${options.testTimeoutMs}`,
    `--test-reporter=${reporter}`,
    `--test-reporter-destination=${reportFile}`,
    ...(options.names ?? []).map((name) => `--test-name-pattern=${name}`),
    ...options.files,
  ];
}

/** Waits for the end of the process, or brings it about (TR1). */
async function watch(
  child: ChildProcess,
  reportFile: string,
  { isolation, testTimeoutMs, runTimeoutMs, lingerMsMax = 5_000 }: TestRunOptions,
): Promise<{ readonly output: string; readonly broken: string | undefined }> {
  let output = '';
  let broken: string | undefined;
  const kill = (): void => {
    if (child.pid === undefined) return;
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      // It ended by itself meanwhile.
    }
  };
  const collect = (text: string): void => {
    if (output.length < outputCharsMax) output += text;
  };
  child.stdout?.setEncoding('utf8').on('data', collect);
  child.stderr?.setEncoding('utf8').on('data', collect);
  const begun = Date.now();
  // In one process no test can be running that long, and the runner waits for what a test left open for ever.
  const silenceMsMax = isolation === 'none' ? testTimeoutMs + lingerMsMax : runTimeoutMs;
  let told = 0;
  let toldAt = begun;
  const poll = setInterval(() => {
    const now = Date.now();
    const lines = readReport(reportFile).length;
    if (lines > told) [told, toldAt] = [lines, now];
    if (now - begun > runTimeoutMs) broken ??= `killed after ${runTimeoutMs} ms`;
    if (told > 0 && now - toldAt > silenceMsMax) {
      broken ??= `killed after ${silenceMsMax} ms without a test: one of them left something open, or blocks the process`;
    }
    if (broken !== undefined) kill();
  }, pollMs);
  const endWithUs = (): never => {
    kill();
    process.exit(130);
  };
  process.once('SIGINT', endWithUs).once('SIGTERM', endWithUs);
  await new Promise<void>((resolve) => child.once('close', () => resolve()));
  clearInterval(poll);
  process.off('SIGINT', endWithUs).off('SIGTERM', endWithUs);
  return { output, broken };
}

function readReport(file: string): readonly ReportLine[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return [];
  }
  // A line without its end is still being written.
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  return whole
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as ReportLine);
}

/** A suite fails with its tests, which are counted; it counts by itself only when its own code or hook failed. */
function counts(result: TestResult): boolean {
  if (!result.isSuite) return !(result.outcome === 'passed' && result.name === result.file);
  return result.outcome === 'failed' && result.failure?.type !== 'subtestsFailed';
}
