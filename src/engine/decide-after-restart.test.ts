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
import { storeWith } from './run.fixture.ts';

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

/** A store whose users are taken over only when somebody asks for them. */
function othersAlone(store: Store): Store {
  return storeWith(store, { takeover: () => Promise.resolve([]) });
}

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

  it('holds up nobody while its run waits for a slot, and is answered when that has come to its doubt (B3)', async () => {
    const clock = new SimClock();
    const store = memory({ clock });
    const before = await createTestEngine({ store, clock, workflows: [launch] });
    const { id } = await before.engine.as({ user: 'alice' }).start(launch, null);
    await clock.settle();
    await before.engine.close();

    const end = Promise.withResolvers<null>();
    const long = defineWorkflow({
      name: 'long',
      version: 1,
      input: z.null(),
      run: (ctx) => ctx.step('work', () => end.promise),
    });
    const workflows = [launch, long];
    const limits = { runningMax: 1, freshUserSlotShare: 0 };
    const bobs = await createTestEngine({ store: othersAlone(store), clock, seed: 2, workflows, limits });
    await bobs.engine.as({ user: 'bob' }).start(long, null);
    await clock.settle();
    const command = { kind: 'decide', run: id, path: 'fire', decision: 'happened', output: 'a bang' };
    await store.putInbox('main', 'alice', { id: 'entry', at: clock.now(), command });
    // Taking the user over reads the inbox; the slot is bob's.
    const other = await bobs.engine.as({ user: 'alice' }).start(long, null);
    await other.cancel('not needed');
    assert.equal((await other.result()).status, 'cancelled');
    assert.equal((await store.inbox('main', 'alice')).length, 1, 'its answer is still to come');
    end.resolve(null);
    await clock.settle();
    const run = await bobs.engine.as({ user: 'alice' }).run(id);
    assert.deepEqual(await run.result(), { status: 'completed', output: 'a bang' });
    assert.deepEqual(await store.inbox('main', 'alice'), []);
    await bobs.engine.close();
  });

  it('is refused while its run is parked', async () => {
    const clock = new SimClock();
    const store = memory({ clock });
    const before = await createTestEngine({ store, clock, workflows: [launch] });
    const { id } = await before.engine.as({ user: 'alice' }).start(launch, null);
    await clock.settle();
    await before.engine.close();
    const without = await createTestEngine({ store, clock, seed: 2 });
    const run = await without.engine.as({ user: 'alice' }).run(id);
    await assert.rejects(run.decide('fire', 'happened'), { code: 'conflict', retryable: true });
    await without.engine.close();
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
