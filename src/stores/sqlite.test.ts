import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SimClock } from '../testing/sim-clock.ts';
import { testStore } from '../testing/store.contract.ts';
import { sqlite } from './sqlite.ts';

testStore('sqlite', async () => {
  const clock = new SimClock();
  const folder = await mkdtemp(join(tmpdir(), 'cantus-sqlite-'));
  return {
    store: sqlite(folder, { clock }),
    advance: (ms) => clock.advance(ms),
    reopen: () => sqlite(folder, { clock }),
    dispose: () => rm(folder, { recursive: true }),
  };
});
