/** What somebody says to a run that has only just been taken up, and what readers hear when the store is lost. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { defineTool } from '../agents/tool.ts';
import { defineWorkflow } from '../agents/workflow.ts';
import { StoreError } from '../core/errors.ts';
import type { Store } from '../journal/store.ts';
import { memory } from '../stores/memory.ts';
import { SimClock } from '../testing/sim-clock.ts';
import { createTestEngine } from '../testing/test-engine.ts';

const fire = defineTool({
  name: 'fire',
  description: 'Fires.',
  effect: 'once',
  input: z.null(),
  run: () => {
    throw new Error('the line went dead');
  },
});

const launch = defineWorkflow({
  name: 'launch',
  version: 1,
  input: z.null(),
  run: async (ctx) => {
    await ctx.step('before', () => 1);
    return ctx.tool(fire, null);
  },
});

describe('a decision', () => {
  it('is taken by a run that was taken up just now, before it has come to its doubt again', async () => {
    const clock = new SimClock();
    const store = memory({ clock });
    const before = await createTestEngine({ store, clock, workflows: [launch] });
    const { id } = await before.engine.as({ user: 'alice' }).start(launch, null);
    await clock.settle();
    await before.engine.close();

    const after = await createTestEngine({ store, clock, seed: 2, workflows: [launch] });
    const run = await after.engine.as({ user: 'alice' }).run(id);
    await run.decide('fire', 'happened', 'a bang');
    assert.deepEqual(await run.result(), { status: 'completed', output: 'a bang' });
    await assert.rejects(run.decide('fire', 'give-up'), { code: 'conflict' });
    await after.engine.close();
  });

  it('is refused where nothing is in doubt, also by the journal', async () => {
    const { engine, clock } = await createTestEngine({ workflows: [launch] });
    const run = await engine.as({ user: 'alice' }).start(launch, null);
    await clock.settle();
    await assert.rejects(run.decide('before', 'happened'), { code: 'conflict' });
    await engine.close();
  });
});

describe('a store that is lost', () => {
  it('is told to who reads, and not only to who waits for the end', async () => {
    const clock = new SimClock();
    const inner = memory({ clock });
    let lost = false;
    const store: Store = new Proxy(inner, {
      get(target, name, receiver) {
        if (name === 'append' && lost) return () => Promise.reject(new StoreError('store_failed', 'The disk is gone.'));
        const member: unknown = Reflect.get(target, name, target);
        return typeof member === 'function' ? (member.bind(target) as unknown) : Reflect.get(target, name, receiver);
      },
    });
    const { engine } = await createTestEngine({ store, clock, workflows: [launch] });
    const run = await engine.as({ user: 'alice' }).start(launch, null);
    await clock.settle();
    const reading = (async () => {
      for await (const event of run.events()) assert.ok(event.seq);
    })().catch((thrown: unknown) => thrown);
    lost = true;
    await Promise.allSettled([run.cancel(), clock.advance(60_000)]);
    const thrown = await reading;
    assert.equal(thrown instanceof StoreError && thrown.code, 'store_failed');
  });
});
