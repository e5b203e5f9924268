/** A run ends some time, whatever it waits for. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { defineWorkflow } from '../agents/workflow.ts';
import type { Clock } from '../core/clock.ts';
import { limits } from '../core/limits.ts';
import { memory } from '../stores/memory.ts';
import { SimClock } from '../testing/sim-clock.ts';
import { createTestEngine } from '../testing/test-engine.ts';

const patient = defineWorkflow({
  name: 'patient',
  version: 1,
  input: z.null(),
  run: (ctx) => ctx.wait('long', { forMs: 2 * limits.runLifetimeMs }),
});

describe('the lifetime of a run', () => {
  it('ends it as failed when it is over, also when nobody was there at that time', async () => {
    // One store, and a clock that was set forward while no engine ran.
    const early = new SimClock();
    const late = new SimClock({ startAt: early.now() + limits.runLifetimeMs + 60_000 });
    let now: SimClock = early;
    const storeClock: Clock = {
      now: () => now.now(),
      monotonic: () => now.monotonic(),
      after: (ms, fn) => now.after(ms, fn),
      soon: (fn) => now.soon(fn),
    };
    const store = memory({ clock: storeClock });
    const before = await createTestEngine({ store, clock: early, workflows: [patient] });
    const { id } = await before.engine.as({ user: 'alice' }).start(patient, null);
    await before.clock.settle();
    await before.engine.close();

    now = late;
    const after = await createTestEngine({ store, clock: late, workflows: [patient] });
    await late.settle();
    const { outcome } = await (await after.engine.as({ user: 'alice' }).run(id)).state();
    assert.equal(outcome?.status, 'failed');
    assert.equal('error' in outcome && outcome.error.code, 'deadline_exceeded');
    await after.engine.close();
  });

  it('leaves alone what is younger', async () => {
    const { engine, clock } = await createTestEngine({ workflows: [patient] });
    const alice = engine.as({ user: 'alice' });
    const { id } = await alice.start(patient, null);
    await clock.advance(10 * limits.leaseRenewMs);
    assert.equal((await alice.runs())[0]?.status, 'suspended');
    assert.equal((await (await alice.run(id)).state()).outcome, undefined);
    await engine.close();
  });
});
