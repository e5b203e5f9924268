/** `cantus guard progress`: a code base over its history. */
import { basename } from 'node:path';
import { ValidationError } from '../core/errors.ts';
import { progressOfAudit } from '../guard/audit-moves.ts';
import { guardExitCodes } from '../guard/check.ts';
import { isShallow } from '../guard/history.ts';
import { progressHtml } from '../guard/report/progress-html.ts';
import { progressMarkdown, progressText } from '../guard/report/progress-text.ts';
import { auditOf, textScreen, todayOf, writeReport, type GuardFlags } from './guard-verb.ts';
import type { Host } from './host.ts';
import { openScreen } from './screen.ts';

export type ProgressFlags = { readonly since?: string; readonly points: number; readonly html?: string };

/** `guard progress`. Earlier trees are read in a temporary folder; the working tree is not touched, and is the last point. */
export async function progressVerb(host: Host, flags: GuardFlags & ProgressFlags): Promise<number> {
  if (flags.points < 2) {
    throw new ValidationError('A way has two ends.', { hint: 'Take at least two points: --points 2.' });
  }
  const audit = await auditOf(host, flags);
  const { points, since } = flags;
  const times = { points, ...(since === undefined ? {} : { since }), today: todayOf(host), now: host.clock.now() };
  const progress = await progressOfAudit(audit, times);
  if (flags.html !== undefined) await writeReport(host, flags.html, progressHtml(progress, basename(audit.root)));
  if (flags.markdown !== undefined) await writeReport(host, flags.markdown, progressMarkdown(progress));
  const screen = openScreen(host, flags);
  if (isShallow(audit.root)) {
    screen.remark('This is a shallow clone: only the end of its history is here. To have all: git fetch --unshallow.');
  }
  if (flags.json === true) screen.give(JSON.stringify({ version: 1, ...progress }, null, 2));
  else screen.give(progressText(progress, textScreen(host, screen)));
  return guardExitCodes.clean;
}
