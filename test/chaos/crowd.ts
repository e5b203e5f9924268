/** The users of a server under chaos, in a process of their own: neither the server's nor the one that kills it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ledgerFile } from './chaos-app.ts';
import { CrowdUser, type CrowdOptions } from './crowd-user.ts';
import { LedgerLook } from './ledger.ts';
import { pause } from './pause.ts';
import { add, type Tally } from './tally.ts';
import { Verdict, type Told } from './verdict.ts';

/** What the process is started with, and what it tells. */
export type CrowdStart = CrowdOptions & {
  readonly users: readonly { readonly user: string; readonly token: string }[];
  /** The server's folder. */
  readonly served: string;
  /** How long it is waited for something to happen when nothing is killed any more, in ms. */
  readonly quietMs: number;
};
/** How far it is: what its users were told of, each event once. */
export type CrowdProgress = { readonly heard: number };
export type CrowdEnd = { readonly tally: Tally; readonly told: Told; readonly peakBytes: number };

/** The file of the records of all users. */
export const recordsFile = 'records.json';

async function main(start: CrowdStart): Promise<void> {
  const over = new AbortController();
  process.on('message', () => over.abort());
  const isOver = (): boolean => over.signal.aborted;
  const look = new LedgerLook(join(start.served, ledgerFile));
  const verdict = new Verdict();
  const users: CrowdUser[] = start.users.map((one, index) => {
    const othersRun = (): string | undefined => users[(index + 1) % users.length]?.someRun;
    return new CrowdUser(start, { ...one, othersRun, streams: index % 2 === 1 }, look, verdict);
  });
  const working = Promise.all(users.map((user) => user.work(isOver)));
  while (!isOver()) {
    process.send?.({ heard: users.reduce((sum, { heard }) => sum + heard, 0) } satisfies CrowdProgress);
    await pause(1_000);
  }
  await working;
  await Promise.all(users.map((user) => user.settle(start.quietMs)));
  const records = await Promise.all(users.map((user) => user.close()));
  writeFileSync(join(start.folder, recordsFile), JSON.stringify(records));
  const tally: Tally = {};
  for (const user of users) add(tally, user.tally);
  const end: CrowdEnd = { tally, told: verdict.told(), peakBytes: process.resourceUsage().maxRSS * 1024 };
  process.send?.(end, () => process.disconnect());
}

if (import.meta.main) await main(JSON.parse(process.argv[2] ?? '') as CrowdStart);
