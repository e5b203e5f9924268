/** P1, P3, P4, P5 and P8 in histories of chance: the same seeds each time, and some that nobody has seen. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { addTally, simulateMany } from './many.ts';
import { simulate, type Tally } from './simulation.ts';

const fixed = { from: 1, seeds: 200 };
/** Histories that are enough for a planted fault (test/faults/planted/simulation.ts). */
const telling = [3, 11, 45, 20, 2];
/** Histories that showed a fault before it was mended. */
const red = [520, 589, 1272, 1489, 7433];
const unseen = 50;

/** What the fixed seeds must meet, or they would prove nothing of it. */
const happenings = [
  'crashed',
  'crashed at a commit',
  'stood still',
  'woke late',
  'deployed',
  'cancelled',
  'signalled',
  'approved',
  'approved without the role',
  'thread deleted',
  'thread renamed',
  'decided: happened',
  'decided: did not happen',
  'gave up',
  'went on as another run',
  'ended: completed',
  'ended: degraded',
  'ended: failed',
  'ended: cancelled',
  'a socket broke',
  'a socket broke on one side',
  'a socket was slow',
  'a socket got stuck',
  'an answer was lost',
  'a frame was lost',
  'a frame was doubled',
  'a frame was swapped',
  'a reader was told that places are gone',
  'a program began anew',
  'a page began anew',
  'snapshot: fresh',
  'snapshot: gap',
  'a reader caught up',
  'a program had everything',
  'a page had everything',
  'asked over the network',
  'parked',
  'a plan was revised',
  'program ended as it must',
  'planned ended as it must',
  'stuck ended as it must',
  'twice ended as it must',
  'strays ended as it must',
  'evicted, and woken by time',
  'evicted, and woken by signal',
  'evicted, and woken by approval',
  'evicted, and woken by expired',
  'ended at the end of its life',
];

/** Plays them all, and gives what happened in them; those in which a promise was broken fail it, each with its seed. */
async function all(from: number, seeds: number): Promise<Tally> {
  const total: Tally = {};
  const broken: string[] = [];
  await simulateMany({ from, seeds }, (played) => {
    if ('tally' in played) addTally(total, played.tally);
    else broken.push(played.broken);
  });
  assert.deepEqual(broken, []);
  return total;
}

describe('the simulation', () => {
  it('keeps its promises in the histories of fixed seeds, which meet everything (SM1, SM2, SM3)', async () => {
    const met = await all(fixed.from, fixed.seeds);
    for (const what of happenings) assert.ok((met[what] ?? 0) > 0, `no history had "${what}"`);
  });

  it('keeps its promises in a few histories, which show most faults', async () => {
    for (const seed of telling) await simulate(seed);
  });

  it('keeps them in the histories that once showed a fault', async () => {
    for (const seed of red) await simulate(seed);
  });

  it('keeps them in histories that nobody has seen', async () => {
    const from = Number(process.hrtime.bigint() % 1_000_000_000n);
    await all(from, unseen);
  });

  it('tells the same history for the same seed', async () => {
    assert.deepEqual(await simulate(7), await simulate(7));
  });
});
