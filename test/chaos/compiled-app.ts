/** An app's files without their types, for a built server: to strip them anew at each start takes most of its start. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { dirname, join, relative } from 'node:path';

const root = new URL('../../', import.meta.url).pathname;

/** Puts the file, and those that it imports by their path, below `folder`. Returns where it is there. */
export function compiledApp(folder: string, file: string): string {
  const to = join(folder, 'compiled', relative(root, file)).replace(/\.ts$/, '.mjs');
  const text = stripTypeScriptTypes(readFileSync(file, 'utf8'));
  for (const [, path = ''] of text.matchAll(/ from '(\.[^']*\.ts)'/g)) compiledApp(folder, join(dirname(file), path));
  mkdirSync(dirname(to), { recursive: true });
  writeFileSync(to, text.replaceAll(/( from '\.[^']*)\.ts'/g, "$1.mjs'"));
  return to;
}
