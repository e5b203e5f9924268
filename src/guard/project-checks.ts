/**
 * The checks that a project has of its own, and what came of running one.
 *
 * VY1  What a person names is run and nothing else; else what guard.json names, else what the project's manifests do.
 * VY2  A check has a time limit; when it is over, all that it started ends too.
 * VY3  Nothing is fetched: package managers are told that they are offline.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { systemClock } from '../core/clock.ts';
import { ValidationError } from '../core/errors.ts';
import { limits } from '../core/limits.ts';
import { configName, type GuardConfig } from './config.ts';
import { failingTests } from './failing-tests.ts';
import { walk } from './walk.ts';

/** A command of a shell, run in the root of the code base. */
export type ProjectCheck = { readonly name: string; readonly command: string };

/** What came of one run of a check. */
export type CheckRun = {
  readonly outcome: 'passed' | 'failed' | 'timed-out';
  /** Names of what failed; undefined where it printed none that can be told. */
  readonly failing: readonly string[] | undefined;
  /** The end of what it printed. */
  readonly output: string;
};

/** The same, where there have to be some: throws a ValidationError if there are none. */
export function requiredChecks(
  root: string,
  config: GuardConfig,
  named: readonly string[] = [],
): readonly ProjectCheck[] {
  const checks = projectChecks(root, config, named);
  if (checks.length > 0) return checks;
  throw new ValidationError('This project has no check that could be found.', {
    hint: `Name one: --run "npm test", or "verify" in ${configName}.`,
  });
}

/** The checks of the project at `root` (VY1). */
export function projectChecks(
  root: string,
  { verify }: GuardConfig,
  named: readonly string[] = [],
): readonly ProjectCheck[] {
  const commands = named.length > 0 ? named : (verify ?? []);
  if (commands.length > 0) return commands.map((command) => ({ name: command, command }));
  return [...scriptChecks(root), ...pythonChecks(root)];
}

const scriptNames = ['typecheck', 'lint', 'check', 'test'];

function scriptChecks(root: string): readonly ProjectCheck[] {
  let scripts: unknown;
  try {
    scripts = (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts?: unknown }).scripts;
  } catch {
    return [];
  }
  if (typeof scripts !== 'object' || scripts === null) return [];
  const found = new Map<string, string>();
  for (const name of scriptNames) {
    const text = (scripts as Record<string, unknown>)[name];
    const isReal = typeof text === 'string' && !text.includes('no test specified');
    // `"test": "npm run check"` is the same check again.
    const isSame = [...found.keys()].some((other) => text === `npm run ${other}`);
    if (isReal && !isSame) found.set(name, `npm run --silent ${name}`);
  }
  return [...found].map(([name, command]) => ({ name, command }));
}

/** Its tests where pytest is there, else whether all of it compiles. */
function pythonChecks(root: string): readonly ProjectCheck[] {
  const { files } = walk({ root });
  if (!files.some((path) => path.endsWith('.py'))) return [];
  const python = ['.venv', 'venv'].map((name) => join(root, name, 'bin', 'python')).find((path) => existsSync(path));
  const program = python === undefined ? 'python3' : python.slice(root.length + 1);
  const hasTests = files.some((path) => /(?:^|\/)(?:test_[^/]*|[^/]*_test)\.py$/.test(path));
  const hasPytest = hasTests && spawnSync(python ?? 'python3', ['-c', 'import pytest']).status === 0;
  if (hasPytest) return [{ name: 'pytest', command: `${program} -m pytest -q -rf -p no:cacheprovider` }];
  return [{ name: 'compileall', command: `${program} -m compileall -q .` }];
}

/** Runs a check in a tree (VY2, VY3). */
export async function runCheck(root: string, { command }: ProjectCheck, timeoutMs: number): Promise<CheckRun> {
  const child = spawn(command, {
    cwd: root,
    env: environment(root),
    shell: true,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let isOver = false;
  const take = (part: Buffer): void => {
    output = (output + part.toString('utf8')).slice(-limits.guardCheckOutputCharsMax);
  };
  child.stdout.on('data', take);
  child.stderr.on('data', take);
  const stop = systemClock.after(timeoutMs, () => {
    isOver = true;
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  });
  const code = await new Promise<number | null>((resolve) => {
    child.on('close', resolve);
    child.on('error', () => resolve(null));
  });
  stop();
  if (isOver) return { outcome: 'timed-out', failing: undefined, output };
  return { outcome: code === 0 ? 'passed' : 'failed', failing: code === 0 ? [] : failingTests(output), output };
}

function environment(root: string): NodeJS.ProcessEnv {
  const { NODE_TEST_CONTEXT: _, FORCE_COLOR: __, ...inherited } = process.env;
  const bins = ['node_modules/.bin', '.venv/bin', 'venv/bin'].map((name) => join(root, name));
  const python = [join(root, 'src'), root].filter((path) => existsSync(path));
  return {
    ...inherited,
    PATH: [...bins.filter((path) => existsSync(path)), inherited['PATH'] ?? ''].join(delimiter),
    // Before what is installed, which may be a link to the person's own tree.
    PYTHONPATH: [...python, ...(inherited['PYTHONPATH'] === undefined ? [] : [inherited['PYTHONPATH']])].join(
      delimiter,
    ),
    PYTHONDONTWRITEBYTECODE: '1',
    CI: '1',
    NO_COLOR: '1',
    npm_config_offline: 'true',
    npm_config_update_notifier: 'false',
    PIP_NO_INDEX: '1',
  };
}
