/** When files were born, as git tells. One question for all of them; no answer is no error. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { resolve as absolute } from 'node:path';

/** Path to ms since 1970. Empty without git, without a repository, or where it takes too long. */
export function birthsOf(root: string, paths: readonly string[]): Promise<ReadonlyMap<string, number>> {
  if (paths.length === 0) return Promise.resolve(new Map());
  const args = [
    '-C',
    root,
    '-c',
    'core.quotepath=off',
    'log',
    '--diff-filter=A',
    '--no-renames',
    '--name-only',
    '--relative',
    '--format=%x00%at',
    '--',
    ...paths,
  ];
  return new Promise((resolve) => {
    const options = { timeout: gitMsMax, maxBuffer: 64 * 1_048_576, env: { ...process.env, GIT_OPTIONAL_LOCKS: '0' } };
    execFile('git', args, options, (failed, output) => resolve(failed === null ? readLog(output) : new Map()));
  });
}

/**
 * All that births depend on besides paths: what is checked out, how far back the repository reaches, and where in it the
 * root is. Empty where git knows no history.
 */
export async function historyOf(root: string): Promise<string> {
  const args = ['-C', root, 'rev-parse', 'HEAD', '--git-path', 'shallow', '--show-prefix'];
  const told = await new Promise<string>((resolve) => {
    execFile('git', args, { timeout: gitMsMax }, (failed, output) => resolve(failed === null ? output : ''));
  });
  const shallow = told.split('\n')[1];
  return shallow === undefined ? '' : `${told}${await readFile(absolute(root, shallow), 'utf8').catch(() => '')}`;
}

/** A history that takes longer to read is not worth the wait. */
const gitMsMax = 10_000;

/** Commits from the newest back: the last word on a file is when it first came. */
function readLog(output: string): Map<string, number> {
  const births = new Map<string, number>();
  for (const commit of output.split('\0')) {
    const [seconds = '', ...names] = commit.split('\n');
    for (const name of names) if (name !== '') births.set(name, Number(seconds) * 1_000);
  }
  return births;
}
