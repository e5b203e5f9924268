import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { memory } from '../stores/memory.ts';
import { SimClock } from '../testing/sim-clock.ts';
import { createTestEngine } from '../testing/test-engine.ts';
import { flow } from './crash.fixture.ts';
import { openRuns, readRun, statesOf } from './open-runs.ts';
import { storeWith } from './run.fixture.ts';

const user = { tenant: 'main', user: 'alice' };

/** A store in which so many runs of a user wait, with an ended one and another user's beside. */
async function waiting(runs: number) {
  const clock = new SimClock();
  const store = memory({ clock });
  const workflow = flow('flow', async (ctx, input) => {
    await ctx.step('a', () => input);
    if (input !== 'end') await ctx.wait('w', { signal: 'go' });
  });
  const { engine } = await createTestEngine({ store, clock, workflows: [workflow] });
  for (const name of ['alice', 'bob']) {
    const door = engine.as({ user: name });
    await Promise.all(
      ['end', ...Array.from({ length: runs }, (_, n) => n)].map((input) => door.start(workflow, input)),
    );
  }
  await clock.settle();
  let reads = 0;
  const counted = storeWith(store, {
    read: (...given) => {
      reads++;
      return store.read(...given);
    },
  });
  return { store: counted, engine, reads: () => reads };
}

describe('the open runs of a user', () => {
  for (const runs of [3, 40]) {
    it(`have their states, each from its own events alone, where ${runs} wait`, async () => {
      const { store, engine } = await waiting(runs);
      const rows = await openRuns(store, user);
      assert.equal(rows.length, runs);
      const states = await statesOf(store, user, rows);
      assert.equal(states.size, runs);
      for (const row of rows) assert.deepEqual(states.get(row.run), await readRun(store, user, row));
      await engine.close();
    });
  }

  it('are read in one walk, however many wait', async () => {
    const { store, engine, reads } = await waiting(40);
    await statesOf(store, user, await openRuns(store, user));
    assert.equal(reads(), 1);
    await engine.close();
  });
});
