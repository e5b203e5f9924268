/**
 * Does a code base still work after a move? Its own checks say so, before and after, in trees of their own.
 *
 * VY4  Only what passed before and fails after is held against the move. What failed before, timed out or names nothing is
 *      told as what it is, never as a pass.
 */
import { type CheckRun, type ProjectCheck, runCheck } from './project-checks.ts';
import { openScratchTree, type ScratchTree } from './scratch-tree.ts';

/** What two runs of a check say of the change between them. */
export type CheckVerdict =
  /** Passes before and after. */
  | 'holds'
  /** Passed, and fails after; or fails in more than before. */
  | 'broken'
  /** Failed before, and in the same after. */
  | 'failed-before'
  /** Failed before, and passes after. */
  | 'mended'
  /** Nothing can be said: it timed out before, or failed in both without names. */
  | 'untold';

/** A check before and after a change. */
export type VerifiedCheck = {
  readonly name: string;
  readonly command: string;
  readonly before: CheckRun;
  readonly after: CheckRun;
  readonly verdict: CheckVerdict;
  /** What fails after and did not before, where it can be told. */
  readonly newlyFailing: readonly string[];
};

export type VerifyOptions = {
  readonly root: string;
  readonly checks: readonly ProjectCheck[];
  readonly timeoutMs: number;
  /** Makes the change in the second tree. */
  readonly change: (tree: ScratchTree) => Promise<void>;
};

/** Runs every check on what was last committed, and with the change. The person's tree is not touched. */
export async function verify({ root, checks, timeoutMs, change }: VerifyOptions): Promise<readonly VerifiedCheck[]> {
  const before = await runAll(root, checks, timeoutMs);
  const after = await runAll(root, checks, timeoutMs, change);
  return checks.flatMap(({ name, command }, index) => {
    const [was, is] = [before[index], after[index]];
    return was === undefined || is === undefined ? [] : [{ name, command, before: was, after: is, ...judge(was, is) }];
  });
}

async function runAll(
  root: string,
  checks: readonly ProjectCheck[],
  timeoutMs: number,
  change?: VerifyOptions['change'],
): Promise<readonly CheckRun[]> {
  const tree = openScratchTree(root);
  try {
    await change?.(tree);
    const runs: CheckRun[] = [];
    // One after another: checks of one project share its folder.
    for (const check of checks) runs.push(await runCheck(tree.root, check, timeoutMs));
    return runs;
  } finally {
    tree.close();
  }
}

/** What two runs of a check say of the change between them (VY4). */
export function judge(before: CheckRun, after: CheckRun): Pick<VerifiedCheck, 'verdict' | 'newlyFailing'> {
  const told = after.failing ?? [];
  if (before.outcome === 'timed-out') return { verdict: 'untold', newlyFailing: [] };
  if (before.outcome === 'passed') {
    return { verdict: after.outcome === 'passed' ? 'holds' : 'broken', newlyFailing: told };
  }
  if (after.outcome === 'passed') return { verdict: 'mended', newlyFailing: [] };
  if (after.outcome === 'timed-out') return { verdict: 'broken', newlyFailing: [] };
  if (before.failing === undefined || after.failing === undefined) return { verdict: 'untold', newlyFailing: [] };
  const known = new Set(before.failing);
  const newlyFailing = told.filter((name) => !known.has(name));
  return { verdict: newlyFailing.length > 0 ? 'broken' : 'failed-before', newlyFailing };
}
