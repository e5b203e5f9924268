/** Chaos from the command line. `--help` says what it takes. */
import { parseArgs } from 'node:util';
import { chaos, longForm, shortForm, type ChaosOptions } from './chaos.ts';
import { figures } from './figures.ts';

const help = `npm run chaos -- [OPTIONS]

Serves a data folder, kills the server (kill -9) every few hundred ms under load and starts it again, while users in
another process start, answer, cancel and read. At the end the journal is compared with what each reader got and with
what the tools did. The exit code is 1 if anything was lost, doubled, foreign, done again, stuck or ended wrongly.

  --seconds N   so long, in the short form (60)
  --minutes N   so long, in the long form: more users, more under way at once, and now and then a long life
  --built       the server as \`npm run build\` made it, not from its source
  --users N     so many users (${shortForm.users}; long form ${longForm.users})
  --open N      open orders of a user at once (${shortForm.openMax}; long form ${longForm.openMax})
  --every N     mean ms between a user's orders (${shortForm.everyMs}; long form ${longForm.everyMs})
  --life N      longest life of a server behind its start, in ms (${shortForm.lifeMsMax}; long form ${longForm.lifeMsMax})
  --events N    goes on until users were told of so many, for twice as long at most, and fails with fewer in the journal
  --help        this text
`;

const { values } = parseArgs({
  options: {
    seconds: { type: 'string' },
    minutes: { type: 'string' },
    users: { type: 'string' },
    open: { type: 'string' },
    every: { type: 'string' },
    life: { type: 'string' },
    events: { type: 'string' },
    built: { type: 'boolean' },
    help: { type: 'boolean' },
  },
});

function numberOf(text: string | undefined, otherwise: number): number {
  const number = text === undefined ? otherwise : Number(text);
  if (Number.isFinite(number) && number >= 0) return number;
  throw new Error(`"${text}" is not a number from 0 up. See --help.`);
}

async function main(): Promise<number> {
  const form = values.minutes === undefined ? shortForm : longForm;
  const seconds = values.minutes === undefined ? numberOf(values.seconds, 60) : numberOf(values.minutes, 30) * 60;
  const options: ChaosOptions = {
    ...form,
    seconds,
    eventsMin: numberOf(values.events, form.eventsMin),
    users: numberOf(values.users, form.users),
    openMax: numberOf(values.open, form.openMax),
    everyMs: numberOf(values.every, form.everyMs),
    lifeMsMax: numberOf(values.life, form.lifeMsMax),
    built: values.built ?? false,
    tell: (line) => console.log(line),
  };
  const { eventsMin, users, openMax, lifeMsMax, longLifeEveryS } = options;
  console.log(
    `For ${seconds} s the ${options.built ? 'built server' : 'server from its source'} is killed 100 to ${100 + lifeMsMax} ms after each start, with ${users} users who have up to ${openMax} runs each under way${longLifeEveryS > 0 ? `; every ${longLifeEveryS} s one lives for longer` : ''}. Then all that is open has to end, and the journal is read back.`,
  );
  const result = await chaos(options);
  for (const line of figures(result)) console.log(line);
  const events = result.tally['events in the journal'] ?? 0;
  if (events < eventsMin) console.log(`but there are ${events} events, and ${eventsMin} were wanted`);
  return result.verdict.words.length === 0 && events >= eventsMin ? 0 : 1;
}

if (values.help === true) console.log(help);
else process.exitCode = await main();
