/**
 * `cantus backup` and `cantus restore`: a data folder as a folder of plain files, with their sums. Who may read the
 * folder's files may copy them, so nothing of this goes over the network, and a server need not be told.
 */
import { resolve } from 'node:path';
import { systemRandom } from '../core/random.ts';
import { tellBytes, tellMany } from '../core/units.ts';
import { endRestoredLogins } from '../server/accounts/restored-accounts.ts';
import { makeBackup, restoreBackup, type BackupManifest } from '../stores/sqlite-backup.ts';
import { commandLine, type Cli } from './cli.ts';
import { exitCodes } from './exit-codes.ts';
import { jsonDocument } from './outcome.ts';
import { placeOf } from './place.ts';

/** Copies the data folder to `target`. Returns the exit code. */
export function backupVerb(cli: Cli, target: string): number {
  const { host, screen, options } = cli;
  const place = placeOf(host, options);
  const to = resolve(host.folder, target);
  const manifest = makeBackup({ folder: place.folder, target: to, now: host.clock.now() });
  const { files, bytes } = sizeOf(manifest);
  if (options.json === true)
    screen.give(jsonDocument({ backup: to, madeAt: manifest.madeAt, files, bytes }, host.out.tty));
  else screen.give(to);
  screen.remark(`${place.shown} as it was at ${manifest.madeAt}: ${tellMany(files, 'file')}, ${tellBytes(bytes)}.`);
  screen.remark('It was read again and is whole. It holds what users wrote and the hashes of passwords: keep it safe.');
  return exitCodes.ok;
}

export type RestoreOptions = { readonly replace: boolean; readonly endTokens: boolean };

/** Makes the data folder of a backup. Returns the exit code. */
export function restoreVerb(cli: Cli, source: string, { replace, endTokens }: RestoreOptions): number {
  const { host, screen, options } = cli;
  const { folder, shown } = placeOf(host, options);
  let left = { accounts: 0, tokens: 0 };
  const { manifest, before } = restoreBackup({
    backup: resolve(host.folder, source),
    folder,
    replace,
    origin: systemRandom.id(),
    now: host.clock.now(),
    adapt: (copy) => (left = endRestoredLogins(copy, { tokens: endTokens })),
  });
  const { files, bytes } = sizeOf(manifest);
  if (options.json === true)
    screen.give(jsonDocument({ folder, madeAt: manifest.madeAt, before: before ?? null, ...left }, host.out.tty));
  screen.remark(`${shown} is as it was at ${manifest.madeAt}: ${tellMany(files, 'file')}, ${tellBytes(bytes)}.`);
  if (before !== undefined) screen.remark(`What was there before is in ${before}; remove it when you don't need it.`);
  if (left.accounts > 0)
    screen.remark(
      `${tellMany(left.accounts, 'account')}: all logins and invitations have ended${tokenWords(left.tokens)}.`,
    );
  screen.remark(
    `Unfinished runs go on from there at the next start, and do again what they did since: ${commandLine(cli, 'runs')}`,
  );
  return exitCodes.ok;
}

function tokenWords(tokens: number): string {
  return tokens === 0 ? '' : `; ${tellMany(tokens, 'token')} are good as they were then, also what was revoked since`;
}

function sizeOf({ files }: BackupManifest): { readonly files: number; readonly bytes: number } {
  return { files: files.length, bytes: files.reduce((sum, { bytes }) => sum + bytes, 0) };
}
