/** The users of a server under chaos, in a process of their own: neither the server's nor the one that kills it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ledgerFile } from './chaos-app.ts';
import { CrowdUser, type CrowdOptions } from './crowd-user.ts';
import { LedgerLook } from './ledger.ts';
import { add, type Tally } from './tally.ts';

/** What the process is started with, and what it tells. */
export type CrowdStart = CrowdOptions & {
  readonly tokens: readonly string[];
  /** The server's folder. */
  readonly served: string;
  readonly settleMs: number;
};
export type CrowdEnd = { readonly tally: Tally; readonly wrongs: readonly string[]; readonly stuck: readonly string[] };

/** The file of the records of all users. */
export const recordsFile = 'records.json';

async function main(start: CrowdStart): Promise<void> {
  let isOver = false;
  process.on('message', () => (isOver = true));
  const look = new LedgerLook(join(start.served, ledgerFile));
  const users = start.tokens.map((token) => new CrowdUser(start, token, look));
  await Promise.all(users.map((user, index) => user.work(`user-${index}`, () => isOver)));
  const stuck = (await Promise.all(users.map((user) => user.settle(start.settleMs)))).flat();
  const records = await Promise.all(users.map((user) => user.close()));
  writeFileSync(join(start.folder, recordsFile), JSON.stringify(records));
  const tally: Tally = {};
  for (const user of users) add(tally, user.tally);
  const end: CrowdEnd = { tally, wrongs: users.flatMap(({ wrongs }) => wrongs), stuck };
  process.send?.(end, () => process.disconnect());
}

if (import.meta.main) await main(JSON.parse(process.argv[2] ?? '') as CrowdStart);
