/**
 * The bench. Everything is a ratio to something that ran beside it; nothing here is a test of time.
 *
 *     npm run bench                    all of it, about ten minutes
 *     npm run bench -- w1 steps        some of it
 *     npm run bench -- --smoke         everything once and short: does it still run?
 *
 * What each figure says, and what it doesn't: README.md.
 */
import { spawnSync } from 'node:child_process';
import { machine, smoke } from './figures.ts';
import { compare, compareWaiting, comparisons, type Effort } from './neighbours/compare.ts';

const parts: Readonly<Record<string, (effort: Effort) => void>> = {
  ...Object.fromEntries(Object.keys(comparisons).map((name) => [name, (effort: Effort) => compare(name, effort)])),
  w5: compareWaiting,
  store: () => script('store.ts', smoke ? ['--smoke'] : []),
  steps: () => script('steps.ts', smoke ? ['--smoke'] : []),
  memory: () => script('memory.ts', smoke ? ['--smoke'] : []),
  sockets: () => script('sockets.ts', smoke ? ['--smoke'] : []),
};

/** A part that is a program of its own: its measurements share no heap with others. */
function script(file: string, args: readonly string[]): void {
  console.log(`\n${file}`);
  const path = new URL(file, import.meta.url).pathname;
  const flags = ['--expose-gc', '--no-warnings', '--conditions=source'];
  const { status } = spawnSync(process.execPath, [...flags, path, ...args], { stdio: 'inherit', timeout: 600_000 });
  if (status !== 0) throw new Error(`${file} ended with ${status}`);
}

function main(given: readonly string[]): void {
  const wanted = given.filter((argument) => argument !== '--smoke');
  const unknown = wanted.filter((name) => !Object.hasOwn(parts, name));
  if (unknown.length > 0) {
    console.error(`There is no ${unknown.join(', ')}. There are: ${Object.keys(parts).join(', ')}.`);
    process.exitCode = 2;
    return;
  }
  console.log(machine());
  if (smoke) console.log('Each once and short: no figure here says anything.');
  const effort = smoke ? { repetitions: 1, ms: 60 } : { repetitions: 5, ms: 1_000 };
  for (const [name, measure] of Object.entries(parts)) {
    if (wanted.length === 0 || wanted.includes(name)) measure(effort);
  }
  console.log(`\n${machine()}`);
}

main(process.argv.slice(2));
