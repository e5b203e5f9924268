/** The way in for `cantus`: what it is given, in; its exit code, out. */
import { keepHeapLean } from '../guard/lean-heap.ts';
import type { Host } from './host.ts';
import { processHost } from './process-host.ts';

/** How long what an app left open may keep the process alive when all is done, in ms. */
const lingerMs = 250;

/** Runs one command line in this process. Returns its exit code; does not run on import. */
export async function main(argv: readonly string[]): Promise<number> {
  const host = processHost();
  const code = await runWords(host, argv);
  // A timer or a connection that an app never closed must not keep the person waiting.
  host.clock.after(lingerMs, () => process.exit(code), 'background');
  return code;
}

/** The guard needs nothing of the engine, and starts without it. */
async function runWords(host: Host, argv: readonly string[]): Promise<number> {
  if (argv[0] === 'guard') {
    keepHeapLean();
    return await (await import('./guard-commands.ts')).runGuardLine(host, argv);
  }
  return await (await import('./program.ts')).runCommandLine(host, argv);
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));
