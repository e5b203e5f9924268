/**
 * Writes the floors of `guard.json` from the table of floors (floors.ts), as lint-config.ts writes those of the linter.
 *
 *     node scripts/guard-floors.ts            writes them
 *     node scripts/guard-floors.ts --check    fails when they are not what the table gives
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseConfig, printConfig, type FloorRule, type GuardConfig } from '../src/guard/config.ts';
import { floors, type Floor } from './floors.ts';

/** The floors as `guard.json` has them. */
export function guardFloors(): NonNullable<GuardConfig['floors']> {
  // A test may use any floor: it is outside the product, and nothing imports it.
  return { except: ['**/*.test.ts'], table: floors.map(ruleOf) };
}

function ruleOf({ name, may, mayTypes, node, siblings }: Floor): FloorRule {
  return {
    name,
    files: [name === 'index' ? 'src/index.ts' : `src/${name}/**`],
    may: [...may],
    ...(mayTypes === undefined ? {} : { mayTypes: [...mayTypes] }),
    mayNot: [node ? 'node:timers*' : 'node:*', 'cantus', 'cantus/*'],
    ...(siblings === undefined ? {} : { siblings }),
  };
}

function main(): void {
  const file = fileURLToPath(new URL('../guard.json', import.meta.url));
  const before = readFileSync(file, 'utf8');
  const after = printConfig({ ...parseConfig(before), floors: guardFloors() });
  if (!process.argv.includes('--check')) return writeFileSync(file, after);
  if (after !== before) console.error('guard.json is not what the floors give: run `node scripts/guard-floors.ts`.');
  process.exitCode = after === before ? 0 : 1;
}

if (import.meta.main) main();
