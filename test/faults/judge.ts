/** What became of a planted fault, decided from what the run of its test said. */
import type { TestResult } from '../../scripts/test-reporter.ts';
import type { TestRun } from '../../scripts/test-run.ts';
import type { Fault } from './fault.ts';

export type Verdict =
  | { readonly caught: true }
  /** `skipped`: the test can't run on this machine, so nothing is known. */
  | { readonly caught: false; readonly skipped: boolean; readonly why: string };

const notCaught = (why: string): Verdict => ({ caught: false, skipped: false, why });

/** The pattern by which node:test runs the named test alone; it matches against the names of its suites and its own. */
export function namePattern(name: string): string {
  return `(^| )${name.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')}$`;
}

/** How often `find` is in the text. A fault that is there twice would be planted in who knows which place. */
export function occurrences(text: string, find: string): number {
  return find === '' ? 0 : text.split(find).length - 1;
}

function named(fault: Fault, run: TestRun): readonly TestResult[] {
  return run.results.filter(
    ({ name, file, isSuite }) =>
      !isSuite && name === fault.test.name && file.endsWith(`/${fault.test.declaredIn ?? fault.test.file}`),
  );
}

/** Before any fault: the named test must be there, once, and pass. Undefined when all is well. */
export function judgeWithout(fault: Fault, run: TestRun): Verdict | undefined {
  const results = named(fault, run);
  const [only] = results;
  if (only === undefined) return notCaught(`there is no test "${fault.test.name}" in ${fault.test.file}`);
  if (results.length > 1) return notCaught(`${results.length} tests are named "${fault.test.name}"`);
  if (only.outcome === 'skipped') return { caught: false, skipped: true, why: `its test is skipped: ${only.reason}` };
  return only.outcome === 'passed' ? undefined : notCaught('its test fails also without the fault');
}

/** With the fault: the named test must have failed through an expectation, not through a crash, a hang or bad syntax. */
export function judgeWith(fault: Fault, run: TestRun): Verdict {
  const [result] = named(fault, run);
  if (result === undefined) {
    const other = run.results.find(({ failure }) => failure !== undefined)?.failure;
    const reason = other?.text.split('\n')[0] ?? run.broken ?? firstError(run.output);
    return notCaught(`its test did not run with the fault in place: ${reason}`);
  }
  if (result.outcome !== 'failed' || result.failure === undefined) return notCaught('its test still passes');
  const { type, name, code, message } = result.failure;
  if (type !== 'testCodeFailure') return notCaught(`its test ended by ${type}, not by a failing expectation`);
  // An assertion, or a refusal of Cantus that the test did not expect (its codes are lower case: `not_found`).
  if (code === 'ERR_ASSERTION' || /^[a-z]+(_[a-z]+)*$/.test(code)) return { caught: true };
  return notCaught(`its test ended by ${name} ("${message.split('\n')[0]}"), not by a failing expectation`);
}

function firstError(output: string): string {
  return output.split('\n').find((line) => line.includes('Error')) ?? 'nothing was reported';
}
