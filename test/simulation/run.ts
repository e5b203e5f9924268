/**
 * The simulation from the command line.
 *
 *     npm run sim -- --seed 42          one history
 *     npm run sim -- --seeds 10000      that many, from a seed that is printed (or --from N)
 */
import { parseArgs } from 'node:util';
import { simulate, type Tally } from './simulation.ts';

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
for (let seed = first; seed < first + many; seed++) {
  try {
    const tally = await simulate(seed, values.ticks === undefined ? {} : { ticks: Number(values.ticks) });
    for (const [what, count] of Object.entries(tally)) total[what] = (total[what] ?? 0) + count;
  } catch (thrown) {
    failed.push(seed);
    console.error((thrown as Error).message);
  }
}
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
