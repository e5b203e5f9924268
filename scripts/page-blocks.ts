/** Compiles and runs the ```ts blocks of a page, as a reader would who copies them into a project with the package. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export type Block = { readonly code: string; readonly line: number; readonly runs: boolean };

const blockTimeoutMs = 30_000;

/** The blocks marked ```ts; one that is marked ```ts no-run is compiled only. */
export function blocksOf(page: string): readonly Block[] {
  return [...page.matchAll(/^```ts([^\n]*)\n([\s\S]*?)^```/gm)].map((match) => ({
    code: match[2] ?? '',
    line: page.slice(0, match.index).split('\n').length,
    runs: !/\bno-run\b/.test(match[1] ?? ''),
  }));
}

/** A block that looks for a model finds none: the check asks nobody outside and spends nobody's money. */
function withoutModels(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !/_API_KEY$|^OPENAI_|^CANTUS_/.test(name)));
}

/** What is wrong with the blocks of a page, by their lines. */
export async function checkBlocks(page: string, name: string, root: string): Promise<readonly string[]> {
  const blocks = blocksOf(page);
  if (blocks.length === 0) return [];
  // Inside the repository, so that the package can be imported by its own name.
  mkdirSync(join(root, 'test-output'), { recursive: true });
  const folder = mkdtempSync(join(root, 'test-output', 'page-'));
  try {
    const fileOf = (block: Block): string => join(folder, `line-${block.line}.ts`);
    for (const block of blocks) writeFileSync(fileOf(block), `${block.code}\nexport {};\n`);
    const findings = compile(folder, name, root);
    for (const block of blocks.filter(({ runs }) => runs)) {
      const { status, stdout, stderr } = spawnSync(process.execPath, ['--conditions=source', fileOf(block)], {
        cwd: folder,
        encoding: 'utf8',
        timeout: blockTimeoutMs,
        input: '',
        env: withoutModels(process.env),
      });
      if (status !== 0) findings.push(`${name}:${block.line}: the block does not run (DC3)\n${stdout}${stderr}`);
    }
    return findings;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function compile(folder: string, name: string, root: string): string[] {
  const config = {
    extends: '../../tsconfig.json',
    // An example may declare what it only shows.
    compilerOptions: { noEmit: true, incremental: false, noUnusedLocals: false, rootDir: '../..' },
    include: ['*.ts'],
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
  const tsc = join(root, 'node_modules/.bin/tsc');
  const { status, stdout } = spawnSync(process.execPath, [tsc, '--pretty', 'false', '-p', folder], {
    encoding: 'utf8',
  });
  if (status === 0) return [];
  return stdout
    .trim()
    .split('\n')
    .map((line) => `${name}: ${line.replace(/^.*\/(line-\d+)/, '$1')} (DC3)`);
}
