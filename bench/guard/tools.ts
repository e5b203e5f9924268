/** Other tools that look over a whole tree, where a person has put them: `npm install --prefix DIR` of the names below. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from './measured.ts';

export type Tool = {
  readonly name: string;
  /** What it looks for, which is never what the guard looks for. */
  readonly finds: string;
  readonly hasCache: boolean;
  /** Ends with these when it did its work, whatever it found. */
  readonly done: readonly number[];
  readonly args: (cache: string) => readonly string[];
  readonly bin: string;
};

export const tools: readonly Tool[] = [
  {
    name: 'knip',
    finds: 'files, exports and dependencies that nothing uses',
    hasCache: true,
    // 2: it looked through all, but a configuration needs packages that aren't installed in the tree.
    done: [0, 2],
    args: (cache) => ['--no-progress', '--no-exit-code', '--no-config-hints', '--cache', '--cache-location', cache],
    bin: 'knip',
  },
  {
    name: 'jscpd',
    finds: 'text that was copied',
    hasCache: false,
    done: [0],
    args: () => ['--reporters', 'silent', '--format', 'typescript,tsx,javascript,jsx,python', '.'],
    bin: 'jscpd',
  },
  {
    name: 'dependency-cruiser',
    finds: 'imports against rules; here it has none, and reads all imports',
    hasCache: true,
    done: [0],
    args: (cache) => ['--no-config', '--cache', cache, '--cache-strategy', 'content', '.'],
    bin: 'depcruise',
  },
];

export const howToInstall = `npm install --prefix DIR ${tools.map(({ name }) => name).join(' ')} typescript@5`;

/** The tool in `folder` with its version; undefined when it isn't there. */
export function installed(
  folder: string,
  { name, bin }: Tool,
): { readonly version: string; readonly program: string } | undefined {
  const program = join(folder, 'node_modules', '.bin', bin);
  const manifest = join(folder, 'node_modules', name, 'package.json');
  if (!existsSync(program) || !existsSync(manifest)) return undefined;
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { readonly version: string };
  return { version, program };
}

export function commandOf(tool: Tool, program: string, { root, cache }: { root: string; cache: string }): Command {
  return { program, args: tool.args(cache), cwd: root };
}
