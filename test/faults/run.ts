/**
 * Plants each fault of the manifest in a process of its own and sees whether the named test fails.
 *
 *     node test/faults/run.ts             all
 *     node test/faults/run.ts identity    only those with this in their name
 *     node test/faults/run.ts --quiet     tells only of those that are not caught
 *
 * The last line is `N passed, N failed`; a fault passes when it is caught.
 */
import { readFileSync } from 'node:fs';
import { runTestFiles, type TestRun } from '../../scripts/test-run.ts';
import { faultEnvironment } from './hook.ts';
import { judgeWith, judgeWithout, namePattern, occurrences, type Verdict } from './judge.ts';
import type { Fault } from './fault.ts';
import { faults } from './manifest.ts';

/** The machine that checks has two cores. */
const atOnce = 2;

const root = new URL('../../', import.meta.url);

/** Tests that start servers of their own share a process with no others. */
const isAlone = ({ test }: Fault): boolean =>
  test.declaredIn !== undefined || test.file.startsWith('test/e2e/') || test.file.endsWith('.process.test.ts');

async function runTests(of: readonly Fault[], env: Readonly<Record<string, string>>): Promise<TestRun> {
  return await runTestFiles({
    files: [...new Set(of.map(({ test }) => test.file))],
    isolation: 'none',
    names: [...new Set(of.map(({ test }) => namePattern(test.name)))],
    env,
    // One that starts servers may have to wait for them on a busy machine.
    testTimeoutMs: of.some(isAlone) ? 60_000 : 20_000,
    // Few tests take a second; all of them together may take minutes on a busy machine.
    runTimeoutMs: 60_000 + (of.some(isAlone) ? 30_000 : 0) + 1_000 * of.length,
  });
}

function judgePlace({ file, find, replace }: Fault): Verdict | undefined {
  let text: string;
  try {
    text = readFileSync(new URL(file, root), 'utf8');
  } catch {
    return { caught: false, skipped: false, why: `${file} can't be read` };
  }
  const found = occurrences(text, find);
  if (found !== 1)
    return { caught: false, skipped: false, why: `what it replaces is ${found} times in ${file}, not once` };
  return find === replace ? { caught: false, skipped: false, why: 'it changes nothing' } : undefined;
}

function tell(fault: Fault, verdict: Verdict): void {
  const name = fault.promise === undefined ? fault.name : `${fault.name} (${fault.promise})`;
  if (verdict.caught) return console.log(`fault ${name}: caught by "${fault.test.name}"`);
  console.log(`fault ${name}: ${verdict.skipped ? 'not judged' : 'NOT CAUGHT'}: ${verdict.why}`);
}

async function main(): Promise<void> {
  const wanted = process.argv.slice(2).filter((word) => word !== '--quiet');
  const quiet = process.argv.includes('--quiet');
  const chosen = faults.filter(({ name }) => wanted.every((part) => name.includes(part)));
  const count = { passed: 0, failed: 0 };
  const settle = (fault: Fault, verdict: Verdict): void => {
    if (!quiet || !verdict.caught) tell(fault, verdict);
    if (verdict.caught) count.passed += 1;
    else if (!verdict.skipped) count.failed += 1;
  };
  const own = chosen.filter((fault) => !isAlone(fault));
  const without = own.length === 0 ? undefined : await runTests(own, {});
  // Several files run the tests of a shared suite: there only a run of its own tells which one it was.
  // So do those that start servers, beside which no other test is run.
  const alone = new Map<string, Promise<TestRun>>();
  const clean = (fault: Fault): Promise<TestRun> | TestRun => {
    if (!isAlone(fault) && without !== undefined) return without;
    const { file, name, declaredIn } = fault.test;
    const key = [file, declaredIn, name].join('\n');
    const found = alone.get(key) ?? runTests([fault], {});
    alone.set(key, found);
    return found;
  };
  const queue = [...chosen];
  const work = async (): Promise<void> => {
    for (let fault = queue.shift(); fault !== undefined; fault = queue.shift()) {
      const early = judgePlace(fault) ?? judgeWithout(fault, await clean(fault));
      settle(fault, early ?? judgeWith(fault, await runTests([fault], faultEnvironment(fault))));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  if (chosen.length === 0) console.log('No fault has that name.');
  console.log(`${count.passed} passed, ${count.failed} failed`);
  process.exitCode = count.failed === 0 && chosen.length > 0 ? 0 : 1;
}

if (import.meta.main) await main();
