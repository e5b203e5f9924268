/** The app that is served while its server is killed again and again: workflows by chance, which write to a ledger. */
import { join } from 'node:path';
import { defineApp } from 'cantus';
import { scripted } from 'cantus/testing';
import { systemClock } from '../../src/core/clock.ts';
import { systemRandom } from '../../src/core/random.ts';
import { script, workflowsOf } from '../simulation/program.ts';
import type { Hand } from '../simulation/world.ts';
import { Ledger } from './ledger.ts';

export const ledgerFile = 'ledger.jsonl';

/** The longest of the two times that reaching takes, before what it does and behind it. */
const reachMsMax = 60;

function handIn(folder: string): Hand {
  const ledger = new Ledger(join(folder, ledgerFile));
  const passing = (): Promise<void> =>
    new Promise((resolve) => void systemClock.after(systemRandom.next() ** 3 * reachMsMax, resolve));
  return {
    async reach(how, { run, id }) {
      await passing();
      const tries = ledger.write([systemClock.now(), how, run, id]);
      // Between what happened and its being known there is always time to be killed in.
      await passing();
      return tries;
    },
  };
}

export const app = defineApp({
  name: 'chaos',
  models: { default: scripted(script) },
  serve: ({ folder }) => ({ workflows: workflowsOf(handIn(folder), [1]) }),
});
