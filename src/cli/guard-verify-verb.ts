/** `cantus guard verify`: the project's own checks before and after a move. */
import { limits } from '../core/limits.ts';
import { fixTree } from '../guard/audit-moves.ts';
import { oneLine } from '../core/plain-text.ts';
import { guardExitCodes } from '../guard/check.ts';
import { readConfig } from '../guard/config.ts';
import { requiredChecks } from '../guard/project-checks.ts';
import { copyChanges, type ScratchTree } from '../guard/scratch-tree.ts';
import { type VerifiedCheck, verify } from '../guard/verify.ts';
import { undeclared } from '../guard/undeclared.ts';
import { type FixFlags, fixOptions, tellRefused } from './guard-fix-verb.ts';
import { type GuardFlags, rootFor } from './guard-verb.ts';
import type { Host } from './host.ts';
import { lastLines } from './last-lines.ts';
import { openScreen, type Screen } from './screen.ts';

export type VerifyFlags = Pick<FixFlags, 'stubs' | 'remove'> & {
  readonly run?: readonly string[];
  readonly timeout: number;
};

/** `guard verify`: a planned fix, or without a concept what is changed here and not committed. */
export async function verifyVerb(host: Host, flags: GuardFlags & VerifyFlags, concept?: string): Promise<number> {
  const root = rootFor(host, flags);
  const config = await readConfig(root);
  if (concept !== undefined && config.concepts?.[concept] === undefined) throw undeclared(config, concept);
  const checks = requiredChecks(root, config, flags.run);
  const screen = openScreen(host, flags);
  screen.remark(`Runs ${checks.map(({ name }) => name).join(', ')} before and after, in a tree of their own.`);
  let changed = 0;
  const change = async (tree: ScratchTree): Promise<void> => {
    changed = concept === undefined ? copyChanges(root, tree) : await applyFix(host, flags, { tree, concept, screen });
  };
  const done = await verify({ root, checks, timeoutMs: flags.timeout * 1_000, change });
  const code = exitOf(done);
  if (flags.json === true) screen.give(JSON.stringify({ version: 1, changed, checks: done }, null, 2));
  else tell(screen, done);
  if (changed === 0) screen.remark('Nothing was changed, so before and after are the same.');
  return code;
}

type Applied = { readonly tree: ScratchTree; readonly concept: string; readonly screen: Screen };

async function applyFix(host: Host, flags: VerifyFlags, { tree, concept, screen }: Applied): Promise<number> {
  const plan = await fixTree(tree.root, concept, fixOptions(host, flags));
  tellRefused(screen, plan);
  return plan.files.length;
}

function exitOf(checks: readonly VerifiedCheck[]): number {
  if (checks.some(({ verdict }) => verdict === 'broken')) return guardExitCodes.violations;
  return checks.some(({ verdict }) => verdict === 'untold') ? guardExitCodes.unread : guardExitCodes.clean;
}

const words: Readonly<Record<VerifiedCheck['verdict'], string>> = {
  holds: 'passes before and after',
  broken: 'is broken by it',
  'failed-before': 'fails before, and in nothing more after',
  mended: 'failed before, and passes after',
  untold: "can't tell",
};

/** Enough to know it by. */
function told({ failing = [] }: VerifiedCheck['before']): readonly string[] {
  const shown = failing.slice(0, limits.guardAnswersMax);
  return failing.length > shown.length ? [...shown, `and ${failing.length - shown.length} more`] : shown;
}

function tell(screen: Screen, checks: readonly VerifiedCheck[]): void {
  for (const { name, verdict, before, after, newlyFailing } of checks) {
    const style = verdict === 'broken' ? 'red' : verdict === 'holds' || verdict === 'mended' ? 'green' : 'yellow';
    screen.give(`${screen.paintOut(style, name)}  ${words[verdict]}  (${before.outcome} → ${after.outcome})`);
    for (const failing of newlyFailing) screen.give(`  fails now: ${oneLine(failing)}`);
    for (const failed of told(before)) screen.give(`  failed before: ${oneLine(failed)}`);
    if (verdict === 'broken' && newlyFailing.length === 0) {
      screen.give('  which of its tests can not be told; it ends with:');
      screen.give(lastLines(after.output));
    }
    if (verdict === 'untold') {
      screen.give(`  it ${before.outcome} before, and names nothing that could be compared; it ends with:`);
      screen.give(lastLines(before.output));
    }
  }
}
