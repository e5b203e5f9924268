import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { defineWorkflow } from '../agents/workflow.ts';
import { memory } from '../stores/memory.ts';
import { createTestEngine } from '../testing/test-engine.ts';

const waiting = defineWorkflow({
  name: 'waiting',
  version: 1,
  input: z.null(),
  run: async (ctx) => {
    await ctx.step('before', () => 1);
    return ctx.wait('approval', { signal: 'approve' });
  },
});

const busy = defineWorkflow({
  name: 'busy',
  version: 1,
  input: z.null(),
  run: (ctx) => ctx.step('endless', () => new Promise<null>(() => undefined)),
});

async function interrupted() {
  const store = memory();
  // It stays open in another hand, so that what is in it outlives the engine.
  await store.open();
  const { engine, clock } = await createTestEngine({ store, workflows: [waiting, busy] });
  const run = await engine.as({ user: 'alice' }).start(waiting, null);
  for await (const { type } of run.events()) if (type === 'run.suspended') break;
  const { id } = await engine.as({ user: 'alice' }).start(busy, null);
  for await (const { type } of (await engine.as({ user: 'alice' }).run(id)).events())
    if (type === 'step.started') break;
  const head = await engine.as({ user: 'alice' }).head();
  await engine.close();
  const reader = await createTestEngine({ store, clock, workflows: [waiting, busy], readOnly: true });
  return { run: run.id, door: reader.engine.as({ user: 'alice' }), engine: reader.engine, store, clock, head };
}

describe('an engine that only reads', () => {
  it('takes up no unfinished run: what it shows stays as it was', async () => {
    const { door, run, engine, store, clock, head } = await interrupted();
    // Whatever it would have taken up has had its time.
    await new Promise<void>((resolve) => void clock.after(1_000, resolve));
    const state = await (await door.run(run)).state();
    assert.equal(state.status, 'suspended');
    assert.deepEqual([...state.steps.keys()], ['before', 'approval']);
    assert.deepEqual(
      (await door.runs()).map((row) => row.status),
      ['running', 'suspended'],
    );
    assert.deepEqual(await door.head(), head);
    await engine.close();
    await store.close();
  });

  it('refuses to start, cancel and signal', async () => {
    const { door, run, engine, store } = await interrupted();
    const handle = await door.run(run);
    await assert.rejects(door.start(waiting, null), { code: 'forbidden' });
    await assert.rejects(handle.cancel(), { code: 'forbidden' });
    await assert.rejects(handle.signal('approve'), { code: 'forbidden' });
    await engine.close();
    await store.close();
  });
});
