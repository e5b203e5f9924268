/** Moving a code base to the one implementation of a declared concept, asked of an audit: for the command line and programs. */
import { openAudit, scanOptions, type Audit } from './audit.ts';
import { readConfig } from './config.ts';
import { type FixPlan, type OldFilesWish, planFix, writePlan } from './fix.ts';
import { History, sampleCommits } from './history.ts';
import { type CodeBaseProgress, pointOf, type ProgressPoint, progressOf } from './progress.ts';
import { requiredChecks } from './project-checks.ts';
import type { RuleInput } from './rules/rule.ts';
import { type Todo, todoOf } from './todo.ts';
import { undeclared } from './undeclared.ts';
import { type VerifiedCheck, verify } from './verify.ts';

/** What a scan and `guard.json` say together. `today`: as 2026-11-22. */
function inputOf({ config, scan }: Pick<Audit, 'config' | 'scan'>, today: string): RuleInput {
  return { config, tree: scan.tree, edges: scan.edges, paths: [], today };
}

/**
 * Every place that still uses another implementation of a declared concept, and what it calls that the canonical one has
 * not. `today`: as 2026-11-22, for waivers that end. Throws a ValidationError where the concept is not declared, or its
 * canonical unit is not there, or what is deprecated points in a circle.
 *
 * @example
 * const { rivals, items } = todoOfAudit(await openAudit('.'), 'execution-engine', '2026-11-22');
 */
export function todoOfAudit(audit: Pick<Audit, 'config' | 'scan'>, concept: string, today: string): Todo {
  const todo = todoOf(inputOf(audit, today), concept);
  if (todo === undefined) throw undeclared(audit.config, concept);
  return todo;
}

/** How a fix is planned. */
export type FixOptions = {
  /** As 2026-11-22. */
  readonly today: string;
  /** What becomes of the others once nothing uses them; without it their files stay as they are. */
  readonly oldFiles?: OldFilesWish;
};

/**
 * What would change if every user of another implementation moved to the canonical one, as new texts and unified diffs, and
 * what would be left alone and why. Writes nothing; `writePlan` does. Throws as `todoOfAudit` does, and where `guard.json`
 * names a factory that can't be called.
 *
 * @example
 * const { files, refused } = fixOfAudit(await openAudit('.'), 'execution-engine', { today: '2026-11-22' });
 */
export function fixOfAudit(
  audit: Pick<Audit, 'config' | 'scan'>,
  concept: string,
  { today, oldFiles }: FixOptions,
): FixPlan {
  const plan = planFix(inputOf(audit, today), concept, oldFiles);
  if (plan === undefined) throw undeclared(audit.config, concept);
  return plan;
}

/** Makes a fix in the tree at `root`, read anew and without a cache: for trees that are thrown away. */
export async function fixTree(root: string, concept: string, options: FixOptions): Promise<FixPlan> {
  const plan = fixOfAudit(await openAudit(root, { cache: false, git: false }), concept, options);
  writePlan(root, plan);
  return plan;
}

/** How a fix is tried. */
export type VerifyFixOptions = FixOptions & {
  /** Commands to run; without them the checks that `guard.json` or the manifests of the project name. */
  readonly commands?: readonly string[];
  /** For each check. */
  readonly timeoutMs: number;
};

/** What came of trying a fix. */
export type VerifiedFix = { readonly plan: FixPlan; readonly checks: readonly VerifiedCheck[] };

/**
 * Runs the project's own checks on what git has last of it and on the same with the fix made, each in a temporary tree: the
 * one at `root` is not touched. Throws a ValidationError where the concept is not declared, the project has no checks, or it is no git
 * repository.
 *
 * @example
 * const { checks } = await verifyFix('.', 'execution-engine', { today: '2026-11-22', timeoutMs: 600_000 });
 * const broken = checks.filter(({ verdict }) => verdict === 'broken');
 */
export async function verifyFix(root: string, concept: string, options: VerifyFixOptions): Promise<VerifiedFix> {
  const { commands, timeoutMs, ...fix } = options;
  const config = await readConfig(root);
  if (config.concepts?.[concept] === undefined) throw undeclared(config, concept);
  let plan: FixPlan = { files: [], refused: [] };
  const checks = await verify({
    root,
    checks: requiredChecks(root, config, commands),
    timeoutMs,
    change: async (tree) => void (plan = await fixTree(tree.root, concept, fix)),
  });
  return { plan, checks };
}

/** Which times of a history are counted. */
export type ProgressOptions = {
  /** A commit, branch or tag, or a time (`30d`, `2026-10-01`); without it the first commit. */
  readonly since?: string;
  /** At how many times it is counted, the tree as it is among them. At least 2. */
  readonly points: number;
  /** As 2026-11-22. */
  readonly today: string;
  /** Ms since 1970: the time of the last point. */
  readonly now: number;
  /** Stops between two points, with its reason. */
  readonly signal?: AbortSignal;
};

/**
 * How far a code base has come over the history that git has, every point under the rules of today. Earlier trees are read
 * in a temporary folder; the last point is the audit itself. Throws a ValidationError where git can't read what is asked.
 *
 * @example
 * const { declared } = await progressOfAudit(audit, { points: 12, today: '2026-11-22', now: Date.now() });
 */
export async function progressOfAudit(
  { root, scan, config }: Pick<Audit, 'root' | 'scan' | 'config'>,
  { since, points, today, now, signal }: ProgressOptions,
): Promise<CodeBaseProgress> {
  const counted: ProgressPoint[] = [];
  const history = new History(root, scanOptions(root, config));
  try {
    for (const { commit, at } of sampleCommits(root, points - 1, since)) {
      signal?.throwIfAborted();
      counted.push({ commit, at, ...pointOf(await history.read(commit), config, today) });
    }
  } finally {
    history.close();
  }
  counted.push({ at: Math.max(now, counted.at(-1)?.at ?? 0), ...pointOf(scan, config, today) });
  return progressOf(counted, config);
}
