/** `cantus guard fix`: moves users of rivals to the implementation that stays. */
import { spawnSync } from 'node:child_process';
import { ValidationError } from '../core/errors.ts';
import { fixOfAudit, type FixOptions } from '../guard/audit-moves.ts';
import { manyLines, oneLine } from '../core/plain-text.ts';
import { tellMany } from '../core/units.ts';
import { guardExitCodes } from '../guard/check.ts';
import { type FixPlan, writePlan } from '../guard/fix.ts';
import { auditOf, todayOf, type GuardFlags } from './guard-verb.ts';
import type { Host } from './host.ts';
import { openScreen, type Screen } from './screen.ts';

export type FixFlags = { readonly write?: true; readonly dirty?: true; readonly stubs?: true; readonly remove?: true };

/** `guard fix`. Says what it would do; with `--write` it does it, on a clean tree or when it is told to all the same. */
export async function fixVerb(host: Host, flags: GuardFlags & FixFlags, concept: string): Promise<number> {
  const audit = await auditOf(host, flags);
  const { root } = audit;
  const plan = fixOfAudit(audit, concept, fixOptions(host, flags));
  if (flags.write === true) {
    if (flags.dirty !== true) refuseDirty(root);
    writePlan(root, plan);
  }
  const screen = openScreen(host, flags);
  if (flags.json === true) {
    screen.give(JSON.stringify({ version: 1, written: flags.write === true, ...planJson(plan) }, null, 2));
    return guardExitCodes.clean;
  }
  // On a terminal a diff is read, elsewhere it is applied: only there every byte counts (TX1).
  for (const { diff } of plan.files) screen.give(painted(screen, host.out.tty ? manyLines(diff) : diff));
  tellRefused(screen, plan);
  const count = plan.files.length;
  tellNext(host, screen, concept, {
    count,
    isOver: count + plan.refused.length === 0,
    isWritten: flags.write === true,
  });
  return guardExitCodes.clean;
}

type Done = { readonly count: number; readonly isOver: boolean; readonly isWritten: boolean };

function tellNext({ program }: Host, screen: Screen, concept: string, { count, isOver, isWritten }: Done): void {
  const files = tellMany(count, 'file');
  if (isOver) return screen.remark(`Nothing left to move. next: ${program} guard check`);
  if (count === 0) screen.remark('Nothing to move by itself.');
  else if (isWritten)
    screen.remark(`${files} written. next: ${program} guard verify   (your checks, before and after)`);
  else screen.remark(`${files} would change. Nothing is written without --write.`);
  if (count === 0 || isWritten) screen.remark(`What is left: ${program} guard todo ${concept}`);
}

/** How the flags of a command ask for it. */
export function fixOptions(host: Host, { stubs, remove }: Pick<FixFlags, 'stubs' | 'remove'>): FixOptions {
  const today = todayOf(host);
  if (stubs === true) return { today, oldFiles: 'stubs' };
  return remove === true ? { today, oldFiles: 'remove' } : { today };
}

/** A plan as data: what changes, and what does not and why. */
export function planJson({ files, refused }: FixPlan): object {
  return { files: files.map(({ path, text, diff }) => ({ path, isGone: text === undefined, diff })), refused };
}

/** What was left alone, why, and what to do. */
export function tellRefused(screen: Screen, { refused }: FixPlan): void {
  for (const { path, line, name, why, hint } of refused) {
    const told = oneLine(`${path}:${line}  ${name === '' ? '' : `${name}: `}${why}.`);
    screen.remark(`left alone  ${told}\n    ${oneLine(hint)}`);
  }
}

function painted(screen: Screen, diff: string): string {
  return diff
    .split('\n')
    .map((line) => {
      if (/^(?:diff |--- |\+\+\+ )/.test(line)) return screen.paintOut('bold', line);
      if (line.startsWith('+')) return screen.paintOut('green', line);
      return line.startsWith('-') ? screen.paintOut('red', line) : line;
    })
    .join('\n');
}

/** What is not committed could not be told from what is written. */
function refuseDirty(root: string): void {
  const { status, stdout } = spawnSync('git', ['status', '--porcelain', '--', '.'], { cwd: root, encoding: 'utf8' });
  if (status === 0 && stdout.trim() === '') return;
  throw new ValidationError(
    status === 0
      ? 'There are changes here that are not committed.'
      : 'This is no git repository, so nothing could be taken back.',
    { hint: 'Commit or stash them first, or say --dirty.' },
  );
}
