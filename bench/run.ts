/**
 * The bench. Everything is a ratio to something that ran beside it; nothing here is a test of time.
 *
 *     npm run bench                    all of it, about half an hour
 *     npm run bench -- w1 steps        some of it
 *     npm run bench -- --smoke         everything once and short: does it still run?
 *     npm run bench -- guard --tree DIR --tools DIR      what the guard looks at, and what runs beside it
 *
 * What each figure says, and what it doesn't: README.md.
 */
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { machine, smoke } from './figures.ts';
import { compare, compareWaiting, comparisons, type Effort } from './neighbours/compare.ts';

type Ask = { readonly effort: Effort; readonly guard: readonly string[] };

const alone = smoke ? ['--smoke'] : [];

const parts: Readonly<Record<string, (ask: Ask) => void>> = {
  ...Object.fromEntries(Object.keys(comparisons).map((name) => [name, ({ effort }: Ask) => compare(name, effort)])),
  w5: ({ effort }) => compareWaiting(effort),
  store: () => script('store.ts', alone),
  steps: () => script('steps.ts', alone),
  recovery: () => script('recovery.ts', alone),
  waiting: () => script('waiting.ts', alone),
  memory: () => script('memory.ts', alone),
  sockets: () => script('sockets.ts', alone),
  guard: ({ guard }) => script('guard.ts', [...alone, ...guard]),
};

const scriptTimeoutMs = 1_800_000;

/** A part that is a program of its own: its measurements share no heap with others. */
function script(file: string, args: readonly string[]): void {
  console.log(`\n${file}`);
  const path = new URL(file, import.meta.url).pathname;
  const flags = ['--expose-gc', '--no-warnings', '--conditions=source'];
  const { status } = spawnSync(process.execPath, [...flags, path, ...args], {
    stdio: 'inherit',
    timeout: scriptTimeoutMs,
  });
  if (status !== 0) throw new Error(`${file} ended with ${status}`);
}

function main(): void {
  const { values, positionals: wanted } = parseArgs({
    allowPositionals: true,
    options: { smoke: { type: 'boolean' }, tree: { type: 'string' }, tools: { type: 'string' } },
  });
  const unknown = wanted.filter((name) => !Object.hasOwn(parts, name));
  if (unknown.length > 0) {
    console.error(`There is no ${unknown.join(', ')}. There are: ${Object.keys(parts).join(', ')}.`);
    process.exitCode = 2;
    return;
  }
  console.log(machine());
  if (smoke) console.log('Each once and short: no figure here says anything.');
  const effort = smoke ? { repetitions: 1, ms: 60 } : { repetitions: 5, ms: 1_000 };
  const guard = [
    ...(values.tree === undefined ? [] : ['--tree', values.tree]),
    ...(values.tools === undefined ? [] : ['--tools', values.tools]),
  ];
  for (const [name, measure] of Object.entries(parts)) {
    if (wanted.length === 0 || wanted.includes(name)) measure({ effort, guard });
  }
  console.log(`\n${machine()}`);
}

main();
