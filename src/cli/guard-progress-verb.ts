/** `cantus guard progress`: a code base now and at an earlier commit. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ValidationError } from '../core/errors.ts';
import { limits } from '../core/limits.ts';
import { scanOptions } from '../guard/audit.ts';
import { guardExitCodes } from '../guard/check.ts';
import { progressBetween, type CodeBaseProgress } from '../guard/progress.ts';
import { scan } from '../guard/scan.ts';
import { auditOf, todayOf, type GuardFlags } from './guard-verb.ts';
import type { Host } from './host.ts';
import { openScreen, type Screen } from './screen.ts';

export type ProgressFlags = { readonly since: string };

/** `guard progress`. The earlier tree is read in a temporary folder; the working tree is not touched. */
export async function progressVerb(host: Host, flags: GuardFlags & ProgressFlags): Promise<number> {
  const { root, scan: now, config } = await auditOf(host, flags);
  const folder = mkdtempSync(join(tmpdir(), 'guard-progress-'));
  try {
    unpack(root, flags.since, folder);
    const before = await scan({ ...scanOptions(folder, config), cache: false, git: false });
    const progress = progressBetween(before, now, config, todayOf(host));
    const screen = openScreen(host, flags);
    if (flags.json === true) screen.give(JSON.stringify({ version: 1, since: flags.since, ...progress }, null, 2));
    else tell(screen, progress);
    return guardExitCodes.clean;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What `root` was at a commit, without its history. */
function unpack(root: string, commit: string, folder: string): void {
  const options = { cwd: root, maxBuffer: limits.guardArchiveBytesMax };
  const archive = spawnSync('git', ['archive', '--format=tar', '--end-of-options', commit], options);
  const tar = archive.status === 0 ? spawnSync('tar', ['-x', '-C', folder], { input: archive.stdout }) : undefined;
  if (tar?.status === 0) return;
  throw new ValidationError(`"${commit}" can't be read from git here.`, {
    hint: 'Name a commit, branch or tag of this repository: --since v1.2.0.',
  });
}

function tell(screen: Screen, { declared, found }: CodeBaseProgress): void {
  for (const { concept, before, after, gone, came } of declared) {
    const style = after === 0 ? 'green' : came.length > 0 ? 'red' : 'yellow';
    screen.give(`${screen.paintOut(style, concept)}  ${before} → ${after}  (−${gone.length}, +${came.length})`);
    for (const key of came) screen.give(`  new: ${key}`);
  }
  screen.give(`concepts with rivals, declared or not  ${found.before} → ${found.after}`);
}
