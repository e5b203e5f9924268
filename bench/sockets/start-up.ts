/** How long `cantus serve` takes until it listens. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loads, median, rounded, smoke, table, verdict } from '../figures.ts';

const startMsMax = 1_000;
const root = fileURLToPath(new URL('../..', import.meta.url));

/** Ms from the start of the process to its line that says where it listens, and what it held then. */
async function startMs(command: readonly string[], folder: string): Promise<number> {
  const args = [...command, 'serve', '--port', '0', '--json'];
  const began = performance.now();
  const child = spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  const told: string[] = [];
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.stderr.on('data', (data: Buffer) => told.push(data.toString('utf8')));
  const ready = new Promise<void>((resolve) =>
    child.stdout.on('data', (data: Buffer) => data.includes('"url"') && resolve()),
  );
  await Promise.race([ready, ended]);
  const ms = performance.now() - began;
  if (child.exitCode !== null) throw new Error(`It ended with ${child.exitCode}: ${told.join('')}`);
  child.kill('SIGTERM');
  await ended;
  return ms;
}

export async function startUp(): Promise<void> {
  const built = join(root, 'dist/src/server/create-server.js');
  const ways: readonly { readonly name: string; readonly command: readonly string[] }[] = [
    ...(existsSync(built) ? [{ name: 'built', command: [join(root, 'bin/cantus.js')] }] : []),
    { name: 'from source', command: ['--conditions=source', join(root, 'src/cli/main.ts')] },
  ];
  const rows: (readonly (string | number)[])[] = [];
  for (const { name, command } of ways) {
    const folder = mkdtempSync(join(tmpdir(), 'cantus-bench-'));
    try {
      // The first makes the folder and its journal; what comes after finds them.
      const fresh = await startMs(command, folder);
      const again = smoke ? [fresh] : [];
      for (let repetition = 0; repetition < (smoke ? 0 : 7); repetition++) again.push(await startMs(command, folder));
      const ms = median(again);
      rows.push([name, rounded(fresh), rounded(ms), rounded(Math.max(...again)), verdict(ms, { atMost: startMsMax })]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  table(`start: ms until cantus serve listens (${loads()})`, [['', 'new folder', 'median', 'max', 'goal'], ...rows]);
}
