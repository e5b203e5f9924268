/**
 * The simulation from the command line.
 *
 *     npm run sim -- --seed 42          one history
 *     npm run sim -- --seeds 10000      that many, on all processors, from a seed that is printed (or --from N)
 */
import { parseArgs } from 'node:util';
import { addTally, simulateMany } from './many.ts';
import type { Tally } from './simulation.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    seeds: { type: 'string', default: '1' },
    from: { type: 'string' },
    ticks: { type: 'string' },
  },
});
const first = Number(values.seed ?? values.from ?? process.hrtime.bigint() % 1_000_000_000n);
const many = values.seed === undefined ? Number(values.seeds) : 1;
const total: Tally = {};
const failed: number[] = [];
const ticks = values.ticks === undefined ? {} : { ticks: Number(values.ticks) };
await simulateMany({ from: first, seeds: many, ...ticks }, (played) => {
  if ('tally' in played) return addTally(total, played.tally);
  failed.push(played.seed);
  console.error(played.broken);
});
for (const [what, count] of Object.entries(total).toSorted(([a], [b]) => (a < b ? -1 : 1)))
  console.log(`${String(count).padStart(9)}  ${what}`);
console.log(`seeds ${first} to ${first + many - 1}: ${many - failed.length} passed, ${failed.length} failed`);
if (failed.length > 0)
  console.log(
    `Again: ${failed
      .slice(0, 10)
      .map((seed) => `npm run sim -- --seed ${seed}`)
      .join('; ')}`,
  );
process.exitCode = failed.length === 0 ? 0 : 1;
