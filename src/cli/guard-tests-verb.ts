/** `cantus guard emit-tests`: a declared concept as a test, and the proof that it can fail and pass. */
import { fileURLToPath } from 'node:url';
import { ValidationError } from '../core/errors.ts';
import { oneLine } from '../core/plain-text.ts';
import { guardExitCodes } from '../guard/check.ts';
import { configName, readConfig } from '../guard/config.ts';
import { emitTests, type TestStyle } from '../guard/emit-tests.ts';
import { missingRunner, type Proof, prove } from '../guard/prove.ts';
import { type GuardFlags, rootFor, todayOf } from './guard-verb.ts';
import type { Host } from './host.ts';
import { lastLines } from './last-lines.ts';
import { openScreen, type Screen } from './screen.ts';

export type EmitTestsFlags = { readonly style: TestStyle; readonly prove?: true; readonly timeout: number };

/** `guard emit-tests`. Without `--prove` it needs no scan: what it writes does that. */
export async function emitTestsVerb(host: Host, flags: GuardFlags & EmitTestsFlags): Promise<number> {
  const root = rootFor(host, flags);
  const { concepts = {} } = await readConfig(root);
  const ids = Object.keys(concepts);
  if (ids.length === 0) {
    throw new ValidationError(`${configName} declares no concept, so there is nothing to test.`, {
      hint: 'Decide for one first: cantus guard decide CONCEPT UNIT.',
    });
  }
  const screen = openScreen(host, flags);
  if (flags.prove === true) return await proveAll(host, flags, { root, ids, screen });
  screen.give(emitTests(ids, flags.style));
  return guardExitCodes.clean;
}

type Wanted = { readonly root: string; readonly ids: readonly string[]; readonly screen: Screen };

async function proveAll(
  host: Host,
  flags: GuardFlags & EmitTestsFlags,
  { root, ids, screen }: Wanted,
): Promise<number> {
  const missing = missingRunner(root, flags.style);
  if (missing !== undefined) {
    throw new ValidationError(`Nothing can be proved: ${missing}.`, {
      hint: 'Install it, or take another style: --style node:test.',
    });
  }
  const isSource = import.meta.url.endsWith('.ts');
  const main = fileURLToPath(new URL(isSource ? './main.ts' : '../../../bin/cantus.js', import.meta.url));
  const program = [process.execPath, ...(isSource ? ['--conditions=source', '--no-warnings'] : []), main];
  const options = { root, style: flags.style, program, today: todayOf(host), timeoutMs: flags.timeout * 1_000 };
  const proofs: Proof[] = [];
  // One after another: each makes trees of its own and runs tests in them.
  for (const id of ids) {
    const proof = await prove(id, options);
    proofs.push(proof);
    if (flags.json !== true) tellProof(screen, proof);
  }
  if (flags.json === true) screen.give(JSON.stringify({ version: 1, style: flags.style, proofs }, null, 2));
  if (proofs.some(({ now, done }) => now === 'passes' || done === 'fails')) return guardExitCodes.violations;
  return proofs.every(({ now, done }) => (now === 'fails' || now === 'none') && done === 'passes')
    ? guardExitCodes.clean
    : guardExitCodes.unread;
}

const nowWords: Readonly<Record<Proof['now'], string>> = {
  fails: 'fails now',
  passes: 'passes now, although there are rivals',
  none: 'there is one already',
  'timed-out': 'timed out now',
  'not-run': "can't be run now",
};

const doneWords: Readonly<Record<Proof['done'], string>> = {
  passes: 'passes when it is done',
  fails: 'fails when it is done',
  'not-shown': "that it passes when it is done can't be shown",
  'timed-out': 'timed out when it is done',
  'not-run': "can't be run when it is done",
};

function tellProof(screen: Screen, { concept, now, done, left, output }: Proof): void {
  const isGood = (now === 'fails' || now === 'none') && done === 'passes';
  const style = isGood ? 'green' : done === 'not-shown' ? 'yellow' : 'red';
  screen.give(`${screen.paintOut(style, concept)}  ${nowWords[now]}; ${doneWords[done]}`);
  for (const { path, line, why } of left) screen.give(`  in the way: ${oneLine(`${path}:${line}  ${why}`)}`);
  if (output !== '' && !isGood) screen.give(lastLines(output));
}
