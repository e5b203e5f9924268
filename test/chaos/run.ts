/**
 * Chaos from the command line.
 *
 *     npm run chaos -- --seconds 60
 *     npm run chaos -- --minutes 30
 *     npm run chaos -- --seconds 60 --users 4 --every 200 --life 2000     mean ms between orders, longest life in ms
 */
import { parseArgs } from 'node:util';
import { chaos, percentile } from './chaos.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string' },
    minutes: { type: 'string' },
    users: { type: 'string' },
    every: { type: 'string' },
    life: { type: 'string' },
  },
});
const isLong = values.minutes !== undefined;
const seconds = isLong ? Number(values.minutes) * 60 : Number(values.seconds ?? 60);
const { tally, wrongs, recoveriesMs, eventsPerSecond } = await chaos({
  seconds,
  // A long history is of many events: more users, and servers that live long enough to work.
  users: Number(values.users ?? (isLong ? 24 : 8)),
  everyMs: Number(values.every ?? (isLong ? 40 : 80)),
  lifeMsMax: Number(values.life ?? (isLong ? 6_000 : 900)),
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
