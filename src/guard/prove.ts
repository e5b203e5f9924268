/**
 * Shows that an emitted test can fail and can pass: it is run for real, now and when the move is done.
 *
 * VQ1  Both halves are run, never reasoned: the first on what was last committed, the second on the same with the fix made
 *      and the rivals taken out that nothing uses any more.
 * VQ2  Where the fix leaves rivals behind, the second half can't be shown, and what is in the way is told.
 * VQ3  A run that fails without what the test asserts is no red test: it could not be run, and proves nothing.
 * VQ4  It runs by a configuration of its own: what a project's leaves out, needs or loads says nothing of the test.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openAudit } from './audit.ts';
import { fixTree, todoOfAudit } from './audit-moves.ts';
import { emitTests, type TestStyle } from './emit-tests.ts';
import type { Refusal } from './fix.ts';
import { type CheckRun, runCheck } from './project-checks.ts';
import { openScratchTree, type ScratchTree } from './scratch-tree.ts';

export type Proof = {
  readonly concept: string;
  /** It fails while there are rivals. `none`: there is one implementation already, so it passes. */
  readonly now: 'fails' | 'passes' | 'none' | 'timed-out' | 'not-run';
  /** It passes when the move is done. `not-shown`: the fix leaves something behind. */
  readonly done: 'passes' | 'fails' | 'not-shown' | 'timed-out' | 'not-run';
  /** What is in the way of the second half. */
  readonly left: readonly Pick<Refusal, 'path' | 'line' | 'why'>[];
  /** What the run printed that did not end as it should. */
  readonly output: string;
};

export type ProveOptions = {
  readonly root: string;
  readonly style: TestStyle;
  /** The guard's program, for tests that call it: a command and its words. */
  readonly program: readonly string[];
  /** As 2026-11-22. */
  readonly today: string;
  readonly timeoutMs: number;
};

const testFiles: Readonly<Record<TestStyle, string>> = {
  'node:test': 'guard-prove.test.mjs',
  vitest: 'guard-prove.test.mjs',
  pytest: 'test_guard_prove.py',
};

/** Besides the test, in place of what the project has (VQ4). */
const configFiles: Readonly<Partial<Record<TestStyle, readonly [name: string, text: string]>>> = {
  vitest: ['guard-prove.config.mjs', `export default { test: { include: ['${testFiles.vitest}'] } };\n`],
  pytest: ['guard-prove.ini', '[pytest]\n'],
};

const commands: Readonly<Record<TestStyle, string>> = {
  'node:test': `"${process.execPath}" --test ${testFiles['node:test']}`,
  vitest: 'vitest run --config guard-prove.config.mjs',
  pytest: `python3 -m pytest -q -c guard-prove.ini --rootdir=. --noconftest -p no:cacheprovider ${testFiles.pytest}`,
};

/** Why tests of this style can't be run at `root`, if they can't. */
export function missingRunner(root: string, style: TestStyle): string | undefined {
  if (style === 'vitest') {
    return existsSync(join(root, 'node_modules/.bin/vitest')) ? undefined : 'vitest is not installed here';
  }
  if (style === 'node:test') return undefined;
  const venv = join(root, '.venv/bin/python3');
  const { status } = spawnSync(existsSync(venv) ? venv : 'python3', ['-c', 'import pytest']);
  return status === 0 ? undefined : 'pytest is not installed here';
}

/** Proves the test of one concept. */
export async function prove(concept: string, options: ProveOptions): Promise<Proof> {
  const now = await inTree(concept, options, (_, count) => Promise.resolve({ left: [], rivals: count }));
  if (now.rivals === 0) {
    return {
      concept,
      now: 'none',
      done: endOf(now.run, concept, options.style),
      left: [],
      output: now.run.output,
    };
  }
  const done = await inTree(concept, options, (tree) => finish(concept, options, tree));
  const [was, shown] = [endOf(now.run, concept, options.style), endOf(done.run, concept, options.style)];
  const isShown = done.rivals === 0;
  const isBad = was !== 'fails' ? now.run.output : isShown && shown !== 'passes' ? done.run.output : '';
  return { concept, now: was, done: isShown ? shown : 'not-shown', left: done.left, output: isBad };
}

/** How a run of the test ended (VQ3). */
export function endOf(
  { outcome, output }: Pick<CheckRun, 'outcome' | 'output'>,
  concept: string,
  style: TestStyle,
): 'passes' | 'fails' | 'timed-out' | 'not-run' {
  if (outcome === 'timed-out') return outcome;
  if (outcome === 'passed') return 'passes';
  const isAsserted = style === 'pytest' ? /^E .*\bassert \[/m.test(output) : output.includes(`${concept} has `);
  return isAsserted ? 'fails' : 'not-run';
}

type Half = { readonly left: Proof['left']; readonly rivals: number };

/** One half: a tree, what is done to it, and the test run in it. */
async function inTree(
  concept: string,
  options: ProveOptions,
  change: (tree: ScratchTree, rivals: number) => Promise<Half>,
): Promise<Half & { readonly run: CheckRun }> {
  const { root, style, today, timeoutMs } = options;
  const tree = openScratchTree(root);
  try {
    const half = await change(tree, await countRivals(concept, tree, today));
    installGuard(tree, options.program);
    const own = [[testFiles[style], emitTests([concept], style)] as const, configFiles[style]];
    for (const one of own) if (one !== undefined) writeFileSync(join(tree.root, one[0]), one[1]);
    return { ...half, run: await runCheck(tree.root, { name: style, command: commands[style] }, timeoutMs) };
  } finally {
    tree.close();
  }
}

async function countRivals(concept: string, { root }: ScratchTree, today: string): Promise<number> {
  return todoOfAudit(await openAudit(root, { cache: false, git: false }), concept, today).rivals.length;
}

/** The move, and what the rivals leave behind. */
async function finish(concept: string, { today }: ProveOptions, tree: ScratchTree): Promise<Half> {
  const { refused } = await fixTree(tree.root, concept, { today, oldFiles: 'remove' });
  return { left: refused, rivals: await countRivals(concept, tree, today) };
}

/** The guard that runs now, under the name by which the emitted tests ask for it. */
function installGuard({ root }: ScratchTree, program: readonly string[]): void {
  const folder = join(root, 'node_modules', 'cantus');
  if (existsSync(folder)) return;
  mkdirSync(join(root, 'node_modules', '.bin'), { recursive: true });
  mkdirSync(folder);
  const own = new URL(import.meta.url.endsWith('.ts') ? './assert-one.ts' : './assert-one.js', import.meta.url);
  const manifest = {
    name: 'cantus',
    version: '0.0.0',
    type: 'module',
    bin: 'cantus',
    exports: { './guard': './guard.mjs' },
  };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  writeFileSync(join(folder, 'guard.mjs'), `export { assertOneImplementation } from '${own.href}';\n`);
  const words = program.map((word) => `'${word.replaceAll("'", String.raw`'\''`)}'`).join(' ');
  writeFileSync(join(root, 'node_modules', '.bin', 'cantus'), `#!/bin/sh\nexec ${words} "$@"\n`, { mode: 0o755 });
}
