/** P1, P3, P4, P5 and P8 in histories of chance: the same seeds each time, and some that nobody has seen. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { simulate, type Tally } from './simulation.ts';

const fixed = { from: 1, seeds: 200 };
const unseen = 50;

async function all(from: number, seeds: number): Promise<Tally> {
  const total: Tally = {};
  for (let seed = from; seed < from + seeds; seed++) {
    const tally = await simulate(seed);
    for (const [what, count] of Object.entries(tally)) total[what] = (total[what] ?? 0) + count;
  }
  return total;
}

describe('the simulation', () => {
  it('keeps its promises in the histories of fixed seeds, which meet everything (SM1, SM2, SM3)', async () => {
    const met = await all(fixed.from, fixed.seeds);
    const wanted = ['crashed', 'crashed at a commit', 'woke late', 'deployed', 'cancelled', 'signalled'];
    for (const what of [...wanted, 'decided: happened', 'decided: did not happen', 'gave up', 'reader cut off'])
      assert.ok((met[what] ?? 0) > 0, `no history had "${what}"`);
  });

  it('keeps them in histories that nobody has seen', async () => {
    const from = Number(process.hrtime.bigint() % 1_000_000_000n);
    await all(from, unseen);
  });

  it('tells the same history for the same seed', async () => {
    assert.deepEqual(await simulate(7), await simulate(7));
  });
});
