/**
 * Chaos from the command line.
 *
 *     npm run chaos -- --seconds 60
 *     npm run chaos -- --minutes 30 --users 16
 */
import { parseArgs } from 'node:util';
import { chaos, percentile } from './chaos.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string' },
    minutes: { type: 'string' },
    users: { type: 'string', default: '8' },
    every: { type: 'string', default: '80' },
    life: { type: 'string', default: '900' },
  },
});
const seconds = values.minutes === undefined ? Number(values.seconds ?? 60) : Number(values.minutes) * 60;
const { tally, wrongs, recoveriesMs, eventsPerSecond } = await chaos({
  seconds,
  users: Number(values.users),
  everyMs: Number(values.every),
  lifeMsMax: Number(values.life),
  tell: (line) => console.log(line),
});
for (const [what, times] of Object.entries(tally).toSorted(([a], [b]) => (a < b ? -1 : 1)))
  console.log(`${String(times).padStart(9)}  ${what}`);
console.log(`${eventsPerSecond.toFixed(0).padStart(9)}  events/s in the journal`);
console.log(
  `from a kill to the next server's being ready: p50 ${percentile(recoveriesMs, 0.5).toFixed(0)} ms, p99 ${percentile(recoveriesMs, 0.99).toFixed(0)} ms`,
);
for (const wrong of wrongs) console.error(`WRONG ${wrong}`);
console.log(wrongs.length === 0 ? 'nothing is wrong' : `${wrongs.length} things are wrong`);
process.exitCode = wrongs.length === 0 ? 0 : 1;
